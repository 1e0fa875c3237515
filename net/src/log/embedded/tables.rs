//! The tables, and history as an index over them.

use std::sync::Arc;

use causerie_core::history::{Index, memberships_after, people_of};
use causerie_core::protocol::{ClientId, Entry, Event, Room, Seq, decode_entry, encode_entry};
use redb::{ReadTransaction, ReadableTable, Table, TableDefinition, WriteTransaction};

/// The truth: position to packed record. Everything else can be made of it again.
pub(super) const RECORDS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("records");
/// Seq to entry.
pub(super) const ENTRIES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("entries");
/// Where each room's entries are.
pub(super) const ROOMS: TableDefinition<'_, (&str, u64), ()> = TableDefinition::new("rooms");
/// Where each person's entries are: their own, and those that name them.
pub(super) const PEOPLE: TableDefinition<'_, (&[u8; 16], u64), ()> = TableDefinition::new("people");
/// The rooms a person was in after an entry of theirs that changed it.
pub(super) const MEMBERSHIPS: TableDefinition<'_, (&[u8; 16], u64), &[u8]> = TableDefinition::new("memberships");
/// Position after the last record folded in, to digest (32 bytes) and state.
pub(super) const SNAPSHOTS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("snapshots");
/// What this file is.
pub(super) const META: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");

/// Makes all tables, so that reading never meets one that is missing.
pub(super) fn create(txn: &WriteTransaction) -> Result<(), redb::Error> {
    txn.open_table(RECORDS)?;
    txn.open_table(ENTRIES)?;
    txn.open_table(ROOMS)?;
    txn.open_table(PEOPLE)?;
    txn.open_table(MEMBERSHIPS)?;
    txn.open_table(SNAPSHOTS)?;
    Ok(())
}

/// History, over tables open for reading or for writing.
pub(super) struct History<E, R, P, M> {
    pub(super) entries: E,
    pub(super) rooms: R,
    pub(super) people: P,
    pub(super) memberships: M,
}

/// History within a write transaction: sees what the transaction has kept so far.
pub(super) type Writing<'txn> = History<
    Table<'txn, u64, &'static [u8]>,
    Table<'txn, (&'static str, u64), ()>,
    Table<'txn, (&'static [u8; 16], u64), ()>,
    Table<'txn, (&'static [u8; 16], u64), &'static [u8]>,
>;

pub(super) fn writing(txn: &WriteTransaction) -> Result<Writing<'_>, redb::Error> {
    Ok(History {
        entries: txn.open_table(ENTRIES)?,
        rooms: txn.open_table(ROOMS)?,
        people: txn.open_table(PEOPLE)?,
        memberships: txn.open_table(MEMBERSHIPS)?,
    })
}

/// History as it was last committed.
pub(super) fn reading(txn: &ReadTransaction) -> Result<impl Index<Error = redb::Error>, redb::Error> {
    Ok(History {
        entries: txn.open_table(ENTRIES)?,
        rooms: txn.open_table(ROOMS)?,
        people: txn.open_table(PEOPLE)?,
        memberships: txn.open_table(MEMBERSHIPS)?,
    })
}

impl Writing<'_> {
    /// Takes an entry in. Taking it in again changes nothing.
    pub(super) fn keep(&mut self, entry: &Entry) -> Result<(), redb::Error> {
        let seq = entry.seq.0;
        for room in entry.rooms() {
            self.rooms.insert((room.as_str(), seq), ())?;
        }
        for person in people_of(entry) {
            self.people.insert((&id(&person), seq), ())?;
        }
        if let Some(rooms) = self.changed(entry)? {
            self.memberships.insert((&id(&entry.mover()), seq), rooms_to_bytes(&rooms).as_slice())?;
        }
        self.entries.insert(seq, encode_entry(entry).as_slice())?;
        Ok(())
    }

    /// The rooms of whoever an entry moves, after it, if it does.
    fn changed(&self, entry: &Entry) -> Result<Option<Vec<Room>>, redb::Error> {
        let before = match &entry.event {
            Event::Joined { .. } | Event::Left { .. } | Event::Kicked { .. } => {
                self.memberships(&entry.mover(), Seq(entry.seq.0 - 1))?
            }
            Event::Arrived { .. }
            | Event::Departed { .. }
            | Event::Renamed { .. }
            | Event::Said { .. }
            | Event::Topic { .. }
            | Event::Invited { .. }
            | Event::Changed { .. }
            | Event::Killed { .. } => Vec::new(),
        };
        Ok(memberships_after(&before, entry))
    }
}

