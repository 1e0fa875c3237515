//! A stream that behaves as badly as a real one: it takes a part of what is written, gives a part of what has arrived, or
//! several pieces at once, later than it could; is reset by either side; goes dark; is not read.
//!
//! Turmoil's own stream moves what one write was given to one read, whole. That hides every mistake of whoever takes a
//! read for a line.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};
use turmoil::net::TcpStream;

use super::network::back;
use super::state::{Shared, note};
use crate::entropy::stream_of;
use crate::marks::Mark;
use crate::plan::Way;

/// Streams of draws: which decision is drawn.
const SPLIT: u64 = 61;
const SHORT: u64 = 62;
const MERGE: u64 = 63;
const JITTER: u64 = 64;

/// One end of a connection.
#[derive(Debug)]
pub struct Chaotic {
    shared: Shared,
    conn: usize,
    /// The way that what is written here goes: up from the client's end.
    way: Way,
    inner: TcpStream,
    /// What has arrived and is not read, each piece with when it may be.
    arrived: VecDeque<(Instant, Arrived)>,
    /// Nothing more will arrive.
    ended: bool,
    /// When the last piece may be read: none overtakes it.
    last: Instant,
    sleep: Pin<Box<Sleep>>,
    /// Reads, writes and pieces so far.
    reads: u64,
    writes: u64,
    pieces: u64,
}

#[derive(Debug)]
enum Arrived {
    Bytes(Vec<u8>),
    End(io::Result<()>),
}

impl Chaotic {
    pub(super) fn new(shared: Shared, inner: TcpStream, peer: SocketAddr, way: Way) -> Self {
        let conn = shared.borrow_mut().conn_at(peer);
        shared.borrow_mut().conns[conn].end(way).open = true;
        let now = Instant::now();
        Self {
            shared,
            conn,
            way,
            inner,
            arrived: VecDeque::new(),
            ended: false,
            last: now,
            sleep: Box::pin(sleep_until(now)),
            reads: 0,
            writes: 0,
            pieces: 0,
        }
    }

    /// Which connection.
    pub(super) const fn conn(&self) -> usize {
        self.conn
    }

    /// Takes out of the network all that has arrived.
    fn take_in(&mut self, cx: &mut Context<'_>) {
        let mut scratch = [0; 4_096];
        while !self.ended {
            let mut buffer = ReadBuf::new(&mut scratch);
            let Poll::Ready(read) = Pin::new(&mut self.inner).poll_read(cx, &mut buffer) else { return };
            let arrived = match read {
                Ok(()) if buffer.filled().is_empty() => Arrived::End(Ok(())),
                Ok(()) => Arrived::Bytes(buffer.filled().to_vec()),
                Err(error) => Arrived::End(Err(error)),
            };
            self.ended = matches!(arrived, Arrived::End(_));
            let mut shared = self.shared.borrow_mut();
            let state = &mut *shared;
            let conn = &mut state.conns[self.conn];
            if let Arrived::Bytes(bytes) = &arrived {
                let flow = conn.flow(back(self.way));
                flow.on_the_way = flow.on_the_way.saturating_sub(bytes.len());
            }
            let stream = stream_of(JITTER, conn.key, self.way as u64);
            let jitter = state.entropy.below(stream, self.pieces, state.plan.network.jitter_us + 1);
            self.pieces += 1;
            self.last = self.last.max(Instant::now() + Duration::from_millis(jitter / 1_000));
            self.arrived.push_back((self.last, arrived));
        }
    }

    /// Gives what may be read, as much as is drawn.
    fn give(&mut self, buffer: &mut ReadBuf<'_>) -> usize {
        let mut shared = self.shared.borrow_mut();
        let state = &mut *shared;
        let key = state.conns[self.conn].key;
        let draw = |kind, end| state.entropy.below(stream_of(kind, key, self.way as u64), self.reads, end);
        let merged = draw(MERGE, 100) < state.plan.network.merge_percent;
        let mut room = buffer.remaining();
        if draw(SPLIT, 100) < state.plan.network.split_percent {
            room = room.min(1 + usize::try_from(draw(SHORT, SHORT_BYTES)).expect("a small number"));
        }
        self.reads += 1;
        let (now, mut given) = (Instant::now(), 0);
        while given < room
            && (given == 0 || merged)
            && let Some((due, Arrived::Bytes(bytes))) = self.arrived.front_mut()
            && *due <= now
        {
            let len = bytes.len().min(room - given);
            buffer.put_slice(&bytes[..len]);
            given += len;
            if len == bytes.len() {
                self.arrived.pop_front();
            } else {
                bytes.drain(..len);
                state.marks.reach(Mark::ShortRead);
            }
        }
        let flow = state.conns[self.conn].flow(back(self.way));
        flow.unread = flow.unread.saturating_sub(given);
        if let Some(writer) = state.conns[self.conn].end(back(self.way)).writer.take() {
            writer.wake();
        }
        given
    }

