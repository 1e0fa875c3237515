//! P10: no control, escape or bidi character reaches anybody, through any door; and nothing brings a machine down.

use super::case::{Case, at, whose};

pub(super) fn judge(case: &Case<'_>) -> Result<(), String> {
    let Some((when, life, c)) = case.evidence.sizes.unclean else { return Ok(()) };
    let who = whose(life, &case.evidence.lives[life]);
    Err(format!("{who} was sent the character U+{c:04X} at {}; expected: clean text", at(when)))
}

/// A broken belief of a machine ends the run.
pub(super) fn panic(case: &Case<'_>) -> Result<(), String> {
    case.evidence
        .panic
        .as_ref()
        .map_or(Ok(()), |text| Err(format!("a machine gave up at {}: {text}", at(case.evidence.ended_us))))
}
