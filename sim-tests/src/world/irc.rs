//! What somebody's IRC client sends, and what it makes of what it reads.

use causerie_core::protocol::{ClientId, Key, Nick};

use super::netcat::Typed;
use crate::evidence::{By, Shown, Told};
use crate::line::Line;
use crate::plan::{Deed, Person, What};

/// What somebody's IRC client can and is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Client {
    /// Its own lines come back to it, and it labels what it asks.
    pub(super) echo: bool,
    /// It says a name and a password.
    pub(super) account: bool,
}

impl Client {
    /// Of somebody; none if they do not use one.
    pub(super) const fn of(by: By) -> Option<Self> {
        match by {
            By::Irc { echo, account } => Some(Self { echo, account }),
            By::Native | By::Text | By::Stranger => None,
        }
    }

    /// What it says first. Those that want their own lines back ask for them, and for accounts too.
    pub(super) fn greeting(self, name: &str, tried: u64) -> String {
        let echoes = if self.echo { " echo-message labeled-response account-tag" } else { "" };
        let nick = nick_line(name, tried);
        let (sasl, login) = if self.account { (" sasl", login(name)) } else { ("", String::new()) };
        format!(
            "CAP LS 302\r\n{nick}USER guest 0 * :{name}\r\nCAP REQ :server-time message-tags batch{echoes}{sasl}\r\n{login}CAP END\r\n"
        )
    }

    /// What it says once it is in. What comes before the answer to the first of it is what was missed. Then it goes where
    /// everybody talks: on IRC one goes there oneself.
    pub(super) fn first(self, people: &[Person]) -> String {
        let mut lines = if self.account { format!("PING {BACK}\r\n") } else { String::new() };
        lines += "JOIN #lobby\r\n";
        if self.echo {
            let names: Vec<&str> = people.iter().map(|person| &*person.name).collect();
            lines += &format!("MONITOR + {}\r\n", names.join(","));
        }
        lines
    }
}

/// The answer to this comes after all that was missed.
pub(crate) const BACK: &str = "back";

/// Who somebody with an account is.
pub(super) fn account(name: &str) -> ClientId {
    let nick = Nick::try_from(name).expect("a plan's names are clean");
    Key::of_account(nick.key(), password(name).as_bytes()).client()
}

fn password(name: &str) -> String {
    format!("secret of {name}")
}

fn login(name: &str) -> String {
    let said = format!("\0{name}\0{}", password(name));
    format!("AUTHENTICATE PLAIN\r\nAUTHENTICATE {}\r\n", base64(said.as_bytes()))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = (0..3).fold(0_u32, |bits, i| bits << 8 | u32::from(group.get(i).copied().unwrap_or(0)));
        let digit = |i: usize| char::from(DIGITS[(bits >> (18 - 6 * i)) as usize & 63]);
        text.extend((0..=group.len()).map(digit));
        text.extend((group.len()..3).map(|_| '='));
    }
    text
}

/// Another name each time one could not be had.
pub(super) fn nick_line(name: &str, tried: u64) -> String {
    if tried == 0 { format!("NICK {name}\r\n") } else { format!("NICK {name}{tried}\r\n") }
}

/// What a client does about a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Reaction {
    /// Nothing.
    Nothing,
    /// It is in: it goes where everybody talks.
    Enter,
    /// Its name is taken: it gives another.
    AnotherName,
    /// It says that it is there.
    Say(String),
}

/// Whether a line says nothing but that somebody is there: it goes on for ever, and all may be quiet all the same.
pub(super) fn is_heartbeat(line: &str) -> bool {
    line.starts_with("PING ")
}

pub(super) fn reaction(line: &str) -> Reaction {
    let line = Line::of(line);
    match (line.from, line.command) {
        (_, "PING") => Reaction::Say(format!("PONG {}\r\n", line.rest)),
        ("irc.causerie", "001") => Reaction::Enter,
        ("irc.causerie", "432" | "433") => Reaction::AnotherName,
        _ => Reaction::Nothing,
    }
}

