//! The server on its sockets: one thread owns the machine, the log's near end and all connections.
//!
//! Each connection has a task that reads, and writes what the machine has for it; one more task follows the log and the
//! machine's clock. All share one hub, borrowed only within one poll: no lock, and nothing is held while waiting.
//! Nothing is decided here, and no byte is looked at. A connection that turns out to speak HTTP leaves the machine: it is
//! served here, and if it becomes a WebSocket it comes back as a new connection, through the native door.

mod accept;
mod browsers;
mod connection;
mod hub;
mod past;
mod web;

use std::cell::RefCell;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::panic::resume_unwind;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use causerie_core::limits::Limits;
use causerie_core::protocol::{Entry, Through};
use causerie_core::server::{ConnId, Server};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinSet};
use tokio::time::timeout;

use self::accept::{Accepted, accept_all};
use self::connection::Connection;
use self::hub::{Hub, drive, settled};
use crate::clock::Clock;
use crate::log::Log;
use crate::transport::Transport;
use crate::web::Site;

/// Draws 128 random bits. A simulator supplies its own, from its seed.
pub type Entropy = Box<dyn FnMut() -> [u8; 16]>;

/// Is shown what happens, with the machine it happened to. It is called between two inputs of the machine and must not
/// wait.
pub type Observer = Box<dyn FnMut(&Server, Observed<'_>)>;

/// What a server needs beside its machine, its log and its network.
pub struct Hosting {
    /// Where to listen.
    pub listen: Vec<Listen>,
    /// What browsers are shown.
    pub site: Site,
    /// Those that the machine was given: the driver holds to [`Limits::close_flush_ms`].
    pub limits: Limits,
    /// The machine's time.
    pub clock: Clock,
    /// Where randomness comes from.
    pub entropy: Entropy,
    /// Who is shown what happens.
    pub observe: Observer,
}

/// A place to listen at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listen {
    /// `HOST:PORT`.
    pub address: String,
    /// Who is let in there.
    pub takes: Takes,
}

/// Who is let in at a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Takes {
    /// Everybody: the first bytes tell who it is.
    Everybody,
    /// Those who come through this door.
    Only(Through),
    /// Browsers.
    Browsers,
}

/// What happened, for a console.
#[derive(Clone, Copy, Debug)]
pub enum Observed<'a> {
    /// Connections are taken here.
    Listening(SocketAddr),
    /// Somebody connected, who may yet turn out to be anybody.
    Connected {
        /// Which connection.
        conn: ConnId,
        /// From where.
        peer: &'a str,
    },
    /// Something is durable and shown to those who may see it. In order, each once per run.
    Entry {
        /// What.
        entry: &'a Entry,
        /// Where its author is connected from, while they are: an arrival has it, a departure does not.
        peer: Option<&'a str>,
    },
    /// A connection is being closed: what is read from it is thrown away from here on.
    Closing {
        /// Which.
        conn: ConnId,
    },
    /// A connection ended.
    Disconnected {
        /// Which.
        conn: ConnId,
        /// It came from here.
        peer: &'a str,
    },
    /// Nothing more is stored: nothing is accepted until a new start; what is there can be read.
    NotStoring(&'a str),
    /// Everyone is about to be told that the server stops.
    Stopping,
}

/// Why a server did not start.
#[derive(Debug)]
pub enum ServeError {
    /// It cannot listen.
    Listen {
        /// Where it should have.
        address: String,
        /// What the system said.
        why: io::Error,
    },
}

/// Serves until `shutdown` comes; gives the log back, to be closed: what was submitted last may still be on its way.
///
/// It runs on a [`LocalSet`](tokio::task::LocalSet), best alone on a current-thread runtime. Dropping the future ends
/// everything at once, as a crash would. On `shutdown` nobody is let in any more, everyone is told, each connection may
/// drain for [`Limits::close_flush_ms`], and what was proposed is waited for.
///
/// # Errors
/// If it cannot listen at one of its addresses: then nothing has happened.
///
/// # Panics
/// If a connection's task does, with the same panic: a broken belief is not lived with. If there is no `LocalSet`.
pub async fn serve<T, L>(
    transport: T,
    server: Server,
    log: L,
    hosting: Hosting,
    shutdown: impl Future<Output = ()>,
) -> Result<L, ServeError>
where
    T: Transport + 'static,
    L: Log + 'static,
{
    let listeners = listen(&transport, &hosting.listen).await?;
    let hub = Rc::new(RefCell::new(Hub::new(server, log, hosting)));
    let mut tasks = Tasks { acceptors: JoinSet::new(), drivers: JoinSet::new(), connections: JoinSet::new() };
    let (accepted, mut incoming) = mpsc::channel(ACCEPTED_MAX);
    hub.borrow_mut().begin(listeners.iter().map(|(_, address, _)| *address));
    tasks.drivers.spawn_local(drive(hub.clone()));
    let transport = Rc::new(transport);
    for (listener, _, takes) in listeners {
        tasks.acceptors.spawn_local(accept_all(transport.clone(), listener, takes, accepted.clone()));
    }
    drop(accepted);
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            biased;
            () = &mut shutdown => break,
            Some(ended) = tasks.drivers.join_next() => propagate(ended),
            Some(ended) = tasks.acceptors.join_next() => propagate(ended),
            Some(ended) = tasks.connections.join_next() => propagate(ended),
            Some(accepted) = incoming.recv() => tasks.open(&hub, accepted),
        }
    }
    end(&mut tasks.acceptors).await; // The addresses are free again from here on.
    hub.borrow_mut().stop();
    while let Ok(accepted) = incoming.try_recv() {
        tasks.open(&hub, accepted); // To be told, like everyone.
    }
    tasks.wind_up(&hub).await;
    Ok(Rc::into_inner(hub).expect("whoever shared the hub has ended").into_inner().into_log())
}

