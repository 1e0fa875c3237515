//! Reading back: what a person may see of what happened, derived from indexes that any store can keep.
//!
//! History is a projection of the log. A store keeps the entries by seq, and three indexes: (room, seq), (person, seq) for
//! what is a person's own or names them, and (person, seq) for the memberships each change of theirs led to. [`resume`]
//! and [`room_page`] read these through the trait [`Index`]; [`Memory`] keeps them in memory.

mod talk;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::convert::Infallible;
use core::ops::Bound::{Excluded, Included, Unbounded};

pub use self::talk::{Between, newest_of_each, talk};
use crate::protocol::{ClientId, Entry, Event, Point, Room, Seq, Span, encode_entry};

/// A question to history.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Query {
    /// All that `who` may see after an entry.
    Resume {
        /// Who reads on.
        who: ClientId,
        /// After which entry.
        after: Seq,
        /// Stored bytes in a page; at least one entry is given whatever its size.
        bytes_max: usize,
    },
    /// What happened in a room, the newest first looked at, given in order.
    Room {
        /// From the question that was asked.
        reference: u64,
        /// Which room.
        room: Room,
        /// Only what stands after this entry: the rest is sealed.
        after: Seq,
        /// Only what stands before this entry.
        before: Option<Seq>,
        /// At most so many entries.
        limit: usize,
        /// Stored bytes in a page.
        bytes_max: usize,
    },
    /// A stretch of talk, given in order.
    Talk {
        /// From the question that was asked.
        reference: u64,
        /// Whose.
        between: Between,
        /// Which stretch.
        span: Span,
        /// At most so many entries.
        limit: usize,
        /// Stored bytes in a page.
        bytes_max: usize,
    },
    /// The newest talk of each, in a stretch of time.
    Talkers {
        /// From the question that was asked.
        reference: u64,
        /// Whose private talk.
        who: ClientId,
        /// And of which rooms, each with the entry up to which it is sealed.
        rooms: Vec<(Room, Seq)>,
        /// From here …
        from: Point,
        /// … to here, or the other way round.
        to: Point,
        /// At most so many entries.
        limit: usize,
    },
}

/// What history holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Found {
    /// The entries, in order.
    pub entries: Vec<Arc<Entry>>,
    /// Nothing else that was asked for stands at or below this entry.
    pub through: Seq,
    /// Whether there is more beyond the page.
    pub more: bool,
    /// What was asked for and is below retention: after the first, up to the second.
    pub missed: Option<(Seq, Seq)>,
}

/// The indexes a store keeps. Ranges are `after < seq <= through`; lists are in ascending order.
pub trait Index {
    /// Why reading can fail.
    type Error;
    /// The last entry kept, and the first that is still there.
    ///
    /// # Errors
    /// The store's own.
    fn bounds(&self) -> Result<(Seq, Seq), Self::Error>;
    /// An entry, if it is still there.
    ///
    /// # Errors
    /// The store's own.
    fn entry(&self, seq: Seq) -> Result<Option<Arc<Entry>>, Self::Error>;
    /// The first `limit` entries of a room in a range.
    ///
    /// # Errors
    /// The store's own.
    fn in_room(&self, room: &Room, after: Seq, through: Seq, limit: usize) -> Result<Vec<Seq>, Self::Error>;
    /// The last `limit` entries of a room before an entry.
    ///
    /// # Errors
    /// The store's own.
    fn in_room_before(&self, room: &Room, before: Seq, limit: usize) -> Result<Vec<Seq>, Self::Error>;
    /// The first `limit` entries in a range that are a person's own or name them.
    ///
    /// # Errors
    /// The store's own.
    fn of_person(&self, who: &ClientId, after: Seq, through: Seq, limit: usize) -> Result<Vec<Seq>, Self::Error>;
    /// The rooms a person was in after entry `at`.
    ///
    /// # Errors
    /// The store's own.
    fn memberships(&self, who: &ClientId, at: Seq) -> Result<Vec<Room>, Self::Error>;
    /// The first `limit` changes of a person's memberships in a range.
    ///
    /// # Errors
    /// The store's own.
    fn changes(&self, who: &ClientId, after: Seq, through: Seq, limit: usize) -> Result<Vec<Seq>, Self::Error>;
}

/// Entries looked at per source and step.
const STEP: usize = 256;

