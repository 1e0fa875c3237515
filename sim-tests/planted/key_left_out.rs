//! Where there is no such room yet nobody asks for a key, so the server leaves it out. Whoever asks gets in as they would
//! have, but the log holds another request than was asked: asked again after a lost connection it is taken for somebody
//! else's, and asked anew.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "key_left_out",
    breaks: "a room asked for with its key is logged as asked for without",
    promises: &["once"],
    ..Bug::USUAL
};
