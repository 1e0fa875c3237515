//! The peer's machine has vanished: no end, no reset, nothing. The server should notice that no heartbeat comes; here
//! it waits, and its owner is online for ever.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "server_waits_for_ever",
    breaks: "the server never gives up a silent connection",
    promises: &["presence", "settles"],
    ..Bug::USUAL
};
