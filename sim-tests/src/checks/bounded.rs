//! P9: everything that can grow has a limit, and keeps to it. A limit may be passed by what one input brings.

use causerie_core::limits::{LINE_BYTES_MAX, OUTBOX_MAX};

use super::case::Case;
use super::found::Found;

pub(super) fn judge(case: &Case<'_>) -> Result<(), Found> {
    let (sizes, limits) = (&case.evidence.sizes, &case.evidence.limits);
    // One more entry in each vocabulary.
    let rings = limits.rings_bytes_max + 2 * LINE_BYTES_MAX;
    // A page is stored bytes: as JSON it is several times as long. What one input asks for is answered.
    let page = 8 * limits.page_bytes_max + LINE_BYTES_MAX;
    let connection = limits.lane_bytes_max + limits.answers_bytes_max + page + 2 * sizes.input;
    for (what, size, limit) in [
        ("bytes in all rings", sizes.rings, rings),
        ("bytes for one connection", sizes.connection, connection),
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
