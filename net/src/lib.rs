//! Binds the machines of `causerie-core` to the world.
//!
//! - [`clock`]: the only reader of clocks.
//! - [`log`]: the order everything happens in, kept in memory or on a disk.

pub mod clock;
pub mod log;
