//! One run again: played, played twice and compared, shrunk, kept.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;

use causerie_sim::checks::PROMISES;
use causerie_sim::marks::Marks;
use causerie_sim::plan::{Plan, Seconds, World};
use causerie_sim::run::{Run, run};
use causerie_sim::swarm;
use causerie_sim::trace::sha256;
use serde_json::json;

use super::failure::Failure;
use super::scratch;
use super::summary::Totals;

/// Plays a plan and tells how it went.
pub(crate) fn play(plan: &Plan, trace: Option<&Path>, json: bool) -> io::Result<bool> {
    let run = run(plan, PROMISES, true);
    if let Some(path) = trace {
        fs::write(path, run.trace.text())?;
    }
    if json {
        write_totals(&run)?;
    } else {
        let mut out = io::stdout().lock();
        write!(out, "{plan}")?;
        write_verdict(&mut out, &run)?;
    }
    Ok(run.broken.is_none())
}

pub(super) fn write_verdict(out: &mut impl Write, run: &Run) -> io::Result<()> {
    match &run.broken {
        None => writeln!(out, "   pass  {} s simulated", Seconds(run.simulated_us))?,
        Some(broken) => writeln!(out, "   FAIL  {broken}")?,
    }
    writeln!(out, "trace sha256 {}", run.trace.sha256())
}

pub(super) fn write_totals(run: &Run) -> io::Result<()> {
    let Run { broken, marks, trace, simulated_us, evidence: _, record: _ } = run;
    let trace_sha256 = &trace.sha256();
    let failures = usize::from(broken.is_some());
    let broken = broken.as_ref().map(|broken| json!({"promise": broken.promise, "evidence": broken.evidence}));
    Totals { runs: 1, failures, simulated_us: *simulated_us, marks, trace_sha256 }.write(json!({"broken": broken}))
}

/// Plays a plan that was kept in a file.
pub(crate) fn play_kept(path: &Path, trace: Option<&Path>, json: bool) -> io::Result<bool> {
    let wrong = |error: &dyn std::fmt::Display| io::Error::other(format!("{}: {error}", path.display()));
    let text = fs::read_to_string(path).map_err(|error| wrong(&error))?;
    let plan = Plan::from_json(&text).map_err(|error| wrong(&format!("is no plan: {error}")))?;
    play(&plan, trace, json)
}

/// Two fresh processes: whatever differs from process to process would show.
pub(crate) fn twice(seed: u64, world: World, json: bool) -> io::Result<bool> {
    let program = std::env::current_exe()?;
    let mut traces = Vec::new();
    for which in ["first", "second"] {
        let path = scratch(seed)?.join(format!("{which}.txt"));
        if path.exists() {
            fs::remove_file(&path)?; // Of an earlier time: it must not be taken for this one's.
        }
        let arguments = ["--world", world.name(), "--seed", &seed.to_string(), "--trace"];
        let process = Command::new(&program).args(arguments).arg(&path).output()?;
        if !path.exists() {
            return Err(io::Error::other(String::from_utf8_lossy(&process.stderr).into_owned()));
        }
        traces.push(fs::read(&path)?);
    }
    let same = traces[0] == traces[1];
    let digests: Vec<String> = traces.iter().map(|trace| sha256(trace)).collect();
    let mut out = io::stdout().lock();
    if json {
        writeln!(out, "{}", json!({"same": same, "trace_sha256": digests}))?;
    } else if same {
        writeln!(out, "   pass  seed {seed:#x} gave the same trace twice, {} bytes", traces[0].len())?;
        writeln!(out, "trace sha256 {}", digests[0])?;
    } else {
        let texts: Vec<_> = traces.iter().map(|trace| String::from_utf8_lossy(trace)).collect();
        let (first, second) = (&texts[0], &texts[1]);
        // If one is the beginning of the other, they differ where it ends.
        let line = first.lines().zip(second.lines()).take_while(|(a, b)| a == b).count();
        writeln!(out, "   FAIL  replay  seed {seed:#x}: the traces differ from line {} on", line + 1)?;
        for text in [first, second] {
            writeln!(out, "         {}", text.lines().nth(line).unwrap_or("(it ends here)"))?;
        }
    }
    Ok(same)
}

/// Makes a failing seed's plan small; keeps it in a folder, if one is given.
pub(crate) fn shrink_seed(seed: u64, world: World, keep: Option<&Path>, json: bool) -> io::Result<bool> {
    let plan = swarm::plan_for(seed, world);
    let played = run(&plan, PROMISES, false);
    let mut out: Box<dyn Write> = if json { Box::new(io::stderr().lock()) } else { Box::new(io::stdout().lock()) };
    let Some(broken) = &played.broken else {
        writeln!(out, "   pass  seed {seed:#x} breaks no promise: there is nothing to shrink")?;
        if json {
            write_totals(&played)?;
        }
        return Ok(true);
    };
    let failure = Failure::new(seed, broken, &plan);
    if let Some(folder) = keep {
        let world = if world == World::Tcp { "tcp-" } else { "" };
        let path = folder.join(format!("{world}{}-{seed:x}.json", broken.promise));
        fs::create_dir_all(folder)?;
        fs::write(&path, failure.shrunk.plan.to_json() + "\n")?;
        writeln!(out, "   kept  {}", path.display())?;
    }
    failure.write(&mut out)?;
    if json {
        let small = serde_json::to_value(&failure.shrunk.plan).map_err(io::Error::other)?;
        let runs = failure.shrunk.runs;
        Totals { runs, failures: 1, simulated_us: 0, marks: &Marks::default(), trace_sha256: "" }
            .write(json!({"plan": small}))?;
    }
    Ok(keep.is_some())
}
