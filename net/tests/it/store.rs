//! The store in its directory: created whole, opened once, never repaired by cutting off.

use std::fs;
use std::path::Path;

use causerie_core::limits::FoldLimits;
use causerie_core::protocol::{Intent, LogId, Position};
use causerie_net::log::conformance::{Keeper, Story};
use causerie_net::log::{Embedded, Engine, LogError, Memory, OpenError, Order, recover, verify};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};

use crate::subjects::{Inlined, OnDisk, jumping_wall};

const RECORDS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("records");
const ENTRIES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("entries");
const SNAPSHOTS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("snapshots");
const META: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");

/// A store of 300 records with snapshots after 50, 100 and 200, of which it keeps two.
async fn store() -> OnDisk {
    let mut subject = Inlined(OnDisk::new());
    let mut story = Story::new(11);
    let mut keeper = Keeper::open(&mut subject);
    for count in [50, 50, 100] {
        keeper.play(story.by_ref().take(count)).await;
        keeper.snapshot();
    }
    keeper.play(story.take(100)).await;
    drop(keeper.log.close());
    subject.0
}

fn open(dir: &Path) -> Result<Embedded, OpenError> {
    Embedded::open(dir, jumping_wall())
}

/// An error as people see it, with the directory's name taken out.
fn shown(error: &impl std::fmt::Display, dir: &Path) -> String {
    error.to_string().replace(&dir.display().to_string(), "DIR")
}

/// Changes the file behind the program's back.
fn tamper(dir: &Path, change: impl FnOnce(&redb::WriteTransaction)) {
    let db = Database::open(dir.join("causerie.redb")).unwrap();
    let txn = db.begin_write().unwrap();
    change(&txn);
    txn.commit().unwrap();
}

fn flip_last_byte(txn: &redb::WriteTransaction, table: TableDefinition<'_, u64, &[u8]>, key: u64) {
    let mut table = txn.open_table(table).unwrap();
    let mut bytes = table.get(key).unwrap().unwrap().value().to_vec();
    *bytes.last_mut().unwrap() ^= 4;
    table.insert(key, bytes.as_slice()).unwrap();
}

#[test]
fn a_second_process_is_refused_and_told_who_has_the_store() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(dir.path()).unwrap();
    let error = open(dir.path()).unwrap_err();
    let message = shown(&error, dir.path()).replace(&std::process::id().to_string(), "PID");
    insta::assert_snapshot!(message, @"the store DIR is in use by another causerie (pid PID); stop it, or choose another directory: --data DIR");
    let error = verify(dir.path()).unwrap_err();
    assert!(matches!(error, OpenError::Locked { pid: Some(pid), .. } if pid == std::process::id()));
    drop(first);
    open(dir.path()).unwrap();
}

#[tokio::test]
async fn an_interrupted_creation_never_happened() {
    let left: [(&str, &[u8]); 3] = [
        ("causerie.redb.new", b"redb\x1a\x0a\xa9\x0d\x0a half of it"),
        ("causerie.redb.new", b""),
        ("causerie.redb", b""),
    ];
    for (name, bytes) in left {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(name), bytes).unwrap();
        let mut engine = open(dir.path()).unwrap();
        assert_eq!(recover(&mut engine).unwrap().replayed, 0);
        let mut names: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["causerie.redb", "lock"], "after {name} with {} bytes", bytes.len());
    }
}

#[tokio::test]
async fn a_leftover_creation_beside_a_store_leaves_the_store_alone() {
    let store = store().await;
    fs::write(store.0.path().join("causerie.redb.new"), b"half").unwrap();
    let mut engine = open(store.0.path()).unwrap();
    assert_eq!(recover(&mut engine).unwrap().chat.next(), Position(300));
}

