//! `CHATHISTORY`: reading back, both ways.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::caps::Caps;
use super::lines::Line;
use super::message::Message;
use super::session::{Known, Session, Turn, Wanted, in_batch};
use super::show::{Showing, seq_of};
use crate::protocol::{Audience, ClientId, Entry, Event, Nick, Point, Read, Room, Span, Target};
use crate::time::WallTime;

/// Messages one question gives at most.
pub(super) const HISTORY_MAX: u32 = 200;

/// What can be asked, and how many points in time it names.
const QUESTIONS: [(&str, usize); 6] =
    [("LATEST", 1), ("BEFORE", 1), ("AFTER", 1), ("AROUND", 1), ("BETWEEN", 2), ("TARGETS", 2)];

impl Turn<'_> {
    pub(super) fn chathistory(&mut self, message: &Message<'_>) {
        let what = message.param(0).to_ascii_uppercase();
        if what.is_empty() {
            return self.fail("NEED_MORE_PARAMS", "*", "say which messages, and how many");
        }
        let Some((question, points)) = QUESTIONS.iter().find(|(question, _)| *question == what).copied() else {
            return self.fail("UNKNOWN_COMMAND", super::commands::shown(message.param(0)), "that is not known");
        };
        let targets = usize::from(what != "TARGETS");
        if message.params.len() < 2 + targets + points {
            return self.fail("NEED_MORE_PARAMS", &what, "say which messages, and how many");
        }
        let limit = message.param(1 + targets + points).parse::<u32>().ok().map(|limit| limit.min(HISTORY_MAX));
        let (first, second) = (self.point(message.param(1 + targets)), self.point(message.param(2 + targets)));
        let latest = message.param(1 + targets) == "*";
        let span = match (&*what, first, second) {
            ("LATEST", _, _) if latest => Span::Latest(None),
            ("LATEST", Some(point), _) => Span::Latest(Some(point)),
            ("BEFORE", Some(point), _) => Span::Before(point),
            ("AFTER", Some(point), _) => Span::After(point),
            ("AROUND", Some(point), _) => Span::Around(point),
            ("BETWEEN" | "TARGETS", Some(first), Some(second)) => Span::Between(first, second),
            _ => return self.fail("INVALID_PARAMS", &what, "say msgid=… or timestamp=…"),
        };
        let Some(limit) = limit else {
            return self.fail("INVALID_PARAMS", &what, "say how many");
        };
        if let (0, Span::Between(from, to)) = (targets, span) {
            return self.want(Wanted::Targets, Read::Talkers { from, to, limit });
        }
        let name = message.param(1);
        let with = match name.strip_prefix('#') {
            Some(_) => Room::try_from(name).map(Target::Room),
            None => Nick::try_from(name).map(|nick| Target::People(Vec::from([nick]))),
        };
        match with {
            Ok(with) => {
                self.want(Wanted::History { question, target: name.to_string() }, Read::Talk { with, span, limit })
            }
            Err(why) => {
                let about = format!("{what} {}", super::commands::shown(name));
                self.fail("INVALID_TARGET", &about, &why.to_string());
            }
        }
    }

    fn fail(&mut self, code: &str, about: &str, why: &str) {
        self.say(Known::Server(format!("FAIL CHATHISTORY {code} {about} :{why}")));
    }

    fn point(&self, word: &str) -> Option<Point> {
        match word.split_once('=')? {
            ("msgid", id) => seq_of(id, self.session.log).map(Point::Entry),
            ("timestamp", time) => WallTime::parse(time).map(Point::Time),
            _ => None,
        }
    }
}

impl Session {
    /// A stretch of talk, in a batch if the client knows those.
    pub(super) fn talk(&mut self, showing: Showing, who: ClientId, target: &str, entries: &[Arc<Entry>]) -> Vec<Line> {
        let read = entries.iter().filter(|entry| entry.by != who || !planted!("page_without_own_words"));
        let lines: Vec<Line> = read.flat_map(|entry| said(showing, who, entry)).collect();
        self.batch(&format!("chathistory {target}"), lines)
    }

    /// Something that was missed: in a batch with what was said before it to the same, if the client knows those.
    pub(super) fn replayed(&mut self, showing: Showing, who: ClientId, entry: &Entry) -> Vec<Line> {
        let lines = said(showing, who, entry);
        let Some(target) = target_of(who, entry).filter(|_| self.caps.has(Caps::BATCH) && !lines.is_empty()) else {
            return lines;
        };
        let mut all = Vec::new();
        let batch = match &self.replay {
            Some((of, batch)) if *of == target => batch.clone(),
            Some(_) | None => {
                all = self.end_replay();
                let batch = self.next_batch();
                all.push(Line::from_server(format_args!("BATCH +{batch} chathistory {target}")));
                self.replay = Some((target, batch.clone()));
                batch
            }
        };
        all.extend(lines.into_iter().map(|line| in_batch(line, &batch)));
        all
    }

    /// Ends the batch of what was missed, if there is one.
    pub(super) fn end_replay(&mut self) -> Vec<Line> {
        let end = |(_, batch)| Line::from_server(format_args!("BATCH -{batch}"));
        self.replay.take().map(end).into_iter().collect()
    }

    /// Who talked when, last.
    pub(super) fn talkers(&mut self, who: ClientId, entries: &[Arc<Entry>]) -> Vec<Line> {
        let line = |entry: &Arc<Entry>| {
            let target = target_of(who, entry)?;
            Some(Line::from_server(format_args!("CHATHISTORY TARGETS {target} {}", entry.at.rfc3339())))
        };
        let lines = entries.iter().filter_map(line).collect();
        self.batch("draft/chathistory-targets", lines)
    }

    fn batch(&mut self, kind: &str, lines: Vec<Line>) -> Vec<Line> {
        if !self.caps.has(Caps::BATCH) {
            return lines;
        }
        let batch = self.next_batch();
        let mut all = Vec::from([Line::from_server(format_args!("BATCH +{batch} {kind}"))]);
        all.extend(lines.into_iter().map(|line| in_batch(line, &batch)));
        all.push(Line::from_server(format_args!("BATCH -{batch}")));
        all
    }
}

/// The lines of something that was said, for `who`, who may have said it.
pub(super) fn said(showing: Showing, who: ClientId, entry: &Entry) -> Vec<Line> {
    match (entry.rooms().first(), entry.people().iter().find(|person| person.id == who)) {
        (Some(room), _) => showing.in_room(entry, room),
        (None, Some(person)) if entry.by != who => showing.in_private(entry, &person.nick),
        (None, _) => showing.echoes(entry),
    }
}

/// With whom `who` had what was said.
fn target_of(who: ClientId, entry: &Entry) -> Option<String> {
    match &entry.event {
        Event::Said { audience: Audience::Room(room), .. } => Some(room.to_string()),
        Event::Said { audience: Audience::Only(_), .. } if entry.by != who => Some(entry.nick.to_string()),
        Event::Said { audience: Audience::Only(people), .. } => people.first().map(|person| person.nick.to_string()),
        Event::Arrived { .. }
        | Event::Departed { .. }
        | Event::Joined { .. }
        | Event::Left { .. }
        | Event::Renamed { .. }
        | Event::Topic { .. }
        | Event::Kicked { .. }
        | Event::Invited { .. }
        | Event::Changed { .. }
        | Event::Killed { .. } => None,
    }
}
