//! What a registered client can say.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::caps::Caps;
use super::message::Message;
use super::numeric::{
    ERR_NEEDMOREPARAMS, ERR_NONICKNAMEGIVEN, ERR_NORECIPIENT, ERR_NOSUCHCHANNEL, ERR_NOTEXTTOSEND, ERR_UNKNOWNCOMMAND,
    RPL_VERSION,
};
use super::session::{Asked, Fields, Known, Turn, Wanted, Which};
use super::welcome;
use crate::protocol::words::may_be_said_back;
use crate::protocol::{Ask, Manner, Mask, Nick, Read, Request, Room, RoomKey, Tags, Target, Text};

/// Targets one line may name.
pub(super) const TARGETS_MAX: usize = 4;

impl Turn<'_> {
    pub(super) fn command(&mut self, message: &Message<'_>) {
        match &*message.command {
            "PRIVMSG" => self.say_to(message, Manner::Plain),
            "NOTICE" => self.say_to(message, Manner::Notice),
            "JOIN" => self.join(message),
            "PART" => self.part(message),
            "NICK" => self.nick(message.param(0)),
            "PING" => self.ping(message),
            "PONG" => {}
            "TAGMSG" => self.signal(message),
            "QUIT" => self.request(Request::Quit),
            "NAMES" => self.names(message),
            "LIST" => self.want(Wanted::List(super::list::Sieve::read(message.param(0))), Read::Rooms),
            "TOPIC" => self.topic(message),
            "MODE" => self.mode(message),
            "KICK" => self.kick(message),
            "INVITE" => self.invite(message),
            "OPER" => self.oper(message),
            "KILL" => self.kill(message),
            "WHO" => self.who(message),
            "WHOIS" => self.whois(message),
            "WHOWAS" => self.whowas(message),
            "MONITOR" => self.monitor(message),
            "ISON" => self.ison(message),
            "USERHOST" => self.userhost(message),
            "AWAY" => self.away(message),
            "SETNAME" => self.setname(message),
            "MOTD" => self.say_all(welcome::motd()),
            "LUSERS" => self.want(Wanted::Lusers, Read::Barrier),
            "VERSION" => self.version(),
            "TIME" => self.want(Wanted::Time, Read::Barrier),
            "INFO" => self.say_all(welcome::info()),
            "HELP" | "HELPOP" => self.say_all(welcome::help(message.param(0))),
            "CAP" => self.cap(message),
            "AUTHENTICATE" => self.authenticate(message),
            "USER" | "PASS" => self.registered_again(),
            "CHATHISTORY" => self.chathistory(message),
            command => {
                let shown = if is_word(command) { command } else { "*" };
                self.numeric(ERR_UNKNOWNCOMMAND, format!("{shown} :there is no such command; HELP lists them"));
            }
        }
    }

    pub(super) fn needs(&mut self, command: &str, usage: &str) {
        self.numeric(ERR_NEEDMOREPARAMS, format!("{command} :it goes like this: {command} {usage}"));
    }

    fn say_to(&mut self, message: &Message<'_>, manner: Manner) {
        let is_notice = manner == Manner::Notice;
        let (targets, said) = (message.param(0), message.param(1));
        match (targets, said) {
            ("" | "," | "*", _) if !is_notice => {
                return self.numeric(ERR_NORECIPIENT, format!(":say to whom: {} target :text", message.command));
            }
            (_, "") if !is_notice => return self.numeric(ERR_NOTEXTTOSEND, ":say something"),
            (_, _) => {}
        }
        let (said, manner) = understood(said, manner);
        let is_aside = said.starts_with('\u{1}');
        let tags = if self.session.caps.has(Caps::MESSAGE_TAGS) { message.tags.clone() } else { Tags::default() };
        for target in targets.split(',').filter(|target| !target.is_empty()).take(TARGETS_MAX) {
            match (self.target(target), text_of(&said)) {
                (Ok(to), Ok(text)) => {
                    let asked = Asked::Say { target: target.to_string(), notice: is_notice };
                    let ask = match tags.is_empty() {
                        true => Ask::Say { to, text, manner },
                        false => Ask::SayWith { to, text, manner, tags: tags.clone() },
                    };
                    self.ask(asked, ask);
                }
                (_, _) if is_notice => {} // A notice is never answered.
                (Err(known), _) => self.say(known),
                (_, Err(_)) if is_aside => {
                    let rest = format!("{} :not sent: of CTCP, ACTION alone is passed on here", shown(target));
                    self.numeric(super::numeric::ERR_CANNOTSENDTOCHAN, rest);
                }
                (_, Err(why)) => {
                    let shown = shown(target);
                    self.numeric(super::numeric::ERR_CANNOTSENDTOCHAN, format!("{shown} :not sent: {why}"));
                }
            }
        }
    }

    /// Signs are given, not said: whoever cannot be given one is none the wiser, and nor is the author.
    fn signal(&mut self, message: &Message<'_>) {
        if message.tags.is_empty() || !self.session.caps.has(Caps::MESSAGE_TAGS) {
            return;
        }
        for target in message.param(0).split(',').filter(|target| !target.is_empty()).take(TARGETS_MAX) {
            if let Ok(to) = self.target(target) {
                self.request(Request::Signal { to, tags: message.tags.clone() });
                if self.session.caps.has(Caps::ECHO_MESSAGE) {
                    self.want(Wanted::Signed, Read::Barrier);
                }
            }
        }
    }

    fn target(&self, name: &str) -> Result<Target, Known> {
        if name.starts_with('#') {
            return Room::try_from(name).map(Target::Room).map_err(|why| no_room(name, &why));
        }
        let no_nick =
            |_| Known::Numeric(super::numeric::ERR_NOSUCHNICK, format!("{} :nobody is called that", shown(name)));
        Nick::try_from(name).map(|nick| Target::People(Vec::from([nick]))).map_err(no_nick)
    }

    fn join(&mut self, message: &Message<'_>) {
        match message.param(0) {
            "" => self.needs("JOIN", "#room"),
            "0" => {
                let rooms: Vec<Room> = self.session.rooms.iter().cloned().collect();
                rooms.into_iter().for_each(|room| self.ask(Asked::Part { room: room.clone() }, Ask::Leave { room }));
            }
            names => {
                let mut keys = message.param(1).split(',');
                for name in names.split(',').filter(|name| !name.is_empty()) {
                    let key = RoomKey::try_from(keys.next().unwrap_or_default());
                    match room(name) {
                        Ok(room) => {
                            let ask = match key {
                                Ok(key) => Ask::Unlock { room: room.clone(), key },
                                Err(_) => Ask::Join { room: room.clone() },
                            };
                            self.ask(Asked::Join { room: room.clone() }, ask);
                            self.want(Wanted::Joined { room: room.clone() }, Read::Members { room });
                        }
                        Err(known) => self.say(known),
                    }
                }
            }
        }
    }

    fn part(&mut self, message: &Message<'_>) {
        if message.param(0).is_empty() {
            return self.needs("PART", "#room");
        }
        for name in message.param(0).split(',').filter(|name| !name.is_empty()) {
            match room(name) {
                Ok(room) => self.ask(Asked::Part { room: room.clone() }, Ask::Leave { room }),
                Err(known) => self.say(known),
            }
        }
    }

    fn nick(&mut self, name: &str) {
        match Nick::try_from(name) {
            Ok(nick) => self.ask(Asked::Nick { nick: nick.clone() }, Ask::Rename { nick }),
            Err(_) if name.is_empty() => self.numeric(ERR_NONICKNAMEGIVEN, ":say which: NICK name"),
            Err(why) => self.bad_nick(name, &why),
        }
    }

    fn names(&mut self, message: &Message<'_>) {
        let list = message.param(0);
        if list.is_empty() {
            let rooms: Vec<Room> = self.session.rooms.iter().cloned().collect();
            if rooms.is_empty() {
                return self.numeric(super::numeric::RPL_ENDOFNAMES, "* :end of names");
            }
            return rooms
                .into_iter()
                .for_each(|room| self.want(Wanted::Names { room: room.clone() }, Read::Members { room }));
        }
        for name in list.split(',').filter(|name| !name.is_empty()).take(TARGETS_MAX) {
            match room(name) {
                Ok(room) => self.want(Wanted::Names { room: room.clone() }, Read::Members { room }),
                Err(_) => self.numeric(super::numeric::RPL_ENDOFNAMES, format!("{} :end of names", shown(name))),
            }
        }
    }

    fn who(&mut self, message: &Message<'_>) {
        let mask = message.param(0);
        let (flags, fields) = match message.param(1).split_once('%') {
            Some((flags, fields)) => (flags, Some(asked_fields(fields))),
            None => (message.param(1), None),
        };
        let which = Which { fits: None, operators: flags.contains('o'), fields };
        if let Ok(room) = room(mask) {
            return self.want(Wanted::WhoRoom { name: mask.to_string(), which }, Read::Members { room });
        }
        let (shown, fits, read) = match (mask, Mask::try_from(mask)) {
            ("" | "*" | "0", _) => ("*", None, Read::Everyone),
            (_, Ok(fits)) if mask.contains('*') => (shown(mask), Some(fits), Read::Everyone),
            (_, _) => (shown(mask), None, Read::People { nicks: Nick::try_from(mask).into_iter().collect() }),
        };
        let shown = if mask == "0" { "0" } else { shown };
        self.want(Wanted::WhoPeople { mask: shown.to_string(), which: Which { fits, ..which } }, read);
    }

    fn whois(&mut self, message: &Message<'_>) {
        let names = if message.params.len() > 1 { message.param(1) } else { message.param(0) };
        let Some(name) = names.split(',').find(|name| !name.is_empty()) else {
            return self.numeric(ERR_NONICKNAMEGIVEN, ":say whom: WHOIS name");
        };
        let nicks = Nick::try_from(name).into_iter().collect();
        self.want(Wanted::Whois { name: shown(name).to_string() }, Read::People { nicks });
    }

    fn whowas(&mut self, message: &Message<'_>) {
        let name = message.param(0);
        if name.is_empty() {
            return self.numeric(ERR_NONICKNAMEGIVEN, ":say whom: WHOWAS name");
        }
        let most = message.param(1).parse().ok().filter(|most| *most > 0).unwrap_or(usize::MAX);
        let wanted = Wanted::Was { name: shown(name).to_string(), most };
        match Nick::try_from(name) {
            Ok(nick) => self.want(wanted, Read::Was { nick }),
            Err(_) => self.want(wanted, Read::Barrier),
        }
    }

    fn ison(&mut self, message: &Message<'_>) {
        if message.params.is_empty() {
            return self.needs("ISON", "name [name]");
        }
        let nicks = named(message.params.iter().flat_map(|param| param.split(' ')));
        self.want(Wanted::IsOn, Read::People { nicks });
    }

    fn userhost(&mut self, message: &Message<'_>) {
        if message.params.is_empty() {
            return self.needs("USERHOST", "name [name]");
        }
        let nicks = named(message.params.iter().copied().take(5));
        self.want(Wanted::UserHost, Read::People { nicks });
    }

    fn away(&mut self, message: &Message<'_>) {
        let why = text(message.param(0));
        let known = match &why {
            Some(_) => Known::Numeric(super::numeric::RPL_NOWAWAY, ":you are marked as away".into()),
            None => Known::Numeric(super::numeric::RPL_UNAWAY, ":you are no longer marked as away".into()),
        };
        self.request(Request::Away(why));
        self.say(known);
    }

    fn setname(&mut self, message: &Message<'_>) {
        match text(message.param(0)) {
            Some(name) => {
                let known = Known::Own(format!("SETNAME :{name}"));
                self.request(Request::RealName(name));
                if self.session.caps.has(Caps::SETNAME) {
                    self.say(known);
                }
            }
            None => self.say(Known::Server("FAIL SETNAME INVALID_REALNAME :a real name is a line of text".into())),
        }
    }

    fn version(&mut self) {
        self.say_all(
            core::iter::once(Known::Numeric(RPL_VERSION, welcome::version())).chain(welcome::isupport()).collect(),
        );
    }
}

