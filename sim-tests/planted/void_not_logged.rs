//! A message names seventeen people, one too many. The server can tell without the log, so it refuses at once; but the
//! number was never used, the next request is out of turn, and the client is thrown out with all it still has to say.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "void_not_logged",
    breaks: "what cannot be accepted is answered without the log",
    promises: &["settles"],
    ..Bug::USUAL
};
