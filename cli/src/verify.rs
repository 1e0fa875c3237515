//! `causerie verify`: whether a store is what was written to it.

use std::fmt;

use causerie_net::log::{self, OpenError, Verified};

use crate::args::VerifyArgs;
use crate::failure::Failure;
use crate::{paths, tell};

/// Checks a store and says what it holds.
///
/// # Errors
/// The first thing that is wrong with it.
pub(crate) fn run(args: &VerifyArgs) -> Result<(), Failure> {
    let dir = match &args.data {
        Some(dir) => dir.clone(),
        None => paths::state_dir()?,
    };
    let verified = log::verify(&dir).map_err(|error| match error {
        OpenError::Damaged { store, why } => Failure::Unsound { store, why },
        OpenError::NotWritable { .. }
        | OpenError::Locked { .. }
        | OpenError::Newer { .. }
        | OpenError::Missing { .. }
        | OpenError::Forked { .. }
        | OpenError::Io { .. } => error.into(),
    })?;
    Ok(tell::line(format_args!("{} is sound\n{}", dir.display(), Found(&verified)))?)
}

struct Found<'a>(&'a Verified);

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Verified { records, entries, kept, snapshots, head, hash, repaired } = self.0;
        writeln!(f, "  records    {records}")?;
        writeln!(f, "  entries    {entries}, the last is {head}; {kept} of them in history")?;
        writeln!(f, "  snapshots  {snapshots}, each as the records have it")?;
        if *repaired {
            writeln!(f, "  repaired   the file had not been closed, as after a crash")?;
        }
        write!(f, "  state      {hash}")
    }
}
