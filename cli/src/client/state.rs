//! What a client keeps over its own death: one JSON file, replaced as a whole, held by one client at a time.
//!
//! Each is locked by a file beside it, because the file itself is replaced. Without `--state` a client takes the first of
//! the server's files that no running client holds and that remembers the wanted name: so two people at one machine stay
//! two people, and each comes back as themselves.

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use causerie_core::client::{Memory, Pending};
use causerie_core::door::typed::{letters, modes};
use causerie_core::protocol::{Ask, Brief, Manner, Nick, Notice, RequestId, Room, RoomKey, Seq, Target, Text};
use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::failure::Failure;
use crate::paths;

/// The shape of the file. Fields are added; a file of a later shape is not touched.
const VERSION: u32 = 1;
/// Files of one server that are looked at.
const FILES_MAX: u32 = 64;

/// A state file that is ours while this lives.
#[derive(Debug)]
pub(crate) struct StateFile {
    path: PathBuf,
    _lock: File,
}

/// Which state file a client has, and what it remembers.
#[derive(Debug)]
pub(crate) struct Held {
    /// The file.
    pub(crate) file: StateFile,
    /// What is in it; none, if it is new.
    pub(crate) memory: Option<Memory>,
    /// Its number among the server's, from 1; 0 for a file that was named.
    pub(crate) number: u32,
}

impl StateFile {
    /// Takes a named file.
    ///
    /// # Errors
    /// If another client has it, or it cannot be read or understood.
    pub(crate) fn named(path: &Path) -> Result<Held, Failure> {
        let file = Self::lock(path)?.ok_or_else(|| Failure::StateLocked(path.to_owned()))?;
        let memory = file.load()?;
        Ok(Held { file, memory, number: 0 })
    }

    /// Takes one of a server's files: the first free one that remembers `nick`, or somebody if no name is wanted; else the
    /// first that is not there.
    ///
    /// # Errors
    /// If a free one cannot be read or understood.
    pub(crate) fn of_server(dir: &Path, server: &Address, nick: Option<&Nick>) -> Result<Held, Failure> {
        for number in 1..=FILES_MAX {
            let path = paths::client_state(dir, server, number);
            let Some(file) = Self::lock(&path)? else { continue };
            let memory = file.load()?;
            let wanted = match (&memory, nick) {
                (Some(memory), Some(nick)) => memory.nick.key() == nick.key(),
                (Some(_) | None, None) | (None, Some(_)) => true,
            };
            if wanted {
                return Ok(Held { file, memory, number });
            }
        }
        Err(Failure::StateLocked(paths::client_state(dir, server, FILES_MAX)))
    }

    /// The file, if nobody else holds it.
    fn lock(path: &Path) -> Result<Option<Self>, Failure> {
        let failed = |why| Failure::State { file: path.to_owned(), why };
        if let Some(dir) = path.parent() {
            fs::create_dir_all(dir).map_err(failed)?;
        }
        let lock = private().open(beside(path, "lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(Self { path: path.to_owned(), _lock: lock })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(why)) => Err(failed(why)),
        }
    }

    fn load(&self) -> Result<Option<Memory>, Failure> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(why) => return Err(Failure::State { file: self.path.clone(), why }),
        };
        decode(&bytes).map(Some).map_err(|why| Failure::StateDamaged { file: self.path.clone(), why })
    }

    /// Replaces what is kept, all of it or nothing, and has it on the disk before it returns.
    ///
    /// # Errors
    /// If it cannot be written: what was kept before is still there.
    pub(crate) fn save(&self, memory: &Memory) -> Result<(), Failure> {
        let new = beside(&self.path, "new");
        let replace = || {
            let mut file = private().truncate(true).open(&new)?;
            file.write_all(&encode(memory))?;
            file.sync_all()?;
            fs::rename(&new, &self.path)?;
            sync_dir(&self.path)
        };
        replace().map_err(|why| Failure::State { file: self.path.clone(), why })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// A file to be written, and made if it is not there: readable by nobody else.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// A rename is durable once its directory is.
fn sync_dir(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(dir) if cfg!(unix) => {
            let here = Path::new(".");
            File::open(if dir.as_os_str().is_empty() { here } else { dir })?.sync_all()
        }
        Some(_) | None => Ok(()),
    }
}

fn beside(path: &Path, what: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(what);
    name.into()
}

#[derive(Serialize, Deserialize)]
struct Stored {
    version: u32,
    key: String,
    nick: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    log: Option<String>,
    cursor: u64,
    next: u64,
    next_line: u64,
    outbox: VecDeque<StoredPending>,
}

