//! The hunt for a planted bug: seeds from 0 on, until one of its runs breaks a promise it must break. What is found is the
//! lowest such seed, on however many threads.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use super::Bug;
use crate::checks::Broken;
use crate::run::run;

/// A bug's trace.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caught {
    /// In the run of this seed: so many runs before it, which it left as they should be.
    pub seed: u64,
    /// How.
    pub broken: Broken,
}

/// Looks for a bug, which is selected.
#[must_use]
pub fn hunt(bug: &Bug, threads: usize) -> Option<Caught> {
    let checks = bug.checks();
    let next = AtomicU64::new(0);
    // A seed above one that was caught need not be played.
    let end = AtomicU64::new(bug.runs);
    let caught: Mutex<Option<Caught>> = Mutex::new(None);
    thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end.load(Ordering::Relaxed) {
                        return;
                    }
                    let Some(broken) = run(&(bug.plan)(seed), &checks, false).broken else { continue };
                    end.fetch_min(seed, Ordering::Relaxed);
                    let mut caught = caught.lock().expect("no thread panics while it tells");
                    if caught.as_ref().is_none_or(|other| other.seed > seed) {
                        *caught = Some(Caught { seed, broken });
                    }
                }
            });
        }
    });
    caught.into_inner().expect("no thread panics while it tells")
}