#[test]
fn a_directory_that_cannot_be_is_named() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("file"), b"").unwrap();
    let error = open(&dir.path().join("file/data")).unwrap_err();
    insta::assert_snapshot!(shown(&error, dir.path()), @"cannot write to DIR/file/data: Not a directory; give this user the right to, or choose another directory: --data DIR");
    let error = verify(&dir.path().join("nowhere")).unwrap_err();
    insta::assert_snapshot!(shown(&error, dir.path()), @"there is no store in DIR/nowhere; name the directory of one: --data DIR");
}

#[tokio::test]
async fn a_sound_store_is_verified_from_the_start() {
    let store = store().await;
    let mut engine = open(store.0.path()).unwrap();
    let recovery = recover(&mut engine).unwrap();
    drop(engine);
    let found = verify(store.0.path()).unwrap();
    assert_eq!((found.records, found.snapshots, found.repaired), (300, 2, false));
    assert_eq!((found.head, found.hash), (recovery.chat.head(), recovery.chat.hash()));
    assert_eq!((found.entries, found.kept), (found.head.0, found.head.0));
}

#[tokio::test]
async fn a_rotten_record_stops_the_start_and_names_the_command_that_verifies() {
    let store = store().await;
    let dir = store.0.path();
    tamper(dir, |txn| flip_last_byte(txn, RECORDS, 250));
    let error = recover(&mut open(dir).unwrap()).unwrap_err();
    assert!(matches!(error, LogError::Damaged { position: Position(250), .. }));
    insta::assert_snapshot!(shown(&error, dir), @"the store DIR is damaged at record 250: its checksum does not match; see how much of it can be read: causerie verify --data DIR");
    insta::assert_snapshot!(shown(&verify(dir).unwrap_err(), dir), @"the store DIR is damaged: record 250: its checksum does not match; see how much of it can be read: causerie verify --data DIR");
    let db = Database::open(dir.join("causerie.redb")).unwrap();
    let records = db.begin_read().unwrap().open_table(RECORDS).unwrap();
    assert_eq!(records.last().unwrap().unwrap().0.value(), 299, "nothing was cut off");
}

#[tokio::test]
async fn a_rotten_last_record_stops_the_opening() {
    let store = store().await;
    let dir = store.0.path();
    tamper(dir, |txn| flip_last_byte(txn, RECORDS, 299));
    insta::assert_snapshot!(shown(&open(dir).unwrap_err(), dir), @"the store DIR is damaged: record 299: its checksum does not match; see how much of it can be read: causerie verify --data DIR");
}

#[tokio::test]
async fn a_missing_record_stops_the_start() {
    let store = store().await;
    let dir = store.0.path();
    tamper(dir, |txn| drop(txn.open_table(RECORDS).unwrap().remove(250).unwrap()));
    let error = recover(&mut open(dir).unwrap()).unwrap_err();
    insta::assert_snapshot!(shown(&error, dir), @"the store DIR is damaged at record 250: it is missing, the next there is 251; see how much of it can be read: causerie verify --data DIR");
}

#[tokio::test]
async fn records_that_a_snapshot_covers_are_missed_when_they_are_gone() {
    let store = store().await;
    let dir = store.0.path();
    tamper(dir, |txn| txn.open_table(RECORDS).unwrap().retain(|position, _| position < 150).unwrap());
    let error = recover(&mut open(dir).unwrap()).unwrap_err();
    insta::assert_snapshot!(shown(&error, dir), @"the store DIR is damaged at record 199: a snapshot covers it, and it is not there; see how much of it can be read: causerie verify --data DIR");
}

#[tokio::test]
async fn a_file_that_is_not_a_store_is_damaged_and_left_alone() {
    let store = store().await;
    let dir = store.0.path();
    let file = dir.join("causerie.redb");
    fs::write(&file, b"dear diary").unwrap();
    let error = open(dir).unwrap_err();
    assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
    assert_eq!(fs::read(&file).unwrap(), b"dear diary");
}

