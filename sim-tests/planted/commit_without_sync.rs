//! The store commits without a sync, because that is a hundred times as fast, and says that it is done. It is true
//! until the power fails.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "commit_without_sync",
    breaks: "a commit is told before the disk has it",
    promises: &["durable"],
    ..Bug::OVER_TCP
};
