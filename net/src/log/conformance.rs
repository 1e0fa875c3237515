//! The laws of a log as checks that any log can be put to. Public, so that a log made elsewhere can prove itself.
//!
//! A [`Subject`] can be opened, closed and opened again. [`check`] puts it through all laws, each from an empty log.

use std::collections::BTreeMap;
use std::sync::Arc;

use causerie_core::chat::Chat;
use causerie_core::history::{self, Found, Query};
use causerie_core::protocol::{ClientId, Entry, Position, Record, Room, Seq};

use super::recovery::fold;
use super::{Log, LogEvent, Order, Recovery, Stored};

mod story;

pub use self::story::Story;

/// A log that can be closed and opened again.
pub trait Subject {
    /// The log, when open.
    type Log: Log;

    /// Opens it: what was recovered, and the log.
    fn open(&mut self) -> (Recovery, Self::Log);

    /// Closes it when everything submitted is done.
    fn close(&mut self, log: Self::Log);

    /// Every record it holds, read back while it is closed.
    fn stored(&mut self) -> Vec<Stored>;
}

/// Checks every law, each on a new subject with an empty log.
///
/// # Panics
/// If one is broken, saying which.
pub async fn check<S: Subject>(mut make: impl FnMut() -> S) {
    records_are_committed_in_order_once_per_position(&mut make()).await;
    every_reader_sees_the_same_at_the_same_position(&mut make()).await;
    the_same_record_twice_has_two_positions(&mut make()).await;
    time_is_stamped_by_the_log(&mut make()).await;
    orders_pass_one_queue(&mut make()).await;
    history_answers_as_the_one_in_memory(&mut make()).await;
    keeping_again_changes_nothing(&mut make()).await;
    a_log_opened_again_comes_to_the_same_state(&mut make()).await;
    what_was_not_kept_is_kept_at_the_next_start(&mut make()).await;
    a_replay_from_any_snapshot_is_a_replay_from_the_start(&mut make()).await;
    an_unsound_snapshot_changes_nothing(&mut make()).await;
}

/// Law 2: committed in order, once per position, each record as it was submitted.
async fn records_are_committed_in_order_once_per_position<S: Subject>(subject: &mut S) {
    let (_, mut log) = subject.open();
    let records: Vec<Record> = Story::new(1).take(RECORDS).collect();
    for record in &records {
        log.submit(Order::Append(record.clone()));
    }
    for (expected, submitted) in (0..).zip(&records) {
        let (position, record) = committed(log.next().await);
        assert_eq!(position, Position(expected), "law 2: in order, once per position");
        assert_eq!(record, *submitted, "law 2: what is committed is what was submitted");
    }
    subject.close(log);
}

/// Laws 1 and 5: what is read later, from anywhere, is what was committed.
async fn every_reader_sees_the_same_at_the_same_position<S: Subject>(subject: &mut S) {
    let mut told = Vec::new();
    for seed in 0..3 {
        let (_, mut log) = subject.open();
        for record in Story::new(seed).take(RECORDS / 4) {
            log.submit(Order::Append(record));
        }
        for _ in 0..RECORDS / 4 {
            match log.next().await {
                LogEvent::Committed { position, at, record } => told.push(Stored { position, at, record }),
                event @ (LogEvent::Loaded { .. } | LogEvent::LoadFailed { .. } | LogEvent::Lost(_)) => {
                    panic!("law 2: an append is committed, not {event:?}")
                }
            }
        }
        subject.close(log);
        assert_eq!(subject.stored(), told, "law 1: the same for every reader, for ever");
    }
}

/// Law 4.
async fn the_same_record_twice_has_two_positions<S: Subject>(subject: &mut S) {
    let (_, mut log) = subject.open();
    let record = Story::new(1).next().expect("a story does not end");
    log.submit(Order::Append(record.clone()));
    log.submit(Order::Append(record.clone()));
    assert_eq!(committed(log.next().await), (Position(0), record.clone()), "law 4");
    assert_eq!(committed(log.next().await), (Position(1), record), "law 4");
    subject.close(log);
}

/// Law 6: whatever the log says the time was, is what it says for ever. (That it never goes backwards is the fold's.)
async fn time_is_stamped_by_the_log<S: Subject>(subject: &mut S) {
    let mut keeper = Keeper::open(subject);
    keeper.play(Story::new(2).take(RECORDS / 4)).await;
    let times: Vec<_> = keeper.facts.iter().map(|entry| entry.at).collect();
    assert!(times.is_sorted(), "law 6: the fold's times never go backwards");
    subject.close(keeper.log);
}