impl<E, R, P, M> Index for History<E, R, P, M>
where
    E: ReadableTable<u64, &'static [u8]>,
    R: ReadableTable<(&'static str, u64), ()>,
    P: ReadableTable<(&'static [u8; 16], u64), ()>,
    M: ReadableTable<(&'static [u8; 16], u64), &'static [u8]>,
{
    type Error = redb::Error;

    fn bounds(&self) -> Result<(Seq, Seq), redb::Error> {
        let last = self.entries.last()?.map_or(0, |(seq, _)| seq.value());
        let first = self.entries.first()?.map_or(1, |(seq, _)| seq.value());
        Ok((Seq(last), Seq(first)))
    }

    fn entry(&self, seq: Seq) -> Result<Option<Arc<Entry>>, redb::Error> {
        let Some(bytes) = self.entries.get(seq.0)? else { return Ok(None) };
        let entry = decode_entry(bytes.value())
            .map_err(|unreadable| redb::Error::Corrupted(format!("entry {seq}: {unreadable}")))?;
        Ok(Some(Arc::new(entry)))
    }

    fn in_room(&self, room: &Room, after: Seq, through: Seq, limit: usize) -> Result<Vec<Seq>, redb::Error> {
        if after >= through {
            return Ok(Vec::new());
        }
        let room = room.as_str();
        let range = self.rooms.range((room, after.0 + 1)..=(room, through.0))?;
        range.take(limit).map(|place| Ok(Seq(place?.0.value().1))).collect()
    }

    fn in_room_before(&self, room: &Room, before: Seq, limit: usize) -> Result<Vec<Seq>, redb::Error> {
        let room = room.as_str();
        let range = self.rooms.range((room, 0)..(room, before.0))?.rev();
        let mut seqs: Vec<Seq> =
            range.take(limit).map(|place| Ok(Seq(place?.0.value().1))).collect::<Result<_, redb::Error>>()?;
        seqs.reverse();
        Ok(seqs)
    }

    fn of_person(&self, who: &ClientId, after: Seq, through: Seq, limit: usize) -> Result<Vec<Seq>, redb::Error> {
        if after >= through {
            return Ok(Vec::new());
        }
        let who = id(who);
        let range = self.people.range((&who, after.0 + 1)..=(&who, through.0))?;
        range.take(limit).map(|place| Ok(Seq(place?.0.value().1))).collect()
    }

    fn memberships(&self, who: &ClientId, at: Seq) -> Result<Vec<Room>, redb::Error> {
        let who = id(who);
        match self.memberships.range((&who, 0)..=(&who, at.0))?.next_back() {
            Some(change) => rooms_from_bytes(change?.1.value()),
            None => Ok(Vec::new()),
        }
    }

    fn changes(&self, who: &ClientId, after: Seq, through: Seq, limit: usize) -> Result<Vec<Seq>, redb::Error> {
        if after >= through {
            return Ok(Vec::new());
        }
        let who = id(who);
        let range = self.memberships.range((&who, after.0 + 1)..=(&who, through.0))?;
        range.take(limit).map(|change| Ok(Seq(change?.0.value().1))).collect()
    }
}

/// A client's id as a key: its stored form is its bytes.
pub(super) fn id(client: &ClientId) -> [u8; 16] {
    let mut bytes = [0; 16];
    postcard::to_slice(client, &mut bytes).expect("an id has 16 bytes");
    bytes
}

fn rooms_to_bytes(rooms: &[Room]) -> Vec<u8> {
    postcard::to_allocvec(rooms).expect("names can be written")
}

fn rooms_from_bytes(bytes: &[u8]) -> Result<Vec<Room>, redb::Error> {
    postcard::from_bytes(bytes).map_err(|error| redb::Error::Corrupted(format!("a person's rooms: {error}")))
}
