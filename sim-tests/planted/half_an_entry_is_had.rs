//! A write ends amid a line, and the connection with it. The cursor stands behind that entry already, because its rest is
//! kept for this connection; the next one goes on after it.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "half_an_entry_is_had",
    breaks: "an entry whose line was cut off is never told again",
    promises: &["gapless"],
    runs: 10_000,
    ..Bug::USUAL
};