/// Ruling 7: a question sees every entry kept before it was asked, and none kept after.
async fn orders_pass_one_queue<S: Subject>(subject: &mut S) {
    let facts = facts(3, RECORDS / 2);
    let (_, mut log) = subject.open();
    let room = Room::lobby();
    for (tag, entry) in (0..).zip(&facts) {
        log.submit(Order::Keep(vec![Arc::clone(entry)]));
        let query = Query::Room {
            reference: tag,
            room: room.clone(),
            after: Seq(0),
            before: None,
            limit: 1,
            bytes_max: PAGE_BYTES,
        };
        log.submit(Order::Load { tag, query });
        if tag % 7 == 0 {
            log.submit(Order::Append(Story::new(4).next().expect("a story does not end")));
        }
    }
    let mut position = 0;
    for (expected, entry) in (0..).zip(&facts) {
        let (tag, _, found) = loaded(log.next().await);
        assert_eq!((tag, found.through), (expected, entry.seq), "ruling 7: one queue for all orders");
        if expected % 7 == 0 {
            assert_eq!(committed(log.next().await).0, Position(position), "ruling 7: one queue for all orders");
            position += 1;
        }
    }
    subject.close(log);
}

/// Resumes and pages of rooms are what the history in memory answers.
async fn history_answers_as_the_one_in_memory<S: Subject>(subject: &mut S) {
    let facts = facts(5, RECORDS);
    let mut memory = history::Memory::default();
    facts.iter().for_each(|entry| memory.keep(entry));
    let (_, mut log) = subject.open();
    for some in facts.chunks(17) {
        log.submit(Order::Keep(some.to_vec()));
    }
    let queries = queries(&facts);
    for (tag, query) in (0..).zip(&queries) {
        log.submit(Order::Load { tag, query: query.clone() });
    }
    for (expected, query) in (0..).zip(&queries) {
        let (tag, asked, found) = loaded(log.next().await);
        assert_eq!((tag, &asked), (expected, query), "an answer comes with its question");
        let Ok(as_in_memory) = history::answer(&memory, query);
        assert_eq!(found, as_in_memory, "the answer to {query:?}");
    }
    subject.close(log);
}

async fn keeping_again_changes_nothing<S: Subject>(subject: &mut S) {
    let facts = facts(6, RECORDS / 2);
    let (_, mut log) = subject.open();
    let queries = queries(&facts);
    let mut answers = Vec::new();
    for _ in 0..2 {
        log.submit(Order::Keep(facts.clone()));
        for query in &queries {
            log.submit(Order::Load { tag: 0, query: query.clone() });
        }
        let mut found = Vec::new();
        for _ in &queries {
            found.push(loaded(log.next().await).2);
        }
        answers.push(found);
    }
    assert_eq!(answers[0], answers[1], "keeping an entry again changes nothing");
    subject.close(log);
}

async fn a_log_opened_again_comes_to_the_same_state<S: Subject>(subject: &mut S) {
    let mut story = Story::new(7);
    let mut before = Chat::new().hash();
    for _ in 0..4 {
        let mut keeper = Keeper::open(subject);
        assert_eq!(keeper.chat.hash(), before, "an opened log comes to the state it was closed with");
        keeper.play(story.by_ref().take(RECORDS / 8)).await;
        before = keeper.chat.hash();
        subject.close(keeper.log);
    }
}

/// The entries of the tail are history's before anything else happens.
async fn what_was_not_kept_is_kept_at_the_next_start<S: Subject>(subject: &mut S) {
    let (_, mut log) = subject.open();
    let records: Vec<Record> = Story::new(8).take(RECORDS / 4).collect();
    for record in &records {
        log.submit(Order::Append(record.clone()));
    }
    for _ in &records {
        committed(log.next().await);
    }
    subject.close(log);
    let (recovery, mut log) = subject.open();
    assert_eq!(recovery.kept, recovery.chat.head().0, "a start keeps what history lacks");
    let query =
        Query::Room { reference: 0, room: Room::lobby(), after: Seq(0), before: None, limit: 1, bytes_max: PAGE_BYTES };
    log.submit(Order::Load { tag: 0, query });
    assert_eq!(loaded(log.next().await).2.through, recovery.chat.head(), "a start keeps what history lacks");
    subject.close(log);
    let (recovery, log) = subject.open();
    assert_eq!(recovery.kept, 0, "what was kept stays kept when the log is closed");
    subject.close(log);
}

async fn a_replay_from_any_snapshot_is_a_replay_from_the_start<S: Subject>(subject: &mut S) {
    let mut story = Story::new(9);
    for step in 0..5 {
        let mut keeper = Keeper::open(subject);
        keeper.play(story.by_ref().take(RECORDS / 8)).await;
        keeper.snapshot();
        keeper.play(story.by_ref().take(step)).await;
        let (state, next) = (keeper.chat.hash(), keeper.chat.next());
        subject.close(keeper.log);
        let mut from_start = Chat::new();
        for stored in subject.stored() {
            fold(&mut from_start, &stored, "", |_| {}).expect("these are rules we know");
        }
        let (recovery, log) = subject.open();
        assert_eq!(recovery.replayed, step as u64, "what the snapshot covers is not replayed");
        assert_eq!((recovery.chat.hash(), recovery.chat.next()), (state, next), "a snapshot is a cache");
        assert_eq!(recovery.chat.hash(), from_start.hash(), "a snapshot is a cache");
        subject.close(log);
    }
}

