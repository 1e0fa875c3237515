//! The native vocabulary: one JSON value per line, both ways. docs/protocol.md is its reference.
//!
//! This is the server's side; [`peer`] is the client's.

pub mod peer;
mod wire;

use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

use super::lines::{Line, Lines};
use super::{Door, Style, Violation};
use crate::limits::{CHANGES_MAX, LINE_BYTES_MAX, PEOPLE_NAMED_MAX};
use crate::protocol::{
    Ask, Brief, Hello, Manner, Nick, Notice, Read, Reply, Request, RequestId, Room, RoomKey, Secret, Seq, Target, Text,
    Unacceptable,
};

/// The native door of one connection.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Native {
    lines: Lines,
}

impl Default for Native {
    fn default() -> Self {
        Self { lines: Lines::new(LINE_BYTES_MAX) }
    }
}

impl Door for Native {
    fn decode(&mut self, bytes: &[u8], requests: &mut Vec<Request>) -> Result<(), Violation> {
        self.lines.feed(bytes, |line| {
            let line = match line {
                Line::Whole(line) => line,
                Line::TooLong => return Err(Violation(format!("a line has at most {LINE_BYTES_MAX} bytes").into())),
            };
            if !line.trim_ascii().is_empty() {
                requests.push(decode_line(line)?);
            }
            Ok(())
        })
    }

    fn encode(_: Style, reply: &Reply, out: &mut Vec<u8>) {
        if let Some(line) = wire::Out::of(reply) {
            wire::write(out, &line);
        }
    }
}

fn decode_line(line: &[u8]) -> Result<Request, Violation> {
    let wire: wire::In<'_> =
        serde_json::from_slice(line).map_err(|error| Violation(format!("this is not a request: {error}").into()))?;
    match (&*wire.kind, wire.n) {
        ("hello", _) => hello(&wire).map(Request::Hello),
        ("ping", _) => Ok(Request::Ping),
        ("quit", _) => Ok(Request::Quit),
        ("who" | "rooms" | "room" | "history", _) => read(&wire),
        ("oper", _) => oper(&wire),
        (_, Some(n)) => {
            let ask = ask(&wire).unwrap_or_else(|why| Ask::Void { why });
            Ok(Request::Numbered { n: RequestId(n), seen: Seq(wire.seen.unwrap_or(0)), ask })
        }
        ("say" | "join" | "leave" | "nick" | "topic" | "kick" | "invite" | "change" | "kill", None) => {
            Err(Violation(format!("a request of type \"{}\" needs a number: the field \"n\"", &*wire.kind).into()))
        }
        (_, None) => Err(Violation("this server does not know that type of request, and it has no number".into())),
    }
}

fn hello(wire: &wire::In<'_>) -> Result<Hello, Violation> {
    let field = |name: &str| Violation(format!("hello needs the field \"{name}\"").into());
    let wrong = |name: &str, why: &dyn core::fmt::Display| Violation(format!("hello's \"{name}\": {why}").into());
    let key = wire.key.as_ref().ok_or_else(|| field("key"))?;
    let nick = wire.nick.as_ref().ok_or_else(|| field("nick"))?;
    let log = match &wire.log {
        Some(log) => Some(log.parse().map_err(|error| wrong("log", &error))?),
        None => None,
    };
    Ok(Hello {
        version: wire.version.ok_or_else(|| field("version"))?,
        key: key.parse().map_err(|error| wrong("key", &error))?,
        nick: Nick::try_from(&**nick).map_err(|error| wrong("nick", &error))?,
        after: Seq(wire.after.unwrap_or(0)),
        log,
        password: wire.password.as_deref().map(Secret::new),
    })
}

fn oper(wire: &wire::In<'_>) -> Result<Request, Violation> {
    let field = |name: &str| Violation(format!("oper needs the field \"{name}\"").into());
    let name = wire.name.as_deref().ok_or_else(|| field("name"))?;
    let password = wire.password.as_deref().ok_or_else(|| field("password"))?;
    let reference = wire.reference.unwrap_or(0);
    Ok(Request::Oper { reference, name: name.into(), password: Secret::new(password) })
}

