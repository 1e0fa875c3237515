//! Opening and creating a store.
//!
//! A directory holds `lock`, with the pid of whoever has the store open, and `causerie.redb`. redb's own creation of a
//! file is not all or nothing, so the file is made as `causerie.redb.new` and renamed: a creation that was interrupted
//! never happened.

use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use causerie_core::protocol::{Position, StateHash};
use redb::backends::FileBackend;
use redb::{Builder, Database, Durability, ReadableDatabase, ReadableTable, StorageBackend};

use super::tables::{META, RECORDS};
use super::{Disk, Embedded, format, tables};
use crate::clock::Wall;
use crate::log::LogError;

const STORE: &str = "causerie.redb";
const UNFINISHED: &str = "causerie.redb.new";
const LOCK: &str = "lock";

/// The format of the file as a whole: which tables there are and what is in them.
const FORMAT: u64 = 1;
/// What redb keeps in memory of a file, in bytes.
const CACHE_BYTES_MAX: usize = 64 * 1_024 * 1_024;

/// Why a store cannot be opened. Displayed as one line: the cause and the next step.
#[derive(Debug)]
pub enum OpenError {
    /// The directory cannot be made or written to.
    NotWritable {
        /// Which.
        dir: PathBuf,
        /// What the system said.
        why: io::Error,
    },
    /// Another process has it open.
    Locked {
        /// Which store.
        dir: PathBuf,
        /// That process, if it could be read.
        pid: Option<u32>,
    },
    /// What is there is not what was written.
    Damaged {
        /// Which store.
        store: String,
        /// What is wrong.
        why: String,
    },
    /// It was written by a later version of this program.
    Newer {
        /// Which store.
        store: String,
        /// Its format.
        found: u64,
        /// The latest this program knows.
        known: u64,
    },
    /// There is no store to verify.
    Missing {
        /// Where it was looked for.
        dir: PathBuf,
    },
    /// A replay comes to another state than the one that was stored: the fold is not what it was.
    Forked {
        /// Which store.
        store: String,
        /// After how many records.
        position: Position,
        /// The digest that was stored.
        stored: StateHash,
        /// The digest of the replay.
        replayed: StateHash,
    },
    /// Something else the system said.
    Io {
        /// Which store.
        store: String,
        /// What it said.
        why: io::Error,
    },
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotWritable { dir, why } => {
                let (dir, why) = (dir.display(), said(why));
                write!(f, "cannot write to {dir}: {why}; give this user the right to, or choose another directory: ")?;
                write!(f, "--data DIR")
            }
            Self::Locked { dir, pid } => {
                write!(f, "the store {} is in use by another causerie", dir.display())?;
                if let Some(pid) = pid {
                    write!(f, " (pid {pid})")?;
                }
                write!(f, "; stop it, or choose another directory: --data DIR")
            }
            Self::Damaged { store, why } => {
                write!(f, "the store {store} is damaged: {why}; ")?;
                write!(f, "see how much of it can be read: causerie verify --data {store}")
            }
            Self::Newer { store, found, known } => {
                write!(f, "the store {store} has format {found}, this causerie knows up to {known}; start a newer one")
            }
            Self::Missing { dir } => {
                write!(f, "there is no store in {}; name the directory of one: --data DIR", dir.display())
            }
            Self::Forked { store, position: Position(position), stored, replayed } => {
                write!(f, "the store {store} replays to another state: after {position} records the stored state is ")?;
                write!(
                    f,
                    "{stored} and the replay comes to {replayed}; start the causerie that wrote it, and report this"
                )
            }
            Self::Io { store, why } => {
                write!(f, "the store {store} cannot be opened: {}; see to that and start again", said(why))
            }
        }
    }
}

/// What the system said, without its number.
fn said(why: &io::Error) -> String {
    let said = why.to_string();
    said.split(" (os error").next().unwrap_or(&said).to_owned()
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NotWritable { why, .. } | Self::Io { why, .. } => Some(why),
            Self::Locked { .. }
            | Self::Damaged { .. }
            | Self::Newer { .. }
            | Self::Missing { .. }
            | Self::Forked { .. } => None,
        }
    }
}

