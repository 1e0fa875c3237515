//! Every word on a wire or in the log.
//!
//! A [`Request`] comes from a peer; what it asks for becomes an [`Intent`] in the log; the fold makes an [`Entry`] of it,
//! a fact; and people are told in [`Reply`]s. Nothing here decides anything.
//!
//! The stored form of a [`Record`] is postcard, so the order of variants and fields is part of the format: variants are
//! added at the end, fields never. Golden bytes in the tests hold that.

pub mod account;
pub mod ids;
pub mod order;
pub mod refusal;
pub mod reply;
pub mod stored;
pub mod tags;
pub mod words;

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

pub use self::account::Account;
pub use self::ids::{ClientId, Key, LogId, NodeId, Position, RequestId, Seq, Session, StateHash};
pub use self::order::{Brief, Change, Flag, Mask, Masked, Role, RoomKey, Secret, SetBy, Topic};
pub use self::refusal::{Refusal, Unacceptable};
pub use self::reply::{
    Census, Here, Member, Notes, Notice, Page, Parting, Place, Profile, Reply, RoomLine, RoomView, Seen, Sight,
    Welcome, WireLimits,
};
use self::stored::STORED_BYTES;
pub use self::stored::{Unreadable, decode_entry, decode_record, encode_entry, encode_record};
pub use self::tags::Tags;
pub use self::words::{Fault, Nick, Room, Text, Unclean, Word};
use crate::limits::{FoldLimits, RoomLimits};
use crate::time::WallTime;

/// The version of the native protocol a client speaks.
pub const PROTOCOL: u32 = 1;
/// The version of the fold's rules.
pub const FOLD: u32 = 3;

/// What a peer says, in the words of whichever door it came through.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Request {
    /// Who this is. The first thing a native client says.
    Hello(Hello),
    /// A guest's name: the first thing said at a door that has no keys.
    Name(Result<Nick, Unclean>),
    /// Something to be decided, numbered by the client itself.
    Numbered {
        /// Its number: consecutive, from 1.
        n: RequestId,
        /// The last entry its author had seen.
        seen: Seq,
        /// What is asked.
        ask: Ask,
    },
    /// Something to be decided, from a door whose peers do not number.
    Plain(Ask),
    /// Something to be looked up: changes nothing, and is answered after all that was asked before it.
    Read {
        /// Comes back with the answer.
        reference: u64,
        /// What to look up.
        read: Read,
    },
    /// The server's password, where it has one: said before who this is, at doors whose hello has no place for it.
    Password(Secret),
    /// Says that they operate the server: judged by it, not by the fold.
    Oper {
        /// Comes back with the answer.
        reference: u64,
        /// Which operator.
        name: alloc::boxed::Box<str>,
        /// What proves it.
        password: Secret,
    },
    /// Is anybody there?
    Ping,
    /// Goes, once everything asked before is answered.
    Quit,
    /// Something the door itself knows the answer to, or cannot take: said back, nothing else.
    Remark(Notice),
    /// Is away, and why; or is not. The connection's own, and not in the log.
    Away(Option<Text>),
    /// Whether they are hidden: only who shares a room with them is told of that. The connection's own, and not in the log.
    Hide(bool),
    /// A sign, to those who are to be told of such: nothing of it is in the log, and nothing is answered.
    Signal {
        /// To whom.
        to: Target,
        /// Which.
        tags: Tags,
    },
    /// What somebody is called outside. The connection's own, and not in the log.
    RealName(Text),
}

/// How a native client says who it is and how much it knows.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Hello {
    /// The protocol's version: [`PROTOCOL`].
    pub version: u32,
    /// The secret that makes this client itself.
    pub key: Key,
    /// What it would like to be called if it is new.
    pub nick: Nick,
    /// The last entry it has seen.
    pub after: Seq,
    /// The log that `after` and the request numbers belong to, if it has met one.
    pub log: Option<LogId>,
    /// The server's password, where it has one.
    pub password: Option<Secret>,
}

