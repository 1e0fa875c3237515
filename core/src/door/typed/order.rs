//! The commands that keep rooms in order.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Slip, Typed};
use crate::limits::CHANGES_MAX;
use crate::protocol::words::first_word;
use crate::protocol::{
    Ask, Brief, Change, Flag, Mask, Nick, Read, Refusal, Role, Room, RoomKey, Secret, Unacceptable, Unclean,
};

/// Understands one of these commands; none, if it is another. A first word that begins with `#` names the room, else it
/// is the one that words go to.
pub(super) fn understand(command: &str, rest: &str, room: &Room) -> Option<Result<Typed, Slip>> {
    let done = |understood: fn(&str, &Room) -> Result<Typed, Slip>| match place(rest, room) {
        Ok((room, rest)) => understood(rest, &room),
        Err(unclean) => Err(unclean.into()),
    };
    Some(match command {
        "/topic" => done(topic),
        "/kick" => done(kick),
        "/invite" => done(invite),
        "/op" => done(|rest, room| roles("/op NAME", rest, room, Role::Operator, true)),
        "/deop" => done(|rest, room| roles("/deop NAME", rest, room, Role::Operator, false)),
        "/voice" => done(|rest, room| roles("/voice NAME", rest, room, Role::Voice, true)),
        "/devoice" => done(|rest, room| roles("/devoice NAME", rest, room, Role::Voice, false)),
        "/ban" => done(|rest, room| masks(rest, room, |mask| Change::Ban { mask, on: true })),
        "/unban" => done(|rest, room| masks(rest, room, |mask| Change::Ban { mask, on: false })),
        "/mute" => done(|rest, room| masks(rest, room, |mask| Change::Mute { mask, on: true })),
        "/unmute" => done(|rest, room| masks(rest, room, |mask| Change::Mute { mask, on: false })),
        "/mode" => done(mode),
        "/kill" => kill(rest),
        "/oper" => oper(rest),
        _ => return None,
    })
}

/// The room that a command is about, and what follows.
fn place<'a>(rest: &'a str, room: &Room) -> Result<(Room, &'a str), Unclean> {
    match first_word(rest) {
        (name, rest) if name.starts_with('#') => Ok((Room::try_from(name)?, rest)),
        (_, _) => Ok((room.clone(), rest)),
    }
}

fn asks(ask: Ask) -> Result<Typed, Slip> {
    Ok(Typed::Ask(ask))
}

fn topic(text: &str, room: &Room) -> Result<Typed, Slip> {
    match text {
        "" => Ok(Typed::Read(Read::Room { room: room.clone() })),
        "-" => asks(Ask::Topic { room: room.clone(), topic: None }),
        text => asks(Ask::Topic { room: room.clone(), topic: Some(Brief::try_from(text)?) }),
    }
}

fn kick(rest: &str, room: &Room) -> Result<Typed, Slip> {
    let (nick, reason) = named(rest, "/kick NAME [why]")?;
    asks(Ask::Kick { room: room.clone(), nick, reason })
}

fn kill(rest: &str) -> Result<Typed, Slip> {
    let (nick, reason) = named(rest, "/kill NAME [why]")?;
    asks(Ask::Kill { nick, reason })
}

/// A name, and why.
fn named(rest: &str, usage: &'static str) -> Result<(Nick, Option<Brief>), Slip> {
    let (name, reason) = first_word(rest);
    if name.is_empty() {
        return Err(Slip::Usage(usage));
    }
    let reason = if reason.is_empty() { None } else { Some(Brief::try_from(reason)?) };
    Ok((a_nick(name)?, reason))
}

fn invite(rest: &str, room: &Room) -> Result<Typed, Slip> {
    match (rest.split_whitespace().next(), rest.split_whitespace().nth(1)) {
        (Some(name), None) => asks(Ask::Invite { room: room.clone(), nick: a_nick(name)? }),
        // As people know it from IRC: /invite NAME #ROOM.
        (Some(name), Some(place)) => asks(Ask::Invite { room: Room::try_from(place)?, nick: a_nick(name)? }),
        (None, _) => Err(Slip::Usage("/invite NAME")),
    }
}

