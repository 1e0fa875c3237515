//! The log's column: entries, and what befalls the server.

use causerie_core::protocol::{Audience, Entry, Event as Happened, Leaving};

use super::build::Builder;
use super::{Band, BandKind, Place, What};
use crate::plan::{Seconds, Trouble};
use crate::record::{Ending, Happening};

/// Storing that took at least so long is shown, in microseconds.
const SLOW_US: u64 = 5_000;

impl Builder<'_> {
    pub(super) fn add_server(&mut self) {
        self.add_entries();
        let mut down: Option<(u64, BandKind)> = None;
        let mut starts = 0;
        let record = self.record;
        for event in &record.events {
            let at_us = event.at_us;
            match event.what {
                Happening::ServerStarts { .. } => {
                    self.end_band(&mut down, at_us);
                    starts += 1;
                    if starts > 1 {
                        let head = self.case.facts.iter().rfind(|fact| fact.durable_us <= at_us);
                        let text = head.map_or_else(
                            || "restart: the log is empty".to_owned(),
                            |head| format!("restart: the log holds #1–{}", head.entry.seq),
                        );
                        self.add(at_us, Place::Server, What::Up { text: text.clone() }, text);
                    }
                }
                Happening::ServerEnds { why, unsynced, kept } => {
                    self.end_band(&mut down, at_us);
                    down = Some((at_us, BandKind::Down));
                    let why = match why {
                        Ending::Killed => "killed",
                        Ending::PowerLost => "power lost",
                        Ending::Stopped => "stopped in order",
                    };
                    let text = format!("✕ {why}{}", left(unsynced, kept));
                    self.add(at_us, Place::Server, What::Down { text: text.clone() }, text);
                }
                Happening::LogLost { unsynced, kept } => {
                    down = Some((at_us, BandKind::NotStoring));
                    let what = if self.fsync_fails(at_us) { "fsync fails" } else { "disk full" };
                    self.note(at_us, format!("✕ {what}{}", left(unsynced, kept)), true);
                }
                Happening::FaultBegins { index } => self.room_trouble(at_us, index, true),
                Happening::FaultEnds { index } => self.room_trouble(at_us, index, false),
                Happening::Connected { .. }
                | Happening::Disconnected { .. }
                | Happening::Failed { .. }
                | Happening::Begins { .. }
                | Happening::Ends { .. } => {}
            }
        }
        self.end_band(&mut down, self.model.ended_us);
    }

    fn end_band(&mut self, down: &mut Option<(u64, BandKind)>, to_us: u64) {
        if let Some((from_us, kind)) = down.take() {
            self.model.bands.push(Band { lane: None, from_us, to_us, kind });
        }
    }

    fn note(&mut self, at_us: u64, text: String, fault: bool) {
        self.add(at_us, Place::Server, What::Note { text: text.clone(), fault }, text);
    }

    fn fsync_fails(&self, at_us: u64) -> bool {
        self.record.events.iter().any(|event| {
            let Happening::FaultBegins { index } = event.what else { return false };
            event.at_us == at_us && matches!(self.plan.faults[index].what, Trouble::LogLost { fsync: true, .. })
        })
    }

    /// A fault that is nobody's own.
    fn room_trouble(&mut self, at_us: u64, index: usize, begins: bool) {
        let (text, over) = match &self.plan.faults[index].what {
            Trouble::LogStall { .. } => ("✕ the disk answers nothing".to_owned(), Some("the disk answers again")),
            Trouble::Spike { extra_ms, .. } => (format!("✕ all takes {extra_ms} ms more"), Some("as fast as before")),
            Trouble::ClockJump { by_ms } => {
                let sign = if *by_ms < 0 { "−" } else { "+" };
                (format!("✕ time of day {sign}{} s", Seconds(by_ms.unsigned_abs() * 1_000)), None)
            }
            Trouble::Stranger { malice } => (format!("✕ a stranger: {malice:?}"), None),
            Trouble::Crowd { count, .. } => (format!("✕ {count} connect, silent"), Some("the crowd goes")),
            Trouble::Cut { .. }
            | Trouble::CutOneWay { .. }
            | Trouble::Hold { .. }
            | Trouble::Reset { .. }
            | Trouble::Dark { .. }
            | Trouble::Restart { .. }
            | Trouble::Kill { .. }
            | Trouble::Stop { .. }
            | Trouble::LogLost { .. }
            | Trouble::PowerAtOperation { .. }
            | Trouble::Slow { .. }
            | Trouble::Second { .. } => return,
        };
        match (begins, over) {
            (true, _) => self.note(at_us, text, true),
            (false, Some(over)) => self.note(at_us, over.to_owned(), false),
            (false, None) => {}
        }
    }

    fn add_entries(&mut self) {
        let ends: Vec<u64> = self
            .record
            .events
            .iter()
            .filter_map(|event| match event.what {
                Happening::ServerEnds { .. } | Happening::LogLost { .. } => Some(event.at_us),
                Happening::ServerStarts { .. }
                | Happening::Connected { .. }
                | Happening::Disconnected { .. }
                | Happening::Failed { .. }
                | Happening::Begins { .. }
                | Happening::Ends { .. }
                | Happening::FaultBegins { .. }
                | Happening::FaultEnds { .. } => None,
            })
            .collect();
        for index in 0..self.case.facts.len() {
            let fact = &self.case.facts[index];
            let (seq, by) = (fact.entry.seq.0, fact.entry.by);
            if seq <= self.folded {
                continue;
            }
            let (given_us, durable_us) = (fact.given_us, fact.durable_us);
            let (who, text, presence) = in_words(&fact.entry);
            let private = !fact.entry.people().is_empty() || is_private(&fact.entry);
            let title = format!("#{seq} {who}: {text}, durable at {} s", Seconds(durable_us));
            let entry = self.add(given_us, Place::Server, What::Entry { seq, who, text, private, presence }, title);
            self.events[entry].slot = Some(self.slot(by));
            self.entries.insert(seq, entry);
            if durable_us >= given_us + SLOW_US && !ends.contains(&durable_us) {
                let durable = self.add(durable_us, Place::Server, What::Durable, format!("#{seq} is durable"));
                self.events[durable].slot = Some(self.slot(by));
                self.events[durable].causes.push(entry);
                self.durables.insert(seq, durable);
            }
        }
    }
}

