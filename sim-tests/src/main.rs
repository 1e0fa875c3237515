//! `cargo sim`: searches for broken promises, plays a run again, shrinks it, keeps it.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use causerie_net::clock::Clock;
use causerie_sim::checks::{Broken, PROMISES};
use causerie_sim::explore;
use causerie_sim::marks::{Mark, Marks};
use causerie_sim::plan::{Plan, Seconds};
use causerie_sim::run::{Run, run};
use causerie_sim::search::search;
use causerie_sim::shrink::{Shrunk, shrink};
use causerie_sim::swarm;
use causerie_sim::trace::sha256;
use clap::{Parser, Subcommand};

/// Plays whole runs of the server and its clients under faults, in virtual time, and judges them.
#[derive(Debug, Parser)]
#[command(name = "cargo sim", version)]
struct Options {
    #[command(subcommand)]
    what: Option<What>,
    /// How many runs to search.
    #[arg(long, default_value_t = 20_000)]
    runs: u64,
    /// The first seed of the search.
    #[arg(long, default_value = "0", value_parser = seed)]
    from: u64,
    /// On how many threads to search.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Plays this seed's run alone.
    #[arg(long, value_parser = seed)]
    seed: Option<u64>,
    /// Writes its trace there.
    #[arg(long, requires = "seed")]
    trace: Option<PathBuf>,
    /// Ends with one JSON object.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Plays a seed in two fresh processes and compares their traces byte by byte.
    Twice {
        /// Which.
        #[arg(value_parser = seed)]
        seed: u64,
    },
    /// Finds the smallest plan that breaks the same promise.
    Shrink {
        /// Of which seed.
        #[arg(value_parser = seed)]
        seed: u64,
    },
    /// Shrinks, and keeps the plan under regressions/.
    Keep {
        /// Of which seed.
        #[arg(value_parser = seed)]
        seed: u64,
    },
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
}

fn main() -> ExitCode {
    let options = Options::parse();
    let done = match (&options.what, options.seed) {
        (Some(What::Twice { seed }), _) => twice(*seed, &options),
        (Some(What::Shrink { seed }), _) => shrink_seed(*seed, None, &options),
        (Some(What::Keep { seed }), _) => shrink_seed(*seed, Some(&regressions()), &options),
        (Some(What::Play { plan, trace }), _) => play_kept(plan, trace.as_deref(), &options),
        (Some(What::Explore(size)), _) => explore::command(size, options.json),
        (None, Some(seed)) => play_seed(seed, &options),
        (None, None) => search_all(&options),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("cargo sim: {error}");
            ExitCode::FAILURE
        }
    }
}

fn seed(text: &str) -> Result<u64, String> {
    let parsed = match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(&hex[..hex.len().min(16)], 16),
        None => text.parse(),
    };
    parsed.map_err(|error| format!("{text} is no seed: {error}"))
}

fn search_all(options: &Options) -> io::Result<bool> {
    let clock = Clock::start();
    let tty = io::stderr().is_terminal();
    let seconds = || clock.now().micros();
    let summary = search(options.from, options.runs, options.threads, |runs, failures| {
        if tty {
            let rate = runs * 1_000_000 / seconds().max(1);
            eprint!("\r{runs} runs, {failures} failures, {rate} runs/s, {} s ", Seconds(seconds()));
        }
        true
    });
    if tty {
        eprintln!();
    }
    let took = seconds();
    if !options.json {
        let rate = summary.runs * 1_000_000 / took.max(1);
        println!(
            "{} runs, {} failures: {} s simulated in {} s ({} s of cpu), {rate} runs/s",
            summary.runs,
            summary.failures.len(),
            summary.simulated_us / 1_000_000,
            Seconds(took),
            Seconds(cpu_us().unwrap_or(took))
        );
        print_marks(&summary.marks);
    }
    for (seed, broken) in summary.failures.iter().skip(1).take(20) {
        println!("  also  {:<9} seed {seed:#x}: {}", broken.promise, broken.evidence);
    }
    if let Some((seed, broken)) = summary.failures.first_key_value() {
        let plan = swarm::plan(*seed);
        print_failure(*seed, broken, &plan, &shrink(&plan, PROMISES))?;
    }
    let digest = sha256(&summary.fingerprint.to_le_bytes());
    print_json(options, summary.runs, summary.failures.len(), summary.simulated_us, &summary.marks, &digest);
    Ok(summary.failures.is_empty())
}

fn play_seed(seed: u64, options: &Options) -> io::Result<bool> {
    play(&swarm::plan(seed), options.trace.as_deref(), options)
}

fn play_kept(path: &Path, trace: Option<&Path>, options: &Options) -> io::Result<bool> {
    let plan = Plan::from_json(&fs::read_to_string(path)?).map_err(io::Error::other)?;
    play(&plan, trace, options)
}

fn play(plan: &Plan, trace: Option<&Path>, options: &Options) -> io::Result<bool> {
    let run = run(plan, PROMISES, true);
    if let Some(path) = trace {
        fs::write(path, run.trace.text())?;
    }
    if !options.json {
        print!("{plan}");
        match &run.broken {
            None => println!("   pass  {} s simulated", Seconds(run.simulated_us)),
            Some(broken) => println!("   FAIL  {broken}"),
        }
        println!("trace sha256 {}", run.trace.sha256());
    }
    let failures = usize::from(run.broken.is_some());
    print_json(options, 1, failures, run.simulated_us, &run.marks, &run.trace.sha256());
    Ok(run.broken.is_none())
}

