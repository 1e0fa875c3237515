//! Whoever comes back by IRC reads long. The server asks whether they are there, behind all they have yet to read; they
//! cannot answer in time, are given up, and begin anew.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "ping_waits_its_turn",
    breaks: "who has much to read is given up before they are through",
    promises: &["settles"],
    ..Bug::USUAL
};
