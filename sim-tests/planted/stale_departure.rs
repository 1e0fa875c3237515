//! A grace period ends while its owner is just coming back: the departure of the old session stands in the log after
//! the attachment of the new one. The fold should see that it is meant for another session.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "stale_departure",
    breaks: "the departure of an older session is honoured",
    promises: &["presence"],
    ..Bug::USUAL
};