#[derive(Serialize, Deserialize)]
struct StoredPending {
    line: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    n: Option<u64>,
    seen: u64,
    ask: StoredAsk,
    #[serde(default, rename = "ref", skip_serializing_if = "Option::is_none")]
    reference: Option<Box<str>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredAsk {
    Say {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        room: Option<String>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        to: Vec<String>,
        text: String,
        #[serde(default)]
        action: bool,
    },
    Join(String),
    Leave(String),
    Nick(String),
    Unlock {
        room: String,
        key: String,
    },
    Topic {
        room: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        topic: Option<String>,
    },
    Kick {
        room: String,
        nick: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    Invite {
        room: String,
        nick: String,
    },
    /// Modes as letters, with what they are about.
    Mode {
        room: String,
        modes: String,
    },
    Kill {
        nick: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
}

fn encode(memory: &Memory) -> Vec<u8> {
    let Memory { key, nick, log, cursor, next, next_line, outbox } = memory;
    let stored = Stored {
        version: VERSION,
        key: key.reveal().to_string(),
        nick: nick.to_string(),
        log: log.map(|log| log.to_string()),
        cursor: cursor.0,
        next: next.0,
        next_line: *next_line,
        outbox: outbox.iter().filter_map(store_pending).collect(),
    };
    let mut bytes = serde_json::to_vec_pretty(&stored).expect("a state is made of words that can be written");
    bytes.push(b'\n');
    bytes
}

fn store_pending(pending: &Pending) -> Option<StoredPending> {
    let name = |room: &Room| room.as_str().to_owned();
    let ask = match &*pending.ask {
        Ask::Say { to, text, manner } => {
            let (room, to) = match to {
                Target::Room(room) => (Some(room.as_str().into()), Vec::new()),
                Target::People(people) => (None, people.iter().map(ToString::to_string).collect()),
            };
            StoredAsk::Say { room, to, text: text.as_str().into(), action: *manner == Manner::Action }
        }
        Ask::Join { room } => StoredAsk::Join(room.as_str().into()),
        Ask::Leave { room } => StoredAsk::Leave(room.as_str().into()),
        Ask::Rename { nick } => StoredAsk::Nick(nick.to_string()),
        Ask::Unlock { room, key } => StoredAsk::Unlock { room: name(room), key: key.to_string() },
        Ask::Topic { room, topic } => {
            StoredAsk::Topic { room: name(room), topic: topic.as_ref().map(ToString::to_string) }
        }
        Ask::Kick { room, nick, reason } => {
            StoredAsk::Kick { room: name(room), nick: nick.to_string(), why: reason.as_ref().map(ToString::to_string) }
        }
        Ask::Invite { room, nick } => StoredAsk::Invite { room: name(room), nick: nick.to_string() },
        Ask::Change { room, changes } => StoredAsk::Mode { room: name(room), modes: letters(changes) },
        Ask::Kill { nick, reason } => {
            StoredAsk::Kill { nick: nick.to_string(), why: reason.as_ref().map(ToString::to_string) }
        }
        Ask::Void { .. } | Ask::SayWith { .. } => return None, // A client never asks it.
    };
    let (n, reference) = (pending.n.map(|n| n.0), pending.reference.as_deref().map(Box::from));
    Some(StoredPending { line: pending.line, n, seen: pending.seen.0, ask, reference })
}

fn decode(bytes: &[u8]) -> Result<Memory, String> {
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
    }
    let Versioned { version } = serde_json::from_slice(bytes).map_err(|why| why.to_string())?;
    if version != VERSION {
        return Err(format!("it has version {version}, this causerie knows {VERSION}"));
    }
    let stored: Stored = serde_json::from_slice(bytes).map_err(|why| why.to_string())?;
    Ok(Memory {
        key: stored.key.parse().map_err(|why| format!("its key: {why}"))?,
        nick: Nick::try_from(&*stored.nick).map_err(|why| why.to_string())?,
        log: stored.log.map(|log| log.parse().map_err(|why| format!("its log: {why}"))).transpose()?,
        cursor: Seq(stored.cursor),
        next: RequestId(stored.next),
        next_line: stored.next_line,
        outbox: stored.outbox.into_iter().map(restore_pending).collect::<Result<_, String>>()?,
    })
}

fn restore_pending(stored: StoredPending) -> Result<Pending, String> {
    let wrong = |why: causerie_core::protocol::Unclean| why.to_string();
    let nick = |name: &str| Nick::try_from(name).map_err(wrong);
    let room = |name: &str| Room::try_from(name).map_err(wrong);
    let brief = |text: Option<String>| text.map(|text| Brief::try_from(&*text)).transpose().map_err(wrong);
    let ask = match stored.ask {
        StoredAsk::Say { room: place, to, text, action } => {
            let to = match place {
                Some(name) => Target::Room(room(&name)?),
                None => Target::People(to.iter().map(|name| nick(name)).collect::<Result<_, String>>()?),
            };
            let manner = if action { Manner::Action } else { Manner::Plain };
            Ask::Say { to, text: Text::try_from(&*text).map_err(wrong)?, manner }
        }
        StoredAsk::Join(name) => Ask::Join { room: room(&name)? },
        StoredAsk::Leave(name) => Ask::Leave { room: room(&name)? },
        StoredAsk::Nick(name) => Ask::Rename { nick: nick(&name)? },
        StoredAsk::Unlock { room: name, key } => {
            Ask::Unlock { room: room(&name)?, key: RoomKey::try_from(&*key).map_err(wrong)? }
        }
        StoredAsk::Topic { room: name, topic } => Ask::Topic { room: room(&name)?, topic: brief(topic)? },
        StoredAsk::Kick { room: name, nick: whom, why } => {
            Ask::Kick { room: room(&name)?, nick: nick(&whom)?, reason: brief(why)? }
        }
        StoredAsk::Invite { room: name, nick: whom } => Ask::Invite { room: room(&name)?, nick: nick(&whom)? },
        StoredAsk::Mode { room: name, modes: written } => {
            let mut words = written.split(' ');
            let changes = modes(words.next().unwrap_or_default(), words);
            Ask::Change { room: room(&name)?, changes: changes.map_err(|slip| Notice::from(slip).to_string())? }
        }
        StoredAsk::Kill { nick: whom, why } => Ask::Kill { nick: nick(&whom)?, reason: brief(why)? },
    };
    let (n, reference) = (stored.n.map(RequestId), stored.reference.map(Arc::from));
    Ok(Pending { line: stored.line, n, seen: Seq(stored.seen), ask: Arc::new(ask), reference, sent: false })
}

#[cfg(test)]
mod tests;
