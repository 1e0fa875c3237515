//! The client: outbox, cursor, reconnecting, heartbeat. A pure machine, like the server.
//!
//! What is asked is numbered, remembered and then sent, up to [`WINDOW`] requests ahead of the oldest that is unanswered.
//! What is not answered when a connection is lost is sent again on the next, under the same number: the fold decides each
//! number once. [`Memory`] survives the client's own death, so that even that loses and doubles nothing.

mod link;
mod memory;
mod outbox;
mod words;

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use self::link::Link;
pub use self::memory::{Memory, Pending};
pub use self::words::{Command, Input, News, Output};
use crate::door::native::peer::{self, Heard, Peer};
use crate::limits::{OUTBOX_MAX, WINDOW};
use crate::protocol::{Ask, Hello, Key, Nick, Notes, Read, Refusal, RequestId, Secret, Seen, Seq, Welcome, WireLimits};
use crate::time::{Timestamp, WallTime};

/// The client machine.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Client {
    memory: Memory,
    link: Link,
    peer: Peer,
    /// What the server takes; as of the last welcome.
    limits: WireLimits,
    /// The entry that the last welcome's roster is as of.
    roster: Seq,
    /// The server's password, if one was given. Not kept.
    password: Option<Secret>,
    /// Questions without an answer.
    reads: BTreeMap<u64, Read>,
    /// Going: once everything is answered, or at once.
    quitting: bool,
    /// Goes no further.
    ended: bool,
    now: Timestamp,
    /// Bytes to be sent at the end of an input, after what has to be remembered first.
    wire: Vec<u8>,
    /// The memory has changed in a way that must be kept before anything is sent.
    must_remember: bool,
    /// The memory has changed in a way that may be kept a little later: by then.
    remember_by: Option<Timestamp>,
}

/// How long a changed cursor may wait to be remembered, in milliseconds.
const REMEMBER_MS: u64 = 1_000;
/// No server can ask for more heartbeats than one in so many milliseconds.
const HEARTBEAT_MS_MIN: u64 = 100;
/// Questions that may be unanswered at once.
const READS_MAX: usize = 16;

impl Client {
    /// A client with the memory of its last life, or a new one. `seed` draws the jitter of its reconnecting.
    #[must_use]
    pub fn new(memory: Memory, seed: u64) -> Self {
        Self {
            memory,
            link: Link::new(seed),
            peer: Peer::default(),
            limits: WireLimits { text_bytes: 0, nick_chars: 0, window: 1, heartbeat_ms: 5_000, idle_ms: 15_000 },
            roster: Seq(0),
            password: None,
            reads: BTreeMap::new(),
            quitting: false,
            ended: false,
            now: Timestamp::default(),
            wire: Vec::new(),
            must_remember: false,
            remember_by: None,
        }
    }

    /// The same client, for a server that takes a password.
    #[must_use]
    pub fn with_password(self, password: Option<Secret>) -> Self {
        Self { password, ..self }
    }

    /// Takes in one input and adds to `outputs` all that follows from it. Begin with [`Input::Elapsed`].
    pub fn handle(&mut self, now: Timestamp, input: Input<'_>, outputs: &mut Vec<Output>) {
        self.now = self.now.max(now);
        if self.ended {
            return;
        }
        match input {
            Input::Connected { attempt } if self.link.is_connecting(attempt) => self.greet(),
            Input::Received { attempt, bytes } if self.link.is_up(attempt) => self.receive(bytes, outputs),
            Input::Closed { attempt, why } if self.link.is_current(attempt) => self.lose(why, outputs),
            Input::Connected { .. } | Input::Received { .. } | Input::Closed { .. } => {} // An earlier attempt's.
            Input::Asked(command) => self.asked(command, outputs),
            Input::Elapsed => {}
        }
        self.check_deadlines(outputs);
        self.flush(outputs);
    }

