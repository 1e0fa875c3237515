//! Shrinking, tried on a promise that is wrong on purpose.

use causerie_core::protocol::Event;
use causerie_sim::checks::{Case, Found, Point, Promise};
use causerie_sim::plan::{What, World};
use causerie_sim::run::run;
use causerie_sim::shrink::shrink;
use causerie_sim::swarm;

/// Nobody may say anything after the server was killed: it holds in a run without both.
const WRONG: &[Promise] = &[Promise { name: "wrong on purpose", judge: nobody_speaks_after_a_restart }];

fn nobody_speaks_after_a_restart(case: &Case<'_>) -> Result<(), Found> {
    let second = case.evidence.log.iter().filter(|stored| stored.record.origin.epoch >= 2).map(|s| s.durable_us).min();
    let said = case.facts.iter().find(|fact| {
        let said = matches!(fact.entry.event, Event::Said { .. });
        said && second.is_some_and(|second| fact.durable_us > second)
    });
    let found = |seq| Found::new("said all the same", [Point::Entry(seq)], format!("{seq} was said"));
    said.map_or(Ok(()), |fact| Err(found(fact.entry.seq)))
}

#[test]
fn a_plan_is_shrunk_to_what_breaks_the_promise() {
    let broken = |seed: &u64| {
        let plan = swarm::plan(*seed);
        plan.faults.len() > 6 && plan.deeds.len() > 10 && run(&plan, WRONG, false).broken.is_some()
    };
    let plan = swarm::plan((0..).find(broken).unwrap());
    let small = shrink(&plan, WRONG).plan;
    assert_eq!(run(&small, WRONG, false).broken.unwrap().promise, "wrong on purpose");
    assert_eq!((small.faults.len(), small.deeds.len(), small.people.len()), (1, 1, 1), "{small}");
    assert!(small.deeds[0].at_ms < 1_000 && small.faults[0].at_ms < 1_000, "nothing is waited for in vain: {small}");
    assert!(matches!(small.deeds[0].what, What::Say { .. } | What::Private { .. } | What::Burst { .. }), "{small}");
}

#[test]
fn a_plan_of_the_tcp_world_is_shrunk_as_well() {
    let broken = |seed: &u64| {
        let plan = swarm::plan_for(*seed, World::Tcp);
        plan.faults.len() > 3 && plan.deeds.len() > 6 && run(&plan, WRONG, false).broken.is_some()
    };
    let plan = swarm::plan_for((0..).find(broken).unwrap(), World::Tcp);
    let small = shrink(&plan, WRONG).plan;
    assert_eq!(run(&small, WRONG, false).broken.unwrap().promise, "wrong on purpose");
    assert_eq!((small.faults.len(), small.deeds.len(), small.people.len()), (1, 1, 1), "{small}");
}

#[test]
fn a_plan_that_breaks_nothing_is_given_back() {
    let plan = swarm::plan(5);
    let shrunk = shrink(&plan, &[]);
    assert_eq!((shrunk.plan, shrunk.runs), (plan, 1));
}
