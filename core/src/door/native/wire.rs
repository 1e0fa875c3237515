//! The shapes of the native lines. Golden lines in the tests hold them: fields are added, never renamed.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::Deref;

use serde::{Deserialize, Serialize};

use crate::protocol::{
    Here, Leaving, Manner, Nick, Notes, Parting, Place, Refusal, Reply, RoomLine, Seen, Sight, Through, Welcome,
    WireLimits,
};

/// A string as it stands in the line it was read from; its own only where it is escaped there.
#[derive(Deserialize, Serialize, Default, Debug)]
#[serde(transparent)]
pub(super) struct Str<'a>(#[serde(borrow)] Cow<'a, str>);

impl Deref for Str<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'a> From<&'a str> for Str<'a> {
    fn from(word: &'a str) -> Self {
        Self(word.into())
    }
}

impl From<String> for Str<'_> {
    fn from(word: String) -> Self {
        Self(word.into())
    }
}

/// A line from a client: every field that some type of request has.
#[derive(Deserialize, Serialize, Default, Debug)]
pub(super) struct In<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: Str<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) n: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) seen: Option<u64>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) room: Option<Str<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) to: Option<Vec<Str<'a>>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<Str<'a>>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) action: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) notice: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<u32>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<Str<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) nick: Option<Str<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) after: Option<u64>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) log: Option<Str<'a>>,
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    pub(super) reference: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) before: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) limit: Option<u32>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

const fn is_zero(value: &u32) -> bool {
    *value == 0
}

/// A line to a client.
#[derive(Deserialize, Serialize, Debug)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Out<'a> {
    Welcome {
        log: String,
        #[serde(borrow)]
        you: Str<'a>,
        hue: u16,
        head: u64,
        last: u64,
        rooms: Vec<Str<'a>>,
        here: Vec<Person<'a>>,
        #[serde(default, skip_serializing_if = "is_zero")]
        more: u32,
        limits: WireLimits,
    },
    Said(#[serde(borrow)] Said<'a>),
    Arrived {
        seq: u64,
        at: u64,
        from: Str<'a>,
        hue: u16,
        door: Door,
    },
    Departed {
        seq: u64,
        at: u64,
        from: Str<'a>,
        hue: u16,
        why: Why,
    },
    Joined {
        seq: u64,
        at: u64,
        from: Str<'a>,
        hue: u16,
        room: Str<'a>,
    },
    Left {
        seq: u64,
        at: u64,
        from: Str<'a>,
        hue: u16,
        room: Str<'a>,
    },
    Renamed {
        seq: u64,
        at: u64,
        from: Str<'a>,
        hue: u16,
        nick: Str<'a>,
    },
    Accepted(#[serde(borrow)] Accepted<'a>),
    Refused {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        n: Option<u64>,
        code: Str<'a>,
        text: String,
    },
    Who {
        #[serde(rename = "ref")]
        reference: u64,
        people: Vec<Person<'a>>,
        #[serde(default, skip_serializing_if = "is_zero")]
        more: u32,
    },
    Rooms {
        #[serde(rename = "ref")]
        reference: u64,
        rooms: Vec<RoomOut<'a>>,
        #[serde(default, skip_serializing_if = "is_zero")]
        more: u32,
    },
    Page {
        #[serde(rename = "ref")]
        reference: u64,
        room: Str<'a>,
        entries: Vec<Self>,
        more: bool,
    },
    Missed {
        from: u64,
        to: u64,
    },
    Pong(Pong),
    Notice {
        text: String,
    },
    Bye {
        code: Str<'a>,
        text: String,
    },
}

/// Somebody said something.
#[derive(Deserialize, Serialize, Debug)]
pub(super) struct Said<'a> {
    pub(super) seq: u64,
    pub(super) at: u64,
    #[serde(borrow)]
    pub(super) from: Str<'a>,
    pub(super) hue: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) room: Option<Str<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) to: Option<Vec<Str<'a>>>,
    pub(super) text: Str<'a>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) action: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) notice: bool,
}