    /// As much of what is to be written as is taken at once; none, if there is no room for any.
    fn taken(&mut self, bytes: &[u8], cx: &Context<'_>) -> Option<usize> {
        let mut shared = self.shared.borrow_mut();
        let state = &mut *shared;
        let conn = &mut state.conns[self.conn];
        let room = state.plan.network.window_bytes.saturating_sub(conn.flow(self.way).unread);
        if room == 0 {
            conn.end(self.way).writer = Some(cx.waker().clone());
            return None;
        }
        let mut len = bytes.len().min(room);
        let mut draw = state.entropy.stream(stream_of(SPLIT, conn.key, self.way as u64 + 2 + 4 * self.writes));
        if len > 1 && draw.percent(state.plan.network.split_percent) {
            len = 1 + usize::try_from(draw.below(len as u64 - 1)).expect("it is below a length");
            state.marks.reach(Mark::SplitWrite);
        }
        self.writes += 1;
        Some(len)
    }

    /// Something was given to the network, or the end of it.
    fn sent(&self, len: usize) {
        let mut state = self.shared.borrow_mut();
        let cut = state.is_cut(self.conn, self.way);
        let conn = &mut state.conns[self.conn];
        let flow = conn.flow(self.way);
        (flow.unread, flow.on_the_way) = (flow.unread + len, flow.on_the_way + len);
        conn.stale |= cut;
    }

    /// What stands in the way of doing anything: a reset, or that nothing is carried any more.
    fn trouble(&self) -> Result<bool, io::Error> {
        let mut state = self.shared.borrow_mut();
        let power = state.is_powerless() && self.way == Way::Down;
        let conn = &mut state.conns[self.conn];
        if conn.end(self.way).reset { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(conn.dark || power) }
    }
}

impl AsyncRead for Chaotic {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let dark = this.trouble()?;
        {
            let mut state = this.shared.borrow_mut();
            let slow = this.way == Way::Up && state.is_slow(this.conn);
            state.conns[this.conn].end(this.way).reader = Some(cx.waker().clone());
            if dark || slow {
                return Poll::Pending;
            }
        }
        this.take_in(cx);
        let Some((due, _)) = this.arrived.front() else { return Poll::Pending };
        if *due > Instant::now() {
            this.sleep.as_mut().reset(*due);
            ready!(this.sleep.as_mut().poll(cx));
        }
        if let Some((_, Arrived::End(_))) = this.arrived.front() {
            let mut state = this.shared.borrow_mut();
            let broken_off = state.conns[this.conn].end(this.way).broken_off;
            let Some((_, Arrived::End(end))) = this.arrived.front_mut() else { return Poll::Pending };
            let end = std::mem::replace(end, Ok(()));
            return Poll::Ready(if broken_off { Err(io::ErrorKind::ConnectionReset.into()) } else { end });
        }
        let before = buffer.filled().len();
        let given = this.give(buffer);
        this.shared.borrow_mut().was_read(this.conn, this.way, &buffer.filled()[before..before + given]);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Chaotic {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.trouble()? {
            return Poll::Ready(Ok(bytes.len())); // Nobody will ever know.
        }
        let Some(len) = self.taken(bytes, cx) else { return Poll::Pending };
        let written = ready!(Pin::new(&mut self.inner).poll_write(cx, &bytes[..len]))?;
        self.sent(written);
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let bytes: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).collect();
        self.poll_write(cx, &bytes)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.trouble()? {
            return Poll::Ready(Ok(()));
        }
        self.sent(0);
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

impl Drop for Chaotic {
    fn drop(&mut self) {
        let unread = self.arrived.iter().any(|(_, arrived)| matches!(arrived, Arrived::Bytes(_)));
        let Ok(mut state) = self.shared.try_borrow_mut() else { return }; // A panic is on its way up.
        let cut = state.is_cut(self.conn, self.way);
        let powerless = state.is_powerless() && self.way == Way::Down;
        let conn = &mut state.conns[self.conn];
        conn.end(self.way).open = false;
        conn.end(back(self.way)).broken_off |= unread;
        conn.stale |= powerless || cut;
        let side = if self.way == Way::Up { "client" } else { "server" };
        note!(state, "connection {} is gone at its {side}", self.conn);
    }
}

/// A short read brings at most so many bytes.
const SHORT_BYTES: u64 = 40;
