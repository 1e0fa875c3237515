//! What a picture of the run shows, noted as it happens. Nothing here is read by anything in the run.
//!
//! A host runs through a whole step before the next one does, and what a dead server left is known when its store is opened
//! again: so events are found out of order, and the recorder sorts them in the end.

use super::state::State;
use crate::plan::Way;
use crate::record::{Ending, Happening};

/// Ends whose losses are not yet known.
#[derive(Debug, Default)]
pub(super) struct Ends {
    /// When the log took nothing more, under a running server.
    log: Option<u64>,
    /// When the server was gone, and why.
    server: Option<(u64, Ending)>,
}

impl State {
    pub(super) fn record(&mut self, what: Happening) {
        if self.traced {
            let now = self.now();
            self.recorder.event(now, what);
        }
    }

    /// Bytes were written at the end that writes this way. A server without power writes nothing, whatever runs there.
    pub(super) fn was_written(&mut self, conn: usize, way: Way, bytes: &[u8]) {
        let life = self.conns[conn].life.map(|life| &mut self.lives[life].evidence);
        if way == Way::Down
            && let Some(life) = life.filter(|life| life.by.has_account())
        {
            life.written.more(self.incarnation, bytes);
        }
        if self.traced && !(way == Way::Down && self.is_powerless()) {
            let now = self.now();
            self.recorder.sent(now, conn, way, bytes);
        }
    }

    /// Bytes that went this way were read. A server that closes a connection listens no longer.
    pub(super) fn has_arrived(&mut self, conn: usize, way: Way, len: usize) {
        if self.traced && !(way == Way::Up && self.conns[conn].closing) {
            let now = self.now();
            self.recorder.arrived(now, conn, way, len);
        }
    }

    /// A connection stands, as far as its client knows. One that it had before is given up, though it may linger.
    pub(super) fn connected(&mut self, life: usize, conn: usize) {
        if !self.traced {
            return;
        }
        let earlier = (0..self.conns.len()).rfind(|other| self.conns[*other].life == Some(life) && *other != conn);
        if let Some(earlier) = earlier {
            self.disconnected(earlier);
        }
        self.recorder.belongs(conn, life);
        self.conns[conn].stands = true;
        self.record(Happening::Connected { life, conn });
    }

    /// A connection is gone, as far as its client knows. Said again, it does nothing.
    pub(super) fn disconnected(&mut self, conn: usize) {
        if std::mem::take(&mut self.conns[conn].stands)
            && let Some(life) = self.conns[conn].life
        {
            self.record(Happening::Disconnected { life, conn });
        }
    }

    /// A client's try to connect came to nothing.
    pub(super) fn not_connected(&mut self, life: Option<usize>) {
        if let Some(life) = life {
            self.record(Happening::Failed { life });
        }
    }

    /// The log takes nothing more.
    pub(super) fn log_ends(&mut self) {
        let now = self.now();
        self.ends.log.get_or_insert(now);
    }

    /// The server is gone, if it was there.
    pub(super) fn server_ends(&mut self, why: Ending) {
        if self.serves {
            let now = self.now();
            self.ends.server.get_or_insert((now, why));
        }
    }

    /// A store is opened that holds so many records: now it is known what was kept when the log or the server ended.
    pub(super) fn reckon(&mut self, total: usize) {
        let Ends { log, server } = std::mem::take(&mut self.ends);
        let mut found = self.book.more_than_told(total);
        let mut counted = 0;
        let mut left = |given: usize| {
            let unsynced = given.saturating_sub(counted);
            counted = counted.max(given);
            let kept = found.min(unsynced);
            found -= kept;
            (unsynced, kept)
        };
        let lost = log.map(|at_us| (at_us, left(self.book.given_until(at_us))));
        let ended = server.map(|(at_us, why)| (at_us, why, left(self.book.given_until(at_us))));
        if let Some((at_us, (unsynced, kept))) = lost {
            self.recorder.event(at_us, Happening::LogLost { unsynced, kept });
        }
        if let Some((at_us, why, (unsynced, kept))) = ended {
            self.recorder.event(at_us, Happening::ServerEnds { why, unsynced, kept });
        }
    }
}
