//! The pictures of runs: what they promise of their layout, held on many runs; two of them kept whole.

use std::collections::BTreeSet;

use causerie_sim::checks::{Case, Found, PROMISES, Point, Promise};
use causerie_sim::plan::Plan;
use causerie_sim::report::layout::{Rect, Scene};
use causerie_sim::report::model::{Place, What};
use causerie_sim::report::{Fate, Name, scene_of, svg_of, text_of};
use causerie_sim::run::run;
use causerie_sim::scenario::Scenario;
use causerie_sim::swarm;

/// Wrong on purpose, so that there is something to ring: nothing new after a restart.
const WRONG: &[Promise] = &[Promise { name: "wrong on purpose", judge: nothing_follows_a_restart }];

fn nothing_follows_a_restart(case: &Case<'_>) -> Result<(), Found> {
    let epoch = |seq: usize| {
        let stored = case.evidence.log.iter().find(|stored| stored.durable_us == case.facts[seq].durable_us);
        stored.map_or(0, |stored| stored.record.origin.epoch)
    };
    let (Some(first), Some(last)) = ((0..case.facts.len()).rfind(|i| epoch(*i) == 1), case.facts.len().checked_sub(1))
    else {
        return Ok(());
    };
    if epoch(last) == 1 {
        return Ok(());
    }
    let (first, last) = (case.facts[first].entry.seq, case.facts[last].entry.seq);
    let what = format!("{last} was stored after a restart, {first} before it; expected: silence");
    Err(Found::new("two starts, one log", [Point::Entry(first), Point::Entry(last)], what))
}

fn name(of: &str) -> Name {
    let command = format!("cargo sim show {of}");
    Name { about: "All promises were kept".to_owned(), origin: of.to_owned(), command }
}

fn scenario(name: &str) -> Plan {
    Scenario::named(name).and_then(|scenario| scenario.plan()).expect("it is listed, and a run")
}

fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

#[test]
fn a_small_run_is_drawn() {
    let plan = scenario("answer-lost");
    let run = run(&plan, PROMISES, true);
    settings().bind(|| {
        insta::assert_snapshot!("picture-passed", svg_of(&plan, &run, &name("scenario answer-lost"), None));
        insta::assert_snapshot!("picture-passed-text", text_of(&plan, &run, &name("scenario answer-lost"), None));
    });
}

#[test]
fn a_failure_is_drawn() {
    let plan = scenario("power-loss");
    let run = run(&plan, WRONG, true);
    settings().bind(|| {
        insta::assert_snapshot!("picture-failed", svg_of(&plan, &run, &name("scenario power-loss"), None));
    });
}

#[test]
fn pictures_of_many_runs_keep_what_they_promise() {
    for seed in 0..300 {
        let plan = swarm::plan(seed);
        let wrong = seed % 3 == 0;
        let run = run(&plan, if wrong { WRONG } else { PROMISES }, true);
        let fate = Fate { percent: vec![(0, 2), (1_000_000, 50), (3_000_000, 100)], futures: 200 };
        let fate = (seed % 7 == 0).then_some(&fate);
        let scene = scene_of(&plan, &run, &name(&format!("{seed:#x}")), fate);
        check(&scene, &format!("seed {seed:#x}"));
        if seed % 10 == 0 {
            let again = svg_of(&plan, &run, &name(&format!("{seed:#x}")), fate);
            assert_eq!(again, svg_of(&plan, &run, &name(&format!("{seed:#x}")), fate), "seed {seed:#x}");
        }
        let text = text_of(&plan, &run, &name(&format!("{seed:#x}")), None);
        assert!(text.lines().all(|line| line.chars().count() <= 120), "seed {seed:#x}:\n{text}");
    }
}

#[test]
fn pictures_of_the_scenarios_keep_what_they_promise() {
    for scenario in causerie_sim::scenario::all() {
        let Some(plan) = scenario.plan() else { continue };
        let run = run(&plan, PROMISES, true);
        check(&scene_of(&plan, &run, &name(scenario.name), None), scenario.name);
    }
}

fn check(scene: &Scene, what: &str) {
    let mut labels: Vec<(String, Rect)> = Vec::new();
    let texts =
        |label: &causerie_sim::report::layout::Text| label.parts.iter().map(|part| &*part.text).collect::<String>();
    let events = scene.marks.iter().flat_map(|mark| &mark.labels);
    let story = scene.story.iter().flat_map(|item| &item.lines);
    let card = scene.card.iter().flat_map(|card| &card.lines);
    let margin = scene.stamps.iter().chain(&scene.folds).map(|(label, _)| label);
    let names = scene.lanes.iter().map(|(label, _, _)| label);
    let head = scene.title.iter().chain(&scene.sub).chain(&scene.notes).chain(&scene.reading);
    let legend = scene.legend.iter().map(|item| &item.label);
    let fates = scene.fates.iter().filter_map(|fate| fate.label.as_ref());
    for label in events.chain(story).chain(card).chain(margin).chain(names).chain(head).chain(legend).chain(fates) {
        labels.push((texts(label), label.rect));
    }
    for (i, (text, rect)) in labels.iter().enumerate() {
        assert!(scene.page.holds(rect), "{what}: \"{text}\" {rect:?} is outside the page {:?}", scene.page);
        for (other, place) in &labels[..i] {
            assert!(!rect.meets(place), "{what}: \"{text}\" {rect:?} and \"{other}\" {place:?} overlap");
        }
    }
    let down = scene.marks.iter().filter(|mark| !matches!(scene.model.events[mark.event].place, Place::Way { .. }));
    let heights: Vec<_> = down.map(|mark| (scene.model.events[mark.event].at_us, mark.at.1)).collect();
    assert!(heights.is_sorted(), "{what}: down is later");
    for arrow in &scene.arrows {
        let (from, to) = (arrow.from, arrow.to);
        let event = &scene.model.events[arrow.event];
        assert!(
            arrow.points().is_sorted_by_key(|point| point.1),
            "{what}: an arrow goes back in time: {arrow:?} of {event:?}"
        );
        let here = if arrow.up { from.0 } else { to.0 };
        let near = (here - scene.lanes[arrow.lane].1).abs();
        assert!(near <= 200 || arrow.lost, "{what}: an arrow misses its lane: {arrow:?}");
        for (x, y) in arrow.points() {
            assert!(scene.page.holds(&Rect { x, y, w: 0, h: 0 }), "{what}: {arrow:?} leaves the page");
        }
        let own = event.slot == Some(scene.model.lanes[arrow.lane].slot);
        let news = matches!(event.what, What::Gets { .. });
        assert!(!(own && news), "{what}: somebody is sent their own words: {event:?}");
    }
    let rings: BTreeSet<usize> = scene.model.rings.iter().copied().collect();
    assert!(rings.iter().all(|ring| scene.lit[*ring]), "{what}: what is ringed is not faded");
}
