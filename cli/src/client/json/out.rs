//! What programs are told: one object per line, `docs/json.md`. Fields are added, never renamed.

use std::borrow::Cow;

use causerie_core::client::News;
use causerie_core::door::typed::letters;
use causerie_core::protocol::{
    Brief, Here, Leaving, Manner, Nick, Notes, Place, Room, RoomLine, Seen, Seq, Sight, Through, Welcome,
};
use causerie_core::time::{Timestamp, WallTime};
use serde::Serialize;

/// One line.
#[derive(Serialize, Debug)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Line<'a> {
    Welcome {
        nick: &'a str,
        head: u64,
        rooms: Vec<&'a str>,
        online: Vec<Person<'a>>,
        #[serde(skip_serializing_if = "is_zero")]
        more: u32,
    },
    Connection {
        state: State,
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_ms: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        why: Option<&'a str>,
    },
    Said {
        seq: u64,
        at: String,
        from: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        room: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        to: Option<Vec<&'a str>>,
        text: &'a str,
        action: bool,
        #[serde(skip_serializing_if = "is_false")]
        notice: bool,
    },
    Arrived {
        seq: u64,
        at: String,
        who: &'a str,
        door: Door,
    },
    Departed {
        seq: u64,
        at: String,
        who: &'a str,
        why: Why,
    },
    Joined {
        seq: u64,
        at: String,
        who: &'a str,
        room: &'a str,
    },
    Left {
        seq: u64,
        at: String,
        who: &'a str,
        room: &'a str,
    },
    Renamed {
        seq: u64,
        at: String,
        who: &'a str,
        nick: &'a str,
    },
    Topic {
        seq: u64,
        at: String,
        who: &'a str,
        room: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        topic: Option<&'a str>,
    },
    Kicked {
        seq: u64,
        at: String,
        who: &'a str,
        room: &'a str,
        nick: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        why: Option<&'a str>,
    },
    Invited {
        seq: u64,
        at: String,
        who: &'a str,
        room: &'a str,
        nick: &'a str,
    },
    Changed {
        seq: u64,
        at: String,
        who: &'a str,
        room: &'a str,
        modes: String,
    },
    Killed {
        seq: u64,
        at: String,
        who: &'a str,
        nick: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        why: Option<&'a str>,
    },
    Accepted {
        seq: u64,
        at: String,
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        unknown: Vec<&'a str>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        away: Vec<&'a str>,
        #[serde(skip_serializing_if = "is_false")]
        alone: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        entry: Option<Box<Self>>,
    },
    Refused {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
        code: &'a str,
        why: Cow<'a, str>,
    },
    Page {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
        room: &'a str,
        entries: Vec<Self>,
        more: bool,
    },
    Who {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
        people: Vec<Person<'a>>,
        #[serde(skip_serializing_if = "is_zero")]
        more: u32,
    },
    Rooms {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
        rooms: Vec<Counted<'a>>,
        #[serde(skip_serializing_if = "is_zero")]
        more: u32,
    },
    About(super::about::About<'a>),
    Operating {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
    },
    Missed {
        after: u64,
        through: u64,
    },
    Notice {
        text: &'a str,
    },
    Ended {
        code: &'a str,
        why: &'a str,
    },
}

/// Whether the session stands.
#[derive(Serialize, Clone, Copy, Debug)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    Online,
    Offline,
}

#[derive(Serialize, Clone, Copy, Debug)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Door {
    Client,
    Text,
    Irc,
}

#[derive(Serialize, Clone, Copy, Debug)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Why {
    Quit,
    Lost,
    Killed,
}

/// Somebody who is here.
#[derive(Serialize, Debug)]
pub(crate) struct Person<'a> {
    pub(super) nick: &'a str,
    pub(super) door: Door,
    /// Absent while their connection is lost and they may come back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) idle_s: Option<u64>,
    /// What they are in the room that was asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) role: Option<&'static str>,
    /// The rooms both are in; absent if that is the lobby alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rooms: Option<Vec<&'a str>>,
}

/// A room, with how many are in it.
#[derive(Serialize, Debug)]
pub(crate) struct Counted<'a> {
    room: &'a str,
    here: u32,
    members: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    topic: Option<&'a str>,
}

