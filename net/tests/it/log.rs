//! Every log keeps the laws.

use causerie_net::log::conformance::{Story, check};
use causerie_net::log::{Embedded, Engine, Log, LogError, LogEvent, Memory, Order, Snapshot, Stored, Threaded};

use crate::subjects::{Inlined, Kept, OnDisk, OnThread, jumping_wall, said};
use causerie_core::history::Query;
use causerie_core::protocol::{Position, Room, Seq};

#[tokio::test]
async fn a_log_in_memory_keeps_the_laws() {
    check(|| Inlined(Kept::new())).await;
}

#[tokio::test]
async fn a_log_in_memory_on_a_thread_keeps_the_laws() {
    check(|| OnThread(Kept::new())).await;
}

#[tokio::test]
async fn the_embedded_log_keeps_the_laws() {
    check(|| Inlined(OnDisk::new())).await;
}

#[tokio::test]
async fn the_embedded_log_on_a_thread_keeps_the_laws() {
    check(|| OnThread(OnDisk::new())).await;
}

#[test]
fn a_dropped_log_finishes_what_was_submitted_first() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = Threaded::start(Embedded::open(dir.path(), jumping_wall()).unwrap()).unwrap();
    for record in Story::new(1).take(300) {
        log.submit(Order::Append(record));
    }
    drop(log);
    let engine = Embedded::open(dir.path(), jumping_wall()).unwrap();
    assert_eq!(engine.read(Position(0), 1_000).unwrap().len(), 300);
}

#[tokio::test]
async fn a_log_whose_thread_dies_is_lost_and_says_so_once() {
    struct Dies(Memory);

    impl Engine for Dies {
        fn run(&mut self, _: Vec<Order>) -> Vec<LogEvent> {
            panic!("the disk lies about what it synced (this panic is part of a test)");
        }

        fn read(&self, from: Position, limit: usize) -> Result<Vec<Stored>, LogError> {
            self.0.read(from, limit)
        }

        fn snapshot_below(&self, below: Position) -> Result<Option<Snapshot>, LogError> {
            self.0.snapshot_below(below)
        }

        fn kept(&self) -> Result<Seq, LogError> {
            self.0.kept()
        }

        fn name(&self) -> String {
            self.0.name()
        }
    }

    let mut log = Threaded::start(Dies(Memory::new(jumping_wall()))).unwrap();
    log.submit(Order::Append(Story::new(1).next().unwrap()));
    assert_eq!(log.next().await, LogEvent::Lost(LogError::Ended));
    log.submit(Order::Append(Story::new(1).next().unwrap()));
    assert_eq!(said(&mut log), []);
    // Whoever asks is told that there will be no answer.
    let query = Query::Room { reference: 1, room: Room::lobby(), after: Seq(0), before: None, limit: 1, bytes_max: 1 };
    log.submit(Order::Load { tag: 7, query: query.clone() });
    assert_eq!(log.next().await, LogEvent::LoadFailed { tag: 7, query, why: LogError::Ended });
}
