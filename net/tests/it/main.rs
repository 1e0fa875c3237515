//! What `causerie-net` promises.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod broken_disk;
mod log;
mod store;
mod subjects;
