//! Everything that can grow has a name and a unit here.
//!
//! [`FoldLimits`] decide what the fold says, so they are written into the log's first record and hold for that log for
//! ever. [`Limits`] are one start's own: they are judged before an intent exists, so they may differ from start to start.

use serde::{Deserialize, Serialize};

/// Longest nickname, in characters.
pub const NICK_CHARS_MAX: usize = 24;
/// Longest room name, in characters.
pub const ROOM_CHARS_MAX: usize = 32;
/// Longest nickname or room name, in bytes of UTF-8.
pub const NAME_BYTES_MAX: usize = 64;
/// Longest text of one message, in bytes of UTF-8.
pub const TEXT_BYTES_MAX: usize = 4_096;
/// Most tags of one message.
pub const TAGS_MAX: usize = 64;
/// Most bytes of the names and values of a message's tags.
pub const TAGS_BYTES_MAX: usize = 4_096;
/// Longest topic or reason, in bytes of UTF-8.
pub const BRIEF_BYTES_MAX: usize = 390;
/// Longest key of a room, in bytes of UTF-8.
pub const KEY_BYTES_MAX: usize = 64;
/// Longest mask of a ban or a mute, in bytes of UTF-8.
pub const MASK_BYTES_MAX: usize = 128;
/// Most changes of a room's modes one request may ask for.
pub const CHANGES_MAX: usize = 16;
/// Most people one private message may name.
pub const PEOPLE_NAMED_MAX: usize = 16;
/// Nicks one connection may watch, to be told when they come and go.
pub const WATCHED_MAX: usize = 100;
/// Rooms told of each person in a roster: those whoever is told is in too.
pub const SHARED_TOLD_MAX: usize = 16;
/// Rooms that have ended whose past is sealed by name; of more, those that ended first have a floor in common. A part of the
/// rules: the fold depends on it.
pub const SEALED_ROOMS_MAX: usize = 10_000;
/// Nicks that were let go of which a server remembers, each with when that was.
pub const DEPARTED_MAX: usize = 1_000;
/// Those of one nick that one question is answered with.
pub const DEPARTED_TOLD_MAX: usize = 10;
/// Requests of one client that may be unanswered at once; as many outcomes are remembered.
pub const WINDOW: u64 = 32;
/// Longest line of the native and text doors, in bytes: a text of the greatest length, every byte of it escaped.
pub const LINE_BYTES_MAX: usize = 32 * 1_024;
/// Unanswered requests a client machine keeps, in requests.
pub const OUTBOX_MAX: usize = 1_024;

/// What the fold's verdicts depend on. Part of the log.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct FoldLimits {
    /// Keyed identities remembered; beyond it the one longest silent and away is forgotten.
    pub clients_max: u32,
    /// Rooms that have a member.
    pub rooms_max: u32,
    /// Rooms one person may be in.
    pub rooms_per_person_max: u32,
}

impl Default for FoldLimits {
    fn default() -> Self {
        Self { clients_max: 100_000, rooms_max: 10_000, rooms_per_person_max: 64 }
    }
}

/// What the fold's verdicts on the order in rooms depend on. Part of the log, since version 2 of the fold's rules.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct RoomLimits {
    /// Bans of one room, and as many mutes.
    pub bans_max: u32,
    /// Invitations of one person that are remembered; beyond it the oldest lapses.
    pub invitations_max: u32,
}

impl Default for RoomLimits {
    fn default() -> Self {
        Self { bans_max: 100, invitations_max: 16 }
    }
}

/// What one start of a server allows.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Limits {
    /// What a log that is begun here lays down; a log that exists has its own.
    pub fold: FoldLimits,
    /// And as to the order in rooms.
    pub order: RoomLimits,
    /// People with a session at once.
    pub sessions_max: usize,
    /// Connections that have not said who they are.
    pub unnamed_max: usize,
    /// A connection that has not said who it is by then is closed, in milliseconds.
    pub hello_ms: u64,
    /// Silence after which the text greeting is sent, in milliseconds.
    pub greet_ms: u64,
    /// A lost connection may come back for so long before a departure is announced, in milliseconds.
    pub grace_ms: u64,
    /// A native client sends something at least so often, in milliseconds.
    pub heartbeat_ms: u64,
    /// A native connection that was silent for so long is lost, in milliseconds.
    pub idle_ms: u64,
    /// An IRC client that was silent for so long is asked whether it is there, and lost after twice that, in milliseconds.
    pub ping_ms: u64,
    /// A closing connection may drain what is pending for so long, in milliseconds.
    pub close_flush_ms: u64,
    /// Requests a connection may make at once before it is read more slowly; 0 means no rate at all.
    pub burst_requests: u64,
    /// Then one request per so many microseconds.
    pub request_interval_us: u64,
    /// Bytes kept of one room in one vocabulary.
    pub ring_bytes_max: usize,
    /// Bytes kept of all rooms in all vocabularies.
    pub rings_bytes_max: usize,
    /// Bytes of private entries kept for one connection; beyond it they are read back from history.
    pub lane_bytes_max: usize,
    /// Bytes of unsent answers beyond which a connection is not read.
    pub answers_bytes_max: usize,
    /// Unanswered reads (who, rooms, history) of one connection beyond which it is not read.
    pub reads_max: usize,
    /// Memberships begun or ended that one connection has yet to be shown; beyond it history knows them.
    pub windows_max: usize,
    /// Bytes of stored entries in one page of history.
    pub page_bytes_max: usize,
    /// Pages of history being read at once, over all connections.
    pub loads_max: usize,
    /// People listed in a welcome or a `who`.
    pub roster_max: usize,
    /// Intents given to the log and not yet back, beyond which nobody is read.
    pub proposals_max: usize,
    /// What has not come back from the log by then is proposed again, in milliseconds.
    pub propose_retry_ms: u64,
    /// Entries between two snapshots of the fold.
    pub snapshot_entries: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            fold: FoldLimits { clients_max: 100_000, rooms_max: 10_000, rooms_per_person_max: 64 },
            order: RoomLimits { bans_max: 100, invitations_max: 16 },
            sessions_max: 64,
            unnamed_max: 256,
            hello_ms: 60_000,
            greet_ms: 700,
            grace_ms: 10_000,
            heartbeat_ms: 5_000,
            idle_ms: 15_000,
            ping_ms: 30_000,
            close_flush_ms: 1_000,
            burst_requests: 64,
            request_interval_us: 50_000,
            ring_bytes_max: 256 * 1_024,
            rings_bytes_max: 64 * 1_024 * 1_024,
            lane_bytes_max: 128 * 1_024,
            answers_bytes_max: 64 * 1_024,
            reads_max: 16,
            windows_max: 128,
            page_bytes_max: 32 * 1_024,
            loads_max: 32,
            roster_max: 500,
            proposals_max: 16_384,
            propose_retry_ms: 5_000,
            snapshot_entries: 20_000,
        }
    }
}

impl Limits {
    /// For tests and benchmarks: no rate, no limit on people that a test could meet.
    #[must_use]
    pub fn unlimited() -> Self {
        Self { sessions_max: 1_000_000, unnamed_max: 1_000_000, burst_requests: 0, ..Self::default() }
    }
}
