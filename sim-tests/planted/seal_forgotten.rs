//! A room that took a key is left by its last member, and with the room its key is gone. Somebody else makes a room of that
//! name and asks for its history: what was said behind the key is in it.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "seal_forgotten",
    breaks: "whoever makes a closed room anew reads what was said in the old one",
    promises: &["audience"],
    ..Bug::USUAL
};
