//! `cargo sim planted`: plants each bug, hunts it, and says which check caught it.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::thread;

use causerie_net::clock::Clock;
use clap::Args;

use super::hunt::{Caught, hunt};
use super::{ALL, Bug, PLANTED, select};
use crate::checks::Promise;
use crate::gallery;
use crate::plan::{Plan, Seconds};
use crate::report::{Fate, Name, files};
use crate::run::run;
use crate::shrink::shrink;

/// Plants bugs, and shows that the checks catch them.
#[derive(Debug, Args)]
pub struct Options {
    /// This one alone.
    bug: Option<String>,
    /// Finds the smallest plan that shows it.
    #[arg(long, requires = "bug")]
    shrink: bool,
    /// Plays this plan with it, and draws that.
    #[arg(long, requires = "bug", conflicts_with = "shrink", value_name = "FILE")]
    plan: Option<PathBuf>,
    /// Opens the page of its run.
    #[arg(long, requires = "bug")]
    open: bool,
    /// On how many threads to hunt: as many as there are processors, if nothing is said.
    #[arg(long)]
    threads: Option<usize>,
}

/// Runs the command; false if a bug survived.
///
/// # Errors
/// If there is no such bug, or the program that holds them cannot be built.
pub fn planted(options: &Options, json: bool) -> io::Result<bool> {
    let bugs: Vec<&Bug> = match &options.bug {
        None => ALL.iter().collect(),
        Some(name) => ALL.iter().filter(|bug| bug.name == name).collect(),
    };
    if bugs.is_empty() {
        let names: Vec<&str> = ALL.iter().map(|bug| bug.name).collect();
        return Err(io::Error::other(format!("there is no such bug; there are {}", names.join(", "))));
    }
    if !PLANTED {
        return Ok(in_planted_build(&arguments(options, json))?.success());
    }
    let threads = options.threads.or_else(|| thread::available_parallelism().ok().map(usize::from)).unwrap_or(1);
    match bugs[..] {
        [bug] if options.shrink => show_shrunk(bug, threads, options.open),
        [bug] if let Some(path) = &options.plan => show_plan(bug, path, options.open),
        [_] => table(&bugs, threads, json),
        _ => Ok(table(&bugs, threads, json)? & gallery_is_as_drawn()?),
    }
}

/// The pictures that only this build can draw are as they are kept.
fn gallery_is_as_drawn() -> io::Result<bool> {
    let differing = gallery::differing()?;
    for name in &differing {
        writeln!(
            io::stderr(),
            "docs/gallery/{name}.svg differs from what is drawn today: cargo sim gallery draws it anew"
        )?;
    }
    Ok(differing.is_empty())
}

/// A bug, what became of it, and how long that took.
type Row<'a> = (&'a Bug, Option<Caught>, u64);

fn table(bugs: &[&Bug], threads: usize, json: bool) -> io::Result<bool> {
    let clock = Clock::start();
    let mut rows: Vec<Row<'_>> = Vec::new();
    if !json {
        println!("{:<30} {:<10} {:>6} {:>9}  what it breaks", "bug", "caught by", "runs", "seconds");
    }
    for bug in bugs {
        let began = clock.now().micros();
        select(Some(bug));
        let caught = hunt(bug, threads);
        let row = (*bug, caught, clock.now().micros() - began);
        if !json {
            print_row(&row)?;
        }
        rows.push(row);
    }
    select(None);
    let survivors = rows.iter().filter(|(_, caught, _)| caught.is_none()).count();
    let took = clock.now().micros();
    if json {
        println!("{}", as_json(&rows, survivors, took));
    } else {
        println!(
            "{} planted bugs, {} caught, {survivors} survived, in {} s",
            rows.len(),
            rows.len() - survivors,
            Seconds(took)
        );
    }
    Ok(survivors == 0)
}

fn print_row((bug, caught, took): &Row<'_>) -> io::Result<()> {
    let (by, runs) = match caught {
        Some(caught) => (caught.broken.promise, caught.seed + 1),
        None => ("SURVIVED", bug.runs),
    };
    writeln!(io::stdout(), "{:<30} {by:<10} {runs:>6} {:>9}  {}", bug.name, Seconds(*took).to_string(), bug.breaks)
}

fn as_json(rows: &[Row<'_>], survivors: usize, took: u64) -> serde_json::Value {
    let seconds = |micros: u64| Seconds(micros).to_string().parse::<f64>().unwrap_or_default();
    let row = |(bug, caught, took): &Row<'_>| {
        serde_json::json!({
            "bug": bug.name,
            "breaks": bug.breaks,
            "promises": bug.promises,
            "world": bug.world().name(),
            "caught_by": caught.as_ref().map(|caught| caught.broken.promise),
            "evidence": caught.as_ref().map(|caught| &caught.broken.evidence),
            "seed": caught.as_ref().map(|caught| caught.seed),
            "runs": caught.as_ref().map_or(bug.runs, |caught| caught.seed + 1),
            "seconds": seconds(*took),
        })
    };
    let bugs: Vec<serde_json::Value> = rows.iter().map(row).collect();
    serde_json::json!({"bugs": bugs, "planted": rows.len(), "survived": survivors, "seconds": seconds(took)})
}