#[tokio::test]
async fn a_store_of_a_later_format_is_refused() {
    let store = store().await;
    let dir = store.0.path();
    tamper(dir, |txn| drop(txn.open_table(META).unwrap().insert("format", 2).unwrap()));
    insta::assert_snapshot!(shown(&open(dir).unwrap_err(), dir), @"the store DIR has format 2, this causerie knows up to 1; start a newer one");
}

#[tokio::test]
async fn deleting_the_snapshots_changes_nothing_but_the_start() {
    let store = store().await;
    let dir = store.0.path();
    let with = recover(&mut open(dir).unwrap()).unwrap();
    tamper(dir, |txn| txn.open_table(SNAPSHOTS).unwrap().retain(|_, _| false).unwrap());
    let without = recover(&mut open(dir).unwrap()).unwrap();
    assert_eq!((with.replayed, without.replayed), (100, 300));
    assert_eq!(with.chat, without.chat);
    assert_eq!((with.kept, without.kept), (0, 0));
}

#[tokio::test]
async fn a_lost_history_is_made_of_the_records_again() {
    let store = store().await;
    let dir = store.0.path();
    tamper(dir, |txn| {
        txn.open_table(SNAPSHOTS).unwrap().retain(|_, _| false).unwrap();
        txn.open_table(ENTRIES).unwrap().retain(|_, _| false).unwrap();
    });
    let recovery = recover(&mut open(dir).unwrap()).unwrap();
    assert_eq!(recovery.kept, recovery.chat.head().0);
    assert_eq!(verify(dir).unwrap().kept, recovery.kept);
}

#[tokio::test]
async fn a_snapshot_that_a_replay_does_not_come_to_is_a_fork() {
    let store = store().await;
    let dir = store.0.path();
    tamper(dir, |txn| {
        let mut table = txn.open_table(SNAPSHOTS).unwrap();
        let bytes = [&[0xab; 32], &table.get(200).unwrap().unwrap().value()[32..]].concat();
        table.insert(200, bytes.as_slice()).unwrap();
    });
    let error = shown(&verify(dir).unwrap_err(), dir);
    let (before, after) = error.split_once("the replay comes to ").unwrap();
    insta::assert_snapshot!(before, @"the store DIR replays to another state: after 200 records the stored state is abababababababababababababababababababababababababababababababab and ");
    assert!(after.ends_with("; start the causerie that wrote it, and report this"), "{after}");
    assert_eq!(recover(&mut open(dir).unwrap()).unwrap().replayed, 200, "the snapshot before it is used");
}

#[tokio::test]
async fn history_that_says_otherwise_than_the_records_is_noticed() {
    let store = store().await;
    let dir = store.0.path();
    tamper(dir, |txn| {
        let mut table = txn.open_table(ENTRIES).unwrap();
        let other = table.get(5).unwrap().unwrap().value().to_vec();
        table.insert(6, other.as_slice()).unwrap();
    });
    insta::assert_snapshot!(shown(&verify(dir).unwrap_err(), dir), @"the store DIR is damaged: history does not say of entry #6 what its record says; see how much of it can be read: causerie verify --data DIR");
}

#[test]
fn an_empty_log_in_memory_recovers_to_nothing() {
    let recovery = recover(&mut Memory::new(jumping_wall())).unwrap();
    assert_eq!((recovery.chat.next(), recovery.replayed, recovery.kept), (Position(0), 0, 0));
}

#[tokio::test]
async fn a_log_under_later_rules_is_refused_before_anything_is_folded() {
    let dir = tempfile::tempdir().unwrap();
    let mut record = Story::new(1).next().unwrap();
    let limits = FoldLimits::default();
    let log = LogId::new([1; 16]);
    record.intents = vec![Intent::Genesis { log, fold: 99, limits }];
    open(dir.path()).unwrap().run(vec![Order::Append(record)]);
    let error = recover(&mut open(dir.path()).unwrap()).unwrap_err();
    insta::assert_snapshot!(shown(&error, dir.path()), @"the store DIR was written by a newer causerie from record 0 on; start that one");
}
