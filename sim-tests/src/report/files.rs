//! A run's picture, page and plan as files, and the page opened.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Fate, Name, page_of, svg_of};
use crate::plan::Plan;
use crate::run::Run;

/// Where they are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Files {
    /// `run.svg`.
    pub picture: PathBuf,
    /// `report.html`.
    pub page: PathBuf,
    /// `plan.json`: what was played.
    pub plan: PathBuf,
}

/// Writes them into a folder, which is made if it is not there.
///
/// # Errors
/// If they cannot be written.
pub fn write(folder: &Path, plan: &Plan, run: &Run, name: &Name, fate: Option<&Fate>) -> io::Result<Files> {
    fs::create_dir_all(folder)?;
    let files =
        Files { picture: folder.join("run.svg"), page: folder.join("report.html"), plan: folder.join("plan.json") };
    fs::write(&files.picture, svg_of(plan, run, name, fate))?;
    fs::write(&files.page, page_of(plan, run, name, fate))?;
    fs::write(&files.plan, plan.to_json() + "\n")?;
    Ok(files)
}

/// Has the system open a page, and does not wait for it.
///
/// # Errors
/// If there is no program to open it with.
pub fn open(page: &Path) -> io::Result<()> {
    for opener in ["xdg-open", "open"] {
        let mut command = Command::new(opener);
        command.arg(page).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        match command.spawn() {
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other(format!("there is neither xdg-open nor open here to show {}", page.display())))
}
