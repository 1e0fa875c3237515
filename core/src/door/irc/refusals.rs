//! A refusal as the number IRC has for it.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::lines::Line;
use super::numeric::{
    ERR_CANNOTSENDTOCHAN, ERR_ERRONEUSNICKNAME, ERR_NICKNAMEINUSE, ERR_NOSUCHNICK, ERR_NOTONCHANNEL,
    ERR_TOOMANYCHANNELS, ERR_UNKNOWNERROR,
};
use super::session::{Asked, Session};
use crate::protocol::{Nick, Refusal};

impl Session {
    /// The line for a request that was not granted; none where IRC has none.
    pub(super) fn refused(&self, asked: Option<&Asked>, why: &Refusal) -> Vec<Line> {
        let target = asked.map_or("*", target_of);
        let (number, about) = match (why, asked) {
            (_, Some(Asked::Say { notice: true, .. })) => return Vec::new(), // A notice is never answered.
            (Refusal::AlreadyInRoom(_) | Refusal::SameNick(_), _) => return Vec::new(),
            (Refusal::NickTaken(nick), _) => (ERR_NICKNAMEINUSE, nick.to_string()),
            (Refusal::NickMoved(nick), _) => (ERR_NOSUCHNICK, nick.to_string()),
            (Refusal::NobodyThere(nicks), _) => return self.nobody_there(nicks),
            (Refusal::NotInRoom(room), Some(Asked::Say { .. })) => (ERR_CANNOTSENDTOCHAN, room.to_string()),
            (Refusal::NotInRoom(room), _) => (ERR_NOTONCHANNEL, room.to_string()),
            (Refusal::TooManyRoomsOfYours(_) | Refusal::TooManyRooms(_), _) => (ERR_TOOMANYCHANNELS, target.into()),
            (Refusal::Unacceptable(_), Some(Asked::Nick { .. })) => (ERR_ERRONEUSNICKNAME, target.into()),
            (
                Refusal::Unacceptable(_)
                | Refusal::OnlyYourself
                | Refusal::TooManyPeople(_)
                | Refusal::NumberUsed
                | Refusal::OutboxFull(_)
                | Refusal::OutcomeUnknown,
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

fn target_of(asked: &Asked) -> &str {
    match asked {
        Asked::Say { target, .. } => super::commands::shown(target),
        Asked::Join { room } | Asked::Part { room } => room.as_str(),
        Asked::Nick { nick } => nick.as_str(),
    }
}

const fn command_of(asked: &Asked) -> &'static str {
    match asked {
        Asked::Say { notice: false, .. } => "PRIVMSG",
        Asked::Say { notice: true, .. } => "NOTICE",
        Asked::Join { .. } => "JOIN",
        Asked::Part { .. } => "PART",
        Asked::Nick { .. } => "NICK",
    }
}

/// A refused name, while its owner is nobody yet.
pub(super) fn name_refused(why: &Refusal) -> Line {
    match why {
        Refusal::NickTaken(nick) => Line::numeric(ERR_NICKNAMEINUSE, "*", format_args!("{nick} :{why}")),
        Refusal::Unacceptable(_)
        | Refusal::NickMoved(_)
        | Refusal::SameNick(_)
        | Refusal::NobodyThere(_)
        | Refusal::OnlyYourself
        | Refusal::NotInRoom(_)
        | Refusal::AlreadyInRoom(_)
        | Refusal::TooManyRoomsOfYours(_)
        | Refusal::TooManyRooms(_)
        | Refusal::TooManyPeople(_)
        | Refusal::NumberUsed
        | Refusal::OutboxFull(_)
        | Refusal::OutcomeUnknown => Line::numeric(ERR_ERRONEUSNICKNAME, "*", format_args!("* :{why}")),
    }
}
