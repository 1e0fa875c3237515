//! The buffer takes sixteen thousand bytes, and whoever hands it over believes that a request is short.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "long_read_cut_short",
    breaks: "a long read is handed over in part",
    promises: &["settles"],
    ..Bug::OVER_TCP
};
