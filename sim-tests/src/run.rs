//! One run: a plan played and judged.

use crate::checks::{Broken, Promise, judge};
use crate::evidence::Evidence;
use crate::marks::Marks;
use crate::panics::watch;
use crate::plan::{Plan, World};
use crate::record::Record;
use crate::swarm;
use crate::trace::Trace;
use crate::world::{Played, pure, tcp};

/// What a run came to.
#[derive(Debug)]
pub struct Run {
    /// The first broken promise, if one was broken.
    pub broken: Option<Broken>,
    /// What happened that must happen sometimes.
    pub marks: Marks,
    /// What happened.
    pub trace: Trace,
    /// Virtual microseconds.
    pub simulated_us: u64,
    /// What it left.
    pub evidence: Evidence,
    /// What happened between, if a trace was wanted.
    pub record: Record,
}

/// Plays a plan in the world it names, and judges what it left.
#[must_use]
pub fn run(plan: &Plan, promises: &[Promise], traced: bool) -> Run {
    let played = match plan.world {
        World::Pure => played(pure::World::new(plan, traced)),
        World::Tcp => tcp::play(plan, traced),
    };
    judged(played, promises)
}

/// Plays a plan in the pure world as it is up to a moment and including it, and from then on as another seed has it.
#[must_use]
pub fn future(plan: &Plan, promises: &[Promise], (from_us, seed): (u64, u64), traced: bool) -> Run {
    let plan = swarm::future(plan, from_us, seed);
    let mut world = pure::World::new(&plan, traced);
    world.reseed_after(from_us, seed);
    judged(played(world), promises)
}

fn played(mut world: pure::World<'_>) -> Played {
    let panic = watch(|| world.play());
    world.finish(panic)
}

fn judged(played: Played, promises: &[Promise]) -> Run {
    let (case, broken) = judge(&played.evidence, promises);
    let (mut marks, mut trace) = (played.marks, played.trace);
    marks.count_evidence(&case);
    trace.mark(case.facts.len() as u64);
    if let Some(broken) = &broken {
        trace.line(played.simulated_us, format_args!("broken: {broken}"));
    }
    Run { broken, marks, trace, simulated_us: played.simulated_us, evidence: played.evidence, record: played.record }
}
