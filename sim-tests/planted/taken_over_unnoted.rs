//! The network of an IRC client fails, and it is back before the server has noticed. What the old connection was sent is
//! forgotten with it: all since the last thing they did is shown again.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "taken_over_unnoted",
    breaks: "who takes over from their own dead connection is shown again what they had",
    promises: &["once"],
    runs: 10_000,
    ..Bug::USUAL
};
