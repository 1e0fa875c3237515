//! What happened in a run between its ends, for a picture of it: which message was sent when and arrived when, who was
//! connected, when the server was down. Made only if a trace is wanted; the checks never look at it.
//!
//! A world says which bytes went into a connection and how many came out at the other end; the lines in them are told apart
//! here. What was sent and never came out was lost. Whose a connection is may be said later than what was sent on it: an
//! end may speak before the other knows that the connection stands.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::plan::Way;

/// What happened, in order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Record {
    /// Moments.
    pub events: Vec<Event>,
    /// Lines on the wire, in the order they were sent.
    pub messages: Vec<Message>,
}

/// A moment. Times are virtual microseconds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// When.
    pub at_us: u64,
    /// What.
    pub what: Happening,
}

/// What happened at a moment. Lives are indexes into [`Evidence::lives`](crate::evidence::Evidence::lives).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Happening {
    /// The server is there, after reading its log back.
    ServerStarts {
        /// Records in the log.
        records: usize,
        /// So many of them were covered by a snapshot.
        snapshot: usize,
    },
    /// The server is gone.
    ServerEnds {
        /// Why.
        why: Ending,
        /// Records that were given to the log and not synced.
        unsynced: usize,
        /// So many of them are found in it later.
        kept: usize,
    },
    /// The log takes nothing more, under a running server.
    LogLost {
        /// Records that were given to the log and not synced.
        unsynced: usize,
        /// So many of them are found in it later.
        kept: usize,
    },
    /// A client's connection stands, as far as it knows.
    Connected {
        /// Whose.
        life: usize,
        /// Which.
        conn: usize,
    },
    /// A client's connection is gone, as far as it knows.
    Disconnected {
        /// Whose.
        life: usize,
        /// Which.
        conn: usize,
    },
    /// A client's try to connect came to nothing.
    Failed {
        /// Whose.
        life: usize,
    },
    /// A program starts.
    Begins {
        /// Whose.
        life: usize,
    },
    /// A program ends, of itself or not.
    Ends {
        /// Whose.
        life: usize,
    },
    /// A fault of the plan begins.
    FaultBegins {
        /// Its index in the plan.
        index: usize,
    },
    /// It is over.
    FaultEnds {
        /// Its index in the plan.
        index: usize,
    },
}

/// How a server ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// Its process was killed.
    Killed,
    /// The power failed.
    PowerLost,
    /// It was stopped in order.
    Stopped,
}

/// A line on the wire.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// On which connection.
    pub conn: usize,
    /// Whose connection that is.
    pub life: usize,
    /// Which way.
    pub way: Way,
    /// When its first byte was sent.
    pub sent_us: u64,
    /// When its last byte arrived and was read; none, if it was lost.
    pub arrived_us: Option<u64>,
    /// What it says.
    pub word: Word,
}

/// What a line says, as far as a picture shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Word {
    /// A client says who it is, and the last entry it has seen.
    Hello {
        /// That entry's number.
        after: u64,
    },
    /// A numbered request.
    Ask {
        /// Its number.
        n: u64,
        /// What is to be said, if something is; else the kind of request, and its room or nick.
        text: String,
    },
    /// A question.
    Read,
    /// The answer to a hello.
    Welcome,
    /// An entry for somebody who may see it.
    Entry {
        /// Its number.
        seq: u64,
    },
    /// An acceptance.
    Accepted {
        /// Of which request.
        n: u64,
        /// As which entry.
        seq: u64,
    },
    /// A refusal.
    Refused {
        /// Of which request, if it was a numbered one.
        n: Option<u64>,
    },
    /// A sign of life, or the answer to one.
    Beat,
    /// Anything else of the native protocol, by its type.
    Other(String),
    /// A line of plain text.
    Line(String),
}

/// Makes a record, if one is wanted.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    wanted: bool,
    events: Vec<Event>,
    lines: Vec<Line>,
    /// Whose each connection is, as far as that is known.
    lives: BTreeMap<usize, usize>,
    wires: Vec<Wire>,
}

/// A line on the wire, whosever it is.
#[derive(Clone, Debug)]
struct Line {
    conn: usize,
    way: Way,
    sent_us: u64,
    arrived_us: Option<u64>,
    word: Word,
}

/// One way of one connection.
#[derive(Clone, Debug)]
struct Wire {
    conn: usize,
    way: Way,
    /// The beginning of a line, and when that was sent.
    partial: Vec<u8>,
    partial_us: u64,
    /// Bytes sent and arrived so far.
    sent: u64,
    arrived: u64,
    /// Messages that are on their way: the number of the byte after each, and its index.
    flying: Vec<(u64, usize)>,
}

impl Recorder {
    /// An empty record, if one is wanted.
    #[must_use]
    pub fn new(wanted: bool) -> Self {
        Self { wanted, ..Self::default() }
    }

    /// Something happened.
    pub fn event(&mut self, at_us: u64, what: Happening) {
        if self.wanted {
            self.events.push(Event { at_us, what });
        }
    }

    /// Whose a connection is.
    pub fn belongs(&mut self, conn: usize, life: usize) {
        if self.wanted {
            self.lives.insert(conn, life);
        }
    }

