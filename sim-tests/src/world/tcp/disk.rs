//! The disk: held outside the host that uses it, so that it outlives every death of it.
//!
//! It keeps bytes in sectors. What is written is seen by whoever reads, and stays, once it was synced. A power loss keeps
//! any subset of the sectors that were not, and any of the lengths the file had since; a sync that fails keeps a subset
//! too and calls the rest clean. The disk can be full, and it can die at an operation counted in advance, so that a crash
//! falls into the middle of a commit. A host that died has a handle that does nothing any more, whatever runs in it still.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redb::StorageBackend;

/// Bytes that are written as one, or not at all.
pub const SECTOR: usize = 512;

/// A disk, shared with whoever has it open.
#[derive(Clone, Debug, Default)]
pub struct Disk(Arc<Mutex<State>>);

/// The disk as one life of a host has it open.
#[derive(Debug)]
pub struct Handle {
    disk: Disk,
    generation: u64,
}

/// What a power loss or a failed sync did to what was not synced, in sectors.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Lost {
    /// Written and gone.
    pub gone: usize,
    /// Written and there.
    pub kept: usize,
}

#[derive(Debug, Default)]
struct State {
    /// What reads see.
    bytes: Vec<u8>,
    /// Sectors changed since the last sync, each as it is without those changes.
    unsynced: BTreeMap<usize, [u8; SECTOR]>,
    /// Lengths since the last sync, the synced one first; none but that one if it has not changed.
    lengths: Vec<usize>,
    /// Handles of earlier generations do nothing.
    generation: u64,
    /// Operations that change something, so far.
    operations: u64,
    /// Dies at that operation.
    dies_at: Option<u64>,
    /// Does nothing any more, until the next generation.
    dead: bool,
    /// Nothing can be written.
    full: bool,
    /// The next sync fails.
    sync_fails: bool,
    /// Failures of the last two kinds so far.
    failures: Failures,
}

/// How often the disk failed.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Failures {
    /// It was full.
    pub full: u64,
    /// It could not sync.
    pub sync: u64,
}

impl Disk {
    /// A disk that holds these bytes, synced.
    #[must_use]
    pub fn holding(bytes: Vec<u8>) -> Self {
        Self(Arc::new(Mutex::new(State { lengths: vec![bytes.len()], bytes, ..State::default() })))
    }

    /// Opens it, for a host that starts: handles given out before do nothing any more.
    #[must_use]
    pub fn open(&self) -> Handle {
        let mut state = self.state();
        state.generation += 1;
        Handle { disk: self.clone(), generation: state.generation }
    }

    /// The host dies: nothing that still runs in it reaches the disk. What was written and not synced is there.
    pub fn detach(&self) {
        self.state().generation += 1;
    }

    /// The power fails: the host dies, and so does what was not synced, but for a subset. `draw` gives numbers below its
    /// argument.
    pub fn lose_power(&self, draw: impl FnMut(u64) -> u64) -> Lost {
        let mut state = self.state();
        state.generation += 1;
        (state.dead, state.dies_at) = (false, None);
        state.lose(draw)
    }

    /// Dies at the `k`-th operation from here on.
    pub fn die_at(&self, k: u64) {
        let mut state = self.state();
        state.dies_at = Some(state.operations + k);
    }

    /// Whether it died at an operation.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.state().dead
    }

    /// Whether it is full from here on.
    pub fn fill(&self, full: bool) {
        self.state().full = full;
    }

    /// The next sync fails, or not after all.
    pub fn fail_sync(&self, fails: bool) {
        self.state().sync_fails = fails;
    }

    /// Nothing is wrong from here on.
    pub fn heal(&self) {
        let mut state = self.state();
        (state.full, state.sync_fails, state.dies_at) = (false, false, None);
    }

    /// Whether something is, or may be, wrong.
    #[must_use]
    pub fn is_faulty(&self) -> bool {
        let state = self.state();
        state.full || state.sync_fails || state.dead
    }

    /// How often it failed.
    #[must_use]
    pub fn failures(&self) -> Failures {
        self.state().failures
    }

    /// What reads see.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.state().bytes.clone()
    }

    /// Sectors that are not synced.
    #[must_use]
    pub fn unsynced(&self) -> usize {
        self.state().unsynced.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Keeps the sectors that a change is about to touch, as they are.
    fn keep(&mut self, from: usize, to: usize) {
        if from == to {
            return;
        }
        for sector in from / SECTOR..to.div_ceil(SECTOR) {
            if !self.unsynced.contains_key(&sector) {
                let mut kept = [0; SECTOR];
                let start = (sector * SECTOR).min(self.bytes.len());
                let there = &self.bytes[start..((sector + 1) * SECTOR).min(self.bytes.len())];
                kept[..there.len()].copy_from_slice(there);
                self.unsynced.insert(sector, kept);
            }
        }
    }

    fn resize(&mut self, length: usize) {
        if length < self.bytes.len() {
            self.keep(length, self.bytes.len());
        }
        self.bytes.resize(length, 0);
        self.lengths.push(length);
    }

    fn synced(&mut self) {
        self.unsynced.clear();
        self.lengths = vec![self.bytes.len()];
    }

    /// Decides what of the unsynced sectors is there, and calls all clean.
    fn lose(&mut self, mut draw: impl FnMut(u64) -> u64) -> Lost {
        let mut lost = Lost::default();
        let share = draw(5);
        let length = usize::try_from(draw(self.lengths.len() as u64)).expect("an index fits in memory");
        let length = self.lengths.get(length).copied().unwrap_or(self.bytes.len());
        let widest = self.lengths.iter().copied().max().unwrap_or(0).max(self.bytes.len());
        self.bytes.resize(widest, 0);
        for (sector, before) in std::mem::take(&mut self.unsynced) {
            // All, most, half, few or none of them.
            if draw(4) < share {
                lost.kept += 1;
                continue;
            }
            let (start, end) = (sector * SECTOR, ((sector + 1) * SECTOR).min(widest));
            if start < end {
                self.bytes[start..end].copy_from_slice(&before[..end - start]);
                lost.gone += 1;
            }
        }
        self.bytes.resize(length, 0);
        self.lengths = vec![length];
        lost
    }
}

