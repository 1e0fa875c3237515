//! What people are told, before any door has put it into bytes.

mod parting;
mod sight;

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

pub use self::parting::Parting;
pub use self::sight::{Place, Seen, Sight};
use super::{
    Account, Brief, ClientId, Entry, Flag, LogId, Masked, Nick, Refusal, RequestId, Role, Room, RoomKey, Seq, Tags,
    Target, Text, Through, Topic,
};
use crate::time::WallTime;

/// What a server says to one peer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reply {
    /// You are in.
    Welcome(Box<Welcome>),
    /// Something happened, by somebody else.
    Saw(Arc<Seen>),
    /// Your request is an entry: your own words, at their place.
    Accepted {
        /// Which request.
        n: RequestId,
        /// Which entry.
        seq: Seq,
        /// When.
        at: WallTime,
        /// What you alone are told.
        notes: Notes,
        /// The entry itself, where a client may not know it any more: on resume.
        entry: Option<Arc<Seen>>,
    },
    /// Your request changed nothing.
    Refused {
        /// Which request, if it had a number.
        n: Option<RequestId>,
        /// Why.
        why: Refusal,
    },
    /// Your question, or your word that you operate the server, is not granted.
    Denied {
        /// From the question.
        reference: u64,
        /// Why.
        why: Refusal,
    },
    /// Who is here, as asked.
    Who {
        /// From the question.
        reference: u64,
        /// In the order of their arrival's number.
        people: Vec<Here>,
        /// So many more are not listed.
        more: u32,
    },
    /// Which rooms there are, as asked.
    Rooms {
        /// From the question.
        reference: u64,
        /// By name.
        rooms: Vec<RoomLine>,
        /// So many more are not listed.
        more: u32,
    },
    /// A room in full, as asked.
    Room {
        /// From the question.
        reference: u64,
        /// The room.
        room: Box<RoomView>,
    },
    /// You operate the server from here on, as long as this session holds.
    Oper {
        /// From the request.
        reference: u64,
    },
    /// A page of history, as asked.
    Page {
        /// From the question.
        reference: u64,
        /// What was found.
        page: Page,
    },
    /// What stands between can no longer be read: below retention.
    Missed {
        /// After this entry …
        from: Seq,
        /// … up to this one.
        to: Seq,
    },
    /// I am here, and you have been sent everything up to here.
    Pong {
        /// Up to here.
        head: Seq,
    },
    /// Are you there?
    Ping,
    /// Somebody says of themselves what is not in the log: to those who share a room with them, and those who watch them.
    Described {
        /// Who.
        nick: Nick,
        /// What they are known by.
        account: Option<Account>,
        /// No room is shared with them: they are watched.
        watched: bool,
        /// What they are called outside, if that is what they say; else whether they are away, and why.
        real_name: Option<Text>,
        /// Why they are away.
        away: Option<Text>,
    },
    /// Somebody else was asked into a room one operates.
    Invited {
        /// By whom.
        by: Nick,
        /// What they are known by.
        account: Option<Account>,
        /// Who.
        nick: Nick,
        /// Where.
        room: Room,
    },
    /// Somebody gave a sign, such as that they write.
    Signal {
        /// Who.
        from: Nick,
        /// What they are known by.
        account: Option<Account>,
        /// To whom.
        to: Target,
        /// Which.
        tags: Tags,
    },
    /// Somebody who is watched came, or went.
    Watched {
        /// What they are called.
        nick: Nick,
        /// Whether they are here.
        here: bool,
    },
    /// Everything before the question is answered, and everything up to then was sent.
    Reached {
        /// From the question.
        reference: u64,
        /// The last entry's time.
        at: WallTime,
        /// How many there are.
        census: Census,
    },
    /// Who is here and in a room, as asked.
    Members {
        /// From the question; 0 if it was not asked.
        reference: u64,
        /// The room, its list of people empty.
        room: Box<RoomView>,
        /// Who.
        people: Vec<Profile>,
    },
    /// A stretch of what was said, as asked: by whom and to whom makes a difference where one's own is shown otherwise.
    Talk {
        /// From the question.
        reference: u64,
        /// Who asked.
        who: ClientId,
        /// What was found, in order.
        entries: Vec<Arc<Entry>>,
    },
    /// Those who are here, of those that were asked for.
    People {
        /// From the question.
        reference: u64,
        /// Who.
        people: Vec<Profile>,
    },
    /// Who was called what was asked after, the last of them first.
    Was {
        /// From the question.
        reference: u64,
        /// Who.
        found: Vec<Was>,
    },
    /// A remark of the server's.
    Notice(Notice),
    /// The last thing said on a connection.
    Bye(Parting),
}

/// How a session begins.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Welcome {
    /// The log that numbers belong to.
    pub log: LogId,
    /// What you are called.
    pub you: Nick,
    /// Your colour slot.
    pub hue: u16,
    /// The last entry there is; the roster is as of here.
    pub head: Seq,
    /// Your last decided request.
    pub last: RequestId,
    /// The rooms you are in.
    pub rooms: Vec<Room>,
    /// Who is here, you among them.
    pub here: Vec<Here>,
    /// So many more are.
    pub more: u32,
    /// What this server takes.
    pub limits: WireLimits,
}