/// A room by its name on IRC, where it begins with `#`.
pub(super) fn room(name: &str) -> Result<Room, Known> {
    if !name.starts_with('#') {
        return Err(Known::Numeric(ERR_NOSUCHCHANNEL, format!("{} :a room's name begins with #", shown(name))));
    }
    Room::try_from(name).map_err(|why| no_room(name, &why))
}

fn no_room(name: &str, why: &dyn core::fmt::Display) -> Known {
    Known::Numeric(ERR_NOSUCHCHANNEL, format!("{} :{why}", shown(name)))
}

/// The fields an extended `WHO` asks for, and what it calls its answer.
fn asked_fields(fields: &str) -> Fields {
    let (letters, token) = fields.split_once(',').map_or((fields, None), |(letters, token)| (letters, Some(token)));
    let token = token.filter(|token| token.len() <= 3 && token.bytes().all(|byte| byte.is_ascii_digit()));
    Fields { letters: letters.to_string(), token: token.map(ToString::to_string) }
}

fn named<'a>(names: impl Iterator<Item = &'a str>) -> Vec<Nick> {
    names.filter_map(|name| Nick::try_from(name).ok()).take(MONITORED_MAX).collect()
}

/// Names one question may hold.
const MONITORED_MAX: usize = 100;

/// A clean text, if there is one.
pub(super) fn text(said: &str) -> Option<Text> {
    text_of(&understood(said, Manner::Notice).0).ok()
}

