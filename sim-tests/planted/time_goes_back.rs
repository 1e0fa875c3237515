//! Somebody sets the server's clock back by an hour. The fold holds the last entry's time until the clock has caught
//! up; here it writes down what the clock says, and a transcript sorted by time is another than the log.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "time_goes_back",
    breaks: "an entry's time of day is whatever the clock says",
    promises: &["order"],
    ..Bug::USUAL
};
