//! What is wrong with a request: the person's affair. Nothing changed, and nobody else is told.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use super::words::listed;
use super::{Nick, Room, Unclean};

/// Why a numbered request was well framed and still could not be taken.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Unacceptable {
    /// A word of it is not clean, or too long, or empty.
    Unclean(Unclean),
    /// It names more people than may be named.
    TooManyPeople {
        /// The greatest number.
        max: u32,
    },
    /// It lacks a field its kind needs.
    Missing {
        /// The field's name.
        field: Box<str>,
    },
    /// This server does not know its kind.
    UnknownKind,
    /// It asks for more changes at once than may be asked for, or for none.
    TooManyChanges {
        /// The greatest number.
        max: u32,
    },
}

/// Why a request was not granted. Displayed as a sentence for whoever asked.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Refusal {
    /// Its content could not be taken.
    Unacceptable(Unacceptable),
    /// Somebody who is here is called that.
    NickTaken(Nick),
    /// Somebody else is called that since the author last looked.
    NickMoved(Nick),
    /// That is what they are called.
    SameNick(Nick),
    /// Nobody of that name is known.
    NobodyThere(Vec<Nick>),
    /// They named only themselves.
    OnlyYourself,
    /// They are not in that room.
    NotInRoom(Room),
    /// They are in it.
    AlreadyInRoom(Room),
    /// They are in as many rooms as one may be in.
    TooManyRoomsOfYours(u32),
    /// There are as many rooms as there may be.
    TooManyRooms(u32),
    /// As many identities are here as can be remembered.
    TooManyPeople(u32),
    /// This number stands for another request.
    NumberUsed,
    /// The client keeps as many unanswered requests as it may. Said by the client machine itself.
    OutboxFull(u32),
    /// It cannot be known whether the request was accepted: the server forgot this client. Said by the client machine.
    OutcomeUnknown,
    /// They are no operator of that room.
    NotOperator(Room),
    /// They do not operate the server.
    NotServerOperator,
    /// A ban keeps them from entering that room, or from speaking there.
    Banned(Room),
    /// A mute keeps them from speaking in that room.
    Muted(Room),
    /// Only operators and those with a voice speak in that room.
    Moderated(Room),
    /// Only who was invited may enter that room.
    InviteOnly(Room),
    /// That room takes a key, and another one than was given.
    WrongKey(Room),
    /// That room has as many members as it may have.
    RoomFull(Room, u32),
    /// They are no member of that room: somebody else whom the request names.
    NotMember(Nick, Room),
    /// They are a member of that room: somebody else whom the request names.
    MemberAlready(Nick, Room),
    /// There is no such room, or they may not know of it.
    NoSuchRoom(Room),
    /// That room has as many bans, or mutes, as it may have.
    TooManyBans(Room, u32),
    /// All that was asked for is so already.
    NothingChanges(Room),
    /// The name or the password is not that of a server operator. Said before there is an intent.
    WrongOper,
    /// The server takes a password, and another one than was given. Said before there is an intent.
    WrongPassword,
}

impl Refusal {
    /// A short stable name, for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unacceptable(_) => "unacceptable",
            Self::NickTaken(_) => "nick_taken",
            Self::NickMoved(_) => "nick_moved",
            Self::SameNick(_) => "same_nick",
            Self::NobodyThere(_) => "nobody_there",
            Self::OnlyYourself => "only_yourself",
            Self::NotInRoom(_) => "not_in_room",
            Self::AlreadyInRoom(_) => "already_in_room",
            Self::TooManyRoomsOfYours(_) => "too_many_rooms_of_yours",
            Self::TooManyRooms(_) => "too_many_rooms",
            Self::TooManyPeople(_) => "too_many_people",
            Self::NumberUsed => "number_used",
            Self::OutboxFull(_) => "outbox_full",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::NotOperator(_) => "not_operator",
            Self::NotServerOperator => "not_server_operator",
            Self::Banned(_) => "banned",
            Self::Muted(_) => "muted",
            Self::Moderated(_) => "moderated",
            Self::InviteOnly(_) => "invite_only",
            Self::WrongKey(_) => "wrong_key",
            Self::RoomFull(..) => "room_full",
            Self::NotMember(..) => "not_member",
            Self::MemberAlready(..) => "member_already",
            Self::NoSuchRoom(_) => "no_such_room",
            Self::TooManyBans(..) => "too_many_bans",
            Self::NothingChanges(_) => "nothing_changes",
            Self::WrongOper => "wrong_oper",
            Self::WrongPassword => "wrong_password",
        }
    }
}

