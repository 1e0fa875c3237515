//! Who is sent what, in which order, at their own pace.
//!
//! Each room keeps one ring of encoded entries per vocabulary in use. A connection has one cursor, a seq, over the rooms
//! it is in and its lane: what is its own alone (private entries, its acceptances). [`Fanout::pending`] merges them by
//! seq and hands out slices straight from the rings; [`Fanout::written`] moves the cursor. So an entry is encoded once
//! per vocabulary, published in O(1), and never queued per receiver; a slow reader is a cursor that stands still.
//!
//! Answers have no seq of their own: each is keyed by the head at the time and goes after every entry up to it.
//!
//! A cursor that falls off its ring is *behind*: the connection reads pages of history into its lane until the rings
//! hold all it has yet to see.

mod reader;
mod ring;
mod walk;

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

pub use self::reader::ConnId;
use self::reader::{Answer, Reader, Readers, Slot, Window};
use self::ring::{Ring, Run};
use self::walk::Walk;
use crate::door::Vocabulary;
use crate::protocol::{ClientId, Room, Seq};

/// Vocabularies there are.
const VOCABULARIES: usize = Vocabulary::COUNT;
const _: () = assert!(VOCABULARIES <= u32::BITS as usize, "a room has a bit for each");

/// The rings of all rooms, and where each connection stands.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Fanout {
    limits: FanoutLimits,
    head: Seq,
    names: BTreeMap<Room, usize>,
    rooms: Vec<Option<Rings>>,
    free: Vec<usize>,
    readers: Readers,
    /// Bytes in all rings.
    bytes: usize,
    /// The room that gives up entries next when all rings together hold too much.
    hand: usize,
}

/// What delivery may keep, in bytes and windows.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct FanoutLimits {
    /// Bytes of one ring.
    pub ring_bytes_max: usize,
    /// Bytes of all rings.
    pub rings_bytes_max: usize,
    /// Bytes of private entries in one lane.
    pub lane_bytes_max: usize,
    /// Memberships one connection has yet to be shown.
    pub windows_max: usize,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Rings {
    name: Room,
    by_vocabulary: [Option<Box<Ring>>; VOCABULARIES],
    /// A bit for each that is there.
    in_use: u32,
}

/// An entry's bytes in a vocabulary.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Encoded {
    /// The same in every room: whoever is in several of them is sent it once.
    Once(Vec<u8>),
    /// What happened in this room: whoever is in several of them is sent each.
    EachRoom(Vec<u8>),
}

/// What a connection needs next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// Nothing: it is asleep, or has more to write.
    Nothing,
    /// A page of what stands after this entry.
    Load {
        /// After this one.
        after: Seq,
    },
}

impl Fanout {
    /// No rooms, no connections, at an entry.
    #[must_use]
    pub const fn new(limits: FanoutLimits, head: Seq) -> Self {
        Self {
            limits,
            head,
            names: BTreeMap::new(),
            rooms: Vec::new(),
            free: Vec::new(),
            readers: Readers::new(),
            bytes: 0,
            hand: 0,
        }
    }

    /// A connection that has seen nothing and is in no room. Its answers are sent at once.
    pub fn open(&mut self, conn: ConnId) {
        self.readers.insert(conn, Reader::new(conn, self.head));
    }

    /// A connection is gone.
    pub fn close(&mut self, conn: ConnId) {
        let Some((slot, reader)) = self.readers.remove(conn) else { return };
        for window in reader.windows {
            self.drop_window(slot, reader.vocabulary, &window);
        }
    }

