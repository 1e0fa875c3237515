//! What was given to the log and has not come back.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;

use super::{Life, Output, Server};
use crate::protocol::{ClientId, Intent, Record, RequestId, hash_ask};
use crate::time::Timestamp;

/// A log that says nothing is asked again ever more rarely: at most 2 to the power of this times as rarely.
const RETRY_DOUBLINGS_MAX: u32 = 6;

/// Intents on their way through the log.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub(super) struct Proposals {
    /// Intents of the input being handled: they become one record.
    gathered: Vec<Intent>,
    /// Records appended, in order, and when.
    records: VecDeque<(Timestamp, Record)>,
    /// The requests among them, each with its content's hash.
    asks: BTreeMap<(ClientId, RequestId), u64>,
    /// Intents in `records`.
    intents: usize,
    /// When the timer for proposing again is set for.
    pub(super) timer: Option<Timestamp>,
    /// How often in a row the oldest was proposed again: each time it is waited for twice as long.
    tries: u32,
}

impl Proposals {
    pub(super) const fn len(&self) -> usize {
        self.intents + self.gathered.len()
    }

    pub(super) fn add(&mut self, intent: Intent) {
        if let Intent::Ask { client, n, ask, .. } = &intent {
            self.asks.insert((*client, *n), hash_ask(ask));
        }
        self.gathered.push(intent);
    }

    /// The last request of a client that is on its way.
    pub(super) fn last(&self, client: ClientId) -> Option<RequestId> {
        let range = (client, RequestId(0))..=(client, RequestId(u64::MAX));
        self.asks.range(range).next_back().map(|((_, n), _)| *n)
    }

    /// The content's hash of a request that is on its way.
    pub(super) fn hash(&self, client: ClientId, n: RequestId) -> Option<u64> {
        self.asks.get(&(client, n)).copied()
    }

    /// A record came back.
    pub(super) fn settle(&mut self, record: &Record) {
        let Some(place) = self.records.iter().position(|(_, proposed)| proposed == record) else {
            return; // Proposed again meanwhile, and this is the second copy.
        };
        self.records.remove(place);
        self.tries = 0;
        self.intents -= record.intents.len();
    }

    /// The fold has decided an intent: its number is no longer on its way.
    pub(super) fn decided(&mut self, intent: &Intent) {
        if let Intent::Ask { client, n, .. } = intent {
            self.asks.remove(&(*client, *n));
        }
    }

    /// When the oldest has been waited for long enough.
    pub(super) fn due(&self, retry_ms: u64) -> Option<Timestamp> {
        self.records.front().map(|(at, _)| at.plus_ms(retry_ms << self.tries.min(RETRY_DOUBLINGS_MAX)))
    }
}

impl Server {
    /// Whether the log takes intents.
    pub(super) fn is_storing(&self) -> bool {
        self.life == Life::Running
    }

    pub(super) fn propose(&mut self, intent: Intent) {
        if self.is_storing() {
            self.proposals.add(intent);
        }
    }

    /// Appends what the input being handled came to.
    pub(super) fn propose_gathered(&mut self, outputs: &mut Vec<Output>) {
        let intents = core::mem::take(&mut self.proposals.gathered);
        if intents.is_empty() {
            return;
        }
        self.proposals.intents += intents.len();
        let record = Record { origin: self.origin, intents };
        self.proposals.records.push_back((self.now, record.clone()));
        self.schedule_retry();
        if planted!("shown_before_durable") {
            self.commit(self.chat.next(), crate::time::WallTime(0), &record, outputs);
        }
        outputs.push(Output::Append { record });
    }

    /// Proposes again, in order, what has not come back: the fold knows what it has decided.
    pub(super) fn propose_again(&mut self, outputs: &mut Vec<Output>) {
        let due = self.proposals.due(self.limits.propose_retry_ms);
        if due.is_none_or(|due| due > self.now) || !self.is_storing() {
            return self.schedule_retry();
        }
        self.proposals.tries += 1;
        for (at, record) in &mut self.proposals.records {
            *at = self.now;
            outputs.push(Output::Append { record: record.clone() });
        }
        self.schedule_retry();
    }
}
