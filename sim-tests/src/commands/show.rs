//! Pictures of runs: of a seed, of a kept plan, of a scenario.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use causerie_sim::checks::PROMISES;
use causerie_sim::plan::Plan;
use causerie_sim::report::{Name, svg_of, text_of};
use causerie_sim::run::run;
use causerie_sim::scenario::Scenario;
use causerie_sim::swarm;
use clap::Args;

use super::scratch_of;
use crate::seed;

/// What to show.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The run of this seed.
    #[arg(value_parser = seed, required_unless_present_any = ["plan", "scenario"])]
    seed: Option<u64>,
    /// The run of a plan that was kept.
    #[arg(long, conflicts_with_all = ["seed", "scenario"])]
    plan: Option<PathBuf>,
    /// A scenario: `cargo sim scenarios` lists them.
    #[arg(long, conflicts_with = "seed")]
    scenario: Option<String>,
    /// Writes the picture into this folder.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Draws it in the terminal.
    #[arg(long)]
    text: bool,
}

/// Draws a run.
pub(crate) fn show(options: &Show) -> io::Result<bool> {
    let (folder, plan, name) = named(options)?;
    let run = run(&plan, PROMISES, true);
    let mut out = io::stdout().lock();
    if options.text {
        write!(out, "{}", text_of(&plan, &run, &name))?;
        return Ok(run.broken.is_none());
    }
    let folder = match &options.out {
        Some(folder) => folder.clone(),
        None => scratch_of(&folder)?,
    };
    fs::create_dir_all(&folder)?;
    let path = folder.join("run.svg");
    fs::write(&path, svg_of(&plan, &run, &name, None))?;
    writeln!(out, "{}", path.display())?;
    Ok(run.broken.is_none())
}

/// What is shown, what its folder is called, and what is said of it.
fn named(options: &Show) -> io::Result<(String, Plan, Name)> {
    let kept = "All promises were kept".to_owned();
    if let Some(name) = &options.scenario {
        let scenario = Scenario::named(name);
        let wrong = || io::Error::other(format!("there is no scenario {name}; `cargo sim scenarios` lists them"));
        let scenario = scenario.ok_or_else(wrong)?;
        let plan = scenario.plan();
        let plan = plan.ok_or_else(|| io::Error::other(format!("{name} is about a store: nobody sends anything")))?;
        let command = format!("cargo sim show --scenario {name}");
        let about = capital(scenario.teaches);
        return Ok((name.clone(), plan, Name { about, origin: format!("scenario {name}"), command }));
    }
    if let Some(path) = &options.plan {
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let command = format!("cargo sim show --plan {}", path.display());
        return Ok((stem.clone(), read(path)?, Name { about: kept, origin: format!("plan {stem}"), command }));
    }
    let Some(seed) = options.seed else { return Err(io::Error::other("say a seed, --plan or --scenario")) };
    let command = format!("cargo sim show {seed:#x}");
    Ok((format!("{seed:#x}"), swarm::plan(seed), Name { about: kept, origin: format!("seed {seed:#x}"), command }))
}

fn read(path: &Path) -> io::Result<Plan> {
    let wrong = |error: &dyn std::fmt::Display| io::Error::other(format!("{}: {error}", path.display()));
    let text = fs::read_to_string(path).map_err(|error| wrong(&error))?;
    Plan::from_json(&text).map_err(|error| wrong(&format!("is no plan: {error}")))
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
