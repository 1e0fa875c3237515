//! One client's transcript: rows that stay, and what waits below them.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use super::{HereLine, Noted, OPERATES, Online, PageEnd, Plain, RoomCounted, RoomLines, and_more, order, said};
use crate::client::{News, Pending};
use crate::protocol::{Ask, Nick, Notes, Page, Place, Refusal, Room, Seen, Seq, Sight, Target};
use crate::time::{Day, WallTime};

/// One row of a transcript. What was shown stays as it is.
#[derive(Clone, Debug)]
pub enum Row {
    /// A new day begins.
    Day(Day),
    /// An entry of somebody else's.
    Entry(Arc<Seen>),
    /// One's own entry, at its place.
    Own {
        /// What the server called it.
        seq: Seq,
        /// When.
        at: WallTime,
        /// In words.
        line: String,
    },
    /// An entry from further back, asked for.
    Past(Arc<Seen>),
    /// A remark: nobody's words.
    Remark(String),
}

/// A row in words: `09:42 bob: hello`.
#[derive(Clone, Copy, Debug)]
pub struct RowText<'a> {
    /// The row.
    pub row: &'a Row,
    /// Seconds east of UTC.
    pub utc_offset_s: i32,
}

impl fmt::Display for RowText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let utc_offset_s = self.utc_offset_s;
        match self.row {
            Row::Day(day) => write!(f, "-- {day} --"),
            Row::Entry(seen) | Row::Past(seen) => Plain { seen, utc_offset_s }.fmt(f),
            Row::Own { at, line, .. } => write!(f, "{} {line}", at.hours_minutes(utc_offset_s)),
            Row::Remark(text) => write!(f, "* {text}"),
        }
    }
}

/// Something asked that waits for its answer, in words.
#[derive(Clone, Copy, Debug)]
pub struct Waiting<'a> {
    /// What is called so far.
    pub nick: &'a Nick,
    /// What was asked.
    pub ask: &'a Ask,
}

impl fmt::Display for Waiting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ask {
            Ask::Say { to, text, manner } | Ask::SayWith { to, text, manner, .. } => {
                let place = match to {
                    Target::Room(room) => Place::Room(room.clone()),
                    Target::People(people) => Place::Private(people.clone()),
                };
                said(f, self.nick, &place, text, *manner)
            }
            Ask::Join { room } => write!(f, "* {} joined {room}", self.nick),
            Ask::Leave { room } => write!(f, "* {} left {room}", self.nick),
            Ask::Rename { nick } => write!(f, "* {} is called {nick} from here on", self.nick),
            Ask::Unlock { room, key: _ } => write!(f, "* {} joined {room}", self.nick),
            Ask::Topic { room, topic } => order::topic(f, self.nick, room, topic.as_ref()),
            Ask::Kick { room, nick, reason } => {
                order::with_reason(f, format_args!("* {} put {nick} out of {room}", self.nick), reason.as_ref())
            }
            Ask::Invite { room, nick } => write!(f, "* {} invites {nick} into {room}", self.nick),
            Ask::Change { room, changes } => order::changed(f, self.nick, room, changes),
            Ask::Kill { nick, reason } => {
                order::with_reason(f, format_args!("* {} ended the connection of {nick}", self.nick), reason.as_ref())
            }
            Ask::Void { why } => write!(f, "* {why}"),
        }
    }
}

/// What has been shown to one client's person.
#[derive(Clone, Debug)]
pub struct Transcript {
    nick: Nick,
    utc_offset_s: i32,
    day: Option<Day>,
    /// A session stood before: coming back is told in fewer words.
    welcomed: bool,
    online: bool,
    /// Why there is no connection, as last told: told again only when it changes.
    offline_why: Option<alloc::boxed::Box<str>>,
}

impl Transcript {
    /// Nothing shown yet.
    #[must_use]
    pub const fn new(nick: Nick, utc_offset_s: i32) -> Self {
        Self { nick, utc_offset_s, day: None, welcomed: false, online: false, offline_why: None }
    }

    /// What one is called.
    #[must_use]
    pub const fn nick(&self) -> &Nick {
        &self.nick
    }

