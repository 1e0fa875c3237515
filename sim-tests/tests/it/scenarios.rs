//! The scenarios, each held to the conversation it is.

use std::collections::BTreeSet;

use causerie_sim::scenario::all;

#[test]
fn each_scenario_keeps_all_promises_and_shows_what_it_teaches() {
    let mut failures = Vec::new();
    for scenario in all() {
        let played = scenario.play().unwrap();
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, description => scenario.teaches }, {
            insta::assert_snapshot!(scenario.name, played.text);
        });
        failures.extend(played.run.and_then(|run| run.broken).map(|broken| format!("{}: {broken}", scenario.name)));
        failures.extend(played.missed.iter().map(|mark| format!("{}: never {}", scenario.name, mark.text())));
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn no_two_scenarios_have_one_name() {
    let names: BTreeSet<&str> = all().iter().map(|scenario| scenario.name).collect();
    assert_eq!(names.len(), all().len());
}
