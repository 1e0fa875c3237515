//! The plan of a run: who does what when, and what goes wrong when. Plain data, made before the run, so that it can be
//! read, kept, cut smaller and played in any world. Times are virtual milliseconds from the start.

mod display;

pub use self::display::Seconds;
use causerie_core::limits::Limits;
use serde::{Deserialize, Serialize};

/// Everything a run depends on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Plan {
    /// What the world's own draws derive from: latencies, where bytes are cut, what a crash leaves.
    pub seed: u64,
    /// Where it is played.
    #[serde(default)]
    pub world: World,
    /// Faults end here: everything heals.
    pub faults_ms: u64,
    /// By then after that, everything has settled.
    pub settle_ms: u64,
    /// The server's limits.
    pub room: Room,
    /// How the network is when nothing is wrong.
    pub network: Network,
    /// How long storing takes.
    pub disk: Disk,
    /// Who takes part.
    pub people: Vec<Person>,
    /// What they do.
    pub deeds: Vec<Deed>,
    /// What goes wrong.
    pub faults: Vec<Fault>,
}

/// Where a plan is played.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug, Serialize, Deserialize)]
pub enum World {
    /// The machines alone, over a network and a log that are models.
    #[default]
    Pure,
    /// What is shipped around them too: drivers, sockets of a simulated network, the store on a simulated disk.
    Tcp,
}

/// How much room the server has, and how patient it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Room {
    /// Rings, pages and windows of a few entries: everything falls off everything.
    pub tiny: bool,
    /// Heartbeat, silence, grace and retry are a tenth of what is shipped, so that a short run meets their ends.
    pub brisk: bool,
    /// Requests are counted against a rate.
    pub rated: bool,
    /// People with a session at once.
    pub sessions_max: usize,
    /// Connections that have not said who they are.
    pub unnamed_max: usize,
}

/// The network.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Network {
    /// The least a piece of bytes takes one way, in microseconds.
    pub latency_us: u64,
    /// At most so much more.
    pub jitter_us: u64,
    /// Writes out of a hundred that arrive in several pieces.
    pub split_percent: u64,
    /// Arrivals out of a hundred that bring along what has arrived after them.
    pub merge_percent: u64,
    /// Bytes on the way one way beyond which nothing more is written.
    pub window_bytes: usize,
}

/// The disk under the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Disk {
    /// The least one group commit takes, in microseconds.
    pub fsync_us: u64,
    /// At most so much more.
    pub jitter_us: u64,
}

/// Somebody.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Person {
    /// What they are called at first.
    pub name: String,
    /// What they use.
    pub kind: Kind,
    /// When they start.
    pub from_ms: u64,
}

/// What somebody uses.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Kind {
    /// The client machine.
    Native,
    /// Plain lines: connects again when the connection is lost.
    Text,
    /// An IRC client: connects again when the connection is lost.
    Irc {
        /// Its own lines come back to it.
        echo: bool,
        /// It says a name and a password, and is the same person at each connection.
        #[serde(default)]
        account: bool,
    },
}

impl Kind {
    /// Whether they type lines and read them: no program of ours is theirs.
    #[must_use]
    pub const fn is_guest(self) -> bool {
        match self {
            Self::Native => false,
            Self::Text | Self::Irc { .. } => true,
        }
    }
}

/// Something somebody does.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Deed {
    /// Marks it, and the text it says.
    pub id: u32,
    /// When.
    pub at_ms: u64,
    /// Who: an index into [`Plan::people`].
    pub who: usize,
    /// What.
    pub what: What,
    /// What it says after its mark; if empty, something is made up.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub words: String,
}

/// What somebody does.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum What {
    /// Says something in a room.
    Say {
        /// Where.
        room: String,
        /// At least so many bytes.
        bytes: usize,
    },
    /// Says something to a few.
    Private {
        /// To whom, by nick.
        to: Vec<String>,
    },
    /// Says many things at once.
    Burst {
        /// How many.
        count: u32,
    },
    /// Joins a room.
    Join {
        /// Which.
        room: String,
    },
    /// Leaves one.
    Leave {
        /// Which.
        room: String,
    },
    /// Takes another nick.
    Nick {
        /// Which.
        nick: String,
    },
    /// Reads a room's history: the newest page, or the one before the page read last.
    History {
        /// Which room.
        room: String,
        /// On from the page read last.
        further: bool,
    },
    /// Types a command that is about the order in rooms: `/kick #x bob`.
    Order {
        /// The command.
        line: String,
    },
    /// Asks who is here.
    Who,
    /// Goes, once all is answered.
    Quit,
}

