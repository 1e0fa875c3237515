//! The server's host: the store opened, its records replayed, and `serve` as shipped.

use std::future::pending;

use causerie_core::door::Style;
use causerie_core::protocol::{Key, NodeId, Position};
use causerie_core::server::Server;
use causerie_net::clock::Clock;
use causerie_net::log::{Embedded, Engine, LogError, Recovery, Stored, recover};
use causerie_net::server::{Entropy, Hosting, Listen, Observed, Observer, Takes, serve};
use causerie_net::web::Site;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::PORT;
use super::log::Timed;
use super::network::Simulated;
use super::state::{Shared, note};
use crate::entropy::mix;
use crate::marks::Mark;
use crate::record::{Ending, Happening};
use crate::world::asking::gate;

const ENTROPY: u64 = 17;

/// One life of the server, from the opening of its store to its end.
pub(super) async fn host(shared: Shared) -> turmoil::Result {
    shared.borrow_mut().incarnation += 1;
    let (engine, recovery) = open(&shared).await;
    let (limits, stop) = {
        let mut state = shared.borrow_mut();
        let (stop, stopped) = oneshot::channel();
        (state.stop, state.serves) = (Some(stop), true);
        (state.limits, stopped)
    };
    let server = Server::new(recovery.chat, NodeId(0), limits, Style::default()).with_gate(gate());
    let hosting = Hosting {
        listen: vec![Listen { address: format!("0.0.0.0:{PORT}"), takes: Takes::Everybody }],
        site: Site::default(),
        limits,
        clock: Clock::start(),
        entropy: entropy(shared.clone()),
        observe: observer(shared.clone()),
    };
    let stopped = async {
        if stop.await.is_err() {
            pending().await
        }
    };
    let log = Timed::new(engine, shared.clone());
    let log = serve(Simulated::of(shared.clone(), None), server, log, hosting, stopped).await?;
    log.close();
    let mut state = shared.borrow_mut();
    note!(state, "server has stopped");
    state.server_ends(Ending::Stopped);
    state.gone();
    Ok(())
}

/// Opens the store, as often as the disk has it fail.
async fn open(shared: &Shared) -> (Embedded, Recovery) {
    loop {
        let (disk, wall) = {
            let state = shared.borrow();
            (state.disk.clone(), state.wall())
        };
        let failures = disk.failures();
        let opened = Embedded::on_backend(disk.open(), wall).map_err(|why| why.to_string());
        let opened = opened.and_then(|mut engine| {
            let recovery = recover(&mut engine).map_err(|why| why.to_string())?;
            let stored = all(&engine).map_err(|why| why.to_string())?;
            Ok((engine, recovery, stored))
        });
        match opened {
            Ok((engine, recovery, stored)) => {
                let mut state = shared.borrow_mut();
                let now = state.now();
                state.account(&stored, now);
                let (records, replayed) = (stored.len() as u64, recovery.replayed);
                let snapshot = usize::try_from(records - replayed).expect("records fit in memory");
                note!(state, "server starts: {records} records, {} of them in the snapshot", records - replayed);
                state.record(Happening::ServerStarts { records: stored.len(), snapshot });
                if std::mem::take(&mut state.unclean) {
                    state.reach(Mark::OpenedUnclean);
                }
                if replayed < records {
                    state.reach(Mark::SnapshotUsed);
                }
                drop(state);
                return (engine, recovery);
            }
            Err(why) => {
                let mut state = shared.borrow_mut();
                note!(state, "the store does not open: {why}");
                if !disk.is_faulty() && disk.failures() == failures {
                    state.store = Some(format!("a sound disk's store does not open: {why}; expected: it always does"));
                }
            }
        }
        sleep(RETRY).await;
    }
}

/// All records there are.
pub(super) fn all(engine: &Embedded) -> Result<Vec<Stored>, LogError> {
    let mut stored = Vec::new();
    loop {
        let more = engine.read(Position(stored.len() as u64), READ_RECORDS)?;
        if more.is_empty() {
            return Ok(stored);
        }
        stored.extend(more);
    }
}

/// Draws for a connection name the guest it may be.
fn entropy(shared: Shared) -> Entropy {
    Box::new(move || {
        let mut state = shared.borrow_mut();
        state.drawn += 1;
        let bytes = state.entropy.bytes(ENTROPY, mix(state.drawn));
        if let Some(conn) = state.welcoming.take() {
            state.conns[conn].guest = Some(Key::new(bytes).client());
        }
        bytes
    })
}

fn observer(shared: Shared) -> Observer {
    Box::new(move |server, observed| {
        let mut state = shared.borrow_mut();
        match observed {
            Observed::Connected { conn, peer } => {
                let peer = peer.parse().expect("a peer is where its socket is");
                let at = state.conn_at(peer);
                state.open.insert(conn, at);
                state.welcoming = Some(at);
                note!(state, "server takes connection {at}");
            }
            Observed::Closing { conn } => {
                if let Some(at) = state.open.get(&conn).copied() {
                    state.conns[at].closing = true;
                    note!(state, "server closes connection {at}");
                }
            }
            Observed::Disconnected { conn, peer: _ } => {
                let at = state.open.remove(&conn);
                note!(state, "connection {} is gone for the server", at.unwrap_or_default());
            }
            Observed::NotStoring(why) => note!(state, "server does not store any more: {why}"),
            Observed::Listening(_) | Observed::Entry { .. } | Observed::Stopping => {}
        }
        state.weigh(server);
    })
}

impl super::state::State {
    /// The server is gone.
    pub(super) fn gone(&mut self) {
        (self.serves, self.stop, self.welcoming) = (false, None, None);
        self.open.clear();
    }
}

/// Between two attempts to open a store.
const RETRY: Duration = Duration::from_millis(200);
/// Records read at once.
const READ_RECORDS: usize = 4_096;
