//! A reader's own entries lie in the room's ring with everybody else's and have to be skipped. Here they are not.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "echo_to_the_sender",
    breaks: "people are shown their own words as news",
    promises: &["sender"],
    ..Bug::USUAL
};
