//! The record of a run is consistent with itself and with what the run left, in both worlds.

use std::collections::{BTreeMap, BTreeSet};

use causerie_sim::checks::{Case, PROMISES};
use causerie_sim::evidence::By;
use causerie_sim::plan::{Plan, Way, World};
use causerie_sim::record::{Ending, Happening, Record, Word};
use causerie_sim::run::{Run, run};
use causerie_sim::scenario::Scenario;
use causerie_sim::swarm;

#[test]
fn a_record_is_consistent_in_both_worlds() {
    let (mut lost, mut arrived, mut ends) = ([0; 2], [0; 2], BTreeSet::new());
    for (at, world) in World::ALL.iter().enumerate() {
        for seed in 0..12 {
            let plan = swarm::plan_for(seed, *world);
            let run = run(&plan, PROMISES, true);
            let about = format!("seed {seed}, {} world", world.name());
            holds(&plan, &run, &about);
            let messages = &run.record.messages;
            lost[at] += messages.iter().filter(|message| message.arrived_us.is_none()).count();
            arrived[at] += messages.iter().filter(|message| message.arrived_us.is_some()).count();
            ends.extend(endings(&run).iter().map(|(why, ..)| (at, format!("{why:?}"))));
        }
    }
    assert!(lost.iter().all(|n| *n > 20) && arrived.iter().all(|n| *n > 1_000), "lost {lost:?}, arrived {arrived:?}");
    assert_eq!(ends.len(), 6, "a server ends in three ways, in two worlds: {ends:?}");
}

#[test]
fn every_kind_of_fault_leaves_its_traces_in_a_record() {
    assert_eq!(endings(&play(&told("stop-and-start"))), [(Ending::Stopped, 0, 0)]);
    assert_eq!(endings(&play(&told("power-loss"))), [(Ending::PowerLost, 0, 0)]);
    let mut left = BTreeSet::new();
    for seed in 1..9 {
        let killed = play(&Plan { seed, ..told("crash-after-append") });
        left.extend(endings(&killed).iter().map(|(_, unsynced, kept)| (*unsynced, *kept)));
    }
    assert_eq!(left, [(1, 0), (1, 1)].into(), "one record was under way, and kept or not");
    for scenario in ["disk-full", "fsync-error"] {
        let run = play(&told(scenario));
        let lost = run.record.events.iter().filter(|event| matches!(event.what, Happening::LogLost { .. }));
        assert_eq!(lost.count(), 1, "{scenario}");
    }
    let run = play(&told("client-gone"));
    let count = |wanted: fn(&Happening) -> bool| run.record.events.iter().filter(|event| wanted(&event.what)).count();
    assert_eq!(count(|what| matches!(what, Happening::Begins { .. })), 3);
    assert_eq!(count(|what| matches!(what, Happening::Ends { .. })), 1);
}

#[test]
fn a_scenario_has_one_shape_in_both_worlds() {
    for name in ["answer-lost", "client-returns", "taken-over", "stop-and-start", "crash-before-durable"] {
        let pure = Scenario::named(name).unwrap().plan().unwrap();
        let tcp = Plan { world: World::Tcp, ..pure.clone() };
        let [pure, tcp] = [pure, tcp].map(|plan| shape(&run(&plan, PROMISES, true)));
        assert_eq!(pure, tcp, "{name}");
    }
}

#[test]
fn what_is_recorded_changes_nothing_of_a_run() {
    for seed in 0..6 {
        let plan = swarm::plan_for(seed, World::Tcp);
        let [with, without] = [true, false].map(|traced| run(&plan, PROMISES, traced));
        assert_eq!(with.trace.fingerprint(), without.trace.fingerprint(), "seed {seed}");
        assert_eq!(without.record, Record::default());
    }
}

/// The plan of a scenario, in the tcp world.
fn told(scenario: &str) -> Plan {
    Plan { world: World::Tcp, ..Scenario::named(scenario).and_then(|scenario| scenario.plan()).expect(scenario) }
}

