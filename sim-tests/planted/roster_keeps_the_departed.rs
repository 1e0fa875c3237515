//! A departure takes somebody's place among those who are online, and the list that the welcome is made of is
//! forgotten. The next to come is greeted by names of people who left long ago.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "roster_keeps_the_departed",
    breaks: "somebody who left is still in the roster",
    promises: &["presence"],
    ..Bug::USUAL
};