/// What can be asked of the fold.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Ask {
    /// Say something.
    Say {
        /// To whom.
        to: Target,
        /// What.
        text: Text,
        /// How.
        manner: Manner,
    },
    /// Become a member of a room.
    Join {
        /// Which.
        room: Room,
    },
    /// Stop being one.
    Leave {
        /// Which.
        room: Room,
    },
    /// Be called something else.
    Rename {
        /// What.
        nick: Nick,
    },
    /// A numbered request whose content could not be taken: its number is used up, and the refusal remembered.
    Void {
        /// Why.
        why: Unacceptable,
    },
    /// Become a member of a room that takes a key.
    Unlock {
        /// Which.
        room: Room,
        /// Its key.
        key: RoomKey,
    },
    /// Say what a room is about, or no longer.
    Topic {
        /// Which.
        room: Room,
        /// What.
        topic: Option<Brief>,
    },
    /// End somebody's membership.
    Kick {
        /// Of which room.
        room: Room,
        /// Whose.
        nick: Nick,
        /// Why.
        reason: Option<Brief>,
    },
    /// Ask somebody in.
    Invite {
        /// Into which room.
        room: Room,
        /// Whom.
        nick: Nick,
    },
    /// Change how a room is kept: all of it, or nothing.
    Change {
        /// Which.
        room: Room,
        /// What, in order.
        changes: Vec<Change>,
    },
    /// End somebody's connection: a server operator's.
    Kill {
        /// Whose.
        nick: Nick,
        /// Why.
        reason: Option<Brief>,
    },
    /// Say something, and tell programs something beside it. Without that it is [`Ask::Say`].
    SayWith {
        /// To whom.
        to: Target,
        /// What.
        text: Text,
        /// How.
        manner: Manner,
        /// What programs are told.
        tags: Tags,
    },
}

/// To whom something is to be said.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Target {
    /// To everybody in a room.
    Room(Room),
    /// To these people and nobody else.
    People(Vec<Nick>),
}

/// How something is said.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug, Serialize, Deserialize)]
pub enum Manner {
    /// Plainly.
    #[default]
    Plain,
    /// As something the author does: `* ada waves`.
    Action,
    /// As something that nobody's program answers: IRC's `NOTICE`.
    Notice,
}

/// What can be looked up.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Read {
    /// Who is here.
    Who,
    /// Which rooms there are.
    Rooms,
    /// What a room is about, how it is kept and who is in it.
    Room {
        /// Which.
        room: Room,
    },
    /// What was said in a room, newest first asked for, given in order.
    History {
        /// Which room.
        room: Room,
        /// Only what stands before this entry; the newest if absent.
        before: Option<Seq>,
        /// At most so many entries.
        limit: u32,
    },
    /// Nothing: the answer says that everything asked before is answered, and that everything up to now was sent.
    Barrier,
    /// Who is here and in a room.
    Members {
        /// Which room.
        room: Room,
    },
    /// Those of these who are here.
    People {
        /// Who.
        nicks: Vec<Nick>,
    },
    /// Those of `on` who are here; whoever asks is told from here on when they come and go, and of `off` no more. The
    /// connection's own, and not in the log.
    Watch {
        /// These too.
        on: Vec<Nick>,
        /// Not these.
        off: Vec<Nick>,
    },
    /// Who was called that and is not any more, as far as it is remembered.
    Was {
        /// What.
        nick: Nick,
    },
    /// Whoever is here, as [`Read::People`] tells of them.
    Everyone,
    /// A stretch of what was said, given in order.
    Talk {
        /// In a room, or with somebody.
        with: Target,
        /// Which stretch.
        span: Span,
        /// At most so many entries.
        limit: u32,
    },
    /// The last that was said in each room one is in, and with each person, in a stretch of time.
    Talkers {
        /// From here …
        from: Point,
        /// … to here, or the other way round.
        to: Point,
        /// At most so many.
        limit: u32,
    },
}

