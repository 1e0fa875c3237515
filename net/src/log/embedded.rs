//! A log on a disk, in one redb file.
//!
//! One write transaction per batch. A batch that appends, or stores a snapshot, is durable when its commit returns, and
//! only then are its records called committed. Entries to be kept float: they wait in memory for the next commit there is
//! a reason for, so that keeping costs no commit of its own. What is lost that way is made of the records again at the
//! next start. A question brings them into a commit that is not durable, and is answered within it.
//!
//! A commit that fails may still be found on the disk later. So the first failure is the last: nothing is tried again,
//! nothing more is stored, and the next start reads what is true. Until then history is read through a view of the disk
//! that never writes, with the floating entries kept there again.

mod disk;
mod format;
mod open;
mod tables;
mod verify;

use std::fmt;
use std::fs::File;
use std::sync::Arc;

use causerie_core::history::{self, Found, Index};
use causerie_core::planted;
use causerie_core::protocol::{Entry, Position, Seq, StateHash};
use causerie_core::time::WallTime;
use redb::{Database, Durability, ReadableDatabase, ReadableTableMetadata, WriteTransaction};

use self::disk::{Disk, View};
pub use self::open::OpenError;
use self::tables::{RECORDS, SNAPSHOTS, Writing};
pub use self::verify::{Verified, verify};
use super::{Engine, LogError, LogEvent, Order, SNAPSHOTS_KEPT, Snapshot, Stored};
use crate::clock::Wall;

/// A log on a disk.
pub struct Embedded {
    /// None if it could not be opened again after a failure. Stands before the lock, so it is closed first.
    db: Option<Database>,
    disk: Disk,
    /// What to call it in messages: its directory.
    name: String,
    /// Where the next record goes.
    next: Position,
    /// Entries kept, and not yet by a durable commit.
    floating: Vec<Arc<Entry>>,
    /// How many of them are in a commit that is not durable; the rest are in none.
    afloat: usize,
    /// Nothing is stored any more.
    lost: bool,
    wall: Wall,
    /// Held, so that no second process opens the store; none on a simulated disk.
    _lock: Option<File>,
}

/// The answers to a batch's questions, in order.
type Answers = Vec<Result<Found, LogError>>;

impl Engine for Embedded {
    fn run(&mut self, batch: Vec<Order>) -> Vec<LogEvent> {
        let at = (self.wall)();
        if self.lost {
            return self.read_on(batch);
        }
        match self.store(&batch, at) {
            Ok(answers) => self.events(batch, answers, at),
            Err(_)
                if planted!("failed_commit_told_as_done")
                    && !batch.iter().any(|order| matches!(order, Order::Load { .. })) =>
            {
                self.events(batch, Vec::new(), at)
            }
            Err(why) => {
                tracing::error!(store = self.name, %why, "storing failed: nothing is stored any more until a restart");
                let mut events = vec![LogEvent::Lost(LogError::Unstored { why: why.to_string() })];
                self.lost = true;
                self.reopen();
                events.extend(self.read_on(batch));
                events
            }
        }
    }

    fn read(&self, from: Position, limit: usize) -> Result<Vec<Stored>, LogError> {
        let read = || -> Result<Vec<(u64, Vec<u8>)>, redb::Error> {
            let txn = self.db()?.begin_read()?;
            let table = txn.open_table(RECORDS)?;
            let range = table.range(from.0..)?;
            range.take(limit).map(|row| row.map(|(p, b)| (p.value(), b.value().to_vec())).map_err(Into::into)).collect()
        };
        let rows = read().map_err(|why| LogError::Unread { why: why.to_string() })?;
        let mut stored = Vec::with_capacity(rows.len());
        for (expected, (position, bytes)) in (from.0..).zip(rows) {
            let damaged = |why| LogError::Damaged { store: self.name.clone(), position: Position(expected), why };
            if position != expected {
                return Err(damaged(format!("it is missing, the next there is {position}")));
            }
            stored.push(format::unpack(Position(position), &bytes).map_err(damaged)?);
        }
        Ok(stored)
    }

