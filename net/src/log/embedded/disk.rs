//! Under redb: the disk, shared so that it outlives one opening, and a view of it that never writes.
//!
//! Once an operation of the disk has failed, redb refuses everything but what is in its cache. To read on, the same disk
//! is opened again through a [`View`], which keeps every write to itself.

use std::collections::BTreeMap;
use std::io;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard};

use redb::{BackendError, StorageBackend};

/// A disk that may be opened more than once, one after the other.
#[derive(Clone, Debug)]
pub(super) struct Disk(Arc<Owned>);

#[derive(Debug)]
struct Owned(Box<dyn StorageBackend>);

impl Disk {
    pub(super) fn new(backend: impl StorageBackend) -> Self {
        Self(Arc::new(Owned(Box::new(backend))))
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        if let Err(error) = self.0.close() {
            tracing::warn!(%error, "the store's file did not close");
        }
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        self.0.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.0.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.0.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.0.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.0.write(offset, data)
    }

    // `close` is left to the last owner: a view may still read.

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.0.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.0.try_lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.0.unlock_range(start, end)
    }
}

/// What is on a disk, with changes that stay in memory: few, since nothing is appended through it.
#[derive(Debug)]
pub(super) struct View {
    disk: Disk,
    changes: Mutex<Changes>,
}

#[derive(Debug, Default)]
struct Changes {
    len: u64,
    /// How much of the disk shows through; beyond it there are zeros.
    shown: u64,
    blocks: BTreeMap<u64, Box<[u8; BLOCK]>>,
}

const BLOCK: usize = 4_096;

impl View {
    pub(super) fn new(disk: Disk) -> io::Result<Self> {
        let len = disk.len()?;
        Ok(Self { disk, changes: Mutex::new(Changes { len, shown: len, blocks: BTreeMap::new() }) })
    }

    fn changes(&self) -> MutexGuard<'_, Changes> {
        self.changes.lock().expect("nothing panics while it is held")
    }

    /// A block as it is on the disk.
    fn below(&self, block: u64, shown: u64) -> io::Result<Box<[u8; BLOCK]>> {
        let mut bytes = Box::new([0; BLOCK]);
        let start = block * BLOCK as u64;
        let there = usize::try_from(shown.saturating_sub(start)).unwrap_or(BLOCK).min(BLOCK);
        if there > 0 {
            self.disk.read(start, &mut bytes[..there])?;
        }
        Ok(bytes)
    }
}

/// The blocks a range of bytes touches: which, from where within, and how many bytes.
fn blocks(offset: u64, len: usize) -> impl Iterator<Item = (u64, usize, usize)> {
    let mut done = 0;
    std::iter::from_fn(move || {
        let at = offset + done as u64;
        let within = usize::try_from(at % BLOCK as u64).expect("less than a block");
        let count = (BLOCK - within).min(len - done);
        done += count;
        (count > 0).then_some((at / BLOCK as u64, within, count))
    })
}

impl StorageBackend for View {
    fn len(&self) -> io::Result<u64> {
        Ok(self.changes().len)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let changes = self.changes();
        let len = out.len();
        if offset + len as u64 > changes.len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut rest = out;
        for (block, within, count) in blocks(offset, len) {
            let (part, after) = rest.split_at_mut(count);
            match changes.blocks.get(&block) {
                Some(bytes) => part.copy_from_slice(&bytes[within..within + count]),
                None => part.copy_from_slice(&self.below(block, changes.shown)?[within..within + count]),
            }
            rest = after;
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut changes = self.changes();
        if len < changes.len {
            // What is cut off and grown again is zeros.
            let (first, within) = (len / BLOCK as u64, usize::try_from(len % BLOCK as u64).expect("less than a block"));
            let gone = changes.blocks.split_off(&first);
            if let Some(mut bytes) = gone.into_iter().next().filter(|(block, _)| *block == first).map(|(_, b)| b)
                && within > 0
            {
                bytes[within..].fill(0);
                changes.blocks.insert(first, bytes);
            }
            changes.shown = changes.shown.min(len);
        }
        changes.len = len;
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut changes = self.changes();
        let mut rest = data;
        for (block, within, count) in blocks(offset, data.len()) {
            let (part, after) = rest.split_at(count);
            if !changes.blocks.contains_key(&block) {
                let below = self.below(block, changes.shown)?;
                changes.blocks.insert(block, below);
            }
            let bytes = changes.blocks.get_mut(&block).expect("it was just put there");
            bytes[within..within + count].copy_from_slice(part);
            rest = after;
        }
        changes.len = changes.len.max(offset + data.len() as u64);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use redb::backends::InMemoryBackend;

    use super::*;

    fn all(backend: &impl StorageBackend) -> Vec<u8> {
        let mut bytes = vec![0; usize::try_from(backend.len().unwrap()).unwrap()];
        backend.read(0, &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn a_view_shows_the_disk_and_its_own_changes_and_leaves_the_disk_alone() {
        let disk = Disk::new(InMemoryBackend::new());
        disk.set_len(10_000).unwrap();
        disk.write(0, &[7; 10_000]).unwrap();
        let view = View::new(disk.clone()).unwrap();
        let mut expected = vec![7; 10_000];
        assert_eq!(all(&view), expected);

        view.write(4_000, &[1; 5_000]).unwrap();
        expected[4_000..9_000].fill(1);
        assert_eq!(all(&view), expected);
        view.set_len(5_000).unwrap();
        view.set_len(12_000).unwrap();
        expected.truncate(5_000);
        expected.resize(12_000, 0);
        assert_eq!(all(&view), expected);
        assert_eq!(all(&disk), [7; 10_000]);
    }
}
