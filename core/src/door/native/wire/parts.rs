//! The shapes within the native lines: people, rooms, what a room's order is made of.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{Str, is_false, is_zero};
use crate::protocol::{
    Brief, Change, Flag, Here, Leaving, Mask, Masked, Nick, Role, Room, RoomKey, RoomLine, RoomView, Through, Topic,
    Unacceptable,
};

#[derive(Deserialize, Serialize, Debug)]
pub(in crate::door::native) struct Person<'a> {
    #[serde(borrow)]
    pub(in crate::door::native) nick: Str<'a>,
    pub(in crate::door::native) hue: u16,
    pub(in crate::door::native) door: Door,
    /// Seconds; absent while the connection is lost and may come back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::door::native) idle: Option<u64>,
    /// What they are in the room that was asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::door::native) role: Option<RoleLine>,
    /// The rooms shared with whoever is told; absent if that is the lobby alone.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub(in crate::door::native) rooms: Option<Vec<Str<'a>>>,
}

/// A room in full.
#[derive(Deserialize, Serialize, Debug)]
pub(in crate::door::native) struct RoomFull<'a> {
    #[serde(rename = "ref")]
    pub(in crate::door::native) reference: u64,
    #[serde(borrow)]
    pub(in crate::door::native) room: Str<'a>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::door::native) topic: Option<Laid<'a>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::door::native) modes: Vec<FlagLine>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(in crate::door::native) keyed: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::door::native) key: Option<Str<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::door::native) limit: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::door::native) bans: Vec<Laid<'a>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::door::native) mutes: Vec<Laid<'a>>,
    pub(in crate::door::native) here: Vec<Person<'a>>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(in crate::door::native) more: u32,
    pub(in crate::door::native) members: u32,
}

/// A topic or a mask, with whose it is and when they laid it down.
#[derive(Deserialize, Serialize, Debug)]
pub(in crate::door::native) struct Laid<'a> {
    #[serde(borrow)]
    pub(in crate::door::native) text: Str<'a>,
    pub(in crate::door::native) by: Str<'a>,
    pub(in crate::door::native) at: u64,
}

/// One change of how a room is kept: which mode, on or off, and what it is about.
#[derive(Deserialize, Serialize, Debug)]
pub(in crate::door::native) struct ChangeLine<'a> {
    pub(in crate::door::native) mode: Mode,
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub(in crate::door::native) on: bool,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(in crate::door::native) nick: Option<Str<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::door::native) mask: Option<Str<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::door::native) key: Option<Str<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::door::native) limit: Option<u32>,
}

#[derive(Deserialize, Serialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub(in crate::door::native) enum Mode {
    InviteOnly,
    Moderated,
    Secret,
    TopicLocked,
    Key,
    Limit,
    Operator,
    Voice,
    Ban,
    Mute,
    /// One that this version does not know.
    #[serde(other)]
    Unknown,
}

#[derive(Deserialize, Serialize, Clone, Copy, Debug)]
#[serde(rename_all = "snake_case")]
pub(in crate::door::native) enum FlagLine {
    InviteOnly,
    Moderated,
    Secret,
    TopicLocked,
}

#[derive(Deserialize, Serialize, Clone, Copy, Debug)]
#[serde(rename_all = "snake_case")]
pub(in crate::door::native) enum RoleLine {
    Operator,
    Voice,
}

const fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
const fn is_true(value: &bool) -> bool {
    *value
}

#[derive(Deserialize, Serialize, Debug)]
pub(in crate::door::native) struct RoomOut<'a> {
    #[serde(borrow)]
    pub(in crate::door::native) room: Str<'a>,
    pub(in crate::door::native) here: u32,
    pub(in crate::door::native) members: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::door::native) topic: Option<Str<'a>>,
}

#[derive(Deserialize, Serialize, Clone, Copy, Debug)]
#[serde(rename_all = "snake_case")]
pub(in crate::door::native) enum Door {
    Native,
    Text,
    Irc,
}