    fn snapshot_below(&self, below: Position) -> Result<Option<Snapshot>, LogError> {
        let read = || -> Result<Option<Snapshot>, redb::Error> {
            let txn = self.db()?.begin_read()?;
            let table = txn.open_table(SNAPSHOTS)?;
            let Some(row) = table.range(..below.0)?.next_back() else { return Ok(None) };
            let (position, value) = row?;
            // Too short is unsound like any other damage: whoever restores it will find it does not match.
            let (hash, bytes) = value.value().split_first_chunk::<32>().unwrap_or((&[0; 32], &[]));
            let position = Position(position.value());
            Ok(Some(Snapshot { position, hash: StateHash(*hash), bytes: bytes.to_vec() }))
        };
        read().map_err(|why| LogError::Unread { why: why.to_string() })
    }

    fn kept(&self) -> Result<Seq, LogError> {
        let read = || -> Result<Seq, redb::Error> {
            let txn = self.db()?.begin_read()?;
            let stored = tables::reading(&txn)?.bounds()?.0;
            Ok(self.floating.last().map_or(stored, |entry| entry.seq.max(stored)))
        };
        read().map_err(|why| LogError::Unread { why: why.to_string() })
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}

impl Embedded {
    fn db(&self) -> Result<&Database, redb::Error> {
        self.db.as_ref().ok_or(redb::Error::PreviousIo)
    }

    /// Does what a batch asks, as one transaction if there is a reason for one, and answers its questions.
    fn store(&mut self, batch: &[Order], at: WallTime) -> Result<Answers, redb::Error> {
        let stores = batch.iter().any(|order| matches!(order, Order::Append(_) | Order::Snapshot { .. }));
        let asks = batch.iter().any(|order| matches!(order, Order::Load { .. }));
        let keeps = batch.iter().any(|order| matches!(order, Order::Keep(_)));
        if !stores && !keeps && self.afloat == self.floating.len() {
            let txn = self.db()?.begin_read()?;
            let index = tables::reading(&txn)?;
            return Ok(batch.iter().filter_map(|order| answer(&index, order)).collect());
        }
        if stores || asks || self.floating.len() >= FLOATING_ENTRIES_MAX {
            return self.commit(batch, at, stores || !asks);
        }
        self.floating.extend(batch.iter().flat_map(kept_by).cloned());
        Ok(Vec::new())
    }

    /// Does what a batch asks, after keeping what floats, and commits it.
    fn commit(&mut self, batch: &[Order], at: WallTime, durable: bool) -> Result<Answers, redb::Error> {
        let durable = durable && !self.lost;
        let mut txn = self.db()?.begin_write()?;
        // Saves what an opening after a crash would otherwise compute from the whole file.
        txn.set_quick_repair(durable);
        let durability =
            if durable && !planted!("commit_without_sync") { Durability::Immediate } else { Durability::None };
        txn.set_durability(durability).map_err(redb::Error::from)?;
        let answers = self.write(&txn, batch, at)?;
        txn.commit()?;
        if durable {
            self.floating.clear();
        } else {
            self.floating.extend(batch.iter().flat_map(kept_by).cloned());
        }
        self.afloat = self.floating.len();
        Ok(answers)
    }

    /// What floats, then the orders of a batch, in order, within a transaction.
    fn write(&self, txn: &WriteTransaction, batch: &[Order], at: WallTime) -> Result<Answers, redb::Error> {
        let mut history: Option<Writing<'_>> = None;
        let mut records = None;
        let mut next = self.next;
        let mut answers = Vec::new();
        for entry in &self.floating[self.afloat..] {
            opened(&mut history, || tables::writing(txn))?.keep(entry)?;
        }
        for order in batch {
            match order {
                Order::Append(record) => {
                    let table = opened(&mut records, || Ok(txn.open_table(RECORDS)?))?;
                    table.insert(next.0, format::pack(next, at, record).as_slice())?;
                    next.0 += 1;
                }
                Order::Keep(entries) => {
                    let history = opened(&mut history, || tables::writing(txn))?;
                    entries.iter().try_for_each(|entry| history.keep(entry))?;
                }
                Order::Load { .. } => {
                    let history = opened(&mut history, || tables::writing(txn))?;
                    answers.extend(answer(history, order));
                }
                Order::Snapshot { position, hash, bytes } => snapshot(txn, *position, *hash, bytes)?,
            }
        }
        Ok(answers)
    }

