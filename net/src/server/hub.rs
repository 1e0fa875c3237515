//! The machine, the log's near end, and what every task of a server shares.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::mem;
use std::net::SocketAddr;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use causerie_core::history::{Found, Query};
use causerie_core::limits::Limits;
use causerie_core::planted;
use causerie_core::protocol::Through;
use causerie_core::server::{ConnId, Input, Output, Server};
use causerie_core::time::Timestamp;
use tokio::sync::{Notify, oneshot};

use super::browsers::Web;
use super::{Entropy, Hosting, Observed, Observer};
use crate::alarm::Alarm;
use crate::clock::Clock;
use crate::log::{Log, LogEvent, Order};

/// Shared by all tasks of a server, each of which borrows it within one poll.
pub(super) struct Hub<L> {
    server: Server,
    log: L,
    limits: Limits,
    clock: Clock,
    entropy: Entropy,
    observe: Observer,
    desks: BTreeMap<ConnId, Rc<Desk>>,
    /// Connections there ever were: the number of the last one.
    opened: u64,
    /// Orders of the input being handled; empty between inputs.
    outputs: Vec<Output>,
    /// Where bytes are read into: one buffer, because they are handed over before anything else is read.
    scratch: Vec<u8>,
    driver: Driver,
    pub(super) web: Web,
}

/// What the machine has ordered for one connection, until its task gets to it.
#[derive(Default)]
pub(super) struct Desk {
    /// Where it came from.
    peer: String,
    /// Something may be pending.
    pub(super) ready: Cell<bool>,
    /// It is not to be read.
    pub(super) paused: Cell<bool>,
    /// It is to be closed once what is pending is written.
    pub(super) closing: Cell<bool>,
    /// It is none of the machine's: what was read from it.
    pub(super) handed_over: RefCell<Option<Vec<u8>>>,
    waker: RefCell<Option<Waker>>,
}

/// What the task that follows the log and the clock has told.
struct Driver {
    /// What its alarm is set for.
    alarm: Option<Timestamp>,
    waker: Option<Waker>,
    /// The log takes nothing more.
    lost: bool,
    /// The log said something.
    heard: Rc<Notify>,
}

impl Desk {
    /// The task is at it: whoever changes anything wakes it.
    pub(super) fn attend(&self, waker: &Waker) {
        let mut kept = self.waker.borrow_mut();
        if kept.as_ref().is_none_or(|kept| !kept.will_wake(waker)) {
            *kept = Some(waker.clone());
        }
    }

    pub(super) fn is_handed_over(&self) -> bool {
        self.handed_over.borrow().is_some()
    }

    fn set(&self, flag: impl FnOnce(&Self)) {
        flag(self);
        if let Some(waker) = &*self.waker.borrow()
            && !planted!("order_wakes_nobody")
        {
            waker.wake_by_ref();
        }
    }
}

impl<L: Log> Hub<L> {
    pub(super) fn new(server: Server, log: L, hosting: Hosting) -> Self {
        let Hosting { listen: _, site, limits, clock, entropy, observe } = hosting;
        let driver = Driver { alarm: None, waker: None, lost: false, heard: Rc::default() };
        let (desks, outputs) = (BTreeMap::new(), Vec::new());
        let scratch = vec![0; READ_BYTES];
        let web = Web::new(site);
        Self { server, log, limits, clock, entropy, observe, desks, opened: 0, outputs, scratch, driver, web }
    }

    /// The log was read to its end, and here connections arrive.
    pub(super) fn begin(&mut self, addresses: impl Iterator<Item = SocketAddr>) {
        for address in addresses {
            self.web.listening.push(address);
            (self.observe)(&self.server, Observed::Listening(address));
        }
        let entropy = (self.entropy)();
        self.handle(Input::Begun { entropy });
    }

    pub(super) fn open(&mut self, peer: String, door: Option<Through>) -> (ConnId, Rc<Desk>) {
        self.opened += 1;
        let conn = ConnId(self.opened);
        let desk = Rc::new(Desk { peer: peer.clone(), ..Desk::default() });
        self.desks.insert(conn, desk.clone());
        (self.observe)(&self.server, Observed::Connected { conn, peer: &peer });
        let entropy = (self.entropy)();
        self.handle(Input::Opened { conn, door, peer, entropy });
        (conn, desk)
    }

    pub(super) fn close(&mut self, conn: ConnId) {
        self.handle(Input::Closed { conn });
        if let Some(desk) = self.desks.remove(&conn) {
            (self.observe)(&self.server, Observed::Disconnected { conn, peer: &desk.peer });
        }
    }

    pub(super) fn stop(&mut self) {
        self.web.stop();
        (self.observe)(&self.server, Observed::Stopping);
        self.handle(Input::Stopped);
    }

    pub(super) fn into_log(self) -> L {
        self.log
    }

    pub(super) const fn server(&self) -> &Server {
        &self.server
    }

    pub(super) const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Whether anything is stored.
    pub(super) const fn is_storing(&self) -> bool {
        !self.driver.lost
    }

    /// Looks something up in history for a browser; none, if too much is being looked up.
    pub(super) fn look_up(&mut self, query: Query) -> Option<oneshot::Receiver<Option<Found>>> {
        let (tag, found) = self.web.ask()?;
        self.log.submit(Order::Load { tag, query });
        Some(found)
    }