/// What a client needs to know of a server's limits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct WireLimits {
    /// Longest text, in bytes.
    pub text_bytes: u32,
    /// Longest nickname, in characters.
    pub nick_chars: u32,
    /// Requests that may be unanswered at once.
    pub window: u32,
    /// Say something at least so often, in milliseconds.
    pub heartbeat_ms: u64,
    /// Silence after which the other side is taken for gone, in milliseconds.
    pub idle_ms: u64,
}

/// Somebody who is here.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Here {
    /// What they are called.
    pub nick: Nick,
    /// Their colour slot.
    pub hue: u16,
    /// How they came.
    pub door: Through,
    /// Seconds since they last asked for anything; none while their connection is lost and they may come back.
    pub idle_s: Option<u64>,
    /// The rooms that they and whoever is told are both in, at most
    /// [`SHARED_TOLD_MAX`](crate::limits::SHARED_TOLD_MAX); none, if that is not told.
    pub shared: Option<Vec<Room>>,
}

/// Somebody who is here, with what their connection says of them.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Profile {
    /// Who.
    pub here: Here,
    /// Why they are away, if they say so.
    pub away: Option<Text>,
    /// What they are called outside, if they say so.
    pub real_name: Option<Text>,
    /// What they are known by, if they can come back as themselves.
    pub account: Option<Account>,
    /// The rooms they are in that whoever asks may know of, with their role there.
    pub rooms: Vec<(Room, Option<Role>)>,
    /// Their roles in the room that was asked about, the highest first.
    pub roles: Vec<Role>,
    /// When they connected; none, if nobody knows.
    pub since: Option<WallTime>,
    /// Whether they operate the server.
    pub operates: bool,
}

/// Somebody who was here, or was called otherwise.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Was {
    /// What they were called.
    pub nick: Nick,
    /// What they were called outside, if they said so.
    pub real_name: Option<Text>,
    /// Until when.
    pub at: WallTime,
}

/// How many there are.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Census {
    /// People here.
    pub people: u32,
    /// People here at once at most, since the server started.
    pub most: u32,
    /// Rooms with members.
    pub rooms: u32,
    /// Those of the people here who operate the server.
    pub operators: u32,
    /// Connections that have yet to say who they are.
    pub unnamed: u32,
}

/// A room.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct RoomLine {
    /// Its name.
    pub room: Room,
    /// Members who are here.
    pub here: u32,
    /// All members.
    pub members: u32,
    /// What it is about.
    pub topic: Option<Brief>,
}

/// A room in full, as one person may see it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct RoomView {
    /// Its name.
    pub room: Room,
    /// What it is about.
    pub topic: Option<Topic>,
    /// What is on.
    pub flags: Vec<Flag>,
    /// Whether entering takes a key.
    pub keyed: bool,
    /// The key: shown to its members.
    pub key: Option<RoomKey>,
    /// At most so many members.
    pub limit: Option<u32>,
    /// Who can neither enter nor speak.
    pub bans: Vec<Masked>,
    /// Who cannot speak.
    pub mutes: Vec<Masked>,
    /// Its members who are here, by name.
    pub here: Vec<Member>,
    /// So many more are not listed.
    pub more: u32,
    /// All members.
    pub members: u32,
}

/// Somebody in a room.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Member {
    /// Who.
    pub here: Here,
    /// The highest role they have there.
    pub role: Option<Role>,
}

/// A stretch of a room's history, in order.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Page {
    /// Which room.
    pub room: Room,
    /// What happened, in order.
    pub entries: Vec<Arc<Seen>>,
    /// Whether there is more before it.
    pub more: bool,
}

/// What the author of an entry alone is told with its acceptance.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug, Serialize, Deserialize)]
pub struct Notes {
    /// These are not known here; the others got it.
    pub unknown: Vec<Nick>,
    /// These are away and get it on return.
    pub away: Vec<Nick>,
    /// Nobody else is in that room.
    pub alone: bool,
}

/// A remark of the server's that is no entry.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Notice {
    /// Asks a guest's name.
    AskName,
    /// Asks for the server's password.
    AskPassword,
    /// A name could not be had; asks again.
    AskNameAgain(Refusal),
    /// Your nick was taken while you were away.
    Renamed {
        /// What you were called.
        was: Nick,
        /// What you are called.
        you: Nick,
    },
    /// The server cannot store at the moment: nothing is accepted, reading goes on.
    NotStoring,
    /// A page of history cannot be read.
    Unreadable,
    /// A line was too long and was not taken.
    LineTooLong {
        /// The greatest length, in bytes.
        max: u32,
    },
    /// A line was not UTF-8 and was not taken.
    NotUtf8,
    /// What was typed cannot be taken and was not sent.
    NotSent(Refusal),
    /// So many lines that followed a name which could not be had were not sent.
    LinesDropped(u32),
    /// There is no such command.
    UnknownCommand(Box<str>),
    /// The command needs something more.
    Usage(Box<str>),
    /// The commands there are.
    Help,
}

impl fmt::Display for Through {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Native => "client",
            Self::Text => "text",
            Self::Irc => "irc",
        })
    }
}
