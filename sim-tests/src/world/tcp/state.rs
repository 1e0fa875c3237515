//! What the world knows of a run: who takes part, what they were shown, what the log was given. Shared by the hosts, each
//! of which borrows it within one poll, and by whoever drives them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use causerie_core::client::{Command, Memory};
use causerie_core::limits::Limits;
use causerie_core::protocol::{ClientId, Record, Seq};
use causerie_core::server::{ConnId, Server};
use causerie_core::time::WallTime;
use causerie_net::clock::Wall;
use tokio::sync::mpsc::{Sender, UnboundedSender};
use tokio::sync::oneshot;

use super::Event;
use super::disk::Disk;
use super::log::Book;
use super::network::{Conn, back};
use super::people::Act;
use super::recording::Ends;
use crate::entropy::{Entropy, stream_of};
use crate::evidence::{self, Asked, By, Depart, Sizes};
use crate::marks::{Mark, Marks};
use crate::plan::{Malice, Plan, Way};
use crate::record::Recorder;
use crate::trace::Trace;
use crate::world::netcat::Reader;
use crate::world::pure::START;

/// Writes a line into the trace, if one is wanted.
macro_rules! note {
    ($state:expr, $($what:tt)*) => {{
        if $state.traced {
            let line = format!($($what)*);
            $state.note(line);
        }
    }};
}
pub(super) use note;

/// A run's state, as the hosts share it.
pub(super) type Shared = Rc<RefCell<State>>;

/// What the world knows of a run. Times are virtual microseconds.
#[derive(Debug)]
pub(super) struct State {
    pub(super) plan: Plan,
    pub(super) entropy: Entropy,
    pub(super) limits: Limits,
    /// The time, while no host runs.
    pub(super) now: u64,
    /// Hosts are running: each has a time of its own, within the step.
    pub(super) stepping: bool,
    /// The power has failed at the server, and its host has yet to be told.
    powerless: bool,
    pub(super) disk: Disk,
    pub(super) book: Book,
    /// How manieth start of the server.
    pub(super) incarnation: u32,
    /// The server is up: it is open for connections.
    pub(super) serves: bool,
    /// Stops it in order.
    pub(super) stop: Option<oneshot::Sender<()>>,
    /// Connections the server has, and where each comes from.
    pub(super) open: BTreeMap<ConnId, usize>,
    /// The connection whose entropy is drawn next.
    pub(super) welcoming: Option<usize>,
    pub(super) drawn: u64,
    pub(super) conns: Vec<Conn>,
    pub(super) lives: Vec<Life>,
    pub(super) people: Vec<Somebody>,
    /// Where people's hosts are.
    pub(super) homes: Vec<IpAddr>,
    /// Where strangers are.
    pub(super) street: Option<UnboundedSender<Act>>,
    /// How far the time of day has jumped, in milliseconds.
    pub(super) jumped_ms: Arc<AtomicI64>,
    pub(super) healed: bool,
    /// Milliseconds more of latency.
    pub(super) spike_ms: u64,
    /// The server was stopped or killed until then.
    pub(super) starts_at: Option<u64>,
    /// It was told to stop.
    pub(super) stopping: bool,
    /// After a power loss at an operation of the disk it starts again so much later.
    pub(super) down_ms: u64,
    /// Its last life did not end in order.
    pub(super) unclean: bool,
    /// What is to happen between two steps, by time; what was planned first happens first.
    pub(super) agenda: BTreeMap<(u64, u64), Event>,
    pub(super) planned: u64,
    /// Since when all has been quiet.
    pub(super) quiet_since: Option<u64>,
    /// When the server last read something of somebody welcomed.
    pub(super) heard: BTreeMap<ClientId, u64>,
    pub(super) departs: Vec<Depart>,
    pub(super) asked: Vec<Asked>,
    pub(super) sizes: Sizes,
    pub(super) kept: Vec<(Seq, u64)>,
    /// What the store did that it must not.
    pub(super) store: Option<String>,
    pub(super) marks: Marks,
    pub(super) traced: bool,
    lines: Vec<(u64, String)>,
    pub(super) trace: Trace,
    pub(super) recorder: Recorder,
    pub(super) ends: Ends,
}

