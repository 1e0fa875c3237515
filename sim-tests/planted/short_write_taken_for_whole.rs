//! A socket takes as much as it likes and says how much. Here nobody listens: the rest is never sent.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "short_write_taken_for_whole",
    breaks: "a write is taken for whole",
    promises: &["settles", "gapless", "audience"],
    ..Bug::OVER_TCP
};
