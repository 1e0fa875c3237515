//! The simulator.

pub mod transport;
