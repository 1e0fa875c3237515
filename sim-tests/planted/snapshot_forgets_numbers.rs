//! A server starts from a snapshot, which has everybody's nick and rooms, and for everybody the number 0 as the last
//! that was decided. Whoever asks on is told that they are out of turn, or is listened to twice.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "snapshot_forgets_numbers",
    breaks: "a snapshot of the fold does not hold who asked what",
    promises: &["once", "settles"],
    ..Bug::USUAL
};
