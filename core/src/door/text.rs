//! The text vocabulary: lines for people at netcat or telnet. The first line is the name; [`typed`](super::typed) says
//! what the others can be.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::lines::{Line, Lines};
use super::typed::{HELP, Typed, understand};
use super::{Door, Style, Violation};
use crate::limits::LINE_BYTES_MAX;
use crate::protocol::{Ask, Nick, Notice, Place, Reply, Request, Room, Secret, Seen, Sight};
use crate::view::{HereLine, Noted, OPERATES, Online, PageEnd, Plain, RoomCounted, RoomLines};

/// The text door of one connection.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Text {
    telnet: Telnet,
    lines: Lines,
    reader: Reader,
    /// What is left of the bytes once telnet's own are taken out.
    plain: Vec<u8>,
    /// The peer pressed Ctrl-C: it is not listened to any more.
    interrupted: bool,
}

impl Default for Text {
    fn default() -> Self {
        Self {
            telnet: Telnet::Data,
            lines: Lines::new(LINE_BYTES_MAX),
            reader: Reader { password: None, named: false, room: Room::lobby() },
            plain: Vec::new(),
            interrupted: false,
        }
    }
}

impl Text {
    /// Whether a line was begun and not ended.
    pub(crate) const fn has_unended_line(&self) -> bool {
        self.lines.has_unended()
    }

    /// The server takes a password: the line after the name is one.
    pub(crate) fn ask_password(&mut self) {
        self.reader.password = Some(None);
    }

    /// The name given could not be had: the next line is another.
    pub(crate) const fn ask_name_again(&mut self) {
        self.reader.named = false;
    }
}

impl Door for Text {
    fn decode(&mut self, bytes: &[u8], requests: &mut Vec<Request>) -> Result<(), Violation> {
        if self.interrupted {
            return Ok(());
        }
        self.plain.clear();
        self.interrupted = bytes.iter().any(|byte| self.telnet.take(*byte, &mut self.plain));
        let reader = &mut self.reader;
        self.lines.feed(&self.plain, |line| {
            requests.extend(reader.read(line));
            Ok(())
        })?;
        if self.interrupted {
            requests.push(Request::Quit);
        }
        Ok(())
    }

    fn encode(style: Style, reply: &Reply, out: &mut Vec<u8>) {
        let mut say = |line: &dyn core::fmt::Display| {
            out.extend_from_slice(line.to_string().as_bytes());
            out.push(b'\n');
        };
        match reply {
            Reply::Welcome(welcome) => {
                say(&format_args!("{}, Welcome to chat room", welcome.you));
                match welcome.here.len() {
                    0 | 1 => say(&"* You are alone in server"),
                    _ => say(&format_args!("* {}", Online { here: &welcome.here, more: welcome.more })),
                }
            }
            Reply::Saw(seen) => say(&Plain { seen, utc_offset_s: style.utc_offset_s }),
            Reply::Accepted { notes, at, entry, .. } => {
                let room = entry.as_ref().and_then(|seen| room_of(seen));
                let noted = Noted { notes, room }.to_string();
                if !noted.is_empty() {
                    say(&format_args!("{} * {noted}", at.hours_minutes(style.utc_offset_s)));
                }
            }
            Reply::Refused { why, .. } => say(&format_args!("* not sent: {why}")),
            Reply::Who { people, more, .. } => {
                people.iter().for_each(|here| say(&format_args!("* {}", HereLine(here))));
                say_more(&mut say, *more);
            }
            Reply::Rooms { rooms, more, .. } => {
                rooms.iter().for_each(|room| say(&format_args!("* {}", RoomCounted(room))));
                say_more(&mut say, *more);
            }
            Reply::Room { room: view, .. } => {
                let lines = RoomLines { view, utc_offset_s: style.utc_offset_s };
                lines.each(|line| say(&format_args!("* {line}")));
            }
            Reply::Oper { .. } => say(&format_args!("* {OPERATES}")),
            Reply::Denied { why, .. } => say(&format_args!("* {why}")),
            Reply::Page { page, .. } => {
                page.entries.iter().for_each(|seen| say(&Plain { seen, utc_offset_s: style.utc_offset_s }));
                let first = page.entries.first().map(|seen| seen.seq);
                say(&format_args!("* {}", PageEnd { room: &page.room, first, more: page.more }));
            }
            Reply::Missed { from, to } => {
                say(&format_args!("* what stands after {from} and up to {to} is no longer kept"))
            }
            Reply::Pong { .. }
            | Reply::Ping
            | Reply::Described { .. }
            | Reply::Invited { .. }
            | Reply::Was { .. }
            | Reply::Signal { .. }
            | Reply::Watched { .. }
            | Reply::Reached { .. } => {}
            Reply::Members { .. } | Reply::People { .. } | Reply::Talk { .. } => {} // Answers to what is not asked at this door.
            Reply::Notice(notice) => encode_notice(notice, out),
            Reply::Bye(parting) => say(parting),
        }
    }
}

