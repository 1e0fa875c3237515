//! A nick was refused, and the answer was lost with the connection. The client asks again under the same number, and
//! the fold knows only that it has decided something: the person is told that nobody knows what became of it.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "refusal_not_remembered",
    breaks: "a refusal is answered differently when the request is repeated",
    promises: &["once"],
    ..Bug::USUAL
};
