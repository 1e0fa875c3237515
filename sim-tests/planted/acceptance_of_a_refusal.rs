//! The author is told that the request was decided, and the number of the last entry there is. It is somebody else's.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "acceptance_of_a_refusal",
    breaks: "a refused request is told as accepted",
    promises: &["durable", "once"],
    ..Bug::USUAL
};