impl From<Unclean> for Refusal {
    fn from(unclean: Unclean) -> Self {
        Self::Unacceptable(Unacceptable::Unclean(unclean))
    }
}

impl fmt::Display for Unacceptable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unclean(unclean) => unclean.fmt(f),
            Self::TooManyPeople { max } => write!(f, "a private message names at most {max} people; use a room"),
            Self::Missing { field } => write!(f, "the request needs the field \"{field}\""),
            Self::UnknownKind => f.write_str("this server does not know that kind of request"),
            Self::TooManyChanges { max } => write!(f, "a request asks for one change at least and {max} at most"),
        }
    }
}

impl core::error::Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unacceptable(why) => why.fmt(f),
            Self::NickTaken(nick) => write!(f, "{nick} is taken; choose another name"),
            Self::NickMoved(nick) => {
                write!(f, "{nick} may be somebody else since you last looked; say it again if you mean them")
            }
            Self::SameNick(nick) => write!(f, "you are {nick} already"),
            Self::NobodyThere(names) if names.len() == 1 => {
                write!(f, "{} is not here; /who lists who is", listed(names))
            }
            Self::NobodyThere(names) => write!(f, "{} are not here; /who lists who is", listed(names)),
            Self::OnlyYourself => f.write_str("that is only you; name somebody else"),
            Self::NotInRoom(room) => write!(f, "you are not in {room}; /join {} first", room.as_str()),
            Self::AlreadyInRoom(room) => write!(f, "you are in {room} already"),
            Self::TooManyRoomsOfYours(max) => {
                write!(f, "you are in {max} rooms, the most one can be in; /leave one first")
            }
            Self::TooManyRooms(max) => {
                write!(f, "there are {max} rooms, the most there can be; join one of those: /rooms")
            }
            Self::TooManyPeople(max) => {
                write!(f, "{max} people are known here, the most there can be; try again later")
            }
            Self::NumberUsed => f.write_str("this request's number was used for another"),
            Self::OutboxFull(max) => {
                write!(f, "{max} lines are waiting, the most there can be; try again when connected")
            }
            Self::OutcomeUnknown => {
                f.write_str("whether this was sent is not known; look, and say it again if it was not")
            }
            Self::NotOperator(room) => {
                write!(f, "only its operators do that in {room}; /who {} marks them with @", room.as_str())
            }
            Self::NotServerOperator => f.write_str("only a server operator does that: /oper NAME PASSWORD"),
            Self::Banned(room) => write!(f, "you are banned from {room}; ask one of its operators"),
            Self::Muted(room) => write!(f, "you are muted in {room}; ask one of its operators"),
            Self::Moderated(room) => {
                write!(f, "{room} is moderated: only its operators and those with a voice speak; ask for a voice")
            }
            Self::InviteOnly(room) => write!(f, "{room} is by invitation; ask one of its operators for one"),
            Self::WrongKey(room) => write!(f, "{room} takes a key: /join {} KEY", room.as_str()),
            Self::RoomFull(room, max) => write!(f, "{room} has {max} members, the most it may have; try again later"),
            Self::NotMember(nick, room) => write!(f, "{nick} is not in {room}"),
            Self::MemberAlready(nick, room) => write!(f, "{nick} is in {room} already"),
            Self::NoSuchRoom(room) => write!(f, "there is no room {room}; /rooms lists those there are"),
            Self::TooManyBans(room, max) => {
                write!(f, "{room} has {max} of those, the most it may have; take one back first")
            }
            Self::NothingChanges(room) => write!(f, "that is so in {room} already"),
            Self::WrongOper => f.write_str("no server operator has that name and password"),
            Self::WrongPassword => f.write_str("this server takes a password, and that is not it"),
        }
    }
}
