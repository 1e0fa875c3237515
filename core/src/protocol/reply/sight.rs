//! An entry as people see it.

use alloc::vec::Vec;

use crate::protocol::{Audience, Brief, Change, Entry, Event, Leaving, Manner, Nick, Room, Seq, Text, Through};
use crate::time::WallTime;

/// An entry as those see it who may: without what its author alone is told, and without anybody's identity.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Seen {
    /// Its number.
    pub seq: Seq,
    /// When.
    pub at: WallTime,
    /// Whose.
    pub from: Nick,
    /// Their colour slot.
    pub hue: u16,
    /// What happened.
    pub sight: Sight,
}

/// What happened, as those see it who may.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Sight {
    /// Somebody is here.
    Arrived {
        /// How they came.
        door: Through,
    },
    /// Somebody is not.
    Departed {
        /// Why.
        why: Leaving,
    },
    /// Somebody became a member of a room.
    Joined {
        /// Which.
        room: Room,
    },
    /// Somebody ceased to be one.
    Left {
        /// Which.
        room: Room,
    },
    /// Somebody is called something else.
    Renamed {
        /// What.
        to: Nick,
    },
    /// Something was said.
    Said {
        /// Where.
        place: Place,
        /// What.
        text: Text,
        /// How.
        manner: Manner,
    },
    /// A room is about something else, or nothing.
    Topic {
        /// Which.
        room: Room,
        /// What.
        topic: Option<Brief>,
    },
    /// Somebody's membership of a room was ended.
    Kicked {
        /// Which.
        room: Room,
        /// Whose.
        nick: Nick,
        /// Why.
        reason: Option<Brief>,
    },
    /// Somebody is asked in.
    Invited {
        /// Into which room.
        room: Room,
        /// Who.
        nick: Nick,
    },
    /// A room is kept differently.
    Changed {
        /// Which.
        room: Room,
        /// What, in order.
        changes: Vec<Change>,
    },
    /// Somebody's connection is ended by a server operator.
    Killed {
        /// Whose.
        nick: Nick,
        /// Why.
        reason: Option<Brief>,
    },
}

/// Where something was said.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Place {
    /// In a room.
    Room(Room),
    /// Between its author and these people.
    Private(Vec<Nick>),
}

impl From<&Entry> for Seen {
    fn from(entry: &Entry) -> Self {
        let sight = match &entry.event {
            Event::Arrived { door, .. } => Sight::Arrived { door: *door },
            Event::Departed { why, .. } => Sight::Departed { why: *why },
            Event::Joined { room } => Sight::Joined { room: room.clone() },
            Event::Left { room } => Sight::Left { room: room.clone() },
            Event::Renamed { to, .. } => Sight::Renamed { to: to.clone() },
            Event::Said { audience, text, manner, .. } => {
                let place = match audience {
                    Audience::Room(room) => Place::Room(room.clone()),
                    Audience::Only(people) => Place::Private(people.iter().map(|p| p.nick.clone()).collect()),
                };
                Sight::Said { place, text: text.clone(), manner: *manner }
            }
            Event::Topic { room, topic } => Sight::Topic { room: room.clone(), topic: topic.clone() },
            Event::Kicked { room, who, reason } => {
                Sight::Kicked { room: room.clone(), nick: who.nick.clone(), reason: reason.clone() }
            }
            Event::Invited { room, who } => Sight::Invited { room: room.clone(), nick: who.nick.clone() },
            Event::Changed { room, changes } => Sight::Changed { room: room.clone(), changes: changes.clone() },
            Event::Killed { who, reason } => Sight::Killed { nick: who.nick.clone(), reason: reason.clone() },
        };
        Self { seq: entry.seq, at: entry.at, from: entry.nick.clone(), hue: entry.hue, sight }
    }
}
