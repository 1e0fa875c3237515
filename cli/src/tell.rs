//! What goes to the terminal: whole lines, and an error as one of them.

use std::fmt;
use std::io::{self, Write};

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