fn text_of(said: &str) -> Result<Text, crate::protocol::Unclean> {
    Text::try_from(said)
}

/// What was said without its colours, and whether it was done rather than said.
fn understood(said: &str, manner: Manner) -> (String, Manner) {
    let action = said.strip_prefix("\u{1}ACTION ").map(|done| done.strip_suffix('\u{1}').unwrap_or(done));
    match action {
        Some(done) if manner == Manner::Plain => (uncoloured(done), Manner::Action),
        Some(_) | None => (uncoloured(said), manner),
    }
}

/// A text without what makes it bold or coloured on IRC; a tab becomes a space.
pub(super) fn uncoloured(said: &str) -> String {
    let mut plain = String::with_capacity(said.len());
    let mut rest = said;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\u{2}' | '\u{f}' | '\u{11}' | '\u{16}' | '\u{1d}' | '\u{1e}' | '\u{1f}' => {}
            '\u{3}' => rest = after_colours(rest, 2, |c| c.is_ascii_digit()),
            '\u{4}' => rest = after_colours(rest, 6, |c| c.is_ascii_hexdigit()),
            '\t' => plain.push(' '),
            c => plain.push(c),
        }
    }
    plain
}

/// What follows a colour's number, and a second one after a comma.
fn after_colours(rest: &str, digits: usize, is_digit: fn(char) -> bool) -> &str {
    let number = |text: &str| text.chars().take(digits).take_while(|c| is_digit(*c)).count();
    let rest = &rest[number(rest)..];
    match rest.strip_prefix(',') {
        Some(second) if number(second) > 0 => &second[number(second)..],
        Some(_) | None => rest,
    }
}

/// Whether a word may be said back as it is: a parameter that is not the last.
pub(super) fn is_word(word: &str) -> bool {
    !word.is_empty()
        && !word.starts_with(':')
        && word.len() <= 100
        && word.chars().all(|c| may_be_said_back(c) && c != ' ')
}

/// A name as it may be said back.
pub(super) fn shown(name: &str) -> &str {
    if is_word(name) { name } else { "*" }
}

/// The clean characters of a text that is said back.
pub(super) fn clean(text: &str) -> String {
    text.chars().filter(|c| may_be_said_back(*c)).take(400).collect()
}
