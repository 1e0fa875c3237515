//! The scenarios: listed, and played as conversations.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

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
    let played = scenario.play()?;
    if let (Some(path), Some(run)) = (trace, &played.run) {
        fs::write(path, run.trace.text())?;
    }
    let kept = played.run.as_ref().is_none_or(|run| run.broken.is_none());
    if json {
        match &played.run {
            Some(run) => write_totals(run)?,
            None => writeln!(io::stdout(), "{}", json!({"name": name, "text": played.text}))?,
        }
    } else {
        let mut out = io::stdout().lock();
        writeln!(out, "{name}: {}\n", scenario.teaches)?;
        writeln!(out, "{}", played.text)?;
        for mark in &played.missed {
            writeln!(out, "   FAIL  never  {}", mark.text())?;
        }
        if let Some(run) = &played.run {
            write_verdict(&mut out, run)?;
        }
    }
    Ok(kept && played.missed.is_empty())
}