/// Something that goes wrong.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Fault {
    /// Marks it.
    pub id: u32,
    /// When.
    pub at_ms: u64,
    /// What.
    pub what: Trouble,
}

/// Which way bytes go.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Way {
    /// To the server.
    Up,
    /// From it.
    Down,
}

/// With what memory a client program starts again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Keeps {
    /// What it remembered last.
    All,
    /// What it remembered some time before: an old copy of its file.
    Old,
    /// Nothing: it is somebody new.
    Nothing,
}

/// What a stranger says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Malice {
    /// Random bytes.
    Noise,
    /// A line that never ends.
    Endless,
    /// JSON that is none.
    BrokenJson,
    /// A request before any hello.
    NoHello,
    /// A browser.
    Http,
    /// A TLS handshake.
    Tls,
    /// An IRC client.
    Irc,
    /// A guest whose words carry escapes, overrides and bytes that are no UTF-8.
    Escapes,
    /// A native client whose numbered request is unclean, then one out of turn.
    Unclean,
    /// Nothing at all.
    Silence,
}

/// What goes wrong.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Trouble {
    /// Nothing gets through, either way, and nobody can connect.
    Cut {
        /// Whose.
        who: usize,
        /// For how long.
        for_ms: u64,
    },
    /// Nothing gets through one way.
    CutOneWay {
        /// Whose.
        who: usize,
        /// Which.
        way: Way,
        /// For how long.
        for_ms: u64,
    },
    /// What is on the way is held; a new connection is not.
    Hold {
        /// Whose.
        who: usize,
        /// For how long.
        for_ms: u64,
    },
    /// The connection is reset.
    Reset {
        /// Whose.
        who: usize,
        /// Where it is noticed at once; at the other end, it arrives.
        at: Way,
        /// What is on the way is lost, too.
        lossy: bool,
    },
    /// The connection stands and carries nothing any more.
    Dark {
        /// Whose.
        who: usize,
    },
    /// The client program dies and is started again.
    Restart {
        /// Whose.
        who: usize,
        /// With what memory.
        keeps: Keeps,
        /// After so long.
        down_ms: u64,
    },
    /// The server dies and is started again.
    Kill {
        /// The power fails: nothing tells the peers, and a part of what was not synced may survive.
        power: bool,
        /// After so long.
        down_ms: u64,
    },
    /// The server is stopped in order, and started again.
    Stop {
        /// After so long.
        down_ms: u64,
    },
    /// The log takes nothing more, until the server is started again.
    LogLost {
        /// An error of fsync, after which what was given last may be stored; else the disk is full, and it is not.
        fsync: bool,
        /// After so long.
        for_ms: u64,
    },
    /// The log answers nothing for a while.
    LogStall {
        /// For how long.
        for_ms: u64,
    },
    /// Somebody does not read.
    Slow {
        /// Who.
        who: usize,
        /// For how long.
        for_ms: u64,
    },
    /// Everything takes longer.
    Spike {
        /// By so much, one way.
        extra_ms: u64,
        /// For how long.
        for_ms: u64,
    },
    /// The same key connects from elsewhere, knowing nothing else.
    Second {
        /// Whose.
        who: usize,
    },
    /// The time of day jumps.
    ClockJump {
        /// By so much.
        by_ms: i64,
    },
    /// A stranger connects.
    Stranger {
        /// What they say.
        malice: Malice,
    },
    /// Many connect and say nothing.
    Crowd {
        /// How many.
        count: u32,
        /// For how long.
        for_ms: u64,
    },
    /// The power fails in the middle of storing: at an operation of the disk, whenever that comes. Any part of what was
    /// not synced may survive.
    PowerAtOperation {
        /// The how manieth operation from here on.
        operation: u64,
        /// Started again after so long.
        down_ms: u64,
    },
}

