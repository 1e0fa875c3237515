//! What people are told, before any door has put it into bytes.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use super::{
    Account, Audience, Brief, Change, ClientId, Entry, Event, Flag, Leaving, LogId, Manner, Masked, Nick, Refusal,
    RequestId, Role, Room, RoomKey, Seq, Tags, Target, Text, Through, Topic,
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

/// An entry as those see it who may: without what its author alone is told, and without anybody's identity.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Seen {
    /// Its number.
    pub seq: Seq,
    /// When.
    pub at: WallTime,
    /// Whose.
    pub from: Nick,
    /// Their colour slot.
    pub hue: u16,
    /// What happened.
    pub sight: Sight,
}

/// What happened, as those see it who may.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Sight {
    /// Somebody is here.
    Arrived {
        /// How they came.
        door: Through,
    },
    /// Somebody is not.
    Departed {
        /// Why.
        why: Leaving,
    },
    /// Somebody became a member of a room.
    Joined {
        /// Which.
        room: Room,
    },
    /// Somebody ceased to be one.
    Left {
        /// Which.
        room: Room,
    },
    /// Somebody is called something else.
    Renamed {
        /// What.
        to: Nick,
    },
    /// Something was said.
    Said {
        /// Where.
        place: Place,
        /// What.
        text: Text,
        /// How.
        manner: Manner,
    },
    /// A room is about something else, or nothing.
    Topic {
        /// Which.
        room: Room,
        /// What.
        topic: Option<Brief>,
    },
    /// Somebody's membership of a room was ended.
    Kicked {
        /// Which.
        room: Room,
        /// Whose.
        nick: Nick,
        /// Why.
        reason: Option<Brief>,
    },
    /// Somebody is asked in.
    Invited {
        /// Into which room.
        room: Room,
        /// Who.
        nick: Nick,
    },
    /// A room is kept differently.
    Changed {
        /// Which.
        room: Room,
        /// What, in order.
        changes: Vec<Change>,
    },
    /// Somebody's connection is ended by a server operator.
    Killed {
        /// Whose.
        nick: Nick,
        /// Why.
        reason: Option<Brief>,
    },
}

/// Where something was said.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Place {
    /// In a room.
    Room(Room),
    /// Between its author and these people.
    Private(Vec<Nick>),
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

/// Why a connection ends.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Parting {
    /// As asked.
    Quit,
    /// The same key connected anew.
    TakenOver,
    /// The server stops; it may be back.
    ServerStops,
    /// As many people are here as there may be.
    Full {
        /// How many.
        max: u32,
    },
    /// Nobody said who they were in time.
    HelloTooLate,
    /// Nothing was heard for too long.
    Silent,
    /// The server cannot store at the moment.
    NotStoring,
    /// What the client has yet to see cannot be read.
    Unreadable,
    /// There are as many connections without a name as there may be.
    Crowded,
    /// The server does not know this client any more.
    Forgotten,
    /// The client has seen more than this log holds: an older copy of the log.
    AheadOfLog {
        /// The last entry there is.
        head: Seq,
    },
    /// The name cannot be had.
    Refused(Refusal),
    /// The peer's program broke the rules.
    Violation(Box<str>),
    /// A server operator ended the connection.
    Killed {
        /// What they are called.
        by: Nick,
        /// Why.
        reason: Option<Brief>,
    },
}

impl Parting {
    /// A short stable name, for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Quit => "quit",
            Self::TakenOver => "taken_over",
            Self::ServerStops => "server_stops",
            Self::Full { .. } => "full",
            Self::HelloTooLate => "hello_too_late",
            Self::Silent => "silent",
            Self::NotStoring => "not_storing",
            Self::Unreadable => "unreadable",
            Self::Crowded => "crowded",
            Self::Forgotten => "forgotten",
            Self::AheadOfLog { .. } => "ahead_of_log",
            Self::Refused(_) => "refused",
            Self::Violation(_) => "violation",
            Self::Killed { .. } => "killed",
        }
    }
}

impl From<&Entry> for Seen {
    fn from(entry: &Entry) -> Self {
        let sight = match &entry.event {
            Event::Arrived { door, .. } => Sight::Arrived { door: *door },
            Event::Departed { why, .. } => Sight::Departed { why: *why },
            Event::Joined { room } => Sight::Joined { room: room.clone() },
            Event::Left { room } => Sight::Left { room: room.clone() },
            Event::Renamed { to, .. } => Sight::Renamed { to: to.clone() },
            Event::Said { audience, text, manner, .. } => {
                let place = match audience {
                    Audience::Room(room) => Place::Room(room.clone()),
                    Audience::Only(people) => Place::Private(people.iter().map(|p| p.nick.clone()).collect()),
                };
                Sight::Said { place, text: text.clone(), manner: *manner }
            }
            Event::Topic { room, topic } => Sight::Topic { room: room.clone(), topic: topic.clone() },
            Event::Kicked { room, who, reason } => {
                Sight::Kicked { room: room.clone(), nick: who.nick.clone(), reason: reason.clone() }
            }
            Event::Invited { room, who } => Sight::Invited { room: room.clone(), nick: who.nick.clone() },
            Event::Changed { room, changes } => Sight::Changed { room: room.clone(), changes: changes.clone() },
            Event::Killed { who, reason } => Sight::Killed { nick: who.nick.clone(), reason: reason.clone() },
        };
        Self { seq: entry.seq, at: entry.at, from: entry.nick.clone(), hue: entry.hue, sight }
    }
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

impl fmt::Display for Parting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Quit => f.write_str("exited"),
            Self::TakenOver => f.write_str("you connected again from elsewhere; this connection ends"),
            Self::ServerStops => f.write_str("the server stops; all that was accepted is stored"),
            Self::Full { max } => write!(f, "the server is full ({max} people); try again later"),
            Self::HelloTooLate => f.write_str("no name was given in time; connect again"),
            Self::Silent => f.write_str("nothing was heard from you for too long; connect again"),
            Self::NotStoring => f.write_str("the server cannot store at the moment; its operator has to look"),
            Self::Unreadable => {
                f.write_str("what was said cannot be read back; the server's operator has to look: causerie verify")
            }
            Self::Crowded => f.write_str("too many are connecting at once; try again in a moment"),
            Self::Forgotten => f.write_str("the server does not know you any more; you come back as somebody new"),
            Self::AheadOfLog { head } => {
                write!(
                    f,
                    "you have seen more than this server holds (its last entry is {head}): an older copy was restored"
                )
            }
            Self::Refused(why) => why.fmt(f),
            Self::Violation(what) => f.write_str(what),
            Self::Killed { by, reason: Some(reason) } => {
                write!(f, "the server operator {by} ended this connection: {reason}")
            }
            Self::Killed { by, reason: None } => write!(f, "the server operator {by} ended this connection"),
        }
    }
}
