//! One's own entry is the answer to what one asked, and has its label. Where it falls off before it is sent it is read
//! from history, and nobody knows any more what asked for it.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "label_given_once",
    breaks: "an answer that is read back has lost its label",
    promises: &["once"],
    ..Bug::USUAL
};
