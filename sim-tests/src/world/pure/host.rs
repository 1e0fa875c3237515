//! The server's host: starts it, hands it what happens, carries out what it orders; reads and writes its connections the
//! way `net` does.

use causerie_core::chat::Chat;
use causerie_core::history::{Found, Query, answer};
use causerie_core::protocol::{Intent, Key, Leaving, NodeId, Position, Record, encode_entry};
use causerie_core::server::{ConnId, Input, Output, Server};

use super::heap::Event;
use super::network::{Conn, End, Packet, Pipe, pieces};
use super::{World, note};
use crate::entropy::{digest, mix, stream_of};
use crate::evidence::Depart;
use crate::marks::Mark;
use crate::plan::Way;
use crate::record::Happening;
use crate::world::asking::gate;

/// Streams of draws: which decision is drawn.
const LATENCY: u64 = 11;
const SPLIT: u64 = 12;
const MERGE: u64 = 13;
const SHORT: u64 = 14;
const FSYNC: u64 = 15;
const LOAD: u64 = 16;
const ENTROPY: u64 = 17;

impl World<'_> {
    /// Starts the server: the last state of the fold, the log's tail, and then it is open.
    pub(super) fn start_server(&mut self) {
        if self.server.is_some() || self.starts_at.is_some_and(|at| at > self.now) {
            return;
        }
        self.starts_at = None;
        self.incarnation += 1;
        self.disk.lost = false;
        let chat = self.disk.last_snapshot().map(|bytes| Chat::restore(bytes).expect("a snapshot reads back"));
        if chat.is_some() {
            self.reach(Mark::SnapshotUsed);
        }
        let chat = chat.unwrap_or_default();
        let from = usize::try_from(chat.next().0).expect("a log fits in memory");
        note!(self, "server starts: {} records, {from} of them in the snapshot", self.disk.stored.len());
        self.record(Happening::ServerStarts { records: self.disk.stored.len(), snapshot: from });
        let style = causerie_core::door::Style::default();
        self.server = Some(Server::new(chat, NodeId(0), self.limits, style).with_gate(gate()));
        self.server_timer = u64::MAX;
        for position in from..self.disk.stored.len() {
            self.commit(position);
        }
        let entropy = self.entropy.bytes(ENTROPY, u64::from(self.incarnation));
        self.server_input(Input::Begun { entropy });
    }

    /// The server is gone, from one moment to the next.
    pub(super) fn drop_server(&mut self) {
        self.server = None;
        self.incarnation += 1;
        self.orders.clear();
        for conn in &mut self.conns {
            (conn.ready, conn.paused, conn.turn) = (false, false, false);
        }
    }

    /// Hands the server something that happened, and carries out what it orders.
    pub(super) fn server_input(&mut self, input: Input<'_>) {
        let now = self.timestamp();
        let Some(server) = self.server.as_mut() else { return };
        let mut orders = std::mem::take(&mut self.orders);
        server.handle(now, input, &mut orders);
        if let Some(due) = server.poll_timeout()
            && due.micros() < self.server_timer
        {
            self.server_timer = due.micros().max(self.now);
            self.heap.at(self.server_timer, Event::ServerTimer);
        }
        for order in orders.drain(..) {
            self.server_output(order);
        }
        self.orders = orders;
    }

    pub(super) fn server_timer(&mut self) {
        if self.server_timer > self.now {
            return; // Of an earlier start.
        }
        self.server_timer = u64::MAX;
        self.server_input(Input::Elapsed);
        self.weigh();
    }

    fn server_output(&mut self, output: Output) {
        match output {
            Output::Ready { conn } => {
                let conn = place(conn);
                self.conns[conn].ready = true;
                self.plan_write(conn);
            }
            Output::Pause { conn } => {
                let conn = place(conn);
                assert!(!self.conns[conn].paused, "pause and resume alternate");
                self.conns[conn].paused = true;
                self.reach(Mark::Paused);
            }
            Output::Resume { conn } => {
                let conn = place(conn);
                assert!(self.conns[conn].paused, "pause and resume alternate");
                self.conns[conn].paused = false;
                self.look_at(conn, Way::Up);
            }
            Output::Close { conn } | Output::HandOver { conn, .. } => self.begin_closing(place(conn)), // Nobody serves HTTP here.
            Output::Append { record } => self.append(record),
            Output::Keep { entries } => {
                for entry in entries {
                    let digest = digest(&encode_entry(&entry));
                    self.kept.push((entry.seq, digest));
                    self.disk.history.keep(&entry);
                }
            }
            Output::Load { conn, query } => self.load(place(conn), query),
            Output::Snapshot { bytes, .. } => {
                let head = self.kept.iter().map(|(seq, _)| *seq).next_back().unwrap_or_default();
                note!(self, "server keeps a snapshot at {head}");
                self.disk.snapshot(head, bytes);
            }
        }
    }

    fn append(&mut self, record: Record) {
        note!(self, "log is given {}", Intents(&record));
        for intent in &record.intents {
            if let Intent::Depart { client, session, why: Leaving::Lost } = intent {
                let heard_us = self.heard.get(client).copied().unwrap_or(0);
                self.departs.push(Depart { client: *client, session: *session, given_us: self.now, heard_us });
            }
        }
        if self.disk.is_given(&record) {
            self.reach(Mark::ProposedAgain);
        }
        self.disk.give(self.now, record);
        self.sync();
    }

    /// Begins a group commit, if there is something to commit.
    pub(super) fn sync(&mut self) {
        let disk = &self.plan.disk;
        let takes = disk.fsync_us + self.draw(FSYNC, 0, self.disk.syncs, disk.jitter_us + 1);
        if let Some(until) = self.disk.begin(self.now, takes) {
            self.heap.at(until, Event::Synced { incarnation: self.incarnation });
            if let Some((_, down_ms)) = self.power_fails.take_if(|(sync, _)| *sync <= self.disk.syncs) {
                let during = self.now + takes / 2;
                self.heap.at(during, Event::PowerFails { incarnation: self.incarnation, down_ms });
            }
        }
    }

    pub(super) fn synced(&mut self) {
        if self.disk.lost {
            return;
        }
        let count = self.disk.end(self.now, self.wall());
        if count > 1 {
            self.reach(Mark::GroupCommit);
        }
        let incarnation = self.incarnation;
        for position in self.disk.stored.len() - count..self.disk.stored.len() {
            note!(self, "log stores {position}: {}", Intents(&self.disk.stored[position].record));
            if self.incarnation == incarnation {
                self.commit(position);
            }
        }
        self.sync();
        self.weigh();
    }

    fn commit(&mut self, position: usize) {
        let stored = &self.disk.stored[position];
        let (at, record) = (stored.at, stored.record.clone());
        self.server_input(Input::Committed { position: Position(position as u64), at, record });
    }

    fn load(&mut self, conn: usize, query: Query) {
        if let Query::Resume { .. } = query {
            self.conns[conn].pages += 1;
            if self.conns[conn].pages == 2 {
                self.reach(Mark::FellBehind);
            }
        }
        let Ok(found) = answer(&self.disk.history, &query);
        let takes = 30 + self.draw(LOAD, conn as u64, self.now, 400);
        let at = self.now.max(self.disk.busy_until) + takes;
        let found = Box::new((query, found));
        self.heap.at(at, Event::Loaded { conn, incarnation: self.incarnation, found });
    }

    pub(super) fn loaded(&mut self, conn: usize, (query, found): (Query, Found)) {
        self.server_input(Input::Loaded { conn: id(conn), query, found: Some(found) });
        self.weigh();
    }

    /// A connection arrives at the server.
    pub(super) fn open(&mut self, life: usize, attempt: u64) -> usize {
        let conn = self.conns.len();
        let entropy = self.entropy.bytes(ENTROPY, mix(conn as u64 + 1_000));
        let guest = Key::new(entropy).client();
        self.conns.push(Conn {
            life,
            attempt,
            up: Pipe::default(),
            down: Pipe::default(),
            client: true,
            stands: false,
            server: End::Open,
            dark: false,
            held: 0,
            ready: false,
            paused: false,
            guest,
            welcomed: false,
            pages: 0,
            turn: false,
        });
        self.recorder.belongs(conn, life);
        note!(self, "server takes connection {conn} of {}", self.lives[life].name());
        let peer = format!("192.0.2.{life}:{conn}");
        self.server_input(Input::Opened { conn: id(conn), door: None, peer, entropy });
        conn
    }

    fn begin_closing(&mut self, conn: usize) {
        if self.conns[conn].server != End::Open {
            return;
        }
        note!(self, "server closes connection {conn}");
        self.conns[conn].server = End::Closing;
        let until = self.now + self.limits.close_flush_ms * 1_000;
        self.heap.at(until, Event::Flushed { conn, incarnation: self.incarnation });
        self.plan_write(conn);
        self.look_at(conn, Way::Up);
    }

    /// A closing connection has drained, or was waited for long enough.
    pub(super) fn flushed(&mut self, conn: usize) {
        if self.conns[conn].server == End::Closing {
            self.send(conn, Way::Down, Packet::Reset);
        }
        self.server_end_gone(conn);
    }

    /// The server's end of a connection is gone, and the server is told.
    pub(super) fn server_end_gone(&mut self, conn: usize) {
        if self.conns[conn].server != End::Gone {
            self.conns[conn].server = End::Gone;
            note!(self, "connection {conn} is gone for the server");
            self.server_input(Input::Closed { conn: id(conn) });
        }
    }

    pub(super) fn plan_write(&mut self, conn: usize) {
        if !std::mem::replace(&mut self.conns[conn].turn, true) {
            self.heap.at(self.now, Event::Writable { conn });
        }
    }

    /// Writes what the server has for a connection, as far as the network takes it.
    pub(super) fn write(&mut self, conn: usize) {
        self.conns[conn].turn = false;
        if !matches!(self.conns[conn].server, End::Open | End::Closing) || self.server.is_none() {
            return;
        }
        if self.is_reset_under_writer(conn) {
            return self.server_end_gone(conn);
        }
        let mut told = !std::mem::take(&mut self.conns[conn].ready);
        while let Some(server) = self.server.as_ref() {
            let room = self.plan.network.window_bytes.saturating_sub(self.conns[conn].down.bytes());
            let mut bytes: Vec<u8> = Vec::new();
            let mut any = false;
            for slice in server.pending(id(conn)) {
                any = true;
                bytes.extend_from_slice(&slice[..slice.len().min(room - bytes.len())]);
                if bytes.len() == room {
                    break;
                }
            }
            if !any && told {
                break;
            }
            if any && bytes.is_empty() {
                self.conns[conn].ready = true; // Full: goes on when something was read.
                return;
            }
            if self.draw(SHORT, conn as u64, self.conns[conn].down.sent(), 100) < self.plan.network.split_percent / 4 {
                bytes.truncate(bytes.len().div_ceil(2));
            }
            let len = bytes.len();
            if !bytes.is_empty() {
                self.send_bytes(conn, Way::Down, bytes);
            }
            self.server_input(Input::Written { conn: id(conn), len });
            told = !std::mem::take(&mut self.conns[conn].ready);
        }
        if self.conns[conn].server == End::Closing {
            self.conns[conn].server = End::Shut;
            self.send(conn, Way::Down, Packet::Fin);
        }
    }

    /// Puts bytes on the way, in one piece or several.
    pub(super) fn send_bytes(&mut self, conn: usize, way: Way, bytes: Vec<u8>) {
        self.recorder.sent(self.now, conn, way, &bytes);
        let life = &mut self.lives[self.conns[conn].life].evidence;
        if way == Way::Down && life.by.has_account() {
            life.written.more(self.incarnation, &bytes);
        }
        let pipe = self.pipe(conn, way).sent();
        let which = conn as u64 * 2 + u64::from(way == Way::Down);
        if self.draw(SPLIT, which, pipe, 100) < self.plan.network.split_percent {
            let mut draw = self.entropy.stream(stream_of(SPLIT, which, pipe + 1));
            for piece in pieces(bytes, |end| draw.below(end)) {
                self.send(conn, way, Packet::Bytes(piece));
            }
        } else {
            self.send(conn, way, Packet::Bytes(bytes));
        }
    }

    pub(super) fn send(&mut self, conn: usize, way: Way, packet: Packet) {
        if self.conns[conn].dark {
            return;
        }
        let which = conn as u64 * 2 + u64::from(way == Way::Down);
        let arrives = self.now + self.latency(which, self.pipe(conn, way).sent());
        let reset = packet == Packet::Reset;
        self.pipe_mut(conn, way).send(arrives, packet);
        if reset && way == Way::Up {
            self.heap.at(self.pipe(conn, way).last(), Event::Arrive { conn, way }); // Though what is before it be unread.
        }
        self.look_at(conn, way);
    }

    /// Whether the server, which does not read, would find out by writing that its peer is gone.
    fn is_reset_under_writer(&self, conn: usize) -> bool {
        let state = &self.conns[conn];
        state.paused && state.ready && !self.is_blocked(conn, Way::Up) && state.up.is_reset(self.now)
    }

    /// What a piece takes one way.
    pub(super) fn latency(&self, which: u64, counter: u64) -> u64 {
        let network = &self.plan.network;
        let jitter = self.draw(LATENCY, which, counter, network.jitter_us + 1);
        network.latency_us + jitter + self.spike_ms * 1_000
    }

    pub(super) fn pipe(&self, conn: usize, way: Way) -> &Pipe {
        match way {
            Way::Up => &self.conns[conn].up,
            Way::Down => &self.conns[conn].down,
        }
    }

    pub(super) fn pipe_mut(&mut self, conn: usize, way: Way) -> &mut Pipe {
        match way {
            Way::Up => &mut self.conns[conn].up,
            Way::Down => &mut self.conns[conn].down,
        }
    }

    /// Sees to it that the end of a pipe is looked at when something arrives there.
    pub(super) fn look_at(&mut self, conn: usize, way: Way) {
        let now = self.now;
        let pipe = self.pipe_mut(conn, way);
        let Some(due) = pipe.due().map(|due| due.max(now)) else { return };
        if pipe.looked_at.is_none_or(|at| at > due) {
            pipe.looked_at = Some(due);
            self.heap.at(due, Event::Arrive { conn, way });
        }
    }

    /// Takes out of a pipe what has arrived, as long as its reader reads.
    pub(super) fn arrive(&mut self, conn: usize, way: Way) {
        let now = self.now;
        let pipe = self.pipe_mut(conn, way);
        if pipe.looked_at.is_some_and(|at| at <= now) {
            pipe.looked_at = None;
        }
        if way == Way::Up && self.is_reset_under_writer(conn) {
            return self.server_end_gone(conn);
        }
        while !self.is_blocked(conn, way) && self.is_read(conn, way) {
            let sent = self.pipe(conn, way).sent();
            let merged = self.draw(MERGE, conn as u64, sent, 100) < self.plan.network.merge_percent;
            let Some(packet) = self.pipe_mut(conn, way).take(now, merged) else {
                return self.look_at(conn, way);
            };
            match way {
                Way::Up => self.hear(conn, packet),
                Way::Down => self.deliver(conn, packet),
            }
        }
    }

    /// Whether the network holds what comes out there.
    fn is_blocked(&self, conn: usize, way: Way) -> bool {
        let state = &self.conns[conn];
        state.held > 0 || self.lives[state.life].person().is_some_and(|who| self.people[who].is_cut(way))
    }

    /// Whether what is in front would be read at its end.
    fn is_read(&self, conn: usize, way: Way) -> bool {
        let state = &self.conns[conn];
        match way {
            Way::Up => !state.paused || state.server != End::Open,
            Way::Down => {
                let slow = self.lives[state.life].person().is_some_and(|who| self.people[who].slow > 0);
                !slow || !state.client || !matches!(state.down.front(), Some(Packet::Bytes(_)))
            }
        }
    }

    /// Something arrives at the server's end.
    fn hear(&mut self, conn: usize, packet: Packet) {
        match (packet, self.conns[conn].server) {
            (Packet::Reset, End::Gone) => {}
            (Packet::Reset, _) => self.server_end_gone(conn),
            (Packet::Bytes(_) | Packet::Fin, End::Gone) => {
                if self.server.is_some() && self.conns[conn].client {
                    self.send(conn, Way::Down, Packet::Reset); // Nobody here knows that connection.
                }
            }
            (Packet::Fin, End::Shut) => self.server_end_gone(conn),
            (Packet::Fin, End::Closing) | (Packet::Bytes(_), End::Closing | End::Shut) => {}
            (Packet::Fin, End::Open) => self.server_input(Input::Finished { conn: id(conn) }),
            (Packet::Bytes(bytes), End::Open) => {
                note!(self, "server hears {} on {conn}: {}", self.lives[self.conns[conn].life].name(), Bytes(&bytes));
                self.trace.mark_bytes(&bytes);
                self.recorder.arrived(self.now, conn, Way::Up, bytes.len());
                if self.conns[conn].welcomed {
                    let identity = self.identity(conn);
                    self.heard.insert(identity, self.now);
                }
                self.lives[self.conns[conn].life].evidence.written.heard();
                self.sizes.input = self.sizes.input.max(bytes.len());
                self.server_input(Input::Received { conn: id(conn), bytes: &bytes });
            }
        }
    }

    /// Notes the sizes of what the server holds.
    fn weigh(&mut self) {
        let Some(server) = self.server.as_ref() else { return };
        let fanout = server.fanout();
        self.sizes.rings = self.sizes.rings.max(fanout.ring_bytes());
        self.sizes.proposals = self.sizes.proposals.max(server.proposed());
        self.sizes.sessions = self.sizes.sessions.max(server.connected());
        let open = (0..self.conns.len()).filter(|conn| self.conns[*conn].server == End::Open);
        for conn in open.map(id) {
            let answers = fanout.answers_bytes(conn);
            self.sizes.answers = self.sizes.answers.max(answers);
            self.sizes.connection = self.sizes.connection.max(fanout.connection_bytes(conn) - answers);
        }
    }
}

/// The server's name of a connection.
pub(super) const fn id(conn: usize) -> ConnId {
    ConnId(conn as u64)
}

fn place(conn: ConnId) -> usize {
    usize::try_from(conn.0).expect("connections are counted in memory")
}

/// Bytes as a trace shows them.
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl std::fmt::Display for Bytes<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = &self.0[..self.0.len().min(400)];
        let rest = self.0.len() - shown.len();
        write!(f, "{}", shown.escape_ascii())?;
        if rest > 0 { write!(f, " and {rest} bytes more") } else { Ok(()) }
    }
}

/// A record as a trace shows it.
struct Intents<'a>(&'a Record);

impl std::fmt::Display for Intents<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.0.intents)
    }
}
