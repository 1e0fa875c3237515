//! The log stalls, the server proposes again what has not come back, and then both copies arrive. The fold should know
//! the second by its number and answer it from memory. Here it looks at no number below the next, and says the words
//! again.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "fold_forgets_numbers",
    breaks: "a request that is in the log twice is decided twice",
    promises: &["once"],
    ..Bug::USUAL
};
