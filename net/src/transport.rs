//! Where connections come from and how they are made: TCP when shipped, a simulated network in the simulator.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream, lookup_host};

/// Makes connections and takes them. Nothing of it has to be `Send`: one thread owns a machine and all its sockets.
pub trait Transport {
    /// A connection: bytes both ways, in order.
    type Stream: AsyncRead + AsyncWrite + Unpin + 'static;
    /// Where connections arrive.
    type Listener: 'static;

    /// Listens at `HOST:PORT` and says where that is: port 0 stands for any that is free.
    ///
    /// # Errors
    /// If the address is not to be had, or not understood.
    fn listen(&self, address: &str) -> impl Future<Output = io::Result<(Self::Listener, SocketAddr)>>;

    /// The next connection, and where it comes from. Dropping the future loses none.
    ///
    /// # Errors
    /// If this connection could not be had; the next may be.
    fn accept(&self, listener: &Self::Listener) -> impl Future<Output = io::Result<(Self::Stream, SocketAddr)>>;

    /// A connection to `HOST:PORT`.
    ///
    /// # Errors
    /// If the name is not known, or nothing answers there.
    fn connect(&self, address: &str) -> impl Future<Output = io::Result<Self::Stream>>;
}

/// TCP as the system has it.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Tcp;

impl Transport for Tcp {
    type Stream = TcpStream;
    type Listener = TcpListener;

    async fn listen(&self, address: &str) -> io::Result<(TcpListener, SocketAddr)> {
        let mut failed = unknown(address);
        for address in lookup_host(address).await? {
            match listen_at(address).and_then(|listener| Ok((listener.local_addr()?, listener))) {
                Ok((address, listener)) => return Ok((listener, address)),
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }

    async fn accept(&self, listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
        let (stream, peer) = listener.accept().await?;
        prepare(&stream);
        Ok((stream, peer))
    }

    async fn connect(&self, address: &str) -> io::Result<TcpStream> {
        let mut failed = unknown(address);
        for address in lookup_host(address).await? {
            match TcpStream::connect(address).await {
                Ok(stream) => {
                    prepare(&stream);
                    return Ok(stream);
                }
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }
}

fn unknown(address: &str) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("{address} is no address"))
}

fn listen_at(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A restart binds at once, whatever became of the connections before. (On Windows it would mean something else.)
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Lines go out as they are written, and a peer that vanished is found out in the end. If the system does not grant it,
/// the connection works all the same.
fn prepare(stream: &TcpStream) {
    let keepalive = socket2::TcpKeepalive::new().with_time(KEEPALIVE);
    let granted = stream.set_nodelay(true).and(socket2::SockRef::from(stream).set_tcp_keepalive(&keepalive));
    if let Err(error) = granted {
        tracing::debug!(%error, "an option of a socket was not granted");
    }
}

/// Connections the system takes before they are accepted.
const BACKLOG: u32 = 1_024;
/// Silence after which the system asks whether a peer is still there.
const KEEPALIVE: Duration = Duration::from_mins(1);
