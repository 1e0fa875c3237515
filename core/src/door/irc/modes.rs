//! `MODE`, `TOPIC`, `KICK`, `INVITE`, `OPER`, `KILL`: how rooms are kept, in IRC's letters.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::commands::{room, shown};
use super::lines::{Line, mask};
use super::message::Message;
use super::numeric::{
    ERR_INVALIDMODEPARAM, ERR_UMODEUNKNOWNFLAG, ERR_UNKNOWNMODE, ERR_USERSDONTMATCH, RPL_BANLIST, RPL_CHANNELMODEIS,
    RPL_ENDOFBANLIST, RPL_ENDOFQUIETLIST, RPL_NOTOPIC, RPL_QUIETLIST, RPL_TOPIC, RPL_TOPICWHOTIME, RPL_UMODEIS,
};
use super::session::{Asked, Known, Session, Turn, Wanted};
use crate::limits::CHANGES_MAX;
use crate::protocol::{Ask, Brief, Change, Flag, Mask, Masked, Nick, Read, Request, Role, RoomKey, RoomView, Secret};

/// A letter's meaning, as far as it is one change or a list.
enum Letter {
    Change(Change),
    /// Who is banned, or muted.
    List(char),
    /// It says what always holds.
    Nothing,
    Unknown,
    /// Its word is not there.
    Wordless,
    /// Its word cannot be one.
    BadWord(String),
}

impl Turn<'_> {
    pub(super) fn topic(&mut self, message: &Message<'_>) {
        let name = message.param(0);
        if name.is_empty() {
            return self.needs("TOPIC", "#room [:topic]");
        }
        match (room(name), message.params.get(1)) {
            (Err(known), _) => self.say(known),
            (Ok(room), None) => self.want(Wanted::Topic { room: room.clone() }, Read::Members { room }),
            (Ok(room), Some(text)) => {
                let topic = Brief::shortened(&super::commands::uncoloured(text));
                self.ask(Asked::Topic { room: room.clone() }, Ask::Topic { room, topic });
            }
        }
    }

    pub(super) fn kick(&mut self, message: &Message<'_>) {
        if message.params.len() < 2 {
            return self.needs("KICK", "#room name [:reason]");
        }
        let reason = message.params.get(2).and_then(|text| Brief::shortened(&super::commands::uncoloured(text)));
        let named = |list: &'_ str| list.split(',').filter(|name| !name.is_empty()).count();
        let (rooms, names) = (named(message.param(0)), named(message.param(1)));
        if rooms != 1 && rooms != names {
            return self.needs("KICK", "#room name[,name] [:reason], or as many rooms as names");
        }
        let rooms = message.param(0).split(',').filter(|name| !name.is_empty()).cycle();
        let names = message.param(1).split(',').filter(|name| !name.is_empty());
        for (at, name) in rooms.zip(names).take(super::commands::TARGETS_MAX) {
            match (room(at), Nick::try_from(name)) {
                (Err(known), _) => self.say(known),
                (Ok(_), Err(_)) => self.no_nick(name),
                (Ok(room), Ok(nick)) => {
                    let reason = reason.clone();
                    self.ask(Asked::Kick { room: room.clone() }, Ask::Kick { room, nick, reason });
                }
            }
        }
    }

    pub(super) fn invite(&mut self, message: &Message<'_>) {
        if message.params.len() < 2 {
            return self.needs("INVITE", "name #room");
        }
        match (Nick::try_from(message.param(0)), room(message.param(1))) {
            (Err(_), _) => self.no_nick(message.param(0)),
            (Ok(_), Err(known)) => self.say(known),
            (Ok(nick), Ok(room)) => self.ask(Asked::Invite { room: room.clone() }, Ask::Invite { room, nick }),
        }
    }

    pub(super) fn kill(&mut self, message: &Message<'_>) {
        let name = message.param(0);
        let reason = message.params.get(1).and_then(|text| Brief::shortened(&super::commands::uncoloured(text)));
        match Nick::try_from(name) {
            _ if name.is_empty() => self.needs("KILL", "name :reason"),
            Ok(nick) => self.ask(Asked::Kill, Ask::Kill { nick, reason }),
            Err(_) => self.no_nick(name),
        }
    }

    pub(super) fn oper(&mut self, message: &Message<'_>) {
        if message.params.len() < 2 {
            return self.needs("OPER", "name password");
        }
        let (name, password) = (message.param(0).into(), Secret::new(message.param(1)));
        self.want_by(Wanted::Oper, |reference| Request::Oper { reference, name, password });
    }

    fn no_nick(&mut self, name: &str) {
        self.numeric(super::numeric::ERR_NOSUCHNICK, format!("{} :nobody is called that", shown(name)));
    }

    pub(super) fn mode(&mut self, message: &Message<'_>) {
        let target = message.param(0);
        if target.is_empty() {
            return self.needs("MODE", "target [modes]");
        }
        if !target.starts_with('#') {
            return self.user_mode(target, message.param(1));
        }
        let room = match room(target) {
            Ok(room) => room,
            Err(known) => return self.say(known),
        };
        let letters = message.param(1);
        if letters.is_empty() {
            return self.want(Wanted::Modes { room: room.clone() }, Read::Members { room });
        }
        let (mut on, mut words) = (true, message.params.iter().skip(2));
        let mut changes = Vec::new();
        for letter in letters.chars() {
            match letter {
                '+' => on = true,
                '-' => on = false,
                letter => match understood(letter, on, &mut words) {
                    Letter::Change(change) => changes.push(change),
                    Letter::List(letter) => {
                        self.want(Wanted::Masks { room: room.clone(), letter }, Read::Members { room: room.clone() });
                    }
                    Letter::Nothing => {}
                    Letter::Unknown => {
                        let mut bytes = [0; 4];
                        let letter = shown(letter.encode_utf8(&mut bytes)).to_string();
                        self.numeric(ERR_UNKNOWNMODE, format!("{letter} :rooms have no such mode"));
                    }
                    Letter::Wordless => self.needs("MODE", &format!("{room} {letter} word")),
                    Letter::BadWord(why) => self.numeric(ERR_INVALIDMODEPARAM, format!("{room} {letter} * :{why}")),
                },
            }
        }
        for some in changes.chunks(CHANGES_MAX) {
            let asked = Asked::Mode { room: room.clone() };
            self.ask(asked, Ask::Change { room: room.clone(), changes: some.to_vec() });
        }
    }

    fn user_mode(&mut self, target: &str, modes: &str) {
        let own = |nick: Nick| self.session.nick.as_ref().is_some_and(|own| own.key() == nick.key());
        if !Nick::try_from(target).is_ok_and(own) {
            return self.numeric(ERR_USERSDONTMATCH, ":one's own modes alone can be seen and changed");
        }
        if modes.is_empty() {
            let invisible = if self.session.invisible { "i" } else { "" };
            let operates = if self.session.operates { "o" } else { "" };
            return self.numeric(RPL_UMODEIS, format!("+{invisible}{operates}"));
        }
        let mut on = true;
        let (mut changed, mut unknown) = (String::new(), false);
        for letter in modes.chars() {
            match letter {
                '+' => on = true,
                '-' => on = false,
                'i' if self.session.invisible != on => {
                    self.session.invisible = on;
                    changed.push(if on { '+' } else { '-' });
                    changed.push('i');
                }
                'i' | 'o' => {} // Whoever operates the server does so as long as the session holds.
                _ => unknown = true,
            }
        }
        if !changed.is_empty() {
            self.request(Request::Hide(self.session.invisible));
            let nick = self.session.name().to_string();
            self.say(Known::Own(format!("MODE {nick} :{changed}")));
        }
        if unknown {
            self.numeric(ERR_UMODEUNKNOWNFLAG, ":of one's own modes there is i");
        }
    }
}