#[derive(Deserialize, Serialize, Clone, Copy, Debug)]
#[serde(rename_all = "snake_case")]
pub(in crate::door::native) enum Why {
    Quit,
    Lost,
    Killed,
}

pub(super) fn names(nicks: &[Nick]) -> Vec<Str<'_>> {
    nicks.iter().map(|nick| nick.as_str().into()).collect()
}

pub(super) fn people(here: &[Here]) -> Vec<Person<'_>> {
    here.iter().map(Person::from).collect()
}

impl<'a> From<&'a Here> for Person<'a> {
    fn from(here: &'a Here) -> Self {
        let usual = |rooms: &[Room]| matches!(rooms, [room] if room.is_lobby());
        let rooms = here.shared.as_ref().filter(|rooms| !usual(rooms));
        Self {
            nick: here.nick.as_str().into(),
            hue: here.hue,
            door: here.door.into(),
            idle: here.idle_s,
            role: None,
            rooms: rooms.map(|rooms| rooms.iter().map(|room| room.as_str().into()).collect()),
        }
    }
}

impl<'a> From<&'a RoomLine> for RoomOut<'a> {
    fn from(line: &'a RoomLine) -> Self {
        Self {
            room: line.room.as_str().into(),
            here: line.here,
            members: line.members,
            topic: line.topic.as_ref().map(Str::from),
        }
    }
}

impl From<Through> for Door {
    fn from(door: Through) -> Self {
        match door {
            Through::Native => Self::Native,
            Through::Text => Self::Text,
            Through::Irc => Self::Irc,
        }
    }
}

impl From<Door> for Through {
    fn from(door: Door) -> Self {
        match door {
            Door::Native => Self::Native,
            Door::Text => Self::Text,
            Door::Irc => Self::Irc,
        }
    }
}

impl From<Leaving> for Why {
    fn from(why: Leaving) -> Self {
        match why {
            Leaving::Quit => Self::Quit,
            Leaving::Lost => Self::Lost,
            Leaving::Killed => Self::Killed,
        }
    }
}

impl From<Why> for Leaving {
    fn from(why: Why) -> Self {
        match why {
            Why::Quit => Self::Quit,
            Why::Lost => Self::Lost,
            Why::Killed => Self::Killed,
        }
    }
}

impl<'a> From<&'a Brief> for Str<'a> {
    fn from(text: &'a Brief) -> Self {
        text.as_str().into()
    }
}

impl<'a> From<&'a Room> for Str<'a> {
    fn from(room: &'a Room) -> Self {
        room.as_str().into()
    }
}

impl<'a> From<&'a Topic> for Laid<'a> {
    fn from(Topic { text, set }: &'a Topic) -> Self {
        Self { text: text.into(), by: set.nick.as_str().into(), at: set.at.0 }
    }
}

impl<'a> From<&'a Masked> for Laid<'a> {
    fn from(Masked { mask, set }: &'a Masked) -> Self {
        Self { text: mask.as_str().into(), by: set.nick.as_str().into(), at: set.at.0 }
    }
}

impl<'a> RoomFull<'a> {
    pub(super) fn new(reference: u64, view: &'a RoomView) -> Self {
        let member = |member: &'a crate::protocol::Member| Person {
            role: member.role.map(RoleLine::from),
            ..Person::from(&member.here)
        };
        Self {
            reference,
            room: (&view.room).into(),
            topic: view.topic.as_ref().map(Laid::from),
            modes: view.flags.iter().copied().map(FlagLine::from).collect(),
            keyed: view.keyed,
            key: view.key.as_ref().map(|key| key.as_str().into()),
            limit: view.limit,
            bans: view.bans.iter().map(Laid::from).collect(),
            mutes: view.mutes.iter().map(Laid::from).collect(),
            here: view.here.iter().map(member).collect(),
            more: view.more,
            members: view.members,
        }
    }
}