impl Handle {
    /// Does something with the disk, if this handle and the disk still do anything.
    fn attend<T>(&self, with: impl FnOnce(&mut State) -> io::Result<T>) -> io::Result<T> {
        let mut state = self.disk.state();
        if state.dead || state.generation != self.generation {
            return Err(io::ErrorKind::NotConnected.into());
        }
        with(&mut state)
    }

    /// Does something that changes the disk, if it does not die of it.
    fn change<T>(&self, with: impl FnOnce(&mut State) -> io::Result<T>) -> io::Result<T> {
        self.attend(|state| {
            state.operations += 1;
            if state.dies_at.is_some_and(|at| state.operations >= at) {
                (state.dead, state.dies_at) = (true, None);
                return Err(io::ErrorKind::NotConnected.into());
            }
            with(state)
        })
    }
}

fn place(offset: u64) -> io::Result<usize> {
    usize::try_from(offset).map_err(|_| io::ErrorKind::InvalidInput.into())
}

impl StorageBackend for Handle {
    fn len(&self) -> io::Result<u64> {
        self.attend(|state| Ok(state.bytes.len() as u64))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let start = place(offset)?;
        self.attend(|state| {
            let bytes = state.bytes.get(start..start + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
            out.copy_from_slice(bytes);
            Ok(())
        })
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let length = place(len)?;
        self.change(|state| {
            if state.full && length > state.bytes.len() {
                state.failures.full += 1;
                return Err(io::ErrorKind::StorageFull.into());
            }
            state.resize(length);
            Ok(())
        })
    }

    fn sync_data(&self) -> io::Result<()> {
        self.change(|state| {
            if std::mem::take(&mut state.sync_fails) {
                state.failures.sync += 1;
                // What a device keeps of a sync that failed is as much up to it as what a power loss leaves.
                let mut drawn = state.operations;
                state.lose(|end| {
                    drawn = crate::entropy::mix(drawn);
                    drawn % end
                });
                return Err(io::Error::other("input/output error"));
            }
            state.synced();
            Ok(())
        })
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let start = place(offset)?;
        self.change(|state| {
            if state.full {
                state.failures.full += 1;
                return Err(io::ErrorKind::StorageFull.into());
            }
            let end = start + data.len();
            if end > state.bytes.len() {
                state.resize(end);
            }
            state.keep(start, end);
            state.bytes[start..end].copy_from_slice(data);
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::entropy::Entropy;

    fn drawing(seed: u64) -> impl FnMut(u64) -> u64 {
        let mut stream = Entropy::new(seed).stream(1);
        move |end| stream.below(end)
    }

    #[test]
    fn what_is_synced_stays_and_of_the_rest_any_subset() {
        let mut seen = BTreeSet::new();
        for seed in 0..200 {
            let disk = Disk::holding(vec![0; 4 * SECTOR]);
            let handle = disk.open();
            handle.write(0, &[1; SECTOR]).unwrap();
            handle.sync_data().unwrap();
            handle.write(SECTOR as u64, &[2; 3 * SECTOR]).unwrap();
            disk.lose_power(drawing(seed));
            let bytes = disk.bytes();
            let sectors: Vec<u8> = bytes.chunks(SECTOR).map(|sector| sector[0]).collect();
            assert!(
                bytes.chunks(SECTOR).all(|sector| sector.iter().all(|byte| *byte == sector[0])),
                "sectors are whole"
            );
            assert_eq!(sectors[0], 1);
            seen.insert(sectors);
        }
        assert_eq!(seen.len(), 8, "every subset, not only first parts");
    }

    #[test]
    fn a_write_of_any_size_reads_back_and_is_lost_by_sectors() {
        for size in [0, 1, 511, 512, 513, 1_500, 4_096, 9_000] {
            let disk = Disk::holding(vec![7; 10_000]);
            let handle = disk.open();
            let data: Vec<u8> = (0..size).map(|i| u8::try_from(i % 5).unwrap()).collect();
            handle.write(300, &data).unwrap();
            let mut read = vec![0; size];
            handle.read(300, &mut read).unwrap();
            assert_eq!(read, data);
            assert_eq!(disk.unsynced(), if size == 0 { 0 } else { (300 + size).div_ceil(SECTOR) });
            let lost = disk.lose_power(|_| 0);
            assert_eq!((lost.kept, disk.bytes()), (0, vec![7; 10_000]), "none survived");
        }
    }

    #[test]
    fn a_resize_survives_or_not_whatever_becomes_of_the_sectors() {
        let mut lengths = BTreeSet::new();
        for seed in 0..100 {
            let disk = Disk::holding(vec![7; 2_000]);
            let handle = disk.open();
            handle.set_len(100).unwrap();
            handle.set_len(5_000).unwrap();
            let mut read = vec![1; 4_900];
            handle.read(100, &mut read).unwrap();
            assert_eq!(read, vec![0; 4_900], "what was cut off and grown again is zeros");
            handle.write(4_000, &[9; 1_000]).unwrap();
            disk.lose_power(drawing(seed));
            lengths.insert(disk.bytes().len());
            assert_eq!(disk.bytes()[..100], [7; 100]);
        }
        assert_eq!(lengths, [100, 2_000, 5_000].into());
    }

    #[test]
    fn a_length_that_does_not_survive_brings_back_what_was_cut_off() {
        let disk = Disk::holding(vec![7; 2_000]);
        disk.open().set_len(0).unwrap();
        disk.lose_power(|_| 0);
        assert_eq!(disk.bytes(), vec![7; 2_000]);
    }

    #[test]
    fn it_dies_at_the_operation_and_does_nothing_after() {
        let disk = Disk::holding(vec![0; 2_000]);
        let handle = disk.open();
        disk.die_at(2);
        handle.write(0, &[1; 512]).unwrap();
        assert!(handle.write(512, &[1; 512]).is_err());
        assert!(disk.is_dead());
        assert!(handle.sync_data().is_err() && handle.read(0, &mut [0; 1]).is_err() && handle.len().is_err());
        assert_eq!((disk.bytes()[0], disk.bytes()[512]), (1, 0));
        disk.lose_power(|_| 0);
        let next = disk.open();
        next.write(0, &[2; 1]).unwrap();
        assert!(handle.write(0, &[3; 1]).is_err(), "whoever runs in a dead host writes nothing");
    }

    #[test]
    fn a_host_that_died_leaves_what_it_wrote_and_writes_nothing_more() {
        let disk = Disk::holding(vec![0; 600]);
        let handle = disk.open();
        handle.write(0, &[1; 600]).unwrap();
        disk.detach();
        assert!(handle.write(0, &[2; 1]).is_err() && handle.sync_data().is_err());
        assert_eq!((disk.bytes(), disk.unsynced()), (vec![1; 600], 2));
    }

    #[test]
    fn a_sync_that_fails_calls_clean_what_it_dropped() {
        let mut kept = BTreeSet::new();
        for before in 0..60 {
            let disk = Disk::holding(vec![0; 8 * SECTOR]);
            let handle = disk.open();
            for _ in 0..before {
                handle.sync_data().unwrap();
            }
            handle.write(0, &[1; 8 * SECTOR]).unwrap();
            disk.fail_sync(true);
            assert!(handle.sync_data().is_err());
            assert_eq!(disk.unsynced(), 0);
            kept.insert(disk.bytes().iter().filter(|byte| **byte == 1).count() / SECTOR);
            let after = disk.bytes();
            handle.sync_data().unwrap();
            disk.lose_power(|_| 0);
            assert_eq!(disk.bytes(), after);
        }
        assert!(kept.len() > 4, "{kept:?}");
    }

    #[test]
    fn a_full_disk_takes_nothing_and_can_be_read() {
        let disk = Disk::holding(vec![4; 1_000]);
        let handle = disk.open();
        disk.fill(true);
        assert_eq!(handle.write(0, &[1]).unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(handle.set_len(2_000).unwrap_err().kind(), io::ErrorKind::StorageFull);
        handle.read(0, &mut [0; 1_000]).unwrap();
        handle.sync_data().unwrap();
        disk.heal();
        handle.set_len(2_000).unwrap();
        assert_eq!(disk.failures(), Failures { full: 2, sync: 0 });
    }
}