    /// When [`Input::Elapsed`] is due, unless something else happens first.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let link = self.link.deadline(&self.limits);
        [Some(link), self.remember_by].into_iter().flatten().min().filter(|_| !self.ended)
    }

    /// What survives.
    #[must_use]
    pub const fn memory(&self) -> &Memory {
        &self.memory
    }

    /// What is asked and not answered, oldest first.
    pub fn waiting(&self) -> impl ExactSizeIterator<Item = &Pending> {
        self.memory.outbox.iter()
    }

    /// Whether the session stands.
    #[must_use]
    pub const fn is_online(&self) -> bool {
        self.link.is_online()
    }

    fn asked(&mut self, command: Command, outputs: &mut Vec<Output>) {
        match command {
            Command::Ask { ask, reference } => self.ask(ask, reference, outputs),
            Command::Read { reference, read } if self.reads.len() < READS_MAX => {
                if self.link.is_online() {
                    peer::encode_read(reference, &read, &mut self.wire);
                }
                self.reads.insert(reference, read);
            }
            Command::Read { .. } => {
                outputs.push(Output::Show(News::Notice("too many questions are unanswered; wait a little".into())));
            }
            Command::Oper { reference, name, password } if self.link.is_online() => {
                peer::encode_oper(reference, &name, &password, &mut self.wire);
            }
            Command::Oper { .. } => {
                outputs.push(Output::Show(News::Notice("not connected; try again when you are".into())));
            }
            Command::Quit => {
                self.quitting = true;
                self.quit_if_done();
                if self.has_no_business() && !self.link.is_online() {
                    self.end("quit", "exited", outputs);
                }
            }
            Command::Leave => {
                self.must_remember = true;
                if self.link.is_online() {
                    peer::encode_quit(&mut self.wire);
                }
                self.flush(outputs);
                self.end("quit", "exited", outputs);
            }
            Command::RetryNow => self.link.retry_now(self.now),
        }
    }

    /// Says who this is.
    fn greet(&mut self) {
        self.peer = Peer::default();
        self.link.greet(self.now);
        let hello = Hello { password: self.password.clone(), ..self.memory.hello() };
        peer::encode_hello(&hello, &mut self.wire);
    }

    fn receive(&mut self, bytes: &[u8], outputs: &mut Vec<Output>) {
        self.link.heard(self.now);
        let mut heard = Vec::new();
        let decoded = self.peer.decode(bytes, &mut heard);
        for heard in heard {
            self.hear(heard, outputs);
            if self.ended || !self.link.is_open() {
                return;
            }
        }
        if let Err(violation) = decoded {
            self.hang_up(violation.0, outputs);
        }
    }

    fn hear(&mut self, heard: Heard, outputs: &mut Vec<Output>) {
        match heard {
            Heard::Welcome(welcome) => self.welcomed(welcome, outputs),
            Heard::Saw(seen) => {
                if seen.seq > self.memory.cursor {
                    self.move_cursor(seen.seq);
                    outputs.push(Output::Show(News::Saw(seen)));
                }
            }
            Heard::Accepted { n, seq, at, notes, entry } => self.accepted(n, seq, at, notes, entry, outputs),
            Heard::Refused { n, code, text } => self.refused(n, code, text, outputs),
            Heard::Who { reference, people, more } => {
                self.answered(reference);
                outputs.push(Output::Show(News::Who { reference, people, more }));
            }
            Heard::Rooms { reference, rooms, more } => {
                self.answered(reference);
                outputs.push(Output::Show(News::Rooms { reference, rooms, more }));
            }
            Heard::Room { reference, room } => {
                self.answered(reference);
                outputs.push(Output::Show(News::Room { reference, room }));
            }
            Heard::Denied { reference, code, text: why } => {
                self.answered(reference);
                outputs.push(Output::Show(News::Denied { reference, code, why }));
            }
            Heard::Oper { reference } => outputs.push(Output::Show(News::Oper { reference })),
            Heard::Page { reference, page } => {
                self.answered(reference);
                outputs.push(Output::Show(News::Page { reference, page }));
            }
            Heard::Missed { from, to } => {
                self.move_cursor(to);
                outputs.push(Output::Show(News::Missed { from, to }));
            }
            Heard::Pong { head } => self.move_cursor(head),
            Heard::Notice(text) => outputs.push(Output::Show(News::Notice(text))),
            Heard::Bye { code, text } => self.parted(&code, text, outputs),
        }
    }

    fn welcomed(&mut self, welcome: Box<Welcome>, outputs: &mut Vec<Output>) {
        self.limits = welcome.limits;
        self.limits.heartbeat_ms = self.limits.heartbeat_ms.max(HEARTBEAT_MS_MIN);
        self.link.online();
        if self.memory.log != Some(welcome.log) {
            if self.memory.log.is_some() {
                let told = "the server has another log than before: what was said in that one is not here";
                outputs.push(Output::Show(News::Notice(told.into())));
            }
            self.memory.begin_log(welcome.log, welcome.head);
        }
        self.roster = welcome.head;
        self.memory.nick = welcome.you.clone();
        self.memory.next = self.memory.next.max(welcome.last.next());
        self.must_remember = true;
        outputs.push(Output::Show(News::Online(welcome)));
        if !planted!("outbox_not_sent_again") {
            self.memory.outbox.iter_mut().for_each(|pending| pending.sent = false);
        }
        if planted!("numbers_begin_anew") {
            self.memory.outbox.iter_mut().for_each(|pending| pending.n = None);
        }
        self.send_outbox();
        for (reference, read) in &self.reads {
            peer::encode_read(*reference, read, &mut self.wire);
        }
        self.quit_if_done();
    }

    /// The server said its last word.
    fn parted(&mut self, code: &str, text: Box<str>, outputs: &mut Vec<Output>) {
        match code {
            "server_stops" | "full" | "crowded" | "not_storing" | "silent" | "hello_too_late" => {
                self.hang_up(text, outputs)
            }
            // An earlier hello of this client's own arrived late.
            "taken_over" if self.link.forgive_own_hello(self.now) || planted!("taken_over_comes_back") => {
                self.hang_up(text, outputs)
            }
            "forgotten" => {
                self.forgotten(outputs);
                self.link.reached();
                self.hang_up(text, outputs);
            }
            _ => self.end(code, &text, outputs),
        }
    }

    fn answered(&mut self, reference: u64) {
        self.reads.remove(&reference);
        self.quit_if_done();
    }

    fn quit_if_done(&mut self) {
        if self.quitting && self.has_no_business() && self.link.is_online() && !self.link.leaving {
            self.link.leaving = true;
            peer::encode_quit(&mut self.wire);
        }
    }

    /// Whether everything asked is answered.
    fn has_no_business(&self) -> bool {
        self.memory.outbox.is_empty() && self.reads.is_empty()
    }

    fn move_cursor(&mut self, seq: Seq) {
        if seq > self.memory.cursor {
            self.memory.cursor = if planted!("cursor_lags_by_one") { Seq(seq.0 - 1) } else { seq };
            self.remember_soon();
        }
    }

    fn remember_soon(&mut self) {
        self.remember_by.get_or_insert(self.now.plus_ms(REMEMBER_MS));
    }

    /// Closes the connection and tries again later.
    fn hang_up(&mut self, why: Box<str>, outputs: &mut Vec<Output>) {
        if let Some(attempt) = self.link.current() {
            outputs.push(Output::Close { attempt });
        }
        self.lose(why, outputs);
    }

    fn lose(&mut self, why: Box<str>, outputs: &mut Vec<Output>) {
        self.wire.clear();
        if self.link.leaving {
            return self.end("quit", "exited", outputs);
        }
        let retry_at = self.link.lose(self.now);
        outputs.push(Output::Show(News::Offline { retry_at: Some(retry_at), why }));
    }

    fn end(&mut self, code: &str, text: &str, outputs: &mut Vec<Output>) {
        self.ended = true;
        self.wire.clear();
        outputs.push(Output::Remember(self.memory.clone().into()));
        if let Some(attempt) = self.link.current() {
            outputs.push(Output::Close { attempt });
        }
        outputs.push(Output::Show(News::Ended { code: code.into(), text: text.into() }));
        outputs.push(Output::End);
    }

    fn check_deadlines(&mut self, outputs: &mut Vec<Output>) {
        if self.ended {
            return;
        }
        match self.link.due(self.now, &self.limits) {
            link::Due::Nothing => {}
            link::Due::Connect { attempt } => outputs.push(Output::Connect { attempt }),
            link::Due::Ping => peer::encode_ping(&mut self.wire),
            link::Due::HangUp(why) => self.hang_up(why.into(), outputs),
        }
        if self.remember_by.is_some_and(|by| by <= self.now) {
            self.must_remember = true;
        }
    }

    /// Remembers what must be, then sends.
    fn flush(&mut self, outputs: &mut Vec<Output>) {
        if self.ended {
            return;
        }
        if core::mem::take(&mut self.must_remember) {
            self.remember_by = None;
            outputs.push(Output::Remember(self.memory.clone().into()));
        }
        if let Some(attempt) = self.link.current()
            && !self.wire.is_empty()
        {
            self.link.said(self.now);
            outputs.push(Output::Send { attempt, bytes: core::mem::take(&mut self.wire) });
        }
    }
}
