//! Every line at netcat looks as if it were said in the lobby: people answer in the wrong room.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "view_hides_the_room",
    breaks: "a line does not say which room it was said in",
    promises: &["audience"],
    ..Bug::USUAL
};
