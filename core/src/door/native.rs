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
use crate::limits::{LINE_BYTES_MAX, PEOPLE_NAMED_MAX};
use crate::protocol::{
    Ask, Hello, Manner, Nick, Notice, Read, Reply, Request, RequestId, Room, Seq, Target, Text, Unacceptable,
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
        ("who" | "rooms" | "history", _) => read(&wire),
        (_, Some(n)) => {
            let ask = ask(&wire).unwrap_or_else(|why| Ask::Void { why });
            Ok(Request::Numbered { n: RequestId(n), seen: Seq(wire.seen.unwrap_or(0)), ask })
        }
        ("say" | "join" | "leave" | "nick", None) => {
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
    })
}

fn read(wire: &wire::In<'_>) -> Result<Request, Violation> {
    let reference = wire.reference.unwrap_or(0);
    let read = match &*wire.kind {
        "who" => Read::Who,
        "rooms" => Read::Rooms,
        _ => {
            let name = wire.room.as_deref().unwrap_or(Room::LOBBY);
            match Room::try_from(name) {
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
        "join" if wire.room.is_some() => Ok(Ask::Join { room: room()? }),
        "leave" if wire.room.is_some() => Ok(Ask::Leave { room: room()? }),
        "join" | "leave" => Err(missing("room")),
        "nick" => {
            let nick = wire.nick.as_ref().ok_or_else(|| missing("nick"))?;
            Ok(Ask::Rename { nick: Nick::try_from(&**nick).map_err(Unacceptable::Unclean)? })
        }
        _ => Err(Unacceptable::UnknownKind),
    }
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
