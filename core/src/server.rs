//! The server: connections, sessions and deadlines. A pure machine: facts in, orders out, time passed in.
//!
//! Feed it: [`Server::handle`] takes one [`Input`] and adds all that follows from it to a list of [`Output`]s; the driver
//! carries those out in order. Ask it: [`Server::pending`] gives what a connection is to be sent, and
//! [`Server::poll_timeout`] when it wants to be woken.
//!
//! It decides nothing about the chat: what is asked goes into the log as an intent, and what comes back from the log goes
//! through the fold. What the fold makes of it is shown to those who may see it, and nothing else is.

mod asides;
mod commit;
mod conn;
mod departed;
mod gate;
mod profiles;
mod proposals;
mod requests;
mod sessions;
mod timers;
mod watch;

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use self::conn::{Conn, Stage};
use self::departed::Departed;
pub use self::gate::Gate;
use self::proposals::Proposals;
use self::requests::told;
use self::sessions::Link;
use self::timers::Timers;
use self::watch::Watchers;
use crate::chat::Chat;
use crate::door::{self, AnyDoor, Style};
pub use crate::fanout::ConnId;
use crate::fanout::{Fanout, FanoutLimits, Next};
use crate::history::{Found, Query};
use crate::limits::Limits;
use crate::protocol::{
    ClientId, Entry, NodeId, Notice, Origin, Parting, Position, Record, Reply, Seq, Session, StateHash, Through,
};
use crate::time::{Timestamp, WallTime};

/// A fact the driver reports.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input<'a> {
    /// The log was read to its end: the server begins. `entropy` names the log if it is new.
    Begun {
        /// 128 random bits.
        entropy: [u8; 16],
    },
    /// A connection was accepted.
    Opened {
        /// Which: never used before.
        conn: ConnId,
        /// The door it came through, if the listener has only one.
        door: Option<Through>,
        /// Its address, for the console.
        peer: String,
        /// 128 random bits: who it is, if it turns out to be a guest.
        entropy: [u8; 16],
    },
    /// Bytes arrived.
    Received {
        /// On which connection.
        conn: ConnId,
        /// As they came.
        bytes: &'a [u8],
    },
    /// Bytes of what was pending went out. Zero, if nothing was pending though the connection was ready.
    Written {
        /// On which connection.
        conn: ConnId,
        /// How many.
        len: usize,
    },
    /// The peer will say nothing more, and may still listen.
    Finished {
        /// Which connection.
        conn: ConnId,
    },
    /// A connection is gone, by whichever side.
    Closed {
        /// Which.
        conn: ConnId,
    },
    /// A record is durable, at its place.
    Committed {
        /// Where.
        position: Position,
        /// When the log took it.
        at: WallTime,
        /// What.
        record: Record,
    },
    /// What was looked up in history; none if it could not be read.
    Loaded {
        /// For which connection.
        conn: ConnId,
        /// What was asked.
        query: Query,
        /// What was found.
        found: Option<Found>,
    },
    /// The log takes nothing more. What was given to it last may or may not be stored.
    Lost,
    /// The server is to stop: everyone is told.
    Stopped,
    /// Time passed.
    Elapsed,
}

/// An order to the driver.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Output {
    /// This connection has something to write: pull it with [`Server::pending`] until there is nothing. It is said once;
    /// what comes after [`Input::Written`] may be more.
    Ready {
        /// Which.
        conn: ConnId,
    },
    /// Do not read from it …
    Pause {
        /// Which.
        conn: ConnId,
    },
    /// … until this.
    Resume {
        /// Which.
        conn: ConnId,
    },
    /// Write what is pending, for at most [`Limits::close_flush_ms`], and close it.
    Close {
        /// Which.
        conn: ConnId,
    },
    /// The peer speaks HTTP, which is none of the machine's: hand the connection over to whoever serves that, and its first
    /// bytes with it. The machine knows this connection no more.
    HandOver {
        /// Which.
        conn: ConnId,
        /// All that was received on it.
        first: Vec<u8>,
    },
    /// Append to the log.
    Append {
        /// All of it or none of it.
        record: Record,
    },
    /// Keep in history. Keeping an entry again changes nothing.
    Keep {
        /// In order.
        entries: Vec<Arc<Entry>>,
    },
    /// Look up in history, after everything that was given to be kept.
    Load {
        /// For which connection.
        conn: ConnId,
        /// What.
        query: Query,
    },
    /// Store the fold's state, with or after everything that was given to be kept.
    Snapshot {
        /// The position after the last record in it.
        position: Position,
        /// Its digest.
        hash: StateHash,
        /// The state.
        bytes: Vec<u8>,
    },
}

