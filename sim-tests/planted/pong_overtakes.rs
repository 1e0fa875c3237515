//! Pongs go first, because they are small. But a pong says up to where everything was sent: the client moves its cursor
//! there, and takes the entries that come after it for old ones.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "pong_overtakes",
    breaks: "a pong states a head that was not sent yet",
    promises: &["gapless"],
    ..Bug::USUAL
};