/// A stretch of what happened, without its ends.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Span {
    /// The newest after a point, or of all.
    Latest(Option<Point>),
    /// The newest before a point.
    Before(Point),
    /// The oldest after a point.
    After(Point),
    /// Between two points, beginning at the first.
    Between(Point, Point),
    /// On both sides of a point.
    Around(Point),
}

/// A point in what happened.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Point {
    /// At an entry.
    Entry(Seq),
    /// At a time.
    Time(WallTime),
}

/// Through which door somebody came.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Through {
    /// One JSON value per line.
    Native,
    /// Plain lines: netcat, telnet.
    Text,
    /// An IRC client.
    Irc,
}

/// Whether somebody can come back as themselves.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Standing {
    /// Holds a key: resumes, stays a member of rooms, gets private words on return.
    Keyed,
    /// Is gone with the connection.
    Guest,
}

/// What is to be decided: the content of the log.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Intent {
    /// The first of a log: what every later verdict depends on.
    Genesis {
        /// Which log this is.
        log: LogId,
        /// The rules that hold from here.
        fold: u32,
        /// And their limits.
        limits: FoldLimits,
    },
    /// A server began an epoch: nobody is connected to it.
    Started {
        /// Which server.
        node: NodeId,
        /// Its how manieth start.
        epoch: u32,
    },
    /// Somebody came, for the first time or again.
    Attach {
        /// Who.
        client: ClientId,
        /// The new session.
        session: Session,
        /// What they would like to be called if they are new.
        nick: Nick,
        /// Whether they can come back.
        standing: Standing,
        /// How they came.
        door: Through,
    },
    /// A session ended.
    Depart {
        /// Whose.
        client: ClientId,
        /// Which: an older one than the last is ignored.
        session: Session,
        /// Why.
        why: Leaving,
    },
    /// A request of somebody's.
    Ask {
        /// Whose.
        client: ClientId,
        /// Which of theirs.
        n: RequestId,
        /// What they had seen.
        seen: Seq,
        /// What they ask.
        ask: Ask,
    },
    /// From here on these rules hold: after the first intent, or after what an older version of this program wrote.
    Rules {
        /// Which rules.
        fold: u32,
        /// And their limits.
        order: RoomLimits,
    },
    /// Somebody has shown that they operate the server, and does so as long as this session holds.
    Empower {
        /// Who.
        client: ClientId,
        /// In which session.
        session: Session,
    },
}

/// Why somebody is no longer here.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Leaving {
    /// Said so.
    Quit,
    /// The connection was lost and did not come back in time.
    Lost,
    /// A server operator ended the connection.
    Killed,
}

/// The unit of append: all of it or none of it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Record {
    /// Who appended it.
    pub origin: Origin,
    /// What is to be decided, in order.
    pub intents: Vec<Intent>,
}

/// The author of a record: a server in one of its epochs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Origin {
    /// Which server.
    pub node: NodeId,
    /// Its how manieth start.
    pub epoch: u32,
}

/// A fact: one place in the one order.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// Its number: dense, from 1. The logical timestamp people see.
    pub seq: Seq,
    /// When the log took it: decoration.
    pub at: WallTime,
    /// Whose it is.
    pub by: ClientId,
    /// What they were called then.
    pub nick: Nick,
    /// Their colour slot then.
    pub hue: u16,
    /// Which of their requests this is; 0 if none was made (arrivals, departures).
    pub n: RequestId,
    /// What they had seen when they asked.
    pub seen: Seq,
    /// What happened.
    pub event: Event,
    /// What its author is known by, if they can come back. Stored behind all others, since version 3 of the rules.
    #[serde(skip)]
    pub account: Option<Account>,
    /// What its author's program tells others' beside it. Stored behind all others, too.
    #[serde(skip)]
    pub tags: Tags,
}

