//! What somebody who can come back is known by, whatever they are called.

use alloc::boxed::Box;
use alloc::format;
use core::fmt;

use serde::{Deserialize, Serialize};

use super::{Nick, Seq};

/// An account: `ada.17` is whoever was called `ada` when they first came, which was entry 17.
///
/// It is given once and stays, so it tells people apart over renames. Nobody else can have it: a person has their own
/// number, and no nick has a dot. It is made of what all may see; a digest of who they are would be something to try
/// passwords on.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Account(Box<str>);

impl Account {
    /// The account of whoever was called that at an entry of their own.
    #[must_use]
    pub(crate) fn new(nick: &Nick, since: Seq) -> Self {
        Self(format!("{nick}.{}", since.0).into())
    }

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