/// How far the server's life has come.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Life {
    /// The log is being read: nobody is connected.
    Recovering,
    /// Open for business.
    Running,
    /// The log takes nothing more: reading goes on.
    NotStoring,
    /// Everyone was told.
    Stopping,
}

/// The server machine.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Server {
    limits: Limits,
    gate: Gate,
    style: Style,
    origin: Origin,
    life: Life,
    now: Timestamp,
    chat: Chat,
    fanout: Fanout,
    conns: BTreeMap<ConnId, Conn>,
    /// Connections that have not said who they are.
    unnamed: usize,
    /// Whose session is held here, and whether its connection stands.
    links: BTreeMap<ClientId, Link>,
    /// What those were sent last who come back without saying what they have seen: IRC's accounts.
    left_at: BTreeMap<ClientId, Seq>,
    /// Sessions on their way through the log. Their connection may be gone by the time they arrive.
    attaching: BTreeMap<Session, ConnId>,
    /// That this start began has come back from the log: who held a session before it has their grace.
    began: bool,
    session_count: u32,
    proposals: Proposals,
    /// Connections that are not read because the log lags.
    lagging: BTreeSet<ConnId>,
    /// Connections whose unsent answers came to be too many during this input.
    full: BTreeSet<ConnId>,
    timers: Timers,
    /// Who is told of whose coming and going.
    watchers: Watchers,
    /// Who was called what.
    departed: Departed,
    /// Pages of history being read, and those that wait for their turn.
    loads: usize,
    loads_waiting: VecDeque<(ConnId, Query)>,
    /// Entries since the last snapshot.
    since_snapshot: u64,
    /// Connections to be reported ready at the end of an input.
    ready: Vec<ConnId>,
}

impl Server {
    /// A server that goes on from a state of the fold, as `node`. Feed it the records after that state, then
    /// [`Input::Begun`].
    #[must_use]
    pub fn new(chat: Chat, node: NodeId, limits: Limits, style: Style) -> Self {
        let fanout_limits = FanoutLimits {
            ring_bytes_max: limits.ring_bytes_max,
            rings_bytes_max: limits.rings_bytes_max,
            lane_bytes_max: limits.lane_bytes_max,
            windows_max: limits.windows_max,
        };
        Self {
            limits,
            gate: Gate::default(),
            style,
            origin: Origin { node, epoch: 0 },
            life: Life::Recovering,
            now: Timestamp::default(),
            fanout: Fanout::new(fanout_limits, chat.head()),
            chat,
            conns: BTreeMap::new(),
            unnamed: 0,
            links: BTreeMap::new(),
            left_at: BTreeMap::new(),
            attaching: BTreeMap::new(),
            began: false,
            session_count: 0,
            proposals: Proposals::default(),
            lagging: BTreeSet::new(),
            full: BTreeSet::new(),
            timers: Timers::default(),
            watchers: Watchers::default(),
            departed: Departed::default(),
            loads: 0,
            loads_waiting: VecDeque::new(),
            since_snapshot: 0,
            ready: Vec::new(),
        }
    }

    /// The same server, with passwords.
    #[must_use]
    pub fn with_gate(self, gate: Gate) -> Self {
        Self { gate, ..self }
    }