    /// Bytes went into a connection.
    pub fn sent(&mut self, at_us: u64, conn: usize, way: Way, bytes: &[u8]) {
        if !self.wanted {
            return;
        }
        let wire = wire(&mut self.wires, conn, way);
        for byte in bytes {
            wire.sent += 1;
            if wire.partial.is_empty() {
                wire.partial_us = at_us;
            }
            wire.partial.push(*byte);
            if *byte == b'\n' {
                let line = std::mem::take(&mut wire.partial);
                let word = word_of(String::from_utf8_lossy(&line).trim_end());
                wire.flying.push((wire.sent, self.lines.len()));
                let sent_us = wire.partial_us;
                self.lines.push(Line { conn, way, sent_us, arrived_us: None, word });
            }
        }
    }

    /// So many bytes came out of it at the other end and were read.
    pub fn arrived(&mut self, at_us: u64, conn: usize, way: Way, len: usize) {
        if !self.wanted {
            return;
        }
        let wire = wire(&mut self.wires, conn, way);
        wire.arrived += len as u64;
        assert!(wire.arrived <= wire.sent, "what arrives was sent on the same connection before");
        let there = wire.flying.iter().take_while(|(end, _)| *end <= wire.arrived).count();
        for (_, index) in wire.flying.drain(..there) {
            self.lines[index].arrived_us = Some(at_us);
        }
    }

    /// The record, in order of time; empty, if none was wanted. What was said on a connection that nobody ever knew of is
    /// left out.
    #[must_use]
    pub fn into_record(self) -> Record {
        let Self { wanted: _, mut events, lines, lives, wires: _ } = self;
        let message = |Line { conn, way, sent_us, arrived_us, word }| {
            Some(Message { conn, life: *lives.get(&conn)?, way, sent_us, arrived_us, word })
        };
        let mut messages: Vec<Message> = lines.into_iter().filter_map(message).collect();
        events.sort_by_key(|event| event.at_us);
        messages.sort_by_key(|message| message.sent_us);
        Record { events, messages }
    }
}

fn wire(wires: &mut Vec<Wire>, conn: usize, way: Way) -> &mut Wire {
    let index = wires.iter().position(|wire| (wire.conn, wire.way) == (conn, way)).unwrap_or_else(|| {
        let (partial, flying) = (Vec::new(), Vec::new());
        wires.push(Wire { conn, way, partial, partial_us: 0, sent: 0, arrived: 0, flying });
        wires.len() - 1
    });
    &mut wires[index]
}

fn word_of(line: &str) -> Word {
    let Ok(Value::Object(fields)) = serde_json::from_str(line) else { return Word::Line(line.to_owned()) };
    let number = |name: &str| fields.get(name).and_then(Value::as_u64);
    let kind = fields.get("type").and_then(Value::as_str).unwrap_or_default();
    match (kind, number("n"), number("seq")) {
        ("hello", _, _) => Word::Hello { after: number("after").unwrap_or(0) },
        ("welcome", _, _) => Word::Welcome,
        ("ping" | "pong", _, _) => Word::Beat,
        ("accepted", Some(n), Some(seq)) => Word::Accepted { n, seq },
        ("refused", n, _) => Word::Refused { n },
        (_, Some(n), None) => {
            let word = |name: &str| fields.get(name).and_then(Value::as_str);
            let other = || [Some(kind), word("room"), word("nick")].into_iter().flatten().collect::<Vec<_>>().join(" ");
            Word::Ask { n, text: word("text").map_or_else(other, str::to_owned) }
        }
        (_, None, Some(seq)) => Word::Entry { seq },
        ("who" | "rooms" | "history", None, None) => Word::Read,
        (kind, _, _) => Word::Other(kind.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_apart_whatever_the_pieces_they_come_in() {
        let mut recorder = Recorder::new(true);
        recorder.belongs(7, 0);
        recorder.sent(1, 7, Way::Up, b"{\"type\":\"say\",\"n\":1,\"te");
        recorder.sent(5, 7, Way::Up, b"xt\":\"d1 yes\"}\n{\"type\":\"ping\"}\n{\"ty");
        recorder.sent(6, 7, Way::Down, b"{\"type\":\"accepted\",\"n\":1,\"seq\":4}\n");
        recorder.arrived(9, 7, Way::Up, 33);
        recorder.arrived(10, 7, Way::Up, 10);
        let Record { messages, .. } = recorder.into_record();
        let told: Vec<_> = messages.into_iter().map(|m| (m.sent_us, m.arrived_us, m.word)).collect();
        let expected = [
            (1, Some(10), Word::Ask { n: 1, text: "d1 yes".to_owned() }),
            (5, None, Word::Beat),
            (6, None, Word::Accepted { n: 1, seq: 4 }),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn nothing_is_recorded_if_nothing_is_wanted() {
        let mut recorder = Recorder::new(false);
        recorder.belongs(0, 0);
        recorder.sent(1, 0, Way::Up, b"hello\n");
        recorder.event(1, Happening::Begins { life: 0 });
        assert_eq!(recorder.into_record(), Record::default());
    }

    #[test]
    fn whose_a_connection_is_may_be_known_later_and_what_is_nobodys_is_left_out() {
        let mut recorder = Recorder::new(true);
        recorder.sent(4, 1, Way::Down, b"to whom?\n");
        recorder.sent(3, 2, Way::Down, b"to nobody\n");
        recorder.event(6, Happening::Connected { life: 5, conn: 1 });
        recorder.belongs(1, 5);
        recorder.event(2, Happening::Begins { life: 5 });
        let Record { events, messages } = recorder.into_record();
        let told: Vec<_> = messages.into_iter().map(|m| (m.life, m.word)).collect();
        assert_eq!(told, [(5, Word::Line("to whom?".to_owned()))]);
        assert_eq!(events.iter().map(|event| event.at_us).collect::<Vec<_>>(), [2, 6], "in order of time");
    }
}