/// A request is an entry.
#[derive(Deserialize, Serialize, Debug)]
pub(super) struct Accepted<'a> {
    pub(super) n: u64,
    pub(super) seq: u64,
    pub(super) at: u64,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    pub(super) unknown: Vec<Str<'a>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) away: Vec<Str<'a>>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) alone: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) entry: Option<alloc::boxed::Box<Out<'a>>>,
}

/// Everything up to the head was sent.
#[derive(Deserialize, Serialize, Debug)]
pub(super) struct Pong {
    pub(super) head: u64,
}

#[derive(Deserialize, Serialize, Debug)]
pub(super) struct Person<'a> {
    #[serde(borrow)]
    pub(super) nick: Str<'a>,
    pub(super) hue: u16,
    pub(super) door: Door,
    /// Seconds; absent while the connection is lost and may come back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) idle: Option<u64>,
}

#[derive(Deserialize, Serialize, Debug)]
pub(super) struct RoomOut<'a> {
    #[serde(borrow)]
    pub(super) room: Str<'a>,
    pub(super) here: u32,
    pub(super) members: u32,
}

#[derive(Deserialize, Serialize, Clone, Copy, Debug)]
#[serde(rename_all = "snake_case")]
pub(super) enum Door {
    Native,
    Text,
    Irc,
}

#[derive(Deserialize, Serialize, Clone, Copy, Debug)]
#[serde(rename_all = "snake_case")]
pub(super) enum Why {
    Quit,
    Lost,
}

impl<'a> Out<'a> {
    /// A reply's line; none if it answers what this vocabulary cannot ask.
    pub(super) fn of(reply: &'a Reply) -> Option<Self> {
        Some(match reply {
            Reply::Ping | Reply::Reached { .. } | Reply::Members { .. } | Reply::People { .. } | Reply::Talk { .. } => {
                return None;
            }
            Reply::Welcome(welcome) => welcome_line(welcome),
            Reply::Saw(seen) => Self::from(&**seen),
            Reply::Accepted { n, seq, at, notes: Notes { unknown, away, alone }, entry } => Self::Accepted(Accepted {
                n: n.0,
                seq: seq.0,
                at: at.0,
                unknown: names(unknown),
                away: names(away),
                alone: *alone,
                entry: entry.as_ref().map(|seen| Self::from(&**seen).into()),
            }),
            Reply::Refused { n, why } => refused_line(n.map(|n| n.0), why),
            Reply::Who { reference, people: here, more } => {
                Self::Who { reference: *reference, people: people(here), more: *more }
            }
            Reply::Rooms { reference, rooms, more } => {
                Self::Rooms { reference: *reference, rooms: rooms.iter().map(RoomOut::from).collect(), more: *more }
            }
            Reply::Page { reference, page } => Self::Page {
                reference: *reference,
                room: page.room.as_str().into(),
                entries: page.entries.iter().map(|seen| Self::from(&**seen)).collect(),
                more: page.more,
            },
            Reply::Missed { from, to } => Self::Missed { from: from.0, to: to.0 },
            Reply::Pong { head } => Self::Pong(Pong { head: head.0 }),
            Reply::Notice(notice) => Self::Notice { text: notice.to_string() },
            Reply::Bye(parting) => bye_line(parting),
        })
    }
}

impl<'a> From<&'a Seen> for Out<'a> {
    fn from(seen: &'a Seen) -> Self {
        let (seq, at, from, hue) = (seen.seq.0, seen.at.0, Str::from(seen.from.as_str()), seen.hue);
        match &seen.sight {
            Sight::Arrived { door } => Self::Arrived { seq, at, from, hue, door: (*door).into() },
            Sight::Departed { why } => Self::Departed { seq, at, from, hue, why: (*why).into() },
            Sight::Joined { room } => Self::Joined { seq, at, from, hue, room: room.as_str().into() },
            Sight::Left { room } => Self::Left { seq, at, from, hue, room: room.as_str().into() },
            Sight::Renamed { to } => Self::Renamed { seq, at, from, hue, nick: to.as_str().into() },
            Sight::Said { place, text, manner } => {
                let (room, to) = match place {
                    Place::Room(room) => (Some(room.as_str().into()), None),
                    Place::Private(people) => (None, Some(names(people))),
                };
                let (action, notice) = (*manner == Manner::Action, *manner == Manner::Notice);
                Self::Said(Said { seq, at, from, hue, room, to, text: text.as_str().into(), action, notice })
            }
        }
    }
}

