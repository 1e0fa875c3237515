//! Ada writes to bob while her connection is down. Bob is away, and eve takes his nick. What ada meant is decided by
//! what ada had seen; here the fold looks the nick up when the words arrive, and eve reads them.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "nick_moved_unnoticed",
    breaks: "a private word goes to whoever has the nick now",
    promises: &["audience"],
    ..Bug::USUAL
};
