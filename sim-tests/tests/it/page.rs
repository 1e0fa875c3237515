//! The page of a run, its transcripts, its fate, and its log for ShiViz.

use std::collections::BTreeMap;
use std::path::Path;

use causerie_sim::checks::{Case, Found, PROMISES, Point, Promise};
use causerie_sim::plan::Plan;
use causerie_sim::report::transcripts::Transcripts;
use causerie_sim::report::{Fate, Name, files, page_of, shiviz};
use causerie_sim::run::{Run, future, run};
use causerie_sim::scenario::Scenario;
use causerie_sim::swarm;

/// Wrong on purpose, so that there is a failure to show.
const WRONG: &[Promise] = &[Promise { name: "wrong on purpose", judge: nobody_is_shown_anything_late }];

fn nobody_is_shown_anything_late(case: &Case<'_>) -> Result<(), Found> {
    for (life, _, sights) in case.lives() {
        let late = |fact: &&causerie_sim::checks::Fact, at_us: u64| at_us > fact.durable_us + 1_000_000;
        for sight in sights {
            let (seq, at_us) = (sight.seq, sight.at_us);
            if let Some(fact) = case.fact(seq).filter(|fact| late(fact, at_us)) {
                let what =
                    format!("{seq} was stored at {} µs and shown at {at_us} µs; expected: soon", fact.durable_us);
                let points = [Point::Entry(seq), Point::Shown { life, seq, at_us }];
                return Err(Found::new("stored, and shown late", points, what));
            }
        }
    }
    Ok(())
}

fn played(scenario: &str, promises: &[Promise]) -> (Plan, Run, Name) {
    let scenario = Scenario::named(scenario).expect("it is listed");
    let plan = scenario.plan().expect("it is about a run");
    let run = run(&plan, promises, true);
    (plan, run, scenario.called())
}

/// Those that a browser opens: sim-tests/tests/page/run.sh.
#[test]
fn pages_are_written() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    let fate = Fate { percent: vec![(0, 12), (1_030_000, 80), (3_246_000, 100)], futures: 200 };
    for (name, promises, fate) in [("passed", PROMISES, None), ("failed", WRONG, Some(&fate))] {
        let (plan, run, called) = played("answer-lost", promises);
        assert_eq!(run.broken.is_some(), name == "failed");
        let page = page_of(&plan, &run, &called, fate);
        assert_eq!(page, page_of(&plan, &run, &called, fate), "the same run gives the same bytes");
        let elsewhere = page.replace("http://www.w3.org/2000/svg", "");
        for wanted in ["http://", "https://", "src=", "@import", "url(http"] {
            assert!(!elsewhere.contains(wanted), "the page needs something from elsewhere: {wanted}");
        }
        assert!(page.contains(if name == "failed" { "✕ FAIL" } else { "✓ PASS" }));
        let written = files::write(&folder.join(name), &plan, &run, &called, fate).unwrap();
        std::fs::copy(&written.page, folder.join(format!("{name}.html"))).unwrap();
    }
}

#[test]
fn no_transcript_of_a_run_that_passed_differs_from_the_log() {
    for seed in 0..150 {
        let plan = swarm::plan(seed);
        let transcripts = Transcripts::of(&plan, &run(&plan, PROMISES, false));
        let first = transcripts.first.map(|(row, column)| (&transcripts.rows[row], &transcripts.columns[column]));
        assert_eq!(first, None, "seed {seed:#x}");
        assert!(transcripts.rows.iter().all(|row| row.cells.len() == transcripts.columns.len()));
    }
}

#[test]
fn the_first_difference_is_where_the_evidence_is() {
    let (plan, run, _) = played("answer-lost", WRONG);
    let transcripts = Transcripts::of(&plan, &run);
    let (row, column) = transcripts.first.unwrap();
    assert_eq!((transcripts.rows[row].seq, &*transcripts.columns[column].name), (4, "bob"));
}

#[test]
fn a_future_is_the_run_as_it_was_up_to_a_moment() {
    for seed in [1, 7, 70] {
        let (plan, from_us) = (swarm::plan(seed), 2_000_000);
        let was = run(&plan, PROMISES, true);
        let will = future(&plan, PROMISES, (from_us, 12_345), true);
        let until = |run: &Run| {
            let time =
                |line: &&str| line.trim_start().split(' ').next().and_then(|at| at.parse::<f64>().ok()) <= Some(2.0);
            run.trace.text().lines().take_while(time).map(str::to_owned).collect::<Vec<_>>()
        };
        assert!(!until(&was).is_empty());
        assert_eq!(until(&was), until(&will), "seed {seed}: up to the moment all is as it was");
        assert_ne!(was.trace.text(), will.trace.text(), "seed {seed}: and then it is not");
        let again = future(&plan, PROMISES, (from_us, 12_345), true);
        assert_eq!(will.trace.text(), again.trace.text(), "seed {seed}: the same future twice");
    }
}

#[test]
fn a_run_that_passed_has_no_fate() {
    let (plan, run, _) = played("answer-lost", PROMISES);
    assert_eq!(Fate::of(&plan, &run, PROMISES), None);
}

/// By ShiViz's own expression, `(?<host>\S*) (?<clock>{.*})\n(?<event>.*)`.
fn parsed(log: &str) -> Vec<(String, BTreeMap<String, u64>, String)> {
    let mut lines = log.lines();
    let mut events = Vec::new();
    while let Some(first) = lines.next() {
        let (host, clock) = first.split_once(' ').expect("a host and a clock");
        assert!(clock.starts_with('{') && clock.ends_with('}') && !host.contains(char::is_whitespace), "{first}");
        let clock = serde_json::from_str(clock).expect("a clock is an object of numbers");
        events.push((host.to_owned(), clock, lines.next().expect("a clock has an event").to_owned()));
    }
    events
}

#[test]
fn logs_for_shiviz_have_consistent_clocks() {
    for seed in 0..60 {
        let plan = swarm::plan(seed);
        let name = Name { about: String::new(), origin: String::new(), command: String::new() };
        let log = shiviz::log_of(&plan, &run(&plan, PROMISES, true), &name);
        let mut clocks: BTreeMap<(String, u64), BTreeMap<String, u64>> = BTreeMap::new();
        for (host, clock, event) in parsed(&log) {
            assert!(!event.is_empty(), "seed {seed}");
            let own = clock[&host];
            let before = if own == 1 { None } else { Some(&clocks[&(host.clone(), own - 1)]) };
            assert!(!clocks.contains_key(&(host.clone(), own)), "seed {seed}: {host} counts without a gap");
            // What is known of somebody is known with all that they knew then.
            let known =
                clock.iter().filter(|(other, _)| **other != host).map(|(other, n)| &clocks[&(other.clone(), *n)]);
            for earlier in known.chain(before) {
                for (other, count) in earlier {
                    assert!(clock.get(other) >= Some(count), "seed {seed}: {host} {own} forgets {other} {count}");
                }
            }
            clocks.insert((host, own), clock);
        }
        assert!(!clocks.is_empty());
    }
}
