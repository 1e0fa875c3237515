//! Somebody asks and asks and reads nothing. Their connection should not be read any more once so many bytes wait; here
//! every answer is kept.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "answers_without_limit",
    breaks: "answers pile up for somebody who does not read",
    promises: &["bounded"],
    ..Bug::USUAL
};
