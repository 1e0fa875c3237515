//! A log kept in memory: for `--ephemeral` servers, tests and the simulator.

use std::fmt;

use causerie_core::history::{self, Found, Index, Query};
use causerie_core::protocol::{Position, Record, Seq};
use causerie_core::time::WallTime;

use super::{Engine, LogError, LogEvent, Order, SNAPSHOTS_KEPT, Snapshot, Stored};
use crate::clock::Wall;

/// A log that lives as long as its process.
pub struct Memory {
    /// The record at position n is the n-th.
    records: Vec<(WallTime, Record)>,
    history: history::Memory,
    /// The newest last.
    snapshots: Vec<Snapshot>,
    wall: Wall,
}

impl Memory {
    /// An empty log.
    #[must_use]
    pub fn new(wall: Wall) -> Self {
        Self { records: Vec::new(), history: history::Memory::default(), snapshots: Vec::new(), wall }
    }

    fn snapshot(&mut self, snapshot: Snapshot) {
        self.snapshots.retain(|other| other.position != snapshot.position);
        self.snapshots.push(snapshot);
        self.snapshots.sort_by_key(|snapshot| snapshot.position);
        if self.snapshots.len() > SNAPSHOTS_KEPT {
            self.snapshots.remove(0);
        }
    }

    fn answer(&self, query: &Query) -> Found {
        match history::answer(&self.history, query) {
            Ok(found) => found,
            Err(never) => match never {},
        }
    }
}

impl Engine for Memory {
    fn run(&mut self, batch: Vec<Order>) -> Vec<LogEvent> {
        let at = (self.wall)();
        let mut events = Vec::with_capacity(batch.len());
        for order in batch {
            match order {
                Order::Append(record) => {
                    let position = Position(self.records.len() as u64);
                    self.records.push((at, record.clone()));
                    events.push(LogEvent::Committed { position, at, record });
                }
                Order::Keep(entries) => entries.iter().for_each(|entry| self.history.keep(entry)),
                Order::Load { tag, query } => {
                    let found = self.answer(&query);
                    events.push(LogEvent::Loaded { tag, query, found });
                }
                Order::Snapshot { position, hash, bytes } => self.snapshot(Snapshot { position, hash, bytes }),
            }
        }
        events
    }

    fn read(&self, from: Position, limit: usize) -> Result<Vec<Stored>, LogError> {
        let first = usize::try_from(from.0).unwrap_or(usize::MAX).min(self.records.len());
        let stored = (from.0..).zip(&self.records[first..]).take(limit);
        let stored = stored.map(|(position, (at, record))| Stored {
            position: Position(position),
            at: *at,
            record: record.clone(),
        });
        Ok(stored.collect())
    }

    fn snapshot_below(&self, below: Position) -> Result<Option<Snapshot>, LogError> {
        Ok(self.snapshots.iter().rev().find(|snapshot| snapshot.position < below).cloned())
    }

    fn kept(&self) -> Result<Seq, LogError> {
        match self.history.bounds() {
            Ok((last, _)) => Ok(last),
            Err(never) => match never {},
        }
    }

    fn name(&self) -> String {
        "in memory".to_owned()
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("records", &self.records.len()).finish_non_exhaustive()
    }
}
