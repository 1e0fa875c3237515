//! What the machines promise, tested at their edges.

mod doors;
mod fold;
mod golden;
mod promises;
mod protocol_page;
mod transcripts;
mod world;
