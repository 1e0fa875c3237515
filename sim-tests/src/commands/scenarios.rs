//! The scenarios: listed, and played as conversations.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use causerie_sim::conversation::Conversation;
use causerie_sim::scenario::{Scenario, all};
use serde_json::json;

use super::again::{write_totals, write_verdict};

/// Lists them.
pub(crate) fn list_scenarios(json: bool) -> io::Result<bool> {
    let mut out = io::stdout().lock();
    for Scenario { name, teaches, .. } in all() {
        if json {
            writeln!(out, "{}", json!({"name": name, "teaches": teaches}))?;
        } else {
            writeln!(out, "{name:<22} {teaches}")?;
        }
    }
    Ok(true)
}

/// Plays one, and shows what everyone saw.
pub(crate) fn play_scenario(name: &str, trace: Option<&Path>, json: bool) -> io::Result<bool> {
    let Some(scenario) = Scenario::named(name) else {
        return Err(io::Error::other(format!("there is no scenario {name}; `cargo sim scenarios` lists them")));
    };
    let (run, missed) = scenario.play();
    if let Some(path) = trace {
        fs::write(path, run.trace.text())?;
    }
    if json {
        write_totals(&run)?;
    } else {
        let mut out = io::stdout().lock();
        writeln!(out, "{name}: {}\n", scenario.teaches)?;
        writeln!(out, "{}", Conversation { plan: &(scenario.plan)(), evidence: &run.evidence })?;
        for mark in &missed {
            writeln!(out, "   FAIL  never  {}", mark.text())?;
        }
        write_verdict(&mut out, &run)?;
    }
    Ok(run.broken.is_none() && missed.is_empty())
}
