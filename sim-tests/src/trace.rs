//! What happened in a run, one line per event with its virtual time, and a fingerprint of it that costs next to nothing.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::entropy::mix;
use crate::plan::Seconds;

/// The trace of one run. The fingerprint is always made, the lines only if they are wanted.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    lines: Option<String>,
    fingerprint: u64,
}

impl Trace {
    /// An empty trace, of lines if they are wanted.
    #[must_use]
    pub fn new(wanted: bool) -> Self {
        Self { lines: wanted.then(String::new), fingerprint: 0 }
    }

    /// Whether lines are wanted: ask before making one.
    #[must_use]
    pub const fn wanted(&self) -> bool {
        self.lines.is_some()
    }

    /// Adds a line.
    pub fn line(&mut self, now: u64, what: fmt::Arguments<'_>) {
        if let Some(lines) = &mut self.lines {
            fmt::Write::write_fmt(lines, format_args!("{:>10}  {what}\n", Seconds(now))).expect("a string takes all");
        }
    }

    /// Adds a number to the fingerprint.
    pub const fn mark(&mut self, what: u64) {
        self.fingerprint = mix(self.fingerprint ^ what);
    }

    /// Adds bytes to the fingerprint.
    pub fn mark_bytes(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        let sum = words.iter().fold(0_u64, |sum, word| sum.rotate_left(5) ^ u64::from_le_bytes(*word));
        self.mark(rest.iter().fold(sum, |sum, byte| sum.rotate_left(9) ^ u64::from(*byte)));
    }

    /// A digest of all that was added to the fingerprint.
    #[must_use]
    pub const fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// The lines; empty if they were not wanted.
    #[must_use]
    pub fn text(&self) -> &str {
        self.lines.as_deref().unwrap_or_default()
    }

    /// The digest of the lines, in hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> String {
        sha256(self.text().as_bytes())
    }
}

/// A digest in hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