    /// Lends the buffer for reading, to be given back.
    pub(super) fn scratch(&mut self) -> &mut Vec<u8> {
        &mut self.scratch
    }

    /// The machine takes in a fact, and what it orders is carried out.
    pub(super) fn handle(&mut self, input: Input<'_>) {
        let mut outputs = mem::take(&mut self.outputs);
        self.server.handle(self.clock.now(), input, &mut outputs);
        for output in outputs.drain(..) {
            self.carry_out(output);
        }
        self.outputs = outputs;
        if let Some(due) = self.server.poll_timeout()
            && self.driver.alarm.is_none_or(|alarm| due < alarm)
            && let Some(waker) = &self.driver.waker
        {
            waker.wake_by_ref();
        }
    }

    fn carry_out(&mut self, output: Output) {
        match output {
            Output::Ready { conn } => self.order(conn, |desk| desk.ready.set(true)),
            Output::Pause { conn } => self.order(conn, |desk| desk.paused.set(true)),
            Output::Resume { conn } => self.order(conn, |desk| desk.paused.set(false)),
            Output::Close { conn } => {
                self.order(conn, |desk| desk.closing.set(true));
                (self.observe)(&self.server, Observed::Closing { conn });
            }
            Output::HandOver { conn, first } => self.order(conn, |desk| *desk.handed_over.borrow_mut() = Some(first)),
            Output::Append { record } => self.log.submit(Order::Append(record)),
            Output::Keep { entries } => {
                for entry in &entries {
                    let peer = self.server.peer(&entry.by);
                    (self.observe)(&self.server, Observed::Entry { entry, peer });
                }
                self.log.submit(Order::Keep(entries));
            }
            Output::Load { conn, query } => self.log.submit(Order::Load { tag: conn.0, query }),
            Output::Snapshot { position, hash, bytes } => self.log.submit(Order::Snapshot { position, hash, bytes }),
        }
    }

    fn order(&self, conn: ConnId, flag: impl FnOnce(&Desk)) {
        if let Some(desk) = self.desks.get(&conn) {
            desk.set(flag);
        }
    }

    fn hear(&mut self, event: LogEvent) {
        match event {
            LogEvent::Committed { position, at, record } => self.handle(Input::Committed { position, at, record }),
            LogEvent::Loaded { tag, found, .. } if self.web.is_asked(tag) => self.web.found(tag, Some(found)),
            LogEvent::LoadFailed { tag, why, .. } if self.web.is_asked(tag) => {
                tracing::error!(%why, "history could not be read for a browser");
                self.web.found(tag, None);
            }
            LogEvent::Loaded { tag, query, found } => {
                self.handle(Input::Loaded { conn: ConnId(tag), query, found: Some(found) });
            }
            LogEvent::LoadFailed { tag, query, why } => {
                tracing::error!(%why, "history could not be read for a connection");
                self.handle(Input::Loaded { conn: ConnId(tag), query, found: None });
            }
            LogEvent::Lost(why) => {
                tracing::error!(%why, "nothing more is stored; restart the server once the store is mended");
                self.driver.lost = true;
                self.handle(Input::Lost);
                (self.observe)(&self.server, Observed::NotStoring(&why.to_string()));
            }
        }
        self.driver.heard.notify_one();
    }

    /// Hands over what the log has to say, and says when time has passed. Never ready: there is always more to come.
    fn poll(&mut self, alarm: &mut Alarm, cx: &mut Context<'_>) -> Poll<()> {
        if self.driver.waker.as_ref().is_none_or(|waker| !waker.will_wake(cx.waker())) {
            self.driver.waker = Some(cx.waker().clone());
        }
        for turn in 0.. {
            let Poll::Ready(event) = self.log.poll_next(cx) else { break };
            self.hear(event);
            if turn == EVENTS_PER_TURN {
                cx.waker().wake_by_ref(); // After everyone who was woken has had a turn.
                break;
            }
        }
        for _ in 0..ELAPSED_PER_TURN {
            self.driver.alarm = self.server.poll_timeout();
            if alarm.poll(self.driver.alarm, cx).is_pending() {
                return Poll::Pending;
            }
            self.driver.alarm = None;
            self.handle(Input::Elapsed);
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Follows the log and the clock, for ever.
pub(super) async fn drive<L: Log>(hub: Rc<RefCell<Hub<L>>>) {
    let mut alarm = Alarm::new(hub.borrow().clock);
    poll_fn(|cx| hub.borrow_mut().poll(&mut alarm, cx)).await;
}

/// Waits until everything proposed has come back from the log, or never will.
pub(super) async fn settled<L: Log>(hub: &Rc<RefCell<Hub<L>>>) {
    let heard = hub.borrow().driver.heard.clone();
    let is_settled = || hub.borrow().driver.lost || hub.borrow().server.proposed() == 0;
    while !is_settled() {
        heard.notified().await;
    }
}

/// Bytes read at once.
const READ_BYTES: usize = 16 * 1_024;
/// What the log says is handed over so many at a time, so that readers follow within their rings.
const EVENTS_PER_TURN: usize = 64;
/// Deadlines that may come due while others are handled, before everyone else has a turn.
const ELAPSED_PER_TURN: usize = 16;
