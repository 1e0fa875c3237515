//! The disk is full, or its sync fails, and the store goes on as if it had not: what people read and were promised is
//! nowhere.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "failed_commit_told_as_done",
    breaks: "a commit that failed is told as done",
    promises: &["durable"],
    ..Bug::OVER_TCP
};
