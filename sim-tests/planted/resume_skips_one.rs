//! The cursor is the last entry that was shown, and the page that follows it is asked for from the entry after the
//! next. Every reconnect loses one line.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "resume_skips_one",
    breaks: "a resume begins one entry too late",
    promises: &["gapless"],
    ..Bug::USUAL
};