/// The rooms an entry's [mover](Entry::mover) is in after it, if it changes that: what the memberships index keeps.
#[must_use]
pub fn memberships_after(before: &[Room], entry: &Entry) -> Option<Vec<Room>> {
    match &entry.event {
        Event::Arrived { rooms, .. } => Some(rooms.clone()),
        Event::Joined { room } => {
            let mut rooms: Vec<Room> = before.iter().filter(|r| *r != room).cloned().collect();
            rooms.push(room.clone());
            Some(rooms)
        }
        Event::Left { room } | Event::Kicked { room, .. } => {
            Some(before.iter().filter(|r| *r != room).cloned().collect())
        }
        Event::Departed { .. }
        | Event::Renamed { .. }
        | Event::Said { .. }
        | Event::Topic { .. }
        | Event::Invited { .. }
        | Event::Changed { .. }
        | Event::Killed { .. } => None,
    }
}

/// The people in whose index `entry` stands: its author and those it names.
pub fn people_of(entry: &Entry) -> impl Iterator<Item = ClientId> {
    let others = entry.people().iter().map(|person| person.id).filter(|id| *id != entry.by);
    core::iter::once(entry.by).chain(others)
}

/// Answers a question.
///
/// # Errors
/// The store's own.
pub fn answer<I: Index>(index: &I, query: &Query) -> Result<Found, I::Error> {
    match query {
        Query::Resume { who, after, bytes_max } => resume(index, who, *after, *bytes_max),
        Query::Room { room, after, before, limit, bytes_max, .. } => {
            room_page(index, room, (*after, *before), *limit, *bytes_max)
        }
        Query::Talk { between, span, limit, bytes_max, .. } => talk(index, between, *span, *limit, *bytes_max),
        Query::Talkers { who, rooms, from, to, limit, .. } => newest_of_each(index, who, rooms, (*from, *to), *limit),
    }
}

/// All that `who` may see after an entry, a page of it.
///
/// # Errors
/// The store's own.
pub fn resume<I: Index>(index: &I, who: &ClientId, after: Seq, bytes_max: usize) -> Result<Found, I::Error> {
    let (head, first) = index.bounds()?;
    let mut found = Found { through: after, ..Found::default() };
    if after.next() < first {
        found.missed = Some((after, Seq(first.0 - 1)));
        found.through = Seq(first.0 - 1);
    }
    let mut bytes = 0;
    while found.through < head {
        let from = found.through;
        let rooms = index.memberships(who, if planted!("resume_by_todays_rooms") { head } else { from })?;
        let change = index.changes(who, from, head, 1)?.first().copied();
        let (seqs, through) = visible(index, who, &rooms, from, change.unwrap_or(head))?;
        for seq in seqs {
            let Some(entry) = index.entry(seq)? else { continue };
            bytes += encode_entry(&entry).len();
            if bytes > bytes_max && !found.entries.is_empty() {
                found.more = true;
                return Ok(found);
            }
            found.through = seq;
            found.entries.push(entry);
        }
        found.through = through;
    }
    found.more = false;
    Ok(found)
}

/// What a member of `rooms` may see in a range, and how far that was looked at.
fn visible<I: Index>(
    index: &I,
    who: &ClientId,
    rooms: &[Room],
    after: Seq,
    through: Seq,
) -> Result<(BTreeSet<Seq>, Seq), I::Error> {
    let mut seqs = BTreeSet::new();
    let mut certain = through;
    let mut add = |found: Vec<Seq>| {
        if found.len() == STEP {
            certain = certain.min(found[STEP - 1]);
        }
        seqs.extend(found);
    };
    if !planted!("resume_without_private_words") {
        add(index.of_person(who, after, through, STEP)?);
    }
    for room in rooms {
        add(index.in_room(room, after, through, STEP)?);
    }
    let _beyond = seqs.split_off(&certain.next());
    Ok((seqs, certain))
}

