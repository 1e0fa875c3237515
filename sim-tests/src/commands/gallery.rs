//! The gallery, drawn anew.

use std::io;

use causerie_sim::gallery;
use causerie_sim::planted::{PLANTED, command};

/// Draws what this program can draw, and has the program that holds the planted bugs draw the rest.
pub(crate) fn renew_gallery() -> io::Result<bool> {
    gallery::renew()?;
    if PLANTED { Ok(true) } else { Ok(command::in_planted_build(&["gallery".into()])?.success()) }
}
