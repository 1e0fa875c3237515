//! Runs that were written, not drawn: one for each fault that the log's promises are about, small enough to be read.
//!
//! Each is a plan with a name, one line of what it teaches, and the marks it must reach: a scenario in which the thing it is
//! about does not happen teaches nothing. `cargo sim scenarios` lists them, `cargo sim scenario NAME` shows one as a
//! conversation; `cargo test` holds each to the snapshot of its conversation.

mod people;
mod script;
mod server;

use crate::checks::PROMISES;
use crate::marks::Mark;
use crate::plan::Plan;
use crate::run::{Run, run};

/// A run that was written.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// What it is called.
    pub name: &'static str,
    /// What it teaches, in one line.
    pub teaches: &'static str,
    /// What must happen in it.
    pub reaches: &'static [Mark],
    /// The plan.
    pub plan: fn() -> Plan,
}

/// All of them: what befalls people first, then what befalls the server.
#[must_use]
pub fn all() -> Vec<Scenario> {
    people::SCENARIOS.iter().chain(server::SCENARIOS).copied().collect()
}

impl Scenario {
    /// The scenario of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        all().into_iter().find(|scenario| scenario.name == name)
    }

    /// Plays it; gives with it what should have happened and did not.
    #[must_use]
    pub fn play(&self) -> (Run, Vec<Mark>) {
        let run = run(&(self.plan)(), PROMISES, true);
        let missed = self.reaches.iter().copied().filter(|mark| run.marks.count(*mark) == 0).collect();
        (run, missed)
    }
}
