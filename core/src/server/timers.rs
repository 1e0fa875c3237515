//! Deadlines. Each connection has one timer, set for its nearest deadline or earlier: when it fires, the deadlines are
//! looked at, so that bytes that arrive move nothing.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::conn::Stage;
use super::{Life, Output, Server};
use crate::fanout::ConnId;
use crate::protocol::{ClientId, Notice, Parting, Reply, Through};
use crate::time::Timestamp;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Timer {
    /// One of a connection's deadlines may have come.
    Conn(ConnId),
    /// The grace period of somebody whose connection was lost is over.
    Grace(ClientId),
    /// What was proposed may have to be proposed again.
    Retry,
}

/// All that are set, in order.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub(super) struct Timers {
    pub(super) set: BTreeSet<(Timestamp, Timer)>,
    /// When each grace period ends.
    graces: BTreeMap<ClientId, Timestamp>,
}

impl Timers {
    pub(super) fn first(&self) -> Option<(Timestamp, Timer)> {
        self.set.first().copied()
    }

    pub(super) fn arm_grace(&mut self, client: ClientId, until: Timestamp) {
        self.disarm_grace(client);
        self.graces.insert(client, until);
        self.set.insert((until, Timer::Grace(client)));
    }

    pub(super) fn disarm_grace(&mut self, client: ClientId) {
        if let Some(until) = self.graces.remove(&client) {
            self.set.remove(&(until, Timer::Grace(client)));
        }
    }
}

impl Server {
    pub(super) fn fire_timers(&mut self, outputs: &mut Vec<Output>) {
        while let Some((at, timer)) = self.timers.first()
            && at <= self.now
        {
            self.timers.set.pop_first();
            match timer {
                Timer::Conn(conn) => {
                    if let Some(state) = self.conns.get_mut(&conn) {
                        state.timer = None;
                        self.check_deadlines(conn, outputs);
                        self.schedule(conn);
                    }
                }
                Timer::Grace(client) => {
                    self.timers.disarm_grace(client);
                    self.end_grace(client);
                }
                Timer::Retry => {
                    self.proposals.timer = None;
                    self.propose_again(outputs);
                }
            }
        }
    }

    /// Sees to it that a connection's timer is set for its nearest deadline or earlier.
    pub(super) fn schedule(&mut self, conn: ConnId) {
        let Some(deadline) = self.deadline(conn) else { return };
        let Some(state) = self.conns.get_mut(&conn) else { return };
        match state.timer {
            Some(set) if set <= deadline => {}
            set => {
                if let Some(set) = set {
                    self.timers.set.remove(&(set, Timer::Conn(conn)));
                }
                state.timer = Some(deadline);
                self.timers.set.insert((deadline, Timer::Conn(conn)));
            }
        }
    }

    /// A connection's nearest deadline.
    fn deadline(&self, conn: ConnId) -> Option<Timestamp> {
        let state = self.conns.get(&conn)?;
        let limits = &self.limits;
        let unnamed = state.stage == Stage::Unnamed;
        let greeting =
            (unnamed && !state.greeted && state.door.is_none()).then(|| state.opened.plus_ms(limits.greet_ms));
        let hello = unnamed.then(|| state.opened.plus_ms(limits.hello_ms));
        let idle = self.idle_ms(conn).map(|idle_ms| state.heard.plus_ms(idle_ms));
        let rate = state.pauses.rate.then(|| self.rate_due(conn));
        let closing = state.stage == Stage::Closing;
        [greeting, hello, idle, rate].into_iter().flatten().min().filter(|_| !closing)
    }

    /// How long a connection may be silent before something is done about it: it is lost, or asked whether it is there.
    /// People at a terminal may be silent; a connection that is not read is silent because of us.
    fn idle_ms(&self, conn: ConnId) -> Option<u64> {
        let state = self.conns.get(&conn)?;
        let ms = match state.through() {
            Through::Native => Some(self.limits.idle_ms),
            Through::Irc if state.pinged => Some(2 * self.limits.ping_ms),
            Through::Irc => Some(self.limits.ping_ms),
            Through::Text => None,
        };
        ms.filter(|_| state.stage != Stage::Unnamed && !state.pauses.any() && !planted!("server_waits_for_ever"))
    }

    fn check_deadlines(&mut self, conn: ConnId, outputs: &mut Vec<Output>) {
        let Some(state) = self.conns.get_mut(&conn) else { return };
        if state.stage == Stage::Closing {
            return;
        }
        let unnamed = state.stage == Stage::Unnamed;
        if unnamed && state.opened.plus_ms(self.limits.hello_ms) <= self.now {
            return self.part(conn, Parting::HelloTooLate, outputs);
        }
        if unnamed && !state.greeted && state.door.is_none() && state.opened.plus_ms(self.limits.greet_ms) <= self.now {
            state.greeted = true;
            self.notify(conn, Notice::AskName);
        }
        if self.idle_ms(conn).is_some_and(|idle_ms| self.conns[&conn].heard.plus_ms(idle_ms) <= self.now) {
            let state = self.conns.get_mut(&conn).expect("it was just looked at");
            if state.through() == Through::Native || core::mem::replace(&mut state.pinged, true) {
                return self.part(conn, Parting::Silent, outputs);
            }
            // Before all it has yet to read: whoever reads long is there all the while.
            let bytes = self.encode(conn, &Reply::Ping);
            if planted!("ping_waits_its_turn") {
                return self.answer(conn, &Reply::Ping);
            }
            self.fanout.greet(conn, bytes, &mut self.ready);
        }
        self.resume_if_on_time(conn, outputs);
    }

    pub(super) fn schedule_retry(&mut self) {
        let due = self.proposals.due(self.limits.propose_retry_ms);
        if let Some(due) = due
            && self.proposals.timer.is_none()
            && self.life == Life::Running
        {
            let due = due.max(self.now.plus_micros(1));
            self.proposals.timer = Some(due);
            self.timers.set.insert((due, Timer::Retry));
        }
    }
}
