//! P10: no control, escape or bidi character reaches anybody, through any door; and nothing brings a machine down.

use super::case::{Case, at, whose};
use super::found::{Found, Point};

pub(super) fn judge(case: &Case<'_>) -> Result<(), Found> {
    let Some((when, life, c)) = case.evidence.sizes.unclean else { return Ok(()) };
    let who = whose(life, &case.evidence.lives[life]);
    let what = format!("{who} was sent the character U+{c:04X} at {}; expected: clean text", at(when));
    Err(Found::new("unclean text", [Point::Life { life, at_us: when }], what))
}

/// A broken belief of a machine ends the run.
pub(super) fn panic(case: &Case<'_>) -> Result<(), Found> {
    let at_us = case.evidence.ended_us;
    let Some(text) = &case.evidence.panic else { return Ok(()) };
    let what = format!("a machine gave up at {}: {text}", at(at_us));
    Err(Found::new("a machine gave up", [Point::Server { at_us }], what))
}
