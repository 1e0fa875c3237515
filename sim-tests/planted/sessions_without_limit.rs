//! The room has so many seats, and somebody is let in nevertheless.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "sessions_without_limit",
    breaks: "the limit on people connected is not kept",
    promises: &["bounded"],
    ..Bug::USUAL
};
