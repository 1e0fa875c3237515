//! `cargo sim`: searches for broken promises, plays a run again, shrinks it, keeps it.

mod commands;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use causerie_sim::explore;
use causerie_sim::plan::World;
use causerie_sim::planted;
use causerie_sim::swarm;
use clap::{Args, Parser, Subcommand};

/// Plays whole runs of the server and its clients under faults, in virtual time, and judges them.
#[derive(Debug, Parser)]
#[command(name = "cargo sim", version, args_conflicts_with_subcommands = true)]
struct Options {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    search: commands::Search,
    /// Plays this seed's run alone.
    #[arg(long, value_parser = seed, conflicts_with_all = ["runs", "from", "threads", "seconds", "all_marks"])]
    seed: Option<u64>,
    /// Writes its trace there.
    #[arg(long, requires = "seed")]
    trace: Option<PathBuf>,
    /// Where: `pure`, the machines alone, or `tcp`, what is shipped, over simulated sockets and a simulated disk. If nothing
    /// is said, a search plays in both, and a single run in the pure world.
    #[arg(long, global = true, value_parser = world)]
    world: Option<World>,
    /// Ends with one JSON object on standard output, and nothing else there.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Plays a seed in two fresh processes and compares their traces byte by byte.
    Twice(Seed),
    /// Finds the smallest plan that breaks the same promise.
    Shrink(Seed),
    /// Shrinks, and keeps the plan under regressions/.
    Keep(Seed),
    /// Walks through every state of a small world.
    Explore(explore::Size),
    /// Plays a plan that was kept.
    Play {
        /// The file.
        plan: PathBuf,
        /// Writes its trace there.
        #[arg(long)]
        trace: Option<PathBuf>,
    },
    /// Plants deliberate bugs, one after another: a check must catch each.
    Planted(planted::command::Options),
    /// Plays a scenario and shows what everyone saw: `cargo sim scenarios` lists them.
    Scenario {
        /// Which.
        name: String,
        /// Writes its trace there.
        #[arg(long)]
        trace: Option<PathBuf>,
    },
    /// Draws a run, passing or failing: `run.svg`, and `report.html` with all that there is to know of it.
    Show(commands::Show),
    /// Draws the pictures of docs/gallery anew.
    Gallery,
    /// Lists the scenarios, each with what it teaches.
    Scenarios,
    /// Measures how many pure runs one processor plays and judges in a second.
    Bench {
        /// Runs in a round.
        #[arg(default_value_t = 2_000)]
        runs: usize,
    },
}

#[derive(Debug, Args)]
struct Seed {
    /// Which.
    #[arg(value_parser = seed)]
    seed: u64,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let json = options.json;
    let world = options.world.unwrap_or_default();
    let done = match (&options.what, options.seed) {
        (Some(What::Twice(Seed { seed })), _) => commands::twice(*seed, world, json),
        (Some(What::Shrink(Seed { seed })), _) => commands::shrink_seed(*seed, world, None, json),
        (Some(What::Keep(Seed { seed })), _) => {
            commands::shrink_seed(*seed, world, Some(&commands::regressions()), json)
        }
        (Some(What::Play { plan, trace }), _) => commands::play_kept(plan, trace.as_deref(), json),
        (Some(What::Scenario { name, trace }), _) => commands::play_scenario(name, trace.as_deref(), json),
        (Some(What::Show(options)), _) => commands::show(options, world),
        (Some(What::Gallery), _) => commands::renew_gallery(),
        (Some(What::Scenarios), _) => commands::list_scenarios(json),
        (Some(What::Bench { runs }), _) => commands::bench(*runs),
        (Some(What::Explore(size)), _) => explore::command(size, json),
        (Some(What::Planted(bugs)), _) => planted::command::planted(bugs, json),
        (None, Some(seed)) => commands::play(&swarm::plan_for(seed, world), options.trace.as_deref(), json),
        (None, None) => commands::search_all(&options.search, options.world, json),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::FAILURE, // Whoever read us has read enough.
        Err(error) => {
            // If even that cannot be told, there is nobody to tell.
            let _unheard = writeln!(io::stderr(), "cargo sim: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A seed as it is written in a failure, or as a decimal number. A commit's hash is cut to what fits.
fn seed(text: &str) -> Result<u64, String> {
    let parsed = match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex.get(..16).unwrap_or(hex), 16),
        None => text.parse(),
    };
    parsed.map_err(|error| format!("{text} is no seed: {error}"))
}

fn world(text: &str) -> Result<World, String> {
    let named = World::ALL.iter().copied().find(|world| world.name() == text);
    named.ok_or_else(|| format!("{text} is no world: pure or tcp"))
}
