//! Waiting for the disk costs milliseconds, so the server shows what it has just proposed. Then the power fails: people
//! have read what is not in the log and never will be.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "shown_before_durable",
    breaks: "entries are shown when they are given to the log",
    promises: &["durable"],
    ..Bug::USUAL
};
