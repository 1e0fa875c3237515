//! A disk that fails at any operation: nothing is called committed that is not there at the next start.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use causerie_core::chat::Chat;
use causerie_core::history::Query;
use causerie_core::protocol::{Position, Room, Seq};
use causerie_net::log::conformance::{Keeper, Story};
use causerie_net::log::{Embedded, Engine, Inline, Log, LogEvent, Order, Stored, recover};
use redb::StorageBackend;

use crate::subjects::{jumping_wall, said};

/// Bytes in memory that outlive whoever has them open. Counts operations, and fails from one of them on.
#[derive(Clone, Debug, Default)]
struct Disk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// What the program sees.
    bytes: Vec<u8>,
    /// What a power loss leaves.
    synced: Vec<u8>,
    changes: u64,
    fails: Option<Fails>,
    failed: bool,
}

/// What fails, from the k-th change on.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fails {
    /// Syncs: the data is said to be lost, and may be there.
    Sync(u64),
    /// What needs room: growing, and writing.
    Full(u64),
    /// Everything, reading too.
    Dead(u64),
}

impl Disk {
    fn state<T>(&self, with: impl FnOnce(&mut State) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn changed(&self, syncs: bool) -> io::Result<()> {
        self.state(|state| {
            state.changes += 1;
            let fails = match state.fails {
                Some(Fails::Sync(k)) => syncs && state.changes >= k,
                Some(Fails::Full(k)) => !syncs && state.changes >= k,
                Some(Fails::Dead(k)) => state.changes >= k,
                None => false,
            };
            state.failed |= fails;
            if fails { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
        })
    }

    fn is_dead(&self) -> bool {
        self.state(|state| matches!(state.fails, Some(Fails::Dead(k)) if state.changes >= k))
    }

    /// The disk after a restart of the program, or after a power loss.
    fn after(&self, power_loss: bool) -> Self {
        let bytes = self.state(|state| if power_loss { state.synced.clone() } else { state.bytes.clone() });
        Self(Arc::new(Mutex::new(State { synced: bytes.clone(), bytes, ..State::default() })))
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.state(|state| state.bytes.len() as u64))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(offset).unwrap();
        if self.is_dead() {
            return Err(io::ErrorKind::NotConnected.into());
        }
        self.state(|state| match state.bytes.get(start..start + out.len()) {
            Some(bytes) => {
                out.copy_from_slice(bytes);
                Ok(())
            }
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        })
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.changed(false)?;
        self.state(|state| state.bytes.resize(usize::try_from(len).unwrap(), 0));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.changed(true)?;
        self.state(|state| state.synced.clone_from(&state.bytes));
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.changed(false)?;
        let start = usize::try_from(offset).unwrap();
        self.state(|state| state.bytes[start..start + data.len()].copy_from_slice(data));
        Ok(())
    }
}

/// What a run came to.
struct Run {
    /// What was called committed.
    committed: Vec<Stored>,
    /// Entries kept, the last of them.
    kept: Seq,
    /// How often it was said that the log is lost.
    lost: usize,
    log: Inline<Embedded>,
}

/// A short life on a disk: a few batches, each committed record folded and kept, a snapshot on the way. After each batch
/// history is asked, and knows all that was kept, durable or not, whatever became of the log.
fn live(disk: &Disk) -> Option<Run> {
    let mut engine = Embedded::on_backend(disk.clone(), jumping_wall()).ok()?;
    let chat = recover(&mut engine).ok()?.chat;
    let mut keeper = Keeper { chat, facts: Vec::new(), log: Inline::new(engine) };
    let (mut committed, mut lost) = (Vec::new(), 0);
    for (step, batch) in Story::new(12).take(60).collect::<Vec<_>>().chunks(5).enumerate() {
        for record in batch {
            keeper.log.submit(Order::Append(record.clone()));
        }
        for event in said(&mut keeper.log) {
            match event {
                LogEvent::Committed { position, at, record } => {
                    assert_eq!(lost, 0, "nothing is committed after the log is lost");
                    committed.push(Stored { position, at, record });
                    keeper.take(committed.last().unwrap());
                }
                LogEvent::Lost(_) => lost += 1,
                event @ (LogEvent::Loaded { .. } | LogEvent::LoadFailed { .. }) => panic!("nobody asked for {event:?}"),
            }
        }
        if step == 6 {
            keeper.snapshot();
        }
        keeper.log.submit(Order::Load { tag: 1, query: newest() });
        for event in said(&mut keeper.log) {
            match event {
                LogEvent::Loaded { found, .. } => assert_eq!(found.through, keeper.chat.head(), "all that was kept"),
                LogEvent::LoadFailed { .. } => assert!(disk.is_dead(), "reading fails only if the disk cannot be read"),
                LogEvent::Lost(_) => lost += 1,
                event @ LogEvent::Committed { .. } => panic!("all was committed, and there is {event:?}"),
            }
        }
    }
    Some(Run { committed, kept: keeper.chat.head(), lost, log: keeper.log })
}

fn newest() -> Query {
    Query::Room { reference: 1, room: Room::lobby(), after: Seq(0), before: None, limit: 9, bytes_max: 100_000 }
}

fn stored(disk: Disk) -> (Vec<Stored>, Chat) {
    let mut engine = Embedded::on_backend(disk, jumping_wall()).unwrap();
    let chat = recover(&mut engine).unwrap().chat;
    (engine.read(Position(0), 1_000).unwrap(), chat)
}

/// Makes an empty store and counts what a life on it takes.
fn made() -> (Disk, u64) {
    let disk = Disk::default();
    drop(Embedded::on_backend(disk.clone(), jumping_wall()).unwrap());
    let made = disk.after(false);
    let counted = made.after(false);
    let run = live(&counted).unwrap();
    assert_eq!((run.committed.len(), run.lost), (60, 0));
    drop(run);
    let changes = counted.state(|state| state.changes);
    (made, changes)
}

/// Breaks the disk at every operation in turn, and looks at what the next start finds.
fn survive(fails: fn(u64) -> Fails) {
    let (made, changes) = made();
    let mut losses = 0;
    for k in 1..=changes {
        let disk = made.after(false);
        disk.state(|state| state.fails = Some(fails(k)));
        let Some(run) = live(&disk) else {
            assert!(disk.state(|state| state.failed), "at {k}: it only fails if the disk does");
            continue;
        };
        assert!(run.lost <= 1, "at {k}: lost is said once");
        losses += run.lost;
        let Run { committed, log, .. } = run;
        for power_loss in [true, false] {
            let (found, chat) = stored(disk.after(power_loss));
            assert!(found.len() >= committed.len(), "at {k}: what was called committed is there");
            assert_eq!(found[..committed.len()], committed, "at {k}: and at its place");
            assert_eq!(chat.next(), Position(found.len() as u64), "at {k}");
        }
        drop(log);
        let (found, _) = stored(disk.after(false));
        assert_eq!(found[..committed.len()], committed, "at {k}: and after it was closed");
    }
    assert!(losses > 10, "the disk failed under way in {losses} runs only");
}

#[test]
fn a_sync_that_fails_at_any_time_loses_nothing_that_was_committed() {
    survive(Fails::Sync);
}

#[test]
fn a_disk_that_fills_up_at_any_time_loses_nothing_that_was_committed() {
    survive(Fails::Full);
}

#[test]
fn a_disk_that_dies_at_any_time_loses_nothing_that_was_committed() {
    survive(Fails::Dead);
}

#[test]
fn after_the_log_is_lost_history_is_read_on_and_nothing_is_appended() {
    let (made, changes) = made();
    for fails in [Fails::Full(changes / 2), Fails::Sync(changes / 2)] {
        let disk = made.after(false);
        disk.state(|state| state.fails = Some(fails));
        let run = live(&disk).unwrap();
        assert_eq!(run.lost, 1);
        let mut log = run.log;
        log.submit(Order::Append(Story::new(1).next().unwrap()));
        log.submit(Order::Load { tag: 7, query: newest() });
        let events = said(&mut log);
        let [LogEvent::Loaded { tag: 7, found, .. }] = &events[..] else { panic!("one answer, not {events:?}") };
        assert_eq!((found.entries.len(), found.through), (9, run.kept), "all that was kept is there, durable or not");
        let (found, _) = stored(disk.after(false));
        assert!(found.len() < 60, "what was submitted after the loss is not stored");
    }
}
