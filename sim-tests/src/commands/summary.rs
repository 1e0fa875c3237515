//! What a batch of runs came to, for programs: one JSON object.

use std::fs;
use std::io::{self, Write};

use causerie_sim::marks::{Mark, Marks};
use serde_json::{Value, json};

/// The JSON object that a command ends with.
pub(super) struct Totals<'a> {
    pub(super) runs: u64,
    pub(super) failures: usize,
    pub(super) simulated_us: u64,
    pub(super) marks: &'a Marks,
    pub(super) trace_sha256: &'a str,
}

impl Totals<'_> {
    /// Writes it, with whatever else this command has to say.
    pub(super) fn write(&self, more: Value) -> io::Result<()> {
        let marks: serde_json::Map<String, Value> =
            Mark::ALL.iter().map(|mark| (format!("{mark:?}"), self.marks.count(*mark).into())).collect();
        let mut object = json!({
            "runs": self.runs,
            "failures": self.failures,
            "simulated_s": self.simulated_us / 1_000_000,
            "cpu_s": cpu_us().map(|us| us / 10_000).map(|hundredths| Value::from(hundredths as f64 / 100.0)),
            "marks": marks,
            "trace_sha256": self.trace_sha256,
        });
        if let (Some(object), Value::Object(more)) = (object.as_object_mut(), more) {
            object.extend(more);
        }
        writeln!(io::stdout(), "{object}")
    }
}

/// What this process has used of processors, in microseconds, where the system tells: in hundredths of a second.
pub(super) fn cpu_us() -> Option<u64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let (_, fields) = stat.rsplit_once(") ")?;
    let ticks = fields.split(' ').skip(11).take(2).map(|field| field.parse::<u64>().ok());
    ticks.sum::<Option<u64>>().map(|ticks| ticks * 10_000)
}
