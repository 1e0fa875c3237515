//! What the connections of browsers share.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

use causerie_core::history::Found;
use tokio::sync::{Notify, oneshot};

use crate::web::Site;

/// What browsers are served from.
pub(super) struct Web {
    pub(super) site: Site,
    pub(super) listening: Vec<SocketAddr>,
    /// Tells those that wait that the server stops.
    stopped: Arc<Notify>,
    stopping: bool,
    /// How many connections there are.
    connections: Rc<Cell<usize>>,
    /// Looked up in history and not yet found.
    asked: BTreeMap<u64, oneshot::Sender<Option<Found>>>,
    asked_count: u64,
}

/// One connection's, for as long as it speaks HTTP.
pub(super) struct Place(Rc<Cell<usize>>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl Web {
    pub(super) fn new(site: Site) -> Self {
        Self {
            site,
            listening: Vec::new(),
            stopped: Arc::default(),
            stopping: false,
            connections: Rc::default(),
            asked: BTreeMap::new(),
            asked_count: 0,
        }
    }

    /// A place for one more connection, if there is one.
    pub(super) fn take_place(&self) -> Option<Place> {
        if self.connections.get() >= self.site.limits.connections_max {
            tracing::debug!("a browser came while {} connections spoke HTTP", self.connections.get());
            return None;
        }
        self.connections.set(self.connections.get() + 1);
        Some(Place(self.connections.clone()))
    }

    /// Comes when the server stops, or at once if it does already.
    pub(super) fn stopped(&self) -> impl Future<Output = ()> + use<> {
        let (stopping, stopped) = (self.stopping, self.stopped.clone().notified_owned());
        async move {
            if !stopping {
                stopped.await;
            }
        }
    }

    pub(super) fn stop(&mut self) {
        self.stopping = true;
        self.stopped.notify_waiters();
    }

    /// A mark for something to be looked up, and where the answer will be.
    pub(super) fn ask(&mut self) -> Option<(u64, oneshot::Receiver<Option<Found>>)> {
        if self.asked.len() >= self.site.limits.log_reads_max {
            return None;
        }
        let (found, finds) = oneshot::channel();
        let tag = FIRST_TAG + self.asked_count;
        self.asked_count += 1;
        self.asked.insert(tag, found);
        Some((tag, finds))
    }

    pub(super) fn is_asked(&self, tag: u64) -> bool {
        self.asked.contains_key(&tag)
    }

    pub(super) fn found(&mut self, tag: u64, found: Option<Found>) {
        if let Some(asked) = self.asked.remove(&tag) {
            drop(asked.send(found)); // Whoever asked may have gone.
        }
    }
}

/// Marks below it are the numbers of connections.
const FIRST_TAG: u64 = 1 << 63;
