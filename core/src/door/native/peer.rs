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
    Ask, Brief, Change, Hello, Here, Manner, Mask, Masked, Member, Nick, Notes, Page, Place, Read, RequestId, Room,
    RoomKey, RoomLine, RoomView, Secret, Seen, Seq, SetBy, Sight, Target, Text, Topic, Unclean, Welcome,
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
    /// A question is not granted.
    Denied {
        /// From the question.
        reference: u64,
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
    /// A room in full.
    Room {
        /// From the question.
        reference: u64,
        /// The room.
        room: Box<RoomView>,
    },
    /// One operates the server from here on.
    Oper {
        /// From the request.
        reference: u64,
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
        password: hello.password.as_ref().map(|password| password.reveal().into()),
        ..wire::In::default()
    };
    wire::write(out, &line);
}

/// Adds a numbered request.
pub fn encode_ask(n: RequestId, seen: Seq, ask: &Ask, out: &mut Vec<u8>) {
    let numbered = wire::In { n: Some(n.0), seen: Some(seen.0), ..wire::In::default() };
    let line = match ask {
        Ask::Say { to, text, manner } | Ask::SayWith { to, text, manner, tags: _ } => {
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
        Ask::Unlock { room, key } => {
            wire::In { kind: "join".into(), room: Some(room.into()), key: Some(key.as_str().into()), ..numbered }
        }
        Ask::Topic { room, topic } => wire::In {
            kind: "topic".into(),
            room: Some(room.into()),
            text: topic.as_ref().map(wire::Str::from),
            ..numbered
        },
        Ask::Kick { room, nick, reason } => wire::In {
            kind: "kick".into(),
            room: Some(room.into()),
            nick: Some(nick.as_str().into()),
            text: reason.as_ref().map(wire::Str::from),
            ..numbered
        },
        Ask::Invite { room, nick } => {
            wire::In { kind: "invite".into(), room: Some(room.into()), nick: Some(nick.as_str().into()), ..numbered }
        }
        Ask::Change { room, changes } => wire::In {
            kind: "change".into(),
            room: Some(room.into()),
            changes: Some(changes.iter().map(wire::ChangeLine::from).collect()),
            ..numbered
        },
        Ask::Kill { nick, reason } => wire::In {
            kind: "kill".into(),
            nick: Some(nick.as_str().into()),
            text: reason.as_ref().map(wire::Str::from),
            ..numbered
        },
    };
    wire::write(out, &line);
}

/// Adds a question.
pub fn encode_read(reference: u64, read: &Read, out: &mut Vec<u8>) {
    let asked = wire::In { reference: Some(reference), ..wire::In::default() };
    let line = match read {
        Read::Who => wire::In { kind: "who".into(), ..asked },
        Read::Rooms => wire::In { kind: "rooms".into(), ..asked },
        Read::Room { room } => wire::In { kind: "room".into(), room: Some(room.into()), ..asked },
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
        | Read::Was { .. }
        | Read::Watch { .. }
        | Read::Everyone
        | Read::Talk { .. }
        | Read::Talkers { .. } => return,
    };
    wire::write(out, &line);
}

/// Adds what shows that somebody operates the server.
pub fn encode_oper(reference: u64, name: &str, password: &Secret, out: &mut Vec<u8>) {
    let line = wire::In {
        kind: "oper".into(),
        reference: Some(reference),
        name: Some(name.into()),
        password: Some(password.reveal().into()),
        ..wire::In::default()
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
        "welcome", "said", "arrived", "departed", "joined", "left", "renamed", "topic", "kicked", "invited", "changed",
        "killed", "accepted", "refused", "who", "rooms", "room", "oper", "page", "missed", "pong", "notice", "bye",
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
        Out::Refused { n: None, reference: Some(reference), code, text } => {
            Heard::Denied { reference, code: printable(&code), text: printable(&text) }
        }
        Out::Refused { n, reference: _, code, text } => {
            Heard::Refused { n: n.map(RequestId), code: printable(&code), text: printable(&text) }
        }
        Out::Who { reference, people, more } => {
            Heard::Who { reference, people: people.into_iter().map(person).collect::<Result<_, Violation>>()?, more }
        }
        Out::Rooms { reference, rooms, more } => {
            Heard::Rooms { reference, rooms: rooms.into_iter().map(room_line).collect::<Result<_, Violation>>()?, more }
        }
        Out::Room(room) => Heard::Room { reference: room.reference, room: Box::new(room_view(room)?) },
        Out::Oper { reference } => Heard::Oper { reference },
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
        | Out::Renamed { .. }
        | Out::Topic { .. }
        | Out::Kicked { .. }
        | Out::Invited { .. }
        | Out::Changed { .. }
        | Out::Killed { .. }) => Heard::Saw(seen(entry)?.expect("an entry")),
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
        Out::Topic { seq, at, from, hue, room, text } => {
            (seq, at, from, hue, Sight::Topic { room: Room::try_from(&*room)?, topic: brief(text.as_ref())? })
        }
        Out::Kicked { seq, at, from, hue, room, nick, text } => {
            let (room, nick, reason) = (Room::try_from(&*room)?, Nick::try_from(&*nick)?, brief(text.as_ref())?);
            (seq, at, from, hue, Sight::Kicked { room, nick, reason })
        }
        Out::Invited { seq, at, from, hue, room, nick } => {
            (seq, at, from, hue, Sight::Invited { room: Room::try_from(&*room)?, nick: Nick::try_from(&*nick)? })
        }
        Out::Changed { seq, at, from, hue, room, changes } => {
            // What a later version changes and this one does not know is left out.
            let changes: Vec<Change> = changes.iter().filter_map(|change| change.change().ok()).collect();
            (seq, at, from, hue, Sight::Changed { room: Room::try_from(&*room)?, changes })
        }
        Out::Killed { seq, at, from, hue, nick, text } => {
            (seq, at, from, hue, Sight::Killed { nick: Nick::try_from(&*nick)?, reason: brief(text.as_ref())? })
        }
        Out::Welcome { .. }
        | Out::Accepted(_)
        | Out::Refused { .. }
        | Out::Who { .. }
        | Out::Rooms { .. }
        | Out::Room(_)
        | Out::Oper { .. }
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
    let room = |room: &wire::Str<'_>| Ok::<_, Violation>(Room::try_from(&**room)?);
    let shared = person.rooms.map(|rooms| rooms.iter().map(room).collect::<Result<_, Violation>>()).transpose()?;
    Ok(Here { nick, hue: person.hue, door: person.door.into(), idle_s: person.idle, shared })
}

fn room_line(room: wire::RoomOut<'_>) -> Result<RoomLine, Violation> {
    let topic = brief(room.topic.as_ref())?;
    Ok(RoomLine { room: Room::try_from(&*room.room)?, here: room.here, members: room.members, topic })
}

fn brief(text: Option<&wire::Str<'_>>) -> Result<Option<Brief>, Violation> {
    Ok(text.map(|text| Brief::try_from(&**text)).transpose()?)
}

fn room_view(room: wire::RoomFull<'_>) -> Result<RoomView, Violation> {
    let set =
        |laid: &wire::Laid<'_>| Ok::<_, Violation>(SetBy { nick: Nick::try_from(&*laid.by)?, at: WallTime(laid.at) });
    let topic =
        |laid: &wire::Laid<'_>| Ok::<_, Violation>(Topic { text: Brief::try_from(&*laid.text)?, set: set(laid)? });
    let masked =
        |laid: &wire::Laid<'_>| Ok::<_, Violation>(Masked { mask: Mask::try_from(&*laid.text)?, set: set(laid)? });
    let member = |one: wire::Person<'_>| {
        let role = one.role.map(Into::into);
        Ok::<_, Violation>(Member { here: person(one)?, role })
    };
    Ok(RoomView {
        room: Room::try_from(&*room.room)?,
        topic: room.topic.as_ref().map(topic).transpose()?,
        flags: room.modes.into_iter().map(Into::into).collect(),
        keyed: room.keyed,
        key: room.key.map(|key| RoomKey::try_from(&*key)).transpose()?,
        limit: room.limit,
        bans: room.bans.iter().map(masked).collect::<Result<_, Violation>>()?,
        mutes: room.mutes.iter().map(masked).collect::<Result<_, Violation>>()?,
        here: room.here.into_iter().map(member).collect::<Result<_, Violation>>()?,
        more: room.more,
        members: room.members,
    })
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