    /// A connection is about to close: it is sent what it has yet to see of the past, and its answers. If that would take
    /// reading history, it is sent its last words alone: no other answer may claim to follow what was not sent.
    pub fn retire(&mut self, conn: ConnId, ready: &mut Vec<ConnId>) {
        let Some(slot) = self.readers.slot(conn) else { return };
        let reader = &self.readers[slot];
        let (head, vocabulary) = (self.head, reader.vocabulary);
        let behind = reader.behind.is_some() || self.off_its_rings(reader);
        let reader = &mut self.readers[slot];
        if !behind {
            reader.windows.iter_mut().for_each(|window| window.to = window.to.or(Some(head)));
            return;
        }
        reader.behind = None;
        reader.clear_lane();
        reader.keep_last_words();
        for window in core::mem::take(&mut reader.windows) {
            self.drop_window(slot, vocabulary, &window);
        }
        self.wake(slot, ready);
    }

    /// A connection is somebody: a reader of `rooms` in a vocabulary, who has seen everything up to `after`. It is behind
    /// unless that is the head.
    pub fn attach(
        &mut self,
        conn: ConnId,
        who: ClientId,
        vocabulary: Vocabulary,
        after: Seq,
        rooms: impl IntoIterator<Item = Room>,
    ) -> Next {
        let slot = self.readers.slot(conn).expect("a connection is opened before it is somebody");
        let rooms: Vec<usize> = rooms.into_iter().map(|room| self.ring_of(&room, vocabulary)).collect();
        let head = self.head;
        let reader = &mut self.readers[slot];
        reader.begin(who, vocabulary, after);
        reader.windows.extend(rooms.into_iter().map(|room| Window::open(room, Seq(0))));
        if after >= head { self.settle(slot) } else { self.fall_behind(slot) }
    }

    /// A connection is written to in another vocabulary from here on.
    pub fn speak(&mut self, conn: ConnId, vocabulary: Vocabulary) -> Next {
        let Some(slot) = self.readers.slot(conn) else { return Next::Nothing };
        let reader = &mut self.readers[slot];
        let before = core::mem::replace(&mut reader.vocabulary, vocabulary);
        if before == vocabulary {
            return Next::Nothing;
        }
        for window in core::mem::take(&mut reader.windows) {
            let name = self.rooms[window.room].as_ref().expect("a window's room is there").name.clone();
            self.ring_of(&name, vocabulary);
            self.drop_window(slot, before, &window);
            self.readers[slot].windows.push(Window { registered: false, ..window });
        }
        let reader = &self.readers[slot];
        if reader.who.is_some() && reader.behind.is_none() && self.off_its_rings(reader) {
            return self.fall_behind(slot);
        }
        self.wake_if_asleep(slot);
        Next::Nothing
    }

    /// An entry of `who`'s rooms made them a member of one. With too many memberships to show, the connection reads on from
    /// history: it is woken for that, since this entry need not leave it anything to write.
    pub fn join(&mut self, conn: ConnId, room: &Room, seq: Seq, ready: &mut Vec<ConnId>) {
        let Some(slot) = self.readers.slot(conn) else { return };
        let reader = &self.readers[slot];
        let room = self.ring_of(room, reader.vocabulary);
        let reader = &mut self.readers[slot];
        reader.windows.push(Window::open(room, seq));
        if reader.windows.len() > self.limits.windows_max {
            self.mark_behind(slot);
            return self.wake(slot, ready);
        }
        self.wake_if_asleep(slot);
    }

    /// An entry ended their membership of one.
    pub fn leave(&mut self, conn: ConnId, room: &Room, seq: Seq) {
        let Some(room) = self.names.get(room).copied() else { return };
        let Some(slot) = self.readers.slot(conn) else { return };
        let reader = &mut self.readers[slot];
        if reader.behind.is_some() || planted!("window_closed_at_once") {
            reader.dropped = reader.dropped.max(seq);
            let gone: Vec<Window> = reader.windows.extract_if(.., |window| window.room == room).collect();
            let vocabulary = reader.vocabulary;
            gone.iter().for_each(|window| self.drop_window(slot, vocabulary, window));
            return;
        }
        for window in reader.windows.iter_mut().filter(|window| window.room == room) {
            window.to.get_or_insert(seq);
        }
    }