/// The room an entry was said in.
fn room_of(seen: &Seen) -> Option<&Room> {
    match &seen.sight {
        Sight::Said { place: Place::Room(room), .. } => Some(room),
        Sight::Said { place: Place::Private(_), .. }
        | Sight::Arrived { .. }
        | Sight::Departed { .. }
        | Sight::Joined { .. }
        | Sight::Left { .. }
        | Sight::Renamed { .. }
        | Sight::Topic { .. }
        | Sight::Kicked { .. }
        | Sight::Invited { .. }
        | Sight::Changed { .. }
        | Sight::Killed { .. } => None,
    }
}

fn say_more(say: &mut dyn FnMut(&dyn core::fmt::Display), more: u32) {
    if more > 0 {
        say(&format_args!("* and {more} more"));
    }
}

fn encode_notice(notice: &Notice, out: &mut Vec<u8>) {
    match notice {
        Notice::AskName | Notice::AskNameAgain(_) | Notice::AskPassword => {
            out.extend_from_slice(notice.to_string().as_bytes());
            out.push(b' '); // The answer is typed on the same line.
        }
        Notice::Help => {
            for line in HELP {
                out.extend_from_slice(line.as_bytes());
                out.push(b'\n');
            }
        }
        Notice::Renamed { .. }
        | Notice::NotStoring
        | Notice::Unreadable
        | Notice::LineTooLong { .. }
        | Notice::NotUtf8
        | Notice::NotSent(_)
        | Notice::LinesDropped(_)
        | Notice::UnknownCommand(_)
        | Notice::Usage(_) => {
            out.extend_from_slice(b"* ");
            out.extend_from_slice(notice.to_string().as_bytes());
            out.push(b'\n');
        }
    }
}

/// What lines mean, one after another.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Reader {
    /// Where the server takes a password: the name given before it, once it is.
    password: Option<Option<Nick>>,
    /// The name was given: lines are words.
    named: bool,
    /// Where words go.
    room: Room,
}

impl Reader {
    fn read(&mut self, line: Line<'_>) -> Vec<Request> {
        let bytes = match line {
            Line::Whole(bytes) => bytes,
            Line::TooLong => {
                let max = u32::try_from(LINE_BYTES_MAX).expect("a small number");
                return Vec::from([Request::Remark(Notice::LineTooLong { max })]);
            }
        };
        let Ok(line) = core::str::from_utf8(bytes) else {
            return Vec::from([Request::Remark(Notice::NotUtf8)]);
        };
        let mut requests = Vec::new();
        match &self.password {
            Some(Some(_)) => self.read_password(line, &mut requests),
            Some(None) | None if self.named => requests.extend(self.read_words(line)),
            Some(None) | None => requests.extend(self.read_name(line)),
        }
        requests
    }

