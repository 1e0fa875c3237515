//! What can go wrong with a log: the world's doing, never a peer's or a person's.

use std::fmt;

use causerie_core::protocol::Position;

/// Why a log does not do what it was asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LogError {
    /// Storing failed. What was being stored may be there at the next start, or not.
    Unstored {
        /// What the store said.
        why: String,
    },
    /// Reading failed.
    Unread {
        /// What the store said.
        why: String,
    },
    /// What is stored is not what was written.
    Damaged {
        /// Which store.
        store: String,
        /// The first record that is wrong.
        position: Position,
        /// What is wrong with it.
        why: String,
    },
    /// What is stored was written under rules this program does not know.
    Newer {
        /// Which store.
        store: String,
        /// Where the rules begin.
        position: Position,
    },
    /// The log's thread is gone. Nothing at all is answered from here on.
    Ended,
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unstored { why } => write!(f, "storing failed, what came of the last lines is unknown: {why}"),
            Self::Unread { why } => write!(f, "reading from the store failed: {why}"),
            Self::Damaged { store, position, why } => {
                let Position(position) = position;
                write!(f, "the store {store} is damaged at record {position}: {why}; ")?;
                write!(f, "see how much of it can be read: causerie verify --data {store}")
            }
            Self::Newer { store, position } => {
                let Position(position) = position;
                write!(f, "the store {store} was written by a newer causerie from record {position} on; start that one")
            }
            Self::Ended => write!(f, "the log's thread ended; restart the server"),
        }
    }
}

impl std::error::Error for LogError {}
