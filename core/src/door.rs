//! Doors: bytes on one side, words on the other. Pure, and the only place where bytes are looked at.
//!
//! A door never decides anything and never sees the fold. Whatever arrives, in whatever pieces, it answers with requests,
//! remarks or one [`Violation`]; what it keeps between pieces is at most one line.

pub mod irc;
pub mod lines;
pub mod native;
pub mod sniff;
pub mod text;
pub mod typed;

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use self::irc::Caps;
use crate::protocol::{Entry, LogId, Reply, Request, RequestId, Room, Seq, Through};

/// A peer's program broke the rules: its connection ends. Displayed as a sentence that says what was wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation(pub Box<str>);

impl core::error::Error for Violation {}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How this start of a server writes what it says.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct Style {
    /// Seconds east of UTC, for doors that write times of day.
    pub utc_offset_s: i32,
    /// Which log the entries are of, for doors that name entries.
    pub log: Option<LogId>,
}

/// How what many are shown is written: one ring of a room for each that is in use.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Vocabulary {
    /// One JSON value per line.
    Native,
    /// Plain lines.
    Text,
    /// IRC, for clients with these capabilities of those that make a difference.
    Irc(Caps),
}

impl Vocabulary {
    /// How many there are.
    pub const COUNT: usize = 2 + Caps::SHARED_SETS;

    /// Its number, below [`COUNT`](Self::COUNT).
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::Native => 0,
            Self::Text => 1,
            Self::Irc(caps) => 2 + caps.shared_index(),
        }
    }

    /// The one with a number.
    #[must_use]
    pub const fn of_index(index: usize) -> Self {
        match index {
            0 => Self::Native,
            1 => Self::Text,
            index => Self::Irc(Caps::of_shared_index(index - 2)),
        }
    }
}

/// One vocabulary.
pub trait Door {
    /// Takes in bytes as they came and adds the requests they complete.
    ///
    /// # Errors
    /// [`Violation`] if the peer cannot be understood any more. The requests added before stand.
    fn decode(&mut self, bytes: &[u8], requests: &mut Vec<Request>) -> Result<(), Violation>;

    /// Adds a reply's bytes: none, if this vocabulary does not speak of it.
    ///
    /// It depends on nothing but its arguments, so that what many are told is encoded once.
    fn encode(style: Style, reply: &Reply, out: &mut Vec<u8>);
}

/// The door of one connection.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum AnyDoor {
    Native(native::Native),
    Text(text::Text),
    Irc(Box<irc::Irc>),
}

impl AnyDoor {
    pub(crate) fn new(through: Through) -> Self {
        match through {
            Through::Native => Self::Native(native::Native::default()),
            Through::Text => Self::Text(text::Text::default()),
            Through::Irc => Self::Irc(Box::default()),
        }
    }

    pub(crate) const fn through(&self) -> Through {
        match self {
            Self::Native(_) => Through::Native,
            Self::Text(_) => Through::Text,
            Self::Irc(_) => Through::Irc,
        }
    }

    pub(crate) const fn vocabulary(&self) -> Vocabulary {
        match self {
            Self::Native(_) => Vocabulary::Native,
            Self::Text(_) => Vocabulary::Text,
            Self::Irc(door) => Vocabulary::Irc(door.shared()),
        }
    }

    pub(crate) fn decode(&mut self, bytes: &[u8], requests: &mut Vec<Request>) -> Result<(), Violation> {
        match self {
            Self::Native(door) => door.decode(bytes, requests),
            Self::Text(door) => door.decode(bytes, requests),
            Self::Irc(door) => door.decode(bytes, requests),
        }
    }

    /// Goes on with what was said while it was not known who is there.
    pub(crate) fn go_on(&mut self, requests: &mut Vec<Request>) {
        match self {
            Self::Native(_) | Self::Text(_) => {}
            Self::Irc(door) => door.go_on(requests),
        }
    }

    /// The number of the oldest request that has none; none if it will not be decided.
    pub(crate) fn numbered(&mut self, n: Option<RequestId>) {
        match self {
            Self::Native(_) | Self::Text(_) => {}
            Self::Irc(door) => door.numbered(n),
        }
    }

    /// Its peer was put out of a room.
    pub(crate) fn put_out(&mut self, room: &Room, seq: Seq) {
        match self {
            Self::Native(_) | Self::Text(_) => {}
            Self::Irc(door) => door.put_out(room, seq),
        }
    }

    /// Whether somebody at a terminal began a line and did not end it. A program's lines end, or are none.
    pub(crate) const fn has_unended_line(&self) -> bool {
        match self {
            Self::Native(_) | Self::Irc(_) => false,
            Self::Text(door) => door.has_unended_line(),
        }
    }

    /// The server takes a password before the name counts. A native client's hello and a door of its own word for it have
    /// their place for that.
    pub(crate) fn ask_password(&mut self) {
        match self {
            Self::Native(_) | Self::Irc(_) => {}
            Self::Text(door) => door.ask_password(),
        }
    }

    /// The name given could not be had: the next line is another.
    pub(crate) fn ask_name_again(&mut self) {
        match self {
            Self::Native(_) => {}
            Self::Text(door) => door.ask_name_again(),
            Self::Irc(door) => door.ask_name_again(),
        }
    }
}

/// Adds a reply's bytes for one connection, through its door if that is known.
pub(crate) fn answer(door: Option<&mut AnyDoor>, style: Style, reply: &Reply, out: &mut Vec<u8>) {
    match door {
        Some(AnyDoor::Native(_)) => native::Native::encode(style, reply, out),
        Some(AnyDoor::Text(_)) | None => text::Text::encode(style, reply, out),
        Some(AnyDoor::Irc(door)) => door.answer(style, reply, out),
    }
}

/// Adds the bytes of an entry for all in a room. `saw` is the entry as a reply.
pub(crate) fn encode_in_room(
    vocabulary: Vocabulary,
    style: Style,
    (entry, saw): (&Entry, &Reply),
    room: &Room,
    out: &mut Vec<u8>,
) {
    match vocabulary {
        Vocabulary::Native => native::Native::encode(style, saw, out),
        Vocabulary::Text => text::Text::encode(style, saw, out),
        Vocabulary::Irc(caps) => irc::encode_in_room(caps, style, entry, room, out),
    }
}
