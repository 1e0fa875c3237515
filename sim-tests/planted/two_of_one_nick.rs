//! Nobody asks whether a nick is held by somebody who is online. Two people are bob, and a private word to bob reaches
//! the one who came last.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "two_of_one_nick",
    breaks: "two people are called the same at once",
    promises: &["presence"],
    ..Bug::USUAL
};
