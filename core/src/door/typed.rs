//! What people type: the same words at the text door, in the line client and in every face to come.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::limits::PEOPLE_NAMED_MAX;
use crate::protocol::words::{first_word, untabbed};
use crate::protocol::{Ask, Manner, Nick, Notice, Read, Refusal, Room, Seq, Target, Text, Unacceptable};

/// A line that somebody typed, understood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Typed {
    /// Asks for something to be decided.
    Ask(Ask),
    /// Asks for something to be looked up.
    Read(Read),
    /// Goes.
    Quit,
    /// Wants to know what can be typed.
    Help,
    /// An empty line.
    Nothing,
}

/// A line that could not be understood: told to whoever typed it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Slip {
    /// A word of it cannot be taken.
    Refused(Refusal),
    /// There is no such command.
    UnknownCommand(Box<str>),
    /// The command needs something more: how it is used.
    Usage(&'static str),
}

impl From<Slip> for Notice {
    fn from(slip: Slip) -> Self {
        match slip {
            Slip::Refused(why) => Self::NotSent(why),
            Slip::UnknownCommand(command) => Self::UnknownCommand(command),
            Slip::Usage(usage) => Self::Usage(usage.into()),
        }
    }
}

impl<E: Into<Refusal>> From<E> for Slip {
    fn from(unclean: E) -> Self {
        Self::Refused(unclean.into())
    }
}

/// Entries in a page of history, unless asked otherwise.
pub const HISTORY_LINES: u32 = 20;

/// One line for each thing that can be typed.
pub const HELP: &[&str] = &[
    "text             say it in the room you are in",
    "@ada @bob: text  say it to them alone",
    "/me text         say what you do",
    "/join ROOM       enter a room and talk there",
    "/leave [ROOM]    leave a room",
    "/rooms           which rooms there are",
    "/who             who is here",
    "/nick NAME       be called something else",
    "/history [#ROOM] [BEFORE]   what was said; before an entry's number: further back",
    "/quit            go (exit and {quit} too)",
    "//text           say something that begins with a slash",
];

/// Understands a line typed by somebody whose words go to `room`.
///
/// # Errors
/// [`Slip`] if it cannot be understood: nothing is sent.
pub fn understand(line: &str, room: &Room) -> Result<Typed, Slip> {
    let line = untabbed(line);
    let line = line.trim_end();
    match line.trim_start() {
        "" => Ok(Typed::Nothing),
        "exit" | "{quit}" => Ok(Typed::Quit),
        said if said.starts_with("//") => say(room, &said[1..], Manner::Plain),
        command if command.starts_with('/') => understand_command(command, room),
        private if private.starts_with('@') && !planted!("at_sign_unheeded") => understand_private(private),
        _ => say(room, line, Manner::Plain),
    }
}

fn say(room: &Room, text: &str, manner: Manner) -> Result<Typed, Slip> {
    let text = Text::try_from(text)?;
    Ok(Typed::Ask(Ask::Say { to: Target::Room(room.clone()), text, manner }))
}

fn understand_command(line: &str, room: &Room) -> Result<Typed, Slip> {
    let (command, rest) = first_word(line);
    match (command, rest) {
        ("/me", "") => Err(Slip::Usage("/me text")),
        ("/me", text) => say(room, text, Manner::Action),
        ("/join" | "/j", "") => Err(Slip::Usage("/join ROOM")),
        ("/join" | "/j", name) => Ok(Typed::Ask(Ask::Join { room: Room::try_from(name)? })),
        ("/leave" | "/part", "") => Ok(Typed::Ask(Ask::Leave { room: room.clone() })),
        ("/leave" | "/part", name) => Ok(Typed::Ask(Ask::Leave { room: Room::try_from(name)? })),
        ("/nick", "") => Err(Slip::Usage("/nick NAME")),
        ("/nick", name) => Ok(Typed::Ask(Ask::Rename { nick: Nick::try_from(name)? })),
        ("/msg" | "/w", rest) => understand_message(rest),
        ("/who", _) => Ok(Typed::Read(Read::Who)),
        ("/rooms" | "/list", _) => Ok(Typed::Read(Read::Rooms)),
        ("/history" | "/log", rest) => understand_history(rest, room),
        ("/quit" | "/exit" | "/q", _) => Ok(Typed::Quit),
        ("/help" | "/?" | "/h", _) => Ok(Typed::Help),
        (unknown, _) => Err(Slip::UnknownCommand(shortened(unknown))),
    }
}

