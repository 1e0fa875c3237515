//! The tcp world: what is shipped around the machines too. The server is [`causerie_net::server::serve`] with the store
//! that is shipped, on a simulated [`disk`]; people run [`causerie_net::client::run`]; between them is turmoil's network,
//! with a [`chaos`] stream at each end. Simulated are the disk, the time a commit takes, clocks, sockets, and who uses them.
//!
//! One host for the server, one for each person, one for all strangers: each runs on a clock of its own for a step of
//! five milliseconds, one after the other. A message takes a step at least, so nothing arrives before it was sent.

pub mod chaos;
pub mod disk;
mod faults;
mod guests;
mod host;
mod log;
mod network;
mod people;
mod recording;
mod state;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use causerie_core::time::WallTime;
use causerie_net::log::Embedded;
use tokio::sync::mpsc::unbounded_channel;
use turmoil::Sim;

use self::disk::Disk;
use self::state::{Shared, State, note};
use super::Played;
use super::pure::{LOOK_US, quiet_us};
use crate::evidence::{By, Evidence};
use crate::marks::Mark;
use crate::panics::{self, watch};
use crate::plan::{Keeps, Plan};

/// How long each host runs before the others do.
const TICK: Duration = Duration::from_millis(5);
/// Where the server listens.
const PORT: u16 = 4_004;
const SERVER: &str = "server:4004";
/// Segments on the way one way of one connection, and connections yet to be accepted: more than a run has.
const TCP_CAPACITY: usize = 4_096;

/// Something that happens between two steps.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// Somebody starts.
    Comes { who: usize },
    /// A deed's time has come.
    Deed { index: usize },
    /// A fault's time has come.
    Fault { index: usize },
    /// And is over.
    FaultEnds { index: usize },
    /// All faults are over.
    Heal,
    /// Is all quiet?
    Look,
    /// The server is started.
    StartServer,
    /// A client program is started.
    StartProgram { who: usize, keeps: Keeps },
    /// Somebody at netcat connects, for the first time or again.
    GuestComes { who: usize },
}

/// A plan being played.
pub struct World<'a> {
    shared: Shared,
    sim: Sim<'a>,
    over: bool,
}

impl std::fmt::Debug for World<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").field("state", &self.shared).finish_non_exhaustive()
    }
}

/// Plays a plan: what there is to be judged.
#[must_use]
pub fn play(plan: &Plan, traced: bool) -> Played {
    let mut world = World::new(plan, traced);
    let panic = watch(|| world.play());
    world.finish(panic)
}