type Listener<T> = (<T as Transport>::Listener, SocketAddr, Takes);

async fn listen<T: Transport>(transport: &T, places: &[Listen]) -> Result<Vec<Listener<T>>, ServeError> {
    let mut listeners = Vec::with_capacity(places.len());
    for Listen { address, takes } in places {
        match transport.listen(address).await {
            Ok((listener, at)) => listeners.push((listener, at, *takes)),
            Err(why) => return Err(ServeError::Listen { address: address.clone(), why }),
        }
    }
    Ok(listeners)
}

/// All that runs beside [`serve`] itself. Dropped, it ends.
struct Tasks {
    acceptors: JoinSet<()>,
    drivers: JoinSet<()>,
    connections: JoinSet<()>,
}

impl Tasks {
    fn open<S, L>(&mut self, hub: &Rc<RefCell<Hub<L>>>, accepted: Accepted<S>)
    where
        S: AsyncRead + AsyncWrite + Unpin + 'static,
        L: Log + 'static,
    {
        let Accepted { stream, peer, takes } = accepted;
        let peer = peer.to_string();
        let door = match takes {
            Takes::Everybody => None,
            Takes::Only(door) => Some(door),
            Takes::Browsers => {
                self.connections.spawn_local(browse(hub.clone(), stream, Vec::new(), peer));
                return;
            }
        };
        let (conn, desk) = hub.borrow_mut().open(peer.clone(), door);
        let (connection, hub) = (Connection::new(hub.clone(), conn, desk, stream), hub.clone());
        self.connections.spawn_local(async move {
            if let Some((stream, first)) = connection.run().await {
                Box::pin(browse(hub, stream, first, peer)).await; // In a box: the others need no room for it.
            }
        });
    }

    /// Lets the connections drain and what was proposed come back.
    async fn wind_up<L: Log>(&mut self, hub: &Rc<RefCell<Hub<L>>>) {
        let (drivers, connections) = (&mut self.drivers, &mut self.connections);
        while !connections.is_empty() {
            tokio::select! {
                biased;
                Some(ended) = drivers.join_next() => propagate(ended),
                Some(ended) = connections.join_next() => propagate(ended),
            }
        }
        if timeout(SETTLE, settled(hub)).await.is_err() {
            tracing::warn!("the log did not answer in time: what was asked last may be stored or not");
        }
        end(drivers).await;
    }
}

/// A connection that speaks HTTP. A WebSocket is a connection of the machine's again.
async fn browse<S, L>(hub: Rc<RefCell<Hub<L>>>, stream: S, first: Vec<u8>, peer: String)
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
    L: Log + 'static,
{
    if let Some(socket) = web::serve(&hub, stream, first).await {
        let (conn, desk) = hub.borrow_mut().open(peer, Some(Through::Native));
        let handed_over = Connection::new(hub, conn, desk, socket).run().await;
        assert!(handed_over.is_none(), "whose door is known is not handed over");
    }
}

/// Ends the tasks of a set, and waits until they have.
async fn end(tasks: &mut JoinSet<()>) {
    tasks.abort_all();
    while let Some(ended) = tasks.join_next().await {
        propagate(ended);
    }
}

fn propagate(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && let Ok(panic) = error.try_into_panic()
    {
        resume_unwind(panic);
    }
}

impl fmt::Debug for Hosting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hosting").field("listen", &self.listen).finish_non_exhaustive()
    }
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen { address, why } => write!(f, "cannot listen at {address}: {why}"),
        }
    }
}

impl std::error::Error for ServeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Listen { why, .. } => Some(why),
        }
    }
}

/// Connections accepted that the machine does not know of yet.
const ACCEPTED_MAX: usize = 64;
/// How long a stopping server waits for its log.
const SETTLE: Duration = Duration::from_secs(5);
