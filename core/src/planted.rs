//! Deliberate bugs, by name, so that `cargo sim planted` can prove that the simulator's checks bite.
//!
//! This module is there only under `--cfg causerie_planted`, which nothing that is shipped is built with. There, one build
//! holds all the bugs, and one of them, or none, is selected for the whole process. Everywhere else
//! [`planted!`](crate::planted!) is the constant `false`, and the compiler takes its place out.

use core::sync::atomic::{AtomicU64, Ordering};

#[cfg(not(debug_assertions))]
compile_error!("planted bugs are for tests: nothing without debug assertions is built with them");

/// The digest of the bug that is selected; 0 for none.
static SELECTED: AtomicU64 = AtomicU64::new(0);

/// Selects a bug by its name, or none.
pub fn select(name: Option<&str>) {
    SELECTED.store(name.map_or(0, digest), Ordering::SeqCst);
}

/// Whether the bug with that digest is selected: see [`planted!`](crate::planted!).
#[must_use]
pub fn is_selected(digest: u64) -> bool {
    SELECTED.load(Ordering::Relaxed) == digest
}

/// A name's digest (FNV-1a), known when the place of the bug is compiled.
#[must_use]
pub const fn digest(name: &str) -> u64 {
    let mut digest = 0xcbf2_9ce4_8422_2325;
    let mut i = 0;
    while i < name.len() {
        digest = (digest ^ name.as_bytes()[i] as u64).wrapping_mul(0x0100_0000_01b3);
        i += 1;
    }
    digest
}
