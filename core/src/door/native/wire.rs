//! The shapes of the native lines. Golden lines in the tests hold them: fields are added, never renamed.

mod parts;

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::Deref;

use serde::{Deserialize, Serialize};

pub(super) use self::parts::{ChangeLine, Door, Laid, Person, RoomFull, RoomOut, Why};
use self::parts::{names, people};
use crate::protocol::{Manner, Notes, Parting, Place, Refusal, Reply, Seen, Sight, Welcome, WireLimits};

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
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) changes: Option<Vec<ChangeLine<'a>>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<Str<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) password: Option<Str<'a>>,
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
    Topic {
        seq: u64,
        at: u64,
        from: Str<'a>,
        hue: u16,
        room: Str<'a>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<Str<'a>>,
    },
    Kicked {
        seq: u64,
        at: u64,
        from: Str<'a>,
        hue: u16,
        room: Str<'a>,
        nick: Str<'a>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<Str<'a>>,
    },
    Invited {
        seq: u64,
        at: u64,
        from: Str<'a>,
        hue: u16,
        room: Str<'a>,
        nick: Str<'a>,
    },
    Changed {
        seq: u64,
        at: u64,
        from: Str<'a>,
        hue: u16,
        room: Str<'a>,
        changes: Vec<ChangeLine<'a>>,
    },
    Killed {
        seq: u64,
        at: u64,
        from: Str<'a>,
        hue: u16,
        nick: Str<'a>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<Str<'a>>,
    },
    Accepted(#[serde(borrow)] Accepted<'a>),
    Refused {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        n: Option<u64>,
        #[serde(default, rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<u64>,
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
    Room(#[serde(borrow)] RoomFull<'a>),
    Oper {
        #[serde(rename = "ref")]
        reference: u64,
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

impl<'a> Out<'a> {
    /// A reply's line; none if it answers what this vocabulary cannot ask.
    pub(super) fn of(reply: &'a Reply) -> Option<Self> {
        Some(match reply {
            Reply::Ping
            | Reply::Described { .. }
            | Reply::Invited { .. }
            | Reply::Was { .. }
            | Reply::Signal { .. }
            | Reply::Watched { .. }
            | Reply::Reached { .. }
            | Reply::Members { .. }
            | Reply::People { .. }
            | Reply::Talk { .. } => {
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
            Reply::Refused { n, why } => refused_line(n.map(|n| n.0), None, why),
            Reply::Denied { reference, why } => refused_line(None, Some(*reference), why),
            Reply::Who { reference, people: here, more } => {
                Self::Who { reference: *reference, people: people(here), more: *more }
            }
            Reply::Rooms { reference, rooms, more } => {
                Self::Rooms { reference: *reference, rooms: rooms.iter().map(RoomOut::from).collect(), more: *more }
            }
            Reply::Room { reference, room } => Self::Room(RoomFull::new(*reference, room)),
            Reply::Oper { reference } => Self::Oper { reference: *reference },
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
            Sight::Topic { room, topic } => {
                Self::Topic { seq, at, from, hue, room: room.into(), text: topic.as_ref().map(Str::from) }
            }
            Sight::Kicked { room, nick, reason } => {
                let (nick, text) = (nick.as_str().into(), reason.as_ref().map(Str::from));
                Self::Kicked { seq, at, from, hue, room: room.into(), nick, text }
            }
            Sight::Invited { room, nick } => {
                Self::Invited { seq, at, from, hue, room: room.into(), nick: nick.as_str().into() }
            }
            Sight::Changed { room, changes } => Self::Changed {
                seq,
                at,
                from,
                hue,
                room: room.into(),
                changes: changes.iter().map(ChangeLine::from).collect(),
            },
            Sight::Killed { nick, reason } => {
                Self::Killed { seq, at, from, hue, nick: nick.as_str().into(), text: reason.as_ref().map(Str::from) }
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

fn refused_line(n: Option<u64>, reference: Option<u64>, why: &Refusal) -> Out<'static> {
    Out::Refused { n, reference, code: why.code().into(), text: why.to_string() }
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
        | Parting::Violation(_)
        | Parting::Killed { .. } => parting.code(),
    };
    Out::Bye { code: code.into(), text: parting.to_string() }
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
