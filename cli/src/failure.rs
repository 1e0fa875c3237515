//! Why a command could not be done: one line each, the cause and then the next step.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use causerie_net::log::{LogError, OpenError};

use crate::address::Address;

/// Why a command could not be done.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Somebody listens there.
    PortTaken(SocketAddr),
    /// This machine does not have that address, or may not listen there.
    CannotListen {
        /// Where.
        at: String,
        /// What the system said.
        why: io::Error,
    },
    /// The store cannot be opened.
    Store(OpenError),
    /// The store was looked at, and is not what was written.
    Unsound {
        /// Which.
        store: String,
        /// What is wrong.
        why: String,
    },
    /// The log cannot be read, or takes nothing more.
    Log(LogError),
    /// There is no directory for what is kept.
    NoStateDir,
    /// The state file cannot be read or written.
    State {
        /// Which.
        file: PathBuf,
        /// What the system said.
        why: io::Error,
    },
    /// The state file is not what was written.
    StateDamaged {
        /// Which.
        file: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Another client has the state file.
    StateLocked(PathBuf),
    /// Nobody is called anything.
    NoNick,
    /// Somebody is called that.
    NickTaken {
        /// As the server said it.
        why: String,
        /// Where.
        at: Address,
    },
    /// The server does not go on with this client.
    Ended {
        /// A short stable name.
        code: String,
        /// As the server said it.
        why: String,
    },
    /// The rest of what can go wrong with a system.
    Io(io::Error),
}

impl Failure {
    /// 1; 2 is for what was typed wrong.
    #[expect(clippy::unused_self, reason = "which number belongs to which failure is this type's affair")]
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::FAILURE
    }

    /// Whether the reader of what is written went away.
    pub(crate) fn is_hang_up(&self) -> bool {
        matches!(self, Self::Io(why) if why.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PortTaken(at) => {
                let (ip, other) = (at.ip(), at.port().checked_add(1).unwrap_or(3823));
                let another = SocketAddr::new(ip, other);
                write!(f, "{at} is in use. Another one: causerie server --listen {another}")
            }
            Self::CannotListen { at, why } => {
                write!(f, "cannot listen on {at}: {}; choose another: causerie server --listen HOST:PORT", Said(why))
            }
            Self::Store(why) => why.fmt(f),
            Self::Unsound { store, why } => {
                write!(f, "the store {store} is damaged: {why}; put back a copy of it, or move it away to begin anew")
            }
            Self::Log(why) => why.fmt(f),
            Self::NoStateDir => f.write_str(
                "there is no home directory to keep anything in; set HOME, or use --data DIR or --state FILE",
            ),
            Self::State { file, why } => {
                let file = file.display();
                write!(f, "cannot keep the state in {file}: {}; choose another: --state FILE, or --no-state", Said(why))
            }
            Self::StateDamaged { file, why } => {
                let file = file.display();
                write!(f, "the state file {file} cannot be understood: {why}; move it away to begin as somebody new")
            }
            Self::StateLocked(file) => {
                let file = file.display();
                write!(
                    f,
                    "the state file {file} is in use by another client; choose another: --state FILE, or --no-state"
                )
            }
            Self::NoNick => f.write_str("nobody is remembered here; say who you are: causerie client --nick NAME"),
            Self::NickTaken { why, at } => write!(f, "{why}: causerie client {at} --nick NAME"),
            Self::Ended { why, code } => write!(f, "{why}{}", Advice(code)),
            Self::Io(why) => write!(f, "{}; see to that and start again", Said(why)),
        }
    }
}

/// What to do about the way it ended.
struct Advice<'a>(&'a str);

impl fmt::Display for Advice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            "taken_over" => f.write_str("; start it again to take the conversation back"),
            "wrong_password" => f.write_str("; say it: causerie client --password PASSWORD"),
            "ahead_of_log" => f.write_str("; to begin anew: causerie client --no-state"),
            "violation" => f.write_str("; are server and client of the same version? causerie --version"),
            _ => Ok(()),
        }
    }
}

/// What the system said, without its number and in the middle of a sentence.
pub(crate) struct Said<'a>(pub(crate) &'a io::Error);

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = self.0.to_string();
        let said = said.split(" (os error").next().unwrap_or(&said);
        let mut chars = said.chars();
        let first = chars.next().map(|c| c.to_lowercase().to_string()).unwrap_or_default();
        write!(f, "{first}{}", chars.as_str())
    }
}

impl std::error::Error for Failure {}

impl From<io::Error> for Failure {
    fn from(why: io::Error) -> Self {
        Self::Io(why)
    }
}

impl From<OpenError> for Failure {
    fn from(why: OpenError) -> Self {
        Self::Store(why)
    }
}

impl From<LogError> for Failure {
    fn from(why: LogError) -> Self {
        Self::Log(why)
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    #[test]
    fn every_failure_says_what_to_do_next() {
        let at: SocketAddr = "127.0.0.1:3823".parse().unwrap();
        let (denied, gone) = (io::Error::from_raw_os_error(13), io::Error::from(io::ErrorKind::AddrNotAvailable));
        let file = || PathBuf::from("/var/ada/client-lab-3823.json");
        let ended = |code: &str, why: &str| Failure::Ended { code: code.into(), why: why.into() };
        let failures = [
            Failure::PortTaken(at),
            Failure::CannotListen { at: "192.0.2.1:3823".into(), why: gone },
            Failure::NoStateDir,
            Failure::State { file: file(), why: denied },
            Failure::StateDamaged { file: file(), why: "expected value at line 1 column 1".into() },
            Failure::StateLocked(file()),
            Failure::NoNick,
            Failure::NickTaken { why: "ada is taken; choose another name".into(), at: Address::default() },
            ended("taken_over", "you connected again from elsewhere; this connection ends"),
            ended("wrong_password", "this server takes a password, and that is not it"),
            ended("violation", "the server cannot be understood"),
            Failure::Store(OpenError::Locked { dir: "/var/causerie".into(), pid: Some(4411) }),
            Failure::Store(OpenError::Damaged {
                store: "/var/causerie".into(),
                why: "record 7: its checksum is wrong".into(),
            }),
            Failure::Unsound { store: "/var/causerie".into(), why: "record 7: its checksum is wrong".into() },
        ];
        let lines: Vec<String> = failures.iter().map(ToString::to_string).collect();
        assert_snapshot!(lines.join("\n"));
    }
}
