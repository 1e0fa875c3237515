//! The pure world: the machines of `core` alone, on one heap of events in virtual time.
//!
//! Nothing here waits, and nothing is at random but what the plan's seed gives. The network is a pair of [`network::Pipe`]s
//! per connection; the log commits in groups, after a while ([`disk`]); the host carries out what the server orders, and
//! people what their clients order, as `net` does. First the plan's faults, then everything heals, then all must settle.

mod chaos;
pub mod disk;
mod guests;
mod heap;
mod host;
pub mod network;
mod people;
mod strangers;

use std::collections::BTreeMap;

use causerie_core::limits::Limits;
use causerie_core::protocol::ClientId;
use causerie_core::server::Server;
use causerie_core::time::{Timestamp, WallTime};

use self::disk::Disk;
use self::heap::{Event, Heap};
use self::network::Conn;
use self::people::{Life, Somebody};
use crate::entropy::{Entropy, stream_of};
use crate::evidence::{Asked, Depart, Evidence, Sizes};
use crate::marks::{Mark, Marks};
use crate::plan::Plan;
use crate::record::{Happening, Recorder};
use crate::trace::Trace;
use crate::world::Played;

/// Writes a line into the trace, if one is wanted.
macro_rules! note {
    ($world:expr, $($what:tt)*) => {
        if $world.trace.wanted() {
            $world.trace.line($world.now, format_args!($($what)*));
        }
    };
}
pub(crate) use note;

/// A plan being played. Times are virtual microseconds.
#[derive(Debug)]
pub struct World<'a> {
    plan: &'a Plan,
    entropy: Entropy,
    /// After that moment draws come from that seed.
    reseeds: Option<(u64, u64)>,
    limits: Limits,
    now: u64,
    heap: Heap,
    server: Option<Server>,
    /// The how manieth start of the server: what was meant for an earlier one is thrown away.
    incarnation: u32,
    /// The server was started or stopped for good until then.
    starts_at: Option<u64>,
    /// What the server ordered during one input.
    orders: Vec<causerie_core::server::Output>,
    /// What a client ordered during one input.
    client_orders: Vec<causerie_core::client::Output>,
    /// When the server's timer is set for.
    server_timer: u64,
    disk: Disk,
    /// During which group commit the power fails, and for how long.
    power_fails: Option<(u64, u64)>,
    conns: Vec<Conn>,
    lives: Vec<Life>,
    people: Vec<Somebody>,
    /// Milliseconds more of latency.
    spike_ms: u64,
    /// How far the time of day has jumped.
    jumped_ms: i64,
    healed: bool,
    /// Since when all has been quiet.
    quiet_since: Option<u64>,
    /// When the server last read something of somebody welcomed.
    heard: BTreeMap<ClientId, u64>,
    departs: Vec<Depart>,
    asked: Vec<Asked>,
    sizes: Sizes,
    kept: Vec<(causerie_core::protocol::Seq, u64)>,
    marks: Marks,
    trace: Trace,
    recorder: Recorder,
}

/// The time of day at the start.
pub(super) const START: WallTime = WallTime(1_795_254_062_000);
/// How often a world that has healed is looked at, in microseconds.
pub(super) const LOOK_US: u64 = 250_000;

impl<'a> World<'a> {
    /// A world in which nothing has happened.
    #[must_use]
    pub fn new(plan: &'a Plan, traced: bool) -> Self {
        let mut world = Self {
            plan,
            entropy: Entropy::new(plan.seed),
            reseeds: None,
            limits: plan.room.limits(),
            now: 0,
            heap: Heap::default(),
            server: None,
            incarnation: 0,
            starts_at: None,
            orders: Vec::new(),
            client_orders: Vec::new(),
            server_timer: u64::MAX,
            disk: Disk::default(),
            power_fails: None,
            conns: Vec::new(),
            lives: Vec::new(),
            people: plan.people.iter().map(|_| Somebody::default()).collect(),
            spike_ms: 0,
            jumped_ms: 0,
            healed: false,
            quiet_since: None,
            heard: BTreeMap::new(),
            departs: Vec::new(),
            asked: Vec::new(),
            sizes: Sizes::default(),
            kept: Vec::new(),
            marks: Marks::default(),
            trace: Trace::new(traced),
            recorder: Recorder::new(traced),
        };
        for (who, person) in plan.people.iter().enumerate() {
            world.heap.at(person.from_ms * 1_000, Event::Comes { who });
        }
        for (index, deed) in plan.deeds.iter().enumerate() {
            world.heap.at(deed.at_ms * 1_000, Event::Deed { index });
        }
        for (index, fault) in plan.faults.iter().enumerate() {
            if fault.at_ms < plan.faults_ms {
                world.heap.at(fault.at_ms * 1_000, Event::Fault { index });
            }
        }
        world.heap.at(plan.faults_ms * 1_000, Event::Heal);
        world
    }