    /// Takes in one input and adds to `outputs` all that follows from it. Cannot fail, cannot wait.
    pub fn handle(&mut self, now: Timestamp, input: Input<'_>, outputs: &mut Vec<Output>) {
        self.now = self.now.max(now);
        match input {
            Input::Begun { entropy } => self.begin(entropy),
            Input::Opened { conn, door, peer, entropy } => self.open(conn, door, peer, entropy, outputs),
            Input::Received { conn, bytes } => self.receive(conn, bytes, outputs),
            Input::Written { conn, len } => self.written(conn, len, outputs),
            Input::Finished { conn } => self.finish(conn, outputs),
            Input::Closed { conn } => self.forget_connection(conn),
            Input::Committed { position, at, record } => self.commit(position, at, &record, outputs),
            Input::Loaded { conn, query, found } => self.loaded(conn, &query, found, outputs),
            Input::Lost => self.lose_log(outputs),
            Input::Stopped => self.stop(outputs),
            Input::Elapsed => {}
        }
        self.fire_timers(outputs);
        self.propose_gathered(outputs);
        for conn in core::mem::take(&mut self.full) {
            self.pause(conn, |pauses| pauses.lane = true, outputs);
        }
        outputs.extend(self.ready.drain(..).map(|conn| Output::Ready { conn }));
    }

