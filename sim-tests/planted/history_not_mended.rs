//! Entries float until the next commit carries them into history, and a power loss takes them. The records have them;
//! here nobody makes them of these again, and whoever reads back finds a hole.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "history_not_mended",
    breaks: "a start does not give history what it lacks",
    promises: &["gapless"],
    ..Bug::OVER_TCP
};
