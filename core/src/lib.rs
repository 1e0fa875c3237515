//! The machines of causerie.
#![no_std]

extern crate alloc;

pub mod chat;
pub mod history;
pub mod limits;
pub mod protocol;
pub mod time;