fn roles(usage: &'static str, names: &str, room: &Room, role: Role, on: bool) -> Result<Typed, Slip> {
    let change = |name| Ok(Change::Role { role, nick: a_nick(name)?, on });
    let changes: Vec<Change> = names.split_whitespace().map(change).collect::<Result<_, Slip>>()?;
    if changes.is_empty() { Err(Slip::Usage(usage)) } else { change_of(room, changes) }
}

/// Without a mask, those there are.
fn masks(masks: &str, room: &Room, change: fn(Mask) -> Change) -> Result<Typed, Slip> {
    let mask = |mask: &str| Ok(change(Mask::try_from(mask.strip_prefix('@').unwrap_or(mask))?));
    let changes: Vec<Change> = masks.split_whitespace().map(mask).collect::<Result<_, Slip>>()?;
    if changes.is_empty() { Ok(Typed::Read(Read::Room { room: room.clone() })) } else { change_of(room, changes) }
}

fn mode(rest: &str, room: &Room) -> Result<Typed, Slip> {
    let mut words = rest.split_whitespace();
    match words.next() {
        None => Ok(Typed::Read(Read::Room { room: room.clone() })),
        Some(letters) => change_of(room, modes(letters, words)?),
    }
}

/// What letters as of IRC ask for: `+im-k+o bob`. `n` always holds: to turn it on changes nothing.
///
/// # Errors
/// [`Slip`] if a letter is not known, or what it is about is missing or not clean.
pub fn modes<'a>(letters: &str, mut about: impl Iterator<Item = &'a str>) -> Result<Vec<Change>, Slip> {
    const USAGE: Slip = Slip::Usage("/mode +i -m +s -t +k KEY +l NUMBER +o NAME +v NAME +b MASK +q MASK");
    if !letters.starts_with(['+', '-']) {
        return Err(USAGE);
    }
    let mut on = true;
    let mut changes = Vec::new();
    for letter in letters.chars() {
        let mut about = || about.next().ok_or(USAGE);
        changes.push(match letter {
            '+' | '-' => {
                on = letter == '+';
                continue;
            }
            'n' if on => continue,
            'n' => return Err(Slip::Usage("/mode without -n: nobody ever speaks into a room from outside")),
            'k' if on => Change::Key(Some(RoomKey::try_from(about()?)?)),
            'k' => Change::Key(None),
            'l' if on => Change::Limit(Some(about()?.parse().map_err(|_| USAGE)?)),
            'l' => Change::Limit(None),
            'o' => Change::Role { role: Role::Operator, nick: a_nick(about()?)?, on },
            'v' => Change::Role { role: Role::Voice, nick: a_nick(about()?)?, on },
            'b' => Change::Ban { mask: Mask::try_from(about()?)?, on },
            'q' => Change::Mute { mask: Mask::try_from(about()?)?, on },
            letter => Change::Flag { flag: Flag::of_letter(letter).ok_or(USAGE)?, on },
        });
    }
    Ok(changes)
}

/// Changes as letters, with what they are about: what [`modes`] understands.
#[must_use]
pub fn letters(changes: &[Change]) -> String {
    let (mut letters, mut about, mut sign) = (String::new(), String::new(), None);
    for change in changes {
        let (on, letter, word) = match change {
            Change::Flag { flag, on } => (*on, flag.letter(), None),
            Change::Key(key) => (key.is_some(), 'k', key.as_ref().map(|key| key.as_str().to_string())),
            Change::Limit(limit) => (limit.is_some(), 'l', limit.as_ref().map(ToString::to_string)),
            Change::Role { role: Role::Operator, nick, on } => (*on, 'o', Some(nick.to_string())),
            Change::Role { role: Role::Voice, nick, on } => (*on, 'v', Some(nick.to_string())),
            Change::Ban { mask, on } => (*on, 'b', Some(mask.to_string())),
            Change::Mute { mask, on } => (*on, 'q', Some(mask.to_string())),
        };
        if sign.replace(on) != Some(on) {
            letters.push(if on { '+' } else { '-' });
        }
        letters.push(letter);
        if let Some(word) = word {
            about.push(' ');
            about.push_str(&word);
        }
    }
    letters + &about
}

