//! What goes into the client machine and what comes out of it: facts, wishes, orders, news.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::memory::{Memory, Pending};
use crate::protocol::{Ask, Here, Notes, Page, Read, RoomLine, RoomView, Secret, Seen, Seq, Welcome};
use crate::time::{Timestamp, WallTime};

/// A fact the driver reports. `attempt` is that of the [`Output::Connect`] it belongs to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input<'a> {
    /// The connection stands.
    Connected {
        /// Which.
        attempt: u64,
    },
    /// Bytes arrived.
    Received {
        /// On which connection.
        attempt: u64,
        /// As they came.
        bytes: &'a [u8],
    },
    /// The connection is gone, or could not be made.
    Closed {
        /// Which.
        attempt: u64,
        /// Why, in words.
        why: Box<str>,
    },
    /// The person asks for something.
    Asked(Command),
    /// Time passed.
    Elapsed,
}

/// What a person can ask of their client.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Something to be decided.
    Ask {
        /// What.
        ask: Ask,
        /// Comes back with the answer.
        reference: Option<Box<str>>,
    },
    /// Something to be looked up. The answer carries `reference`.
    Read {
        /// Comes back with the answer.
        reference: u64,
        /// What.
        read: Read,
    },
    /// Show that one operates the server. Not kept: asked for while not connected, it is not asked.
    Oper {
        /// Comes back with the answer.
        reference: u64,
        /// Which operator.
        name: Box<str>,
        /// What proves it.
        password: Secret,
    },
    /// Go, once everything asked is answered.
    Quit,
    /// Go at once. What is unanswered stays in memory.
    Leave,
    /// Try to connect without waiting any longer.
    RetryNow,
}

/// An order to the driver, to be carried out in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Output {
    /// Connect; report as this attempt.
    Connect {
        /// Which.
        attempt: u64,
    },
    /// Send on the connection.
    Send {
        /// Which.
        attempt: u64,
        /// What.
        bytes: Vec<u8>,
    },
    /// Close the connection, or give up making it.
    Close {
        /// Which.
        attempt: u64,
    },
    /// Tell the person.
    Show(News),
    /// Keep, durably, before anything that follows is carried out.
    Remember(Box<Memory>),
    /// It is over: the client has nothing more to do.
    End,
}

/// What a person is told.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum News {
    /// In, for the first time or again.
    Online(Box<Welcome>),
    /// Not connected.
    Offline {
        /// When the next try is; none, if there will be none.
        retry_at: Option<Timestamp>,
        /// Why.
        why: Box<str>,
    },
    /// Something asked is kept, and waits for its answer.
    Waiting(Pending),
    /// Something asked is an entry.
    Accepted {
        /// What was asked; none, if an earlier life of this client asked.
        pending: Option<Pending>,
        /// Which entry.
        seq: Seq,
        /// When.
        at: WallTime,
        /// What its author alone is told.
        notes: Notes,
        /// The entry, where the server gave it.
        entry: Option<Arc<Seen>>,
    },
    /// Something asked changed nothing.
    Refused {
        /// What was asked, if it is known.
        ask: Option<Arc<Ask>>,
        /// As it was given with the request.
        reference: Option<Arc<str>>,
        /// A short stable name of the reason.
        code: Box<str>,
        /// The reason.
        why: Box<str>,
    },
    /// Somebody else did something.
    Saw(Arc<Seen>),
    /// Something looked up is not granted.
    Denied {
        /// From the question.
        reference: u64,
        /// A short stable name of the reason.
        code: Box<str>,
        /// The reason.
        why: Box<str>,
    },
    /// Who is here.
    Who {
        /// From the question.
        reference: u64,
        /// Who.
        people: Vec<Here>,
        /// So many more.
        more: u32,
    },
    /// Which rooms there are.
    Rooms {
        /// From the question.
        reference: u64,
        /// Which.
        rooms: Vec<RoomLine>,
        /// So many more.
        more: u32,
    },
    /// A room in full.
    Room {
        /// From the question.
        reference: u64,
        /// The room.
        room: Box<RoomView>,
    },
    /// One operates the server from here on.
    Oper {
        /// From the request.
        reference: u64,
    },
    /// A page of history.
    Page {
        /// From the question.
        reference: u64,
        /// What was found.
        page: Page,
    },
    /// What stands between is no longer kept.
    Missed {
        /// After this entry …
        from: Seq,
        /// … up to this one.
        to: Seq,
    },
    /// A remark of the server's, or of the client's own.
    Notice(Box<str>),
    /// It is over.
    Ended {
        /// A short stable name of the reason.
        code: Box<str>,
        /// The reason.
        text: Box<str>,
    },
}
