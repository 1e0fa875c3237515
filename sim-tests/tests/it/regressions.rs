//! Plans that broke a promise once: shrunk, kept, and played again for ever.

use std::fs;
use std::path::Path;

use causerie_sim::checks::PROMISES;
use causerie_sim::plan::Plan;
use causerie_sim::run::run;

#[test]
fn what_was_mended_stays_mended() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions");
    let mut failures = Vec::new();
    let mut played = 0;
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let plan = Plan::from_json(&fs::read_to_string(&path).unwrap()).unwrap();
        played += 1;
        if let Some(broken) = run(&plan, PROMISES, false).broken {
            failures.push(format!("{}: {broken}\n{plan}", path.display()));
        }
    }
    assert!(played > 0, "there are plans to play");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
