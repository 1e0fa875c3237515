//! A ring is full and lets go of its oldest entry. A slow reader should see that it fell off and read history; here it
//! goes on with what is there.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "eviction_unnoticed",
    breaks: "a ring does not say that it let an entry go",
    promises: &["gapless"],
    ..Bug::USUAL
};
