//! `@bob psst` is a line like any other to this door: the room reads it.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "at_sign_unheeded",
    breaks: "a private word typed at netcat goes to the room",
    promises: &["audience"],
    ..Bug::USUAL
};
