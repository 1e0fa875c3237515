//! The logs there are, as subjects of the conformance suite.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use causerie_core::protocol::Position;
use causerie_core::time::WallTime;
use causerie_net::clock::Wall;
use causerie_net::log::conformance::Subject;
use causerie_net::log::{Embedded, Engine, Inline, Log, Memory, Recovery, Stored, Threaded, recover};
use tempfile::TempDir;

/// A clock that jumps: three milliseconds on, and now and then one second back.
pub(crate) fn jumping_wall() -> Wall {
    let calls = Arc::new(AtomicU64::new(0));
    Box::new(move || {
        let call = calls.fetch_add(1, Ordering::Relaxed);
        let back = if call % 5 == 4 { 1_000 } else { 0 };
        WallTime(1_795_254_062_000 + 3 * call - back)
    })
}

/// Where an engine is when its log is closed.
pub(crate) trait Shelf {
    type Engine: Engine + Send + 'static;
    fn take(&mut self) -> Self::Engine;
    fn put(&mut self, engine: Self::Engine);
}

/// A log in memory is its engine.
pub(crate) struct Kept(Option<Memory>);

impl Kept {
    pub(crate) fn new() -> Self {
        Self(Some(Memory::new(jumping_wall())))
    }
}

impl Shelf for Kept {
    type Engine = Memory;

    fn take(&mut self) -> Memory {
        self.0.take().unwrap()
    }

    fn put(&mut self, engine: Memory) {
        self.0 = Some(engine);
    }
}

/// A log on a disk is what is in its directory.
pub(crate) struct OnDisk(pub(crate) TempDir);

impl OnDisk {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
}

impl Shelf for OnDisk {
    type Engine = Embedded;

    fn take(&mut self) -> Embedded {
        Embedded::open(self.0.path(), jumping_wall()).unwrap()
    }

    fn put(&mut self, engine: Embedded) {
        drop(engine);
    }
}

/// Runs an engine in the task that polls.
pub(crate) struct Inlined<S>(pub(crate) S);

/// Runs an engine on its thread.
pub(crate) struct OnThread<S>(pub(crate) S);

fn opened<S: Shelf>(shelf: &mut S) -> (Recovery, S::Engine) {
    let mut engine = shelf.take();
    (recover(&mut engine).unwrap(), engine)
}

fn all_stored<S: Shelf>(shelf: &mut S) -> Vec<Stored> {
    let engine = shelf.take();
    let mut all = Vec::new();
    loop {
        // Seven at a time, so that following from any place is part of every check.
        let some = engine.read(Position(all.len() as u64), 7).unwrap();
        if some.is_empty() {
            break;
        }
        all.extend(some);
    }
    shelf.put(engine);
    all
}

impl<S: Shelf> Subject for Inlined<S> {
    type Log = Inline<S::Engine>;

    fn open(&mut self) -> (Recovery, Self::Log) {
        let (recovery, engine) = opened(&mut self.0);
        (recovery, Inline::new(engine))
    }

    fn close(&mut self, log: Self::Log) {
        self.0.put(log.close());
    }

    fn stored(&mut self) -> Vec<Stored> {
        all_stored(&mut self.0)
    }
}

impl<S: Shelf> Subject for OnThread<S> {
    type Log = Threaded<S::Engine>;

    fn open(&mut self) -> (Recovery, Self::Log) {
        let (recovery, engine) = opened(&mut self.0);
        (recovery, Threaded::start(engine).unwrap())
    }

    fn close(&mut self, log: Self::Log) {
        self.0.put(log.close().unwrap());
    }

    fn stored(&mut self) -> Vec<Stored> {
        all_stored(&mut self.0)
    }
}

/// Everything a log has to say at once.
pub(crate) fn said(log: &mut impl Log) -> Vec<causerie_net::log::LogEvent> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let mut events = Vec::new();
    while let std::task::Poll::Ready(event) = log.poll_next(&mut context) {
        events.push(event);
    }
    events
}
