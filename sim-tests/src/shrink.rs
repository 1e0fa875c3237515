//! The smallest plan that still breaks the same promise: fewer faults, then less to do and fewer people, then shorter and
//! sooner.

use crate::checks::Promise;
use crate::plan::{Plan, What, World};
use crate::run::run;

/// A shrunk plan, and what it took.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shrunk {
    /// Breaks the same promise as the plan it came of.
    pub plan: Plan,
    /// Runs.
    pub runs: u64,
}

/// Shrinks a plan that breaks a promise. Gives it back as it is if it breaks none.
#[must_use]
pub fn shrink(plan: &Plan, promises: &[Promise]) -> Shrunk {
    let mut shrinking = Shrinking { promises, promise: "", runs: 1 };
    let Some(broken) = run(plan, promises, false).broken else {
        return Shrunk { plan: plan.clone(), runs: 1 };
    };
    shrinking.promise = broken.promise;
    let mut smallest = plan.clone();
    loop {
        let before = smallest.clone();
        smallest = shrinking.fewer(smallest, |plan| &mut plan.faults);
        smallest = shrinking.fewer(smallest, |plan| &mut plan.deeds);
        smallest = shrinking.fewer_people(smallest);
        smallest = shrinking.simpler(smallest);
        if smallest == before || shrinking.runs > runs_max(plan.world) {
            return Shrunk { plan: smallest, runs: shrinking.runs };
        }
    }
}

/// Runs after which shrinking is content with what it has: some seconds of one world, some minutes of the other.
const fn runs_max(world: World) -> u64 {
    match world {
        World::Pure => 20_000,
        World::Tcp => 600,
    }
}

struct Shrinking<'a> {
    promises: &'a [Promise],
    promise: &'static str,
    runs: u64,
}

impl Shrinking<'_> {
    fn still_breaks(&mut self, plan: &Plan) -> bool {
        self.runs += 1;
        run(plan, self.promises, false).broken.is_some_and(|broken| broken.promise == self.promise)
    }

    /// ddmin: takes out ever smaller parts of a list, as long as the promise stays broken.
    fn fewer<T: Clone>(&mut self, mut plan: Plan, list: impl Fn(&mut Plan) -> &mut Vec<T>) -> Plan {
        let mut part = list(&mut plan).len();
        while part > 0 {
            let mut from = 0;
            while from < list(&mut plan).len() {
                let mut smaller = plan.clone();
                let items = list(&mut smaller);
                let to = (from + part).min(items.len());
                items.drain(from..to);
                if self.still_breaks(&smaller) {
                    plan = smaller;
                } else {
                    from += part;
                }
            }
            part /= 2;
        }
        plan
    }

    /// Takes out people with all that is theirs.
    fn fewer_people(&mut self, mut plan: Plan) -> Plan {
        let mut who = 0;
        while who < plan.people.len() && plan.people.len() > 1 {
            let mut smaller = plan.clone();
            smaller.people.remove(who);
            smaller.deeds.retain(|deed| deed.who != who);
            smaller.deeds.iter_mut().filter(|deed| deed.who > who).for_each(|deed| deed.who -= 1);
            smaller.faults.retain_mut(|fault| fault.what.who().is_none_or(|whose| *whose != who));
            for fault in &mut smaller.faults {
                if let Some(whose) = fault.what.who().filter(|whose| **whose > who) {
                    *whose -= 1;
                }
            }
            if self.still_breaks(&smaller) {
                plan = smaller;
            } else {
                who += 1;
            }
        }
        plan
    }

    /// Shorter faults, smaller words, a plainer network and server.
    fn simpler(&mut self, mut plan: Plan) -> Plan {
        for change in PLAINER {
            plan = self.attempt(plan, change);
        }
        for i in 0..plan.faults.len() {
            plan = self.attempt(plan, &|plan: &mut Plan| {
                plan.faults[i].what.lasts().into_iter().for_each(|ms| *ms /= 2);
            });
        }
        for i in 0..plan.deeds.len() {
            plan = self.attempt(plan, &|plan: &mut Plan| match &mut plan.deeds[i].what {
                What::Burst { count } => *count /= 2,
                What::Say { bytes, .. } => *bytes = 0,
                What::Private { to } => to.truncate(1),
                What::Join { .. } | What::Leave { .. } | What::Nick { .. } => {}
                What::History { .. } | What::Order { .. } | What::Who | What::Quit => {}
            });
        }
        plan = self.sooner(plan);
        let last = plan.deeds.iter().map(|deed| deed.at_ms).chain(plan.faults.iter().map(|fault| fault.at_ms)).max();
        self.attempt(plan, &|plan: &mut Plan| plan.faults_ms = plan.faults_ms.min(last.unwrap_or(0) + 1_000))
    }

    /// Takes out stretches in which nothing is done and nothing goes wrong: all that comes later moves by as much.
    fn sooner(&mut self, mut plan: Plan) -> Plan {
        let mut from = 0;
        while let Some(next) = times(&mut plan).map(|at| *at).filter(|at| *at > from).min() {
            for kept in [NEAR_MS, (next - from) / 2] {
                let gone = (next - from).saturating_sub(kept);
                plan = self.attempt(plan, &|plan: &mut Plan| {
                    times(plan).filter(|at| **at >= next).for_each(|at| *at -= gone);
                });
            }
            from = times(&mut plan).map(|at| *at).filter(|at| *at > from).min().unwrap_or(next);
        }
        plan
    }

    fn attempt(&mut self, plan: Plan, change: &dyn Fn(&mut Plan)) -> Plan {
        let mut smaller = plan.clone();
        change(&mut smaller);
        if smaller != plan && self.still_breaks(&smaller) { smaller } else { plan }
    }
}

/// Every moment at which something is to happen, but for the end of faults.
fn times(plan: &mut Plan) -> impl Iterator<Item = &mut u64> {
    let people = plan.people.iter_mut().map(|person| &mut person.from_ms);
    let deeds = plan.deeds.iter_mut().map(|deed| &mut deed.at_ms);
    people.chain(deeds).chain(plan.faults.iter_mut().map(|fault| &mut fault.at_ms))
}

/// How near to each other two moments are brought, in milliseconds: about a round trip.
const NEAR_MS: u64 = 100;

const PLAINER: &[&dyn Fn(&mut Plan)] = &[
    &|plan| plan.room.tiny = false,
    &|plan| plan.room.rated = false,
    &|plan| (plan.room.sessions_max, plan.room.unnamed_max) = (64, 256),
    &|plan| plan.network.split_percent = 0,
    &|plan| plan.network.merge_percent = 0,
    &|plan| plan.network.jitter_us = 0,
    &|plan| plan.network.window_bytes = 65_536,
    &|plan| plan.network.latency_us = 1_000,
    &|plan| (plan.disk.fsync_us, plan.disk.jitter_us) = (300, 50),
    &|plan| plan.people.iter_mut().for_each(|person| person.from_ms = 0),
];
