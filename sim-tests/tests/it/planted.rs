//! The planted bugs and their places.

use std::collections::BTreeSet;

use causerie_sim::checks::PROMISES;
use causerie_sim::planted::ALL;

use crate::tidy::source::workspace;

const CALL: &str = "planted!(\"";

#[test]
fn every_planted_bug_has_a_place_and_a_file_and_every_place_a_bug() {
    let named: BTreeSet<String> = ALL.iter().map(|bug| bug.name.to_owned()).collect();
    assert_eq!(named.len(), ALL.len(), "two bugs have one name");
    let (mut places, mut files) = (BTreeSet::new(), BTreeSet::new());
    for source in workspace().iter().filter(|source| source.is_rust()) {
        if let Some(file) = source.path.strip_prefix("sim-tests/planted/") {
            files.insert(file.trim_end_matches(".rs").to_owned());
        }
        if source.path.starts_with("core/src/") || source.path.starts_with("net/src/") {
            let lines = source.code.lines().zip(source.text.lines());
            for (_, text) in lines.filter(|(code, _)| code.contains(CALL)) {
                places.extend(text.split(CALL).skip(1).filter_map(|after| Some(after.split_once('"')?.0.to_owned())));
            }
        }
    }
    assert_eq!(places, named, "places in core and net, and bugs");
    assert_eq!(files, named, "files in sim-tests/planted, and bugs");
}

#[test]
fn every_planted_bug_breaks_a_promise_there_is() {
    for bug in ALL {
        assert!(!bug.promises.is_empty(), "{} breaks nothing", bug.name);
        assert_eq!(bug.checks().len(), bug.promises.len(), "{} breaks {:?}", bug.name, bug.promises);
    }
    let biting: BTreeSet<&str> = ALL.iter().flat_map(|bug| bug.promises.iter().copied()).collect();
    let all: BTreeSet<&str> = PROMISES.iter().map(|promise| promise.name).filter(|name| *name != "panic").collect();
    assert_eq!(biting, all, "every check is proved by a planted bug");
}
