//! Somebody is put out of a room, and the server goes on sending them what is said there: only their own leaving ends it.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "put_out_reads_on",
    breaks: "whoever is put out of a room goes on reading it",
    promises: &["audience"],
    ..Bug::USUAL
};