    /// Everything that is drawn after a moment is drawn from another seed.
    pub const fn reseed_after(&mut self, from_us: u64, seed: u64) {
        self.reseeds = Some((from_us, seed));
    }

    /// Plays until all has settled, or the deadline.
    pub fn play(&mut self) {
        self.start_server();
        let deadline = (self.plan.faults_ms + self.plan.settle_ms) * 1_000;
        while let Some((at, event)) = self.heap.next() {
            if at > deadline {
                self.now = deadline;
                return;
            }
            debug_assert!(at >= self.now, "time goes on");
            if let Some((_, seed)) = self.reseeds.take_if(|(from_us, _)| at > *from_us) {
                self.entropy = Entropy::new(seed);
            }
            self.now = at;
            self.trace.mark(at);
            if let Event::Look = event {
                if self.look() {
                    return;
                }
            } else {
                self.happen(event);
            }
        }
    }

    /// What there is to be judged. `panic` is a broken belief's text, if there was one.
    #[must_use]
    pub fn finish(mut self, panic: Option<String>) -> Played {
        let quiet = self.quiet_since.is_some_and(|since| self.now >= since + quiet_us(&self.limits));
        if let Some(panic) = &panic {
            note!(self, "panic: {panic}");
        }
        let lives = self.lives.drain(..).map(Life::into_evidence).collect();
        let evidence = Evidence {
            limits: self.limits,
            lives,
            log: std::mem::take(&mut self.disk.stored),
            kept: self.kept,
            departs: self.departs,
            asked: self.asked,
            deeds: self.plan.deeds.clone(),
            sizes: self.sizes,
            healed_us: self.plan.faults_ms * 1_000,
            ended_us: self.now,
            quiet,
            store: None,
            panic,
        };
        let record = self.recorder.into_record();
        Played { evidence, marks: self.marks, trace: self.trace, record, simulated_us: self.now }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Comes { who } => self.comes(who),
            Event::Deed { index } => self.deed(index),
            Event::Fault { index } => self.trouble(index),
            Event::FaultEnds { index } => self.trouble_ends(index),
            Event::Heal => self.heal(),
            Event::Look => {}
            Event::Arrive { conn, way } => self.arrive(conn, way),
            Event::Writable { conn } => self.write(conn),
            Event::Flushed { conn, incarnation } if incarnation == self.incarnation => self.flushed(conn),
            Event::Loaded { conn, incarnation, found } if incarnation == self.incarnation => self.loaded(conn, *found),
            Event::Synced { incarnation } if incarnation == self.incarnation => self.synced(),
            Event::PowerFails { incarnation, down_ms } if incarnation == self.incarnation && !self.healed => {
                self.reach(Mark::CrashInCommit);
                self.kill_server(true, down_ms);
            }
            // Of an earlier start.
            Event::Flushed { .. } | Event::Loaded { .. } | Event::Synced { .. } | Event::PowerFails { .. } => {}
            Event::Connects { life, attempt } => self.connects(life, attempt),
            Event::Connected { conn } => self.connected(conn),
            Event::NotConnected { life, attempt } => self.not_connected(life, attempt),
            Event::ServerTimer => self.server_timer(),
            Event::LifeTimer { life } => self.life_timer(life),
            Event::StartServer => self.start_server(),
            Event::StartProgram { who, keeps } => self.start_program(who, keeps),
            Event::GuestComes { who } => self.guest_comes(who),
            Event::StrangerSays { life } => self.stranger_says(life),
        }
    }

    /// Whether all has been quiet long enough. Looks again in a while.
    fn look(&mut self) -> bool {
        let quiet = self.disk.is_idle() && self.server.is_some() && self.lives_are_quiet();
        self.quiet_since = if quiet { Some(self.quiet_since.unwrap_or(self.now)) } else { None };
        self.heap.at(self.now + LOOK_US, Event::Look);
        self.quiet_since.is_some_and(|since| self.now >= since + quiet_us(&self.limits))
    }

    const fn timestamp(&self) -> Timestamp {
        Timestamp::from_micros(self.now)
    }

    /// The time of day, as the log's side has it.
    const fn wall(&self) -> WallTime {
        WallTime((START.0 + self.now / 1_000).saturating_add_signed(self.jumped_ms))
    }

    fn draw(&self, kind: u64, which: u64, counter: u64, end: u64) -> u64 {
        self.entropy.below(stream_of(kind, which, 0), counter, end)
    }

    fn record(&mut self, what: Happening) {
        self.recorder.event(self.now, what);
    }

    fn reach(&mut self, mark: Mark) {
        self.marks.reach(mark);
    }
}

/// How long it must have been quiet: long enough for a silent connection to be given up, and for the grace period after it
/// to end, in microseconds.
pub(super) const fn quiet_us(limits: &Limits) -> u64 {
    (limits.idle_ms + limits.grace_ms) * 1_000 + 1_000_000
}
