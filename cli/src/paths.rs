//! Where things are kept, by the XDG base directories.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::address::Address;
use crate::failure::Failure;

/// The directory for what a program keeps between its runs.
///
/// # Errors
/// If there is no home directory.
pub(crate) fn state_dir() -> Result<PathBuf, Failure> {
    state_dir_by(|name| env::var_os(name)).ok_or(Failure::NoStateDir)
}

fn state_dir_by(var: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let absolute = |name| var(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = absolute("XDG_STATE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/state")))
        .or_else(|| absolute("LOCALAPPDATA"))?;
    Some(base.join("causerie"))
}

/// The state file of the `number`th client of a server on this machine.
pub(crate) fn client_state(dir: &Path, server: &Address, number: u32) -> PathBuf {
    let suffix = if number == 1 { String::new() } else { format!("-{number}") };
    dir.join(format!("client-{}{suffix}.json", server.slug()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_are_kept_where_the_desktop_says() {
        let dir = |vars: &[(&str, &str)]| {
            state_dir_by(|name| vars.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into()))
        };
        assert_eq!(dir(&[("XDG_STATE_HOME", "/x"), ("HOME", "/ada")]), Some("/x/causerie".into()));
        assert_eq!(dir(&[("XDG_STATE_HOME", "x"), ("HOME", "/h")]), Some("/h/.local/state/causerie".into()));
        assert_eq!(dir(&[]), None);
    }
}
