//! P9: everything that can grow has a limit, and keeps to it. A limit may be passed by what one input brings: one entry, one
//! answer, the refusals of one window.

use causerie_core::limits::{LINE_BYTES_MAX, OUTBOX_MAX, WINDOW};
use causerie_core::protocol::{ClientId, encode_entry};

use super::case::Case;
use super::found::Found;

/// What an entry or a name in a roster costs more on a wire than in the store, at most; and a refusal.
const LINE_MORE: usize = 320;
/// What is kept for a connection that holds nothing.
const NOTHING: usize = 1_024;

pub(super) fn judge(case: &Case<'_>) -> Result<(), Found> {
    let (sizes, limits) = (&case.evidence.sizes, &case.evidence.limits);
    // One more entry in each vocabulary.
    let rings = limits.rings_bytes_max + 2 * LINE_BYTES_MAX;
    let entry = case.facts.iter().map(|fact| encode_entry(&fact.entry).len()).max().unwrap_or(0) + LINE_MORE;
    // A page is stored bytes: as JSON it is several times as long. A roster is shorter.
    let page = 8 * limits.page_bytes_max + entry;
    // What was asked within one window may all be refused at once.
    let refused =
        |client: &ClientId| case.decisions.iter().filter(|((of, _), (_, is))| of == client && is.is_err()).count();
    let refused = case.evidence.lives.iter().map(|life| refused(&life.identity)).max().unwrap_or(0);
    let refusals = refused.min(usize::try_from(WINDOW).unwrap_or(usize::MAX)) * LINE_MORE;
    // The lane with one entry too many, or a page in it, and the rest of a half-written line.
    let connection = NOTHING + limits.lane_bytes_max + entry + 2 * page;
    for (what, size, limit) in [
        ("bytes in all rings", sizes.rings, rings),
        ("bytes of answers for one connection", sizes.answers, limits.answers_bytes_max + page + refusals),
        ("other bytes for one connection", sizes.connection, connection),
        ("people connected", sizes.sessions, limits.sessions_max),
        ("requests kept by one client", sizes.outbox, OUTBOX_MAX),
        ("intents on their way", sizes.proposals, limits.proposals_max + sizes.input + 64),
    ] {
        if size > limit {
            return Err(format!("there were {size} {what}; expected: at most {limit}").into());
        }
    }
    Ok(())
}
