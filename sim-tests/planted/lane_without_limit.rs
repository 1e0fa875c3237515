//! Private entries lie on the lane of the one they name. Beyond a limit the lane is let go and read back from history;
//! here it grows with every word that is said to somebody who sleeps.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "lane_without_limit",
    breaks: "private words pile up for somebody who does not read",
    promises: &["bounded"],
    ..Bug::USUAL
};