/// What a deed comes to, for a client that was told so much.
pub(super) fn typed(deed: &Deed, client: Client, told: &[Told]) -> Typed {
    let mut typed = Typed::default();
    let mark = format!("d{}", deed.id);
    let say = |typed: &mut Typed, mark: String, to: &str| {
        // A client breaks what is too long for a line.
        let text: String = deed.text(&mark).chars().take(400).collect();
        typed.lines += &format!("@+draft/reply={mark} PRIVMSG {to} :{text}\r\n");
        typed.marks.push(mark);
    };
    match &deed.what {
        What::Say { room, .. } => say(&mut typed, mark, &format!("#{room}")),
        What::Private { to } => say(&mut typed, mark, &to[0]),
        What::Burst { count } => (0..*count).for_each(|i| say(&mut typed, format!("{mark}.{i}"), "#lobby")),
        What::Join { room } => typed.lines = format!("JOIN #{room}\r\nMODE #{room}\r\nWHO #{room} %tcuhnfdar,743\r\n"),
        What::Leave { room } => typed.lines = format!("PART #{room} :bye\r\n"),
        What::Nick { nick } => typed.lines = format!("NICK {nick}\r\n"),
        What::History { room, further } => typed.lines = history(room, *further, deed.id, told),
        What::Order { line } => typed.lines = order(line),
        What::Who => typed.lines.push_str("WHO *\r\nLIST\r\nNAMES #lobby\r\nPING barrier\r\n"),
        What::Quit => typed.lines.push_str("QUIT :bye\r\n"),
    }
    if client.echo && deed.what != What::Quit {
        label(deed.id, &mut typed);
    }
    typed
}

/// Labels every command.
fn label(id: u32, typed: &mut Typed) {
    let lines = std::mem::take(&mut typed.lines);
    for (i, line) in lines.lines().enumerate() {
        let label = format!("d{id}-{i}");
        // What a line says of itself already goes on behind the label.
        let line = line.strip_prefix('@').map_or_else(|| format!(" {line}"), |tagged| format!(";{tagged}"));
        typed.lines += &format!("@label={label}{line}\r\n");
        typed.labels.push(label);
    }
}

/// Most messages of a page.
pub(crate) const PAGE_MAX: usize = 6;

/// Asks for the newest page of what was said in a room; or for more of it, before or after something that was read.
fn history(room: &str, further: bool, id: u32, told: &[Told]) -> String {
    let target = format!("#{room}");
    let mut ids = told.iter().filter_map(|told| match &told.what {
        Shown::Line(line) => Some(Line::of(line)),
        Shown::News(_) => None,
    });
    let said_there = |line: &Line<'_>| line.command == "PRIVMSG" && line.rest.split(' ').next() == Some(&target);
    let known = if id.is_multiple_of(2) { ids.rfind(said_there) } else { ids.find(said_there) };
    match known.and_then(|line| line.tag("msgid")).filter(|_| further) {
        Some(known) if id.is_multiple_of(2) => format!("CHATHISTORY BEFORE {target} msgid={known} {PAGE_MAX}\r\n"),
        Some(known) => format!("CHATHISTORY AFTER {target} msgid={known} {PAGE_MAX}\r\n"),
        None => format!("CHATHISTORY LATEST {target} * {PAGE_MAX}\r\n"),
    }
}

/// A command about the order in rooms, as IRC has it; what IRC cannot say so is left out.
fn order(line: &str) -> String {
    let words: Vec<&str> = line.split(' ').collect();
    match &words[..] {
        ["/topic", room, text @ ..] => format!("TOPIC {room} :{}\r\n", text.join(" ")),
        ["/kick", room, nick, ..] => format!("KICK {room} {nick} :out\r\n"),
        ["/invite", room, nick] => format!("INVITE {nick} {room}\r\n"),
        ["/op", room, nick] => format!("MODE {room} +o {nick}\r\n"),
        ["/deop", room, nick] => format!("MODE {room} -o {nick}\r\n"),
        ["/voice", room, nick] => format!("MODE {room} +v {nick}\r\n"),
        ["/ban", room, mask] => format!("MODE {room} +b {mask}\r\n"),
        ["/unban", room, mask] => format!("MODE {room} -b {mask}\r\n"),
        ["/mute", room, mask] => format!("MODE {room} +q {mask}\r\n"),
        ["/unmute", room, mask] => format!("MODE {room} -q {mask}\r\n"),
        ["/mode", rest @ ..] => format!("MODE {}\r\n", rest.join(" ")),
        ["/oper", name, password] => format!("OPER {name} {password}\r\n"),
        ["/kill", nick, ..] => format!("KILL {nick} :out\r\n"),
        ["/join", room, key] => format!("JOIN #{room} {key}\r\n"),
        _ => String::new(),
    }
}
