//! Pictures of runs: of a seed, of a kept plan, of a scenario.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use causerie_sim::checks::PROMISES;
use causerie_sim::plan::{Plan, World};
use causerie_sim::report::{Fate, Name, files, shiviz, text_of};
use causerie_sim::run::{Run, run};
use causerie_sim::scenario::Scenario;
use causerie_sim::shrink::shrink;
use causerie_sim::swarm;
use clap::Args;

use super::scratch_of;
use crate::seed;

/// What to show, and how.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The run of this seed: if it breaks a promise, the smallest that still does.
    #[arg(value_parser = seed, required_unless_present_any = ["plan", "scenario"])]
    seed: Option<u64>,
    /// The run of a plan that was kept.
    #[arg(long, conflicts_with_all = ["seed", "scenario"])]
    plan: Option<PathBuf>,
    /// A scenario: `cargo sim scenarios` lists them.
    #[arg(long, conflicts_with = "seed")]
    scenario: Option<String>,
    /// Writes `run.svg` and `report.html` into this folder.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Opens the page.
    #[arg(long, conflicts_with = "text")]
    open: bool,
    /// Draws it in the terminal, and writes nothing.
    #[arg(long)]
    text: bool,
    /// A failing seed's run as it was, not made small.
    #[arg(long)]
    whole: bool,
    /// Leaves out where it was decided: that takes some thousands of runs.
    #[arg(long)]
    no_fate: bool,
    /// Writes a log for ShiViz there, too.
    #[arg(long, value_name = "FILE")]
    shiviz: Option<PathBuf>,
}

/// Draws a run.
pub(crate) fn show(options: &Show, world: World) -> io::Result<bool> {
    let (folder, mut plan, mut name) = named(options, world)?;
    let mut run = run(&plan, PROMISES, true);
    if options.seed.is_some() && !options.whole && run.broken.is_some() {
        (plan, run) = smallest(&plan, &mut name);
    }
    let fate = if options.no_fate { None } else { Fate::of(&plan, &run, PROMISES) };
    let mut out = io::stdout().lock();
    if let Some(path) = &options.shiviz {
        fs::write(path, shiviz::log_of(&plan, &run, &name))?;
        writeln!(out, "{}", path.display())?;
    }
    if options.text {
        write!(out, "{}", text_of(&plan, &run, &name, fate.as_ref()))?;
        return Ok(run.broken.is_none());
    }
    let folder = match &options.out {
        Some(folder) => folder.clone(),
        None => scratch_of(&folder)?,
    };
    let written = files::write(&folder, &plan, &run, &name, fate.as_ref())?;
    writeln!(out, "{}\n{}", written.picture.display(), written.page.display())?;
    if options.open {
        files::open(&written.page)?;
    }
    Ok(run.broken.is_none())
}

/// A failing run, made small.
fn smallest(plan: &Plan, name: &mut Name) -> (Plan, Run) {
    let small = shrink(plan, PROMISES).plan;
    let counts = |plan: &Plan| [plan.faults.len(), plan.deeds.len(), plan.people.len()];
    let ([faults, deeds, people], [few, fewer, fewest]) = (counts(plan), counts(&small));
    let shrunk = format!(" · shrunk: faults {faults} → {few}, deeds {deeds} → {fewer}, people {people} → {fewest}");
    name.origin.push_str(&shrunk);
    let run = run(&small, PROMISES, true);
    (small, run)
}

/// What is shown, what its folder is called, and what is said of it.
fn named(options: &Show, world: World) -> io::Result<(String, Plan, Name)> {
    let kept = "All promises were kept".to_owned();
    if let Some(name) = &options.scenario {
        let scenario = Scenario::named(name);
        let wrong = || io::Error::other(format!("there is no scenario {name}; `cargo sim scenarios` lists them"));
        let scenario = scenario.ok_or_else(wrong)?;
        let plan = scenario.plan();
        let plan =
            plan.ok_or_else(|| io::Error::other(format!("{name} is about a store: nobody sends anything in it")))?;
        return Ok((name.clone(), plan, scenario.called()));
    }
    if let Some(path) = &options.plan {
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let command = format!("cargo sim show --plan {}", path.display());
        return Ok((stem.clone(), read(path)?, Name { about: kept, origin: format!("plan {stem}"), command }));
    }
    let Some(seed) = options.seed else { return Err(io::Error::other("say a seed, --plan or --scenario")) };
    let (folder, origin) = (format!("{seed:#x}"), format!("seed {seed:#x}{}", super::said(world)));
    let command = format!("cargo sim show {seed:#x}{}", super::said(world));
    Ok((folder, swarm::plan_for(seed, world), Name { about: kept, origin, command }))
}

fn read(path: &Path) -> io::Result<Plan> {
    let wrong = |error: &dyn std::fmt::Display| io::Error::other(format!("{}: {error}", path.display()));
    let text = fs::read_to_string(path).map_err(|error| wrong(&error))?;
    Plan::from_json(&text).map_err(|error| wrong(&format!("is no plan: {error}")))
}