/// Two fresh processes: whatever differs from process to process would show.
fn twice(seed: u64, options: &Options) -> io::Result<bool> {
    let program = std::env::current_exe()?;
    let mut traces = Vec::new();
    for which in ["first", "second"] {
        let path = scratch(seed)?.join(format!("{which}.txt"));
        let process = Command::new(&program).args(["--seed", &seed.to_string(), "--trace"]).arg(&path).output()?;
        if !path.exists() {
            return Err(io::Error::other(String::from_utf8_lossy(&process.stderr).into_owned()));
        }
        traces.push(fs::read(&path)?);
    }
    let same = traces[0] == traces[1];
    let digests: Vec<String> = traces.iter().map(|trace| sha256(trace)).collect();
    if options.json {
        println!("{}", serde_json::json!({"same": same, "trace_sha256": digests}));
    } else if same {
        println!(
            "   pass  seed {seed:#x} gave the same trace twice, {} bytes\ntrace sha256 {}",
            traces[0].len(),
            digests[0]
        );
    } else {
        let text = |i: usize| String::from_utf8_lossy(&traces[i]).into_owned();
        let (first, second) = (text(0), text(1));
        let line = first.lines().zip(second.lines()).position(|(a, b)| a != b).unwrap_or_default();
        println!("   FAIL  replay  seed {seed:#x}: the traces differ from line {} on", line + 1);
        println!(
            "         {}\n         {}",
            first.lines().nth(line).unwrap_or_default(),
            second.lines().nth(line).unwrap_or_default()
        );
    }
    Ok(same)
}

fn shrink_seed(seed: u64, keep: Option<&Path>, options: &Options) -> io::Result<bool> {
    let plan = swarm::plan(seed);
    let Run { broken: Some(broken), .. } = run(&plan, PROMISES, false) else {
        println!("   pass  seed {seed:#x} breaks no promise: there is nothing to shrink");
        return Ok(true);
    };
    let shrunk = shrink(&plan, PROMISES);
    if let Some(folder) = keep {
        let path = folder.join(format!("{}-{seed:x}.json", broken.promise));
        fs::create_dir_all(folder)?;
        fs::write(&path, shrunk.plan.to_json() + "\n")?;
        println!("   kept  {}", path.display());
    }
    print_failure(seed, &broken, &plan, &shrunk)?;
    print_json(options, shrunk.runs, 1, 0, &Marks::default(), "");
    Ok(keep.is_some())
}

/// The block that a failing search ends with.
fn print_failure(seed: u64, broken: &Broken, plan: &Plan, shrunk: &Shrunk) -> io::Result<()> {
    let again = run(&shrunk.plan, PROMISES, true);
    let trace = scratch(seed)?.join("trace.txt");
    fs::write(&trace, again.trace.text())?;
    fs::write(scratch(seed)?.join("plan.json"), shrunk.plan.to_json() + "\n")?;
    let small = &shrunk.plan;
    let mut out = io::stdout().lock();
    writeln!(out, "   FAIL  {}   seed {seed:#x}", broken.promise)?;
    writeln!(out, "         {}", broken.evidence)?;
    writeln!(
        out,
        " shrink  faults {} → {} · deeds {} → {} · people {} → {}          {} runs",
        plan.faults.len(),
        small.faults.len(),
        plan.deeds.len(),
        small.deeds.len(),
        plan.people.len(),
        small.people.len(),
        shrunk.runs
    )?;
    for line in small.to_string().lines() {
        writeln!(out, "      {line}")?;
    }
    if let Some(again) = &again.broken {
        writeln!(out, "         {}      ← here", again.evidence)?;
    }
    writeln!(out, "  trace  {}     sha256 {}…", trace.display(), &again.trace.sha256()[..8])?;
    writeln!(out, "  again  cargo sim --seed {seed:#x}                   keep  cargo sim keep {seed:#x}")
}

fn print_marks(marks: &Marks) {
    for mark in Mark::ALL.iter().filter(|mark| marks.count(**mark) > 0) {
        println!("{:>10}  {}", marks.count(*mark), mark.text());
    }
    for mark in marks.unreached() {
        println!("     never  {}", mark.text());
    }
}

fn print_json(options: &Options, runs: u64, failures: usize, simulated_us: u64, marks: &Marks, digest: &str) {
    if !options.json {
        return;
    }
    let marks: serde_json::Map<String, serde_json::Value> =
        Mark::ALL.iter().map(|mark| (format!("{mark:?}"), marks.count(*mark).into())).collect();
    let summary = serde_json::json!({
        "runs": runs,
        "failures": failures,
        "simulated_s": simulated_us / 1_000_000,
        "cpu_s": Seconds(cpu_us().unwrap_or(0)).to_string().parse::<f64>().unwrap_or_default(),
        "marks": marks,
        "trace_sha256": digest,
    });
    println!("{summary}");
}

/// What this process has used of processors, in microseconds, where the system tells: in hundredths of a second.
fn cpu_us() -> Option<u64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let (_, fields) = stat.rsplit_once(") ")?;
    let ticks = fields.split(' ').skip(11).take(2).map(|field| field.parse::<u64>().ok());
    ticks.sum::<Option<u64>>().map(|ticks| ticks * 10_000)
}

fn scratch(seed: u64) -> io::Result<PathBuf> {
    let folder = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    let folder = folder.join("sim").join(format!("{seed:#x}"));
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn regressions() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions")
}
