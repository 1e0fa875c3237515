//! The simulated network, as a transport.

use std::io;
use std::net::SocketAddr;

use causerie_net::transport::Transport;
use turmoil::net::{TcpListener, TcpStream};

/// The network of the simulation that is running.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Simulated;

impl Transport for Simulated {
    type Stream = TcpStream;
    type Listener = TcpListener;

    async fn listen(&self, address: &str) -> io::Result<(TcpListener, SocketAddr)> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    }

    async fn accept(&self, listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
        listener.accept().await
    }

    async fn connect(&self, address: &str) -> io::Result<TcpStream> {
        TcpStream::connect(address).await
    }
}
