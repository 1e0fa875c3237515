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

use causerie_core::time::Timestamp;
use causerie_net::clock::Clock;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep_until};
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
    arrived: VecDeque<(Timestamp, Arrived)>,
    /// Nothing more will arrive.
    ended: bool,
    /// When the last piece may be read: none overtakes it.
    last: Timestamp,
    clock: Clock,
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
        let clock = Clock::start();
        Self {
            shared,
            conn,
            way,
            inner,
            arrived: VecDeque::new(),
            ended: false,
            last: clock.now(),
            clock,
            sleep: Box::pin(sleep_until(clock.instant(clock.now()))),
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
            self.last = self.last.max(Timestamp::from_micros(self.clock.now().micros() + jitter / 1_000 * 1_000));
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
        let (now, mut given) = (self.clock.now(), 0);
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
        if conn.end(back(self.way)).gone {
            return Some(bytes.len()); // Answered by a reset, however much it is.
        }
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
    fn sent(&self, bytes: &[u8]) {
        let mut state = self.shared.borrow_mut();
        state.was_written(self.conn, self.way, bytes);
        let cut = state.is_cut(self.conn, self.way);
        let conn = &mut state.conns[self.conn];
        let flow = conn.flow(self.way);
        (flow.unread, flow.on_the_way) = (flow.unread + bytes.len(), flow.on_the_way + bytes.len());
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
        if *due > this.clock.now() {
            this.sleep.as_mut().reset(this.clock.instant(*due));
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
            self.shared.borrow_mut().was_written(self.conn, self.way, bytes);
            return Poll::Ready(Ok(bytes.len())); // Nobody will ever know.
        }
        let Some(len) = self.taken(bytes, cx) else { return Poll::Pending };
        let written = ready!(Pin::new(&mut self.inner).poll_write(cx, &bytes[..len]))?;
        self.sent(&bytes[..written]);
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
        self.sent(&[]);
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
        (conn.end(self.way).open, conn.end(self.way).gone) = (false, true);
        if let Some(writer) = conn.end(back(self.way)).writer.take() {
            writer.wake(); // Nobody makes room by reading any more.
        }
        let late = self.way == Way::Up && conn.flow(Way::Down).unread > 0;
        conn.end(back(self.way)).broken_off |= unread;
        conn.stale |= powerless || cut;
        let side = if self.way == Way::Up { "client" } else { "server" };
        note!(state, "connection {} is gone at its {side}", self.conn);
        if late {
            state.reach(Mark::LateFrame);
        }
    }
}

/// A short read brings at most so many bytes.
const SHORT_BYTES: u64 = 40;

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::future::pending;
    use std::rc::Rc;
    use std::time::Duration;

    use causerie_net::transport::Transport;
    use tokio::time::sleep;

    use super::super::disk::Disk;
    use super::super::network::Simulated;
    use super::super::state::State;
    use super::*;
    use crate::plan::World;
    use crate::swarm;

    const LINES: [&str; 6] = ["a\n", "bob\n", "a longer line than that one\n", "d\n", "\n", "the last line there is\n"];

    /// What the reads of a peer bring, each line of which was written at once.
    fn reads_of(chaotic: bool, seed: u64) -> Vec<String> {
        let mut plan = swarm::plan_for(seed, World::Tcp);
        (plan.network.split_percent, plan.network.merge_percent) = (60, 50);
        (plan.network.jitter_us, plan.network.window_bytes) = (20_000, 4_096);
        let shared: Shared = Rc::new(RefCell::new(State::new(&plan, Disk::default(), false)));
        shared.borrow_mut().stepping = true;
        let mut sim = turmoil::Builder::new()
            .epoch(std::time::SystemTime::UNIX_EPOCH)
            .rng_seed(seed)
            .tick_duration(Duration::from_millis(5))
            .build();
        let server = shared.clone();
        sim.host("server", move || {
            let server = server.clone();
            async move {
                let transport = Simulated::of(server, None);
                let (listener, _) = transport.listen("0.0.0.0:4004").await?;
                if chaotic {
                    write_lines(transport.accept(&listener).await?.0).await
                } else {
                    write_lines(listener.accept().await?.0).await
                }
            }
        });
        let reads = Rc::new(RefCell::new(Vec::new()));
        let read = reads.clone();
        sim.client("peer", async move {
            if chaotic {
                let stream = Simulated::of(shared, None).connect("server:4004").await?;
                read_all(stream, &read).await
            } else {
                read_all(TcpStream::connect("server:4004").await?, &read).await
            }
        });
        sim.run().unwrap();
        drop(sim);
        reads.take()
    }

    async fn write_lines(mut stream: impl AsyncWrite + Unpin) -> turmoil::Result {
        for line in LINES {
            let mut sent = 0;
            while sent < line.len() {
                let slices = [IoSlice::new(&line.as_bytes()[sent..])];
                sent += std::future::poll_fn(|cx| Pin::new(&mut stream).poll_write_vectored(cx, &slices)).await?;
            }
            sleep(Duration::from_millis(15)).await;
        }
        std::future::poll_fn(|cx| Pin::new(&mut stream).poll_shutdown(cx)).await?;
        pending().await
    }

    async fn read_all(mut stream: impl AsyncRead + Unpin, reads: &RefCell<Vec<String>>) -> turmoil::Result {
        let mut scratch = [0; 256];
        loop {
            let mut buffer = ReadBuf::new(&mut scratch);
            std::future::poll_fn(|cx| Pin::new(&mut stream).poll_read(cx, &mut buffer)).await?;
            if buffer.filled().is_empty() {
                return Ok(());
            }
            reads.borrow_mut().push(String::from_utf8(buffer.filled().to_vec())?);
        }
    }

    #[test]
    fn whoever_takes_a_read_for_a_line_is_found_out_here_and_not_by_turmoil() {
        assert_eq!(reads_of(false, 1), LINES, "turmoil gives one read for one write");
        let (mut split, mut merged) = (0, 0);
        for seed in 0..10 {
            let reads = reads_of(true, seed);
            assert_eq!(reads.concat(), LINES.concat(), "all that was written, in order");
            split += reads.iter().filter(|read| !read.ends_with('\n')).count();
            merged += reads.iter().filter(|read| read.trim_end_matches('\n').contains('\n')).count();
        }
        assert!(split > 10 && merged > 0, "{split} reads were a part of a line, {merged} more than one");
    }

    #[test]
    fn the_same_seed_cuts_at_the_same_places() {
        assert_eq!(reads_of(true, 4), reads_of(true, 4));
        assert_ne!(reads_of(true, 4), reads_of(true, 5));
    }
}
