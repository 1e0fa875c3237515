//! On the developer's machine every line arrived in a read of its own. On a real network two arrive together, and the
//! second is never seen again.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "a_read_is_a_line",
    breaks: "bytes after the first line of a read are thrown away",
    promises: &["settles", "gapless"],
    ..Bug::USUAL
};
