//! Somebody at netcat hangs up. They cannot come back, so they depart at once; here nobody tells the log, and the room
//! keeps a ghost for each of them.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "guest_never_departs",
    breaks: "a guest's connection is lost and nothing is said",
    promises: &["presence"],
    ..Bug::USUAL
};
