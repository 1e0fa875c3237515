//! What makes a log of an engine: a thread of its own, or the task that polls.

use std::collections::VecDeque;
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};
use std::thread::JoinHandle;

use causerie_core::history::Query;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{Engine, Log, LogError, LogEvent, Order};

/// Orders in one commit.
pub const BATCH_ORDERS_MAX: usize = 4_096;
/// Bytes in one commit, about; one order is taken whatever its size.
pub const BATCH_BYTES_MAX: usize = 8 * 1_024 * 1_024;

/// Runs an engine on a thread of its own, `causerie-log`. While that syncs one batch the next gathers: no timer, no knob.
///
/// Neither queue has a bound of its own, because [`Log::submit`] cannot wait: what is in them is bounded by the server's
/// `proposals_max` (a few times over, if it proposes again) and `loads_max`. Dropped, it finishes what was submitted and waits for the thread.
#[derive(Debug)]
pub struct Threaded<E> {
    /// None once closed.
    orders: Option<mpsc::Sender<Order>>,
    events: UnboundedReceiver<LogEvent>,
    /// None once joined.
    thread: Option<JoinHandle<E>>,
    /// Nothing more is committed: said once.
    lost: bool,
    /// What was asked of history and has no answer: if the thread dies, the answer is that there will be none.
    asked: VecDeque<(u64, Query)>,
    waker: Option<Waker>,
}

impl<E: Engine + Send + 'static> Threaded<E> {
    /// Starts the thread.
    ///
    /// # Errors
    /// If the system grants no thread.
    pub fn start(engine: E) -> std::io::Result<Self> {
        let (orders, submitted) = mpsc::channel();
        let (said, events) = unbounded_channel();
        let work = move || work(engine, &submitted, &said);
        let thread = std::thread::Builder::new().name("causerie-log".to_owned()).spawn(work)?;
        Ok(Self {
            orders: Some(orders),
            events,
            thread: Some(thread),
            lost: false,
            asked: VecDeque::new(),
            waker: None,
        })
    }

    /// Finishes what was submitted and gives the engine back; `None` if its thread died.
    #[must_use]
    pub fn close(mut self) -> Option<E> {
        self.join()
    }
}

impl<E> Threaded<E> {
    fn join(&mut self) -> Option<E> {
        self.orders = None;
        let ended = self.thread.take()?.join();
        if ended.is_err() {
            tracing::error!("the log's thread ended by a panic: what was under way is unknown until the next start");
        }
        ended.ok()
    }
}

fn work<E: Engine>(mut engine: E, submitted: &mpsc::Receiver<Order>, said: &UnboundedSender<LogEvent>) -> E {
    while let Ok(first) = submitted.recv() {
        let batch = gather(first, || submitted.try_recv().ok());
        for event in engine.run(batch) {
            // Nobody listens any more while it closes; what was submitted is stored all the same.
            let _unheard = said.send(event);
        }
    }
    engine
}

fn gather(first: Order, mut more: impl FnMut() -> Option<Order>) -> Vec<Order> {
    let mut bytes = first.weight();
    let mut batch = vec![first];
    while batch.len() < BATCH_ORDERS_MAX && bytes < BATCH_BYTES_MAX {
        let Some(order) = more() else { break };
        bytes += order.weight();
        batch.push(order);
    }
    batch
}

impl<E> Log for Threaded<E> {
    fn submit(&mut self, order: Order) {
        if let Order::Load { tag, query } = &order {
            self.asked.push_back((*tag, query.clone()));
        }
        if let Some(orders) = &self.orders
            && orders.send(order).is_err()
            && let Some(waker) = self.waker.take()
        {
            waker.wake(); // The thread is gone: `poll_next` says so.
        }
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<LogEvent> {
        match self.events.poll_recv(cx) {
            Poll::Ready(Some(event)) => {
                self.lost |= matches!(event, LogEvent::Lost(_));
                if let LogEvent::Loaded { .. } | LogEvent::LoadFailed { .. } = event {
                    self.asked.pop_front(); // They are answered in order.
                }
                Poll::Ready(event)
            }
            Poll::Ready(None) if !self.lost => {
                self.lost = true;
                Poll::Ready(LogEvent::Lost(LogError::Ended))
            }
            Poll::Ready(None) => match self.asked.pop_front() {
                Some((tag, query)) => Poll::Ready(LogEvent::LoadFailed { tag, query, why: LogError::Ended }),
                None => {
                    self.waker = Some(cx.waker().clone());
                    Poll::Pending
                }
            },
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<E> Drop for Threaded<E> {
    fn drop(&mut self) {
        let _engine = self.join();
    }
}

/// Runs an engine wherever the log is polled: for tests, simulators and ephemeral servers.
///
/// Dropped, it does nothing more: what was submitted and not polled for was never done, as after a power loss.
#[derive(Debug)]
pub struct Inline<E> {
    engine: E,
    submitted: VecDeque<Order>,
    said: VecDeque<LogEvent>,
    waker: Option<Waker>,
}

impl<E: Engine> Inline<E> {
    /// A log of this engine.
    #[must_use]
    pub const fn new(engine: E) -> Self {
        Self { engine, submitted: VecDeque::new(), said: VecDeque::new(), waker: None }
    }

    /// Finishes what was submitted and gives the engine back.
    #[must_use]
    pub fn close(mut self) -> E {
        while self.step() {}
        self.engine
    }

    /// Runs one batch, if anything was submitted.
    fn step(&mut self) -> bool {
        let Some(first) = self.submitted.pop_front() else { return false };
        let batch = gather(first, || self.submitted.pop_front());
        self.said.extend(self.engine.run(batch));
        true
    }
}

impl<E: Engine> Log for Inline<E> {
    fn submit(&mut self, order: Order) {
        self.submitted.push_back(order);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<LogEvent> {
        loop {
            if let Some(event) = self.said.pop_front() {
                return Poll::Ready(event);
            }
            if !self.step() {
                self.waker = Some(cx.waker().clone());
                return Poll::Pending;
            }
        }
    }
}
