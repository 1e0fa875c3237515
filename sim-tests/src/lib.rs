//! The simulator: whole runs of the server and its clients under faults, made from a seed and judged from outside.
//!
//! [`swarm`] makes a [`plan`] of a seed; [`world`] plays it and gives [`evidence`]; [`checks`] hold the promises against
//! that, and [`marks`] count what must happen sometimes. [`shrink`] finds the smallest plan that still breaks a promise.
//! [`record`] keeps what a picture of a run shows and [`report`] draws it, [`scenario`] has plans that were written, not
//! drawn, [`conversation`] tells a run in words, and [`gallery`] keeps pictures of some.

pub mod checks;
pub mod conversation;
pub mod entropy;
pub mod evidence;
pub mod explore;
pub mod gallery;
pub mod line;
pub mod marks;
pub mod panics;
pub mod plan;
pub mod planted;
pub mod record;
pub mod report;
pub mod run;
pub mod scenario;
pub mod search;
pub mod shrink;
pub mod swarm;
pub mod trace;
pub mod transport;
pub mod world;
