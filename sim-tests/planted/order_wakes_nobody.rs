//! What was said to somebody lies there until they happen to say something themselves.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "order_wakes_nobody",
    breaks: "a connection is not woken when there is something for it",
    promises: &["settles", "gapless"],
    ..Bug::OVER_TCP
};
