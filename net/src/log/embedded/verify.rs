//! Reads a store from the first byte to the last and checks it against itself.

use std::collections::BTreeMap;
use std::path::Path;

use causerie_core::chat::Chat;
use causerie_core::history::{Index, people_of};
use causerie_core::protocol::{Entry, Position, Seq, StateHash};
use redb::{ReadTransaction, ReadableDatabase, ReadableTableMetadata};

use super::tables::{ENTRIES, PEOPLE, ROOMS, SNAPSHOTS};
use super::{Embedded, OpenError, tables};
use crate::clock::system_wall;
use crate::log::recovery::fold;
use crate::log::{Engine, LogError};

/// What a sound store holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verified {
    /// Records in the log.
    pub records: u64,
    /// Entries they came to.
    pub entries: u64,
    /// Entries that history has. The rest is made up at the next start.
    pub kept: u64,
    /// Snapshots that a replay came to as well.
    pub snapshots: u64,
    /// The last entry.
    pub head: Seq,
    /// The digest of the state after the last record.
    pub hash: StateHash,
    /// Whether the file needed repair, as after a crash, and got it.
    pub repaired: bool,
}

/// Checks the store in a directory: the file, every record's checksum and place, the state at every snapshot, and that
/// history says what the records say.
///
/// # Errors
/// The first thing that is wrong.
pub fn verify(dir: &Path) -> Result<Verified, OpenError> {
    let mut store = Embedded::open_existing(dir, system_wall())?;
    let name = store.name();
    let db = store.db.as_mut().expect("it was just opened");
    let sound = db.check_integrity().map_err(|error| OpenError::of(&name, error.into()))?;
    let txn = store.db().and_then(|db| Ok(db.begin_read()?)).map_err(|error| OpenError::of(&name, error))?;
    Replay::new(&txn)
        .and_then(|replay| replay.through(&store))
        .map(|found| Verified { repaired: !sound, ..found })
        .map_err(|failure| failure.named(&name))
}

/// What goes wrong on the way.
enum Failure {
    Store(redb::Error),
    Log(LogError),
    Damaged(String),
    Forked(Position, StateHash, StateHash),
}

impl Failure {
    fn named(self, store: &str) -> OpenError {
        match self {
            Self::Store(error) => OpenError::of(store, error),
            Self::Log(error) => OpenError::unread(store, &error),
            Self::Damaged(why) => OpenError::Damaged { store: store.to_owned(), why },
            Self::Forked(position, stored, replayed) => {
                OpenError::Forked { store: store.to_owned(), position, stored, replayed }
            }
        }
    }
}

impl<T: Into<redb::Error>> From<T> for Failure {
    fn from(error: T) -> Self {
        Self::Store(error.into())
    }
}

/// A replay from the start, beside what the store says of it.
struct Replay<'txn> {
    txn: &'txn ReadTransaction,
    chat: Chat,
    /// The digests that were stored, by position.
    snapshots: BTreeMap<Position, StateHash>,
    /// The last entry that history has.
    kept: Seq,
    found: Verified,
    /// Places the indexes should have.
    room_places: u64,
    person_places: u64,
}

impl<'txn> Replay<'txn> {
    fn new(txn: &'txn ReadTransaction) -> Result<Self, Failure> {
        let mut snapshots = BTreeMap::new();
        for row in txn.open_table(SNAPSHOTS)?.range::<u64>(..)? {
            let (position, value) = row?;
            let position = position.value();
            let Some((hash, _)) = value.value().split_first_chunk::<32>() else {
                return Err(Failure::Damaged(format!("the snapshot after {position} records is cut short")));
            };
            snapshots.insert(Position(position), StateHash(*hash));
        }
        let chat = Chat::new();
        let found = Verified {
            records: 0,
            entries: 0,
            kept: txn.open_table(ENTRIES)?.len()?,
            snapshots: 0,
            head: Seq(0),
            hash: chat.hash(),
            repaired: false,
        };
        let kept = tables::reading(txn)?.bounds()?.0;
        Ok(Self { txn, chat, snapshots, kept, found, room_places: 0, person_places: 0 })
    }

    fn through(mut self, store: &Embedded) -> Result<Verified, Failure> {
        let index = tables::reading(self.txn)?;
        let name = store.name();
        loop {
            let batch = store.read(Position(self.found.records), READ_RECORDS).map_err(Failure::Log)?;
            if batch.is_empty() {
                break;
            }
            for stored in &batch {
                let mut facts = Vec::new();
                fold(&mut self.chat, stored, &name, |entry| facts.push(entry)).map_err(Failure::Log)?;
                facts.iter().try_for_each(|entry| self.check(&index, entry))?;
                self.found.records += 1;
                self.check_snapshot()?;
            }
        }
        if let Some((Position(position), _)) = self.snapshots.first_key_value() {
            return Err(Failure::Damaged(format!("a snapshot covers {position} records, there are fewer")));
        }
        self.check_places()?;
        Ok(Verified { head: self.chat.head(), hash: self.chat.hash(), ..self.found })
    }

    /// Whether history says of an entry what the record says.
    fn check<I: Index<Error = redb::Error>>(&mut self, index: &I, entry: &Entry) -> Result<(), Failure> {
        let seq = entry.seq;
        self.found.entries += 1;
        if seq > self.kept {
            return Ok(());
        }
        if index.entry(seq)?.as_deref() != Some(entry) {
            return Err(Failure::Damaged(format!("history does not say of entry {seq} what its record says")));
        }
        let before = Seq(seq.0 - 1);
        for room in entry.rooms() {
            self.room_places += 1;
            if index.in_room(room, before, seq, 1)? != [seq] {
                return Err(Failure::Damaged(format!("the index of {room} lacks entry {seq}")));
            }
        }
        for person in people_of(entry) {
            self.person_places += 1;
            if index.of_person(&person, before, seq, 1)? != [seq] {
                return Err(Failure::Damaged(format!("the index of a person lacks entry {seq}")));
            }
        }
        Ok(())
    }

    /// Whether the replay comes to the state that was stored at this place.
    fn check_snapshot(&mut self) -> Result<(), Failure> {
        let position = Position(self.found.records);
        let Some(stored) = self.snapshots.remove(&position) else { return Ok(()) };
        let replayed = self.chat.hash();
        if stored != replayed {
            return Err(Failure::Forked(position, stored, replayed));
        }
        self.found.snapshots += 1;
        Ok(())
    }

    /// Whether history has what no record says.
    fn check_places(&self) -> Result<(), Failure> {
        let (rooms, people) = (self.txn.open_table(ROOMS)?.len()?, self.txn.open_table(PEOPLE)?.len()?);
        if self.kept > self.chat.head() || self.found.kept > self.kept.0 {
            return Err(Failure::Damaged("history has entries that no record came to".to_owned()));
        }
        if (rooms, people) != (self.room_places, self.person_places) {
            return Err(Failure::Damaged("an index of history has places of entries that are not there".to_owned()));
        }
        Ok(())
    }
}

/// Records read at once.
const READ_RECORDS: usize = 4_096;
