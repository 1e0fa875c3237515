//! What goes to the terminal: whole lines, and an error as one of them.

use std::fmt;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use crate::failure::Failure;

/// Writes a line, and has it out before it returns.
///
/// # Errors
/// If nobody reads it any more.
pub(crate) fn line(line: impl fmt::Display) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

/// Lines that wait for a terminal that does not take them.
const LINES_MAX: usize = 4_096;
/// How long the last lines may take.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Writes lines from a thread of its own: a terminal that is held (Ctrl-S) or a pipe that nobody reads stops nobody's
/// conversation. What it cannot take is counted, and the count is said.
#[derive(Debug)]
pub(crate) struct Teller {
    /// None once it ends.
    lines: Option<SyncSender<String>>,
    done: Receiver<()>,
    unsaid: usize,
}

impl Teller {
    /// Starts the thread.
    ///
    /// # Errors
    /// If the system grants none.
    pub(crate) fn start() -> io::Result<Self> {
        let (lines, said) = sync_channel::<String>(LINES_MAX);
        let (ended, done) = sync_channel(1);
        thread::Builder::new().name("causerie-console".to_owned()).spawn(move || {
            for text in said {
                if line(text).is_err() {
                    break; // Nobody reads it any more.
                }
            }
            let _ = ended.send(());
        })?;
        Ok(Self { lines: Some(lines), done, unsaid: 0 })
    }

    /// Has a line written, unless too many wait.
    pub(crate) fn say(&mut self, text: String) {
        let Some(lines) = &self.lines else { return };
        if self.unsaid > 0 && lines.try_send(format!("  … {} lines were not shown", self.unsaid)).is_ok() {
            self.unsaid = 0;
        }
        match lines.try_send(text) {
            Ok(()) | Err(TrySendError::Disconnected(_)) => {}
            Err(TrySendError::Full(_)) => self.unsaid += 1,
        }
    }
}

impl Drop for Teller {
    /// Waits until the last line is out, as long as that may take.
    fn drop(&mut self) {
        self.lines = None;
        let _ = self.done.recv_timeout(LAST_WORDS);
    }
}

/// Writes bytes as they are.
///
/// # Errors
/// If nobody reads them any more.
pub(crate) fn write_all(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// A remark beside what is written: to where errors go.
pub(crate) fn aside(text: impl fmt::Display) {
    // Nobody may be listening there either: then there is nobody to tell.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Says what went wrong, on one line. Who has hung up (`causerie client | head`) is told nothing.
pub(crate) fn complain(failure: &Failure) {
    if !failure.is_hang_up() {
        aside(format_args!("causerie: {failure}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_that_takes_nothing_holds_up_nobody_and_is_told_how_much_it_missed() {
        let (lines, said) = sync_channel::<String>(2);
        let (_ended, done) = sync_channel(1);
        let mut teller = Teller { lines: Some(lines), done, unsaid: 0 };
        (1..=5).for_each(|i| teller.say(format!("line {i}")));
        let first: Vec<String> = said.try_iter().collect();
        teller.say("line 6".to_owned());
        let then: Vec<String> = said.try_iter().collect();
        assert_eq!((first.len(), then.len()), (2, 2));
        assert_eq!(then, ["  … 3 lines were not shown", "line 6"]);
    }
}
