//! Doors: bytes on one side, words on the other. Pure, and the only place where bytes are looked at.
//!
//! A door never decides anything and never sees the fold. Whatever arrives, in whatever pieces, it answers with requests,
//! remarks or one [`Violation`]; what it keeps between pieces is at most one line.

pub mod lines;
pub mod native;
pub mod sniff;
pub mod text;
pub mod typed;

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use crate::protocol::{Reply, Request, Through};

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
}

impl AnyDoor {
    pub(crate) fn new(through: Through) -> Self {
        match through {
            Through::Native => Self::Native(native::Native::default()),
            Through::Text => Self::Text(text::Text::default()),
        }
    }

    pub(crate) const fn through(&self) -> Through {
        match self {
            Self::Native(_) => Through::Native,
            Self::Text(_) => Through::Text,
        }
    }

    pub(crate) fn decode(&mut self, bytes: &[u8], requests: &mut Vec<Request>) -> Result<(), Violation> {
        match self {
            Self::Native(door) => door.decode(bytes, requests),
            Self::Text(door) => door.decode(bytes, requests),
        }
    }

    /// Whether somebody at a terminal began a line and did not end it. A program's lines end, or are none.
    pub(crate) const fn has_unended_line(&self) -> bool {
        match self {
            Self::Native(_) => false,
            Self::Text(door) => door.has_unended_line(),
        }
    }

    /// The server takes a password before the name counts. A native client's hello and a door of its own word for it have
    /// their place for that.
    pub(crate) fn ask_password(&mut self) {
        match self {
            Self::Native(_) => {}
            Self::Text(door) => door.ask_password(),
        }
    }

    /// The name given could not be had: the next line is another.
    pub(crate) const fn ask_name_again(&mut self) {
        match self {
            Self::Native(_) => {}
            Self::Text(door) => door.ask_name_again(),
        }
    }
}

/// Adds a reply's bytes in the vocabulary of a door.
pub(crate) fn encode(through: Through, style: Style, reply: &Reply, out: &mut Vec<u8>) {
    match through {
        Through::Native => native::Native::encode(style, reply, out),
        Through::Text => text::Text::encode(style, reply, out),
    }
}
