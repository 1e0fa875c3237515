//! A slow reader leaves a room. What was said while they were a member and has not been sent yet is still theirs; here
//! their place at the ring is taken away at once.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "window_closed_at_once",
    breaks: "who leaves a room misses what was said before",
    promises: &["gapless"],
    ..Bug::USUAL
};