fn welcome_line(welcome: &Welcome) -> Out<'_> {
    Out::Welcome {
        log: format!("{}", welcome.log),
        you: welcome.you.as_str().into(),
        hue: welcome.hue,
        head: welcome.head.0,
        last: welcome.last.0,
        rooms: welcome.rooms.iter().map(|room| room.as_str().into()).collect(),
        here: people(&welcome.here),
        more: welcome.more,
        limits: welcome.limits,
    }
}

fn refused_line(n: Option<u64>, why: &Refusal) -> Out<'static> {
    Out::Refused { n, code: why.code().into(), text: why.to_string() }
}

fn bye_line(parting: &Parting) -> Out<'static> {
    let code = match parting {
        Parting::Refused(why) => why.code(),
        Parting::Quit
        | Parting::TakenOver
        | Parting::ServerStops
        | Parting::Full { .. }
        | Parting::HelloTooLate
        | Parting::Silent
        | Parting::NotStoring
        | Parting::Unreadable
        | Parting::Crowded
        | Parting::Forgotten
        | Parting::AheadOfLog { .. }
        | Parting::Violation(_) => parting.code(),
    };
    Out::Bye { code: code.into(), text: parting.to_string() }
}

fn names(nicks: &[Nick]) -> Vec<Str<'_>> {
    nicks.iter().map(|nick| nick.as_str().into()).collect()
}

fn people(here: &[Here]) -> Vec<Person<'_>> {
    let person = |here: &'_ Here| (here.hue, here.door.into(), here.idle_s);
    here.iter()
        .map(|here| {
            let (hue, door, idle) = person(here);
            Person { nick: here.nick.as_str().into(), hue, door, idle }
        })
        .collect()
}

impl<'a> From<&'a RoomLine> for RoomOut<'a> {
    fn from(line: &'a RoomLine) -> Self {
        Self { room: line.room.as_str().into(), here: line.here, members: line.members }
    }
}

impl From<Through> for Door {
    fn from(door: Through) -> Self {
        match door {
            Through::Native => Self::Native,
            Through::Text => Self::Text,
            Through::Irc => Self::Irc,
        }
    }
}

impl From<Door> for Through {
    fn from(door: Door) -> Self {
        match door {
            Door::Native => Self::Native,
            Door::Text => Self::Text,
            Door::Irc => Self::Irc,
        }
    }
}

impl From<Leaving> for Why {
    fn from(why: Leaving) -> Self {
        match why {
            Leaving::Quit => Self::Quit,
            Leaving::Lost => Self::Lost,
        }
    }
}

impl From<Why> for Leaving {
    fn from(why: Why) -> Self {
        match why {
            Why::Quit => Self::Quit,
            Why::Lost => Self::Lost,
        }
    }
}

/// Reads a line to a client. Of what servers say most, the type is looked for where this server writes it: first.
pub(super) fn read(line: &[u8]) -> serde_json::Result<Out<'_>> {
    if line.starts_with(br#"{"type":"said","#) {
        serde_json::from_slice(line).map(Out::Said)
    } else if line.starts_with(br#"{"type":"accepted","#) {
        serde_json::from_slice(line).map(Out::Accepted)
    } else if line.starts_with(br#"{"type":"pong","#) {
        serde_json::from_slice(line).map(Out::Pong)
    } else {
        serde_json::from_slice(line)
    }
}

/// Adds a line.
pub(super) fn write(out: &mut Vec<u8>, line: &impl Serialize) {
    let json = serde_json::to_vec(line).expect("a line can be written");
    if out.is_empty() {
        *out = json;
    } else {
        out.extend_from_slice(&json);
    }
    out.push(b'\n');
}