impl<'a> Line<'a> {
    /// The lines that news comes to. `reference` is the one given with the question that news answers.
    pub(crate) fn of(news: &'a News, reference: Option<&'a str>, now: Timestamp) -> Vec<Self> {
        vec![match news {
            News::Online(welcome) => {
                let online = Line::Connection { state: State::Online, retry_ms: None, why: None };
                return vec![online, Self::welcome(welcome)];
            }
            News::Offline { retry_at, why } => {
                let retry_ms = retry_at.map(|at| u64::try_from(at.since(now).as_millis()).unwrap_or(u64::MAX));
                Line::Connection { state: State::Offline, retry_ms, why: Some(why) }
            }
            News::Waiting(_) => return Vec::new(),
            News::Accepted { pending, seq, at, notes, entry } => {
                let entry = entry.as_deref().filter(|_| pending.is_none());
                let reference = pending.as_ref().and_then(|pending| pending.reference.as_deref());
                Self::accepted(*seq, *at, notes, reference, entry)
            }
            News::Refused { reference, code, why, ask: _ } => {
                Line::Refused { reference: reference.as_deref(), code, why: Cow::Borrowed(why) }
            }
            News::Saw(seen) => Self::entry(seen),
            News::Who { people, more, reference: _ } => {
                Line::Who { reference, people: people.iter().map(Person::from).collect(), more: *more }
            }
            News::Rooms { rooms, more, reference: _ } => {
                Line::Rooms { reference, rooms: rooms.iter().map(Counted::from).collect(), more: *more }
            }
            News::Page { page, reference: _ } => Line::Page {
                reference,
                room: page.room.as_str(),
                entries: page.entries.iter().map(|seen| Self::entry(seen)).collect(),
                more: page.more,
            },
            News::Room { room, reference: _ } => Line::About(super::about::About::new(room, reference)),
            News::Oper { reference: _ } => Line::Operating { reference },
            News::Denied { code, why, reference: _ } => Line::Refused { reference, code, why: Cow::Borrowed(why) },
            News::Missed { from, to } => Line::Missed { after: from.0, through: to.0 },
            News::Notice(text) => Line::Notice { text },
            News::Ended { code, text } => Line::Ended { code, why: text },
        }]
    }

    fn welcome(welcome: &'a Welcome) -> Self {
        Line::Welcome {
            nick: welcome.you.as_str(),
            head: welcome.head.0,
            rooms: welcome.rooms.iter().map(Room::as_str).collect(),
            online: welcome.here.iter().map(Person::from).collect(),
            more: welcome.more,
        }
    }

    /// `entry` only where the program cannot know what it asked: in an earlier life.
    fn accepted(seq: Seq, at: WallTime, notes: &'a Notes, reference: Option<&'a str>, entry: Option<&'a Seen>) -> Self {
        Line::Accepted {
            seq: seq.0,
            at: at.rfc3339().to_string(),
            reference,
            unknown: names(&notes.unknown),
            away: names(&notes.away),
            alone: notes.alone,
            entry: entry.map(|seen| Box::new(Self::entry(seen))),
        }
    }

    fn entry(seen: &'a Seen) -> Self {
        let (seq, at, who) = (seen.seq.0, seen.at.rfc3339().to_string(), seen.from.as_str());
        match &seen.sight {
            Sight::Arrived { door } => Line::Arrived { seq, at, who, door: (*door).into() },
            Sight::Departed { why: Leaving::Quit } => Line::Departed { seq, at, who, why: Why::Quit },
            Sight::Departed { why: Leaving::Lost } => Line::Departed { seq, at, who, why: Why::Lost },
            Sight::Departed { why: Leaving::Killed } => Line::Departed { seq, at, who, why: Why::Killed },
            Sight::Joined { room } => Line::Joined { seq, at, who, room: room.as_str() },
            Sight::Left { room } => Line::Left { seq, at, who, room: room.as_str() },
            Sight::Renamed { to } => Line::Renamed { seq, at, who, nick: to.as_str() },
            Sight::Said { place, text, manner } => {
                let (room, to) = match place {
                    Place::Room(room) => (Some(room.as_str()), None),
                    Place::Private(people) => (None, Some(names(people))),
                };
                let (action, notice) = (*manner == Manner::Action, *manner == Manner::Notice);
                Line::Said { seq, at, from: who, room, to, text: text.as_str(), action, notice }
            }
            Sight::Topic { room, topic } => {
                Line::Topic { seq, at, who, room: room.as_str(), topic: topic.as_ref().map(Brief::as_str) }
            }
            Sight::Kicked { room, nick, reason } => {
                let (room, nick, why) = (room.as_str(), nick.as_str(), reason.as_ref().map(Brief::as_str));
                Line::Kicked { seq, at, who, room, nick, why }
            }
            Sight::Invited { room, nick } => Line::Invited { seq, at, who, room: room.as_str(), nick: nick.as_str() },
            Sight::Changed { room, changes } => {
                Line::Changed { seq, at, who, room: room.as_str(), modes: letters(changes) }
            }
            Sight::Killed { nick, reason } => {
                Line::Killed { seq, at, who, nick: nick.as_str(), why: reason.as_ref().map(Brief::as_str) }
            }
        }
    }
}

impl<'a> From<&'a Here> for Person<'a> {
    fn from(here: &'a Here) -> Self {
        let rooms = here.shared.as_ref().map(|rooms| rooms.iter().map(Room::as_str).collect());
        Self { nick: here.nick.as_str(), door: here.door.into(), idle_s: here.idle_s, role: None, rooms }
    }
}

impl<'a> From<&'a RoomLine> for Counted<'a> {
    fn from(line: &'a RoomLine) -> Self {
        Self {
            room: line.room.as_str(),
            here: line.here,
            members: line.members,
            topic: line.topic.as_ref().map(Brief::as_str),
        }
    }
}

impl From<Through> for Door {
    fn from(door: Through) -> Self {
        match door {
            Through::Native => Self::Client,
            Through::Text => Self::Text,
            Through::Irc => Self::Irc,
        }
    }
}

fn names(nicks: &[Nick]) -> Vec<&str> {
    nicks.iter().map(Nick::as_str).collect()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
const fn is_zero(value: &u32) -> bool {
    *value == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}