/// The block of a failing search, for a bug: how it was found, and how small it came to be.
fn show_shrunk(bug: &Bug, threads: usize, open: bool) -> io::Result<bool> {
    let clock = Clock::start();
    let checks: Vec<Promise> = bug.checks();
    select(Some(bug));
    let Some(Caught { seed, broken }) = hunt(bug, threads) else {
        println!("  bug     {}: {}\n  SURVIVED  {} runs", bug.name, bug.breaks, bug.runs);
        return Ok(false);
    };
    let found = clock.now().micros();
    let plan = (bug.plan)(seed);
    let shrunk = shrink(&plan, &checks);
    let took = clock.now().micros() - found;
    let (small, again) = (&shrunk.plan, run(&shrunk.plan, &checks, true));
    let mut out = io::stdout().lock();
    writeln!(out, "    bug  {}: {}", bug.name, bug.breaks)?;
    writeln!(out, "   FAIL  {}   seed {seed:#x}   run {}, after {} s", broken.promise, seed + 1, Seconds(found))?;
    writeln!(out, "         {}", broken.evidence)?;
    writeln!(
        out,
        " shrink  faults {} → {} · deeds {} → {} · people {} → {}          {} runs, {} s",
        plan.faults.len(),
        small.faults.len(),
        plan.deeds.len(),
        small.deeds.len(),
        plan.people.len(),
        small.people.len(),
        shrunk.runs,
        Seconds(took)
    )?;
    for line in small.to_string().lines() {
        writeln!(out, "      {line}")?;
    }
    if let Some(again) = &again.broken {
        writeln!(out, "         {}      ← here", again.evidence)?;
    }
    let fate = Fate::of(small, &again, &checks);
    if let Some(told) = fate.as_ref().and_then(Fate::told) {
        writeln!(out, "   fate  {told}")?;
    }
    let written = files::write(&folder_of(bug)?, small, &again, &called(bug), fate.as_ref())?;
    writeln!(out, "picture  {}", written.page.display())?;
    writeln!(out, "  trace  sha256 {}", again.trace.sha256())?;
    select(None);
    if open {
        files::open(&written.page)?;
    }
    Ok(true)
}

/// What a bug's smallest run is called.
fn called(bug: &Bug) -> Name {
    let command = format!("cargo sim planted {} --shrink", bug.name);
    Name { command, ..gallery::called(bug) }
}

fn folder_of(bug: &Bug) -> io::Result<PathBuf> {
    Ok(target()?.join("pictures").join(bug.name))
}

/// A plan, played with a bug.
fn show_plan(bug: &Bug, path: &Path, open: bool) -> io::Result<bool> {
    let plan = Plan::from_json(&fs::read_to_string(path)?).map_err(|error| io::Error::other(error.to_string()))?;
    select(Some(bug));
    let run = run(&plan, &bug.checks(), true);
    let fate = Fate::of(&plan, &run, &bug.checks());
    select(None);
    let mut out = io::stdout().lock();
    match &run.broken {
        None => writeln!(out, "   pass  {} does not show", bug.name)?,
        Some(broken) => writeln!(out, "   FAIL  {broken}")?,
    }
    let written = files::write(&folder_of(bug)?, &plan, &run, &gallery::called(bug), fate.as_ref())?;
    writeln!(out, "picture  {}", written.page.display())?;
    if open {
        files::open(&written.page)?;
    }
    Ok(run.broken.is_some())
}

/// What was asked, in arguments.
fn arguments(options: &Options, json: bool) -> Vec<OsString> {
    let flags = [(json, "--json"), (true, "planted"), (options.shrink, "--shrink"), (options.open, "--open")];
    let flags = flags.into_iter().filter(|(said, _)| *said).map(|(_, flag)| flag.to_owned());
    let threads = options.threads.map(|threads| format!("--threads={threads}"));
    let plan = options.plan.as_ref().and_then(|path| path.canonicalize().ok());
    let plan = plan.into_iter().flat_map(|path| [OsString::from("--plan"), path.into_os_string()]);
    flags.chain(options.bug.clone()).chain(threads).map(OsString::from).chain(plan).collect()
}

/// Builds the program that holds the bugs, beside this one, and has it do what is asked.
///
/// # Errors
/// If it cannot be built.
pub fn in_planted_build(arguments: &[OsString]) -> io::Result<ExitStatus> {
    let target = target()?.join("planted");
    eprintln!("building the planted bugs into {} …", target.display());
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    cargo.args(["run", "-q", "-p", "causerie-sim", "--profile", "sim", "--target-dir"]).arg(target);
    // What a build for daily use gains by these is less than it costs here.
    cargo.envs([("CARGO_PROFILE_SIM_LTO", "off"), ("CARGO_PROFILE_SIM_CODEGEN_UNITS", "16")]);
    with_flags(&mut cargo);
    cargo.arg("--").args(arguments);
    cargo.status()
}

/// Adds the flag to those that are set: cargo reads one of two variables.
fn with_flags(cargo: &mut Command) {
    let set = |name: &str| std::env::var_os(name).filter(|flags| !flags.is_empty());
    let (name, space) = if set("CARGO_ENCODED_RUSTFLAGS").is_some() {
        ("CARGO_ENCODED_RUSTFLAGS", "\u{1f}")
    } else {
        ("RUSTFLAGS", " ")
    };
    let mut flags: OsString = set(name).map_or_else(OsString::new, |mut flags| {
        flags.push(space);
        flags
    });
    flags.push(format!("--cfg{space}causerie_planted"));
    cargo.env(name, flags);
}

/// The folder that this program was built into: `TARGET/sim/causerie-sim`.
fn target() -> io::Result<PathBuf> {
    let program = std::env::current_exe()?;
    let folder = program.ancestors().nth(2).unwrap_or(Path::new("target"));
    Ok(folder.to_owned())
}
