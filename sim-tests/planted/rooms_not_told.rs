//! Somebody with an account comes back by IRC: they are members of their rooms still, and their client is not told, so it
//! shows none.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "rooms_not_told",
    breaks: "a client that comes back does not know that it is in its rooms",
    promises: &["presence"],
    ..Bug::USUAL
};
