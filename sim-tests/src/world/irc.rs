//! What somebody's IRC client sends, and what it makes of what it reads.

use super::netcat::Typed;
use crate::plan::{Deed, What};

/// What a client says first. Those that want their own lines back ask for them, and for accounts too.
pub(super) fn greeting(name: &str, tried: u64, echo: bool) -> String {
    let echoes = if echo { " echo-message labeled-response account-tag" } else { "" };
    let nick = nick_line(name, tried);
    format!(
        "CAP LS 302\r\n{nick}USER guest 0 * :{name}\r\nCAP REQ :server-time message-tags batch{echoes}\r\nCAP END\r\n"
    )
}

/// Another name each time one could not be had.
pub(super) fn nick_line(name: &str, tried: u64) -> String {
    if tried == 0 { format!("NICK {name}\r\n") } else { format!("NICK {name}{tried}\r\n") }
}

/// Where everybody talks: on IRC one goes there oneself.
pub(super) const FIRST: &str = "JOIN #lobby\r\n";

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
    let line = if line.starts_with('@') { line.split_once(' ').map_or("", |(_, line)| line) } else { line };
    let mut words = line.split(' ');
    match (words.next(), words.next()) {
        (Some("PING"), Some(token)) => Reaction::Say(format!("PONG {token}\r\n")),
        (Some(":irc.causerie"), Some("001")) => Reaction::Enter,
        (Some(":irc.causerie"), Some("432" | "433")) => Reaction::AnotherName,
        _ => Reaction::Nothing,
    }
}

/// What a deed comes to.
pub(super) fn typed(deed: &Deed, echo: bool) -> Typed {
    let mut typed = Typed::default();
    let mark = format!("d{}", deed.id);
    let say = |typed: &mut Typed, mark: String, to: &str| {
        let label = if echo { format!("label={};", mark.replace('.', "-")) } else { String::new() };
        // A client breaks what is too long for a line.
        let text: String = deed.text(&mark).chars().take(400).collect();
        typed.lines += &format!("@{label}+draft/reply={mark} PRIVMSG {to} :{text}\r\n");
        typed.marks.push(mark);
    };
    match &deed.what {
        What::Say { room, .. } => say(&mut typed, mark, &format!("#{room}")),
        What::Private { to } => say(&mut typed, mark, &to[0]),
        What::Burst { count } => (0..*count).for_each(|i| say(&mut typed, format!("{mark}.{i}"), "#lobby")),
        What::Join { room } => typed.lines = format!("JOIN #{room}\r\nMODE #{room}\r\nWHO #{room} %tcuhnfdar,743\r\n"),
        What::Leave { room } => typed.lines = format!("PART #{room} :bye\r\n"),
        What::Nick { nick } => typed.lines = format!("NICK {nick}\r\n"),
        What::History { room, .. } => typed.lines = format!("CHATHISTORY LATEST #{room} * 20\r\n"),
        What::Order { line } => typed.lines = order(line),
        What::Who => typed.lines.push_str("WHO *\r\nLIST\r\nNAMES #lobby\r\nPING barrier\r\n"),
        What::Quit => typed.lines.push_str("QUIT :bye\r\n"),
    }
    typed
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