    /// When [`Input::Elapsed`] is due, unless something else happens first.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.timers.first().map(|(at, _)| at)
    }

    /// What this connection is to be sent next, in order, uncopied; [`Input::Written`] moves on, and has to follow before
    /// any other input does.
    pub fn pending(&self, conn: ConnId) -> impl Iterator<Item = &[u8]> {
        self.fanout.pending(conn)
    }

    /// The state of the fold.
    #[must_use]
    pub const fn chat(&self) -> &Chat {
        &self.chat
    }

    /// What delivery holds.
    #[must_use]
    pub const fn fanout(&self) -> &Fanout {
        &self.fanout
    }

    /// The address somebody is connected from.
    #[must_use]
    pub fn peer(&self, client: &ClientId) -> Option<&str> {
        let conn = self.links.get(client)?.conn()?;
        self.conns.get(&conn).map(|conn| &*conn.peer)
    }

    /// How many people have a connection. Counted anew: for consoles.
    #[must_use]
    pub fn connected(&self) -> usize {
        self.links.values().filter(|link| link.conn().is_some()).count()
    }

    /// Intents given to the log and not yet back.
    #[must_use]
    pub fn proposed(&self) -> usize {
        self.proposals.len()
    }

    /// Gives a connection an answer in its vocabulary.
    fn answer(&mut self, conn: ConnId, reply: &Reply) {
        let bytes = self.encode(conn, reply);
        self.fanout.answer(conn, bytes, &mut self.ready);
        self.pause_if_lane_full(conn);
    }

    /// Lets delivery know in which vocabulary a connection is written to: an answer may have changed it.
    fn speak(&mut self, conn: ConnId, outputs: &mut Vec<Output>) {
        let Some(vocabulary) = self.conns.get(&conn).map(Conn::vocabulary) else { return };
        if let Next::Load { after } = self.fanout.speak(conn, vocabulary) {
            self.load_on(conn, after, outputs);
        }
    }

    /// A reply's bytes for one connection.
    fn encode(&mut self, conn: ConnId, reply: &Reply) -> Vec<u8> {
        let style = self.style();
        let mut bytes = Vec::new();
        let door = self.conns.get_mut(&conn).and_then(|state| state.door.as_mut());
        door::answer(door, style, reply, &mut bytes);
        bytes
    }

    /// An entry's bytes for one connection of `who`'s, as it alone is shown them: its own as an acceptance, and nothing of
    /// its own comings and goings.
    fn encode_entry(&mut self, conn: ConnId, who: ClientId, entry: &Entry, with_entry: bool) -> Vec<u8> {
        let style = self.style();
        let mut bytes = Vec::new();
        match self.conns.get_mut(&conn).and_then(|state| state.door.as_mut()) {
            Some(AnyDoor::Irc(door)) => door.show(style, who, entry, &mut bytes),
            door @ (Some(AnyDoor::Native(_) | AnyDoor::Text(_)) | None) => {
                if let Some(reply) = told(who, entry, with_entry) {
                    door::answer(door, style, &reply, &mut bytes);
                }
            }
        }
        bytes
    }

    /// How this server writes.
    const fn style(&self) -> Style {
        Style { log: self.chat.log(), ..self.style }
    }

    fn say_last(&mut self, conn: ConnId, parting: Parting) {
        let bytes = self.encode(conn, &Reply::Bye(parting));
        self.fanout.last_words(conn, bytes, &mut self.ready);
    }

    fn notify(&mut self, conn: ConnId, notice: Notice) {
        self.answer(conn, &Reply::Notice(notice));
    }

    /// Says a last word and closes.
    fn part(&mut self, conn: ConnId, parting: Parting, outputs: &mut Vec<Output>) {
        if self.conns.get(&conn).is_none_or(|state| state.stage == Stage::Closing) {
            return;
        }
        self.say_last(conn, parting);
        self.close(conn, outputs);
    }

    /// Closes, once what is pending is written. The session, if there is one, is as good as lost.
    fn close(&mut self, conn: ConnId, outputs: &mut Vec<Output>) {
        self.unlink(conn);
        self.shut(conn, outputs);
    }

    /// Closes a connection that is nobody's.
    fn shut(&mut self, conn: ConnId, outputs: &mut Vec<Output>) {
        if self.conns.get(&conn).is_some_and(|state| state.stage != Stage::Closing) {
            self.restage(conn, Stage::Closing);
            self.fanout.retire(conn, &mut self.ready);
            outputs.push(Output::Close { conn });
        }
    }

    /// A connection has come so far; gives how far it had come before.
    fn restage(&mut self, conn: ConnId, stage: Stage) -> Option<Stage> {
        let state = self.conns.get_mut(&conn)?;
        let is_unnamed = stage == Stage::Unnamed;
        let before = core::mem::replace(&mut state.stage, stage);
        self.unnamed = self.unnamed + usize::from(is_unnamed) - usize::from(before == Stage::Unnamed);
        Some(before)
    }

    fn written(&mut self, conn: ConnId, len: usize, outputs: &mut Vec<Output>) {
        match self.fanout.written(conn, len) {
            Next::Nothing => {}
            Next::Load { after } => self.load_on(conn, after, outputs),
        }
        self.resume_if_lane_empty(conn, outputs);
    }

    /// Asks for a page of what a connection has yet to see.
    fn load_on(&mut self, conn: ConnId, after: Seq, outputs: &mut Vec<Output>) {
        match self.conns.get(&conn).and_then(Conn::client) {
            Some(who) => self.load(conn, Query::Resume { who, after, bytes_max: self.limits.page_bytes_max }, outputs),
            None => self.fanout.retire(conn, &mut self.ready), // It closes: its last words do not wait for a page.
        }
    }

    fn load(&mut self, conn: ConnId, query: Query, outputs: &mut Vec<Output>) {
        if self.loads < self.limits.loads_max {
            self.loads += 1;
            outputs.push(Output::Load { conn, query });
        } else {
            self.loads_waiting.push_back((conn, query));
        }
    }

    fn lose_log(&mut self, outputs: &mut Vec<Output>) {
        if self.life != Life::Running {
            return;
        }
        self.life = Life::NotStoring;
        let attached = self.links.iter().filter_map(|(client, link)| Some((*client, link.conn()?)));
        let attached: Vec<(ClientId, ConnId)> = attached.collect();
        for (client, conn) in attached {
            self.notify(conn, Notice::NotStoring);
            self.serve_queue(conn, client, outputs);
            self.unpause(conn, |pauses| (pauses.window, pauses.log) = (false, false), outputs);
        }
        for conn in core::mem::take(&mut self.attaching).into_values() {
            self.part(conn, Parting::NotStoring, outputs);
        }
    }

    fn stop(&mut self, outputs: &mut Vec<Output>) {
        if self.life == Life::Running && self.since_snapshot > 0 {
            self.snapshot(outputs);
        }
        self.life = Life::Stopping;
        let conns: Vec<ConnId> = self.conns.keys().copied().collect();
        for conn in conns {
            self.part(conn, Parting::ServerStops, outputs);
        }
    }

    fn snapshot(&mut self, outputs: &mut Vec<Output>) {
        self.since_snapshot = 0;
        let bytes = self.chat.snapshot();
        outputs.push(Output::Snapshot { position: self.chat.next(), hash: Chat::hash_of(&bytes), bytes });
    }
}

/// A peer that speaks what this port does not serve.
fn not_served(what: &str) -> Box<str> {
    alloc::format!("{what} is not served on this port; use causerie client, nc or telnet").into()
}
