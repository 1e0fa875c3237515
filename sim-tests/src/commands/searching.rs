//! The search: many seeds, a line that tells how far it is, a summary, the marks, and the first failure made small.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use causerie_net::clock::Clock;
use causerie_sim::marks::{Mark, Marks};
use causerie_sim::plan::Seconds;
use causerie_sim::search::{Progress, Summary, search};
use causerie_sim::swarm;
use causerie_sim::trace::sha256;
use clap::Args;
use serde_json::json;

use super::failure::Failure;
use super::summary::{Totals, cpu_us};
use crate::seed;

/// What to search.
#[derive(Debug, Args)]
pub(crate) struct Search {
    /// How many runs to search.
    #[arg(long, default_value_t = 100_000)]
    runs: u64,
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

/// Searches, and tells what came of it.
pub(crate) fn search_all(options: &Search, json: bool) -> io::Result<bool> {
    let clock = Clock::start();
    let threads = options.threads.or_else(|| std::thread::available_parallelism().ok().map(usize::from)).unwrap_or(1);
    let line = ProgressLine { tty: io::stderr().is_terminal(), clock, told: AtomicBool::new(false) };
    let summary = search(options.from, options.runs, threads, |progress| {
        line.tell(progress);
        options.seconds.is_none_or(|limit| clock.now().micros() < limit * 1_000_000)
    });
    line.end();
    let took = clock.now().micros();
    // For programs, standard output holds the object alone.
    let mut out: Box<dyn Write> = if json { Box::new(io::stderr().lock()) } else { Box::new(io::stdout().lock()) };
    if !json {
        write_totals(&mut out, &summary, took)?;
        write_marks(&mut out, &summary.marks)?;
    }
    for (seed, broken) in summary.failures.iter().skip(1).take(ALSO_MAX) {
        writeln!(out, "  also  {:<9} seed {seed:#x}: {}", broken.promise, broken.evidence)?;
    }
    if let Some((seed, broken)) = summary.failures.first_key_value() {
        Failure::new(*seed, broken, &swarm::plan(*seed)).write(&mut out)?;
    }
    let unreached: Vec<Mark> = summary.marks.unreached().collect();
    let missed = options.all_marks && !unreached.is_empty();
    if missed {
        writeln!(out, "   FAIL  marks   {} of {} were never reached", unreached.len(), Mark::ALL.len())?;
    }
    if json {
        let broken: Vec<_> = summary.failures.iter().take(ALSO_MAX).collect();
        let broken = broken
            .iter()
            .map(|(seed, broken)| json!({"seed": seed, "promise": broken.promise, "evidence": broken.evidence}));
        totals(&summary, &sha256(&summary.fingerprint.to_le_bytes()))
            .write(json!({"broken": broken.collect::<Vec<_>>()}))?;
    }
    Ok(summary.failures.is_empty() && !missed)
}

/// Failures that are told in one line each, beside the first.
const ALSO_MAX: usize = 20;

fn totals<'a>(summary: &'a Summary, trace_sha256: &'a str) -> Totals<'a> {
    let Summary { runs, failures, simulated_us, marks, fingerprint: _ } = summary;
    Totals { runs: *runs, failures: failures.len(), simulated_us: *simulated_us, marks, trace_sha256 }
}

fn write_totals(out: &mut impl Write, summary: &Summary, took: u64) -> io::Result<()> {
    writeln!(
        out,
        "{} runs, {} failures: {} s simulated in {} s ({} s of cpu), {} runs/s",
        summary.runs,
        summary.failures.len(),
        summary.simulated_us / 1_000_000,
        Seconds(took),
        Seconds(cpu_us().unwrap_or(took)),
        summary.runs * 1_000_000 / took.max(1)
    )
}

fn write_marks(out: &mut impl Write, marks: &Marks) -> io::Result<()> {
    for mark in Mark::ALL.iter().filter(|mark| marks.count(**mark) > 0) {
        writeln!(out, "{:>10}  {}", marks.count(*mark), mark.text())?;
    }
    for mark in marks.unreached() {
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
