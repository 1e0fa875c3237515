//! Somebody at netcat hangs up. A guest has no key and cannot come back, so nothing may be kept for them: here the fold
//! treats them like everybody else, and a private word to that name is accepted for somebody who will never read it.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "guest_stays_a_member",
    breaks: "a guest is remembered after the connection",
    promises: &["audience"],
    ..Bug::USUAL
};
