//! What people read, the same in every face: sentences for entries, notes and rosters, and the rows of a transcript.

mod transcript;

use core::fmt;

pub use self::transcript::{Row, RowText, Transcript, Waiting};
use crate::protocol::words::listed;
use crate::protocol::{Here, Leaving, Manner, Nick, Notes, Notice, Place, Room, RoomLine, Seen, Sight, Text};

/// One line for an entry: `09:42 bob: hello`, `09:41 * hasan, joined chat room`.
#[derive(Clone, Copy, Debug)]
pub struct Plain<'a> {
    /// The entry.
    pub seen: &'a Seen,
    /// Seconds east of UTC.
    pub utc_offset_s: i32,
}

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.seen.at.hours_minutes(self.utc_offset_s), Telling(self.seen))
    }
}

/// An entry in words, without its time: `bob: hello`, `* hasan, joined chat room`.
#[derive(Clone, Copy, Debug)]
pub struct Telling<'a>(pub &'a Seen);

impl fmt::Display for Telling<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let from = &self.0.from;
        match &self.0.sight {
            Sight::Arrived { .. } => write!(f, "* {from}, joined chat room"),
            Sight::Departed { why: Leaving::Quit } => write!(f, "* {from} left"),
            Sight::Departed { why: Leaving::Lost } => write!(f, "* {from} left (connection lost)"),
            Sight::Joined { room } => write!(f, "* {from} joined {room}"),
            Sight::Left { room } => write!(f, "* {from} left {room}"),
            Sight::Renamed { to } => write!(f, "* {from} is called {to} from here on"),
            Sight::Said { place, text, manner } => said(f, from, place, text, *manner),
        }
    }
}

fn said(f: &mut fmt::Formatter<'_>, from: &Nick, place: &Place, text: &Text, manner: Manner) -> fmt::Result {
    if let Place::Room(room) = place
        && !room.is_lobby()
        && !planted!("view_hides_the_room")
    {
        write!(f, "{room} ")?;
    }
    match (place, manner) {
        (Place::Room(_), Manner::Plain) => write!(f, "{from}: {text}"),
        (Place::Room(_), Manner::Action) => write!(f, "* {from} {text}"),
        (Place::Private(people), Manner::Plain) => write!(f, "{from} → {}: {text}", listed(people)),
        (Place::Private(people), Manner::Action) => write!(f, "{from} → {}: * {from} {text}", listed(people)),
    }
}

/// What an author alone is told with an acceptance: empty, if there is nothing to tell.
#[derive(Clone, Copy, Debug)]
pub struct Noted<'a> {
    /// What.
    pub notes: &'a Notes,
    /// The room it was said in, if that is known.
    pub room: Option<&'a Room>,
}

impl fmt::Display for Noted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Notes { unknown, away, alone } = self.notes;
        match self.room.filter(|room| !room.is_lobby()) {
            Some(room) if *alone => return write!(f, "You are alone in {room}"),
            None if *alone => return f.write_str("You are alone in server"),
            Some(_) | None => {}
        }
        if !unknown.is_empty() {
            let verb = if unknown.len() == 1 { "is" } else { "are" };
            write!(f, "{} {verb} not here; the others got it", listed(unknown))?;
        }
        if !unknown.is_empty() && !away.is_empty() {
            f.write_str("; ")?;
        }
        if !away.is_empty() {
            let verb = if away.len() == 1 { "is away and gets" } else { "are away and get" };
            write!(f, "{} {verb} it on return", listed(away))?;
        }
        Ok(())
    }
}

/// Who is online, in a line: `online: ada, bob`.
#[derive(Clone, Copy, Debug)]
pub struct Online<'a> {
    /// Who.
    pub here: &'a [Here],
    /// So many more.
    pub more: u32,
}

impl fmt::Display for Online<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "online: {}", listed(self.here.iter().map(|here| &here.nick)))?;
        and_more(f, self.more)
    }
}

/// Somebody who is here, in a line: `ada   text   idle 3 s`.
#[derive(Clone, Copy, Debug)]
pub struct HereLine<'a>(pub &'a Here);

impl fmt::Display for HereLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  by {}", self.0.nick, self.0.door)?;
        match self.0.idle_s {
            None => f.write_str(", connection lost"),
            Some(idle) if idle < 60 => Ok(()),
            Some(idle) if idle < 3_600 => write!(f, ", idle {} min", idle / 60),
            Some(idle) => write!(f, ", idle {} h", idle / 3_600),
        }
    }
}

/// A room, in a line: `#bench4  2 here, 5 members`.
#[derive(Clone, Copy, Debug)]
pub struct RoomCounted<'a>(pub &'a RoomLine);

impl fmt::Display for RoomCounted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  {} here, {} members", self.0.room, self.0.here, self.0.members)
    }
}

/// The end of a list that is longer than what is shown.
pub(crate) fn and_more(f: &mut fmt::Formatter<'_>, more: u32) -> fmt::Result {
    if more > 0 { write!(f, " and {more} more") } else { Ok(()) }
}

/// What comes after a page of history: how to read on.
#[derive(Clone, Copy, Debug)]
pub struct PageEnd<'a> {
    /// Which room.
    pub room: &'a Room,
    /// The first entry of the page, if it had one.
    pub first: Option<crate::protocol::Seq>,
    /// Whether there is more before it.
    pub more: bool,
}

impl fmt::Display for PageEnd<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.first {
            None => write!(f, "nothing was said in {}", self.room),
            Some(first) if self.more => write!(f, "further back: /history {} {first}", self.room),
            Some(_) => write!(f, "that is the beginning of {}", self.room),
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AskName => f.write_str("welcome to causerie. your name?"),
            Self::AskNameAgain(why) => write!(f, "{why}. your name?"),
            Self::Renamed { was, you } => write!(f, "{was} was taken while you were away; you are {you} from here on"),
            Self::NotStoring => {
                f.write_str("not storing: the server's disk failed; nothing is accepted until it is restarted")
            }
            Self::Unreadable => f.write_str("this page of history cannot be read; the server's operator has to look"),
            Self::LineTooLong { max } => write!(f, "not sent: a line has at most {max} bytes"),
            Self::NotUtf8 => f.write_str("not sent: the line is not UTF-8; set your terminal to UTF-8"),
            Self::NotSent(why) => write!(f, "not sent: {why}"),
            Self::LinesDropped(1) => f.write_str("the line after that name was not sent"),
            Self::LinesDropped(lines) => write!(f, "the {lines} lines after that name were not sent"),
            Self::UnknownCommand(command) => write!(f, "there is no command {command}; /help lists them"),
            Self::Usage(usage) => write!(f, "not sent; it goes like this: {usage}"),
            Self::Help => f.write_str("/help"),
        }
    }
}