fn read(wire: &wire::In<'_>) -> Result<Request, Violation> {
    let reference = wire.reference.unwrap_or(0);
    let read = match &*wire.kind {
        "who" => Read::Who,
        "rooms" => Read::Rooms,
        kind => {
            let name = wire.room.as_deref().unwrap_or(Room::LOBBY);
            match Room::try_from(name) {
                Ok(room) if kind == "room" => Read::Room { room },
                Ok(room) => {
                    let limit = wire.limit.unwrap_or(super::typed::HISTORY_LINES);
                    Read::History { room, before: wire.before.map(Seq), limit }
                }
                Err(unclean) => return Ok(Request::Remark(Notice::NotSent(unclean.into()))),
            }
        }
    };
    Ok(Request::Read { reference, read })
}

fn ask(wire: &wire::In<'_>) -> Result<Ask, Unacceptable> {
    let missing = |field: &str| Unacceptable::Missing { field: Box::from(field) };
    let room = || Room::try_from(wire.room.as_deref().unwrap_or(Room::LOBBY)).map_err(Unacceptable::Unclean);
    match &*wire.kind {
        "say" => {
            let text = wire.text.as_ref().ok_or_else(|| missing("text"))?;
            let manner = match (wire.action, wire.notice) {
                (true, _) => Manner::Action,
                (false, true) => Manner::Notice,
                (false, false) => Manner::Plain,
            };
            let to = match &wire.to {
                Some(names) => Target::People(people(names)?),
                None => Target::Room(room()?),
            };
            Ok(Ask::Say { to, text: Text::try_from(&**text).map_err(Unacceptable::Unclean)?, manner })
        }
        "join" if wire.room.is_some() => match &wire.key {
            Some(key) => {
                Ok(Ask::Unlock { room: room()?, key: RoomKey::try_from(&**key).map_err(Unacceptable::Unclean)? })
            }
            None => Ok(Ask::Join { room: room()? }),
        },
        "leave" if wire.room.is_some() => Ok(Ask::Leave { room: room()? }),
        "join" | "leave" => Err(missing("room")),
        "nick" => {
            let nick = wire.nick.as_ref().ok_or_else(|| missing("nick"))?;
            Ok(Ask::Rename { nick: Nick::try_from(&**nick).map_err(Unacceptable::Unclean)? })
        }
        "topic" | "kick" | "invite" | "change" | "kill" => keep(wire),
        _ => Err(Unacceptable::UnknownKind),
    }
}

/// What keeps rooms in order.
fn keep(wire: &wire::In<'_>) -> Result<Ask, Unacceptable> {
    let missing = |field: &str| Unacceptable::Missing { field: Box::from(field) };
    let room = || Room::try_from(wire.room.as_deref().unwrap_or(Room::LOBBY)).map_err(Unacceptable::Unclean);
    let nick = || {
        let nick = wire.nick.as_ref().ok_or_else(|| missing("nick"))?;
        Nick::try_from(&**nick).map_err(Unacceptable::Unclean)
    };
    // An empty text takes it back.
    let text = wire.text.as_deref().filter(|text| !text.trim().is_empty());
    let text = text.map(Brief::try_from).transpose().map_err(Unacceptable::Unclean)?;
    Ok(match &*wire.kind {
        "topic" => Ask::Topic { room: room()?, topic: text },
        "kick" => Ask::Kick { room: room()?, nick: nick()?, reason: text },
        "invite" => Ask::Invite { room: room()?, nick: nick()? },
        "kill" => Ask::Kill { nick: nick()?, reason: text },
        _ => {
            let changes = wire.changes.as_ref().ok_or_else(|| missing("changes"))?;
            if changes.is_empty() || changes.len() > CHANGES_MAX {
                return Err(Unacceptable::TooManyChanges { max: u32::try_from(CHANGES_MAX).expect("a small number") });
            }
            Ask::Change {
                room: room()?,
                changes: changes.iter().map(wire::ChangeLine::change).collect::<Result<_, _>>()?,
            }
        }
    })
}

fn people(names: &[wire::Str<'_>]) -> Result<Vec<Nick>, Unacceptable> {
    if names.len() > PEOPLE_NAMED_MAX {
        return Err(Unacceptable::TooManyPeople { max: u32::try_from(PEOPLE_NAMED_MAX).expect("a small number") });
    }
    if names.is_empty() {
        return Err(Unacceptable::Missing { field: "to".into() });
    }
    names.iter().map(|name| Nick::try_from(&**name).map_err(Unacceptable::Unclean)).collect()
}
