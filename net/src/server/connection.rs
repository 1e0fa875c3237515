//! The task of one connection: reads, and writes what the machine has for it.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::mem;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use causerie_core::planted;
use causerie_core::server::{ConnId, Input};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::hub::{Desk, Hub};
use crate::log::Log;

/// A connection on its socket. It keeps no bytes: what is read is handed over, what is to be written stays where it is
/// until the socket takes it.
pub(super) struct Connection<S, L> {
    hub: Rc<RefCell<Hub<L>>>,
    conn: ConnId,
    desk: Rc<Desk>,
    stream: S,
    /// The peer says nothing more.
    finished: bool,
    /// We say nothing more.
    shut: bool,
    /// Once it is closing: when to wait no longer.
    deadline: Option<Pin<Box<Sleep>>>,
}

impl<S, L> Connection<S, L>
where
    S: AsyncRead + AsyncWrite + Unpin,
    L: Log,
{
    pub(super) const fn new(hub: Rc<RefCell<Hub<L>>>, conn: ConnId, desk: Rc<Desk>, stream: S) -> Self {
        Self { hub, conn, desk, stream, finished: false, shut: false, deadline: None }
    }

    /// Runs until the connection is gone, or handed over: then gives its stream, and what was read from it.
    pub(super) async fn run(mut self) -> Option<(S, Vec<u8>)> {
        if let Err(error) = poll_fn(|cx| self.poll(cx)).await {
            tracing::debug!(conn = self.conn.0, %error, "a connection broke");
        }
        let Self { hub, conn, desk, stream, .. } = self;
        let handed_over = desk.handed_over.take().map(|first| (stream, first)); // Or it is dropped before it is closed.
        hub.borrow_mut().close(conn);
        handed_over
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.desk.attend(cx.waker());
        self.read(cx)?;
        if self.desk.is_handed_over() {
            return Poll::Ready(Ok(()));
        }
        let written = self.write(cx)?;
        if self.desk.closing.get() { self.wind_up(written, cx) } else { Poll::Pending }
    }

    /// Takes what has arrived. What arrives at a closing connection is thrown away, and yet taken: closing a socket with
    /// unread bytes resets it, and the peer would lose our last words.
    fn read(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        let mut hub = self.hub.borrow_mut();
        for _ in 0..READS_PER_TURN {
            let closing = self.desk.closing.get();
            if self.finished || (self.desk.paused.get() && !closing) {
                return Ok(());
            }
            let mut scratch = mem::take(hub.scratch());
            let mut buffer = ReadBuf::new(&mut scratch);
            let read = Pin::new(&mut self.stream).poll_read(cx, &mut buffer);
            let bytes = buffer.filled();
            let bytes = if planted!("long_read_cut_short") { &bytes[..bytes.len().min(120)] } else { bytes };
            match read {
                Poll::Ready(Ok(())) if bytes.is_empty() => self.finished = true,
                Poll::Ready(Ok(())) | Poll::Pending | Poll::Ready(Err(_)) => {}
            }
            if !closing && self.finished {
                hub.handle(Input::Finished { conn: self.conn });
            } else if !closing && !bytes.is_empty() {
                hub.handle(Input::Received { conn: self.conn, bytes });
            }
            *hub.scratch() = scratch;
            if self.desk.is_handed_over() {
                return Ok(());
            }
            match read {
                Poll::Ready(read) => read?,
                Poll::Pending => return Ok(()),
            }
        }
        cx.waker().wake_by_ref(); // After everyone else has had a turn.
        Ok(())
    }

    /// Writes what is pending. True if nothing is left.
    fn write(&mut self, cx: &mut Context<'_>) -> io::Result<bool> {
        // A stream that keeps what it has taken gets it out before there is more.
        let flushed = Pin::new(&mut self.stream).poll_flush(cx)?.is_ready();
        if !self.desk.ready.replace(false) {
            return Ok(flushed);
        }
        let mut hub = self.hub.borrow_mut();
        // Whether the machine knows that nothing is left.
        let mut told = false;
        for _ in 0..WRITES_PER_TURN {
            let mut slices = [IoSlice::new(&[]); SLICES_MAX];
            let count = gather(hub.server().pending(self.conn), &mut slices);
            let len = match count {
                0 if told => return Ok(true),
                0 => 0,
                count => match Pin::new(&mut self.stream).poll_write_vectored(cx, &slices[..count]) {
                    Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
                    Poll::Ready(Ok(_)) if planted!("short_write_taken_for_whole") => {
                        slices[..count].iter().map(|slice| slice.len()).sum()
                    }
                    Poll::Ready(len) => len?,
                    Poll::Pending => {
                        self.desk.ready.set(true);
                        return Ok(false);
                    }
                },
            };
            hub.handle(Input::Written { conn: self.conn, len });
            told = !self.desk.ready.replace(false);
        }
        self.desk.ready.set(true);
        cx.waker().wake_by_ref(); // After everyone else has had a turn.
        Ok(false)
    }

    /// Says nothing more, and waits until the peer does not either, as long as that may take.
    fn wind_up(&mut self, written: bool, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flush = || Duration::from_millis(self.hub.borrow().limits().close_flush_ms);
        let deadline = self.deadline.get_or_insert_with(|| Box::pin(sleep(flush())));
        if deadline.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Ok(()));
        }
        if written && !self.shut {
            self.shut = Pin::new(&mut self.stream).poll_shutdown(cx)?.is_ready();
        }
        if self.shut && self.finished { Poll::Ready(Ok(())) } else { Poll::Pending }
    }
}

/// As much of what is pending as goes into one write; how many slices that is.
fn gather<'a>(pending: impl Iterator<Item = &'a [u8]>, slices: &mut [IoSlice<'a>; SLICES_MAX]) -> usize {
    let (mut count, mut bytes) = (0, 0);
    for (slice, place) in pending.zip(slices) {
        *place = IoSlice::new(slice);
        (count, bytes) = (count + 1, bytes + slice.len());
        if bytes >= WRITE_BYTES {
            break;
        }
    }
    count
}

/// Reads, and writes, of one connection before everyone else has a turn.
const READS_PER_TURN: usize = 4;
const WRITES_PER_TURN: usize = 8;
/// Slices in one write.
const SLICES_MAX: usize = 64;
/// Bytes in one write, about: more is not looked for.
const WRITE_BYTES: usize = 256 * 1_024;
