//! Runs in the pure world.

use causerie_sim::checks::{PROMISES, judge};
use causerie_sim::marks::{Mark, Marks};
use causerie_sim::plan::{Deed, Fault, Plan, Trouble, What, World};
use causerie_sim::run::run;
use causerie_sim::swarm;
use causerie_sim::world::pure;

#[test]
fn two_hundred_seeds_keep_every_promise() {
    for seed in 0..200 {
        let broken = run(&swarm::plan(seed), PROMISES, false).broken;
        assert_eq!(broken, None, "again: cargo sim --seed {seed}");
    }
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    for seed in [3, 70, 0xfeed] {
        let [first, second] = [0, 1].map(|_| run(&swarm::plan(seed), PROMISES, true).trace);
        assert!(first.text().lines().count() > 10, "{}", first.text());
        assert_eq!(first.sha256(), second.sha256(), "seed {seed}");
        assert_eq!(first.fingerprint(), second.fingerprint(), "seed {seed}");
    }
}

#[test]
fn other_seeds_give_other_runs() {
    let fingerprints: std::collections::BTreeSet<u64> =
        (0..30).map(|seed| run(&swarm::plan(seed), PROMISES, false).trace.fingerprint()).collect();
    assert_eq!(fingerprints.len(), 30);
}

#[test]
fn a_plan_reads_back_as_it_was_kept() {
    let plan = swarm::plan(12);
    assert_eq!(Plan::from_json(&plan.to_json()).unwrap(), plan);
}

#[test]
fn taking_a_fault_out_leaves_what_came_before_it_as_it_was() {
    let plan = (0..).map(swarm::plan).find(|plan| plan.faults.len() > 4).unwrap();
    let shorter = Plan { faults: plan.faults[..plan.faults.len() - 1].to_vec(), ..plan.clone() };
    let removed = plan.faults.last().unwrap().at_ms * 1_000;
    let before = |plan: &Plan| -> Vec<String> {
        let trace = run(plan, PROMISES, true).trace;
        let early = |line: &&str| line[..10].trim().replace('.', "").parse::<u64>().unwrap() * 1_000 < removed;
        trace.text().lines().take_while(early).map(str::to_owned).collect()
    };
    assert_eq!(before(&plan), before(&shorter));
}

#[test]
fn marks_count_what_happens() {
    let mut plan = quiet_day();
    plan.deeds = (0..3).map(|id| say(id, 1_000 + u64::from(id))).collect();
    plan.faults = vec![Fault { id: 0, at_ms: 2_000, what: Trouble::Kill { power: false, down_ms: 100 } }];
    let marks: Marks = run(&plan, PROMISES, false).marks;
    assert!(marks.count(Mark::GraceCancelled) > 0);
    assert_eq!(marks.count(Mark::TakenOver), 0);
    assert!(marks.unreached(World::Pure).any(|mark| mark == Mark::TakenOver));
}

#[test]
fn what_one_says_the_others_are_shown() {
    let mut plan = quiet_day();
    plan.deeds = vec![say(7, 2_000)];
    let mut world = pure::World::new(&plan, false);
    world.play();
    let played = world.finish(None);
    let (case, broken) = judge(&played.evidence, PROMISES);
    assert_eq!(broken, None);
    let said = case.facts.last().unwrap();
    assert_eq!((said.entry.n.0, said.audience.len()), (1, plan.people.len() - 1));
}

/// A plan in which nothing happens by itself.
fn quiet_day() -> Plan {
    let mut plan = swarm::plan(1);
    (plan.deeds, plan.faults, plan.faults_ms) = (Vec::new(), Vec::new(), 4_000);
    plan.room.tiny = false;
    (plan.room.sessions_max, plan.room.unnamed_max) = (64, 256);
    (plan.network.latency_us, plan.network.jitter_us) = (1_000, 0);
    for person in &mut plan.people {
        (person.kind, person.from_ms) = (causerie_sim::plan::Kind::Native, 0);
    }
    plan
}

fn say(id: u32, at_ms: u64) -> Deed {
    Deed { id, at_ms, who: 0, what: What::Say { room: "lobby".to_owned(), bytes: 0 }, words: String::new() }
}
