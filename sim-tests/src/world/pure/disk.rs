//! The log and the history: what was given is durable a group at a time, after a while. A crash loses what was not
//! synced, or keeps a first part of it.

use std::collections::VecDeque;
use std::sync::Arc;

use causerie_core::history;
use causerie_core::protocol::{Record, Seq};
use causerie_core::time::WallTime;

use crate::evidence::Stored;

/// What is stored, and what is on its way to be.
#[derive(Debug, Default)]
pub struct Disk {
    /// Durable, in order.
    pub stored: Vec<Stored>,
    /// Given and not durable, each with when it was given.
    given: VecDeque<(u64, Record)>,
    /// How many of these are being synced; none, if nothing is.
    syncing: Option<usize>,
    /// Until then.
    pub busy_until: u64,
    /// Group commits begun.
    pub syncs: u64,
    /// How many faults hold it up.
    pub stalled: u32,
    /// It takes nothing more.
    pub lost: bool,
    /// The history that goes with it.
    pub history: history::Memory,
    /// States of the fold, each with the last entry in it and whether a sync has begun since it was given.
    snapshots: Vec<(Seq, Vec<u8>, bool)>,
}

/// What a crash leaves of what was not synced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Leaves {
    /// Nothing.
    Nothing,
    /// The group that was being synced, if the first number is not 0.
    Group(u64),
    /// So many records, at most all.
    First(u64),
}

impl Disk {
    /// Takes a record.
    pub fn give(&mut self, now: u64, record: Record) {
        if !self.lost {
            self.given.push_back((now, record));
        }
    }

    /// Begins a group commit, if there is something to commit and nothing stands in its way: it takes so long.
    pub fn begin(&mut self, now: u64, takes: u64) -> Option<u64> {
        if self.syncing.is_some() || self.given.is_empty() || self.stalled > 0 || self.lost {
            return None;
        }
        self.syncing = Some(self.given.len());
        self.syncs += 1;
        self.busy_until = now + takes;
        self.snapshots.iter_mut().for_each(|(_, _, durable)| *durable = true);
        Some(self.busy_until)
    }

    /// The group commit is durable: how many records. They are the last ones stored.
    pub fn end(&mut self, now: u64, at: WallTime) -> usize {
        let count = self.syncing.take().unwrap_or(0);
        self.store(count, now, at);
        count
    }

    /// A crash, at any moment. How many records were not synced, and how many of them are stored nevertheless.
    pub fn crash(&mut self, leaves: Leaves, now: u64, at: WallTime) -> (usize, usize) {
        let unsynced = self.given.len();
        let kept = match leaves {
            Leaves::Nothing | Leaves::Group(0) => 0,
            Leaves::Group(_) => self.syncing.unwrap_or(0),
            Leaves::First(count) => unsynced.min(usize::try_from(count).unwrap_or(usize::MAX)),
        };
        self.store(kept, now, at);
        self.given.clear();
        self.syncing = None;
        (unsynced, kept)
    }

    /// The power failed: what history held beyond the last durable state of the fold is gone, and so may be that state.
    pub fn lose_caches(&mut self) {
        self.snapshots.retain(|(_, _, durable)| *durable);
        let head = self.snapshots.last().map_or(Seq(0), |(head, _, _)| *head);
        let mut history = history::Memory::default();
        self.history.entries().take_while(|entry| entry.seq <= head).for_each(|entry| history.keep(&Arc::clone(entry)));
        self.history = history;
    }

    /// Takes a state of the fold, whose last entry is `head`.
    pub fn snapshot(&mut self, head: Seq, bytes: Vec<u8>) {
        self.snapshots.push((head, bytes, false));
        if self.snapshots.len() > 2 {
            self.snapshots.remove(0);
        }
    }

    /// The last state of the fold, if there is one.
    #[must_use]
    pub fn last_snapshot(&self) -> Option<&[u8]> {
        self.snapshots.last().map(|(_, bytes, _)| &**bytes)
    }

    /// Whether nothing is on its way.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.given.is_empty()
    }

    /// Whether just that was given before and is not durable.
    #[must_use]
    pub fn is_given(&self, record: &Record) -> bool {
        self.given.iter().any(|(_, given)| given == record)
    }

    fn store(&mut self, count: usize, now: u64, at: WallTime) {
        let stored = self.given.drain(..count);
        self.stored.extend(stored.map(|(given_us, record)| Stored { given_us, durable_us: now, at, record }));
    }
}

#[cfg(test)]
mod tests {
    use causerie_core::protocol::{NodeId, Origin};

    use super::*;

    fn record(epoch: u32) -> Record {
        Record { origin: Origin { node: NodeId(0), epoch }, intents: Vec::new() }
    }

    fn filled() -> Disk {
        let mut disk = Disk::default();
        disk.give(0, record(1));
        assert_eq!(disk.begin(0, 10), Some(10));
        disk.give(1, record(2));
        disk.give(2, record(3));
        assert_eq!(disk.begin(3, 10), None, "one group at a time");
        disk
    }

    fn stored(disk: &Disk) -> Vec<u32> {
        disk.stored.iter().map(|stored| stored.record.origin.epoch).collect()
    }

    #[test]
    fn what_is_given_during_a_sync_waits_for_the_next() {
        let mut disk = filled();
        assert_eq!(disk.end(10, WallTime(0)), 1);
        assert_eq!(stored(&disk), [1]);
        assert_eq!(disk.begin(10, 5), Some(15));
        assert_eq!(disk.end(15, WallTime(0)), 2);
        assert_eq!((stored(&disk), disk.is_idle()), (vec![1, 2, 3], true));
        assert_eq!((disk.stored[2].given_us, disk.stored[2].durable_us), (2, 15));
    }

    #[test]
    fn a_crash_keeps_a_first_part_and_never_one_from_the_middle() {
        for (leaves, kept) in [
            (Leaves::Nothing, vec![]),
            (Leaves::Group(0), vec![]),
            (Leaves::Group(1), vec![1]),
            (Leaves::First(2), vec![1, 2]),
            (Leaves::First(9), vec![1, 2, 3]),
        ] {
            let mut disk = filled();
            assert_eq!(disk.crash(leaves, 4, WallTime(0)), (3, kept.len()));
            assert_eq!((stored(&disk), disk.is_idle()), (kept, true));
        }
    }

    #[test]
    fn a_log_that_is_lost_takes_nothing() {
        let mut disk = Disk { lost: true, ..Disk::default() };
        disk.give(0, record(1));
        assert_eq!((disk.begin(0, 1), disk.is_idle()), (None, true));
    }
}
