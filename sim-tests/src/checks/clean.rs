//! P10: no control, escape or bidi character reaches anybody, through any door; and nothing brings a machine down.

use causerie_core::view::Telling;

use super::case::{Case, at, whose};

pub(super) fn judge(case: &Case<'_>) -> Result<(), String> {
    for (i, life, sights) in case.lives() {
        for sight in sights {
            if let Some(c) = sight.seen.as_ref().and_then(|seen| Telling(seen).to_string().chars().find(is_unclean)) {
                let (who, c) = (whose(i, life), u32::from(c));
                return Err(format!(
                    "{who} was shown the character U+{c:04X} in {} at {}; expected: clean text",
                    sight.seq,
                    at(sight.at_us)
                ));
            }
        }
    }
    let Some((when, life, c)) = case.evidence.sizes.unclean else { return Ok(()) };
    let who = whose(life, &case.evidence.lives[life]);
    Err(format!("{who} was sent the character U+{c:04X} at {}; expected: clean text", at(when)))
}

fn is_unclean(c: &char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A broken belief of a machine ends the run.
pub(super) fn panic(case: &Case<'_>) -> Result<(), String> {
    case.evidence
        .panic
        .as_ref()
        .map_or(Ok(()), |text| Err(format!("a machine gave up at {}: {text}", at(case.evidence.ended_us))))
}
