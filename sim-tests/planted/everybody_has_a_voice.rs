//! The fold asks nobody whether they may speak: what is moderated, muted or banned is only shown so.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "everybody_has_a_voice",
    breaks: "who is muted, or has no voice where it takes one, is heard",
    promises: &["audience"],
    ..Bug::USUAL
};
