//! The client's side of the native vocabulary.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::super::Violation;
use super::super::lines::{Line, Lines};
use super::wire;
use crate::limits::TEXT_BYTES_MAX;
use crate::protocol::words::is_clean;
use crate::protocol::{
    Ask, Hello, Here, Manner, Nick, Notes, Page, Place, Read, RequestId, Room, RoomLine, Seen, Seq, Sight, Target,
    Text, Unclean, Welcome,
};
use crate::time::WallTime;

/// What a client hears. Every word in it is checked again: a server is not trusted with a terminal either.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Heard {
    /// The session begins.
    Welcome(Box<Welcome>),
    /// Something happened, by somebody else.
    Saw(Arc<Seen>),
    /// A request of one's own is an entry.
    Accepted {
        /// Which request.
        n: RequestId,
        /// Which entry.
        seq: Seq,
        /// When.
        at: WallTime,
        /// What its author alone is told.
        notes: Notes,
        /// The entry, where the client may not know it any more.
        entry: Option<Arc<Seen>>,
    },
    /// A request changed nothing.
    Refused {
        /// Which, if it had a number.
        n: Option<RequestId>,
        /// A short stable name of the reason.
        code: Box<str>,
        /// The reason in words.
        text: Box<str>,
    },
    /// Who is here.
    Who {
        /// From the question.
        reference: u64,
        /// Who.
        people: Vec<Here>,
        /// So many more.
        more: u32,
    },
    /// Which rooms there are.
    Rooms {
        /// From the question.
        reference: u64,
        /// Which.
        rooms: Vec<RoomLine>,
        /// So many more.
        more: u32,
    },
    /// A page of history.
    Page {
        /// From the question.
        reference: u64,
        /// What was found.
        page: Page,
    },
    /// What stands between can no longer be read.
    Missed {
        /// After this entry …
        from: Seq,
        /// … up to this one.
        to: Seq,
    },
    /// Everything up to here was sent.
    Pong {
        /// Up to here.
        head: Seq,
    },
    /// A remark of the server's.
    Notice(Box<str>),
    /// The connection ends.
    Bye {
        /// A short stable name of the reason.
        code: Box<str>,
        /// The reason in words.
        text: Box<str>,
    },
}

/// Longest line a client takes, in bytes: a full roster and a page of history fit.
pub const HEARD_BYTES_MAX: usize = 1_024 * 1_024;

/// The native vocabulary of one connection, as its client uses it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Peer {
    lines: Lines,
    /// The server has said something for programs.
    met: bool,
}

impl Default for Peer {
    fn default() -> Self {
        Self { lines: Lines::new(HEARD_BYTES_MAX), met: false }
    }
}

impl Peer {
    /// Takes in bytes as they came and adds what they complete. What comes before the first `{` is not meant for programs
    /// and skipped (a greeting, perhaps), as is every type of line this version does not know.
    ///
    /// # Errors
    /// [`Violation`] if the server cannot be understood.
    pub fn decode(&mut self, bytes: &[u8], heard: &mut Vec<Heard>) -> Result<(), Violation> {
        let met = &mut self.met;
        self.lines.feed(bytes, |line| match line {
            Line::TooLong => Err(Violation(format!("a line of the server's has over {HEARD_BYTES_MAX} bytes").into())),
            Line::Whole(line) => {
                let skipped = if *met { 0 } else { line.iter().position(|byte| *byte == b'{').unwrap_or(line.len()) };
                let line = &line[skipped..];
                *met |= !line.is_empty();
                heard.extend(decode_line(line)?);
                Ok(())
            }
        })
    }
}

/// Adds a hello.
pub fn encode_hello(hello: &Hello, out: &mut Vec<u8>) {
    let line = wire::In {
        kind: "hello".into(),
        version: Some(hello.version),
        key: Some(hello.key.reveal().to_string().into()),
        nick: Some(hello.nick.as_str().into()),
        after: Some(hello.after.0),
        log: hello.log.map(|log| log.to_string().into()),
        ..wire::In::default()
    };
    wire::write(out, &line);
}