    /// The line after the name, where the server takes a password: then the name counts.
    fn read_password(&mut self, line: &str, requests: &mut Vec<Request>) {
        let nick = self.password.take().flatten();
        requests.push(Request::Password(Secret::new(line.trim())));
        self.named = nick.is_some();
        requests.extend(nick.map(|nick| Request::Name(Ok(nick))));
    }

    fn read_name(&mut self, line: &str) -> Option<Request> {
        let name = line.trim();
        if matches!(understand(name, &self.room), Ok(Typed::Quit)) {
            return Some(Request::Quit);
        }
        if name.is_empty() {
            return Some(Request::Remark(Notice::AskName));
        }
        let nick = Nick::try_from(name);
        if let (Some(waiting), Ok(nick)) = (self.password.as_mut(), &nick) {
            *waiting = Some(nick.clone());
            return Some(Request::Remark(Notice::AskPassword));
        }
        self.named = nick.is_ok();
        Some(Request::Name(nick))
    }

    fn read_words(&mut self, line: &str) -> Option<Request> {
        match understand(line, &self.room) {
            Ok(Typed::Ask(ask)) => {
                self.follow(&ask);
                Some(Request::Plain(ask))
            }
            Ok(Typed::Read(read)) => Some(Request::Read { reference: 0, read }),
            Ok(Typed::Oper { name, password }) => Some(Request::Oper { reference: 0, name, password }),
            Ok(Typed::Quit) => Some(Request::Quit),
            Ok(Typed::Help) => Some(Request::Remark(Notice::Help)),
            Ok(Typed::Nothing) => None,
            Err(slip) => Some(Request::Remark(slip.into())),
        }
    }

    /// Words go to the room joined last, and to the lobby once that is left.
    fn follow(&mut self, ask: &Ask) {
        match ask {
            Ask::Join { room } | Ask::Unlock { room, .. } => self.room = room.clone(),
            Ask::Leave { room } if *room == self.room => self.room = Room::lobby(),
            Ask::Leave { .. }
            | Ask::Say { .. }
            | Ask::SayWith { .. }
            | Ask::Rename { .. }
            | Ask::Void { .. }
            | Ask::Topic { .. }
            | Ask::Kick { .. }
            | Ask::Invite { .. }
            | Ask::Change { .. }
            | Ask::Kill { .. } => {}
        }
    }
}

/// Takes telnet's own bytes out (RFC 854), and makes one `\n` of each way to end a line.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Telnet {
    Data,
    /// After `\r`: `\n` and NUL belong to it.
    Return,
    /// After IAC.
    Command,
    /// After WILL, WON'T, DO or DON'T: one byte more.
    Option,
    /// Between SB and SE.
    Negotiation,
    /// After IAC between SB and SE.
    NegotiationCommand,
}

const IAC: u8 = 0xff;

impl Telnet {
    /// Takes one byte; adds what is not telnet's own. Tells whether the peer interrupted: Ctrl-C.
    fn take(&mut self, byte: u8, out: &mut Vec<u8>) -> bool {
        let mut interrupted = false;
        *self = match (*self, byte) {
            (Self::Return, b'\n' | 0) => Self::Data,
            (Self::Data | Self::Return, IAC) => Self::Command,
            (Self::Data | Self::Return, b'\r') => {
                out.push(b'\n');
                Self::Return
            }
            (Self::Data | Self::Return, byte) => {
                out.push(byte);
                Self::Data
            }
            (Self::Command, IAC) => {
                out.push(IAC);
                Self::Data
            }
            (Self::Command, 0xf4) => {
                interrupted = true;
                Self::Data
            }
            (Self::Command, 0xfa) => Self::Negotiation,
            (Self::Command, 0xfb..=0xfe) => Self::Option,
            (Self::Command, _) | (Self::Option, _) => Self::Data,
            (Self::Negotiation, IAC) => Self::NegotiationCommand,
            (Self::Negotiation, _) => Self::Negotiation,
            (Self::NegotiationCommand, 0xf0) => Self::Data,
            (Self::NegotiationCommand, _) => Self::Negotiation,
        };
        interrupted
    }
}
