//! A server and its host: what it orders is carried out at once.

use causerie_core::chat::Chat;
use causerie_core::door::Style;
use causerie_core::limits::Limits;
use causerie_core::protocol::{NodeId, Position, Record};
use causerie_core::server::{ConnId, Input, Output, Server};
use causerie_core::time::{Timestamp, WallTime};

/// Limits under which nothing but the grace period's end and a lagging log has a deadline that can come.
pub(super) fn limits() -> Limits {
    let never = 1 << 40;
    Limits { hello_ms: never, greet_ms: never, idle_ms: never, ..Limits::default() }
}

/// A server and what it orders, carried out as `net` does, but at once.
pub(super) struct Host {
    pub(super) server: Server,
    pub(super) now: Timestamp,
    pub(super) orders: Vec<Output>,
    pub(super) wrote: Vec<(ConnId, Vec<u8>)>,
}

impl Host {
    pub(super) fn new(server: Server) -> Self {
        Self { server, now: Timestamp::default(), orders: Vec::new(), wrote: Vec::new() }
    }

    /// A server that has read what the log holds beyond a state of the fold.
    pub(super) fn from(chat: Chat, records: &[Record]) -> Self {
        let from = usize::try_from(chat.next().0).expect("a log fits in memory");
        let mut host = Self::new(Server::new(chat, NodeId(0), limits(), Style::default()));
        for (position, record) in records.iter().enumerate().skip(from) {
            let position = Position(position as u64);
            host.feed(Input::Committed { position, at: WallTime(0), record: record.clone() });
        }
        host
    }

    /// Hands it something; then all it has to write is written, and what it closes is closed.
    pub(super) fn feed(&mut self, input: Input<'_>) {
        let mut next = self.orders.len();
        self.server.handle(self.now, input, &mut self.orders);
        let mut closing = Vec::new();
        while let Some(order) = self.orders.get(next) {
            next += 1;
            match order {
                Output::Ready { conn } => {
                    let conn = *conn;
                    self.write(conn);
                }
                Output::Close { conn } | Output::HandOver { conn, .. } => closing.push(*conn),
                Output::Pause { .. }
                | Output::Resume { .. }
                | Output::Append { .. }
                | Output::Keep { .. }
                | Output::Load { .. }
                | Output::Snapshot { .. } => {}
            }
        }
        closing.into_iter().for_each(|conn| self.feed(Input::Closed { conn }));
    }

    fn write(&mut self, conn: ConnId) {
        loop {
            let bytes = self.server.pending(conn).collect::<Vec<_>>().concat();
            let len = bytes.len();
            if len > 0 {
                self.wrote.push((conn, bytes));
            }
            self.server.handle(self.now, Input::Written { conn, len }, &mut self.orders);
            if len == 0 {
                return;
            }
        }
    }
}

pub(super) const fn id(conn: u16) -> ConnId {
    ConnId(conn as u64)
}

pub(super) fn place(conn: ConnId) -> u16 {
    u16::try_from(conn.0).expect("the connections here have small numbers")
}
