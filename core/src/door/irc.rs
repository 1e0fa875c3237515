//! The IRC vocabulary: for the clients that exist.
//!
//! What many are shown is rendered from an entry and a set of capabilities alone, so it is encoded once per set in use.
//! What one connection is told of its own (numerics, echoes, its private words) is rendered here, with what this door
//! knows of it: its nick, its rooms, and the commands that wait for an answer.
//!
//! Every command is a request, those too whose answer the door knows: so answers come in the order of the commands, and
//! after all that happened before them. A `PONG` is thus a read barrier.

mod answers;
mod caps;
mod commands;
mod history;
mod lines;
mod list;
mod message;
mod modes;
mod monitor;
mod numeric;
mod people;
mod refusals;
mod register;
mod sasl;
mod session;
mod show;
mod stays;
mod welcome;

use alloc::vec::Vec;

pub use self::caps::Caps;
use self::lines::Line;
use self::message::{BODY_BYTES_MAX, Message, TAG_SECTION_BYTES_MAX};
use self::session::{Session, Stage};
use self::show::Showing;
use super::lines::{Line as Read, Lines};
use super::{Door, Style, Violation};
use crate::protocol::{Account, ClientId, Entry, Nick, Reply, Request, RequestId, Room, Seq, Text};

/// The IRC door of one connection.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Irc {
    lines: Lines,
    session: Session,
    /// What was said while a name was being decided on: what it means depends on that.
    held: Vec<u8>,
}

impl Default for Irc {
    fn default() -> Self {
        let lines = Lines::new(TAG_SECTION_BYTES_MAX + BODY_BYTES_MAX + 1);
        Self { lines, session: Session::default(), held: Vec::new() }
    }
}

impl Door for Irc {
    fn decode(&mut self, bytes: &[u8], requests: &mut Vec<Request>) -> Result<(), Violation> {
        let Self { lines, session, held } = self;
        lines.feed(bytes, |line| {
            match line {
                Read::Whole(line) if session.stage == Stage::Deciding => {
                    held.extend_from_slice(line);
                    held.push(b'\n');
                }
                Read::Whole(line) => session.read(Message::parse(line), requests),
                Read::TooLong => session.read(Err(message::Unread::unkept()), requests),
            }
            Ok(())
        })
    }

    fn encode(style: Style, reply: &Reply, out: &mut Vec<u8>) {
        Self::default().answer(style, reply, out); // As to somebody who has said nothing.
    }
}

impl Irc {
    /// Goes on with what was said while a name was being decided on.
    pub(crate) fn go_on(&mut self, requests: &mut Vec<Request>) {
        let held = core::mem::take(&mut self.held);
        let mut lines = held.split(|byte| *byte == b'\n');
        lines.next_back(); // What follows the last line's end.
        for line in lines {
            if self.session.stage == Stage::Deciding {
                self.held.extend_from_slice(line);
                self.held.push(b'\n');
            } else {
                self.session.read(Message::parse(line), requests);
            }
        }
    }

    /// What many are shown in this client's words.
    pub(crate) const fn shared(&self) -> Caps {
        self.session.caps.shared()
    }

    /// The last request read, of those that are to be decided, has this number; none if it was not given to the log.
    pub(crate) fn numbered(&mut self, n: Option<RequestId>) {
        self.session.numbered(n);
    }

    /// Its peer was put out of a room.
    pub(crate) fn put_out(&mut self, room: &Room, seq: Seq) {
        self.session.put_out(room, seq);
    }

    /// These of those who are spoken to next say that they are away, and why.
    pub(crate) fn are_away(&mut self, away: Vec<(Nick, Text)>) {
        self.session.away = away;
    }

    /// Whoever came is known by this.
    pub(crate) fn known_by(&mut self, account: Option<Account>) {
        self.session.account = account;
    }

    /// The name given could not be had.
    pub(crate) fn ask_name_again(&mut self) {
        self.session.ask_name_again();
    }

    /// Adds the lines of an answer.
    pub(crate) fn answer(&mut self, style: Style, reply: &Reply, out: &mut Vec<u8>) {
        write(&self.session.answer(style, reply), out);
    }

    /// A page of what was missed ends here: so does its batch.
    pub(crate) fn end_page(&mut self, out: &mut Vec<u8>) {
        write(&self.session.end_replay(), out);
    }

    /// Adds the lines of an entry that this connection alone is shown: `who`'s own, one that names them, or any when
    /// they read history.
    pub(crate) fn show(&mut self, style: Style, who: ClientId, entry: &Entry, out: &mut Vec<u8>) {
        write(&self.session.show(style, who, entry), out);
    }
}

/// Adds the lines of an entry that everybody in a room is shown who has these capabilities.
pub(crate) fn encode_in_room(caps: Caps, style: Style, entry: &Entry, room: &Room, out: &mut Vec<u8>) {
    write(&Showing { caps, log: style.log }.in_room(entry, room), out);
}

fn write(lines: &[Line], out: &mut Vec<u8>) {
    lines.iter().for_each(|line| line.write(out));
}
