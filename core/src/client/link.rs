//! The connection: made, kept alive, given up and made again.

use crate::protocol::WireLimits;
use crate::time::Timestamp;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Link {
    state: State,
    attempt: u64,
    /// Connections in a row that did not come to a welcome.
    failures: u32,
    /// Draws the jitter.
    random: u64,
    /// When a hello was given up that may still arrive, and take over what came after it.
    gave_up: Option<Timestamp>,
    /// Said goodbye: the connection's end is the end.
    pub(super) leaving: bool,
    /// When bytes last went out, and last came in.
    said: Timestamp,
    heard: Timestamp,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum State {
    /// Tries again then.
    Down { retry_at: Timestamp },
    /// Gives up then.
    Connecting { until: Timestamp },
    /// Said hello; gives up then.
    Greeting { until: Timestamp },
    /// Was welcomed.
    Online,
}

/// What is to be done.
pub(super) enum Due {
    Nothing,
    Connect { attempt: u64 },
    Ping,
    HangUp(&'static str),
}

/// A connection that is not made by then is given up, in milliseconds.
const CONNECT_MS: u64 = 5_000;
/// A hello that was given up may arrive so much later, in milliseconds.
const LATE_HELLO_MS: u64 = 60_000;
/// The first pause before trying again, and the longest, in milliseconds; each is twice the one before.
const RETRY_FIRST_MS: u64 = 250;
const RETRY_MAX_MS: u64 = 10_000;

impl Link {
    pub(super) const fn new(seed: u64) -> Self {
        Self {
            state: State::Down { retry_at: Timestamp::from_micros(0) },
            attempt: 0,
            failures: 0,
            random: seed,
            gave_up: None,
            leaving: false,
            said: Timestamp::from_micros(0),
            heard: Timestamp::from_micros(0),
        }
    }

    pub(super) const fn is_online(&self) -> bool {
        matches!(self.state, State::Online)
    }

    pub(super) const fn is_open(&self) -> bool {
        matches!(self.state, State::Online | State::Greeting { .. })
    }

    pub(super) const fn is_current(&self, attempt: u64) -> bool {
        self.attempt == attempt && !matches!(self.state, State::Down { .. })
    }

    pub(super) const fn is_connecting(&self, attempt: u64) -> bool {
        self.attempt == attempt && matches!(self.state, State::Connecting { .. })
    }

    pub(super) const fn is_up(&self, attempt: u64) -> bool {
        self.attempt == attempt && self.is_open()
    }

    /// The attempt under way or standing.
    pub(super) fn current(&self) -> Option<u64> {
        self.is_current(self.attempt).then_some(self.attempt)
    }

    pub(super) const fn greet(&mut self, now: Timestamp) {
        self.state = State::Greeting { until: now.plus_ms(CONNECT_MS) };
        (self.said, self.heard) = (now, now);
    }

    pub(super) const fn online(&mut self) {
        self.state = State::Online;
        self.failures = 0;
    }

    /// The server is there: the next try comes soon.
    pub(super) const fn reached(&mut self) {
        self.failures = 0;
    }

    pub(super) const fn heard(&mut self, now: Timestamp) {
        self.heard = now;
    }

    pub(super) const fn said(&mut self, now: Timestamp) {
        self.said = now;
    }

    pub(super) const fn retry_now(&mut self, now: Timestamp) {
        if matches!(self.state, State::Down { .. }) {
            self.state = State::Down { retry_at: now };
        }
    }

    /// The connection is lost, or could not be made: when to try again.
    pub(super) fn lose(&mut self, now: Timestamp) -> Timestamp {
        if matches!(self.state, State::Greeting { .. }) {
            self.gave_up = Some(now);
        }
        let pause = RETRY_FIRST_MS.saturating_mul(1 << self.failures.min(16)).min(RETRY_MAX_MS);
        self.failures = self.failures.saturating_add(1);
        let retry_at = now.plus_ms(pause / 2 + self.draw() % (pause / 2 + 1));
        self.state = State::Down { retry_at };
        retry_at
    }

    /// Whether a takeover can be the work of a hello of one's own: then, once, it is no reason to stay away.
    pub(super) fn forgive_own_hello(&mut self, now: Timestamp) -> bool {
        self.gave_up.take().is_some_and(|at| now.since(at).as_millis() < u128::from(LATE_HELLO_MS))
    }

    pub(super) fn deadline(&self, limits: &WireLimits) -> Timestamp {
        match self.state {
            State::Down { retry_at } => retry_at,
            State::Connecting { until } | State::Greeting { until } => until,
            State::Online => {
                let idle_ms = if planted!("client_waits_for_ever") { u64::MAX / 2_000 } else { limits.idle_ms };
                self.said.plus_ms(limits.heartbeat_ms).min(self.heard.plus_ms(idle_ms))
            }
        }
    }

    pub(super) fn due(&mut self, now: Timestamp, limits: &WireLimits) -> Due {
        if self.deadline(limits) > now {
            return Due::Nothing;
        }
        match self.state {
            State::Down { .. } => {
                self.attempt += 1;
                self.state = State::Connecting { until: now.plus_ms(CONNECT_MS) };
                Due::Connect { attempt: self.attempt }
            }
            State::Connecting { .. } => Due::HangUp("the server cannot be reached"),
            State::Greeting { .. } => Due::HangUp("the server does not answer"),
            State::Online if self.heard.plus_ms(limits.idle_ms) <= now && !planted!("client_waits_for_ever") => {
                Due::HangUp("the server fell silent")
            }
            State::Online => {
                self.said = now;
                Due::Ping
            }
        }
    }

    /// SplitMix64: enough for jitter, and the same from the same seed.
    const fn draw(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