    /// Publishes the next entry to rooms. `encode` gives its bytes in a vocabulary; unless they differ from room to room,
    /// it is called at most once for each. Connections that slept and have something to write are added to `ready`.
    pub fn publish(
        &mut self,
        seq: Seq,
        author: ClientId,
        rooms: &[Room],
        mut encode: impl FnMut(Vocabulary, &Room) -> Encoded,
        ready: &mut Vec<ConnId>,
    ) {
        self.head = seq;
        let mut encoded: [Option<Vec<u8>>; VOCABULARIES] = [const { None }; VOCABULARIES];
        for room in rooms {
            let Some(index) = self.names.get(room).copied() else { continue };
            let mut in_use = self.rooms[index].as_ref().expect("a named room is there").in_use;
            while in_use != 0 {
                let number = in_use.trailing_zeros() as usize;
                in_use &= in_use - 1;
                let vocabulary = Vocabulary::of_index(number);
                let of_this_room;
                let (bytes, each_room) = match &encoded[number] {
                    Some(bytes) => (bytes, false),
                    None => match encode(vocabulary, room) {
                        Encoded::Once(bytes) => (&*encoded[number].insert(bytes), false),
                        Encoded::EachRoom(bytes) => {
                            of_this_room = bytes;
                            (&of_this_room, true)
                        }
                    },
                };
                if bytes.is_empty() {
                    continue;
                }
                let ring = Rings::ring_mut(&mut self.rooms, index, vocabulary);
                let before = ring.bytes;
                ring.push(Run::new(seq, author, each_room), bytes);
                while ring.bytes > self.limits.ring_bytes_max && ring.evict() {}
                self.bytes = self.bytes + ring.bytes - before;
                let mut idle = core::mem::take(&mut ring.idle);
                self.wake_all(index, &mut idle, ready);
                self.ring_mut(index, vocabulary).idle = idle; // Empty, and kept for its memory.
            }
        }
        self.keep_to_budget();
    }

    /// Gives a connection an entry that is its own alone: a private one, or its acceptance.
    pub fn tell(&mut self, conn: ConnId, seq: Seq, bytes: Vec<u8>, ready: &mut Vec<ConnId>) {
        let Some(slot) = self.readers.slot(conn) else { return };
        let reader = &mut self.readers[slot];
        if bytes.is_empty() || seq <= reader.cursor {
            return;
        }
        if reader.behind.is_some() {
            reader.dropped = reader.dropped.max(seq);
            return;
        }
        reader.push_lane(seq, bytes.into());
        if reader.lane_bytes > self.limits.lane_bytes_max && !planted!("lane_without_limit") {
            self.mark_behind(slot);
        }
        self.wake(slot, ready);
    }

    /// Gives a connection an answer: it goes after every entry up to the head.
    pub fn answer(&mut self, conn: ConnId, bytes: Vec<u8>, ready: &mut Vec<ConnId>) {
        self.push_answer(conn, self.head, bytes, false, ready);
    }

    /// Gives a connection what is said to it last.
    pub fn last_words(&mut self, conn: ConnId, bytes: Vec<u8>, ready: &mut Vec<ConnId>) {
        self.push_answer(conn, self.head, bytes, true, ready);
    }

    /// Gives a connection what goes before every entry it has yet to see: its welcome.
    pub fn greet(&mut self, conn: ConnId, bytes: Vec<u8>, ready: &mut Vec<ConnId>) {
        self.push_answer(conn, Seq(0), bytes, false, ready);
    }

    fn push_answer(&mut self, conn: ConnId, key: Seq, bytes: Vec<u8>, last: bool, ready: &mut Vec<ConnId>) {
        let Some(slot) = self.readers.slot(conn) else { return };
        let reader = &mut self.readers[slot];
        if bytes.is_empty() {
            return;
        }
        let key = if reader.who.is_some() { key } else { Seq(0) };
        reader.push_answer(Answer { key, bytes: bytes.into(), last });
        self.wake(slot, ready);
    }

