//! A run as a log for ShiViz (<https://bestchai.bitbucket.io/shiviz/>), a viewer of distributed runs that teachers know.
//!
//! Two lines for each event: its host and its vector clock, then what happened. ShiViz's own expression reads them:
//! `(?<host>\S*) (?<clock>{.*})\n(?<event>.*)`. The clocks are kept here, from what was recorded; the protocol has none.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Name;
use super::model::{Model, Place, What};
use crate::plan::{Plan, Seconds};
use crate::run::Run;

/// The log.
#[must_use]
pub fn log_of(plan: &Plan, run: &Run, name: &Name) -> String {
    let model = Model::new(plan, run, name);
    let mut clocks: Vec<BTreeMap<String, u64>> = Vec::with_capacity(model.events.len());
    let mut last: BTreeMap<String, usize> = BTreeMap::new();
    let mut out = String::new();
    for (index, event) in model.events.iter().enumerate() {
        let host = host(&model, event.place);
        let mut clock: BTreeMap<String, u64> = BTreeMap::new();
        for cause in event.causes.iter().chain(last.get(&host)) {
            for (other, count) in &clocks[*cause] {
                let known = clock.entry(other.clone()).or_insert(0);
                *known = (*known).max(*count);
            }
        }
        // What ties contradictions together is no event of the run.
        if event.what != What::Claim {
            *clock.entry(host.clone()).or_insert(0) += 1;
            let clock: Vec<String> = clock.iter().map(|(host, count)| format!("\"{host}\":{count}")).collect();
            let title = event.title.replace(char::is_control, " ");
            write!(out, "{host} {{{}}}\n{} s: {title}\n", clock.join(","), Seconds(event.at_us))
                .expect("a string takes all");
            last.insert(host, index);
        }
        clocks.push(clock);
    }
    out
}

/// A program beside another has a clock of its own.
fn host(model: &Model, place: Place) -> String {
    match place {
        Place::Server | Place::Way { .. } => "server".to_owned(),
        Place::Lane { lane, second } => format!("{}{}", model.lanes[lane].name, if second { "-2" } else { "" }),
    }
}