/// Adds a numbered request.
pub fn encode_ask(n: RequestId, seen: Seq, ask: &Ask, out: &mut Vec<u8>) {
    let numbered = wire::In { n: Some(n.0), seen: Some(seen.0), ..wire::In::default() };
    let line = match ask {
        Ask::Say { to, text, manner } => {
            let (room, to) = match to {
                Target::Room(room) => (Some(room.as_str().into()), None),
                Target::People(nicks) => (None, Some(nicks.iter().map(|nick| nick.as_str().into()).collect())),
            };
            let (action, notice) = (*manner == Manner::Action, *manner == Manner::Notice);
            wire::In { kind: "say".into(), room, to, text: Some(text.as_str().into()), action, notice, ..numbered }
        }
        Ask::Join { room } => wire::In { kind: "join".into(), room: Some(room.as_str().into()), ..numbered },
        Ask::Leave { room } => wire::In { kind: "leave".into(), room: Some(room.as_str().into()), ..numbered },
        Ask::Rename { nick } => wire::In { kind: "nick".into(), nick: Some(nick.as_str().into()), ..numbered },
        Ask::Void { .. } => wire::In { kind: "void".into(), ..numbered },
    };
    wire::write(out, &line);
}

/// Adds a question.
pub fn encode_read(reference: u64, read: &Read, out: &mut Vec<u8>) {
    let asked = wire::In { reference: Some(reference), ..wire::In::default() };
    let line = match read {
        Read::Who => wire::In { kind: "who".into(), ..asked },
        Read::Rooms => wire::In { kind: "rooms".into(), ..asked },
        Read::History { room, before, limit } => wire::In {
            kind: "history".into(),
            room: Some(room.as_str().into()),
            before: before.map(|seq| seq.0),
            limit: Some(*limit),
            ..asked
        },
        // Asked at other doors.
        Read::Barrier
        | Read::Members { .. }
        | Read::People { .. }
        | Read::Everyone
        | Read::Talk { .. }
        | Read::Talkers { .. } => return,
    };
    wire::write(out, &line);
}

/// Adds a sign of life.
pub fn encode_ping(out: &mut Vec<u8>) {
    wire::write(out, &wire::In { kind: "ping".into(), ..wire::In::default() });
}

/// Adds a goodbye.
pub fn encode_quit(out: &mut Vec<u8>) {
    wire::write(out, &wire::In { kind: "quit".into(), ..wire::In::default() });
}

fn decode_line(line: &[u8]) -> Result<Option<Heard>, Violation> {
    if line.first() != Some(&b'{') {
        return Ok(None);
    }
    match wire::read(line) {
        Ok(out) => heard(out).map(Some),
        Err(_) if is_unknown_type(line) => Ok(None),
        Err(error) => Err(Violation(format!("the server cannot be understood: {error}").into())),
    }
}

/// Whether a line is well formed and of a type this version does not know.
fn is_unknown_type(line: &[u8]) -> bool {
    const KNOWN: &[&str] = &[
        "welcome", "said", "arrived", "departed", "joined", "left", "renamed", "accepted", "refused", "who", "rooms",
        "page", "missed", "pong", "notice", "bye",
    ];
    serde_json::from_slice::<wire::In<'_>>(line).is_ok_and(|wire| !KNOWN.contains(&&*wire.kind))
}

fn heard(out: wire::Out<'_>) -> Result<Heard, Violation> {
    use wire::Out;
    Ok(match out {
        Out::Welcome { log, you, hue, head, last, rooms, here, more, limits } => Heard::Welcome(Box::new(Welcome {
            log: log.parse().map_err(|error| Violation(format!("the server's log id: {error}").into()))?,
            you: Nick::try_from(&*you)?,
            hue,
            head: Seq(head),
            last: RequestId(last),
            rooms: rooms.iter().map(|room| Room::try_from(&**room)).collect::<Result<_, Unclean>>()?,
            here: here.into_iter().map(person).collect::<Result<_, Violation>>()?,
            more,
            limits,
        })),
        Out::Accepted(wire::Accepted { n, seq, at, unknown, away, alone, entry }) => Heard::Accepted {
            n: RequestId(n),
            seq: Seq(seq),
            at: WallTime(at),
            notes: Notes { unknown: nicks(&unknown)?, away: nicks(&away)?, alone },
            entry: entry.map(|entry| seen(*entry)).transpose()?.flatten(),
        },
        Out::Refused { n, code, text } => {
            Heard::Refused { n: n.map(RequestId), code: printable(&code), text: printable(&text) }
        }
        Out::Who { reference, people, more } => {
            Heard::Who { reference, people: people.into_iter().map(person).collect::<Result<_, Violation>>()?, more }
        }
        Out::Rooms { reference, rooms, more } => {
            Heard::Rooms { reference, rooms: rooms.into_iter().map(room_line).collect::<Result<_, Violation>>()?, more }
        }
        Out::Page { reference, room, entries, more } => {
            let entries =
                entries.into_iter().filter_map(|entry| seen(entry).transpose()).collect::<Result<_, Violation>>()?;
            Heard::Page { reference, page: Page { room: Room::try_from(&*room)?, entries, more } }
        }
        Out::Missed { from, to } => Heard::Missed { from: Seq(from), to: Seq(to) },
        Out::Pong(wire::Pong { head }) => Heard::Pong { head: Seq(head) },
        Out::Notice { text } => Heard::Notice(printable(&text)),
        Out::Bye { code, text } => Heard::Bye { code: printable(&code), text: printable(&text) },
        entry @ (Out::Said(_)
        | Out::Arrived { .. }
        | Out::Departed { .. }
        | Out::Joined { .. }
        | Out::Left { .. }
        | Out::Renamed { .. }) => Heard::Saw(seen(entry)?.expect("an entry")),
    })
}