impl Room {
    /// What the server is started with.
    #[must_use]
    pub fn limits(&self) -> Limits {
        let mut limits = Limits { snapshot_entries: 20, ..Limits::default() };
        (limits.sessions_max, limits.unnamed_max) = (self.sessions_max, self.unnamed_max);
        if !self.rated {
            limits.burst_requests = 0;
        }
        if self.tiny {
            (limits.ring_bytes_max, limits.rings_bytes_max, limits.lane_bytes_max) = (400, 1_000, 200);
            (limits.page_bytes_max, limits.loads_max, limits.windows_max) = (200, 1, 3);
            (limits.answers_bytes_max, limits.reads_max, limits.snapshot_entries) = (2_048, 2, 7);
            limits.proposals_max = 24;
        }
        if self.brisk {
            (limits.heartbeat_ms, limits.idle_ms, limits.grace_ms) = (500, 1_500, 1_000);
            (limits.hello_ms, limits.greet_ms, limits.propose_retry_ms) = (4_000, 200, 500);
            limits.ping_ms = 1_500;
        }
        limits
    }
}

impl World {
    /// Both.
    pub const ALL: &[Self] = &[Self::Pure, Self::Tcp];

    /// In one word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pure => "pure",
            Self::Tcp => "tcp",
        }
    }
}

impl Plan {
    /// As it is kept: JSON, indented.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a plan is made of words that can be written")
    }

    /// As it was kept.
    ///
    /// # Errors
    /// If this is not a plan.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

impl Deed {
    /// The text that is said for a mark of this deed: the mark, then its words or some that are made up, and more if it is
    /// to be longer.
    #[must_use]
    pub fn text(&self, mark: &str) -> String {
        let bytes = match self.what {
            What::Say { bytes, .. } => bytes,
            What::Private { .. } | What::Burst { .. } | What::Join { .. } | What::Leave { .. } => 0,
            What::Nick { .. } | What::History { .. } | What::Order { .. } | What::Who | What::Quit => 0,
        };
        let words = if self.words.is_empty() { "says so" } else { &*self.words };
        let mut text = format!("{mark} {words}");
        while text.len() < bytes {
            text.push_str(" and so on");
        }
        text
    }
}

impl Trouble {
    /// The kind, as one word.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Cut { .. } => "cut",
            Self::CutOneWay { .. } => "one-way cut",
            Self::Hold { .. } => "hold",
            Self::Reset { .. } => "reset",
            Self::Dark { .. } => "dark",
            Self::Restart { .. } => "restart",
            Self::Kill { .. } => "kill",
            Self::Stop { .. } => "stop",
            Self::LogLost { .. } => "log lost",
            Self::LogStall { .. } => "log stall",
            Self::Slow { .. } => "slow",
            Self::Spike { .. } => "spike",
            Self::Second { .. } => "second",
            Self::ClockJump { .. } => "clock jump",
            Self::Stranger { .. } => "stranger",
            Self::Crowd { .. } => "crowd",
            Self::PowerAtOperation { .. } => "power at operation",
        }
    }

    /// How long it lasts, where that can be cut.
    pub const fn lasts(&mut self) -> Option<&mut u64> {
        match self {
            Self::Cut { for_ms, .. }
            | Self::CutOneWay { for_ms, .. }
            | Self::Hold { for_ms, .. }
            | Self::LogLost { for_ms, .. }
            | Self::LogStall { for_ms }
            | Self::Slow { for_ms, .. }
            | Self::Spike { for_ms, .. }
            | Self::Crowd { for_ms, .. } => Some(for_ms),
            Self::Restart { down_ms, .. }
            | Self::Kill { down_ms, .. }
            | Self::Stop { down_ms }
            | Self::PowerAtOperation { down_ms, .. } => Some(down_ms),
            Self::Reset { .. }
            | Self::Dark { .. }
            | Self::Second { .. }
            | Self::ClockJump { .. }
            | Self::Stranger { .. } => None,
        }
    }

    /// Whose it is, if it is one person's.
    pub const fn who(&mut self) -> Option<&mut usize> {
        match self {
            Self::Cut { who, .. }
            | Self::CutOneWay { who, .. }
            | Self::Hold { who, .. }
            | Self::Reset { who, .. }
            | Self::Dark { who }
            | Self::Restart { who, .. }
            | Self::Slow { who, .. }
            | Self::Second { who } => Some(who),
            Self::Kill { .. }
            | Self::Stop { .. }
            | Self::LogLost { .. }
            | Self::LogStall { .. }
            | Self::Spike { .. }
            | Self::ClockJump { .. }
            | Self::Stranger { .. }
            | Self::Crowd { .. }
            | Self::PowerAtOperation { .. } => None,
        }
    }
}
