//! What a client keeps over its own death.

use alloc::collections::VecDeque;
use alloc::sync::Arc;

use super::{Ask, Key, Nick, RequestId, Seq};
use crate::protocol::{Hello, LogId, PROTOCOL};

/// Who a client is, how far it has read, and what it has asked.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Memory {
    /// The secret that makes it itself.
    pub key: Key,
    /// What it is called, or would like to be.
    pub nick: Nick,
    /// The log that `cursor` and the numbers belong to; none before the first welcome.
    pub log: Option<LogId>,
    /// The last entry it was told of.
    pub cursor: Seq,
    /// The number of its next request.
    pub next: RequestId,
    /// The mark of the next thing it asks.
    pub next_line: u64,
    /// What it asked and has no answer to, oldest first.
    pub outbox: VecDeque<Pending>,
}

/// Something asked that has no answer. What a memory holds is shared between its copies: one is kept after every request.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Pending {
    /// Marks it among all this client ever asks, whatever number it is sent under.
    pub line: u64,
    /// The number it was sent under; none while it waits to be sent.
    pub n: Option<RequestId>,
    /// The last entry its author had seen.
    pub seen: Seq,
    /// What is asked.
    pub ask: Arc<Ask>,
    /// Comes back with the answer.
    pub reference: Option<Arc<str>>,
    /// It was sent on this connection.
    pub sent: bool,
}

impl Memory {
    /// Somebody new.
    #[must_use]
    pub const fn new(key: Key, nick: Nick) -> Self {
        Self { key, nick, log: None, cursor: Seq(0), next: RequestId(1), next_line: 1, outbox: VecDeque::new() }
    }

    pub(super) fn hello(&self) -> Hello {
        let nick = self.nick.clone();
        Hello { version: PROTOCOL, key: self.key, nick, after: self.cursor, log: self.log, password: None }
    }

    /// A log not met before: nothing is read of it, nothing asked. Somebody new means by a name whoever has it as of
    /// `head`; somebody who knew another log may mean somebody else, and the fold will ask.
    pub(super) fn begin_log(&mut self, log: LogId, head: Seq) {
        let seen = if self.log.is_some() { Seq(0) } else { head };
        self.log = Some(log);
        self.cursor = Seq(0);
        self.next = RequestId(1);
        self.outbox.iter_mut().for_each(|pending| (pending.n, pending.seen) = (None, seen));
    }
}
