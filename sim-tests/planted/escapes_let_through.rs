//! ESC [ 2 J clears the reader's screen, and worse is possible. The check of words looks for turned text and forgot
//! these.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "escapes_let_through",
    breaks: "control characters are let through",
    promises: &["clean"],
    ..Bug::USUAL
};