    /// What stands after a reader's cursor, as it was asked for: a page of encoded entries, and how far it reaches.
    pub fn loaded(
        &mut self,
        conn: ConnId,
        page: impl IntoIterator<Item = (Seq, Vec<u8>)>,
        through: Seq,
        ready: &mut Vec<ConnId>,
    ) -> Next {
        let Some(slot) = self.readers.slot(conn) else { return Next::Nothing };
        let reader = &mut self.readers[slot];
        let Some(behind) = reader.behind.as_mut() else { return Next::Nothing };
        (behind.loading, behind.loaded) = (false, Some(through));
        for (seq, bytes) in page {
            if seq > reader.cursor && !bytes.is_empty() {
                reader.push_lane(seq, bytes.into());
            }
        }
        if reader.lane.is_empty() {
            let next = self.settle(slot);
            if self.has_pending(conn) {
                self.wake(slot, ready);
            }
            return next;
        }
        self.wake(slot, ready);
        Next::Nothing
    }

    /// What a connection is to be sent next, in order, uncopied.
    pub fn pending(&self, conn: ConnId) -> impl Iterator<Item = &[u8]> {
        walk::slices(self.readers.slot(conn).map(|slot| Walk::new(self, &self.readers[slot])))
    }

    /// Moves a connection on by so many bytes of what [`pending`](Self::pending) gave. If nothing is left, it sleeps, or
    /// needs a page.
    pub fn written(&mut self, conn: ConnId, len: usize) -> Next {
        let Some(slot) = self.readers.slot(conn) else { return Next::Nothing };
        let reader = &self.readers[slot];
        let progress = Walk::new(self, reader).advance(len);
        let (done, live) = (progress.done, progress.live);
        self.readers[slot].take(progress);
        match (done, live) {
            (false, _) => Next::Nothing,
            (true, true) => self.catch_up(slot),
            (true, false) => self.settle(slot),
        }
    }

    /// Bytes of answers a connection has not been sent.
    #[must_use]
    pub fn answers_bytes(&self, conn: ConnId) -> usize {
        self.readers.slot(conn).map_or(0, |slot| self.readers[slot].answers_bytes)
    }

    /// The last entry a connection was sent, or knew.
    #[must_use]
    pub fn cursor(&self, conn: ConnId) -> Seq {
        self.readers.slot(conn).map_or(Seq(0), |slot| self.readers[slot].cursor)
    }

    /// Up to where a connection was sent all it was to be sent: its cursor, or the head while it sleeps, since a cursor moves
    /// only when something is written.
    #[must_use]
    pub fn seen(&self, conn: ConnId) -> Seq {
        let Some(slot) = self.readers.slot(conn) else { return Seq(0) };
        let reader = &self.readers[slot];
        let sleeps = !reader.awake && reader.behind.is_none();
        if sleeps { self.head.max(reader.cursor) } else { reader.cursor }
    }

    /// The last entry a connection was sent to its end. While a write has ended amid something, that may have been of the
    /// entry at its cursor.
    #[must_use]
    pub fn sent_whole(&self, conn: ConnId) -> Seq {
        self.readers.slot(conn).map_or(Seq(0), |slot| {
            let reader = &self.readers[slot];
            if reader.rest.is_empty() || planted!("half_an_entry_is_had") {
                reader.cursor
            } else {
                Seq(reader.cursor.0.saturating_sub(1))
            }
        })
    }

    /// Whether a connection has been sent everything it was to be sent.
    #[must_use]
    pub fn has_pending(&self, conn: ConnId) -> bool {
        self.pending(conn).next().is_some()
    }

    /// Bytes held in all rings.
    #[must_use]
    pub const fn ring_bytes(&self) -> usize {
        self.bytes
    }