fn left(unsynced: usize, kept: usize) -> String {
    match (unsynced, kept) {
        (0, _) => String::new(),
        (1, 0) => ", 1 record lost".to_owned(),
        (1, _) => ", 1 record kept".to_owned(),
        (unsynced, kept) => format!(", {kept} of {unsynced} records kept"),
    }
}

const fn is_private(entry: &Entry) -> bool {
    matches!(&entry.event, Happened::Said { audience: Audience::Only(_), .. })
}

/// Who an entry is of, what it says, and whether it is about somebody being here.
pub(crate) fn in_words(entry: &Entry) -> (String, String, bool) {
    let nick = entry.nick.to_string();
    match &entry.event {
        Happened::Arrived { .. } => (nick, "comes".to_owned(), true),
        Happened::Departed { why: Leaving::Quit, .. } => (nick, "leaves".to_owned(), true),
        Happened::Departed { why: Leaving::Lost, .. } => (nick, "left, connection lost".to_owned(), true),
        Happened::Joined { room } => (nick, format!("joins {room}"), true),
        Happened::Left { room } => (nick, format!("leaves {room}"), true),
        Happened::Renamed { to, .. } => (nick, format!("is called {to}"), true),
        Happened::Said { audience: Audience::Room(room), text, .. } => {
            let room = if room.is_lobby() { String::new() } else { format!("{room} ") };
            (nick, format!("{room}{text}"), false)
        }
        Happened::Said { audience: Audience::Only(people), text, .. } => {
            let people: Vec<String> = people.iter().map(|person| person.nick.to_string()).collect();
            (format!("{nick} → {}", people.join(", ")), text.to_string(), false)
        }
    }
}
