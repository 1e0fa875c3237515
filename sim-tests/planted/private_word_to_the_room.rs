//! An entry without a room goes through the lobby's ring, so that it reaches everybody's connection without a lookup.
//! Everybody reads it.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "private_word_to_the_room",
    breaks: "a private word is published to the lobby too",
    promises: &["audience"],
    ..Bug::USUAL
};
