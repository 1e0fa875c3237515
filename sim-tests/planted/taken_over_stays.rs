//! The same key connects from elsewhere. The older connection should be told and closed; here it stays, its requests
//! are taken, and their answers go to the other.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "taken_over_stays",
    breaks: "a connection that was taken over goes on",
    promises: &["settles", "gapless"],
    ..Bug::USUAL
};
