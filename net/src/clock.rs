//! The only reader of clocks in the workspace: machines are handed both kinds of time and read neither.

use std::time::{SystemTime, UNIX_EPOCH};

use causerie_core::time::{Timestamp, WallTime};

/// Tells the log's side what time of day it is. A simulator supplies its own.
pub type Wall = Box<dyn FnMut() -> WallTime + Send>;

/// The clock a driver hands its machine, counted from its own start.
///
/// It is tokio's, so a runtime with paused time, as a simulator's, is followed of itself.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    started: tokio::time::Instant,
}

impl Clock {
    /// A clock that starts here.
    #[must_use]
    pub fn start() -> Self {
        Self { started: tokio::time::Instant::now() }
    }

    /// How long ago that was.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::from_micros(u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX))
    }

    /// The moment on tokio's clock that a machine means: what to sleep until.
    #[must_use]
    pub fn instant(&self, at: Timestamp) -> tokio::time::Instant {
        self.started + at.since(Timestamp::default())
    }
}

/// The system's time of day.
#[must_use]
pub fn wall() -> WallTime {
    #[expect(clippy::disallowed_methods, reason = "this is the module that reads clocks")]
    let now = SystemTime::now();
    // A system clock before 1970 is decoration gone wrong, not a reason to stop.
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    WallTime(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// The system's time of day, as a log takes it.
#[must_use]
pub fn system_wall() -> Wall {
    Box::new(wall)
}
