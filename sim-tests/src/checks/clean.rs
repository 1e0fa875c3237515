//! P10: no control, escape or bidi character reaches anybody, through any door; and nothing brings a machine down.

use causerie_core::view::Telling;

use super::case::{Case, at, whose};
use super::found::{Found, Point};

pub(super) fn judge(case: &Case<'_>) -> Result<(), Found> {
    for (i, life, sights) in case.lives() {
        for sight in sights {
            if let Some(c) = sight.seen.as_ref().and_then(|seen| Telling(seen).to_string().chars().find(is_unclean)) {
                let (who, c) = (whose(i, life), u32::from(c));
                let (seq, at_us) = (sight.seq, sight.at_us);
                let what =
                    format!("{who} was shown the character U+{c:04X} in {seq} at {}; expected: clean text", at(at_us));
                let shown = Point::Shown { life: i, seq, at_us };
                return Err(Found::new("unclean text", [Point::Entry(seq), shown], what));
            }
        }
    }
    let Some((when, life, c)) = case.evidence.sizes.unclean else { return Ok(()) };
    let who = whose(life, &case.evidence.lives[life]);
    let what = format!("{who} was sent the character U+{c:04X} at {}; expected: clean text", at(when));
    Err(Found::new("unclean text", [Point::Life { life, at_us: when }], what))
}

fn is_unclean(c: &char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A broken belief of a machine ends the run.
pub(super) fn panic(case: &Case<'_>) -> Result<(), Found> {
    let at_us = case.evidence.ended_us;
    let Some(text) = &case.evidence.panic else { return Ok(()) };
    let what = format!("a machine gave up at {}: {text}", at(at_us));
    Err(Found::new("a machine gave up", [Point::Server { at_us }], what))
}
