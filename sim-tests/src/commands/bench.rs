//! `cargo sim bench`: how many whole runs one processor plays and judges in a second, in two families of plans.
//!
//! Nothing is compared with a time of another day: the families are played in turns, round after round, and the median
//! round is told. What is counted is processor time, so that other work on the machine matters little.

use std::io::{self, Write};

use causerie_sim::checks::PROMISES;
use causerie_sim::plan::Plan;
use causerie_sim::run::run;
use causerie_sim::swarm;

use super::summary::cpu_us;

/// Rounds of each family.
const ROUNDS: usize = 7;

/// Plans, by their seeds.
struct Family {
    what: &'static str,
    seeds: Vec<u64>,
    simulated_us: u64,
    /// Of each round.
    runs_per_s: Vec<u64>,
}

/// What all plans of a family have together.
#[derive(Default)]
struct Contents {
    people: usize,
    guests: usize,
    deeds: usize,
    faults: usize,
}

/// Plays both families, `runs` runs of each in a round.
pub(crate) fn bench(runs: usize) -> io::Result<bool> {
    let cpu_us = || cpu_us().ok_or_else(|| io::Error::other("this system does not tell how long a processor was used"));
    let mut families = [
        Family::new("4 people, 12 s of faults", (0..).filter(|seed| is_four_for_twelve(&swarm::plan(*seed))), runs),
        Family::new("the swarm's plans", 0.., runs),
    ];
    for _ in 0..ROUNDS {
        for family in &mut families {
            let before = cpu_us()?;
            family.play();
            let took = (cpu_us()? - before).max(1);
            family.runs_per_s.push(runs as u64 * 1_000_000 / took);
        }
    }
    for family in &mut families {
        family.tell(&mut io::stdout().lock())?;
    }
    Ok(true)
}

/// The swarm's own plans of that size, whatever else they hold: half a dozen deeds for each, all kinds of faults, and
/// somebody at netcat in about every second.
fn is_four_for_twelve(plan: &Plan) -> bool {
    plan.people.len() == 4 && plan.faults_ms == 12_000
}

impl Family {
    fn new(what: &'static str, seeds: impl Iterator<Item = u64>, runs: usize) -> Self {
        Self { what, seeds: seeds.take(runs).collect(), simulated_us: 0, runs_per_s: Vec::new() }
    }

    /// One round: every plan is made, played and judged.
    fn play(&mut self) {
        let plays = self.seeds.iter().map(|seed| run(&swarm::plan(*seed), PROMISES, false).simulated_us);
        self.simulated_us = plays.sum();
    }

    fn tell(&mut self, out: &mut impl Write) -> io::Result<()> {
        let mut all = Contents::default();
        for plan in self.seeds.iter().map(|seed| swarm::plan(*seed)) {
            all.people += plan.people.len();
            all.guests += plan.people.iter().filter(|person| person.kind.is_guest()).count();
            all.deeds += plan.deeds.len();
            all.faults += plan.faults.len();
        }
        let runs = self.seeds.len().max(1);
        let per_run = |all: usize| format!("{}.{}", all / runs, all * 10 / runs % 10);
        self.runs_per_s.sort_unstable();
        writeln!(
            out,
            "{:<26} {:>6} runs/s of processor time ({} to {}, {ROUNDS} rounds of {runs})",
            self.what,
            self.runs_per_s[ROUNDS / 2],
            self.runs_per_s[0],
            self.runs_per_s[ROUNDS - 1],
        )?;
        writeln!(
            out,
            "{:<26} a run has {} people, {} of them at netcat, {} deeds, {} faults, {} s simulated",
            "",
            per_run(all.people),
            per_run(all.guests),
            per_run(all.deeds),
            per_run(all.faults),
            per_run(usize::try_from(self.simulated_us / 1_000_000).unwrap_or(usize::MAX)),
        )
    }
}
