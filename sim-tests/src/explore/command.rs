//! `cargo sim explore`: the walk, and what it came to.

use std::io::{self, IsTerminal, Write};

use causerie_net::clock::Clock;
use clap::Args;

use super::{Bounds, Explored, explore};
use crate::checks::PROMISES;
use crate::plan::Seconds;

/// How large a world to walk through. Without any, several are: together they hold all that ends in a few minutes.
#[derive(Clone, Copy, Debug, Args)]
pub struct Size {
    /// How many things the first of the two says.
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=3))]
    ada: Option<u8>,
    /// How many things the second says.
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=3))]
    bob: Option<u8>,
    /// How often the server crashes, at most.
    #[arg(long)]
    crashes: Option<u8>,
    /// How often a connection dies, at most.
    #[arg(long)]
    cuts: Option<u8>,
    /// How often a deadline of the server's comes, at most.
    #[arg(long)]
    deadlines: Option<u8>,
    /// What was on its way up a connection that dies may arrive yet, however late.
    #[arg(long)]
    late: bool,
    /// Walks through orders of events too that are known to lead to what others lead to.
    #[arg(long)]
    all_orders: bool,
}

impl Size {
    fn walks(&self) -> Vec<Bounds> {
        let of = |messages, crashes, cuts| Bounds {
            messages,
            crashes,
            cuts,
            deadlines: self.deadlines.unwrap_or(0),
            late: self.late,
            reduced: !self.all_orders,
        };
        match (self.ada, self.bob, self.crashes, self.cuts, self.deadlines) {
            (None, None, None, None, None) => vec![of([2, 2], 0, 1), of([1, 1], 1, 1), of([2, 2], 1, 0)],
            (ada, bob, crashes, cuts, _) => {
                vec![of([ada.unwrap_or(1), bob.unwrap_or(1)], crashes.unwrap_or(0), cuts.unwrap_or(0))]
            }
        }
    }
}

/// Walks, and prints what it came to. False if a promise is broken.
///
/// # Errors
/// That of printing.
pub fn command(size: &Size, json: bool) -> io::Result<bool> {
    let (mut walks, mut kept) = (Vec::new(), true);
    for bounds in size.walks() {
        let (explored, took_us) = walk(&bounds);
        print(&bounds, &explored, took_us, json)?;
        walks.push(serde_json::json!({
            "messages": bounds.messages,
            "crashes": bounds.crashes,
            "cuts": bounds.cuts,
            "deadlines": bounds.deadlines,
            "states": explored.states,
            "transitions": explored.transitions,
            "depth": explored.depth,
            "settled": explored.settled,
            "broken": explored.broken.as_ref().map(|(broken, _)| broken.promise),
            "ms": took_us / 1_000,
        }));
        kept &= explored.broken.is_none();
        if !kept {
            break;
        }
    }
    if json {
        println!("{}", serde_json::json!({"walks": walks, "failures": u8::from(!kept)}));
    } else if kept {
        println!("no promise broken");
    }
    Ok(kept)
}

fn walk(bounds: &Bounds) -> (Explored, u64) {
    let (clock, tty) = (Clock::start(), io::stderr().is_terminal());
    let explored = explore(bounds, PROMISES, |states| {
        if tty {
            eprint!("\r{states} states, {} s ", Seconds(clock.now().micros()));
        }
    });
    if tty {
        eprintln!();
    }
    (explored, clock.now().micros())
}

fn print(bounds: &Bounds, explored: &Explored, took_us: u64, json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if !json {
        let [ada, bob] = bounds.messages;
        writeln!(
            out,
            "{ada} and {bob} messages, {} crashes, {} cuts, {} deadlines: {} states, {} transitions, depth {}, {} terminal, {} s",
            bounds.crashes,
            bounds.cuts,
            bounds.deadlines,
            explored.states,
            explored.transitions,
            explored.depth,
            explored.settled,
            Seconds(took_us)
        )?;
    }
    if let Some((broken, way)) = &explored.broken {
        writeln!(out, "   FAIL  {}\n         {}\n    way", broken.promise, broken.evidence)?;
        for (place, event) in (1..).zip(way) {
            writeln!(out, "   {place:>4}  {event}")?;
        }
    }
    Ok(())
}