    /// The rows that news comes to. What waits is no row: ask the client machine what waits.
    pub fn take(&mut self, news: &News) -> Vec<Row> {
        let mut rows = Vec::new();
        match news {
            News::Online(welcome) => {
                self.nick = welcome.you.clone();
                if !core::mem::replace(&mut self.welcomed, true) {
                    rows.push(Row::Remark(alloc::format!("{}, Welcome to chat room", welcome.you)));
                    rows.push(Row::Remark(match welcome.here.len() {
                        0 | 1 => "You are alone in server".into(),
                        _ => Online { here: &welcome.here, more: welcome.more }.to_string(),
                    }));
                } else if !self.online {
                    rows.push(Row::Remark("connected again".into()));
                }
                self.online = true;
                self.offline_why = None;
            }
            News::Offline { why, .. } => {
                let known = self.offline_why.replace(why.clone()).as_ref() == Some(why);
                match (core::mem::replace(&mut self.online, false), known) {
                    (true, _) => rows.push(Row::Remark(alloc::format!("connection lost: {why}"))),
                    (false, false) => rows.push(Row::Remark(alloc::format!("not connected: {why}"))),
                    (false, true) => {}
                }
            }
            News::Waiting(_) => {}
            News::Accepted { pending, seq, at, notes, entry } => {
                self.own(pending.as_ref(), *seq, *at, entry.as_ref(), notes, &mut rows);
                let noted = Noted { notes, room: pending.as_ref().and_then(room_of) }.to_string();
                if !noted.is_empty() {
                    rows.push(Row::Remark(noted));
                }
            }
            News::Refused { ask, why, code, .. } => rows.push(Row::Remark(self.refused(ask.as_deref(), code, why))),
            News::Saw(seen) => {
                self.day_of(seen.at, &mut rows);
                rows.push(Row::Entry(Arc::clone(seen)));
            }
            News::Who { people, more, .. } => {
                rows.extend(people.iter().map(|here| Row::Remark(HereLine(here).to_string())));
                rows.extend(rest(*more));
            }
            News::Rooms { rooms: lines, more, .. } => {
                rows.extend(lines.iter().map(|room| Row::Remark(RoomCounted(room).to_string())));
                rows.extend(rest(*more));
            }
            News::Room { room: view, .. } => {
                let lines = RoomLines { view, utc_offset_s: self.utc_offset_s };
                lines.each(|line| rows.push(Row::Remark(line.to_string())));
            }
            News::Oper { .. } => rows.push(Row::Remark(OPERATES.into())),
            News::Denied { why, .. } => rows.push(Row::Remark(why.to_string())),
            News::Page { page, .. } => {
                self.past(page, &mut rows);
                let first = page.entries.first().map(|seen| seen.seq);
                rows.push(Row::Remark(PageEnd { room: &page.room, first, more: page.more }.to_string()));
            }
            News::Missed { from, to } => {
                rows.push(Row::Remark(alloc::format!("what stands after {from} and up to {to} is no longer kept")));
            }
            News::Notice(text) | News::Ended { text, .. } => rows.push(Row::Remark(text.to_string())),
        }
        rows
    }

    /// A page of history, its days marked. What is shown next goes on from the newest day shown.
    fn past(&mut self, page: &Page, rows: &mut Vec<Row>) {
        let mut last = None;
        for seen in &page.entries {
            let day = seen.at.day(self.utc_offset_s);
            if last.replace(day) != Some(day) {
                rows.push(Row::Day(day));
            }
            rows.push(Row::Past(Arc::clone(seen)));
        }
        self.day = self.day.or(last);
    }

    fn own(
        &mut self,
        pending: Option<&Pending>,
        seq: Seq,
        at: WallTime,
        entry: Option<&Arc<Seen>>,
        notes: &Notes,
        rows: &mut Vec<Row>,
    ) {
        self.day_of(at, rows);
        let line = match (entry, pending) {
            (Some(seen), _) => super::Telling(seen).to_string(),
            (None, Some(pending)) => Waiting { nick: &self.nick, ask: &got_by(&pending.ask, notes) }.to_string(),
            (None, None) => return,
        };
        let renamed = match (entry.map(|seen| &seen.sight), pending.map(|pending| &*pending.ask)) {
            (Some(Sight::Renamed { to }), _) => Some(to),
            (None, Some(Ask::Rename { nick })) => Some(nick),
            (_, _) => None,
        };
        if let Some(nick) = renamed {
            self.nick = nick.clone();
        }
        rows.push(Row::Own { seq, at, line });
    }

    fn refused(&self, ask: Option<&Ask>, code: &str, why: &str) -> String {
        let verdict = if code == Refusal::OutcomeUnknown.code() { "" } else { "not sent: " };
        match ask {
            Some(ask) => alloc::format!("{verdict}\"{}\": {why}", Waiting { nick: &self.nick, ask }),
            None => alloc::format!("{verdict}{why}"),
        }
    }

    /// Marks the day of what is shown next, if it is another than of what was shown last.
    pub fn day_of(&mut self, at: WallTime, rows: &mut Vec<Row>) {
        let day = at.day(self.utc_offset_s);
        if self.day.replace(day) != Some(day) {
            rows.push(Row::Day(day));
        }
    }
}

/// What was asked, as it came out: without those who are not known.
fn got_by(ask: &Ask, notes: &Notes) -> Ask {
    match ask {
        Ask::Say { to: Target::People(people), text, manner }
        | Ask::SayWith { to: Target::People(people), text, manner, .. } => {
            let known = people.iter().filter(|nick| !notes.unknown.contains(nick)).cloned().collect();
            Ask::Say { to: Target::People(known), text: text.clone(), manner: *manner }
        }
        Ask::Say { to: Target::Room(_), .. }
        | Ask::SayWith { to: Target::Room(_), .. }
        | Ask::Join { .. }
        | Ask::Leave { .. }
        | Ask::Rename { .. }
        | Ask::Void { .. }
        | Ask::Unlock { .. }
        | Ask::Topic { .. }
        | Ask::Kick { .. }
        | Ask::Invite { .. }
        | Ask::Change { .. }
        | Ask::Kill { .. } => ask.clone(),
    }
}

/// The room something was to be said in.
fn room_of(pending: &Pending) -> Option<&Room> {
    match &*pending.ask {
        Ask::Say { to: Target::Room(room), .. } | Ask::SayWith { to: Target::Room(room), .. } => Some(room),
        Ask::Say { to: Target::People(_), .. }
        | Ask::SayWith { to: Target::People(_), .. }
        | Ask::Join { .. }
        | Ask::Leave { .. }
        | Ask::Rename { .. }
        | Ask::Void { .. }
        | Ask::Unlock { .. }
        | Ask::Topic { .. }
        | Ask::Kick { .. }
        | Ask::Invite { .. }
        | Ask::Change { .. }
        | Ask::Kill { .. } => None,
    }
}

fn rest(more: u32) -> Option<Row> {
    struct Rest(u32);
    impl fmt::Display for Rest {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("…")?;
            and_more(f, self.0)
        }
    }
    (more > 0).then(|| Row::Remark(Rest(more).to_string()))
}
