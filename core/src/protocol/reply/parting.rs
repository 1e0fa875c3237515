//! The last words on a connection.

use alloc::boxed::Box;
use core::fmt;

use crate::protocol::{Brief, Nick, Refusal, Seq};

/// Why a connection ends.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Parting {
    /// As asked.
    Quit,
    /// The same key connected anew.
    TakenOver,
    /// The server stops; it may be back.
    ServerStops,
    /// As many people are here as there may be.
    Full {
        /// How many.
        max: u32,
    },
    /// Nobody said who they were in time.
    HelloTooLate,
    /// Nothing was heard for too long.
    Silent,
    /// The server cannot store at the moment.
    NotStoring,
    /// What the client has yet to see cannot be read.
    Unreadable,
    /// There are as many connections without a name as there may be.
    Crowded,
    /// The server does not know this client any more.
    Forgotten,
    /// The client has seen more than this log holds: an older copy of the log.
    AheadOfLog {
        /// The last entry there is.
        head: Seq,
    },
    /// The name cannot be had.
    Refused(Refusal),
    /// The peer's program broke the rules.
    Violation(Box<str>),
    /// A server operator ended the connection.
    Killed {
        /// What they are called.
        by: Nick,
        /// Why.
        reason: Option<Brief>,
    },
}

impl Parting {
    /// A short stable name, for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Quit => "quit",
            Self::TakenOver => "taken_over",
            Self::ServerStops => "server_stops",
            Self::Full { .. } => "full",
            Self::HelloTooLate => "hello_too_late",
            Self::Silent => "silent",
            Self::NotStoring => "not_storing",
            Self::Unreadable => "unreadable",
            Self::Crowded => "crowded",
            Self::Forgotten => "forgotten",
            Self::AheadOfLog { .. } => "ahead_of_log",
            Self::Refused(_) => "refused",
            Self::Violation(_) => "violation",
            Self::Killed { .. } => "killed",
        }
    }
}

impl fmt::Display for Parting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Quit => f.write_str("exited"),
            Self::TakenOver => f.write_str("you connected again from elsewhere; this connection ends"),
            Self::ServerStops => f.write_str("the server stops; all that was accepted is stored"),
            Self::Full { max } => write!(f, "the server is full ({max} people); try again later"),
            Self::HelloTooLate => f.write_str("no name was given in time; connect again"),
            Self::Silent => f.write_str("nothing was heard from you for too long; connect again"),
            Self::NotStoring => f.write_str("the server cannot store at the moment; its operator has to look"),
            Self::Unreadable => {
                f.write_str("what was said cannot be read back; the server's operator has to look: causerie verify")
            }
            Self::Crowded => f.write_str("too many are connecting at once; try again in a moment"),
            Self::Forgotten => f.write_str("the server does not know you any more; you come back as somebody new"),
            Self::AheadOfLog { head } => {
                write!(
                    f,
                    "you have seen more than this server holds (its last entry is {head}): an older copy was restored"
                )
            }
            Self::Refused(why) => why.fmt(f),
            Self::Violation(what) => f.write_str(what),
            Self::Killed { by, reason: Some(reason) } => {
                write!(f, "the server operator {by} ended this connection: {reason}")
            }
            Self::Killed { by, reason: None } => write!(f, "the server operator {by} ended this connection"),
        }
    }
}
