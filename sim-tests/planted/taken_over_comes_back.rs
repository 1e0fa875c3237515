//! Two programs with one key. Whoever is told that the other took over connects again at once, and so takes over in
//! turn, for ever.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "taken_over_comes_back",
    breaks: "a client that was taken over connects again",
    promises: &["settles"],
    ..Bug::USUAL
};
