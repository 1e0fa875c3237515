//! The network takes half of what was to be written. The next write begins with the next entry, in the middle of a
//! line.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "rest_forgotten",
    breaks: "the rest of a half-written line is forgotten",
    promises: &["settles", "audience", "gapless"],
    ..Bug::USUAL
};
