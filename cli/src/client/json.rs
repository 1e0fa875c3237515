//! One JSON object per line, both ways: `docs/json.md`.

mod about;
mod out;
mod request;

use std::collections::BTreeMap;

use causerie_core::client::{Command, Memory, News};
use causerie_core::protocol::{Ask, Room};
use causerie_core::time::Timestamp;

use self::out::Line;
use self::request::{Request, Slip};
use super::plain::Written;
use super::talk::Wish;

/// A program's side of a conversation.
#[derive(Debug)]
pub(crate) struct Json {
    /// Where words go that do not say where.
    room: Room,
    /// To be asked for at the first welcome.
    wish: Option<Wish>,
    /// The last question's number.
    reference: u64,
    /// What the program calls its questions.
    references: BTreeMap<u64, Box<str>>,
    /// What was asked and has no answer.
    waiting: usize,
}

impl Json {
    /// A program's side of a conversation of somebody with this memory.
    pub(crate) fn new(memory: &Memory, wish: Wish) -> Self {
        Self {
            room: wish.room.clone().unwrap_or_else(Room::lobby),
            wish: Some(wish),
            reference: 0,
            references: BTreeMap::new(),
            waiting: memory.outbox.len(),
        }
    }

    /// What was asked and has no answer.
    pub(crate) const fn waiting(&self) -> usize {
        self.waiting
    }

    /// Takes a line of the program's.
    pub(crate) fn typed(&mut self, line: &str) -> Written {
        let line = line.trim();
        let mut written = Written::default();
        if line.is_empty() {
            return written;
        }
        match request::read(line, &self.room) {
            (reference, Ok(Request::Ask(ask))) => written.commands.push(Command::Ask { ask, reference }),
            (reference, Ok(Request::Read(read))) => {
                self.reference += 1;
                self.references.extend(reference.map(|reference| (self.reference, reference)));
                written.commands.push(Command::Read { reference: self.reference, read });
            }
            (reference, Ok(Request::Oper { name, password })) => {
                self.reference += 1;
                self.references.extend(reference.map(|reference| (self.reference, reference)));
                written.commands.push(Command::Oper { reference: self.reference, name, password });
            }
            (_, Ok(Request::Quit)) => written.commands.push(Command::Quit),
            (reference, Err(Slip { code, why })) => {
                written.lines.push(in_json(&Line::Refused { reference: reference.as_deref(), code, why: why.into() }));
            }
        }
        written
    }

    /// What is said to a line that is not even text.
    pub(crate) fn unreadable() -> String {
        in_json(&Line::Refused { reference: None, code: "bad_input", why: "the line is not UTF-8".into() })
    }

    /// Takes news.
    pub(crate) fn take(&mut self, news: &News, now: Timestamp) -> Written {
        let mut written = Written::default();
        let reference = match news {
            News::Who { reference, .. }
            | News::Rooms { reference, .. }
            | News::Room { reference, .. }
            | News::Oper { reference }
            | News::Denied { reference, .. }
            | News::Page { reference, .. } => self.references.remove(reference),
            News::Online(welcome) => {
                if let Some(wish) = self.wish.take() {
                    let nick = wish.nick.filter(|nick| *nick != welcome.you).map(|nick| Ask::Rename { nick });
                    let room = wish.room.filter(|room| !welcome.rooms.contains(room)).map(|room| Ask::Join { room });
                    let asks = nick.into_iter().chain(room);
                    written.commands.extend(asks.map(|ask| Command::Ask { ask, reference: None }));
                }
                None
            }
            News::Waiting(_) => {
                self.waiting += 1;
                None
            }
            News::Accepted { pending: Some(_), .. } | News::Refused { ask: Some(_), .. } => {
                self.waiting = self.waiting.saturating_sub(1);
                None
            }
            News::Accepted { pending: None, .. }
            | News::Refused { ask: None, .. }
            | News::Offline { .. }
            | News::Saw(_)
            | News::Missed { .. }
            | News::Notice(_)
            | News::Ended { .. } => None,
        };
        written.lines = Line::of(news, reference.as_deref(), now).iter().map(in_json).collect();
        written
    }
}

fn in_json(line: &Line<'_>) -> String {
    serde_json::to_string(line).expect("a line is made of words that can be written")
}

#[cfg(test)]
mod tests;