    /// What to say of a batch that is stored.
    fn events(&mut self, batch: Vec<Order>, answers: Answers, at: WallTime) -> Vec<LogEvent> {
        let mut answers = answers.into_iter();
        let mut events = Vec::with_capacity(batch.len());
        for order in batch {
            match order {
                Order::Append(record) => {
                    events.push(LogEvent::Committed { position: self.next, at, record });
                    self.next.0 += 1;
                }
                Order::Load { tag, query } => {
                    events.push(match answers.next().expect("every question of the batch was answered") {
                        Ok(found) => LogEvent::Loaded { tag, query, found },
                        Err(why) => LogEvent::LoadFailed { tag, query, why },
                    });
                }
                Order::Keep(_) | Order::Snapshot { .. } => {}
            }
        }
        events
    }

    /// Does what can still be done after the log was lost: reading.
    fn read_on(&mut self, mut batch: Vec<Order>) -> Vec<LogEvent> {
        batch.retain(|order| matches!(order, Order::Keep(_) | Order::Load { .. }));
        if batch.is_empty() {
            return Vec::new();
        }
        if self.db.is_none() {
            self.reopen();
        }
        let answers = self.store(&batch, WallTime::default()).unwrap_or_else(|why| {
            // The view is used up by the failure; the next batch opens another, with these entries too.
            (self.db, self.afloat) = (None, 0);
            self.floating.extend(batch.iter().flat_map(kept_by).cloned());
            let unread = || Err(LogError::Unread { why: why.to_string() });
            batch.iter().filter(|order| matches!(order, Order::Load { .. })).map(|_| unread()).collect()
        });
        self.events(batch, answers, WallTime::default())
    }

    /// Opens a view of the disk in place of the disk itself.
    fn reopen(&mut self) {
        (self.db, self.afloat) = (None, 0);
        let view = || -> Result<Database, redb::Error> {
            Ok(open::builder().create_with_backend(View::new(self.disk.clone())?)?)
        };
        match view() {
            Ok(db) => self.db = Some(db),
            Err(why) => tracing::error!(store = self.name, %why, "history cannot be read either"),
        }
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        // Closing the file makes this durable. Without it, the next start takes a little longer.
        if !self.lost && self.afloat < self.floating.len() && !std::thread::panicking() {
            let _made_again_at_the_next_start = self.commit(&[], WallTime::default(), false);
        }
    }
}

/// What `slot` holds, opened if it is empty.
fn opened<T>(slot: &mut Option<T>, open: impl FnOnce() -> Result<T, redb::Error>) -> Result<&mut T, redb::Error> {
    if slot.is_none() {
        *slot = Some(open()?);
    }
    Ok(slot.as_mut().expect("it was just opened"))
}

fn snapshot(txn: &WriteTransaction, position: Position, hash: StateHash, bytes: &[u8]) -> Result<(), redb::Error> {
    let mut table = txn.open_table(SNAPSHOTS)?;
    table.insert(position.0, [&hash.0, bytes].concat().as_slice())?;
    while table.len()? > SNAPSHOTS_KEPT as u64 {
        table.pop_first()?;
    }
    Ok(())
}

/// The answer, if it is a question. What cannot be read fails that question alone; a broken disk fails the commit too.
fn answer<I: Index<Error = redb::Error>>(index: &I, order: &Order) -> Option<Result<Found, LogError>> {
    match order {
        Order::Load { query, .. } => {
            let unread = |why: redb::Error| LogError::Unread { why: why.to_string() };
            Some(history::answer(index, query).map_err(unread))
        }
        Order::Append(_) | Order::Keep(_) | Order::Snapshot { .. } => None,
    }
}

fn kept_by(order: &Order) -> &[Arc<Entry>] {
    match order {
        Order::Keep(entries) => entries,
        Order::Append(_) | Order::Load { .. } | Order::Snapshot { .. } => &[],
    }
}

impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Embedded");
        shown.field("name", &self.name).field("next", &self.next).field("lost", &self.lost).finish_non_exhaustive()
    }
}

/// Entries that float; beyond it a durable commit is made for their sake.
const FLOATING_ENTRIES_MAX: usize = 16_384;