impl Session {
    /// How a room is kept, in one line.
    pub(super) fn modes(&self, view: &RoomView) -> Vec<Line> {
        let mut letters = String::from("+n");
        letters.extend(view.flags.iter().map(|flag| flag.letter()));
        let mut words = String::new();
        if view.keyed {
            letters.push('k');
            words.push_str(&format!(" {}", view.key.as_ref().map_or("*", RoomKey::as_str)));
        }
        if let Some(limit) = view.limit {
            letters.push('l');
            words.push_str(&format!(" {limit}"));
        }
        Vec::from([Line::numeric(RPL_CHANNELMODEIS, self.name(), format_args!("{} {letters}{words}", view.room))])
    }

    /// What a room is about; `always`, if nothing is worth a line too.
    pub(super) fn topic(&self, view: &RoomView, always: bool) -> Vec<Line> {
        let numeric = |number, rest: String| Line::numeric(number, self.name(), rest);
        let room = &view.room;
        match &view.topic {
            Some(topic) => {
                let (by, at) = (mask(topic.set.nick.as_str()), topic.set.at.0 / 1_000);
                Vec::from([
                    numeric(RPL_TOPIC, format!("{room} :{}", topic.text)),
                    numeric(RPL_TOPICWHOTIME, format!("{room} {by} {at}")),
                ])
            }
            None if always => Vec::from([numeric(RPL_NOTOPIC, format!("{room} :no topic is set"))]),
            None => Vec::new(),
        }
    }