impl OpenError {
    /// Sorts what redb says.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the enum is redb's, and open")]
    pub(super) fn of(store: &str, error: redb::Error) -> Self {
        let (store, why) = (store.to_owned(), error.to_string());
        match error {
            redb::Error::Io(why)
                if !matches!(why.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof) =>
            {
                Self::Io { store, why }
            }
            redb::Error::DatabaseAlreadyOpen => Self::Locked { dir: store.into(), pid: None },
            redb::Error::UpgradeRequired(version) => Self::Newer { store, found: version.into(), known: FORMAT },
            // Whatever else it says about a file that was whole is damage.
            _ => Self::Damaged { store, why },
        }
    }

    pub(super) fn unread(store: &str, error: &LogError) -> Self {
        match error {
            LogError::Damaged { position: Position(position), why, .. } => {
                Self::Damaged { store: store.to_owned(), why: format!("record {position}: {why}") }
            }
            LogError::Unstored { .. } | LogError::Unread { .. } | LogError::Newer { .. } | LogError::Ended => {
                Self::Damaged { store: store.to_owned(), why: error.to_string() }
            }
        }
    }
}

impl Embedded {
    /// Opens the store in a directory, and makes both if they are not there. `wall` stamps the records.
    ///
    /// # Errors
    /// [`OpenError`]: nothing was changed.
    pub fn open(dir: &Path, wall: Wall) -> Result<Self, OpenError> {
        let unwritable = |why| OpenError::NotWritable { dir: dir.to_owned(), why };
        fs::create_dir_all(dir).map_err(unwritable)?;
        let lock = lock(dir)?;
        clear_unfinished(dir).map_err(unwritable)?;
        if !dir.join(STORE).exists() {
            create(dir)?;
        }
        Self::open_locked(dir, lock, wall)
    }

    /// Opens the store in a directory that must have one.
    pub(super) fn open_existing(dir: &Path, wall: Wall) -> Result<Self, OpenError> {
        match fs::metadata(dir.join(STORE)) {
            Ok(found) if found.len() > 0 => Self::open_locked(dir, lock(dir)?, wall),
            Ok(_) => Err(OpenError::Missing { dir: dir.to_owned() }),
            Err(why) if matches!(why.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                Err(OpenError::Missing { dir: dir.to_owned() })
            }
            Err(why) => Err(OpenError::Io { store: dir.display().to_string(), why }),
        }
    }

    fn open_locked(dir: &Path, lock: File, wall: Wall) -> Result<Self, OpenError> {
        let store = dir.display().to_string();
        let file = OpenOptions::new().read(true).write(true).open(dir.join(STORE));
        let file = file.map_err(|why| OpenError::Io { store: store.clone(), why })?;
        let backend = FileBackend::new(file).map_err(|error| OpenError::of(&store, error.into()))?;
        Self::on(Disk::new(backend), store, Some(lock), wall)
    }

    /// Opens the store on a disk of one's own, a simulated one say, and makes it if the disk is empty. Making it is not
    /// all or nothing here: whoever owns the disk takes care of that.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn on_backend(backend: impl StorageBackend, wall: Wall) -> Result<Self, OpenError> {
        let store = "(on a disk of its own)".to_owned();
        let empty = backend.len().map_err(|why| OpenError::Io { store: store.clone(), why })? == 0;
        let disk = Disk::new(backend);
        if empty {
            let made = builder().create_with_backend(disk.clone()).map_err(redb::Error::from);
            made.and_then(|db| describe(&db)).map_err(|error| OpenError::of(&store, error))?;
        }
        Self::on(disk, store, None, wall)
    }

    fn on(disk: Disk, name: String, lock: Option<File>, mut wall: Wall) -> Result<Self, OpenError> {
        let empty = disk.len().map_err(|why| OpenError::Io { store: name.clone(), why })? == 0;
        if empty {
            return Err(OpenError::Damaged { store: name, why: "its file is empty".to_owned() });
        }
        let db = builder().create_with_backend(disk.clone()).map_err(|error| OpenError::of(&name, error.into()))?;
        check_format(&db, &name)?;
        let last = last_record(&db).map_err(|error| OpenError::of(&name, error))?;
        let next = Position(last.as_ref().map_or(0, |(position, _)| position + 1));
        if let Some((position, bytes)) = last {
            let damaged = |why| OpenError::Damaged { store: name.clone(), why: format!("record {position}: {why}") };
            let stored = format::unpack(Position(position), &bytes).map_err(damaged)?;
            let (last, now) = (stored.at, wall());
            if last > now {
                tracing::warn!(last = %last.rfc3339(), now = %now.rfc3339(), "the clock is behind the last record's time");
            }
        }
        Ok(Self { db: Some(db), disk, name, next, floating: Vec::new(), afloat: 0, lost: false, wall, _lock: lock })
    }
}