/// Somebody of the plan.
#[derive(Debug, Default)]
pub(super) struct Somebody {
    /// The life that deeds go to, if it stands.
    pub(super) life: Option<usize>,
    /// Tells their host what to run.
    pub(super) home: Option<UnboundedSender<Act>>,
    /// Faults that cut the way to the server, and from it.
    pub(super) cut: [u32; 2],
    /// Faults that hold what is on the way.
    pub(super) held: u32,
    /// Faults that keep them from reading.
    pub(super) slow: u32,
    /// They said that they go: they do not come back.
    pub(super) gone: bool,
    /// Their program is dead, and started again later.
    pub(super) down: bool,
    /// What their program remembered last, and some time before.
    pub(super) memory: Option<Memory>,
    pub(super) old_memory: Option<Memory>,
    /// Identities used so far.
    pub(super) keys: u64,
    /// Names tried at netcat so far.
    pub(super) names: u64,
    /// The first entry of the page of history read last.
    pub(super) page: Option<Seq>,
}

/// One life of a program, one connection of a guest or of a stranger.
#[derive(Debug)]
pub(super) struct Life {
    pub(super) evidence: evidence::Life,
    /// Takes what its person asks, while the program runs.
    pub(super) commands: Option<Sender<Command>>,
    /// Takes what is typed, while somebody at netcat is connected.
    pub(super) typed: Option<UnboundedSender<Vec<u8>>>,
    /// Its connection, the last one.
    pub(super) conn: Option<usize>,
    pub(super) reader: Reader,
    /// The last entry it was shown.
    pub(super) seen: Seq,
    /// Names given, or things said by a stranger.
    pub(super) step: usize,
    pub(super) malice: Option<Malice>,
}

impl Somebody {
    /// Whether a fault cuts that way.
    pub(super) fn is_cut(&self, way: Way) -> bool {
        self.cut[usize::from(way == Way::Down)] > 0
    }
}

impl Life {
    pub(super) fn new(person: Option<usize>, name: String, identity: ClientId, by: By, after: Seq) -> Self {
        Self {
            evidence: evidence::Life::new(person, name, identity, by, after),
            commands: None,
            typed: None,
            conn: None,
            reader: Reader::default(),
            seen: after,
            step: 0,
            malice: None,
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.evidence.name
    }

    pub(super) const fn person(&self) -> Option<usize> {
        self.evidence.person
    }
}

impl State {
    pub(super) fn new(plan: &Plan, disk: Disk, traced: bool) -> Self {
        Self {
            plan: plan.clone(),
            entropy: Entropy::new(plan.seed),
            limits: plan.room.limits(),
            now: 0,
            stepping: false,
            powerless: false,
            disk,
            book: Book::default(),
            incarnation: 0,
            serves: false,
            stop: None,
            open: BTreeMap::new(),
            welcoming: None,
            drawn: 0,
            conns: Vec::new(),
            lives: Vec::new(),
            people: plan.people.iter().map(|_| Somebody::default()).collect(),
            homes: Vec::new(),
            street: None,
            jumped_ms: Arc::default(),
            healed: false,
            spike_ms: 0,
            starts_at: None,
            stopping: false,
            down_ms: 0,
            unclean: false,
            agenda: BTreeMap::new(),
            planned: 0,
            quiet_since: None,
            heard: BTreeMap::new(),
            departs: Vec::new(),
            asked: Vec::new(),
            sizes: Sizes::default(),
            kept: Vec::new(),
            store: None,
            marks: Marks::default(),
            traced,
            lines: Vec::new(),
            trace: Trace::new(traced),
            recorder: Recorder::new(traced),
            ends: Ends::default(),
        }
    }

    /// The virtual time: of the host that runs, if one does. Within a step hosts run one after the other, each through the
    /// whole of it, so these times are in order on one host, and over a message, which takes a step at least.
    pub(super) fn now(&self) -> u64 {
        let host = if self.stepping { turmoil::sim_elapsed() } else { None };
        host.map_or(self.now, |elapsed| u64::try_from(elapsed.as_micros()).expect("a run is short"))
    }

