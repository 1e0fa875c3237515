//! Wakes a task at the moment its machine wants to be woken.

use std::pin::Pin;
use std::task::{Context, Poll};

use causerie_core::time::Timestamp;
use tokio::time::{Sleep, sleep_until};

use crate::clock::Clock;

/// One timer, set again whenever the machine's nearest deadline changes.
#[derive(Debug)]
pub(crate) struct Alarm {
    clock: Clock,
    sleep: Pin<Box<Sleep>>,
    set: Option<Timestamp>,
}

impl Alarm {
    /// An alarm that is not set.
    pub(crate) fn new(clock: Clock) -> Self {
        Self { clock, sleep: Box::pin(sleep_until(clock.instant(Timestamp::default()))), set: None }
    }

    /// Ready once `due` has come; without one, never.
    pub(crate) fn poll(&mut self, due: Option<Timestamp>, cx: &mut Context<'_>) -> Poll<()> {
        let Some(due) = due else {
            self.set = None;
            return Poll::Pending;
        };
        if self.set != Some(due) {
            self.sleep.as_mut().reset(self.clock.instant(due));
            self.set = Some(due);
        }
        let rung = self.sleep.as_mut().poll(cx);
        if rung.is_ready() {
            self.set = None;
        }
        rung
    }
}
