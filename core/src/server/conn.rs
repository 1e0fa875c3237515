//! What the server knows of one connection.

use alloc::collections::{BTreeSet, VecDeque};
use alloc::string::String;
use alloc::vec::Vec;

use crate::door::{AnyDoor, Vocabulary};
use crate::protocol::{ClientId, Hello, Nick, Read, Request, RequestId, Seq, Session, Tags, Target, Text, Through};
use crate::time::{Timestamp, WallTime};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Conn {
    /// Its address, for the console.
    pub(super) peer: String,
    /// Who it is, if it turns out to be a guest.
    pub(super) guest: ClientId,
    /// None until its first bytes have told.
    pub(super) door: Option<AnyDoor>,
    /// Its first bytes, until they tell.
    pub(super) first: Vec<u8>,
    pub(super) stage: Stage,
    pub(super) opened: Timestamp,
    /// When bytes last arrived.
    pub(super) heard: Timestamp,
    /// The last entry it had been sent then: what was sent after that may have been lost with the connection.
    pub(super) sent_when_heard: Seq,
    /// When it last asked for anything.
    pub(super) asked: Timestamp,
    /// When its next request is on time, as far as its rate goes.
    pub(super) on_time: Timestamp,
    /// The first request it made itself: what was asked before it was asked by an earlier connection.
    pub(super) first_asked: Option<RequestId>,
    /// It gave the server's password.
    pub(super) admitted: bool,
    /// It says that it operates the server, and waits for that to be in the log: what comes back with the answers.
    pub(super) opers: Vec<u64>,
    /// The last request it asked, whoever had given that to the log.
    pub(super) last_asked: RequestId,
    /// Requests that were refused before they were decided: another program of the same key had asked under their number.
    pub(super) answered_early: BTreeSet<RequestId>,
    /// The greeting after silence was sent.
    pub(super) greeted: bool,
    /// A pong waits to be sent.
    pub(super) pong: bool,
    /// Reads, and a goodbye, that wait for earlier requests.
    pub(super) queue: VecDeque<Queued>,
    /// A page of history is being read for the first of them.
    pub(super) reading: bool,
    pub(super) pauses: Pauses,
    /// What it said before it was paused and has not been taken in: what came in one read, at most.
    pub(super) backlog: VecDeque<Request>,
    /// When it became somebody.
    pub(super) since: Option<WallTime>,
    /// Only who shares a room with it is told that it does, and who does not, finds it only by name.
    pub(super) hidden: bool,
    /// Why it is away, if it says so.
    pub(super) away: Option<Text>,
    /// What it is called outside, if it says so.
    pub(super) real_name: Option<Text>,
    /// It was asked whether it is there, and has said nothing since.
    pub(super) pinged: bool,
    /// The driver was told not to read it.
    pub(super) paused: bool,
    /// When its timer is set for.
    pub(super) timer: Option<Timestamp>,
}

/// How far a connection has come.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Stage {
    /// Has not said who it is.
    Unnamed,
    /// Its attachment is on its way through the log.
    Attaching { client: ClientId, session: Session, claim: Claim },
    /// Is somebody.
    Attached { client: ClientId, session: Session },
    /// Said goodbye: its departure is on its way through the log, and up to there it is shown everything.
    Leaving { client: ClientId },
    /// Says and hears nothing more.
    Closing,
}

/// Who a connection says it is.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Claim {
    Keyed(Hello),
    Guest(Nick),
}

/// What waits until all requests up to a number are answered.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Queued {
    pub(super) after: RequestId,
    pub(super) what: Waiting,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Waiting {
    Read { reference: u64, read: Read },
    Signal { to: Target, tags: Tags },
    Quit,
}

/// Why a connection is not read.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub(super) struct Pauses {
    /// It asks too fast.
    pub(super) rate: bool,
    /// It does not take its answers, or asks too many questions at once.
    pub(super) lane: bool,
    /// Too much of its own is unanswered, or it is not attached yet.
    pub(super) window: bool,
    /// The log lags.
    pub(super) log: bool,
}

impl Pauses {
    pub(super) const fn any(self) -> bool {
        self.rate || self.lane || self.window || self.log
    }
}

impl Conn {
    pub(super) const fn new(peer: String, guest: ClientId, door: Option<AnyDoor>, now: Timestamp) -> Self {
        Self {
            peer,
            guest,
            door,
            first: Vec::new(),
            stage: Stage::Unnamed,
            opened: now,
            heard: now,
            sent_when_heard: Seq(0),
            asked: now,
            on_time: now,
            first_asked: None,
            admitted: false,
            opers: Vec::new(),
            last_asked: RequestId(0),
            answered_early: BTreeSet::new(),
            greeted: false,
            pong: false,
            queue: VecDeque::new(),
            reading: false,
            pauses: Pauses { rate: false, lane: false, window: false, log: false },
            backlog: VecDeque::new(),
            since: None,
            hidden: false,
            away: None,
            real_name: None,
            pinged: false,
            paused: false,
            timer: None,
        }
    }

    /// How what many are shown is written for it: as text, until another is known.
    pub(super) fn vocabulary(&self) -> Vocabulary {
        self.door.as_ref().map_or(Vocabulary::Text, AnyDoor::vocabulary)
    }

    /// How it came: by text, until another is known.
    pub(super) fn through(&self) -> Through {
        self.door.as_ref().map_or(Through::Text, AnyDoor::through)
    }

    /// Who it is, once it is somebody.
    pub(super) const fn client(&self) -> Option<ClientId> {
        match &self.stage {
            Stage::Attached { client, .. } | Stage::Leaving { client } => Some(*client),
            Stage::Unnamed | Stage::Attaching { .. } | Stage::Closing => None,
        }
    }
}
