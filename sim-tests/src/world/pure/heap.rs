//! What is to happen, by time; what was planned first happens first.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use causerie_core::history::{Found, Query};

use crate::plan::{Keeps, Way};

/// Something that happens.
#[derive(Debug)]
pub(super) enum Event {
    /// Somebody starts.
    Comes { who: usize },
    /// A deed's time has come.
    Deed { index: usize },
    /// A fault's time has come.
    Fault { index: usize },
    /// And is over.
    FaultEnds { index: usize },
    /// All faults are over.
    Heal,
    /// Is all quiet?
    Look,
    /// Something may have arrived at the end of a pipe.
    Arrive { conn: usize, way: Way },
    /// The server may write to a connection.
    Writable { conn: usize },
    /// A closing connection was waited for long enough.
    Flushed { conn: usize, incarnation: u32 },
    /// History answers.
    Loaded { conn: usize, incarnation: u32, found: Box<(Query, Found)> },
    /// A group commit is durable.
    Synced { incarnation: u32 },
    /// A connection is asked for, at the server.
    Connects { life: usize, attempt: u64 },
    /// And made, at the client.
    Connected { conn: usize },
    /// Or refused.
    NotConnected { life: usize, attempt: u64 },
    /// The power fails while that group is being synced.
    PowerFails { incarnation: u32, down_ms: u64 },
    /// The server's timer.
    ServerTimer,
    /// A client's timer.
    LifeTimer { life: usize },
    /// The server is started.
    StartServer,
    /// A client program is started.
    StartProgram { who: usize, keeps: Keeps },
    /// Somebody at netcat connects, for the first time or again.
    GuestComes { who: usize },
    /// A stranger says the next thing, or goes.
    StrangerSays { life: usize },
}

/// All that is to happen.
#[derive(Debug, Default)]
pub(super) struct Heap {
    due: BinaryHeap<Due>,
    planned: u64,
}

#[derive(Debug)]
struct Due {
    at: u64,
    order: u64,
    event: Event,
}

impl Heap {
    pub(super) fn at(&mut self, at: u64, event: Event) {
        self.planned += 1;
        self.due.push(Due { at, order: self.planned, event });
    }

    pub(super) fn next(&mut self) -> Option<(u64, Event)> {
        self.due.pop().map(|due| (due.at, due.event))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.order).cmp(&(self.at, self.order)) // The heap gives the greatest: the earliest is that.
    }
}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}

impl Eq for Due {}
