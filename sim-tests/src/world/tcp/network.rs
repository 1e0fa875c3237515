//! The network: turmoil's, with a [`Chaotic`] stream at each end of every connection, and what is known of each from
//! outside. Both ends of a connection, and the world, find it by the client's address.
//!
//! Turmoil never sends a segment again: what is lost in a cut leaves a connection that stands and is dead. Both machines
//! find that out by their own clocks; for those who have none (netcat), and for all of them when everything heals, it is
//! reset.

use std::io;
use std::net::SocketAddr;
use std::task::Waker;

use causerie_core::protocol::ClientId;
use causerie_net::transport::Transport;
use turmoil::net::{TcpListener, TcpStream};

use super::chaos::Chaotic;
use super::state::{Shared, note};
use crate::entropy::mix;
use crate::plan::Way;

/// A connection, seen from outside.
#[derive(Debug)]
pub(super) struct Conn {
    /// Where its client is.
    pub(super) peer: SocketAddr,
    /// Names its draws: the same in every run of a plan, and in a smaller one.
    pub(super) key: u64,
    /// Whose host its client runs on; none of the strangers'.
    pub(super) person: Option<usize>,
    /// Whose, once its client knows that it stands.
    pub(super) life: Option<usize>,
    /// It stands, as far as that life knows.
    pub(super) stands: bool,
    /// Who it is for the server, if it is a guest's.
    pub(super) guest: Option<ClientId>,
    /// Its client was welcomed on it.
    pub(super) welcomed: bool,
    /// The server closes it, and listens no longer.
    pub(super) closing: bool,
    /// Pages of what it had yet to see.
    pub(super) pages: u32,
    /// Carries nothing any more, and nobody is told.
    pub(super) dark: bool,
    /// Something on it was lost, or its end was: one side may never find out.
    pub(super) stale: bool,
    /// The client's end and the server's.
    ends: [End; 2],
    /// To the server and from it.
    flows: [Flow; 2],
}

/// One end of a connection.
#[derive(Debug, Default)]
pub(super) struct End {
    /// It is open.
    pub(super) open: bool,
    /// It was open, and is no longer.
    pub(super) gone: bool,
    /// Everything it does fails from here on.
    pub(super) reset: bool,
    /// The other end did not close in order: where it ends, it is reset.
    pub(super) broken_off: bool,
    /// Whoever reads and writes there.
    pub(super) reader: Option<Waker>,
    pub(super) writer: Option<Waker>,
}

/// One direction of a connection, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flow {
    /// Written and not read.
    pub(super) unread: usize,
    /// Of these, given to the network and not taken out of it.
    pub(super) on_the_way: usize,
}

/// The end that bytes which go this way come from.
const fn place(way: Way) -> usize {
    match way {
        Way::Up => 0,
        Way::Down => 1,
    }
}

impl Conn {
    fn new(peer: SocketAddr, person: Option<usize>) -> Self {
        let host = match peer {
            SocketAddr::V4(at) => u64::from(u32::from(*at.ip())),
            SocketAddr::V6(_) => 0,
        };
        Self {
            peer,
            key: mix(host << 16 | u64::from(peer.port())),
            person,
            life: None,
            stands: false,
            guest: None,
            welcomed: false,
            closing: false,
            pages: 0,
            dark: false,
            stale: false,
            ends: <[End; 2]>::default(),
            flows: [Flow::default(); 2],
        }
    }

    /// The client's end is `Up`, the server's `Down`: named by the way its words go.
    pub(super) const fn end(&mut self, of: Way) -> &mut End {
        &mut self.ends[place(of)]
    }

    pub(super) const fn flow(&mut self, way: Way) -> &mut Flow {
        &mut self.flows[place(way)]
    }

    /// Whether one end is gone, and the other is there and may not know it yet.
    pub(super) const fn is_half_gone(&self) -> bool {
        self.ends[0].open != self.ends[1].open
    }

    /// Everything at an end fails from here on.
    pub(super) fn reset(&mut self, of: Way) {
        self.end(of).reset = true;
        self.wake();
    }

    /// Whoever waits at either end looks again.
    pub(super) fn wake(&mut self) {
        for end in &mut self.ends {
            end.reader.take().into_iter().chain(end.writer.take()).for_each(Waker::wake);
        }
    }
}

/// The other way.
pub(super) const fn back(way: Way) -> Way {
    match way {
        Way::Up => Way::Down,
        Way::Down => Way::Up,
    }
}

/// The network, as one program has it.
#[derive(Clone)]
pub(super) struct Simulated {
    shared: Shared,
    /// Whose program; none for the server.
    life: Option<usize>,
}

impl Simulated {
    pub(super) const fn of(shared: Shared, life: Option<usize>) -> Self {
        Self { shared, life }
    }
}

impl Transport for Simulated {
    type Stream = Chaotic;
    type Listener = TcpListener;

    async fn listen(&self, address: &str) -> io::Result<(TcpListener, SocketAddr)> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    }

    async fn accept(&self, listener: &TcpListener) -> io::Result<(Chaotic, SocketAddr)> {
        let (stream, peer) = listener.accept().await?;
        Ok((Chaotic::new(self.shared.clone(), stream, peer, Way::Down), peer))
    }

    async fn connect(&self, address: &str) -> io::Result<Chaotic> {
        let connected = TcpStream::connect(address).await;
        let stream = connected.inspect_err(|_| self.shared.borrow_mut().not_connected(self.life))?;
        let peer = stream.local_addr()?;
        let stream = Chaotic::new(self.shared.clone(), stream, peer, Way::Up);
        let mut state = self.shared.borrow_mut();
        if let Some(life) = self.life {
            state.lives[life].conn = Some(stream.conn());
            state.conns[stream.conn()].life = Some(life);
            state.connected(life, stream.conn());
            note!(state, "{} (life {life}) is connected by {}", state.lives[life].name(), stream.conn());
        }
        drop(state);
        Ok(stream)
    }
}

impl super::state::State {
    /// The connection of a client's address: known, or new.
    pub(super) fn conn_at(&mut self, peer: SocketAddr) -> usize {
        if let Some(known) = self.conns.iter().rposition(|conn| conn.peer == peer) {
            return known;
        }
        let person = self.homes.iter().position(|home| *home == peer.ip());
        self.conns.push(Conn::new(peer, person));
        self.conns.len() - 1
    }

    /// Whether a fault cuts that way of a connection.
    pub(super) fn is_cut(&self, conn: usize, way: Way) -> bool {
        self.conns[conn].person.is_some_and(|who| self.people[who].is_cut(way))
    }

    /// Everything a connection waits for is looked at again.
    pub(super) fn wake_all_of(&mut self, who: usize) {
        self.conns.iter_mut().filter(|conn| conn.person == Some(who)).for_each(Conn::wake);
    }
}
