//! Sentences about the order in rooms.

use core::fmt;

use crate::protocol::{Brief, Change, Flag, Mask, Masked, Member, Nick, Role, Room, RoomView};

use super::{HereLine, and_more};

/// Who did something about a room's topic.
pub(super) fn topic(f: &mut fmt::Formatter<'_>, from: &Nick, room: &Room, topic: Option<&Brief>) -> fmt::Result {
    match topic {
        Some(topic) => write!(f, "* {from} set the topic of {room}: {topic}"),
        None => write!(f, "* {from} cleared the topic of {room}"),
    }
}

/// Something done to somebody, and perhaps why.
pub(super) fn with_reason(f: &mut fmt::Formatter<'_>, what: fmt::Arguments<'_>, reason: Option<&Brief>) -> fmt::Result {
    f.write_fmt(what)?;
    reason.map_or(Ok(()), |reason| write!(f, ": {reason}"))
}

/// How a room is kept from here on: `* ada made bob an operator of #lab and muted cleo in #lab`.
pub(super) fn changed(f: &mut fmt::Formatter<'_>, from: &Nick, room: &Room, changes: &[Change]) -> fmt::Result {
    write!(f, "* {from} ")?;
    for (i, change) in changes.iter().enumerate() {
        if i > 0 {
            f.write_str(if i + 1 == changes.len() { " and " } else { ", " })?;
        }
        one_change(f, room, change)?;
    }
    Ok(())
}

fn one_change(f: &mut fmt::Formatter<'_>, room: &Room, change: &Change) -> fmt::Result {
    match change {
        Change::Flag { flag: Flag::InviteOnly, on: true } => write!(f, "closed {room} to who is not invited"),
        Change::Flag { flag: Flag::InviteOnly, on: false } => write!(f, "opened {room} to who is not invited"),
        Change::Flag { flag: Flag::Moderated, on: true } => write!(f, "made {room} moderated"),
        Change::Flag { flag: Flag::Moderated, on: false } => write!(f, "made {room} unmoderated"),
        Change::Flag { flag: Flag::Secret, on: true } => write!(f, "made {room} secret"),
        Change::Flag { flag: Flag::Secret, on: false } => write!(f, "made {room} public"),
        Change::Flag { flag: Flag::TopicLocked, on: true } => write!(f, "left the topic of {room} to its operators"),
        Change::Flag { flag: Flag::TopicLocked, on: false } => write!(f, "left the topic of {room} to everybody"),
        Change::Key(Some(key)) => write!(f, "set the key of {room} to {key}"),
        Change::Key(None) => write!(f, "took the key from {room}"),
        Change::Limit(Some(limit)) => write!(f, "limited {room} to {limit} members"),
        Change::Limit(None) => write!(f, "took the limit from {room}"),
        Change::Role { role: Role::Operator, nick, on: true } => write!(f, "made {nick} an operator of {room}"),
        Change::Role { role: Role::Operator, nick, on: false } => {
            write!(f, "made {nick} no operator of {room} any more")
        }
        Change::Role { role: Role::Voice, nick, on: true } => write!(f, "gave {nick} a voice in {room}"),
        Change::Role { role: Role::Voice, nick, on: false } => write!(f, "took the voice in {room} from {nick}"),
        Change::Ban { mask, on: true } => write!(f, "banned {mask} from {room}"),
        Change::Ban { mask, on: false } => write!(f, "lifted the ban on {mask} in {room}"),
        Change::Mute { mask, on: true } => write!(f, "muted {mask} in {room}"),
        Change::Mute { mask, on: false } => write!(f, "unmuted {mask} in {room}"),
    }
}

/// A room in full, one line after another.
#[derive(Clone, Copy, Debug)]
pub struct RoomLines<'a> {
    /// The room.
    pub view: &'a RoomView,
    /// Seconds east of UTC.
    pub utc_offset_s: i32,
}

impl RoomLines<'_> {
    /// Its lines: topic, modes, bans and mutes where there are any, then who is there.
    pub fn each(&self, mut line: impl FnMut(&dyn fmt::Display)) {
        let RoomView { room, topic, flags, keyed, key, limit, bans, mutes, here, more, members } = self.view;
        match topic {
            Some(topic) => {
                let at = topic.set.at.hours_minutes(self.utc_offset_s);
                line(&format_args!("{room}: {} ({}, {at})", topic.text, topic.set.nick));
            }
            None => line(&format_args!("{room} has no topic")),
        }
        if !flags.is_empty() || *keyed || limit.is_some() {
            line(&Modes {
                flags,
                keyed: *keyed,
                key: key.as_ref().map(super::super::protocol::RoomKey::as_str),
                limit: *limit,
            });
        }
        for (what, list) in [("banned", bans), ("muted", mutes)] {
            if !list.is_empty() {
                line(&format_args!("{what}: {}", Masks(list)));
            }
        }
        for Member { here, role } in here {
            match role {
                Some(role) => line(&format_args!("{}{}", role.mark(), HereLine(here))),
                None => line(&HereLine(here)),
            }
        }
        line(&Counted { here: here.len(), more: *more, members: *members });
    }
}

/// How a room is kept: `invitation only, moderated, key xyzzy, at most 12 members`.
struct Modes<'a> {
    flags: &'a [Flag],
    keyed: bool,
    key: Option<&'a str>,
    limit: Option<u32>,
}

impl fmt::Display for Modes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut comma = "";
        for flag in self.flags {
            let name = match flag {
                Flag::InviteOnly => "by invitation only",
                Flag::Moderated => "moderated",
                Flag::Secret => "secret",
                Flag::TopicLocked => "topic by operators only",
            };
            write!(f, "{comma}{name}")?;
            comma = ", ";
        }
        match (self.keyed, self.key) {
            (_, Some(key)) => write!(f, "{comma}key {key}")?,
            (true, None) => write!(f, "{comma}takes a key")?,
            (false, None) => return self.limit.map_or(Ok(()), |max| write!(f, "{comma}at most {max} members")),
        }
        self.limit.map_or(Ok(()), |max| write!(f, ", at most {max} members"))
    }
}

struct Masks<'a>(&'a [Masked]);

impl fmt::Display for Masks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, Masked { mask, .. }) in self.0.iter().enumerate() {
            let comma = if i > 0 { ", " } else { "" };
            write!(f, "{comma}{}", Mask::as_str(mask))?;
        }
        Ok(())
    }
}

struct Counted {
    here: usize,
    more: u32,
    members: u32,
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} here", self.here)?;
        and_more(f, self.more)?;
        write!(f, ", {} members", self.members)
    }
}