impl World<'_> {
    /// A world in which nothing has happened.
    #[must_use]
    pub fn new(plan: &Plan, traced: bool) -> Self {
        let latency = Duration::from_millis(latency_ms(plan));
        let mut sim = turmoil::Builder::new()
            .epoch(SystemTime::UNIX_EPOCH)
            .rng_seed(plan.seed)
            .tick_duration(TICK)
            .min_message_latency(latency)
            .max_message_latency(latency)
            .simulation_duration(Duration::from_millis(plan.faults_ms + plan.settle_ms) + Duration::from_secs(60))
            .tcp_capacity(TCP_CAPACITY)
            .build();
        let shared = Rc::new(RefCell::new(State::new(plan, Disk::holding(empty_store().to_vec()), traced)));
        let served = shared.clone();
        sim.host("server", move || host::host(served.clone()));
        for who in 0..plan.people.len() {
            let (acts, told) = unbounded_channel();
            sim.client(home_of(who), people::home(shared.clone(), told));
            let mut state = shared.borrow_mut();
            state.people[who].home = Some(acts);
            state.homes.push(sim.lookup(home_of(who)));
        }
        let (acts, told) = unbounded_channel();
        sim.client(STREET, people::home(shared.clone(), told));
        shared.borrow_mut().street = Some(acts);
        shared.borrow_mut().plan_ahead();
        Self { shared, sim, over: false }
    }

    /// Plays until all has settled, or the deadline.
    ///
    /// # Panics
    /// If a machine or its driver does.
    pub fn play(&mut self) {
        let deadline = {
            let state = self.shared.borrow();
            (state.plan.faults_ms + state.plan.settle_ms) * 1_000
        };
        while !self.over {
            let now = u64::try_from(self.sim.elapsed().as_micros()).expect("a run is short");
            self.shared.borrow_mut().now = now.min(deadline);
            if now > deadline {
                return;
            }
            self.find_out_about_power();
            while let Some(event) = self.next_due(now) {
                self.happen(event);
            }
            self.shared.borrow_mut().stepping = true;
            let stepped = self.sim.step();
            self.shared.borrow_mut().stepping = false;
            assert!(stepped.is_ok(), "a host gave up: {stepped:?}");
            if panics::seen() {
                return; // In a task that nobody waits for.
            }
        }
    }

    /// What there is to be judged. `panic` is a broken belief's text, if there was one.
    #[must_use]
    pub fn finish(self, panic: Option<String>) -> Played {
        let Self { shared, sim, over: _ } = self;
        shared.borrow_mut().disk.detach();
        // What ends because the simulation does is no part of the run.
        let recorder = std::mem::take(&mut shared.borrow_mut().recorder);
        drop(sim);
        let mut state = shared.borrow_mut();
        state.recorder = recorder;
        let state = &mut *state;
        let quiet = state.quiet_since.is_some_and(|since| state.now >= since + quiet_us(&state.limits));
        if let Some(panic) = &panic {
            note!(state, "panic: {panic}");
        }
        let stored = Embedded::on_backend(state.disk.open(), Box::new(|| WallTime(u64::MAX)));
        let stored = stored.map_err(|why| why.to_string());
        let stored = stored.and_then(|engine| host::all(&engine).map_err(|why| why.to_string()));
        let stored = stored.unwrap_or_else(|why| {
            state.store.get_or_insert(format!("in the end the store does not open: {why}; expected: it always does"));
            Vec::new()
        });
        let failures = state.disk.failures();
        (0..failures.sync).for_each(|_| state.reach(Mark::FsyncFailed));
        (0..failures.full).for_each(|_| state.reach(Mark::DiskFull));
        state.reckon(stored.len());
        let log = state.evidence_of(stored);
        let trace = state.trace();
        let evidence = Evidence {
            limits: state.limits,
            lives: state.evidence_of_lives(),
            log,
            kept: std::mem::take(&mut state.kept),
            departs: std::mem::take(&mut state.departs),
            asked: std::mem::take(&mut state.asked),
            deeds: std::mem::take(&mut state.plan.deeds),
            sizes: state.sizes,
            healed_us: state.plan.faults_ms * 1_000,
            ended_us: state.now,
            quiet,
            store: state.store.take(),
            panic,
        };
        let record = std::mem::take(&mut state.recorder).into_record();
        Played { evidence, marks: state.marks.clone(), trace, record, simulated_us: state.now }
    }

    fn next_due(&self, now: u64) -> Option<Event> {
        let mut state = self.shared.borrow_mut();
        let first = state.agenda.first_entry().filter(|first| first.key().0 <= now)?;
        Some(first.remove())
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Comes { who } => self.shared.borrow_mut().comes(who),
            Event::Deed { index } => self.shared.borrow_mut().deed(index),
            Event::Fault { index } => self.trouble(index),
            Event::FaultEnds { index } => self.trouble_ends(index),
            Event::Heal => self.heal(),
            Event::Look => self.look(),
            Event::StartServer => self.start_server(),
            Event::StartProgram { who, keeps } => self.shared.borrow_mut().start_program(who, keeps),
            Event::GuestComes { who } => self.shared.borrow_mut().guest_comes(who),
        }
    }

    /// Whether all has been quiet long enough. Looks again in a while.
    fn look(&mut self) {
        let mut state = self.shared.borrow_mut();
        let quiet = state.serves && state.book.is_idle() && state.lives_are_quiet();
        state.quiet_since = if quiet { Some(state.quiet_since.unwrap_or(state.now)) } else { None };
        let at = state.now + LOOK_US;
        state.later(at, Event::Look);
        self.over = state.quiet_since.is_some_and(|since| state.now >= since + quiet_us(&state.limits));
    }
}

impl State {
    /// Something happens then: what was planned first happens first.
    fn later(&mut self, at: u64, event: Event) {
        self.planned += 1;
        self.agenda.insert((at, self.planned), event);
    }

    fn plan_ahead(&mut self) {
        let plan = self.plan.clone();
        for (who, person) in plan.people.iter().enumerate() {
            self.later(person.from_ms * 1_000, Event::Comes { who });
        }
        for (index, deed) in plan.deeds.iter().enumerate() {
            self.later(deed.at_ms * 1_000, Event::Deed { index });
        }
        for (index, fault) in plan.faults.iter().enumerate().filter(|(_, fault)| fault.at_ms < plan.faults_ms) {
            self.later(fault.at_ms * 1_000, Event::Fault { index });
        }
        self.later(plan.faults_ms * 1_000, Event::Heal);
    }

    /// Every life, with the identity the server gave it where it has none of its own.
    fn evidence_of_lives(&mut self) -> Vec<crate::evidence::Life> {
        let conns = &self.conns;
        let evidence = |life: state::Life| {
            let mut evidence = life.evidence;
            if let Some(guest) = life
                .conn
                .and_then(|conn| conns[conn].guest)
                .filter(|_| evidence.by != By::Native && !evidence.by.has_account())
            {
                evidence.identity = guest;
            }
            evidence
        };
        self.lives.drain(..).map(evidence).collect()
    }
}

/// What a host of the network is called.
fn home_of(who: usize) -> String {
    format!("home{who}")
}

const STREET: &str = "street";

/// What a message takes, in whole milliseconds: turmoil's hosts know no others.
fn latency_ms(plan: &Plan) -> u64 {
    (plan.network.latency_us / 1_000).max(1)
}

/// A store in which nothing is yet, made once. Making it is all or nothing here: `net` has tests of its own for that.
fn empty_store() -> &'static [u8] {
    static EMPTY: OnceLock<Vec<u8>> = OnceLock::new();
    EMPTY.get_or_init(|| {
        let disk = Disk::holding(Vec::new());
        let store = Embedded::on_backend(disk.open(), Box::new(|| WallTime(0)));
        drop(store.expect("a sound disk takes a store"));
        disk.bytes()
    })
}
