//! Runs in the tcp world.

use causerie_sim::checks::{PROMISES, judge};
use causerie_sim::evidence::By;
use causerie_sim::marks::{Mark, Marks};
use causerie_sim::plan::{Deed, Fault, Kind, Person, Plan, Trouble, Way, What, World};
use causerie_sim::run::run;
use causerie_sim::swarm;
use causerie_sim::world::tcp;

#[test]
fn forty_seeds_keep_every_promise() {
    for seed in 0..40 {
        let broken = run(&swarm::plan_for(seed, World::Tcp), PROMISES, false).broken;
        assert_eq!(broken, None, "again: cargo sim --world tcp --seed {seed}");
    }
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    for seed in [3, 70, 0xfeed] {
        let [first, second] = [0, 1].map(|_| run(&swarm::plan_for(seed, World::Tcp), PROMISES, true).trace);
        assert!(first.text().lines().count() > 10, "{}", first.text());
        assert_eq!(first.sha256(), second.sha256(), "seed {seed}");
        assert_eq!(first.fingerprint(), second.fingerprint(), "seed {seed}");
    }
}

#[test]
fn a_trace_is_in_order_of_time() {
    let trace = run(&swarm::plan_for(7, World::Tcp), PROMISES, true).trace;
    let times: Vec<u64> =
        trace.text().lines().map(|line| line[..10].trim().replace('.', "").parse::<u64>().unwrap()).collect();
    assert!(times.is_sorted());
}

#[test]
fn a_plan_that_names_no_world_is_for_the_pure_one() {
    let plan = swarm::plan(12);
    let unnamed = plan.to_json().replace("\"world\": \"Pure\",", "");
    assert!(!unnamed.contains("world"));
    assert_eq!(Plan::from_json(&unnamed).unwrap(), plan);
}

#[test]
fn what_one_says_the_others_are_shown_at_a_client_and_at_netcat() {
    let mut plan = quiet_day();
    plan.deeds = vec![say(7, 2_000)];
    let played = tcp::play(&plan, false);
    let (case, broken) = judge(&played.evidence, PROMISES);
    assert_eq!(broken, None);
    assert!(case.evidence.quiet, "it settles");
    let said = case.facts.last().unwrap();
    assert_eq!((said.entry.n.0, said.audience.len()), (1, 2));
    for (_, life, sights) in case.lives() {
        let seen = sights.iter().any(|sight| sight.seq == said.entry.seq);
        assert!(seen && life.stands && life.online, "{} ({:?})", life.name, life.by);
    }
    assert!(case.evidence.lives.iter().any(|life| life.by == By::Text));
}

#[test]
fn a_power_loss_in_the_middle_of_a_commit_breaks_no_promise() {
    let mut marks = Marks::default();
    for operation in 1..40 {
        let trouble = Trouble::PowerAtOperation { operation, down_ms: 300 };
        marks.add(&passes(&busy_day(), 1_000, trouble));
    }
    assert!(marks.count(Mark::CrashInCommit) > 30, "{marks:?}");
    assert!(marks.count(Mark::SectorsLost) > 5 && marks.count(Mark::CrashLost) > 5, "{marks:?}");
    assert!(marks.count(Mark::OpenedUnclean) > 30 && marks.count(Mark::CrashKept) > 0, "{marks:?}");
}

#[test]
fn a_disk_that_fails_stops_the_log_and_the_next_start_reads_what_is_true() {
    for (fsync, mark) in [(true, Mark::FsyncFailed), (false, Mark::DiskFull)] {
        let marks = passes(&busy_day(), 1_000, Trouble::LogLost { fsync, for_ms: 1_000 });
        assert!(marks.count(mark) > 0 && marks.count(Mark::LogLost) > 0, "{marks:?}");
        assert!(marks.count(Mark::NotStoring) > 0, "{marks:?}");
    }
}

#[test]
fn a_server_that_dies_or_stops_comes_back_with_what_it_had() {
    for power in [false, true] {
        let marks = passes(&busy_day(), 1_500, Trouble::Kill { power, down_ms: 500 });
        assert!(marks.count(Mark::OpenedUnclean) > 0 && marks.count(Mark::GraceCancelled) > 0, "{marks:?}");
    }
    let marks = passes(&busy_day(), 1_500, Trouble::Stop { down_ms: 500 });
    assert_eq!((marks.count(Mark::Stopped), marks.count(Mark::OpenedUnclean)), (1, 0), "{marks:?}");
}

#[test]
fn a_link_that_fails_in_any_way_breaks_no_promise() {
    let troubles = [
        Trouble::Cut { who: 0, for_ms: 2_500 },
        Trouble::CutOneWay { who: 0, way: Way::Up, for_ms: 2_500 },
        Trouble::CutOneWay { who: 1, way: Way::Down, for_ms: 2_500 },
        Trouble::Hold { who: 2, for_ms: 700 },
        Trouble::Reset { who: 0, at: Way::Up, lossy: true },
        Trouble::Reset { who: 2, at: Way::Down, lossy: false },
        Trouble::Dark { who: 0 },
        Trouble::Dark { who: 2 },
        Trouble::Slow { who: 1, for_ms: 2_000 },
        Trouble::Spike { extra_ms: 300, for_ms: 2_000 },
    ];
    for trouble in troubles {
        passes(&busy_day(), 1_000, trouble);
    }
}

/// Plays a plan with one fault more; what was reached in it.
fn passes(plan: &Plan, at_ms: u64, what: Trouble) -> Marks {
    let plan = Plan { faults: vec![Fault { id: 0, at_ms, what }], ..plan.clone() };
    let run = run(&plan, PROMISES, false);
    assert_eq!(run.broken, None, "{plan}");
    run.marks
}

/// Two at a client and one at netcat, in a plan in which nothing happens by itself.
fn quiet_day() -> Plan {
    let mut plan = swarm::plan_for(1, World::Tcp);
    (plan.deeds, plan.faults, plan.faults_ms) = (Vec::new(), Vec::new(), 6_000);
    (plan.room.tiny, plan.room.brisk, plan.room.rated) = (false, true, false);
    (plan.room.sessions_max, plan.room.unnamed_max) = (64, 256);
    (plan.network.latency_us, plan.network.jitter_us) = (1_000, 0);
    let person = |(name, kind): (&str, Kind)| Person { name: name.to_owned(), kind, from_ms: 0 };
    plan.people = [("ada", Kind::Native), ("bob", Kind::Native), ("cleo", Kind::Text)].map(person).into();
    plan
}

/// Somebody says something every tenth of a second.
fn busy_day() -> Plan {
    let mut plan = quiet_day();
    plan.deeds = (0..50).map(|id| Deed { who: id as usize % 3, ..say(id, 500 + u64::from(id) * 100) }).collect();
    plan
}

fn say(id: u32, at_ms: u64) -> Deed {
    Deed {
        id,
        at_ms,
        who: 0,
        what: What::Say { room: "lobby".to_owned(), bytes: id as usize % 3 * 600 },
        words: String::new(),
    }
}
