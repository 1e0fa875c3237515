//! What a browser is served: a page, and a WebSocket that carries the native protocol.
//!
//! HTTP is hyper's and frames are tungstenite's. Here is what a server of ours adds to them: who may ask (`hosts`), with
//! which headers it is answered (`answers`), and a WebSocket that looks like any other stream of bytes (`socket`), so
//! that the connection behind it is one like all others. Everything is bound to a stream, none of which has to be `Send`:
//! the simulator's will do.

pub(crate) mod answers;
pub(crate) mod hosts;
pub(crate) mod rewind;
pub(crate) mod socket;

use std::fmt;
use std::net::IpAddr;

/// What a server shows to browsers.
#[derive(Clone)]
pub struct Site {
    /// The files of the page; `/` is the page itself.
    pub files: &'static [File],
    /// Names by which the server may be called, beside `localhost` and its addresses.
    pub names: Vec<String>,
    /// Whether an address is one of this machine's: asked where every address is listened at.
    pub is_local: fn(IpAddr) -> bool,
    /// Seconds east of UTC, for times of day.
    pub utc_offset_s: i32,
    /// What one start allows.
    pub limits: WebLimits,
}

/// A file that is served as it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct File {
    /// Where: `/page.css`.
    pub path: &'static str,
    /// Its media type.
    pub kind: &'static str,
    /// What is in it.
    pub text: &'static str,
}

impl Default for Site {
    /// No page, and no name but `localhost`.
    fn default() -> Self {
        Self { files: &[], names: Vec::new(), is_local: |_| false, utc_offset_s: 0, limits: WebLimits::default() }
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site").field("names", &self.names).finish_non_exhaustive()
    }
}

/// Everything about browsers that can grow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WebLimits {
    /// Connections that speak HTTP at once. A WebSocket is none of them: it counts as what it carries, a native connection.
    pub connections_max: usize,
    /// A head that is not whole by then, or is not begun on a connection that stays, ends its connection, in milliseconds.
    pub head_ms: u64,
    /// A connection that speaks HTTP ends by then, whatever it is at, in milliseconds.
    pub connection_ms: u64,
    /// Answers of `/log.txt` that are being read at once.
    pub log_reads_max: usize,
    /// Entries in one answer of `/log.txt`.
    pub log_entries_max: usize,
    /// Stored bytes in one answer of `/log.txt`.
    pub log_bytes_max: usize,
}

impl Default for WebLimits {
    fn default() -> Self {
        Self {
            connections_max: 256,
            head_ms: 10_000,
            connection_ms: 60_000,
            log_reads_max: 4,
            log_entries_max: 1_000,
            log_bytes_max: 512 * 1_024,
        }
    }
}

/// Longest head of a request, in bytes: its first line and its fields.
pub const HEAD_BYTES_MAX: usize = 16 * 1_024;
/// Fields in the head of a request.
pub const HEAD_FIELDS_MAX: usize = 64;
/// Longest WebSocket message to the server, in bytes: a line of the native protocol.
pub const MESSAGE_BYTES_MAX: usize = causerie_core::limits::LINE_BYTES_MAX;
/// Bytes of what is pending that go into one WebSocket message, about: it ends with a line.
pub const FRAME_BYTES: usize = 64 * 1_024;
