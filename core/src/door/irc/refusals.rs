//! A refusal as the number IRC has for it.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::lines::Line;
use super::numeric::{
    ERR_BADCHANNELKEY, ERR_BANLISTFULL, ERR_BANNEDFROMCHAN, ERR_CANNOTSENDTOCHAN, ERR_CHANNELISFULL,
    ERR_CHANOPRIVSNEEDED, ERR_ERRONEUSNICKNAME, ERR_INVITEONLYCHAN, ERR_NICKNAMEINUSE, ERR_NOPRIVILEGES,
    ERR_NOSUCHCHANNEL, ERR_NOSUCHNICK, ERR_NOTONCHANNEL, ERR_TOOMANYCHANNELS, ERR_UNKNOWNERROR, ERR_USERNOTINCHANNEL,
    ERR_USERONCHANNEL,
};
use super::session::{Asked, Session};
use crate::protocol::{Nick, Refusal};

impl Session {
    /// The line for a request that was not granted; none where IRC has none.
    pub(super) fn refused(&self, asked: Option<&Asked>, why: &Refusal) -> Vec<Line> {
        let target = asked.map_or_else(|| "*".into(), target_of);
        let (number, about) = match (why, asked) {
            (_, Some(Asked::Say { notice: true, .. })) => return Vec::new(), // A notice is never answered.
            (Refusal::AlreadyInRoom(_) | Refusal::SameNick(_) | Refusal::NothingChanges(_), _) => return Vec::new(),
            (Refusal::NickTaken(nick), _) => (ERR_NICKNAMEINUSE, nick.to_string()),
            (Refusal::NickMoved(nick), _) => (ERR_NOSUCHNICK, nick.to_string()),
            (Refusal::NobodyThere(nicks), _) => return self.nobody_there(nicks),
            (Refusal::NotInRoom(room), Some(Asked::Say { .. })) => (ERR_CANNOTSENDTOCHAN, room.to_string()),
            (Refusal::NotInRoom(room), _) => (ERR_NOTONCHANNEL, room.to_string()),
            (Refusal::NoSuchRoom(room), _) => {
                let line = format_args!("{room} :there is no such room");
                return Vec::from([Line::numeric(ERR_NOSUCHCHANNEL, self.name(), line)]);
            }
            (Refusal::TooManyRoomsOfYours(_) | Refusal::TooManyRooms(_), _) => (ERR_TOOMANYCHANNELS, target),
            (Refusal::Unacceptable(_), Some(Asked::Nick { .. })) => (ERR_ERRONEUSNICKNAME, target),
            (Refusal::Banned(room), Some(Asked::Join { .. })) => (ERR_BANNEDFROMCHAN, room.to_string()),
            (Refusal::Banned(room) | Refusal::Muted(room) | Refusal::Moderated(room), _) => {
                (ERR_CANNOTSENDTOCHAN, room.to_string())
            }
            (Refusal::InviteOnly(room), _) => (ERR_INVITEONLYCHAN, room.to_string()),
            (Refusal::WrongKey(room), _) => (ERR_BADCHANNELKEY, room.to_string()),
            (Refusal::RoomFull(room, _), _) => (ERR_CHANNELISFULL, room.to_string()),
            (Refusal::NotOperator(room), _) => (ERR_CHANOPRIVSNEEDED, room.to_string()),
            (Refusal::NotMember(nick, room), _) => (ERR_USERNOTINCHANNEL, format!("{nick} {room}")),
            (Refusal::MemberAlready(nick, room), _) => (ERR_USERONCHANNEL, format!("{nick} {room}")),
            (Refusal::TooManyBans(room, _), _) => (ERR_BANLISTFULL, format!("{room} b")),
            (Refusal::NotServerOperator, _) => {
                return Vec::from([Line::numeric(ERR_NOPRIVILEGES, self.name(), format_args!(":{why}"))]);
            }
            (
                Refusal::Unacceptable(_)
                | Refusal::OnlyYourself
                | Refusal::TooManyPeople(_)
                | Refusal::NumberUsed
                | Refusal::OutboxFull(_)
                | Refusal::OutcomeUnknown
                | Refusal::WrongOper
                | Refusal::WrongPassword,
                _,
            ) => (ERR_UNKNOWNERROR, asked.map_or("*", command_of).into()),
        };
        Vec::from([Line::numeric(number, self.name(), format_args!("{about} :{why}"))])
    }

    pub(super) fn nobody_there(&self, nicks: &[Nick]) -> Vec<Line> {
        let line = |nick: &Nick| format!("{nick} :nobody is called that");
        nicks.iter().map(|nick| Line::numeric(ERR_NOSUCHNICK, self.name(), line(nick))).collect()
    }
}

fn target_of(asked: &Asked) -> String {
    match asked {
        Asked::Say { target, .. } => super::commands::shown(target).into(),
        Asked::Join { room }
        | Asked::Part { room }
        | Asked::Topic { room }
        | Asked::Kick { room }
        | Asked::Invite { room }
        | Asked::Mode { room } => room.to_string(),
        Asked::Nick { nick } => nick.to_string(),
        Asked::Kill => "*".into(),
    }
}

const fn command_of(asked: &Asked) -> &'static str {
    match asked {
        Asked::Say { notice: false, .. } => "PRIVMSG",
        Asked::Say { notice: true, .. } => "NOTICE",
        Asked::Join { .. } => "JOIN",
        Asked::Part { .. } => "PART",
        Asked::Nick { .. } => "NICK",
        Asked::Topic { .. } => "TOPIC",
        Asked::Kick { .. } => "KICK",
        Asked::Invite { .. } => "INVITE",
        Asked::Mode { .. } => "MODE",
        Asked::Kill => "KILL",
    }
}

/// A refused name, while its owner is nobody yet.
pub(super) fn name_refused(why: &Refusal) -> Line {
    if let Refusal::NickTaken(nick) = why {
        return Line::numeric(ERR_NICKNAMEINUSE, "*", format_args!("{nick} :{why}"));
    }
    Line::numeric(ERR_ERRONEUSNICKNAME, "*", format_args!("* :{why}"))
}
