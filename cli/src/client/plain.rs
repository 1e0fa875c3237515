//! Lines in, lines out: safe for screen readers and pipes. What is accepted is silent where it was typed; trouble speaks.

use std::collections::BTreeSet;
use std::fmt;

use causerie_core::client::{News, Pending};
use causerie_core::protocol::Ask;
use causerie_core::time::{Timestamp, WallTime};
use causerie_core::view::{Row, RowText, Waiting};

use super::talk::{Talk, Turn};

/// The lines of a conversation.
#[derive(Debug)]
pub(crate) struct Plain {
    talk: Talk,
    utc_offset_s: i32,
    /// What is typed stands there already.
    echoed: bool,
    /// What was asked in an earlier life stands nowhere.
    first_line: u64,
    /// An outage was told of.
    told_offline: bool,
    /// What was told not to be stored yet.
    told_waiting: BTreeSet<u64>,
    /// How long until the next try, in seconds, as of the last outage.
    retry_s: u64,
}

/// Lines to be written, and what follows.
#[derive(Default, Debug)]
pub(crate) struct Written {
    /// To be written, in order.
    pub(crate) lines: Vec<String>,
    /// For the client.
    pub(crate) commands: Vec<causerie_core::client::Command>,
}

impl Plain {
    /// The lines of a conversation. `echoed` if what is typed stands where the lines go; `first_line` is the first that
    /// this life can ask.
    pub(crate) fn new(talk: Talk, utc_offset_s: i32, echoed: bool, first_line: u64) -> Self {
        let told_waiting = BTreeSet::new();
        Self { talk, utc_offset_s, echoed, first_line, told_offline: false, told_waiting, retry_s: 0 }
    }

    /// What was asked and has no answer.
    pub(crate) fn waiting(&self) -> usize {
        self.talk.waiting().len()
    }

    /// Takes a line that was typed.
    pub(crate) fn typed(&mut self, line: &str) -> Written {
        let Turn { rows, commands } = self.talk.typed(line);
        Written { lines: self.in_words(&rows), commands }
    }

    /// Takes news.
    pub(crate) fn take(&mut self, news: &News, now: Timestamp, wall: WallTime) -> Written {
        let was_online = self.talk.is_online();
        let Turn { mut rows, commands } = self.talk.take(news);
        let (mut lines, mut stored) = (Vec::new(), None);
        match news {
            News::Offline { retry_at, why } => {
                self.retry_s = retry_at.map_or(0, |at| seconds_up(at, now));
                if !std::mem::replace(&mut self.told_offline, true) {
                    let cause = if was_online { "connection lost" } else { "not connected" };
                    lines.push(format!("* {cause}: {why} (retry in {} s)", self.retry_s));
                }
                for pending in self.talk.waiting() {
                    if self.told_waiting.insert(pending.line) {
                        lines.push(self.not_stored(pending, wall));
                    }
                }
                return Written { lines, commands };
            }
            News::Online(_) => self.told_offline = false,
            News::Waiting(pending) if self.told_offline => {
                self.told_waiting.insert(pending.line);
                lines.push(self.not_stored(pending, wall));
            }
            News::Accepted { pending: Some(pending), .. } => {
                if self.told_waiting.remove(&pending.line) {
                    stored = Some(format!("{} * stored: {}", self.time(wall), Quoted(self.talk.nick(), &pending.ask)));
                }
                let said = matches!(*pending.ask, Ask::Say { .. } | Ask::SayWith { .. });
                if self.echoed && said && pending.line >= self.first_line {
                    rows.retain(|row| !matches!(row, Row::Own { .. }));
                }
            }
            News::Ended { .. } if !self.echoed => rows.clear(),
            News::Waiting(_)
            | News::Accepted { pending: None, .. }
            | News::Refused { .. }
            | News::Saw(_)
            | News::Who { .. }
            | News::Rooms { .. }
            | News::Room { .. }
            | News::Oper { .. }
            | News::Denied { .. }
            | News::Page { .. }
            | News::Missed { .. }
            | News::Notice(_)
            | News::Ended { .. } => {}
        }
        lines.extend(self.in_words(&rows));
        lines.extend(stored);
        Written { lines, commands }
    }

    fn not_stored(&self, pending: &Pending, wall: WallTime) -> String {
        let quoted = Quoted(self.talk.nick(), &pending.ask);
        format!("{} * not stored yet: {quoted} (retry in {} s)", self.time(wall), self.retry_s)
    }

    fn time(&self, wall: WallTime) -> impl fmt::Display {
        wall.hours_minutes(self.utc_offset_s)
    }

    fn in_words(&self, rows: &[Row]) -> Vec<String> {
        rows.iter().map(|row| RowText { row, utc_offset_s: self.utc_offset_s }.to_string()).collect()
    }
}

/// Whole seconds until then, none of them cut off.
pub(crate) fn seconds_up(at: Timestamp, now: Timestamp) -> u64 {
    u64::try_from(at.since(now).as_millis().div_ceil(1_000)).unwrap_or(u64::MAX)
}

/// What was asked, so that its author knows it again: their words, or what they did.
struct Quoted<'a>(&'a causerie_core::protocol::Nick, &'a Ask);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(nick, ask) = self;
        match ask {
            Ask::Say { text, .. } | Ask::SayWith { text, .. } => write!(f, "\"{text}\""),
            Ask::Join { .. }
            | Ask::Unlock { .. }
            | Ask::Leave { .. }
            | Ask::Rename { .. }
            | Ask::Void { .. }
            | Ask::Topic { .. }
            | Ask::Kick { .. }
            | Ask::Invite { .. }
            | Ask::Change { .. }
            | Ask::Kill { .. } => {
                write!(f, "\"{}\"", Waiting { nick, ask })
            }
        }
    }
}

#[cfg(test)]
mod tests;
