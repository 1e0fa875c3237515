//! History is asked for the last twenty entries before a number, and gives just these: of every room, and private ones.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "page_of_every_room",
    breaks: "a page of history is cut from the whole log",
    promises: &["audience"],
    ..Bug::USUAL
};
