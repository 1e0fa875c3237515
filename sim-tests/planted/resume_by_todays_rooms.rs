//! Somebody was in a room, left it and comes back. What they may see of the past depends on where they were then; here
//! history asks where they are now.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "resume_by_todays_rooms",
    breaks: "a resume is filtered by the rooms of today",
    promises: &["gapless", "audience"],
    ..Bug::USUAL
};
