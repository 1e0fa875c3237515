//! A connection that has read everything sleeps, and is on the list of each ring that may wake it. Who joins a room
//! while asleep is put on no list: the first words there are never sent.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "sleeper_not_woken",
    breaks: "who joins a room is not woken by it",
    promises: &["gapless"],
    ..Bug::USUAL
};
