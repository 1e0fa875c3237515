//! The terminal: set up while this is held, and put back whatever happens.

use std::io::{self, Write};
use std::panic;

use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::{execute, terminal};

/// Keys come one by one, and are not echoed, while this is held.
#[derive(Debug)]
pub(crate) struct Terminal(());

impl Terminal {
    /// Sets the terminal up. A panic puts it back before it says anything.
    ///
    /// # Errors
    /// If the terminal cannot be set up.
    pub(crate) fn enter() -> io::Result<Self> {
        let told = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            restore();
            told(panic);
        }));
        terminal::enable_raw_mode()?;
        let entered = Self(());
        execute!(io::stdout(), EnableBracketedPaste)?;
        Ok(entered)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        restore();
    }
}

fn restore() {
    // There is nothing left to try, and nowhere to say so.
    let _ = execute!(io::stdout(), DisableBracketedPaste);
    let _ = terminal::disable_raw_mode();
    let _ = io::stdout().write_all(b"\x1b[?25h").and_then(|()| io::stdout().flush());
}

/// Columns and lines.
pub(crate) fn size() -> (usize, usize) {
    let (columns, lines) = terminal::size().unwrap_or((80, 24));
    (usize::from(columns.max(1)), usize::from(lines.max(1)))
}

/// Whether somebody minds colours: <https://no-color.org>.
pub(crate) fn has_colour() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
