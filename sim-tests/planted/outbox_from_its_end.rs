//! Five lines were typed in a tunnel. On the way out of it they are numbered and sent from the end.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "outbox_from_its_end",
    breaks: "what was typed offline is sent the last first",
    promises: &["settles", "order"],
    ..Bug::USUAL
};
