//! Where plans are played.

pub mod pure;
