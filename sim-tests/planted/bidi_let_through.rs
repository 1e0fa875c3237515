//! U+202E makes a terminal write from right to left: what somebody says can look like what somebody else said. The
//! check of words knows control characters, and forgot these.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "bidi_let_through",
    breaks: "characters that turn text around are let through",
    promises: &["clean"],
    ..Bug::USUAL
};
