//! Ada leaves, and both rooms that bob shares with her have it in their rings. The merge should see that it is one
//! entry; bob reads it twice.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "one_entry_by_two_rooms",
    breaks: "presence comes once for each room shared",
    promises: &["once"],
    ..Bug::USUAL
};
