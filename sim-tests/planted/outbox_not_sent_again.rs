//! The connection was lost with three requests on the way. They were sent, says the client, and waits for answers that
//! nobody will give.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "outbox_not_sent_again",
    breaks: "what was sent is not sent again after a reconnect",
    promises: &["settles"],
    ..Bug::USUAL
};
