//! Many runs, on as many threads as are wanted. Runs know nothing of each other, so only their summary is shared.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use crate::checks::{Broken, PROMISES};
use crate::marks::Marks;
use crate::plan::World;
use crate::run::run;
use crate::swarm;

/// What many runs came to.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// How many were played.
    pub runs: u64,
    /// Those that broke a promise, by seed.
    pub failures: BTreeMap<u64, Broken>,
    /// Virtual microseconds, in all.
    pub simulated_us: u64,
    /// What happened that must happen sometimes.
    pub marks: Marks,
    /// The fingerprints of all runs, whatever the order they were played in.
    pub fingerprint: u64,
}

/// How far a search is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// Played so far.
    pub runs: u64,
    /// Of these, those that broke a promise.
    pub failures: u64,
    /// Virtual microseconds, in all.
    pub simulated_us: u64,
}

/// Plays the plans of `runs` seeds from `from` on, in a world. `watch` is told how far it is after every few runs, and may
/// end the search by answering false.
pub fn search(world: World, from: u64, runs: u64, threads: usize, watch: impl Fn(Progress) -> bool + Sync) -> Summary {
    let chunk = chunk(world);
    let next = AtomicU64::new(0);
    let on = AtomicBool::new(true);
    let summary = Mutex::new(Summary::default());
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while on.load(Ordering::Relaxed) {
                    let first = next.fetch_add(chunk, Ordering::Relaxed);
                    if first >= runs {
                        return;
                    }
                    let played = play(world, from, first..runs.min(first + chunk));
                    let mut all = summary.lock().expect("no thread panics while it adds");
                    all.add(played);
                    let Summary { runs, simulated_us, .. } = *all;
                    let go_on = watch(Progress { runs, failures: all.failures.len() as u64, simulated_us });
                    on.fetch_and(go_on, Ordering::Relaxed);
                }
            });
        }
    });
    summary.into_inner().expect("no thread panics while it adds")
}

/// Runs a thread plays before it tells.
const fn chunk(world: World) -> u64 {
    match world {
        World::Pure => 64,
        World::Tcp => 2,
    }
}

fn play(world: World, from: u64, runs: std::ops::Range<u64>) -> Summary {
    let mut summary = Summary::default();
    for seed in runs.map(|i| from.wrapping_add(i)) {
        let run = run(&swarm::plan_for(seed, world), PROMISES, false);
        summary.runs += 1;
        summary.simulated_us += run.simulated_us;
        summary.marks.add(&run.marks);
        summary.fingerprint = summary.fingerprint.wrapping_add(run.trace.fingerprint());
        if let Some(broken) = run.broken {
            summary.failures.insert(seed, broken);
        }
    }
    summary
}

impl Summary {
    /// Adds what others came to.
    pub fn add(&mut self, other: Self) {
        self.runs += other.runs;
        self.failures.extend(other.failures);
        self.simulated_us += other.simulated_us;
        self.marks.add(&other.marks);
        self.fingerprint = self.fingerprint.wrapping_add(other.fingerprint);
    }
}