/// What happened.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Event {
    /// Somebody is here.
    Arrived {
        /// How they came.
        door: Through,
        /// The rooms they are in: who is told.
        rooms: Vec<Room>,
    },
    /// Somebody is not.
    Departed {
        /// Why.
        why: Leaving,
        /// The rooms they were in: who is told.
        rooms: Vec<Room>,
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
        /// The rooms they are in: who is told.
        rooms: Vec<Room>,
    },
    /// Something was said.
    Said {
        /// Who may see it.
        audience: Audience,
        /// What.
        text: Text,
        /// How.
        manner: Manner,
        /// What its author alone is told.
        notes: Notes,
    },
    /// A room is about something else, or nothing.
    Topic {
        /// Which.
        room: Room,
        /// What.
        topic: Option<Brief>,
    },
    /// Somebody's membership was ended by another.
    Kicked {
        /// Of which room.
        room: Room,
        /// Whose.
        who: Person,
        /// Why.
        reason: Option<Brief>,
    },
    /// Somebody is asked in: they and the author are told.
    Invited {
        /// Into which room.
        room: Room,
        /// Who.
        who: Person,
    },
    /// A room is kept differently.
    Changed {
        /// Which.
        room: Room,
        /// What, in order, without what was so before.
        changes: Vec<Change>,
    },
    /// Somebody's connection is ended by a server operator: they and the author are told; all others, once they depart.
    Killed {
        /// Whose.
        who: Person,
        /// Why.
        reason: Option<Brief>,
    },
}

/// Who may see what was said.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Audience {
    /// The members of a room.
    Room(Room),
    /// The author and these people.
    Only(Vec<Person>),
}

/// Somebody who was named, as they were called then.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Person {
    /// Who.
    pub id: ClientId,
    /// What they were called.
    pub nick: Nick,
}

impl Entry {
    /// The rooms whose members may see it; empty for a private one.
    #[must_use]
    pub fn rooms(&self) -> &[Room] {
        match &self.event {
            Event::Arrived { rooms, .. } | Event::Departed { rooms, .. } | Event::Renamed { rooms, .. } => rooms,
            Event::Joined { room }
            | Event::Left { room }
            | Event::Topic { room, .. }
            | Event::Kicked { room, .. }
            | Event::Changed { room, .. } => core::slice::from_ref(room),
            Event::Said { audience: Audience::Room(room), .. } => core::slice::from_ref(room),
            Event::Said { audience: Audience::Only(_), .. } | Event::Invited { .. } | Event::Killed { .. } => &[],
        }
    }

    /// The people it names, if it is private.
    #[must_use]
    pub fn people(&self) -> &[Person] {
        match &self.event {
            Event::Said { audience: Audience::Only(people), .. } => people,
            Event::Invited { who, .. } | Event::Killed { who, .. } => core::slice::from_ref(who),
            Event::Said { audience: Audience::Room(_), .. }
            | Event::Arrived { .. }
            | Event::Departed { .. }
            | Event::Joined { .. }
            | Event::Left { .. }
            | Event::Renamed { .. }
            | Event::Topic { .. }
            | Event::Kicked { .. }
            | Event::Changed { .. } => &[],
        }
    }

    /// Whose memberships it can change: its author's, or those of whom it put out.
    #[must_use]
    pub const fn mover(&self) -> ClientId {
        match &self.event {
            Event::Kicked { who, .. } => who.id,
            Event::Arrived { .. }
            | Event::Departed { .. }
            | Event::Joined { .. }
            | Event::Left { .. }
            | Event::Renamed { .. }
            | Event::Said { .. }
            | Event::Topic { .. }
            | Event::Invited { .. }
            | Event::Changed { .. }
            | Event::Killed { .. } => self.by,
        }
    }
}

/// A content hash of a request, so that a number used for something else is noticed.
#[must_use]
pub fn hash_ask(ask: &Ask) -> u64 {
    let bytes = postcard::to_extend(ask, Vec::with_capacity(STORED_BYTES)).expect("an ask can be written");
    let digest = ids::sha256(&[&bytes]);
    u64::from_le_bytes(digest[..8].try_into().expect("a digest has 32 bytes"))
}
