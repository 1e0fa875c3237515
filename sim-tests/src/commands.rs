//! What `cargo sim` can be told to do. Each command answers whether all was well.

mod again;
mod bench;
mod failure;
mod gallery;
mod scenarios;
mod searching;
mod show;
mod summary;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use causerie_sim::plan::World;

pub(crate) use self::again::{play, play_kept, shrink_seed, twice};
pub(crate) use self::bench::bench;
pub(crate) use self::gallery::renew_gallery;
pub(crate) use self::scenarios::{list_scenarios, play_scenario};
pub(crate) use self::searching::{Search, search_all};
pub(crate) use self::show::{Show, show};

/// How a world is said on a command line: the pure one need not be.
fn said(world: World) -> String {
    if world == World::default() { String::new() } else { format!(" --world {}", world.name()) }
}

/// Where a seed's files go.
fn scratch(seed: u64) -> io::Result<PathBuf> {
    scratch_of(&format!("{seed:#x}"))
}

/// Where the files of something go that has a name.
fn scratch_of(name: &str) -> io::Result<PathBuf> {
    let folder = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    let folder = folder.join("sim").join(name);
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Where plans are kept that broke a promise once.
pub(crate) fn regressions() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions")
}
