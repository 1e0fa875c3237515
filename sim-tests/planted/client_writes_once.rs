//! The same as a short write of the server's, at the client: half a request arrives, and then the next.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "client_writes_once",
    breaks: "a client does not write the rest",
    promises: &["settles"],
    ..Bug::OVER_TCP
};
