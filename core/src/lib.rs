//! The machines of causerie.
#![no_std]

extern crate alloc;

pub mod chat;
pub mod client;
pub mod door;
pub mod fanout;
pub mod history;
pub mod limits;
pub mod protocol;
pub mod server;
pub mod time;
pub mod view;
