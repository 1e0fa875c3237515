//! A connection stands and carries nothing, as behind a router that has forgotten it. The client should notice that no
//! pong comes; here it waits, and shows a room in which nothing happens.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "client_waits_for_ever",
    breaks: "a client never gives up a silent server",
    promises: &["settles", "gapless"],
    ..Bug::USUAL
};