    /// Bytes held for one connection alone.
    #[must_use]
    pub fn connection_bytes(&self, conn: ConnId) -> usize {
        self.readers.slot(conn).map_or(0, |slot| self.readers[slot].bytes())
    }

    /// Nothing is left to write: the cursor is at the head and the connection sleeps, or it needs what the rings do not
    /// hold.
    fn settle(&mut self, slot: Slot) -> Next {
        let reader = &mut self.readers[slot];
        if let Some(through) = reader.behind.as_mut().and_then(|behind| behind.loaded.take()) {
            reader.cursor = reader.cursor.max(through);
        }
        let reader = &self.readers[slot];
        let caught_up = reader.dropped <= reader.cursor || planted!("lane_not_read_back");
        if reader.behind.is_some() && !self.off_its_rings(reader) && caught_up {
            self.readers[slot].behind = None;
        }
        let reader = &self.readers[slot];
        if reader.behind.is_some() || self.off_its_rings(reader) {
            return self.fall_behind(slot);
        }
        if Walk::new(self, reader).next().is_some() {
            return Next::Nothing; // Live again, with more to write.
        }
        self.catch_up(slot)
    }

    /// Everything there is was sent.
    fn catch_up(&mut self, slot: Slot) -> Next {
        let reader = &mut self.readers[slot];
        reader.cursor = self.head.max(reader.cursor);
        self.sleep(slot);
        Next::Nothing
    }

    /// Whether a ring has let go of an entry that the reader has yet to see.
    fn off_its_rings(&self, reader: &Reader) -> bool {
        reader.windows.iter().any(|window| {
            let evicted = self.ring(window.room, reader.vocabulary).evicted;
            evicted > reader.cursor.max(window.from) && window.to.is_none_or(|to| reader.cursor < to)
        })
    }

    /// Needs a page of history, unless one is on its way or being written.
    fn fall_behind(&mut self, slot: Slot) -> Next {
        self.mark_behind(slot);
        let reader = &mut self.readers[slot];
        reader.awake = false;
        let behind = reader.behind.as_mut().expect("it was just marked");
        if behind.loading || behind.loaded.is_some() {
            return Next::Nothing;
        }
        behind.loading = true;
        Next::Load { after: reader.cursor }
    }

    /// Reads on from history: what was kept for it alone is let go, and memberships that ended are history's to know.
    fn mark_behind(&mut self, slot: Slot) {
        let reader = &mut self.readers[slot];
        if reader.behind.is_some() {
            return;
        }
        reader.behind = Some(reader::Behind::default());
        reader.dropped = self.head;
        reader.clear_lane();
        let ended: Vec<Window> = reader.windows.extract_if(.., |window| window.to.is_some()).collect();
        let vocabulary = reader.vocabulary;
        ended.iter().for_each(|window| self.drop_window(slot, vocabulary, window));
    }

    fn sleep(&mut self, slot: Slot) {
        let Self { readers, rooms, .. } = self;
        let reader = &mut readers[slot];
        reader.awake = false;
        let (cursor, vocabulary) = (reader.cursor, reader.vocabulary);
        let ended = |window: &mut Window| window.to.is_some_and(|to| to <= cursor);
        let ended: Vec<Window> = reader.windows.extract_if(.., ended).collect();
        for window in reader.windows.iter_mut().filter(|window| !window.registered) {
            window.registered = true;
            Rings::ring_mut(rooms, window.room, vocabulary).idle.push(slot);
        }
        ended.iter().for_each(|window| self.drop_window(slot, vocabulary, window));
    }

    fn wake(&mut self, slot: Slot, ready: &mut Vec<ConnId>) {
        let reader = &mut self.readers[slot];
        if !core::mem::replace(&mut reader.awake, true) {
            ready.push(reader.conn);
        }
    }

