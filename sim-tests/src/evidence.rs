//! What a run leaves behind to be judged: what each program was shown, and what the log holds. Made by a world, read by
//! the checks; it holds nothing that a machine says about itself but the sizes of what it keeps.

use std::collections::{BTreeMap, BTreeSet};

use causerie_core::client::News;
use causerie_core::limits::Limits;
use causerie_core::protocol::{ClientId, Record, Seq, Session};
use causerie_core::time::WallTime;

use crate::line::Line;
use crate::plan::{Deed, Kind};

/// All of it. Times are virtual microseconds.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// What the server was started with.
    pub limits: Limits,
    /// Every life of every client program, every guest's and stranger's connection.
    pub lives: Vec<Life>,
    /// The log as it is in the end.
    pub log: Vec<Stored>,
    /// Entries as they were given to history, digested, in the order given: number and digest.
    pub kept: Vec<(Seq, u64)>,
    /// Departures for lost connections.
    pub departs: Vec<Depart>,
    /// What was asked.
    pub asked: Vec<Asked>,
    /// What the plan had people do.
    pub deeds: Vec<Deed>,
    /// The greatest sizes met.
    pub sizes: Sizes,
    /// When faults ended.
    pub healed_us: u64,
    /// When it was over.
    pub ended_us: u64,
    /// Whether all was quiet before the deadline.
    pub quiet: bool,
    /// What the store did that it must not, if it did: it lost what was synced, or does not open on a sound disk.
    pub store: Option<String>,
    /// A broken belief of a machine, in its own words, if there was one.
    pub panic: Option<String>,
}

impl Evidence {
    /// The deed that a mark is of: `d12` and `d12.3` are of deed 12.
    #[must_use]
    pub fn deed(&self, mark: &str) -> Option<&Deed> {
        let id: u32 = mark.strip_prefix('d')?.split('.').next()?.parse().ok()?;
        self.deeds.iter().find(|deed| deed.id == id)
    }
}

/// One life of a program, or one connection of somebody without one.
#[derive(Clone, Debug)]
pub struct Life {
    /// Who: an index into the plan's people; none for strangers.
    pub person: Option<usize>,
    /// What they are called at first.
    pub name: String,
    /// Who they are for the server.
    pub identity: ClientId,
    /// What they use.
    pub by: By,
    /// The cursor they began with.
    pub after: Seq,
    /// The life whose memory it went on from, as that had left it.
    pub continues: Option<usize>,
    /// What they were shown, in order.
    pub told: Vec<Told>,
    /// What was asked and not answered, as far as this life was told.
    pub unanswered: BTreeSet<String>,
    /// Questions asked and not answered.
    pub reads: BTreeSet<u64>,
    /// Whether it stands at the end: its program runs, or its connection is up.
    pub stands: bool,
    /// Whether it is welcomed as far as it was told, at the end.
    pub online: bool,
    /// Why its program ended of itself, if it did: the short name of the reason.
    pub ended: Option<Box<str>>,
    /// It said that it would go.
    pub quit: bool,
    /// It asked for pages of history.
    pub paged: bool,
    /// Labels of the commands it gave, and when.
    pub labels: BTreeMap<String, u64>,
    /// What the server wrote to it, if it is somebody with an account on IRC.
    pub written: Written,
}

/// How far a server wrote what it had to show on one connection: whether it arrived or not.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Written {
    /// How manieth start of the server.
    pub start: u32,
    /// The last entry of which it wrote a whole line.
    last: Seq,
    /// The same, when it last heard anything on that connection: that much can be taken to have come.
    pub when_heard: Seq,
    partial: Vec<u8>,
}

impl Written {
    /// Something was heard.
    pub const fn heard(&mut self) {
        self.when_heard = self.last;
    }

    /// More was written.
    pub fn more(&mut self, start: u32, bytes: &[u8]) {
        self.start = start;
        self.partial.extend_from_slice(bytes);
        while let Some(end) = self.partial.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.partial.drain(..=end).collect();
            let seq = Line::of(&String::from_utf8_lossy(&line)).entry().map_or(Seq(0), |(seq, _)| seq);
            self.last = self.last.max(seq);
        }
    }
}

