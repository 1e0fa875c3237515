//! One connection of a client: made, read and written, and taken leave of.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use causerie_core::planted;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// The connection the machine knows of.
#[derive(Default)]
pub(super) enum Link<'a, S> {
    #[default]
    Down,
    Connecting {
        attempt: u64,
        connecting: Pin<Box<dyn Future<Output = io::Result<S>> + 'a>>,
    },
    Up {
        attempt: u64,
        wire: Wire<S>,
    },
}

/// What became of it.
pub(super) enum Reported {
    Connected,
    /// So many bytes are in the buffer.
    Received {
        len: usize,
    },
    /// Said once.
    Closed {
        why: Box<str>,
    },
}

/// A connection, and what it has yet to send.
pub(super) struct Wire<S> {
    stream: S,
    unsent: Vec<u8>,
    /// So many of them are sent.
    sent: usize,
}

/// A connection the machine is done with, which takes its last words.
pub(super) struct Farewell<S> {
    wire: Wire<S>,
    shut: bool,
    deadline: Pin<Box<Sleep>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Link<'_, S> {
    /// Sends what there is to send, and reads.
    pub(super) fn poll(&mut self, buffer: &mut [u8], cx: &mut Context<'_>) -> Poll<(u64, Reported)> {
        let (attempt, went) = match self {
            Self::Down => return Poll::Pending,
            Self::Connecting { attempt, connecting } => {
                let attempt = *attempt;
                match ready!(connecting.as_mut().poll(cx)) {
                    Ok(stream) => {
                        *self = Self::Up { attempt, wire: Wire { stream, unsent: Vec::new(), sent: 0 } };
                        return Poll::Ready((attempt, Reported::Connected));
                    }
                    Err(error) => (attempt, Err(error)),
                }
            }
            Self::Up { attempt, wire } => (*attempt, ready!(wire.poll(buffer, cx))),
        };
        let reported = match went {
            Ok(0) => Reported::Closed { why: "the server closed the connection".into() },
            Ok(len) => Reported::Received { len },
            Err(error) => Reported::Closed { why: in_words(&error) },
        };
        if matches!(reported, Reported::Closed { .. }) {
            *self = Self::Down;
        }
        Poll::Ready((attempt, reported))
    }

    pub(super) fn send(&mut self, to: u64, bytes: Vec<u8>) {
        if let Self::Up { attempt, wire } = self
            && *attempt == to
        {
            wire.send(bytes);
        }
    }

    /// Gives up, or takes leave.
    pub(super) fn close(&mut self, which: u64) -> Option<Farewell<S>> {
        match self {
            Self::Connecting { attempt, .. } | Self::Up { attempt, .. } if *attempt == which => {}
            Self::Down | Self::Connecting { .. } | Self::Up { .. } => return None,
        }
        match std::mem::take(self) {
            Self::Up { wire, .. } => Some(Farewell { wire, shut: false, deadline: Box::pin(sleep(FAREWELL)) }),
            Self::Down | Self::Connecting { .. } => None,
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    fn send(&mut self, bytes: Vec<u8>) {
        if self.unsent.is_empty() {
            self.unsent = bytes;
        } else {
            self.unsent.extend_from_slice(&bytes);
        }
    }

    /// Writes as much as goes. Ready once nothing is left.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.sent < self.unsent.len() {
            match ready!(Pin::new(&mut self.stream).poll_write(cx, &self.unsent[self.sent..]))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                _ if planted!("client_writes_once") => self.sent = self.unsent.len(),
                len => self.sent += len,
            }
        }
        (self.unsent, self.sent) = (Vec::new(), 0);
        Poll::Ready(Ok(()))
    }

    /// Reads; writes meanwhile. What has arrived is heard even if writing fails: the server may have said why.
    fn poll(&mut self, buffer: &mut [u8], cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let written = self.poll_write(cx);
        let mut buffer = ReadBuf::new(buffer);
        match Pin::new(&mut self.stream).poll_read(cx, &mut buffer) {
            Poll::Ready(read) => Poll::Ready(read.map(|()| buffer.filled().len())),
            Poll::Pending => match written {
                Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                Poll::Ready(Ok(())) | Poll::Pending => Poll::Pending,
            },
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Farewell<S> {
    /// Writes what is left, says so, and reads on until the peer has done the same: closing a socket with unread bytes
    /// resets it, and the peer would lose our last words. Ready once that is done, or has taken too long.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.deadline.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        match self.poll_last_words(cx) {
            Poll::Ready(_done) => Poll::Ready(()), // Whatever became of it, nobody waits for it.
            Poll::Pending => Poll::Pending,
        }
    }

    fn poll_last_words(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.shut && self.wire.poll_write(cx)?.is_ready() {
            self.shut = Pin::new(&mut self.wire.stream).poll_shutdown(cx)?.is_ready();
        }
        let mut heard = [0; 1_024];
        loop {
            let mut buffer = ReadBuf::new(&mut heard);
            ready!(Pin::new(&mut self.wire.stream).poll_read(cx, &mut buffer))?;
            if buffer.filled().is_empty() {
                break;
            }
        }
        if self.shut { Poll::Ready(Ok(())) } else { Poll::Pending }
    }
}

/// Why a connection is not to be had, as a person says it.
fn in_words(error: &io::Error) -> Box<str> {
    if let Some((_, words)) = WORDS.iter().find(|(kind, _)| *kind == error.kind()) {
        return (*words).into();
    }
    let said = error.to_string();
    said.split(" (os error").next().unwrap_or(&said).into()
}

const WORDS: [(io::ErrorKind, &str); 6] = [
    (io::ErrorKind::ConnectionRefused, "connection refused"),
    (io::ErrorKind::ConnectionReset, "the connection was reset"),
    (io::ErrorKind::BrokenPipe, "the connection was reset"),
    (io::ErrorKind::TimedOut, "the connection timed out"),
    (io::ErrorKind::HostUnreachable, "the host cannot be reached"),
    (io::ErrorKind::NetworkUnreachable, "the network cannot be reached"),
];

/// How long a connection may take to go, once the machine is done with it.
const FAREWELL: Duration = Duration::from_secs(1);
