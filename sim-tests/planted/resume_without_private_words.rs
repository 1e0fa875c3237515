//! After a reconnect the rooms are read back from history, and what was said to one person alone is not.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "resume_without_private_words",
    breaks: "a resume forgets private words and acceptances",
    promises: &["gapless"],
    ..Bug::USUAL
};
