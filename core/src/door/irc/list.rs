//! Which rooms a `LIST` asks for: by name, by a pattern, by how many are in them.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::protocol::RoomLine;
use crate::protocol::order::is_like;

/// Conditions one question may hold.
const CONDITIONS_MAX: usize = 16;

/// What a room has to be to be listed: one of the names, if there are any, and all else.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub(super) struct Sieve {
    /// Names and patterns, in small letters, the `#` among them.
    names: Vec<String>,
    /// None of these.
    not: Vec<String>,
    /// More people than this.
    above: Option<u32>,
    /// Fewer people than this.
    below: Option<u32>,
}

impl Sieve {
    /// Reads what a client gives, conditions with commas between them. What is not understood names no room.
    pub(super) fn read(list: &str) -> Self {
        let mut sieve = Self::default();
        for condition in list.split(',').filter(|condition| !condition.is_empty()).take(CONDITIONS_MAX) {
            let number = |text: &str| text.parse::<u32>().ok();
            match (condition.strip_prefix('>').and_then(number), condition.strip_prefix('<').and_then(number)) {
                (Some(least), _) => sieve.above = Some(sieve.above.map_or(least, |other| other.max(least))),
                (None, Some(most)) => sieve.below = Some(sieve.below.map_or(most, |other| other.min(most))),
                (None, None) => match condition.strip_prefix('!') {
                    Some(not) => sieve.not.push(not.to_lowercase()),
                    None => sieve.names.push(condition.to_lowercase()),
                },
            }
        }
        sieve
    }

    /// Whether a room is asked for.
    pub(super) fn holds(&self, line: &RoomLine) -> bool {
        let name = line.room.to_string().to_lowercase();
        let named = |patterns: &[String]| patterns.iter().any(|pattern| is_like(pattern, &name));
        (self.names.is_empty() || named(&self.names))
            && !named(&self.not)
            && self.above.is_none_or(|above| line.here > above)
            && self.below.is_none_or(|below| line.here < below)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Room;

    #[test]
    fn a_list_holds_what_was_asked_for() {
        let rooms = [("lobby", 3), ("Lab", 1), ("library", 2)];
        for (list, held) in [
            ("", "lobby Lab library"),
            ("#lab", "Lab"),
            ("#LAB,#lobby", "lobby Lab"),
            ("#l*b*y,", "lobby library"),
            ("!*b", "lobby library"),
            ("!#l*", ""),
            (">1", "lobby library"),
            ("<2", "Lab"),
            (">1,<3,*y", "library"),
            (">x", ""),
            ("C>5", ""),
            ("lab", ""),
        ] {
            let sieve = Sieve::read(list);
            let asked_for = |(name, here): (&'static str, u32)| {
                let line = RoomLine { room: Room::try_from(name).unwrap(), here, members: here, topic: None };
                sieve.holds(&line).then_some(name)
            };
            assert_eq!(rooms.into_iter().filter_map(asked_for).collect::<Vec<_>>().join(" "), held, "{list}");
        }
    }
}