/// `/msg ada text`, as people know it from elsewhere.
fn understand_message(rest: &str) -> Result<Typed, Slip> {
    let (name, text) = first_word(rest);
    if name.is_empty() || text.is_empty() {
        return Err(Slip::Usage("/msg NAME text"));
    }
    whisper(Vec::from([Nick::try_from(name.trim_start_matches('@'))?]), text)
}

/// `@ada @bob: text`, `@ada text`, `@ada:text`.
fn understand_private(line: &str) -> Result<Typed, Slip> {
    const USAGE: Slip = Slip::Usage("@ada @bob: text");
    let mut nicks = Vec::new();
    let mut rest = line;
    while let Some(named) = rest.strip_prefix('@') {
        let end = named.find(|c: char| c.is_whitespace() || matches!(c, ':' | ',' | '@')).unwrap_or(named.len());
        nicks.push(Nick::try_from(&named[..end])?);
        if nicks.len() > PEOPLE_NAMED_MAX {
            let max = u32::try_from(PEOPLE_NAMED_MAX).expect("a small number");
            return Err(Slip::Refused(Refusal::Unacceptable(Unacceptable::TooManyPeople { max })));
        }
        rest = named[end..].trim_start();
        if let Some(text) = rest.strip_prefix(':') {
            rest = text.trim_start();
            break;
        }
        rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    }
    if rest.is_empty() { Err(USAGE) } else { whisper(nicks, rest) }
}

fn whisper(nicks: Vec<Nick>, text: &str) -> Result<Typed, Slip> {
    let text = Text::try_from(text)?;
    Ok(Typed::Ask(Ask::Say { to: Target::People(nicks), text, manner: Manner::Plain }))
}

fn understand_history(rest: &str, room: &Room) -> Result<Typed, Slip> {
    let mut read = (room.clone(), None);
    for word in rest.split_whitespace() {
        match word.strip_prefix('#').unwrap_or(word).parse::<u64>() {
            Ok(before) => read.1 = Some(Seq(before)),
            Err(_) => read.0 = Room::try_from(word)?,
        }
    }
    let (room, before) = read;
    Ok(Typed::Read(Read::History { room, before, limit: HISTORY_LINES }))
}

/// An unknown command as one may show it: its clean characters, the first few.
fn shortened(command: &str) -> Box<str> {
    let clean = command.chars().filter(|c| crate::protocol::words::is_clean(*c));
    clean.take(24).collect::<alloc::string::String>().into()
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;

    use super::*;

    fn understood(line: &str) -> String {
        match understand(line, &Room::lobby()) {
            Ok(Typed::Ask(Ask::Say { to: Target::People(nicks), text, .. })) => format!("to {nicks:?}: {text}"),
            Ok(Typed::Ask(Ask::Say { to: Target::Room(room), text, manner })) => format!("{room} {manner:?}: {text}"),
            Ok(other) => format!("{other:?}"),
            Err(slip) => format!("{:?}", Notice::from(slip)),
        }
    }

    #[test]
    fn private_words_are_understood_as_the_labs_wrote_them() {
        assert_eq!(understood("@rishu:helloooo"), "to [rishu]: helloooo");
        assert_eq!(understood("@parul @rishu @vikash:hey guys wats up"), "to [parul, rishu, vikash]: hey guys wats up");
        assert_eq!(understood("@ada coming"), "to [ada]: coming");
        assert_eq!(understood("@a, @b : 12:30"), "to [a, b]: 12:30");
        assert_eq!(understood("/msg ada @bob says hi"), "to [ada]: @bob says hi");
        assert_eq!(understood("@ada"), "Usage(\"@ada @bob: text\")");
    }

    #[test]
    fn everything_else_is_said_or_done() {
        assert_eq!(understood("  hi\tthere "), "#lobby Plain:   hi there");
        assert_eq!(understood("//etc is a folder"), "#lobby Plain: /etc is a folder");
        assert_eq!(understood("/me waves"), "#lobby Action: waves");
        assert_eq!(understood("/join #Bench4"), "Ask(Join { room: #bench4 })");
        assert_eq!(
            understood("/history #bench4 #120"),
            "Read(History { room: #bench4, before: Some(#120), limit: 20 })"
        );
        assert_eq!(understood("{quit}"), "Quit");
        assert_eq!(understood("/frobnicate now"), "UnknownCommand(\"/frobnicate\")");
    }
}
