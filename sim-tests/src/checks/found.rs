//! What a check finds: a sentence, and the places in the run that contradict each other, so that a picture can show them.

use causerie_core::protocol::Seq;

/// Evidence that a promise was broken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// A sentence with what was found and what was expected.
    pub evidence: String,
    /// What contradicts each other there, in three words.
    pub claim: String,
    /// Where.
    pub points: Vec<Point>,
}

/// A place in a run. Lives are indexes into [`Evidence::lives`](crate::evidence::Evidence::lives), times virtual
/// microseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Point {
    /// An entry of the log.
    Entry(Seq),
    /// The moment when a life was shown something.
    Shown {
        /// Whose.
        life: usize,
        /// Which entry.
        seq: Seq,
        /// When.
        at_us: u64,
    },
    /// A life at a moment.
    Life {
        /// Whose.
        life: usize,
        /// When.
        at_us: u64,
    },
    /// The server at a moment.
    Server {
        /// When.
        at_us: u64,
    },
}

impl Found {
    /// Evidence, with what contradicts each other in three words, and where.
    #[must_use]
    pub fn new(claim: &str, points: impl Into<Vec<Point>>, evidence: String) -> Self {
        Self { evidence, claim: claim.to_owned(), points: points.into() }
    }
}

/// A sentence alone: a picture can only say it.
impl From<String> for Found {
    fn from(evidence: String) -> Self {
        Self::new("", [], evidence)
    }
}
