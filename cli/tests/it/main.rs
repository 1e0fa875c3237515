//! The program as people run it.
#![expect(clippy::unwrap_used, reason = "what a test relies on and does not find is its failure")]

mod errors;
mod help;
mod host;
mod readme;
mod restarts;
mod talk;
