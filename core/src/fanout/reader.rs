//! Where one connection stands.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use core::ops::{Index, IndexMut};

use super::walk::Progress;
use crate::door::Vocabulary;
use crate::protocol::{ClientId, Seq};

/// One connection. Given by the driver, never reused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ConnId(pub u64);

/// Where a reader is kept while its connection stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Slot(usize);

/// All readers: found by connection once per call, by slot from there on.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Readers {
    slots: Vec<Option<Reader>>,
    free: Vec<Slot>,
    by_conn: BTreeMap<ConnId, Slot>,
}

impl Readers {
    pub(super) const fn new() -> Self {
        Self { slots: Vec::new(), free: Vec::new(), by_conn: BTreeMap::new() }
    }

    pub(super) fn slot(&self, conn: ConnId) -> Option<Slot> {
        self.by_conn.get(&conn).copied()
    }

    pub(super) fn insert(&mut self, conn: ConnId, reader: Reader) {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            Slot(self.slots.len() - 1)
        });
        self.slots[slot.0] = Some(reader);
        self.by_conn.insert(conn, slot);
    }

    /// Takes a reader out. Its slot must be in no idle list once another reader may get it: before anything else happens.
    pub(super) fn remove(&mut self, conn: ConnId) -> Option<(Slot, Reader)> {
        let slot = self.by_conn.remove(&conn)?;
        self.free.push(slot);
        self.slots[slot.0].take().map(|reader| (slot, reader))
    }
}

impl Index<Slot> for Readers {
    type Output = Reader;

    fn index(&self, slot: Slot) -> &Reader {
        self.slots[slot.0].as_ref().expect("a slot is held by whoever is there")
    }
}

impl IndexMut<Slot> for Readers {
    fn index_mut(&mut self, slot: Slot) -> &mut Reader {
        self.slots[slot.0].as_mut().expect("a slot is held by whoever is there")
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Reader {
    pub(super) conn: ConnId,
    pub(super) vocabulary: Vocabulary,
    /// Whose own entries are skipped in the rings. Nobody's, before it is somebody.
    pub(super) who: Option<ClientId>,
    /// Everything at or below was sent.
    pub(super) cursor: Seq,
    pub(super) windows: Vec<Window>,
    /// Entries for this connection alone, by seq; or a page of history.
    pub(super) lane: VecDeque<(Seq, Box<[u8]>)>,
    pub(super) lane_bytes: usize,
    pub(super) answers: VecDeque<Answer>,
    pub(super) answers_bytes: usize,
    /// The rest of what a write ended inside of: goes first. Rings may let go of the entry meanwhile.
    pub(super) rest: Vec<u8>,
    /// Reads history; none while it is live.
    pub(super) behind: Option<Behind>,
    /// Entries up to here may have been for this connection and were not kept: they must come from history.
    pub(super) dropped: Seq,
    /// The driver was told that there is something to write, and has not written it all.
    pub(super) awake: bool,
}

/// What has no seq of its own.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Answer {
    /// It goes after every entry up to here.
    pub(super) key: Seq,
    pub(super) bytes: Box<[u8]>,
    /// Nothing is said after it.
    pub(super) last: bool,
}

/// A stretch of membership in a room: entries after `from`, up to `to`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Window {
    pub(super) room: usize,
    pub(super) from: Seq,
    /// None while it lasts.
    pub(super) to: Option<Seq>,
    /// The ring's idle list has this connection.
    pub(super) registered: bool,
}

/// How reading history goes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub(super) struct Behind {
    /// A page was asked for.
    pub(super) loading: bool,
    /// The lane holds a page that reaches up to here.
    pub(super) loaded: Option<Seq>,
}

impl Window {
    pub(super) const fn open(room: usize, from: Seq) -> Self {
        Self { room, from, to: None, registered: false }
    }
}

impl Reader {
    pub(super) const fn new(conn: ConnId, head: Seq) -> Self {
        Self {
            conn,
            vocabulary: Vocabulary::Text,
            who: None,
            cursor: head,
            windows: Vec::new(),
            lane: VecDeque::new(),
            lane_bytes: 0,
            answers: VecDeque::new(),
            answers_bytes: 0,
            rest: Vec::new(),
            behind: None,
            dropped: Seq(0),
            awake: false,
        }
    }

    pub(super) const fn begin(&mut self, who: ClientId, vocabulary: Vocabulary, after: Seq) {
        self.who = Some(who);
        self.vocabulary = vocabulary;
        self.cursor = after;
    }

    pub(super) fn push_lane(&mut self, seq: Seq, bytes: Box<[u8]>) {
        self.lane_bytes += bytes.len();
        self.lane.push_back((seq, bytes));
    }

    pub(super) fn clear_lane(&mut self) {
        self.lane = VecDeque::new();
        self.lane_bytes = 0;
    }

    /// They are kept in the order of what they go after: mostly the last goes last.
    pub(super) fn push_answer(&mut self, answer: Answer) {
        self.answers_bytes += answer.bytes.len();
        let place = self.answers.partition_point(|other| other.key <= answer.key);
        self.answers.insert(place, answer);
    }

    /// Forgets every answer but the last words, which wait for nothing: what the others claim to follow was not sent.
    pub(super) fn keep_last_words(&mut self) {
        self.answers.retain(|answer| answer.last);
        self.answers.iter_mut().for_each(|answer| answer.key = Seq(0));
        self.answers_bytes = self.answers.iter().map(|answer| answer.bytes.len()).sum();
    }

    /// Moves on by what was written.
    pub(super) fn take(&mut self, progress: Progress) {
        match progress.rest {
            Some(_) if planted!("rest_forgotten") => {}
            Some(rest) => self.rest = rest,
            None => {
                self.rest.drain(..progress.of_rest);
            }
        }
        self.cursor = self.cursor.max(progress.cursor);
        self.lane_bytes -= self.lane.drain(..progress.lane).map(|(_, bytes)| bytes.len()).sum::<usize>();
        self.answers_bytes -= self.answers.drain(..progress.answers).map(|answer| answer.bytes.len()).sum::<usize>();
        if self.lane.is_empty() && self.lane.capacity() > 64 {
            self.lane = VecDeque::new();
        }
        if self.rest.is_empty() {
            self.rest = Vec::new();
        }
    }

    pub(super) fn bytes(&self) -> usize {
        let windows = self.windows.capacity() * size_of::<Window>();
        let queues =
            self.lane.capacity() * size_of::<(Seq, Box<[u8]>)>() + self.answers.capacity() * size_of::<Answer>();
        size_of::<Self>() + windows + queues + self.lane_bytes + self.answers_bytes + self.rest.capacity()
    }
}
