//! Who is here, as far as one hears of it: those one shares a room with.
//!
//! The welcome says who is here, and which rooms one shares with each; from then on entries tell. Nothing is heard of somebody
//! any more who shares no room: they leave the roster, because nobody would say when they go. What entries leave open (which
//! rooms somebody who came is in, who was in a room before one entered it) is asked.

use std::collections::{BTreeMap, BTreeSet};

use causerie_core::protocol::{Here, Nick, Room, Seen, Seq, Sight};

/// Who is here.
#[derive(Default, Debug)]
pub(crate) struct Roster {
    /// Oneself.
    me: Option<String>,
    /// The others, by nick key: as many as were listed.
    people: BTreeMap<String, Shared>,
    /// How many more are here, who were not.
    unlisted: usize,
    /// Presence up to here is counted.
    as_of: Seq,
}

/// Which rooms one shares with somebody.
#[derive(Default, Debug)]
struct Shared {
    rooms: BTreeSet<Room>,
    /// Whether these are all.
    sure: bool,
}

/// Whether the roster has to be asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub(crate) enum Doubt {
    /// It is right.
    None,
    /// An entry left it open whether somebody is in it.
    Ask,
}

impl Roster {
    /// How many people are here, oneself among them.
    pub(crate) fn len(&self) -> usize {
        self.people.len() + usize::from(self.me.is_some()) + self.unlisted
    }

    /// The server lists who is here. What happened up to `as_of` is counted in it.
    pub(crate) fn set(&mut self, me: &Nick, here: &[Here], more: u32, as_of: Seq) {
        self.me = Some(me.key().to_owned());
        let shared = |one: &Here| {
            let rooms =
                one.shared.as_ref().map_or_else(|| BTreeSet::from([Room::lobby()]), |r| r.iter().cloned().collect());
            Shared { rooms, sure: true }
        };
        let others = here.iter().filter(|one| one.nick.key() != me.key());
        let listed = others.map(|one| (one.nick.key().to_owned(), shared(one)));
        self.people = listed.filter(|(_, shared)| !shared.rooms.is_empty()).collect();
        self.unlisted = usize::try_from(more).unwrap_or(0);
        self.as_of = self.as_of.max(as_of);
    }

    /// Somebody else did something; `mine` are the rooms one is in after it.
    pub(crate) fn saw(&mut self, seen: &Seen, mine: &BTreeSet<Room>) -> Doubt {
        if seen.seq <= self.as_of {
            return Doubt::None; // Counted.
        }
        match &seen.sight {
            Sight::Arrived { .. } => self.arrived(&seen.from, mine),
            // Who comes through IRC comes into no room: the others see them from the first room on.
            Sight::Joined { room } => {
                let all_are_listed = self.unlisted == 0;
                let fresh = || Shared { rooms: BTreeSet::new(), sure: all_are_listed };
                self.people.entry(seen.from.key().to_owned()).or_insert_with(fresh).rooms.insert(room.clone());
            }
            Sight::Departed { .. } => {
                if self.people.remove(seen.from.key()).is_none() {
                    self.unlisted = self.unlisted.saturating_sub(1);
                }
            }
            Sight::Renamed { to } => {
                if let Some(shared) = self.people.remove(seen.from.key()) {
                    self.people.insert(to.key().to_owned(), shared);
                }
            }
            Sight::Left { room } => return self.part(seen.from.key(), room, mine),
            Sight::Kicked { room, nick, .. } if self.is_me(nick) => return self.left(room, mine, seen.seq),
            Sight::Kicked { room, nick, .. } => return self.part(nick.key(), room, mine),
            Sight::Said { .. }
            | Sight::Topic { .. }
            | Sight::Invited { .. }
            | Sight::Changed { .. }
            | Sight::Killed { .. } => {}
        }
        Doubt::None
    }

    /// One is in a room: who else is has to be asked.
    pub(crate) fn joined(&self, seq: Seq) -> Doubt {
        if seq <= self.as_of { Doubt::None } else { Doubt::Ask }
    }

    /// One is not in a room any more; `mine` are those one is in.
    pub(crate) fn left(&mut self, room: &Room, mine: &BTreeSet<Room>, seq: Seq) -> Doubt {
        if seq <= self.as_of {
            return Doubt::None;
        }
        let inside: Vec<String> = self
            .people
            .iter()
            .filter(|(_, shared)| shared.rooms.contains(room) || !shared.sure)
            .map(|(key, _)| key.clone())
            .collect();
        let doubts = inside.iter().filter(|who| self.part(who, room, mine) == Doubt::Ask).count();
        if doubts > 0 { Doubt::Ask } else { Doubt::None }
    }

    /// One put somebody out of a room.
    pub(crate) fn parted(&mut self, who: &Nick, room: &Room, mine: &BTreeSet<Room>, seq: Seq) -> Doubt {
        if seq <= self.as_of { Doubt::None } else { self.part(who.key(), room, mine) }
    }

    /// One is called otherwise.
    pub(crate) fn renamed(&mut self, to: &Nick) {
        self.me = Some(to.key().to_owned());
    }

    fn is_me(&self, nick: &Nick) -> bool {
        self.me.as_deref() == Some(nick.key())
    }

    /// The entry does not say which rooms they are in; if one is in one alone, it is that.
    fn arrived(&mut self, who: &Nick, mine: &BTreeSet<Room>) {
        let rooms = if mine.len() == 1 { mine.clone() } else { BTreeSet::new() };
        let sure = mine.len() == 1;
        self.people.insert(who.key().to_owned(), Shared { rooms, sure });
    }

    /// One does not share a room with somebody any more.
    fn part(&mut self, who: &str, room: &Room, mine: &BTreeSet<Room>) -> Doubt {
        let Some(shared) = self.people.get_mut(who) else { return Doubt::None };
        shared.rooms.remove(room);
        if !shared.rooms.is_empty() {
            return Doubt::None;
        }
        let elsewhere = mine.iter().any(|other| other != room);
        if elsewhere && !shared.sure {
            return Doubt::Ask;
        }
        self.people.remove(who);
        Doubt::None
    }
}

#[cfg(test)]
mod tests;
