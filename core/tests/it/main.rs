//! What the machines promise, tested at their edges.
#![expect(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test that is wrong about its own world may panic"
)]

mod accounts;
mod conformance;
mod doors;
mod fold;
mod golden;
mod irc;
mod order;
mod promises;
mod protocol_page;
mod sealed;
mod transcripts;
mod world;
