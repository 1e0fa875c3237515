//! A request is in the log and its answer was lost. After the reconnect the client asks it again, as if it were
//! another: the fold cannot know, and the room reads it twice.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "numbers_begin_anew",
    breaks: "what is asked again is asked under a new number",
    promises: &["once"],
    ..Bug::USUAL
};
