//! Runs that were written, not drawn: one for each fault that the log's promises are about, small enough to be read.
//!
//! Each is a plan with a name, one line of what it teaches, and the marks it must reach: a scenario in which the thing it is
//! about does not happen teaches nothing. `cargo sim scenarios` lists them, `cargo sim scenario NAME` shows one as a
//! conversation; `cargo test` holds each to the snapshot of its conversation.

mod people;
mod script;
mod server;
mod store;

use std::env;
use std::fs;
use std::io;
use std::process;

use self::store::Told;
use crate::checks::PROMISES;
use crate::conversation::Conversation;
use crate::marks::Mark;
use crate::plan::Plan;
use crate::report::Name;
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
    /// What happens.
    body: Body,
}

/// What happens in a scenario.
#[derive(Clone, Copy, Debug)]
enum Body {
    /// A plan is played.
    Plan(fn() -> Plan),
    /// A store is dealt with, in an empty folder, by no server that anybody is connected to.
    Store(fn(&mut Told<'_>) -> io::Result<()>),
}

/// A scenario, played.
#[derive(Debug)]
pub struct Played {
    /// What there was to see.
    pub text: String,
    /// The run, where a plan was played.
    pub run: Option<Run>,
    /// What must happen and did not.
    pub missed: Vec<Mark>,
}

/// All of them: what befalls people first, then the server, then the store.
#[must_use]
pub fn all() -> Vec<Scenario> {
    [people::SCENARIOS, server::SCENARIOS, store::SCENARIOS].concat()
}

impl Scenario {
    /// The scenario of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        all().into_iter().find(|scenario| scenario.name == name)
    }

    /// Its plan, if it is one.
    #[must_use]
    pub fn plan(&self) -> Option<Plan> {
        match self.body {
            Body::Plan(plan) => Some(plan()),
            Body::Store(_) => None,
        }
    }

    /// What its picture is called.
    #[must_use]
    pub fn called(&self) -> Name {
        let mut chars = self.teaches.chars();
        let about = chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default();
        let command = format!("cargo sim show --scenario {}", self.name);
        Name { about, origin: format!("scenario {}", self.name), command }
    }

    /// Plays it.
    ///
    /// # Errors
    /// If the system grants no folder to keep a store in.
    pub fn play(&self) -> io::Result<Played> {
        match self.body {
            Body::Plan(plan) => {
                let plan = plan();
                let run = run(&plan, PROMISES, true);
                let missed = self.reaches.iter().copied().filter(|mark| run.marks.count(*mark) == 0).collect();
                let text = Conversation { plan: &plan, evidence: &run.evidence }.to_string();
                Ok(Played { text, run: Some(run), missed })
            }
            Body::Store(story) => {
                let dir = env::temp_dir().join(format!("causerie-{}-{}", self.name, process::id()));
                fs::create_dir_all(&dir)?;
                let mut told = Told::new(&dir);
                let went = story(&mut told);
                let text = told.into_text();
                fs::remove_dir_all(&dir)?;
                went.map(|()| Played { text, run: None, missed: Vec::new() })
            }
        }
    }
}