impl<'a> From<&'a Change> for ChangeLine<'a> {
    fn from(change: &'a Change) -> Self {
        let line = |mode, on| Self { mode, on, nick: None, mask: None, key: None, limit: None };
        match change {
            Change::Flag { flag, on } => line((*flag).into(), *on),
            Change::Key(key) => {
                Self { key: key.as_ref().map(|key| key.as_str().into()), ..line(Mode::Key, key.is_some()) }
            }
            Change::Limit(limit) => Self { limit: *limit, ..line(Mode::Limit, limit.is_some()) },
            Change::Role { role: Role::Operator, nick, on } => {
                Self { nick: Some(nick.as_str().into()), ..line(Mode::Operator, *on) }
            }
            Change::Role { role: Role::Voice, nick, on } => {
                Self { nick: Some(nick.as_str().into()), ..line(Mode::Voice, *on) }
            }
            Change::Ban { mask, on } => Self { mask: Some(mask.as_str().into()), ..line(Mode::Ban, *on) },
            Change::Mute { mask, on } => Self { mask: Some(mask.as_str().into()), ..line(Mode::Mute, *on) },
        }
    }
}

impl ChangeLine<'_> {
    /// The change it stands for.
    pub(in crate::door::native) fn change(&self) -> Result<Change, Unacceptable> {
        let on = self.on;
        let missing = |field: &str| Unacceptable::Missing { field: field.into() };
        let nick = || {
            let nick = self.nick.as_ref().ok_or_else(|| missing("nick"))?;
            Nick::try_from(&**nick).map_err(Unacceptable::Unclean)
        };
        let mask = || {
            let mask = self.mask.as_ref().ok_or_else(|| missing("mask"))?;
            Mask::try_from(&**mask).map_err(Unacceptable::Unclean)
        };
        Ok(match self.mode {
            Mode::InviteOnly => Change::Flag { flag: Flag::InviteOnly, on },
            Mode::Moderated => Change::Flag { flag: Flag::Moderated, on },
            Mode::Secret => Change::Flag { flag: Flag::Secret, on },
            Mode::TopicLocked => Change::Flag { flag: Flag::TopicLocked, on },
            Mode::Key if !on => Change::Key(None),
            Mode::Key => {
                let key = self.key.as_ref().ok_or_else(|| missing("key"))?;
                Change::Key(Some(RoomKey::try_from(&**key).map_err(Unacceptable::Unclean)?))
            }
            Mode::Limit if !on => Change::Limit(None),
            Mode::Limit => Change::Limit(Some(self.limit.ok_or_else(|| missing("limit"))?)),
            Mode::Operator => Change::Role { role: Role::Operator, nick: nick()?, on },
            Mode::Voice => Change::Role { role: Role::Voice, nick: nick()?, on },
            Mode::Ban => Change::Ban { mask: mask()?, on },
            Mode::Mute => Change::Mute { mask: mask()?, on },
            Mode::Unknown => return Err(missing("mode")),
        })
    }
}

impl From<Flag> for Mode {
    fn from(flag: Flag) -> Self {
        match flag {
            Flag::InviteOnly => Self::InviteOnly,
            Flag::Moderated => Self::Moderated,
            Flag::Secret => Self::Secret,
            Flag::TopicLocked => Self::TopicLocked,
        }
    }
}

impl From<Flag> for FlagLine {
    fn from(flag: Flag) -> Self {
        match flag {
            Flag::InviteOnly => Self::InviteOnly,
            Flag::Moderated => Self::Moderated,
            Flag::Secret => Self::Secret,
            Flag::TopicLocked => Self::TopicLocked,
        }
    }
}

impl From<FlagLine> for Flag {
    fn from(flag: FlagLine) -> Self {
        match flag {
            FlagLine::InviteOnly => Self::InviteOnly,
            FlagLine::Moderated => Self::Moderated,
            FlagLine::Secret => Self::Secret,
            FlagLine::TopicLocked => Self::TopicLocked,
        }
    }
}

impl From<Role> for RoleLine {
    fn from(role: Role) -> Self {
        match role {
            Role::Operator => Self::Operator,
            Role::Voice => Self::Voice,
        }
    }
}

impl From<RoleLine> for Role {
    fn from(role: RoleLine) -> Self {
        match role {
            RoleLine::Operator => Self::Operator,
            RoleLine::Voice => Self::Voice,
        }
    }
}