impl Life {
    /// A life that begins.
    #[must_use]
    pub const fn new(person: Option<usize>, name: String, identity: ClientId, by: By, after: Seq) -> Self {
        Self {
            person,
            name,
            identity,
            by,
            after,
            continues: None,
            told: Vec::new(),
            unanswered: BTreeSet::new(),
            reads: BTreeSet::new(),
            stands: true,
            online: false,
            ended: None,
            quit: false,
            paged: false,
            labels: BTreeMap::new(),
            written: Written { start: 0, last: Seq(0), when_heard: Seq(0), partial: Vec::new() },
        }
    }

    /// Takes in what its client shows: what is answered, whether it is welcomed. The entry shown, 0 if none was.
    pub fn learn(&mut self, news: &News) -> Seq {
        match news {
            News::Online(_) => self.online = true,
            News::Offline { .. } => self.online = false,
            News::Accepted { pending, seq, .. } => {
                if let Some(reference) = pending.as_ref().and_then(|pending| pending.reference.as_deref()) {
                    self.unanswered.remove(reference);
                }
                return *seq;
            }
            News::Refused { reference, .. } => {
                if let Some(reference) = reference {
                    self.unanswered.remove(&**reference);
                }
            }
            News::Saw(seen) => return seen.seq,
            News::Page { reference, .. }
            | News::Who { reference, .. }
            | News::Rooms { reference, .. }
            | News::Room { reference, .. }
            | News::Denied { reference, .. } => {
                self.reads.remove(reference);
            }
            News::Ended { code, .. } => self.ended = Some(code.clone()),
            News::Waiting(_) | News::Missed { .. } | News::Notice(_) | News::Oper { .. } => {}
        }
        Seq(0)
    }
}

/// What somebody uses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// The client machine.
    Native,
    /// Plain lines.
    Text,
    /// An IRC client.
    Irc {
        /// Its own lines come back to it.
        echo: bool,
        /// It has a name and a password, and is the same person at each connection.
        account: bool,
    },
    /// Bytes of their own.
    Stranger,
}

impl By {
    /// What somebody uses.
    #[must_use]
    pub const fn of(kind: Kind) -> Self {
        match kind {
            Kind::Native => Self::Native,
            Kind::Text => Self::Text,
            Kind::Irc { echo, account } => Self::Irc { echo, account },
        }
    }

    /// Whether lines are typed and read.
    #[must_use]
    pub const fn is_guest(self) -> bool {
        match self {
            Self::Text | Self::Irc { .. } => true,
            Self::Native | Self::Stranger => false,
        }
    }

    /// Whether it is the same person at each connection, though the server remembers what it was sent.
    #[must_use]
    pub const fn has_account(self) -> bool {
        match self {
            Self::Irc { account, .. } => account,
            Self::Native | Self::Text | Self::Stranger => false,
        }
    }
}

/// Something shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    /// When.
    pub at_us: u64,
    /// What.
    pub what: Shown,
}

/// What was shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Shown {
    /// By the client machine.
    News(News),
    /// A line, as it came.
    Line(String),
}

/// A record of the log.
#[derive(Clone, Debug)]
pub struct Stored {
    /// When it was first given to the log.
    pub given_us: u64,
    /// When it was durable.
    pub durable_us: u64,
    /// The log's time of day.
    pub at: WallTime,
    /// What.
    pub record: Record,
}

/// Something asked, by a deed.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Its mark: part of the text it says, if it says any.
    pub mark: String,
    /// By which life.
    pub life: usize,
    /// When.
    pub at_us: u64,
    /// The last entry the asker had been shown.
    pub seen: Seq,
}

/// The greatest sizes met.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sizes {
    /// Bytes in all rings.
    pub rings: usize,
    /// Bytes kept for one connection, without its unsent answers.
    pub connection: usize,
    /// Bytes of unsent answers kept for one connection.
    pub answers: usize,
    /// Bytes of one input, at most: what one input adds is allowed over a limit.
    pub input: usize,
    /// Intents given to the log and not back.
    pub proposals: usize,
    /// People with a connection.
    pub sessions: usize,
    /// Requests kept by one client.
    pub outbox: usize,
    /// When a control or bidi character reached somebody: when, who and what.
    pub unclean: Option<(u64, usize, u32)>,
}

/// A departure for a lost connection, as it was given to the log.
#[derive(Clone, Copy, Debug)]
pub struct Depart {
    /// Whose.
    pub client: ClientId,
    /// Of which session.
    pub session: Session,
    /// When.
    pub given_us: u64,
    /// When the server had last read bytes from a welcomed connection of theirs.
    pub heard_us: u64,
}
