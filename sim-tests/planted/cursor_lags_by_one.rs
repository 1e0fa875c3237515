//! A client writes down how far it has read before it shows a line, and not after. Every reconnect shows that line
//! again.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "cursor_lags_by_one",
    breaks: "a client remembers the entry before the last it showed",
    promises: &["once"],
    ..Bug::USUAL
};
