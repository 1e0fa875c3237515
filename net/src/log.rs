//! The log: the one order everything happens in.
//!
//! A [`Log`] takes [`Order`]s and gives [`LogEvent`]s. All orders pass one queue, first in, first out: what is asked of
//! history sees every entry kept before it was asked, and a snapshot is stored with or after the entries it covers.
//!
//! What a log keeps is decided by a synchronous [`Engine`], one batch at a time: [`Memory`], or [`Embedded`] on a disk.
//! A runner makes a log of an engine: [`Threaded`] when shipped, [`Inline`] in tests, simulators and ephemeral servers.
//!
//! The laws, checked by [`conformance`] for every log:
//! 1. The same bytes at the same position for every reader, for ever.
//! 2. Committed only when durable, in order, once per position.
//! 3. What became of the appends that were under way when a log is lost is unknown: they may be found at the next start.
//!    They are never tried again here.
//! 4. The same record may be appended twice: the fold's business.
//! 5. Following from a position replays without a gap.
//! 6. The time of a record is stamped here, not by its author; the fold clamps it.
//! 7. After [`LogEvent::Lost`] nothing is committed. Reading goes on as far as it can.

use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::task::{Context, Poll};

use causerie_core::history::{Found, Query};
use causerie_core::protocol::{Ask, Entry, Intent, Position, Record, Seq, StateHash};
use causerie_core::time::WallTime;

pub mod conformance;
pub mod embedded;
mod error;
mod memory;
mod recovery;
mod runner;

pub use self::embedded::{Embedded, OpenError, Verified, verify};
pub use self::error::LogError;
pub use self::memory::Memory;
pub use self::recovery::{Recovery, recover};
pub use self::runner::{BATCH_BYTES_MAX, BATCH_ORDERS_MAX, Inline, Threaded};

/// What a log is to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Order {
    /// Put a record at the next position.
    Append(Record),
    /// Take facts into history. Taking them again changes nothing.
    Keep(Vec<Arc<Entry>>),
    /// Answer a question from history.
    Load {
        /// Comes back with the answer.
        tag: u64,
        /// The question.
        query: Query,
    },
    /// Keep the fold's state, so that the next start need not replay what it covers.
    Snapshot {
        /// The position after the last record folded in.
        position: Position,
        /// The state's digest.
        hash: StateHash,
        /// The state.
        bytes: Vec<u8>,
    },
}

/// What a log says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LogEvent {
    /// A record is at its place and stays there, whatever happens to this machine.
    Committed {
        /// Its place.
        position: Position,
        /// When the log took it.
        at: WallTime,
        /// The record.
        record: Record,
    },
    /// A question is answered.
    Loaded {
        /// From the order.
        tag: u64,
        /// The question.
        query: Query,
        /// The answer.
        found: Found,
    },
    /// A question could not be answered; others may be.
    LoadFailed {
        /// From the order.
        tag: u64,
        /// The question.
        query: Query,
        /// What went wrong.
        why: LogError,
    },
    /// Nothing is committed from here on; what was under way is unknown. Only a new start tells.
    Lost(LogError),
}

/// A record as it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stored {
    /// Its place.
    pub position: Position,
    /// When the log took it.
    pub at: WallTime,
    /// The record.
    pub record: Record,
}

/// A stored state of the fold. It is a cache: deleting it changes nothing but how long a start takes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snapshot {
    /// The position after the last record folded in.
    pub position: Position,
    /// The state's digest.
    pub hash: StateHash,
    /// The state.
    pub bytes: Vec<u8>,
}

/// The order everything happens in.
pub trait Log {
    /// Gives an order. It never waits and never fails: what came of it is told by [`Log::poll_next`]. An append after the
    /// log was lost is dropped.
    fn submit(&mut self, order: Order);

    /// What happened next. A log that has ended for good is pending for ever.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<LogEvent>;

    /// What happens next. Dropping the future loses nothing.
    fn next(&mut self) -> impl Future<Output = LogEvent> {
        poll_fn(|cx| self.poll_next(cx))
    }
}

/// The synchronous side of a log. Call [`recover`] once, then [`Engine::run`] for each batch.
pub trait Engine {
    /// Does what a batch of orders asks, as one commit, and says what came of it in the order of the orders. Once lost it
    /// says so once, before everything else in that batch, and only reads from then on.
    fn run(&mut self, batch: Vec<Order>) -> Vec<LogEvent>;

    /// Up to `limit` records from a position on, without a gap; none at the head.
    ///
    /// # Errors
    /// If they cannot be read, or one is not what was written.
    fn read(&self, from: Position, limit: usize) -> Result<Vec<Stored>, LogError>;

    /// The newest stored snapshot below a position.
    ///
    /// # Errors
    /// If it cannot be read.
    fn snapshot_below(&self, below: Position) -> Result<Option<Snapshot>, LogError>;

    /// The last entry taken into history.
    ///
    /// # Errors
    /// If it cannot be read.
    fn kept(&self) -> Result<Seq, LogError>;

    /// What to call this store in a message to a person.
    fn name(&self) -> String;
}

/// Snapshots that are stored: the newest, and one more should the newest not be readable.
const SNAPSHOTS_KEPT: usize = 2;

impl Order {
    /// About how many bytes it will take to store: for the limit of a batch, nothing else.
    fn weight(&self) -> usize {
        match self {
            Self::Append(record) => RECORD_WEIGHT + record.intents.iter().map(intent_weight).sum::<usize>(),
            Self::Keep(entries) => ENTRY_WEIGHT * entries.len(),
            Self::Load { .. } => 0,
            Self::Snapshot { bytes, .. } => bytes.len(),
        }
    }
}

fn intent_weight(intent: &Intent) -> usize {
    match intent {
        Intent::Ask { ask: Ask::Say { text, .. }, .. } => RECORD_WEIGHT + text.as_str().len(),
        Intent::Ask { ask: Ask::SayWith { text, tags, .. }, .. } => RECORD_WEIGHT + text.as_str().len() + tags.bytes(),
        Intent::Ask { .. }
        | Intent::Genesis { .. }
        | Intent::Started { .. }
        | Intent::Attach { .. }
        | Intent::Depart { .. }
        | Intent::Rules { .. }
        | Intent::Empower { .. } => RECORD_WEIGHT,
    }
}

/// What a record or an intent takes beside its text, about, in bytes.
const RECORD_WEIGHT: usize = 64;
/// What an entry and its places in the indexes take, about, in bytes.
const ENTRY_WEIGHT: usize = 512;
