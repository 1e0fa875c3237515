//! The log's runner: an engine whose commits take virtual time. While it syncs, the next batch gathers.
//!
//! What an engine does it does in one moment: at the beginning of the time a commit takes, or at its end, as is drawn. In
//! the first case a crash meanwhile leaves records that are durable and nobody was told of; in the second, records that
//! are gone. Crashes in the middle of a commit are the disk's business.

use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use causerie_core::history::Query;
use causerie_core::protocol::{Intent, Leaving, Record, encode_entry};
use causerie_core::server::ConnId;
use causerie_core::time::Timestamp;
use causerie_net::clock::Clock;
use causerie_net::log::{BATCH_ORDERS_MAX, Engine, Log, LogEvent, Order, Stored};
use tokio::time::{Sleep, sleep_until};

use super::state::{Intents, Shared, State, note};
use crate::entropy::digest;
use crate::evidence::{self, Depart};
use crate::marks::Mark;
use crate::record::Ending;

/// Streams of draws: which decision is drawn.
const FSYNC: u64 = 71;
const EARLY: u64 = 72;

/// What is known of the log from outside.
#[derive(Debug, Default)]
pub(super) struct Book {
    /// Given, each with when, and not told to be committed.
    given: VecDeque<(u64, Record)>,
    /// By position: when it was given, and when it was durable.
    placed: BTreeMap<u64, (u64, u64)>,
    /// Records told to be committed.
    told: u64,
    /// Batches so far.
    batches: u64,
    /// Orders and events under way.
    pending: usize,
    /// It takes nothing more, until the next start.
    pub(super) lost: bool,
    /// The power failed while records were written.
    pub(super) in_commit: bool,
    /// Of what was written then, a part is there and a part is not.
    pub(super) torn: bool,
    /// How many faults hold it up.
    pub(super) stalled: u32,
    waker: Option<Waker>,
}

impl Book {
    /// Whether nothing is under way.
    pub(super) const fn is_idle(&self) -> bool {
        self.pending == 0
    }

    /// Records given until then, and not told to be committed.
    pub(super) fn given_until(&self, at_us: u64) -> usize {
        self.given.iter().take_while(|(given, _)| *given <= at_us).count()
    }

    /// How many more a store of so many holds than were told to be committed.
    pub(super) fn more_than_told(&self, total: usize) -> usize {
        total.saturating_sub(usize::try_from(self.told).expect("records fit in memory"))
    }

    /// Looks again at what holds it up.
    pub(super) fn wake(&mut self) {
        self.waker.take().into_iter().for_each(Waker::wake);
    }
}

impl State {
    /// A server starts: what is stored tells what became of the records under way.
    pub(super) fn account(&mut self, stored: &[Stored], now: u64) {
        self.reckon(stored.len());
        let (told, total) = (self.book.told, stored.len() as u64);
        if let Some(last) = self.book.placed.keys().next_back().filter(|last| **last >= total) {
            self.store = Some(format!("record {last} was synced, and the store holds {total}; expected: it stays"));
        }
        let mut lost = self.book.given.len();
        for stored in stored.iter().skip(usize::try_from(told).unwrap_or(usize::MAX)) {
            let given = self.book.given.iter().position(|(_, record)| *record == stored.record);
            let given = given.and_then(|i| self.book.given.remove(i));
            lost -= usize::from(given.is_some());
            self.book.placed.entry(stored.position.0).or_insert((given.map_or(now, |(at, _)| at), now));
            self.reach(Mark::CrashKept);
        }
        if lost > 0 {
            self.reach(Mark::CrashLost);
        }
        if std::mem::take(&mut self.book.torn) && lost > 0 && total == told {
            self.reach(Mark::TornCommit);
        }
        self.book.given.clear();
        (self.book.told, self.book.pending, self.book.lost) = (total, 0, false);
    }

    /// The log as it is in the end, for the checks.
    pub(super) fn evidence_of(&self, stored: Vec<Stored>) -> Vec<evidence::Stored> {
        let placed = |position| self.book.placed.get(&position).copied().unwrap_or((self.now, self.now));
        let evidence = |stored: Stored| {
            let (given_us, durable_us) = placed(stored.position.0);
            evidence::Stored { given_us, durable_us, at: stored.at, record: stored.record }
        };
        stored.into_iter().map(evidence).collect()
    }

    fn submitted(&mut self, order: &Order) {
        let now = self.now();
        self.book.pending += 1;
        match order {
            Order::Append(record) => {
                note!(self, "log is given {}", Intents(record));
                for intent in &record.intents {
                    if let Intent::Depart { client, session, why: Leaving::Lost } = intent {
                        let heard_us = self.heard.get(client).copied().unwrap_or(0);
                        self.departs.push(Depart { client: *client, session: *session, given_us: now, heard_us });
                    }
                }
                if self.book.given.iter().any(|(_, given)| given == record) {
                    self.reach(Mark::ProposedAgain);
                }
                self.book.given.push_back((now, record.clone()));
            }
            Order::Keep(entries) => {
                let digests = entries.iter().map(|entry| (entry.seq, digest(&encode_entry(entry))));
                self.kept.extend(digests);
            }
            Order::Load { tag, query: Query::Resume { .. } } => {
                if let Some(at) = self.open.get(&ConnId(*tag)).copied() {
                    self.conns[at].pages += 1;
                    if self.conns[at].pages == 2 {
                        self.reach(Mark::FellBehind);
                    }
                }
            }
            Order::Load { .. } => {}
            Order::Snapshot { position, .. } => note!(self, "server keeps a snapshot of {} records", position.0),
        }
    }