async fn an_unsound_snapshot_changes_nothing<S: Subject>(subject: &mut S) {
    let mut keeper = Keeper::open(subject);
    keeper.play(Story::new(10).take(RECORDS / 4)).await;
    let (position, mut bytes) = (keeper.chat.next(), keeper.chat.snapshot());
    let state = keeper.chat.hash();
    *bytes.last_mut().expect("a state is not empty") ^= 1;
    keeper.log.submit(Order::Snapshot { position, hash: state, bytes });
    subject.close(keeper.log);
    let (recovery, log) = subject.open();
    assert_eq!(recovery.replayed, RECORDS as u64 / 4, "an unsound snapshot is not used");
    assert_eq!(recovery.chat.hash(), state, "an unsound snapshot changes nothing");
    subject.close(log);
}

/// Does with a log what a server does: what is committed is folded, and what it came to is kept.
#[derive(Debug)]
pub struct Keeper<L> {
    /// The state.
    pub chat: Chat,
    /// What was committed while this one looked, in order.
    pub facts: Vec<Arc<Entry>>,
    /// The log.
    pub log: L,
}

impl<L: Log> Keeper<L> {
    /// Opens a subject.
    pub fn open<S: Subject<Log = L>>(subject: &mut S) -> Self {
        let (recovery, log) = subject.open();
        Self { chat: recovery.chat, facts: Vec::new(), log }
    }

    /// Appends records, and keeps what they come to as they are committed.
    ///
    /// # Panics
    /// If the log is lost.
    pub async fn play(&mut self, records: impl Iterator<Item = Record>) {
        let mut waiting = 0;
        for record in records {
            self.log.submit(Order::Append(record));
            waiting += 1;
        }
        for _ in 0..waiting {
            match self.log.next().await {
                LogEvent::Committed { position, at, record } => self.take(&Stored { position, at, record }),
                event @ (LogEvent::Loaded { .. } | LogEvent::LoadFailed { .. } | LogEvent::Lost(_)) => {
                    panic!("only appends were submitted, and there is {event:?}")
                }
            }
        }
    }

    /// Folds a committed record and keeps what it came to.
    ///
    /// # Panics
    /// If it is not the next, or written under later rules.
    pub fn take(&mut self, stored: &Stored) {
        assert_eq!(stored.position, self.chat.next(), "law 2: in order, once per position");
        let first = self.facts.len();
        fold(&mut self.chat, stored, "", |entry| self.facts.push(Arc::new(entry))).expect("these are rules we know");
        self.log.submit(Order::Keep(self.facts[first..].to_vec()));
    }

    /// Stores the state.
    pub fn snapshot(&mut self) {
        let (position, hash, bytes) = (self.chat.next(), self.chat.hash(), self.chat.snapshot());
        self.log.submit(Order::Snapshot { position, hash, bytes });
    }
}

/// What the first records of a story come to.
fn facts(seed: u64, records: usize) -> Vec<Arc<Entry>> {
    let (mut chat, mut facts) = (Chat::new(), Vec::new());
    for (position, record) in (0..).zip(Story::new(seed).take(records)) {
        let stored = Stored { position: Position(position), at: Default::default(), record };
        fold(&mut chat, &stored, "", |entry| facts.push(Arc::new(entry))).expect("these are rules we know");
    }
    facts
}

/// Questions about everybody and every room in some facts, from several places.
fn queries(facts: &[Arc<Entry>]) -> Vec<Query> {
    let mut people: BTreeMap<ClientId, ()> = BTreeMap::new();
    let mut rooms: BTreeMap<Room, ()> = BTreeMap::new();
    for entry in facts {
        people.insert(entry.by, ());
        rooms.extend(entry.rooms().iter().map(|room| (room.clone(), ())));
    }
    let head = facts.len() as u64;
    let mut queries = Vec::new();
    for after in [0, 1, head / 3, head / 2, head - 1, head, head + 5].map(Seq) {
        for bytes_max in [0, 700, PAGE_BYTES] {
            queries.extend(people.keys().map(|who| Query::Resume { who: *who, after, bytes_max }));
            for (limit, before) in [(0, None), (1, Some(after)), (9, None), (50, Some(after))] {
                let after = if before.is_none() { after } else { Seq(0) };
                let page =
                    |room: &Room| Query::Room { reference: 1, room: room.clone(), after, before, limit, bytes_max };
                queries.extend(rooms.keys().map(page));
            }
        }
    }
    queries
}

fn committed(event: LogEvent) -> (Position, Record) {
    match event {
        LogEvent::Committed { position, record, .. } => (position, record),
        LogEvent::Loaded { .. } | LogEvent::LoadFailed { .. } | LogEvent::Lost(_) => {
            panic!("a record is committed here, not {event:?}")
        }
    }
}

fn loaded(event: LogEvent) -> (u64, Query, Found) {
    match event {
        LogEvent::Loaded { tag, query, found } => (tag, query, found),
        LogEvent::Committed { .. } | LogEvent::LoadFailed { .. } | LogEvent::Lost(_) => {
            panic!("a question is answered here, not {event:?}")
        }
    }
}

/// Records in a check.
const RECORDS: usize = 400;
/// A page of history, in bytes.
const PAGE_BYTES: usize = 32 * 1_024;
