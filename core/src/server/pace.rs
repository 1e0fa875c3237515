//! How fast a connection is read: as fast as it may ask, as the log takes it, and as it reads what it is answered.

use alloc::vec::Vec;

use super::conn::Conn;
use super::{Output, Server};
use crate::fanout::ConnId;
use crate::protocol::{Ask, Request};
use crate::time::Timestamp;

impl Server {
    /// Counts a request against the connection's rate: too fast, and it is read more slowly.
    pub(super) fn count_request(&mut self, conn: ConnId, outputs: &mut Vec<Output>) {
        if self.limits.burst_requests == 0 {
            return;
        }
        let Some(state) = self.conns.get_mut(&conn) else { return };
        state.on_time = state.on_time.max(self.now).plus_micros(self.limits.request_interval_us);
        if self.rate_due(conn) > self.now {
            self.pause(conn, |pauses| pauses.rate = true, outputs);
            self.schedule(conn);
        }
    }

    /// When a connection may be read again as far as its rate goes.
    pub(super) fn rate_due(&self, conn: ConnId) -> Timestamp {
        let allowance = self.limits.burst_requests * self.limits.request_interval_us;
        let on_time = self.conns.get(&conn).map_or(0, |state| state.on_time.micros());
        Timestamp::from_micros(on_time.saturating_sub(allowance))
    }

    pub(super) fn resume_if_on_time(&mut self, conn: ConnId, outputs: &mut Vec<Output>) {
        if self.rate_due(conn) <= self.now {
            self.unpause(conn, |pauses| pauses.rate = false, outputs);
        }
    }

    pub(super) fn pause_if_log_lags(&mut self, conn: ConnId, outputs: &mut Vec<Output>) {
        if self.proposals.len() >= self.limits.proposals_max {
            self.lagging.insert(conn);
            self.pause(conn, |pauses| pauses.log = true, outputs);
        }
    }

    pub(super) fn resume_if_log_caught_up(&mut self, outputs: &mut Vec<Output>) {
        if self.proposals.len() * 2 <= self.limits.proposals_max {
            for conn in core::mem::take(&mut self.lagging) {
                self.unpause(conn, |pauses| pauses.log = false, outputs);
            }
        }
    }

    pub(super) fn pause_if_lane_full(&mut self, conn: ConnId) {
        if self.fanout.answers_bytes(conn) > self.limits.answers_bytes_max && !planted!("answers_without_limit") {
            self.full.insert(conn);
        }
    }

    pub(super) fn resume_if_lane_empty(&mut self, conn: ConnId, outputs: &mut Vec<Output>) {
        let unsent = self.fanout.answers_bytes(conn);
        if unsent * 2 <= self.limits.answers_bytes_max {
            self.tell_owed(conn);
        }
        let Some(state) = self.conns.get_mut(&conn) else { return };
        if unsent == 0 {
            state.pong = false;
        }
        if unsent * 2 > self.limits.answers_bytes_max {
            return;
        }
        if !state.queue.is_empty()
            && let Some(client) = state.client()
        {
            self.serve_queue(conn, client, outputs);
        }
        let few = |state: &Conn| state.pauses.lane && state.queue.len() * 2 <= self.limits.reads_max;
        if self.conns.get(&conn).is_some_and(few) && !self.full.contains(&conn) {
            self.unpause(conn, |pauses| pauses.lane = false, outputs);
        }
    }
}

/// Whether a request may be made at any rate at a door where programs make it by themselves, for each room: what enters
/// a room, and what only asks. Both are bounded by what may be unanswered.
pub(super) const fn is_free(request: &Request) -> bool {
    match request {
        Request::Read { .. } | Request::Plain(Ask::Join { .. } | Ask::Unlock { .. }) | Request::Ping => true,
        Request::Hello(_)
        | Request::Name(_)
        | Request::Numbered { .. }
        | Request::Plain(_)
        | Request::Quit
        | Request::Remark(_)
        | Request::Password(_)
        | Request::Oper { .. }
        | Request::Signal { .. }
        | Request::Away(_)
        | Request::Hide(_)
        | Request::RealName(_) => false,
    }
}
