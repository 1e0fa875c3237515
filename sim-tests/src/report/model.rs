//! What a picture shows of a run: who takes part, what each of them did and was told, what the log holds, what went wrong.
//!
//! Heartbeats, welcomes, questions and strangers are not drawn. Everything is plain data in order of time; nothing here
//! knows where on a page it will stand.

mod build;
mod down;
mod lives;
mod server;
mod wire;

pub(crate) use self::server::in_words;

use crate::plan::Plan;
use crate::report::Name;
use crate::run::Run;

/// All of it.
#[derive(Clone, Debug)]
pub struct Model {
    /// The verdict in words.
    pub title: String,
    /// What was played, and how to see it again.
    pub sub: String,
    /// The broken promise, if one was broken.
    pub card: Option<Card>,
    /// People, in the plan's order.
    pub lanes: Vec<Lane>,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// Stretches of a lane or of the log in which something is wrong.
    pub bands: Vec<Band>,
    /// Lives of programs.
    pub tracks: Vec<Track>,
    /// Waitings for an answer.
    pub waits: Vec<Wait>,
    /// What was left out, each in words.
    pub folded: Vec<String>,
    /// Events that contradict each other, and what the contradiction is.
    pub rings: Vec<usize>,
    /// That, in three words.
    pub claim: String,
    /// When it was over.
    pub ended_us: u64,
}

/// Somebody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lane {
    /// What they are called.
    pub name: String,
    /// Their colour.
    pub slot: usize,
}

/// What was broken, for the card.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Card {
    /// Which promise.
    pub promise: String,
    /// What was found, sentence by sentence.
    pub lines: Vec<String>,
}

/// One life of a program, or one connection of a guest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Track {
    /// On which lane.
    pub lane: usize,
    /// Beside another life on the same lane.
    pub second: bool,
    /// When it was connected, as far as it knew: from, to.
    pub connected: Vec<(u64, u64)>,
    /// When it lived.
    pub alive: (u64, u64),
}

/// A waiting for an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wait {
    /// Whose.
    pub lane: usize,
    /// By a life beside another.
    pub second: bool,
    /// From when.
    pub from_us: u64,
    /// Until when.
    pub to_us: u64,
    /// The asker's colour.
    pub slot: usize,
}

/// A stretch in which something is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Band {
    /// On whose lane; on the log, if on nobody's.
    pub lane: Option<usize>,
    /// From when.
    pub from_us: u64,
    /// Until when.
    pub to_us: u64,
    /// What.
    pub kind: BandKind,
}

/// What is wrong in a band.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum BandKind {
    /// Nothing gets through.
    Cut,
    /// Something gets through, later.
    Held,
    /// The server is not there.
    Down,
    /// The server is there and stores nothing.
    NotStoring,
}

/// Where something happens.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Place {
    /// In the log's column.
    Server,
    /// On a lane, in a first life or in one beside it.
    Lane {
        /// Which.
        lane: usize,
        /// Beside.
        second: bool,
    },
    /// On the way from the server to a lane: what is lost there.
    Way {
        /// Which.
        lane: usize,
    },
}

/// Something that happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// When, in virtual microseconds.
    pub at_us: u64,
    /// Where.
    pub place: Place,
    /// In which life, if it is one's: an index into the evidence.
    pub life: Option<usize>,
    /// What.
    pub what: What,
    /// Whose colour it has.
    pub slot: Option<usize>,
    /// The message it sent or got.
    pub flight: Option<Flight>,
    /// What it followed from, directly.
    pub causes: Vec<usize>,
    /// In words.
    pub title: String,
}

/// A message, drawn with the event at the client's end of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Flight {
    /// To the server.
    pub up: bool,
    /// When it was at the other end; none, if it was lost on its way there.
    pub other_us: Option<u64>,
    /// What that was, if it is drawn.
    pub other: Option<usize>,
    /// An answer.
    pub dashed: bool,
}

/// What happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum What {
    /// Something was said at a client that is not connected: it waits.
    Typed {
        /// Its mark.
        mark: String,
        /// What.
        text: String,
    },
    /// A client asks something.
    Asks {
        /// Its mark.
        mark: String,
        /// What.
        text: String,
    },
    /// A client says who it is.
    Comes {
        /// The last entry it has, if it has one.
        after: u64,
    },
    /// A client is given an entry.
    Gets {
        /// Which.
        seq: u64,
    },
    /// A client is answered: as which entry, or that it is refused.
    Answered {
        /// The entry, or the mark of what was refused.
        with: Result<u64, String>,
    },
    /// A client is told something that is no entry.
    Told {
        /// What.
        text: String,
    },
    /// Something is lost on its way to a client.
    LostDown,
    /// A client finds its connection gone.
    Gone {
        /// Why.
        why: String,
    },
    /// A client's try to connect comes to nothing.
    Tried,
    /// A program starts, again or beside another.
    Starts {
        /// How.
        text: String,
    },
    /// A program ends.
    Ends {
        /// Why.
        text: String,
    },
    /// Something goes wrong on a lane.
    Trouble {
        /// What.
        text: String,
    },
    /// It is over.
    Over {
        /// What is right again.
        text: String,
    },
    /// An entry.
    Entry {
        /// Its number.
        seq: u64,
        /// Who wrote it, and to whom, if it is private.
        who: String,
        /// What it says.
        text: String,
        /// For a few only.
        private: bool,
        /// Nothing that was said.
        presence: bool,
    },
    /// That entry is durable: drawn if that took long.
    Durable,
    /// The server is asked what is in the log already.
    Again {
        /// As which entry.
        seq: u64,
        /// The request's mark.
        mark: String,
    },
    /// The server refuses.
    Refuses {
        /// The request's mark.
        mark: String,
    },
    /// What the server was asked was not stored.
    Unstored {
        /// The request's mark.
        mark: String,
    },
    /// The server reads on for a client that has come back.
    ReadsOn {
        /// Who.
        name: String,
        /// After which entry.
        after: u64,
    },
    /// Something happens to the whole room.
    Note {
        /// What.
        text: String,
        /// It is a fault.
        fault: bool,
    },
    /// The server ends.
    Down {
        /// Why.
        text: String,
    },
    /// It is there again.
    Up {
        /// With what.
        text: String,
    },
    /// Where the claim stands, if something is broken.
    Claim,
}

impl What {
    /// The entry it is, or brings to a client.
    #[must_use]
    pub const fn seq(&self) -> Option<u64> {
        if let Self::Entry { seq, .. } | Self::Gets { seq } | Self::Answered { with: Ok(seq) } = self {
            Some(*seq)
        } else {
            None
        }
    }
}

impl Model {
    /// What there is to draw of a run.
    #[must_use]
    pub fn new(plan: &Plan, run: &Run, name: &Name) -> Self {
        build::build(plan, run, name)
    }
}
