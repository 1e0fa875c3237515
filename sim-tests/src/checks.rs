//! The promises, held against what a run left. One promise, one file. All of them judge what people were shown and what
//! the log holds, through a model of their own; none asks a machine whether it did well.

mod answers;
mod audience;
mod bounded;
mod case;
mod clean;
mod durable;
mod found;
mod gapless;
mod irc;
mod keeping;
mod labels;
mod lines;
mod once;
mod order;
mod people;
mod presence;
pub mod returns;
mod sealed;
mod sender;
mod settles;
mod talk;
mod watched;

use std::fmt;

pub use self::case::{Case, Fact, Sight};
pub use self::found::{Found, Point};
use crate::evidence::Evidence;

/// A promise and how it is judged.
#[derive(Clone, Copy, Debug)]
pub struct Promise {
    /// Its name.
    pub name: &'static str,
    /// Finds evidence that it was broken.
    pub judge: fn(&Case<'_>) -> Result<(), Found>,
}

/// All promises, the plainest evidence first.
pub const PROMISES: &[Promise] = &[
    Promise { name: "panic", judge: clean::panic },
    Promise { name: "clean", judge: clean::judge },
    Promise { name: "durable", judge: durable::judge },
    Promise { name: "audience", judge: audience::judge },
    Promise { name: "sender", judge: sender::judge },
    Promise { name: "once", judge: once::judge },
    Promise { name: "order", judge: order::judge },
    Promise { name: "gapless", judge: gapless::judge },
    Promise { name: "presence", judge: presence::judge },
    Promise { name: "settles", judge: settles::judge },
    Promise { name: "bounded", judge: bounded::judge },
];

/// A broken promise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken {
    /// Which.
    pub promise: &'static str,
    /// What was found, and what was expected.
    pub evidence: String,
    /// What contradicts each other there, in three words.
    pub claim: String,
    /// Where.
    pub points: Vec<Point>,
}

impl Broken {
    /// A promise, broken by what was found.
    #[must_use]
    pub fn new(promise: &'static str, found: impl Into<Found>) -> Self {
        let Found { evidence, claim, points } = found.into();
        Self { promise, evidence, claim, points }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.promise, self.evidence)
    }
}

/// The first promise that was broken, and what the judging found out besides.
pub fn judge<'a>(evidence: &'a Evidence, promises: &[Promise]) -> (Case<'a>, Option<Broken>) {
    let case = Case::new(evidence);
    let broken = promises.iter().find_map(|promise| Some(Broken::new(promise.name, (promise.judge)(&case).err()?)));
    (case, broken)
}