/// The newest entries of a room after one entry and before another, in order.
///
/// # Errors
/// The store's own.
pub fn room_page<I: Index>(
    index: &I,
    room: &Room,
    (after, before): (Seq, Option<Seq>),
    limit: usize,
    bytes_max: usize,
) -> Result<Found, I::Error> {
    let (head, _) = index.bounds()?;
    let before = before.unwrap_or(head.next()).min(head.next());
    let mut seqs = index.in_room_before(room, before, limit.saturating_add(1))?;
    seqs.retain(|seq| *seq > after);
    if planted!("page_of_every_room") {
        seqs = (before.0.saturating_sub(limit as u64).max(1)..before.0).map(Seq).collect();
    }
    let mut found = Found { through: head, more: seqs.len() > limit, ..Found::default() };
    if found.more {
        seqs.remove(0);
    }
    let mut bytes = 0;
    for seq in seqs.into_iter().rev() {
        let Some(entry) = index.entry(seq)? else { continue };
        bytes += encode_entry(&entry).len();
        if bytes > bytes_max && !found.entries.is_empty() {
            found.more = true;
            break;
        }
        found.entries.push(entry);
    }
    found.entries.reverse();
    Ok(found)
}

/// A history kept in memory: for `--ephemeral` servers, tests and the simulator.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    entries: BTreeMap<Seq, Arc<Entry>>,
    rooms: BTreeMap<Room, BTreeSet<Seq>>,
    people: BTreeMap<ClientId, BTreeSet<Seq>>,
    memberships: BTreeMap<ClientId, BTreeMap<Seq, Vec<Room>>>,
}

impl Memory {
    /// Keeps an entry. Keeping it again changes nothing.
    pub fn keep(&mut self, entry: &Arc<Entry>) {
        let seq = entry.seq;
        for room in entry.rooms() {
            self.rooms.entry(room.clone()).or_default().insert(seq);
        }
        for person in people_of(entry) {
            self.people.entry(person).or_default().insert(seq);
        }
        let memberships = self.memberships.entry(entry.mover()).or_default();
        let before = memberships.range(..seq).next_back().map_or(&[][..], |(_, rooms)| rooms);
        if let Some(after) = memberships_after(before, entry) {
            memberships.insert(seq, after);
        }
        self.entries.insert(seq, Arc::clone(entry));
    }

    /// Every entry kept, in order.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Arc<Entry>> {
        self.entries.values()
    }
}

impl Index for Memory {
    type Error = Infallible;

    fn bounds(&self) -> Result<(Seq, Seq), Infallible> {
        let last = self.entries.last_key_value().map_or(Seq(0), |(seq, _)| *seq);
        let first = self.entries.first_key_value().map_or(Seq(1), |(seq, _)| *seq);
        Ok((last, first))
    }

    fn entry(&self, seq: Seq) -> Result<Option<Arc<Entry>>, Infallible> {
        Ok(self.entries.get(&seq).cloned())
    }

    fn in_room(&self, room: &Room, after: Seq, through: Seq, limit: usize) -> Result<Vec<Seq>, Infallible> {
        Ok(self.rooms.get(room).map_or_else(Vec::new, |seqs| first_in(seqs, after, through, limit)))
    }

    fn in_room_before(&self, room: &Room, before: Seq, limit: usize) -> Result<Vec<Seq>, Infallible> {
        let newest = |seqs: &BTreeSet<Seq>| seqs.range(..before).rev().take(limit).copied().collect::<Vec<_>>();
        let mut seqs = self.rooms.get(room).map_or_else(Vec::new, newest);
        seqs.reverse();
        Ok(seqs)
    }

    fn of_person(&self, who: &ClientId, after: Seq, through: Seq, limit: usize) -> Result<Vec<Seq>, Infallible> {
        Ok(self.people.get(who).map_or_else(Vec::new, |seqs| first_in(seqs, after, through, limit)))
    }

    fn memberships(&self, who: &ClientId, at: Seq) -> Result<Vec<Room>, Infallible> {
        let last =
            |changes: &BTreeMap<Seq, Vec<Room>>| changes.range(..=at).next_back().map(|(_, rooms)| rooms.clone());
        Ok(self.memberships.get(who).and_then(last).unwrap_or_default())
    }

    fn changes(&self, who: &ClientId, after: Seq, through: Seq, limit: usize) -> Result<Vec<Seq>, Infallible> {
        let Some(changes) = self.memberships.get(who) else { return Ok(Vec::new()) };
        let range = changes.range((Excluded(after), Unbounded)).map(|(seq, _)| *seq);
        Ok(range.take_while(|seq| *seq <= through).take(limit).collect())
    }
}

fn first_in(seqs: &BTreeSet<Seq>, after: Seq, through: Seq, limit: usize) -> Vec<Seq> {
    if after >= through {
        return Vec::new();
    }
    seqs.range((Excluded(after), Included(through))).take(limit).copied().collect()
}
