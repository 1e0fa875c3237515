//! What `causerie-net` promises.

mod broken_disk;
mod log;
mod store;
mod subjects;
