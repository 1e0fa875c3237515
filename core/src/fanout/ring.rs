//! One room in one vocabulary: the last entries as the bytes they are sent as.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use super::Slot;
use crate::protocol::{ClientId, Seq};

/// The last entries of a room, encoded once, read by many at their own pace.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Ring {
    chunks: VecDeque<Vec<u8>>,
    /// The number of the first chunk held: chunks are numbered from 0 and never renumbered.
    first_chunk: u64,
    runs: VecDeque<Run>,
    /// Entries at or below this one are no longer, or never were, held.
    pub(super) evicted: Seq,
    /// What is held, in bytes, the index included.
    pub(super) bytes: usize,
    /// Connections that have read everything and wait for more.
    pub(super) idle: Vec<Slot>,
    /// Windows that are open or unread on this ring.
    pub(super) readers: usize,
}

/// The bytes of one entry.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Run {
    pub(super) seq: Seq,
    pub(super) author: ClientId,
    chunk: u64,
    start: u32,
    len: u32,
}

/// New entries go into a new chunk once the last has so many bytes.
const CHUNK_BYTES: usize = 16 * 1_024;

impl Ring {
    /// A ring that holds nothing at or below `head`.
    pub(super) const fn new(head: Seq) -> Self {
        Self {
            chunks: VecDeque::new(),
            first_chunk: 0,
            runs: VecDeque::new(),
            evicted: head,
            bytes: 0,
            idle: Vec::new(),
            readers: 0,
        }
    }

    pub(super) fn push(&mut self, seq: Seq, author: ClientId, bytes: &[u8]) {
        let full = |chunk: &Vec<u8>| chunk.len() + bytes.len() > CHUNK_BYTES && !chunk.is_empty();
        if self.chunks.back().is_none_or(full) {
            self.chunks.push_back(Vec::new());
        }
        let number = self.first_chunk + self.chunks.len() as u64 - 1;
        let chunk = self.chunks.back_mut().expect("one was just added if there was none");
        let start = u32::try_from(chunk.len()).expect("a chunk is small");
        let len = u32::try_from(bytes.len()).expect("an entry is small");
        chunk.extend_from_slice(bytes);
        self.runs.push_back(Run { seq, author, chunk: number, start, len });
        self.bytes += Self::cost(bytes.len());
    }

    /// Lets go of the oldest entry. False if there is none.
    pub(super) fn evict(&mut self) -> bool {
        let Some(run) = self.runs.pop_front() else {
            return false;
        };
        if !planted!("eviction_unnoticed") {
            self.evicted = run.seq;
        }
        self.bytes -= Self::cost(run.len as usize);
        let needed = self.runs.front().map_or(self.first_chunk + self.chunks.len() as u64, |run| run.chunk);
        while self.first_chunk < needed {
            self.chunks.pop_front();
            self.first_chunk += 1;
        }
        true
    }

    /// The index of the first run after `seq`.
    pub(super) fn after(&self, seq: Seq) -> usize {
        match self.runs.back() {
            Some(last) if last.seq > seq => self.runs.partition_point(|run| run.seq <= seq),
            Some(_) | None => self.runs.len(),
        }
    }

    pub(super) fn run(&self, index: usize) -> Option<&Run> {
        self.runs.get(index)
    }

    /// The chunk a run lies in, and where.
    pub(super) fn place(&self, run: &Run) -> (&[u8], usize, usize) {
        let chunk = usize::try_from(run.chunk - self.first_chunk).expect("a held chunk's index fits");
        (&self.chunks[chunk], run.start as usize, (run.start + run.len) as usize)
    }

    const fn cost(len: usize) -> usize {
        len + size_of::<Run>()
    }
}
