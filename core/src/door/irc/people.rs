//! Who is where: `NAMES`, `WHO` in both its forms, `WHOIS`, `ISON`, `USERHOST`.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::caps::Caps;
use super::lines::{HOST, Line, SERVER, listed, mask};
use super::numeric::{
    ERR_NOSUCHNICK, ERR_WASNOSUCHNICK, RPL_AWAY, RPL_ENDOFNAMES, RPL_ENDOFWHO, RPL_ENDOFWHOIS, RPL_ENDOFWHOWAS,
    RPL_ISON, RPL_NAMREPLY, RPL_USERHOST, RPL_WHOISACCOUNT, RPL_WHOISCHANNELS, RPL_WHOISIDLE, RPL_WHOISOPERATOR,
    RPL_WHOISSERVER, RPL_WHOISUSER, RPL_WHOREPLY, RPL_WHOSPCRPL, RPL_WHOWASUSER,
};
use super::session::{Fields, Session, Which};
use crate::protocol::reply::{Profile, Was};
use crate::protocol::{Account, Room, Text};

impl Session {
    /// Who is in a room. Those who are not in it themselves are told too: rooms are open.
    pub(super) fn names(&self, room: &Room, people: &[Profile]) -> Vec<Line> {
        let shown = |profile: &Profile| {
            let nick = profile.here.nick.as_str();
            let nick = if self.caps.has(Caps::USERHOST_IN_NAMES) { mask(nick) } else { nick.to_string() };
            format!("{}{nick}", self.marks(profile))
        };
        let mut lines = listed(RPL_NAMREPLY, self.name(), &format!("= {room} :"), people.iter().map(shown));
        lines.push(Line::numeric(RPL_ENDOFNAMES, self.name(), format_args!("{room} :end of names")));
        lines
    }

    /// What stands before a name in a room's lists: the highest role, or all of them for who asked for that.
    fn marks(&self, profile: &Profile) -> String {
        let shown = if self.caps.has(Caps::MULTI_PREFIX) { usize::MAX } else { 1 };
        profile.roles.iter().take(shown).map(|role| role.mark()).collect()
    }

    /// One line for each, and the end.
    pub(super) fn who(&self, mask: &str, room: Option<&Room>, which: &Which, people: &[Profile]) -> Vec<Line> {
        let meant = |profile: &&Profile| {
            which.fits.as_ref().is_none_or(|mask| mask.fits(&profile.here.nick))
                && (profile.operates || !which.operators)
        };
        let mut lines: Vec<Line> = people
            .iter()
            .filter(meant)
            .map(|profile| match &which.fields {
                Some(fields) => self.who_fields(room, fields, profile),
                None => self.who_line(room, profile),
            })
            .collect();
        lines.push(Line::numeric(RPL_ENDOFWHO, self.name(), format_args!("{mask} :end of who")));
        lines
    }

    fn who_line(&self, room: Option<&Room>, profile: &Profile) -> Line {
        let (nick, room) = (&profile.here.nick, room_shown(room));
        let rest = format!("{room} {nick} {HOST} {SERVER} {nick} {} :0 {}", self.flags(profile), real_name(profile));
        Line::numeric(RPL_WHOREPLY, self.name(), rest)
    }

    /// What was asked for, in the order that is always the same.
    fn who_fields(&self, room: Option<&Room>, fields: &Fields, profile: &Profile) -> Line {
        let nick = profile.here.nick.to_string();
        let mut rest = String::new();
        for letter in "tcuihsnfdlaor".chars().filter(|letter| fields.letters.contains(*letter)) {
            let value = match letter {
                't' => fields.token.clone().unwrap_or_else(|| "0".into()),
                'c' => room_shown(room),
                'u' | 'n' => nick.clone(),
                'i' => "255.255.255.255".into(),
                'h' => HOST.into(),
                's' => SERVER.into(),
                'f' => self.flags(profile),
                'd' => "0".into(),
                'l' => idle(profile).to_string(),
                'a' => profile.account.as_ref().map_or("0", Account::as_str).into(),
                'o' => "n/a".into(),
                _ => format!(":{}", real_name(profile)),
            };
            if !rest.is_empty() {
                rest.push(' ');
            }
            rest.push_str(&value);
        }
        Line::numeric(RPL_WHOSPCRPL, self.name(), rest)
    }

