//! Somebody with an account comes back by IRC, and is shown what is said from then on. What was said while they were away
//! is in the log, they may see it, and nobody tells them.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "missed_from_the_head",
    breaks: "what was said while somebody was away from IRC is not told",
    promises: &["gapless"],
    ..Bug::USUAL
};
