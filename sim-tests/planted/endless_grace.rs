//! A laptop is closed for good. Its owner is expected back for ever.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "endless_grace",
    breaks: "the grace of a lost connection never ends",
    promises: &["presence"],
    ..Bug::USUAL
};
