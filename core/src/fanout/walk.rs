//! The merge of a connection's rings, lane and answers by seq.

use alloc::vec::Vec;

use super::reader::Reader;
use super::ring::Ring;
use super::{Fanout, Window};
use crate::protocol::{ClientId, Seq};

/// What a connection is to be sent, one piece after another, from where it stands.
pub(super) struct Walk<'a> {
    reader: &'a Reader,
    /// The first of the rings that have something, and the others: most connections have one.
    first: Option<Source<'a>>,
    others: Vec<Source<'a>>,
    /// Only answers at or below the cursor may go, and a page of history if there is one.
    behind: bool,
    /// Everything at or below was given.
    cursor: Seq,
    lane: usize,
    answers: usize,
}

/// A window's ring, from the next run on.
struct Source<'a> {
    ring: &'a Ring,
    index: usize,
    to: Seq,
}

/// A piece: where it lies in which stretch of memory.
#[derive(Clone, Copy)]
pub(super) struct Piece<'a> {
    bytes: &'a [u8],
    start: usize,
    end: usize,
}

/// How far a write went.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Bytes of the earlier rest that were written.
    pub(super) of_rest: usize,
    /// The rest of the piece the write ended inside of, instead of the earlier rest.
    pub(super) rest: Option<Vec<u8>>,
    pub(super) cursor: Seq,
    /// Lane entries begun.
    pub(super) lane: usize,
    /// Answers begun.
    pub(super) answers: usize,
    /// Nothing is left.
    pub(super) done: bool,
    /// And nothing has to come from history.
    pub(super) live: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn new(fanout: &'a Fanout, reader: &'a Reader) -> Self {
        let behind = reader.behind.is_some() || fanout.off_its_rings(reader);
        let mut walk =
            Self { reader, first: None, others: Vec::new(), behind, cursor: reader.cursor, lane: 0, answers: 0 };
        if !behind {
            let mut sources = Self::sources(fanout, reader);
            walk.first = sources.next();
            walk.others.extend(sources);
        }
        walk
    }

    fn sources(fanout: &'a Fanout, reader: &'a Reader) -> impl Iterator<Item = Source<'a>> {
        let source = move |window: &Window| {
            let ring = fanout.ring(window.room, reader.through);
            let index = ring.after(reader.cursor.max(window.from));
            let to = window.to.unwrap_or(Seq(u64::MAX));
            ring.run(index).is_some().then_some(Source { ring, index, to })
        };
        reader.windows.iter().filter_map(source)
    }

    /// The next piece.
    pub(super) fn next(&mut self) -> Option<Piece<'a>> {
        let ring = self.next_source();
        let lane = self.next_of_lane();
        let entry = match (ring, lane) {
            (Some((_, seq)), Some(private)) => Some(seq.min(private)),
            (ring, lane) => ring.map(|(_, seq)| seq).or(lane),
        };
        if let Some(answer) = self.reader.answers.get(self.answers)
            && entry.is_none_or(|seq| answer.key < seq)
            && !(self.behind && answer.key > self.cursor)
        {
            self.answers += 1;
            return Some(Piece::whole(&answer.bytes));
        }
        self.cursor = entry?;
        match ring {
            Some((source, seq)) if Some(seq) == entry => {
                let source = match source {
                    0 => self.first.as_mut().expect("it was just looked at"),
                    other => &mut self.others[other - 1],
                };
                let run = source.ring.run(source.index).expect("it was just looked at");
                let (bytes, start, end) = source.ring.place(run);
                source.index += 1;
                Some(Piece { bytes, start, end })
            }
            Some(_) | None => {
                self.lane += 1;
                Some(Piece::whole(&self.reader.lane[self.lane - 1].1))
            }
        }
    }

    /// The source with the lowest seq, and that seq.
    fn next_source(&mut self) -> Option<(usize, Seq)> {
        let (who, cursor) = (self.reader.who, self.cursor);
        let first = self.first.as_mut().and_then(|source| source.head(who, cursor)).map(|seq| (0, seq));
        if self.others.is_empty() {
            return first;
        }
        let others = self.others.iter_mut().enumerate();
        let heads = others.filter_map(|(i, source)| Some((i + 1, source.head(who, cursor)?)));
        first.into_iter().chain(heads).min_by_key(|(_, seq)| *seq)
    }

    /// The seq of the lane's next entry; while behind without a page, the lane is empty or about to be.
    fn next_of_lane(&self) -> Option<Seq> {
        let page = self.reader.behind.is_some();
        let open = !self.behind || page;
        self.reader.lane.get(self.lane).filter(|_| open).map(|(seq, _)| *seq)
    }

    /// How far a write of `len` bytes goes.
    pub(super) fn advance(mut self, len: usize) -> Progress {
        let of_rest = len.min(self.reader.rest.len());
        let mut progress = Progress { of_rest, ..Progress::default() };
        let mut left = len - of_rest;
        while left > 0 {
            let piece = self.next().expect("no more is written than was pending");
            if piece.len() > left {
                progress.rest = Some(piece.as_slice()[left..].to_vec());
                left = 0;
            } else {
                left -= piece.len();
            }
        }
        (progress.cursor, progress.lane, progress.answers) = (self.cursor, self.lane, self.answers);
        progress.live = !self.behind;
        let rest_left = progress.rest.is_some() || of_rest < self.reader.rest.len();
        progress.done = !rest_left && self.next().is_none();
        progress
    }
}

impl Source<'_> {
    /// The seq of the next run that is somebody else's and was not given from another ring.
    fn head(&mut self, who: Option<ClientId>, given: Seq) -> Option<Seq> {
        loop {
            let run = self.ring.run(self.index)?;
            if run.seq > self.to {
                return None;
            }
            let fresh = run.seq > given || planted!("one_entry_by_two_rooms");
            if fresh && (Some(run.author) != who || planted!("echo_to_the_sender")) {
                return Some(run.seq);
            }
            self.index += 1;
        }
    }
}

impl<'a> Piece<'a> {
    const fn whole(bytes: &'a [u8]) -> Self {
        Self { bytes, start: 0, end: bytes.len() }
    }

    pub(super) const fn len(&self) -> usize {
        self.end - self.start
    }

    fn as_slice(&self) -> &'a [u8] {
        &self.bytes[self.start..self.end]
    }

    /// Both pieces as one, if the second follows the first in memory.
    fn joined(self, next: Self) -> Option<Self> {
        let adjacent = core::ptr::eq(self.bytes, next.bytes) && self.end == next.start;
        adjacent.then_some(Self { end: next.end, ..self })
    }
}

/// The slices of a walk, neighbours joined, the earlier rest first.
pub(super) fn slices<'a>(walk: Option<Walk<'a>>) -> impl Iterator<Item = &'a [u8]> {
    let rest = walk.as_ref().map(|walk| &walk.reader.rest[..]).filter(|rest| !rest.is_empty());
    rest.into_iter().chain(walk.into_iter().flat_map(|walk| Slices { walk, ahead: None }))
}

struct Slices<'a> {
    walk: Walk<'a>,
    ahead: Option<Piece<'a>>,
}

impl<'a> Iterator for Slices<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let mut piece = self.ahead.take().or_else(|| self.walk.next())?;
        while let Some(next) = self.walk.next() {
            match piece.joined(next) {
                Some(both) => piece = both,
                None => {
                    self.ahead = Some(next);
                    break;
                }
            }
        }
        Some(piece.as_slice())
    }
}