    /// The time of day, as the log's side has it.
    pub(super) fn wall(&self) -> Wall {
        let jumped_ms = Arc::clone(&self.jumped_ms);
        Box::new(move || {
            let now_ms =
                turmoil::sim_elapsed().map_or(0, |now| u64::try_from(now.as_millis()).expect("a run is short"));
            WallTime((START.0 + now_ms).saturating_add_signed(jumped_ms.load(Ordering::Relaxed)))
        })
    }

    pub(super) fn draw(&self, kind: u64, which: u64, counter: u64, end: u64) -> u64 {
        self.entropy.below(stream_of(kind, which, 0), counter, end)
    }

    pub(super) fn reach(&mut self, mark: Mark) {
        self.marks.reach(mark);
    }

    pub(super) fn note(&mut self, line: String) {
        self.lines.push((self.now(), line));
    }

    /// The trace, in order of time.
    pub(super) fn trace(&mut self) -> Trace {
        let mut lines = std::mem::take(&mut self.lines);
        lines.sort_by_key(|(at, _)| *at);
        for (at, line) in lines {
            self.trace.line(at, format_args!("{line}"));
        }
        std::mem::take(&mut self.trace)
    }

    /// Whether the power has failed at the server and its host does not know: nothing it does reaches anybody.
    pub(super) fn is_powerless(&self) -> bool {
        self.powerless || self.disk.is_dead()
    }

    pub(super) const fn fail_power(&mut self, failed: bool) {
        self.powerless = failed;
    }

    /// Whether the person at the client's end does not read.
    pub(super) fn is_slow(&self, conn: usize) -> bool {
        self.conns[conn].person.is_some_and(|who| self.people[who].slow > 0)
    }

    /// Bytes were read at the end that writes this way.
    pub(super) fn was_read(&mut self, conn: usize, way: Way, bytes: &[u8]) {
        let now = self.now();
        self.trace.mark(now);
        self.trace.mark_bytes(bytes);
        self.has_arrived(conn, back(way), bytes.len());
        let life = self.conns[conn].life;
        let name = || life.map_or("somebody", |life| self.lives[life].name());
        match way {
            Way::Down => {
                note!(self, "server hears {} on {conn}: {}", name(), Bytes(bytes));
                self.sizes.input = self.sizes.input.max(bytes.len());
                if let Some(life) = life.filter(|_| self.conns[conn].welcomed && !self.conns[conn].closing) {
                    self.heard.insert(self.lives[life].evidence.identity, now);
                }
                if let Some(life) = life.filter(|_| !self.conns[conn].closing) {
                    self.lives[life].evidence.written.heard();
                }
            }
            Way::Up => {
                note!(self, "{} hears on {conn}: {}", name(), Bytes(bytes));
                if let Some(life) = life {
                    self.inspect(life, bytes);
                }
            }
        }
    }

    /// Notes the sizes of what the server holds.
    pub(super) fn weigh(&mut self, server: &Server) {
        let fanout = server.fanout();
        self.sizes.rings = self.sizes.rings.max(fanout.ring_bytes());
        self.sizes.proposals = self.sizes.proposals.max(server.proposed());
        self.sizes.sessions = self.sizes.sessions.max(server.connected());
        for conn in self.open.keys() {
            let answers = fanout.answers_bytes(*conn);
            self.sizes.answers = self.sizes.answers.max(answers);
            self.sizes.connection = self.sizes.connection.max(fanout.connection_bytes(*conn) - answers);
        }
    }
}

/// Bytes as a trace shows them.
struct Bytes<'a>(&'a [u8]);

impl std::fmt::Display for Bytes<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = &self.0[..self.0.len().min(400)];
        let rest = self.0.len() - shown.len();
        write!(f, "{}", shown.escape_ascii())?;
        if rest > 0 { write!(f, " and {rest} bytes more") } else { Ok(()) }
    }
}

/// A record as a trace shows it.
pub(super) struct Intents<'a>(pub(super) &'a Record);

impl std::fmt::Display for Intents<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.0.intents)
    }
}