    /// The engine has said what came of a batch.
    fn ran(&mut self, events: &[LogEvent]) {
        let now = self.now();
        let committed = events.iter().filter_map(|event| match event {
            LogEvent::Committed { position, record, .. } => Some((position.0, record)),
            LogEvent::Loaded { .. } | LogEvent::LoadFailed { .. } | LogEvent::Lost(_) => None,
        });
        let mut count = 0;
        for (position, record) in committed {
            count += 1;
            let given = self.book.given.iter().find(|(_, given)| given == record).map_or(now, |(at, _)| *at);
            self.book.placed.insert(position, (given, now));
            note!(self, "log stores {position}: {}", Intents(record));
        }
        if count > 1 {
            self.reach(Mark::GroupCommit);
        }
        if events.iter().any(|event| matches!(event, LogEvent::Lost(_))) {
            note!(self, "the log is lost");
            self.book.lost = true;
            self.log_ends();
            self.reach(Mark::LogLost);
        }
    }

    fn told(&mut self, event: &LogEvent) {
        match event {
            LogEvent::Committed { record, .. } => {
                self.book.told += 1;
                if let Some(i) = self.book.given.iter().position(|(_, given)| given == record) {
                    self.book.given.remove(i);
                }
            }
            LogEvent::Loaded { .. } | LogEvent::LoadFailed { .. } | LogEvent::Lost(_) => {}
        }
    }
}

/// Runs an engine in virtual time.
#[derive(Debug)]
pub(super) struct Timed<E> {
    shared: Shared,
    engine: E,
    submitted: VecDeque<Order>,
    under_way: Option<Batch>,
    said: VecDeque<LogEvent>,
    clock: Clock,
    sleep: Pin<Box<Sleep>>,
}

/// A batch, until its time is up.
#[derive(Debug)]
enum Batch {
    /// To be done then.
    Orders(Vec<Order>),
    /// Done, and told then.
    Events(Vec<LogEvent>),
}

impl<E: Engine> Timed<E> {
    pub(super) fn new(engine: E, shared: Shared) -> Self {
        let clock = Clock::start();
        let sleep = Box::pin(sleep_until(clock.instant(clock.now())));
        Self { shared, engine, submitted: VecDeque::new(), under_way: None, said: VecDeque::new(), clock, sleep }
    }

    /// Finishes what was submitted, and lets the engine go.
    pub(super) fn close(mut self) {
        let orders = match self.under_way.take() {
            Some(Batch::Orders(orders)) => orders,
            Some(Batch::Events(_)) | None => Vec::new(),
        };
        for batch in [orders, self.submitted.drain(..).collect()] {
            if !batch.is_empty() {
                self.run(batch);
            }
        }
        self.shared.borrow_mut().book.pending = 0;
    }

    fn run(&mut self, batch: Vec<Order>) -> Vec<LogEvent> {
        let writes = batch.iter().any(|order| matches!(order, Order::Append(_)));
        let events = self.engine.run(batch);
        let mut state = self.shared.borrow_mut();
        if state.is_powerless() {
            state.book.in_commit |= writes;
            state.server_ends(Ending::PowerLost);
            return Vec::new(); // Nobody is there any more to hear of it.
        }
        state.ran(&events);
        events
    }

    /// Begins the next batch, if something was submitted.
    fn begin(&mut self) -> bool {
        let count = self.submitted.len().min(BATCH_ORDERS_MAX);
        if count == 0 {
            return false;
        }
        let orders: Vec<Order> = self.submitted.drain(..count).collect();
        let syncs = orders.iter().any(|order| matches!(order, Order::Append(_) | Order::Snapshot { .. }));
        let (takes, early) = {
            let mut state = self.shared.borrow_mut();
            state.book.batches += 1;
            let (disk, batch) = (state.plan.disk, state.book.batches);
            let jitter = state.draw(FSYNC, 0, batch, disk.jitter_us + 1);
            (if syncs { disk.fsync_us + jitter } else { READ_US }, state.draw(EARLY, 0, batch, 2) == 0)
        };
        let until = Timestamp::from_micros(self.clock.now().micros() + takes);
        self.sleep.as_mut().reset(self.clock.instant(until));
        self.under_way = Some(if early { Batch::Events(self.run(orders)) } else { Batch::Orders(orders) });
        true
    }
}

impl<E: Engine> Log for Timed<E> {
    fn submit(&mut self, order: Order) {
        let mut state = self.shared.borrow_mut();
        state.submitted(&order);
        state.book.wake();
        drop(state);
        self.submitted.push_back(order);
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<LogEvent> {
        loop {
            {
                let mut state = self.shared.borrow_mut();
                state.book.pending = self.submitted.len() + self.said.len() + usize::from(self.under_way.is_some());
                state.book.waker = Some(cx.waker().clone());
                if state.book.stalled > 0 || state.is_powerless() {
                    return Poll::Pending;
                }
                if let Some(event) = self.said.pop_front() {
                    state.told(&event);
                    return Poll::Ready(event);
                }
            }
            if self.under_way.is_some() {
                ready!(self.sleep.as_mut().poll(cx));
            }
            match self.under_way.take() {
                Some(Batch::Events(events)) => self.said.extend(events),
                Some(Batch::Orders(orders)) => {
                    let events = self.run(orders);
                    self.said.extend(events);
                }
                None if self.begin() => {}
                None => return Poll::Pending,
            }
        }
    }
}

/// What a batch takes that only asks.
const READ_US: u64 = 500;
