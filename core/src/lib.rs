//! The machines of causerie: a chat server and its clients as pure functions of what happens to them.
//!
//! Nothing in this crate can name a clock, a socket, a thread or a source of randomness: it is `no_std`, and time, bytes
//! and entropy are inputs. A recorded list of inputs replays a whole life.
//!
//! ```text
//!             bytes             words               intents
//!   peer  ───────────▶  door  ───────────▶  server  ─────────── Append ──▶  log
//!                                                                           │
//!   peer  ◀───────────  door  ◀───────────  server  ◀── chat.apply ◀── Committed
//!             bytes             words                    facts
//! ```
//!
//! A request becomes a numbered intent and goes into the log; the log hands it back, durable and in order; one fold,
//! [`chat::Chat::apply`], decides what it means; the resulting fact goes to those who may see it: its author gets
//! `Accepted`, the others see it. There is no other road, and the fold is the one place where anything is decided.
//!
//! | module | what lives there |
//! |---|---|
//! | [`protocol`] | every word on a wire or in the log; checked strings |
//! | [`door`] | bytes ↔ words, one vocabulary each: native, text |
//! | [`server`] | the server machine: connections, sessions, deadlines |
//! | [`chat`] | the fold: what intents mean |
//! | [`fanout`] | delivery: one ring per room and vocabulary, one cursor per connection |
//! | [`history`] | reading back what one may see |
//! | [`client`] | the client machine: outbox, cursor, reconnecting |
//! | [`view`] | sentences and transcript rows, the same in every face |
//! | [`limits`], [`time`] | everything that can grow, and the two kinds of time |
//!
//! # Running a machine
//!
//! A driver is four steps: hand in what happened, carry out what is ordered, write what is pending, wait. Here is a whole
//! one, whose log is a list and whose peer is a script:
//!
//! ```
//! use std::collections::VecDeque;
//!
//! use causerie_core::chat::Chat;
//! use causerie_core::door::Style;
//! use causerie_core::limits::Limits;
//! use causerie_core::protocol::{NodeId, Position};
//! use causerie_core::server::{ConnId, Input, Output, Server};
//! use causerie_core::time::{Timestamp, WallTime};
//!
//! let mut server = Server::new(Chat::new(), NodeId(0), Limits::default(), Style::default());
//! let (ada, mut screen, mut log) = (ConnId(1), String::new(), Vec::new());
//!
//! let mut happened = VecDeque::from([
//!     Input::Begun { entropy: [1; 16] },
//!     Input::Opened { conn: ada, door: None, peer: "127.0.0.1:5000".into(), entropy: [2; 16] },
//!     Input::Received { conn: ada, bytes: b"ada\nhello?\n" },
//! ]);
//! let mut now = Timestamp::default();
//! while let Some(input) = happened.pop_front() {
//!     let mut ordered = Vec::new();
//!     server.handle(now, input, &mut ordered);
//!     let mut next = 0;
//!     while let Some(output) = ordered.get(next).cloned() {
//!         next += 1;
//!         match output {
//!             // The log: what is durable comes back, in order.
//!             Output::Append { record } => {
//!                 log.push(record.clone());
//!                 let position = Position(log.len() as u64 - 1);
//!                 happened.push_back(Input::Committed { position, at: WallTime(0), record });
//!             }
//!             // The sockets: pull what is pending and say at once how much of it went out, until nothing is left.
//!             Output::Ready { conn } => loop {
//!                 let bytes = server.pending(conn).collect::<Vec<_>>().concat();
//!                 screen.push_str(&String::from_utf8_lossy(&bytes));
//!                 server.handle(now, Input::Written { conn, len: bytes.len() }, &mut ordered);
//!                 if bytes.is_empty() {
//!                     break;
//!                 }
//!             },
//!             // The history, reading more slowly, closing: see `causerie-net`.
//!             _ => {}
//!         }
//!     }
//!     // A real driver waits until something happens or `server.poll_timeout()` comes.
//!     now = now.plus_ms(1);
//! }
//! assert_eq!(screen, "ada, Welcome to chat room\n* You are alone in server\n00:00 * You are alone in server\n");
//! ```
#![no_std]

extern crate alloc;

/// Whether the planted bug of that name is selected: the constant `false` in everything but the build of
/// `cargo sim planted`.
#[cfg(not(causerie_planted))]
#[macro_export]
macro_rules! planted {
    ($name:literal) => {
        false
    };
}

/// Whether the planted bug of that name is selected.
#[cfg(causerie_planted)]
#[macro_export]
macro_rules! planted {
    ($name:literal) => {
        $crate::planted::is_selected(const { $crate::planted::digest($name) })
    };
}

pub mod chat;
pub mod client;
pub mod door;
pub mod fanout;
pub mod history;
pub mod limits;
#[cfg(causerie_planted)]
pub mod planted;
pub mod protocol;
pub mod server;
pub mod time;
pub mod view;
