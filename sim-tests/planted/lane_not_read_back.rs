//! A lane was let go because it was too long, with acceptances and private words in it. The reader is taken for one
//! that has caught up as soon as the rings hold the rest, and history is never asked for them.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "lane_not_read_back",
    breaks: "a reader that fell behind misses its private words",
    promises: &["gapless"],
    ..Bug::USUAL
};
