//! A client is restored from an old copy of its file and asks something new under an old number. The fold should
//! compare what is asked; here it answers from memory, and the client takes an old entry for the acceptance of its new
//! words.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "number_answers_for_another",
    breaks: "a number answers for whatever is asked under it",
    promises: &["once"],
    ..Bug::USUAL
};
