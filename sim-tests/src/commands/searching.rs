//! The search: many seeds, a line that tells how far it is, a summary, the marks, and the first failure made small.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use causerie_net::clock::Clock;
use causerie_sim::marks::{Mark, Marks};
use causerie_sim::plan::{Seconds, World};
use causerie_sim::search::{Progress, Summary, search};
use causerie_sim::swarm;
use causerie_sim::trace::sha256;
use clap::Args;
use serde_json::json;

use super::failure::Failure;
use super::summary::Totals;
use crate::seed;

/// What to search.
#[derive(Debug, Args)]
pub(crate) struct Search {
    /// How many runs to search: 100 000 in the pure world, 1 000 in the tcp world. In both, a hundredth of them is tcp.
    #[arg(long)]
    runs: Option<u64>,
    /// The first seed of the search.
    #[arg(long, default_value = "0", value_parser = seed)]
    from: u64,
    /// On how many threads to search: as many as there are processors, if nothing is said.
    #[arg(long)]
    threads: Option<usize>,
    /// Begins no more runs after so many seconds.
    #[arg(long)]
    seconds: Option<u64>,
    /// Fails if something that must happen sometimes never happened.
    #[arg(long)]
    all_marks: bool,
}

impl Search {
    /// On how many threads to search.
    fn threads(&self) -> usize {
        self.threads.or_else(|| thread::available_parallelism().ok().map(usize::from)).unwrap_or(1)
    }
}

/// Searches in a world, or in both one after the other, and tells what came of it.
pub(crate) fn search_all(options: &Search, world: Option<World>, json: bool) -> io::Result<bool> {
    let clock = Clock::start();
    // For programs, standard output holds the object alone.
    let mut out: Box<dyn Write> = if json { Box::new(io::stderr().lock()) } else { Box::new(io::stdout().lock()) };
    let worlds = world.map_or_else(|| World::ALL.to_vec(), |world| vec![world]);
    let (mut all, mut first, mut told, mut unreached) = (Summary::default(), None, Vec::new(), 0);
    for world in worlds.iter().copied() {
        let runs = match world {
            World::Pure => options.runs.unwrap_or(PURE_RUNS),
            World::Tcp if worlds.len() > 1 => options.runs.unwrap_or(PURE_RUNS).div_ceil(PURE_RUNS_FOR_ONE_TCP),
            World::Tcp => options.runs.unwrap_or(PURE_RUNS / PURE_RUNS_FOR_ONE_TCP),
        };
        let began = clock.now().micros();
        let summary = search_one(options, world, runs, &clock);
        if !json {
            write_totals(&mut out, world, &summary, clock.now().micros() - began)?;
            write_marks(&mut out, &summary.marks, world)?;
        }
        if options.all_marks {
            unreached += summary.marks.unreached(world).count();
        }
        for (seed, broken) in &summary.failures {
            told.push(
                json!({"world": world.name(), "seed": seed, "promise": broken.promise, "evidence": broken.evidence}),
            );
            if first.is_none() {
                first = Some((world, *seed, broken.clone()));
            } else if told.len() <= TOLD_MAX {
                writeln!(out, "  also  {:<9} seed {seed:#x}, {}: {}", broken.promise, world.name(), broken.evidence)?;
            }
        }
        all.add(summary);
    }
    let failures = told.len();
    if let Some((world, seed, broken)) = &first {
        Failure::new(*seed, broken, &swarm::plan_for(*seed, *world)).write(&mut out)?;
    }
    if unreached > 0 {
        writeln!(out, "   FAIL  marks   {unreached} that must happen sometimes never happened")?;
    }
    if json {
        let Summary { runs, failures: _, simulated_us, marks, fingerprint } = &all;
        let trace_sha256 = &sha256(&fingerprint.to_le_bytes());
        told.truncate(TOLD_MAX);
        Totals { runs: *runs, failures, simulated_us: *simulated_us, marks, trace_sha256 }
            .write(json!({"broken": told, "unreached": unreached}))?;
    }
    Ok(failures == 0 && unreached == 0)
}

fn search_one(options: &Search, world: World, runs: u64, clock: &Clock) -> Summary {
    let line = ProgressLine { tty: io::stderr().is_terminal(), clock: *clock, told: AtomicBool::new(false) };
    let summary = search(world, options.from, runs, options.threads(), |progress| {
        line.tell(progress);
        options.seconds.is_none_or(|limit| clock.now().micros() < limit * 1_000_000)
    });
    line.end();
    summary
}

/// Runs of a search for which nothing is said, in the pure world: about a minute.
const PURE_RUNS: u64 = 100_000;
/// In a search of both worlds, one run in the tcp world for so many in the pure one: about the same time for each.
const PURE_RUNS_FOR_ONE_TCP: u64 = 100;
/// Failures that are told one by one.
const TOLD_MAX: usize = 20;

fn write_totals(out: &mut impl Write, world: World, summary: &Summary, took: u64) -> io::Result<()> {
    writeln!(
        out,
        "{} world: {} runs, {} failures: {} s simulated in {} s, {} runs/s",
        world.name(),
        summary.runs,
        summary.failures.len(),
        summary.simulated_us / 1_000_000,
        Seconds(took),
        summary.runs * 1_000_000 / took.max(1)
    )
}

fn write_marks(out: &mut impl Write, marks: &Marks, world: World) -> io::Result<()> {
    for mark in Mark::ALL.iter().filter(|mark| marks.count(**mark) > 0) {
        writeln!(out, "{:>10}  {}", marks.count(*mark), mark.text())?;
    }
    for mark in marks.unreached(world) {
        writeln!(out, "     never  {}", mark.text())?;
    }
    Ok(())
}

/// One line on a terminal, written over again; nothing in a pipe.
struct ProgressLine {
    tty: bool,
    clock: Clock,
    told: AtomicBool,
}

impl ProgressLine {
    fn tell(&self, progress: Progress) {
        if !self.tty {
            return;
        }
        self.told.store(true, Ordering::Relaxed);
        let us = self.clock.now().micros();
        let Progress { runs, failures, simulated_us } = progress;
        let rate = runs * 1_000_000 / us.max(1);
        let simulated = simulated_us / 1_000_000;
        // A line that cannot be written is not worth ending a search for.
        let _unheard = write!(
            io::stderr(),
            "\r{runs} runs, {rate} runs/s, {simulated} s simulated in {} s, {failures} failures ",
            Seconds(us)
        );
    }

    fn end(&self) {
        if self.told.load(Ordering::Relaxed) {
            let _unheard = writeln!(io::stderr());
        }
    }
}
