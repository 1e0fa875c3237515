//! The server is killed and started again. Whoever was online in the log is online still, and if they do not come back,
//! no grace period ends for them: a ghost sits in the room for ever.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "start_detaches_nobody",
    breaks: "a start leaves the sessions of the start before as they are",
    promises: &["presence"],
    ..Bug::USUAL
};