/// The entry a line tells of; none if it tells of something else.
fn seen(out: wire::Out<'_>) -> Result<Option<Arc<Seen>>, Violation> {
    use wire::Out;
    let (seq, at, from, hue, sight) = match out {
        Out::Said(wire::Said { seq, at, from, hue, room, to, text, action, notice }) => {
            let place = match (to, room) {
                (Some(to), _) => Place::Private(nicks(&to)?),
                (None, Some(room)) => Place::Room(Room::try_from(&*room)?),
                (None, None) => Place::Room(Room::lobby()),
            };
            let manner = match (action, notice) {
                (true, _) => Manner::Action,
                (false, true) => Manner::Notice,
                (false, false) => Manner::Plain,
            };
            (seq, at, from, hue, Sight::Said { place, text: Text::try_from(&*text)?, manner })
        }
        Out::Arrived { seq, at, from, hue, door } => (seq, at, from, hue, Sight::Arrived { door: door.into() }),
        Out::Departed { seq, at, from, hue, why } => (seq, at, from, hue, Sight::Departed { why: why.into() }),
        Out::Joined { seq, at, from, hue, room } => {
            (seq, at, from, hue, Sight::Joined { room: Room::try_from(&*room)? })
        }
        Out::Left { seq, at, from, hue, room } => (seq, at, from, hue, Sight::Left { room: Room::try_from(&*room)? }),
        Out::Renamed { seq, at, from, hue, nick } => {
            (seq, at, from, hue, Sight::Renamed { to: Nick::try_from(&*nick)? })
        }
        Out::Welcome { .. }
        | Out::Accepted(_)
        | Out::Refused { .. }
        | Out::Who { .. }
        | Out::Rooms { .. }
        | Out::Page { .. }
        | Out::Missed { .. }
        | Out::Pong(_)
        | Out::Notice { .. }
        | Out::Bye { .. } => return Ok(None),
    };
    Ok(Some(Arc::new(Seen { seq: Seq(seq), at: WallTime(at), from: Nick::try_from(&*from)?, hue, sight })))
}

fn nicks(names: &[wire::Str<'_>]) -> Result<Vec<Nick>, Violation> {
    names.iter().map(|name| Ok(Nick::try_from(&**name)?)).collect()
}

fn person(person: wire::Person<'_>) -> Result<Here, Violation> {
    let nick = Nick::try_from(&*person.nick)?;
    Ok(Here { nick, hue: person.hue, door: person.door.into(), idle_s: person.idle })
}

fn room_line(room: wire::RoomOut<'_>) -> Result<RoomLine, Violation> {
    Ok(RoomLine { room: Room::try_from(&*room.room)?, here: room.here, members: room.members })
}

/// A remark of the server's as one may print it: without what is not clean, and no longer than a text.
fn printable(text: &str) -> Box<str> {
    let mut clean = alloc::string::String::new();
    for c in text.chars().filter(|c| is_clean(*c)) {
        if clean.len() + c.len_utf8() > TEXT_BYTES_MAX {
            break;
        }
        clean.push(c);
    }
    clean.into()
}

impl From<Unclean> for Violation {
    fn from(unclean: Unclean) -> Self {
        Self(format!("the server sent what may not be shown: {unclean}").into())
    }
}
