//! A client's file should hold a line before the line is sent. Here it is written a second later; a kill -9 in that
//! second loses what was asked, and nobody ever answers it.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "outbox_not_remembered",
    breaks: "what was asked is remembered at the next occasion",
    promises: &["settles"],
    ..Bug::USUAL
};
