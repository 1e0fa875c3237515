//! Where plans are played.

pub(crate) mod asking;
pub(crate) mod irc;
mod netcat;
pub mod pure;
mod strangers;
pub mod tcp;

use crate::evidence::Evidence;
use crate::marks::Marks;
use crate::record::Record;
use crate::trace::Trace;

/// What a played plan leaves.
#[derive(Debug)]
pub struct Played {
    /// To be judged.
    pub evidence: Evidence,
    /// What happened that must happen sometimes.
    pub marks: Marks,
    /// What happened.
    pub trace: Trace,
    /// What happened between, if a trace was wanted.
    pub record: Record,
    /// Virtual microseconds.
    pub simulated_us: u64,
}
