//! The fold asks only whether somebody is in a room, not whether it is theirs to keep in order.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "everybody_operates",
    breaks: "any member puts others out and changes modes",
    promises: &["audience"],
    ..Bug::USUAL
};
