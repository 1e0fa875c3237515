//! Entries as IRC clients are shown them.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::caps::Caps;
use super::lines::{Line, mask, pieces};
use super::message::BODY_BYTES_MAX;
use crate::protocol::words::listed;
use crate::protocol::{Account, Audience, Brief, Entry, Event, Leaving, LogId, Manner, Nick, Room, Seq};

/// What the lines of an entry depend on besides the entry.
#[derive(Clone, Copy, Debug)]
pub(super) struct Showing {
    pub(super) caps: Caps,
    pub(super) log: Option<LogId>,
}

/// The id of an entry's line: the log's first digits, and the entry's number; `.1`, `.2` … for what did not fit into one.
pub(super) fn message_id(log: Option<LogId>, seq: Seq, part: usize) -> String {
    let log = log.map(|log| format!("{log:?}")).unwrap_or_default();
    match part {
        0 => format!("{log}-{}", seq.0),
        part => format!("{log}-{}.{part}", seq.0),
    }
}

/// The entry a message id names in a log.
pub(super) fn seq_of(id: &str, log: Option<LogId>) -> Option<Seq> {
    let (of, number) = id.split_once('-')?;
    let number = number.split('.').next().unwrap_or_default();
    (Some(of) == log.map(|log| format!("{log:?}")).as_deref()).then_some(Seq(number.parse().ok()?))
}

impl Showing {
    /// The lines of an entry of a room, for those in the room.
    pub(super) fn in_room(self, entry: &Entry, room: &Room) -> Vec<Line> {
        match &entry.event {
            Event::Arrived { .. } => self.joins(entry, room),
            Event::Joined { room } => self.joins(entry, room),
            Event::Said { text, manner, .. } => self.says(entry, &room.to_string(), text.as_str(), *manner),
            Event::Departed { .. }
            | Event::Left { .. }
            | Event::Renamed { .. }
            | Event::Topic { .. }
            | Event::Kicked { .. }
            | Event::Changed { .. }
            | Event::Invited { .. }
            | Event::Killed { .. } => self.happens(entry),
        }
    }

    /// The lines of an entry that are the same wherever it is seen.
    pub(super) fn happens(self, entry: &Entry) -> Vec<Line> {
        let from = mask(entry.nick.as_str());
        let body = match &entry.event {
            Event::Departed { why, .. } => format!(":{from} QUIT :{}", left(*why)),
            Event::Left { room } => format!(":{from} PART {room}"),
            Event::Renamed { to, .. } => format!(":{from} NICK {to}"),
            Event::Topic { room, topic } => {
                format!(":{from} TOPIC {room} :{}", topic.as_ref().map(Brief::as_str).unwrap_or_default())
            }
            Event::Kicked { room, who, reason } => {
                let reason = reason.as_ref().map_or(who.nick.as_str(), Brief::as_str);
                format!(":{from} KICK {room} {} :{reason}", who.nick)
            }
            Event::Invited { room, who } => format!(":{from} INVITE {} {room}", who.nick),
            Event::Killed { who, reason } => {
                let reason = reason.as_ref().map_or("killed", Brief::as_str);
                format!(":{from} KILL {} :{reason}", who.nick)
            }
            Event::Changed { room, changes } => {
                let line = |(part, modes)| self.tagged(entry, part, format!(":{from} MODE {room} {modes}"));
                return super::modes::written(changes).into_iter().enumerate().map(line).collect();
            }
            Event::Joined { room } => return self.joins(entry, room),
            Event::Arrived { .. } | Event::Said { .. } => return Vec::new(),
        };
        Vec::from([self.tagged(entry, 0, body)])
    }

    /// A private entry, for `reader`. IRC has no conversation of several: whoever reads is told who else does.
    pub(super) fn in_private(self, entry: &Entry, reader: &Nick) -> Vec<Line> {
        let Event::Said { audience: Audience::Only(people), text, manner, .. } = &entry.event else {
            return Vec::new();
        };
        let others = listed(people.iter().map(|person| &person.nick));
        let told = if people.len() > 1 { format!("[to {others}] {text}") } else { text.to_string() };
        self.says(entry, reader.as_str(), &told, *manner)
    }

    /// One's own words come back to where they were said.
    pub(super) fn echoes(self, entry: &Entry) -> Vec<Line> {
        let Event::Said { audience, text, manner, .. } = &entry.event else { return Vec::new() };
        match audience {
            Audience::Room(room) => self.says(entry, &room.to_string(), text.as_str(), *manner),
            Audience::Only(people) => people.first().map_or_else(Vec::new, |first| self.in_private(entry, &first.nick)),
        }
    }

    fn joins(self, entry: &Entry, room: &Room) -> Vec<Line> {
        let body = self.join(&entry.nick, entry.account.as_ref(), room);
        Vec::from([self.tagged(entry, 0, body)])
    }

    /// Somebody is in a room.
    pub(super) fn join(self, nick: &Nick, account: Option<&Account>, room: &Room) -> String {
        let from = mask(nick.as_str());
        if !self.caps.has(Caps::EXTENDED_JOIN) {
            return format!(":{from} JOIN {room}");
        }
        format!(":{from} JOIN {room} {} :{nick}", account.map_or("*", Account::as_str))
    }

    fn says(self, entry: &Entry, target: &str, text: &str, manner: Manner) -> Vec<Line> {
        let (command, before, after) = match manner {
            Manner::Plain => ("PRIVMSG", "", ""),
            Manner::Action => ("PRIVMSG", "\u{1}ACTION ", "\u{1}"),
            Manner::Notice => ("NOTICE", "", ""),
        };
        let head = format!(":{} {command} {target} :{before}", mask(entry.nick.as_str()));
        let room = BODY_BYTES_MAX.saturating_sub(head.len() + after.len()).max(1);
        let line = |(part, piece)| self.tagged(entry, part, format!("{head}{piece}{after}"));
        pieces(text, room).into_iter().enumerate().map(line).collect()
    }

    fn tagged(self, entry: &Entry, part: usize, body: String) -> Line {
        let mut line = Line::new(body);
        if self.caps.has(Caps::SERVER_TIME) {
            line = line.tagged("time", entry.at.rfc3339().to_string());
        }
        if self.caps.has(Caps::MESSAGE_TAGS) {
            line = line.tagged("msgid", message_id(self.log, entry.seq, part));
        }
        line = line.by(entry.account.as_ref(), self.caps);
        // Once, with the first of its lines.
        if part == 0 && self.caps.has(Caps::MESSAGE_TAGS) { line.with(&entry.tags) } else { line }
    }
}

const fn left(why: Leaving) -> &'static str {
    match why {
        Leaving::Quit => "Quit",
        Leaving::Lost => "Connection lost",
        Leaving::Killed => "Killed",
    }
}
