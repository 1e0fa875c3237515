//! Binds the machines of `causerie-core` to the world.
//!
//! - [`clock`]: the only reader of clocks.
//! - [`log`]: the order everything happens in, kept in memory or on a disk.
//! - [`transport`]: where connections come from: TCP, or a simulated network.
//! - [`server`], [`client`]: each machine on its sockets.
//! - [`web`]: what a server adds to them for browsers.

mod alarm;
pub mod client;
pub mod clock;
pub mod log;
pub mod server;
pub mod transport;
pub mod web;