    /// A sleeper whose windows changed must be registered with the new one.
    fn wake_if_asleep(&mut self, slot: Slot) {
        let reader = &self.readers[slot];
        if !reader.awake && reader.behind.is_none() && !planted!("sleeper_not_woken") {
            self.sleep(slot);
        }
    }

    fn wake_all(&mut self, room: usize, idle: &mut Vec<Slot>, ready: &mut Vec<ConnId>) {
        for slot in idle.drain(..) {
            let reader = &mut self.readers[slot];
            for window in reader.windows.iter_mut().filter(|window| window.room == room) {
                window.registered = false;
            }
            if reader.behind.is_none() && !core::mem::replace(&mut reader.awake, true) {
                ready.push(reader.conn);
            }
        }
    }

    /// All rings together keep to their budget: rooms give up their oldest entries in turn.
    fn keep_to_budget(&mut self) {
        let mut idle_turns = 0;
        while self.bytes > self.limits.rings_bytes_max && idle_turns <= self.rooms.len() {
            self.hand = (self.hand + 1) % self.rooms.len().max(1);
            let Some(Some(rings)) = self.rooms.get_mut(self.hand) else { continue };
            let mut freed = 0;
            for ring in rings.by_vocabulary.iter_mut().flatten() {
                let before = ring.bytes;
                ring.evict();
                freed += before - ring.bytes;
            }
            self.bytes -= freed;
            idle_turns = if freed == 0 { idle_turns + 1 } else { 0 };
        }
    }

    /// The room's ring in a vocabulary, made if need be; one reader more.
    fn ring_of(&mut self, room: &Room, vocabulary: Vocabulary) -> usize {
        let index = self.names.get(room).copied().unwrap_or_else(|| {
            let rings = Rings { name: room.clone(), by_vocabulary: [const { None }; VOCABULARIES], in_use: 0 };
            let index = self.free.pop().unwrap_or_else(|| {
                self.rooms.push(None);
                self.rooms.len() - 1
            });
            self.rooms[index] = Some(rings);
            self.names.insert(room.clone(), index);
            index
        });
        let head = self.head;
        let rings = self.rooms[index].as_mut().expect("it was just made");
        rings.in_use |= 1 << vocabulary.index();
        rings.by_vocabulary[vocabulary.index()].get_or_insert_with(|| Box::new(Ring::new(head))).readers += 1;
        index
    }

    /// One reader less; without readers, the ring goes, and without rings, the room.
    fn drop_window(&mut self, slot: Slot, vocabulary: Vocabulary, window: &Window) {
        let ring = self.ring_mut(window.room, vocabulary);
        if window.registered
            && let Some(place) = ring.idle.iter().position(|idle| *idle == slot)
        {
            ring.idle.swap_remove(place);
        }
        ring.readers -= 1;
        if ring.readers > 0 {
            return;
        }
        self.bytes -= ring.bytes;
        let rings = self.rooms[window.room].as_mut().expect("a window's room is there");
        rings.by_vocabulary[vocabulary.index()] = None;
        rings.in_use &= !(1 << vocabulary.index());
        if rings.in_use == 0 {
            self.names.remove(&rings.name);
            self.rooms[window.room] = None;
            self.free.push(window.room);
        }
    }

    fn ring(&self, room: usize, vocabulary: Vocabulary) -> &Ring {
        let rings = self.rooms[room].as_ref().expect("a window's room is there");
        rings.by_vocabulary[vocabulary.index()].as_ref().expect("a window's ring is there")
    }

    fn ring_mut(&mut self, room: usize, vocabulary: Vocabulary) -> &mut Ring {
        Rings::ring_mut(&mut self.rooms, room, vocabulary)
    }
}

impl Rings {
    fn ring_mut(rooms: &mut [Option<Self>], room: usize, vocabulary: Vocabulary) -> &mut Ring {
        let rings = rooms[room].as_mut().expect("a window's room is there");
        rings.by_vocabulary[vocabulary.index()].as_mut().expect("a window's ring is there")
    }
}