fn play(plan: &Plan) -> Run {
    let run = run(plan, PROMISES, true);
    assert_eq!(run.broken, None);
    holds(plan, &run, "a scenario");
    run
}

/// How the server ended, each time: why, how many records were not synced, and how many of them were kept.
fn endings(run: &Run) -> Vec<(Ending, usize, usize)> {
    let mut endings = Vec::new();
    for event in &run.record.events {
        if let Happening::ServerEnds { why, unsynced, kept } = event.what {
            endings.push((why, unsynced, kept));
        }
    }
    endings
}

/// What two worlds agree on.
#[derive(PartialEq, Eq, Default, Debug)]
struct Shape {
    /// How often what happened.
    happened: BTreeMap<String, usize>,
    /// Which life sent which request.
    asked: BTreeSet<(usize, u64, String)>,
    /// As which entries requests were accepted.
    accepted: BTreeSet<u64>,
}

fn shape(run: &Run) -> Shape {
    let mut shape = Shape::default();
    for event in &run.record.events {
        let kind = match event.what {
            Happening::ServerStarts { .. } => "server starts".to_owned(),
            Happening::ServerEnds { why, .. } => format!("server ends, {why:?}"),
            Happening::LogLost { .. } => "log lost".to_owned(),
            Happening::Connected { life, .. } => format!("{life} is connected"),
            Happening::Disconnected { life, .. } => format!("{life} is disconnected"),
            Happening::Begins { life } => format!("{life} begins"),
            Happening::Ends { life } => format!("{life} ends"),
            Happening::FaultBegins { index } => format!("fault {index} begins"),
            Happening::FaultEnds { index } => format!("fault {index} ends"),
            Happening::Failed { .. } => continue, // How often is a matter of time.
        };
        *shape.happened.entry(kind).or_insert(0) += 1;
    }
    for message in &run.record.messages {
        if let Word::Ask { n, text } = &message.word {
            shape.asked.insert((message.life, *n, text.clone()));
        }
        if let Word::Accepted { seq, .. } = message.word {
            shape.accepted.insert(seq);
        }
    }
    shape
}

/// Whether a record contradicts neither itself nor what the run left.
fn holds(plan: &Plan, run: &Run, about: &str) {
    let record = &run.record;
    assert!(record.events.is_sorted_by_key(|event| event.at_us), "{about}: events are in order of time");
    assert!(record.messages.is_sorted_by_key(|message| message.sent_us), "{about}: messages are in order of time");
    assert!(record.messages.len() > 10, "{about}");
    messages_hold(plan, run, about);
    server_holds(record, about);
    lives_hold(run, about);
    ends_hold(run, about);
}

fn messages_hold(plan: &Plan, run: &Run, about: &str) {
    let case = Case::new(&run.evidence);
    let mut wires: BTreeMap<(usize, Way), Vec<Option<u64>>> = BTreeMap::new();
    for message in &run.record.messages {
        let about = format!("{about}: {message:?}");
        let least = if plan.world == World::Tcp { 1_000 } else { plan.network.latency_us };
        assert!(message.arrived_us.is_none_or(|at| at >= message.sent_us + least), "{about} takes its time");
        wires.entry((message.conn, message.way)).or_default().push(message.arrived_us);
        match (message.way, &message.word) {
            (Way::Down, Word::Entry { seq } | Word::Accepted { seq, .. }) => {
                let fact = case.facts.iter().find(|fact| fact.entry.seq.0 == *seq);
                let fact = fact.unwrap_or_else(|| panic!("{about} shows what is in no log"));
                assert!(fact.durable_us <= message.sent_us, "{about} shows what is durable at {}", fact.durable_us);
            }
            (Way::Up, Word::Entry { .. } | Word::Accepted { .. } | Word::Welcome) => {
                assert_eq!(run.evidence.lives[message.life].by, By::Stranger, "{about}");
            }
            (Way::Up | Way::Down, _) => {}
        }
    }
    for ((conn, way), sent) in wires {
        let arrived: Vec<u64> = sent.iter().copied().map_while(|at| at).collect();
        let last = sent.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        assert_eq!(arrived.len(), last, "{about}: what came after a lost word on {conn} {way:?} did not arrive");
        assert!(arrived.is_sorted(), "{about}: nothing overtakes on {conn} {way:?}");
    }
}