fn change_of(room: &Room, changes: Vec<Change>) -> Result<Typed, Slip> {
    if changes.is_empty() {
        return Err(Slip::Refused(Refusal::NothingChanges(room.clone())));
    }
    if changes.len() > CHANGES_MAX {
        let max = u32::try_from(CHANGES_MAX).expect("a small number");
        return Err(Slip::Refused(Refusal::Unacceptable(Unacceptable::TooManyChanges { max })));
    }
    asks(Ask::Change { room: room.clone(), changes })
}

fn oper(rest: &str) -> Result<Typed, Slip> {
    match first_word(rest) {
        ("", _) | (_, "") => Err(Slip::Usage("/oper NAME PASSWORD")),
        (name, password) => Ok(Typed::Oper { name: name.into(), password: Secret::new(password) }),
    }
}

fn a_nick(name: &str) -> Result<Nick, Unclean> {
    Nick::try_from(name.strip_prefix('@').unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::super::understand;
    use super::*;
    use crate::protocol::Notice;

    fn understood(line: &str) -> String {
        match understand(line, &Room::try_from("lab").unwrap()) {
            Ok(Typed::Ask(ask)) => format!("{ask:?}"),
            Ok(other) => format!("{other:?}"),
            Err(slip) => format!("{}", Notice::from(slip)),
        }
    }

    #[test]
    fn rooms_are_kept_in_order_by_commands() {
        assert_eq!(understood("/topic friday, 14:00"), "Topic { room: #lab, topic: Some(\"friday, 14:00\") }");
        assert_eq!(understood("/topic #attic -"), "Topic { room: #attic, topic: None }");
        assert_eq!(understood("/topic"), "Read(Room { room: #lab })");
        assert_eq!(understood("/kick @bob too loud"), "Kick { room: #lab, nick: bob, reason: Some(\"too loud\") }");
        assert_eq!(understood("/invite bob #attic"), "Invite { room: #attic, nick: bob }");
        assert_eq!(
            understood("/op bob cleo"),
            "Change { room: #lab, changes: [Role { role: Operator, nick: bob, on: true }, Role { role: Operator, nick: cleo, on: true }] }"
        );
        assert_eq!(understood("/unban b*!*@*"), "Change { room: #lab, changes: [Ban { mask: b*!*@*, on: false }] }");
        assert_eq!(understood("/oper root hunter2"), "Oper { name: \"root\", password: (secret) }");
        assert_eq!(understood("/kick"), "not sent; it goes like this: /kick NAME [why]");
    }

    #[test]
    fn changes_are_written_as_they_are_read() {
        for line in ["+ik-m+q xyzzy bob", "-kl+ob cleo b*!*@*", "+l-l+v-v 5 bob bob"] {
            let mut words = line.split(' ');
            let changes = modes(words.next().unwrap(), words).unwrap();
            assert_eq!(letters(&changes), line);
        }
    }

    #[test]
    fn letters_are_understood_as_irc_has_them() {
        assert_eq!(
            understood("/mode +nik-ml+q xyzzy bob"),
            "Change { room: #lab, changes: [Flag { flag: InviteOnly, on: true }, Key(Some(\"xyzzy\")), \
             Flag { flag: Moderated, on: false }, Limit(None), Mute { mask: bob, on: true }] }"
        );
        assert_eq!(understood("/mode +n"), "not sent: that is so in #lab already");
        for line in ["/mode i", "/mode +k", "/mode +x", "/mode +l many", "/mode -n"] {
            assert!(understood(line).starts_with("not sent; it goes like this: /mode"), "{line}");
        }
    }
}