    fn flags(&self, profile: &Profile) -> String {
        let is_away = profile.away.is_some() || profile.here.idle_s.is_none();
        let mut flags = String::from(if is_away { "G" } else { "H" });
        flags.extend(profile.operates.then_some('*'));
        flags + &self.marks(profile)
    }

    pub(super) fn whois(&self, name: &str, found: Option<&Profile>) -> Vec<Line> {
        let numeric = |number, rest: String| Line::numeric(number, self.name(), rest);
        let mut lines = Vec::new();
        match found {
            None => lines.push(numeric(ERR_NOSUCHNICK, format!("{name} :nobody here is called that"))),
            Some(profile) => {
                let nick = &profile.here.nick;
                lines.push(numeric(RPL_WHOISUSER, format!("{nick} {nick} {HOST} * :{}", real_name(profile))));
                lines.push(numeric(RPL_WHOISSERVER, format!("{nick} {SERVER} :here by {}", profile.here.door)));
                if !profile.rooms.is_empty() {
                    let rooms = profile.rooms.iter().map(|(room, role)| match role {
                        Some(role) => format!("{}{room}", role.mark()),
                        None => room.to_string(),
                    });
                    lines.extend(listed(RPL_WHOISCHANNELS, self.name(), &format!("{nick} :"), rooms));
                }
                if profile.operates {
                    lines.push(numeric(RPL_WHOISOPERATOR, format!("{nick} :operates this server")));
                }
                if let Some(account) = &profile.account {
                    lines.push(numeric(RPL_WHOISACCOUNT, format!("{nick} {account} :is known as")));
                }
                if let Some(away) = &profile.away {
                    lines.push(numeric(RPL_AWAY, format!("{nick} :{away}")));
                }
                if let Some(since) = profile.since {
                    let (idle, since) = (idle(profile), since.0 / 1_000);
                    lines.push(numeric(RPL_WHOISIDLE, format!("{nick} {idle} {since} :seconds idle, signon time")));
                }
            }
        }
        let shown = found.map_or_else(|| name.to_string(), |profile| profile.here.nick.to_string());
        lines.push(numeric(RPL_ENDOFWHOIS, format!("{shown} :end of whois")));
        lines
    }

    /// Who was called that, and until when.
    pub(super) fn was<'a>(&self, name: &str, found: impl Iterator<Item = &'a Was>) -> Vec<Line> {
        let numeric = |number, rest: String| Line::numeric(number, self.name(), rest);
        let mut lines = Vec::new();
        for was in found {
            let nick = &was.nick;
            let real_name = was.real_name.as_ref().map_or(nick.as_str(), Text::as_str);
            lines.push(numeric(RPL_WHOWASUSER, format!("{nick} {nick} {HOST} * :{real_name}")));
            lines.push(numeric(RPL_WHOISSERVER, format!("{nick} {SERVER} :until {}", was.at.rfc3339())));
        }
        if lines.is_empty() {
            lines.push(numeric(ERR_WASNOSUCHNICK, format!("{name} :nobody was called that lately")));
        }
        lines.push(numeric(RPL_ENDOFWHOWAS, format!("{name} :end of whowas")));
        lines
    }

    pub(super) fn is_on(&self, people: &[Profile]) -> Vec<Line> {
        let names: Vec<&str> = people.iter().map(|profile| profile.here.nick.as_str()).collect();
        Vec::from([Line::numeric(RPL_ISON, self.name(), format_args!(":{}", names.join(" ")))])
    }

    pub(super) fn user_host(&self, people: &[Profile]) -> Vec<Line> {
        let one = |profile: &Profile| {
            let (nick, sign) = (&profile.here.nick, if profile.away.is_some() { '-' } else { '+' });
            format!("{nick}={sign}{nick}@{HOST}")
        };
        let found: Vec<String> = people.iter().map(one).collect();
        Vec::from([Line::numeric(RPL_USERHOST, self.name(), format_args!(":{}", found.join(" ")))])
    }
}

fn room_shown(room: Option<&Room>) -> String {
    room.map_or_else(|| "*".into(), ToString::to_string)
}

fn idle(profile: &Profile) -> u64 {
    profile.here.idle_s.unwrap_or(0)
}

fn real_name(profile: &Profile) -> String {
    profile.real_name.as_ref().map_or_else(|| profile.here.nick.to_string(), ToString::to_string)
}
