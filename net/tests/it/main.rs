//! What `causerie-net` promises.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod broken_disk;
mod broken_world;
mod hosts;
mod log;
mod slow_reader;
mod sockets;
mod store;
mod subjects;
mod web;