pub(super) fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE_BYTES_MAX);
    builder.set_repair_callback(|repair| {
        tracing::warn!(
            progress = repair.progress(),
            "the store is repaired from the whole of its file: this takes a while"
        );
    });
    builder
}

/// Takes the directory's lock and leaves our pid in it.
fn lock(dir: &Path) -> Result<File, OpenError> {
    let unwritable = |why| OpenError::NotWritable { dir: dir.to_owned(), why };
    let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(dir.join(LOCK));
    let mut file = opened.map_err(unwritable)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut pid = String::new();
            let read = file.read_to_string(&mut pid);
            let pid = read.ok().and_then(|_| pid.trim().parse().ok());
            return Err(OpenError::Locked { dir: dir.to_owned(), pid });
        }
        Err(TryLockError::Error(why)) => return Err(unwritable(why)),
    }
    let write = |file: &mut File| {
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())
    };
    write(&mut file).map_err(unwritable)?;
    Ok(file)
}

/// Removes what an interrupted creation left: a file under the temporary name, or one without a single byte.
fn clear_unfinished(dir: &Path) -> io::Result<()> {
    let store = dir.join(STORE);
    if fs::metadata(&store).is_ok_and(|found| found.len() == 0) {
        fs::remove_file(store)?;
    }
    match fs::remove_file(dir.join(UNFINISHED)) {
        Err(why) if why.kind() != io::ErrorKind::NotFound => Err(why),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Makes an empty store, all or nothing.
fn create(dir: &Path) -> Result<(), OpenError> {
    let unfinished = dir.join(UNFINISHED);
    let made = builder().create(&unfinished).map_err(redb::Error::from).and_then(|db| describe(&db));
    made.map_err(|error| OpenError::of(&dir.display().to_string(), error))?;
    let publish = || {
        File::open(&unfinished)?.sync_all()?;
        fs::rename(&unfinished, dir.join(STORE))?;
        sync_dir(dir)?;
        dir.canonicalize()?.parent().map_or(Ok(()), sync_dir)
    };
    publish().map_err(|why| OpenError::NotWritable { dir: dir.to_owned(), why })
}

/// Makes the names in a directory durable, where directories can be opened.
fn sync_dir(dir: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(dir)?.sync_all() } else { Ok(()) }
}

/// Writes what this file is, and all tables.
fn describe(db: &Database) -> Result<(), redb::Error> {
    let mut txn = db.begin_write()?;
    txn.set_durability(Durability::Immediate).map_err(redb::Error::from)?;
    txn.set_quick_repair(true);
    txn.open_table(META)?.insert("format", FORMAT)?;
    tables::create(&txn)?;
    txn.commit()?;
    Ok(())
}

fn check_format(db: &Database, store: &str) -> Result<(), OpenError> {
    let read = || -> Result<Option<u64>, redb::Error> {
        Ok(db.begin_read()?.open_table(META)?.get("format")?.map(|format| format.value()))
    };
    match read().map_err(|error| OpenError::of(store, error))? {
        Some(FORMAT) => Ok(()),
        Some(found) => Err(OpenError::Newer { store: store.to_owned(), found, known: FORMAT }),
        None => Err(OpenError::Damaged { store: store.to_owned(), why: "it does not say its format".to_owned() }),
    }
}

fn last_record(db: &Database) -> Result<Option<(u64, Vec<u8>)>, redb::Error> {
    let txn = db.begin_read()?;
    let table = txn.open_table(RECORDS)?;
    Ok(table.last()?.map(|(position, bytes)| (position.value(), bytes.value().to_vec())))
}
