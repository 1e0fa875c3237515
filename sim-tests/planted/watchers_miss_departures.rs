//! Those who share a room with somebody see them go. Those who only watch them are told when they come, and not when they
//! go.

use crate::planted::Bug;

pub(crate) const BUG: Bug = Bug {
    name: "watchers_miss_departures",
    breaks: "who watches somebody takes them to be there for ever",
    promises: &["presence"],
    ..Bug::USUAL
};
