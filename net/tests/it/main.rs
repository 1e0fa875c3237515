//! What `causerie-net` promises.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod broken_disk;
mod hosts;
mod log;
mod sockets;
mod store;
mod subjects;