/// Starts and ends of the server alternate, beginning with a start.
fn server_holds(record: &Record, about: &str) {
    let mut up = false;
    for event in &record.events {
        match event.what {
            Happening::ServerStarts { records, snapshot } => {
                assert!(!up && snapshot <= records, "{about}: {event:?}");
                up = true;
            }
            Happening::ServerEnds { unsynced, kept, .. } => {
                assert!(up && kept <= unsynced, "{about}: {event:?}");
                up = false;
            }
            Happening::LogLost { unsynced, kept } => assert!(up && kept <= unsynced, "{about}: {event:?}"),
            Happening::Begins { .. } | Happening::Ends { .. } | Happening::Failed { .. } => {}
            Happening::Connected { .. } | Happening::Disconnected { .. } => {}
            Happening::FaultBegins { .. } | Happening::FaultEnds { .. } => {}
        }
    }
    assert!(up, "{about}: in the end the server is there");
}

/// Where the trace tells that a client let go of a connection, it is gone for the client by then.
fn ends_hold(run: &Run, about: &str) {
    let mut gone = BTreeMap::new();
    for event in &run.record.events {
        if let Happening::Disconnected { conn, .. } = event.what {
            gone.insert(conn, event.at_us);
        }
    }
    for line in run.trace.text().lines().filter(|line| line.ends_with(" is gone at its client")) {
        let (at, what) = line.split_at(10);
        let at_ms: u64 = at.trim().replace('.', "").parse().expect("a line begins with seconds");
        let conn: usize = what.split(' ').find_map(|word| word.parse().ok()).expect("it names the connection");
        let over = at_ms == run.simulated_us / 1_000;
        assert!(over || gone.get(&conn).is_some_and(|at_us| at_us / 1_000 <= at_ms), "{about}: {line}");
    }
}

/// A program begins before it connects, has one connection at a time, and does nothing after its end.
fn lives_hold(run: &Run, about: &str) {
    let mut conns: BTreeMap<usize, usize> = BTreeMap::new();
    let (mut begun, mut ended) = (BTreeSet::new(), BTreeSet::new());
    for event in &run.record.events {
        let about = format!("{about}: {event:?}");
        match event.what {
            Happening::Begins { life } => assert!(begun.insert(life), "{about}"),
            Happening::Ends { life } => assert!(ended.insert(life), "{about}"),
            Happening::Connected { life, conn } => {
                let stranger = run.evidence.lives[life].by == By::Stranger;
                assert!((stranger || begun.contains(&life)) && !ended.contains(&life), "{about}");
                assert_eq!(conns.insert(life, conn), None, "{about}");
            }
            Happening::Disconnected { life, conn } => assert_eq!(conns.remove(&life), Some(conn), "{about}"),
            Happening::Failed { life } => assert!(!conns.contains_key(&life), "{about}"),
            Happening::ServerStarts { .. } | Happening::ServerEnds { .. } | Happening::LogLost { .. } => {}
            Happening::FaultBegins { .. } | Happening::FaultEnds { .. } => {}
        }
    }
    for (life, left) in run.evidence.lives.iter().enumerate() {
        assert_eq!(!left.stands, ended.contains(&life), "{about}: life {life} stands or has ended");
        assert!(!left.online || conns.contains_key(&life), "{about}: life {life} is online by a connection");
    }
}
