//! The block that a failing search ends with: what was broken, how little it takes, and how to see it again.

use std::fs;
use std::io::{self, Write};

use causerie_net::clock::Clock;
use causerie_sim::checks::{Broken, PROMISES};
use causerie_sim::plan::{Plan, Seconds};
use causerie_sim::report::Fate;
use causerie_sim::run::run;
use causerie_sim::shrink::{Shrunk, shrink};

use super::{said, scratch};

/// A failure, made small.
pub(super) struct Failure<'a> {
    pub(super) seed: u64,
    pub(super) broken: &'a Broken,
    plan: &'a Plan,
    pub(super) shrunk: Shrunk,
    took_us: u64,
}

impl<'a> Failure<'a> {
    /// Shrinks the plan that failed.
    pub(super) fn new(seed: u64, broken: &'a Broken, plan: &'a Plan) -> Self {
        let clock = Clock::start();
        let shrunk = shrink(plan, PROMISES);
        Self { seed, broken, plan, shrunk, took_us: clock.now().micros() }
    }

    /// Writes the files of the smallest run, and the block.
    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let Self { seed, broken, plan, shrunk, took_us } = self;
        let small = &shrunk.plan;
        let world = said(plan.world);
        let again = run(small, PROMISES, true);
        let trace = scratch(*seed)?.join("trace.txt");
        fs::write(&trace, again.trace.text())?;
        fs::write(scratch(*seed)?.join("plan.json"), small.to_json() + "\n")?;
        writeln!(out, "   FAIL  {}   seed {seed:#x}", broken.promise)?;
        writeln!(out, "         {}", broken.evidence)?;
        let counts = |plan: &Plan| [plan.faults.len(), plan.deeds.len(), plan.people.len()];
        let ([faults, deeds, people], [few, fewer, fewest]) = (counts(plan), counts(small));
        write!(out, " shrink  faults {faults} → {few} · deeds {deeds} → {fewer} · people {people} → {fewest}")?;
        writeln!(out, "          {} runs, {} s", shrunk.runs, Seconds(*took_us))?;
        for line in small.to_string().lines() {
            writeln!(out, "      {line}")?;
        }
        if let Some(again) = &again.broken {
            writeln!(out, "         {}      ← here", again.evidence)?;
        }
        if let Some(told) = Fate::of(small, &again, PROMISES).and_then(|fate| fate.told()) {
            writeln!(out, "   fate  {told}")?;
        }
        writeln!(out, "picture  cargo sim show {seed:#x}{world} --open")?;
        writeln!(out, "  trace  {}     sha256 {}…", trace.display(), &again.trace.sha256()[..8])?;
        writeln!(
            out,
            "  again  cargo sim --seed {seed:#x}{world}                   keep  cargo sim keep {seed:#x}{world}"
        )
    }
}