    /// Who is banned, or muted.
    pub(super) fn masks(&self, view: &RoomView, letter: char) -> Vec<Line> {
        let (list, letter, one, end) = match letter {
            'b' => (&view.bans, "", RPL_BANLIST, RPL_ENDOFBANLIST),
            _ => (&view.mutes, " q", RPL_QUIETLIST, RPL_ENDOFQUIETLIST),
        };
        let room = &view.room;
        let line = |masked: &Masked| {
            let (by, at) = (&masked.set.nick, masked.set.at.0 / 1_000);
            Line::numeric(one, self.name(), format_args!("{room}{letter} {} {by} {at}", masked.mask))
        };
        let mut lines: Vec<Line> = list.iter().map(line).collect();
        lines.push(Line::numeric(end, self.name(), format_args!("{room}{letter} :end of the list")));
        lines
    }
}

/// What a letter asks for; it may take a word.
fn understood<'a>(letter: char, on: bool, words: &mut impl Iterator<Item = &'a &'a str>) -> Letter {
    let role = match letter {
        'o' => Some(Role::Operator),
        'v' => Some(Role::Voice),
        _ => None,
    };
    match (letter, Flag::of_letter(letter)) {
        ('n', _) => Letter::Nothing, // Nobody speaks into a room from outside.
        (_, Some(flag)) => Letter::Change(Change::Flag { flag, on }),
        ('k', None) if !on => {
            let _given = words.next(); // Some clients say which key they take away.
            Letter::Change(Change::Key(None))
        }
        ('k', None) => match words.next().map(|word| RoomKey::try_from(*word)) {
            Some(Ok(key)) => Letter::Change(Change::Key(Some(key))),
            Some(Err(why)) => Letter::BadWord(why.to_string()),
            None => Letter::Wordless,
        },
        ('l', None) if !on => Letter::Change(Change::Limit(None)),
        ('l', None) => match words.next().map(|word| word.parse::<u32>().ok().filter(|limit| *limit > 0)) {
            Some(Some(limit)) => Letter::Change(Change::Limit(Some(limit))),
            Some(None) => Letter::BadWord("a limit is a number above 0".into()),
            None => Letter::Wordless,
        },
        ('b' | 'q', None) => match words.next().map(|word| Mask::try_from(*word)) {
            None => Letter::List(letter),
            Some(Ok(mask)) if letter == 'b' => Letter::Change(Change::Ban { mask, on }),
            Some(Ok(mask)) => Letter::Change(Change::Mute { mask, on }),
            Some(Err(why)) => Letter::BadWord(why.to_string()),
        },
        (_, None) => match role {
            Some(role) => match words.next().map(|word| Nick::try_from(*word)) {
                Some(Ok(nick)) => Letter::Change(Change::Role { role, nick, on }),
                Some(Err(why)) => Letter::BadWord(why.to_string()),
                None => Letter::Wordless,
            },
            None => Letter::Unknown,
        },
    }
}

/// Changes in letters and words: a line for as many as one may have.
pub(super) fn written(changes: &[Change]) -> Vec<String> {
    changes.chunks(CHANGES_A_LINE).map(written_in_a_line).collect()
}

/// Changes in one line: short enough, however long their words are.
pub(super) const CHANGES_A_LINE: usize = 4;

fn written_in_a_line(changes: &[Change]) -> String {
    let (mut letters, mut words, mut sign) = (String::new(), String::new(), ' ');
    for change in changes {
        let (letter, on, word) = match change {
            Change::Flag { flag, on } => (flag.letter(), *on, None),
            Change::Key(key) => ('k', key.is_some(), Some(key.as_ref().map_or_else(|| "*".into(), RoomKey::to_string))),
            Change::Limit(limit) => ('l', limit.is_some(), limit.map(|limit| limit.to_string())),
            Change::Role { role: Role::Operator, nick, on } => ('o', *on, Some(nick.to_string())),
            Change::Role { role: Role::Voice, nick, on } => ('v', *on, Some(nick.to_string())),
            Change::Ban { mask, on } => ('b', *on, Some(mask.to_string())),
            Change::Mute { mask, on } => ('q', *on, Some(mask.to_string())),
        };
        let its_sign = if on { '+' } else { '-' };
        if core::mem::replace(&mut sign, its_sign) != its_sign {
            letters.push(its_sign);
        }
        letters.push(letter);
        if let Some(word) = word {
            words.push(' ');
            words.push_str(&word);
        }
    }
    letters + &words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_written_as_irc_writes_them() {
        let nick = |name| Nick::try_from(name).unwrap();
        let changes = [
            Change::Flag { flag: Flag::Moderated, on: true },
            Change::Role { role: Role::Operator, nick: nick("bob"), on: true },
            Change::Key(None),
            Change::Limit(Some(5)),
            Change::Ban { mask: Mask::try_from("eve*").unwrap(), on: false },
        ];
        assert_eq!(written(&changes), ["+mo-k+l bob * 5", "-b eve*"]);
    }
}
