//! The simulator: whole runs of the server and its clients under faults, made from a seed and judged from outside.
//!
//! [`swarm`] makes a [`plan`] of a seed; [`world`] plays it and gives [`evidence`]; [`checks`] hold the promises against
//! that, and [`marks`] count what must happen sometimes. [`shrink`] finds the smallest plan that still breaks a promise.

pub mod checks;
pub mod entropy;
pub mod evidence;
pub mod explore;
pub mod marks;
pub mod plan;
pub mod run;
pub mod search;
pub mod shrink;
pub mod swarm;
pub mod trace;
pub mod transport;
pub mod world;
