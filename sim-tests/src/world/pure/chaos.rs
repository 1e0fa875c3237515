//! Faults as they happen, as they end, and the moment when everything heals.

use causerie_core::server::Input;

use super::disk::Leaves;
use super::heap::Event;
use super::network::{End, Packet};
use super::{World, note};
use crate::evidence::By;
use crate::marks::Mark;
use crate::plan::{Keeps, Kind, Malice, Trouble, Way};
use crate::record::{Ending, Happening};

const LEAVES: u64 = 51;
/// Operations of a disk that a group commit is taken to be.
const OPERATIONS_PER_COMMIT: u64 = 16;

impl World<'_> {
    pub(super) fn trouble(&mut self, index: usize) {
        let mut trouble = self.plan.faults[index].what.clone();
        if trouble.who().is_some_and(|who| *who >= self.people.len()) {
            return;
        }
        note!(self, "fault {}: {}", self.plan.faults[index].id, self.plan.faults[index].told(self.plan));
        self.trace.mark(u64::from(self.plan.faults[index].id));
        self.record(Happening::FaultBegins { index });
        self.begin_trouble(&trouble);
        let comes_back = matches!(
            trouble,
            Trouble::Restart { .. } | Trouble::Kill { .. } | Trouble::Stop { .. } | Trouble::PowerAtOperation { .. }
        );
        if !comes_back && let Some(for_ms) = trouble.lasts() {
            let ends = (self.now + *for_ms * 1_000).min(self.plan.faults_ms * 1_000 - 1);
            self.heap.at(ends.max(self.now), Event::FaultEnds { index });
        }
    }

    fn begin_trouble(&mut self, trouble: &Trouble) {
        match *trouble {
            Trouble::Cut { who, .. } => self.people[who].cut.iter_mut().for_each(|cut| *cut += 1),
            Trouble::CutOneWay { who, way, .. } => self.people[who].cut[usize::from(way == Way::Down)] += 1,
            Trouble::Hold { who, .. } => self.each_conn_of(who, |world, conn| world.conns[conn].held += 1),
            Trouble::Reset { who, at, lossy } => {
                if let Some(conn) = self.people[who].life.and_then(|life| self.lives[life].conn) {
                    self.reach(Mark::Reset);
                    self.reset(conn, at, lossy);
                }
            }
            Trouble::Dark { who } => {
                if let Some(conn) = self.people[who].life.and_then(|life| self.lives[life].conn) {
                    self.go_dark(conn);
                }
            }
            Trouble::Restart { who, keeps, down_ms } => self.restart_program(who, keeps, down_ms),
            Trouble::Kill { power, down_ms } => self.kill_server(power, down_ms),
            Trouble::Stop { down_ms } => self.stop_server(down_ms),
            Trouble::LogLost { fsync, .. } => self.lose_log(fsync),
            Trouble::LogStall { .. } => self.disk.stalled += 1,
            Trouble::Slow { who, .. } => self.people[who].slow += 1,
            Trouble::Spike { extra_ms, .. } => self.spike_ms += extra_ms,
            Trouble::Second { who } => {
                if self.plan.people[who].kind == Kind::Native {
                    self.start_second(who);
                }
            }
            Trouble::ClockJump { by_ms } => {
                self.jumped_ms += by_ms;
                if by_ms < 0 {
                    self.reach(Mark::ClockWentBack);
                }
            }
            Trouble::Stranger { malice } => self.stranger_comes(malice),
            Trouble::PowerAtOperation { operation, down_ms } => {
                self.power_fails = Some((self.disk.syncs + 1 + operation / OPERATIONS_PER_COMMIT, down_ms));
            }
            Trouble::Crowd { count, .. } => {
                for _ in 0..count {
                    self.stranger_comes(Malice::Silence);
                }
            }
        }
    }

    pub(super) fn trouble_ends(&mut self, index: usize) {
        self.record(Happening::FaultEnds { index });
        match self.plan.faults[index].what {
            Trouble::Cut { who, .. } => {
                self.people[who].cut.iter_mut().for_each(|cut| *cut -= 1);
                self.look_at_all_of(who);
            }
            Trouble::CutOneWay { who, way, .. } => {
                self.people[who].cut[usize::from(way == Way::Down)] -= 1;
                self.look_at_all_of(who);
            }
            Trouble::Hold { who, .. } => {
                self.each_conn_of(who, |world, conn| {
                    world.conns[conn].held = world.conns[conn].held.saturating_sub(1);
                });
                self.look_at_all_of(who);
            }
            Trouble::LogLost { .. } => {
                if self.disk.lost {
                    self.kill_server(false, 0);
                }
            }
            Trouble::LogStall { .. } => {
                self.disk.stalled -= 1;
                self.sync();
            }
            Trouble::Slow { who, .. } => {
                self.people[who].slow -= 1;
                self.look_at_all_of(who);
            }
            Trouble::Spike { extra_ms, .. } => self.spike_ms -= extra_ms,
            Trouble::Crowd { .. } => self.strangers_go(),
            Trouble::Reset { .. }
            | Trouble::Dark { .. }
            | Trouble::Restart { .. }
            | Trouble::Kill { .. }
            | Trouble::Stop { .. }
            | Trouble::Second { .. }
            | Trouble::ClockJump { .. }
            | Trouble::Stranger { .. }
            | Trouble::PowerAtOperation { .. } => {}
        }
    }

    /// Faults have ended: the system finds out what connections of netcat carry nothing, strangers go, who is down comes back.
    pub(super) fn heal(&mut self) {
        note!(self, "everything heals");
        self.healed = true;
        self.power_fails = None;
        for conn in 0..self.conns.len() {
            self.conns[conn].held = 0;
            let native = self.lives[self.conns[conn].life].evidence.by == By::Native;
            if self.conns[conn].dark && native {
                // Both ends notice by themselves: that is what heartbeats are for.
            } else if self.conns[conn].dark {
                self.conns[conn].dark = false;
                self.reset(conn, Way::Up, true);
                self.server_end_gone(conn);
            } else if self.conns[conn].server == End::Gone && self.conns[conn].client {
                self.send(conn, Way::Down, Packet::Reset); // The server lost its power, and its peer finds out.
            }
            self.look_at(conn, Way::Up);
            self.look_at(conn, Way::Down);
        }
        self.strangers_go();
        if self.server.is_none() {
            self.starts_at = None;
            self.start_server();
        }
        self.heap.at(self.now, Event::Look);
    }

    fn restart_program(&mut self, who: usize, keeps: Keeps, down_ms: u64) {
        let at = (self.now + down_ms * 1_000).min(self.plan.faults_ms * 1_000);
        match self.plan.people[who].kind {
            Kind::Native if !self.people[who].gone => {
                if self.kill_program(who) {
                    self.heap.at(at, Event::StartProgram { who, keeps });
                }
            }
            Kind::Text if !self.people[who].gone => {
                if let Some(life) = self.people[who].life.take() {
                    self.people[who].down = true;
                    self.hang_up(life, if keeps == Keeps::All { Packet::Fin } else { Packet::Reset });
                    self.heap.at(at, Event::GuestComes { who });
                }
            }
            Kind::Native | Kind::Text => {}
        }
    }

    pub(super) fn kill_server(&mut self, power: bool, down_ms: u64) {
        if self.server.is_none() {
            return;
        }
        let draw = self.draw(LEAVES, u64::from(self.incarnation), self.disk.syncs, 1 << 20);
        let leaves = match (self.disk.lost, power) {
            (true, _) => Leaves::Nothing,
            (false, false) => Leaves::Group(draw % 2),
            (false, true) => Leaves::First(draw % 6),
        };
        self.crash(leaves, if power { Ending::PowerLost } else { Ending::Killed });
        if power {
            self.disk.lose_caches();
        }
        self.lose_connections(power);
        self.start_later(down_ms);
    }

    fn crash(&mut self, leaves: Leaves, why: Ending) {
        let (unsynced, kept) = self.disk.crash(leaves, self.now, self.wall());
        self.record(Happening::ServerEnds { why, unsynced, kept });
        note!(self, "crash: {unsynced} records were not synced, {kept} of them are stored");
        if unsynced > kept {
            self.reach(Mark::CrashLost);
        }
        if kept > 0 {
            self.reach(Mark::CrashKept);
        }
        self.drop_server();
    }

    /// The server's ends are gone. Unless the power failed, the peers hear of it, after what was on its way.
    fn lose_connections(&mut self, power: bool) {
        for conn in 0..self.conns.len() {
            if self.conns[conn].server != End::Gone {
                self.conns[conn].server = End::Gone;
                if !power {
                    self.send(conn, Way::Down, Packet::Reset);
                }
            }
        }
    }

    fn start_later(&mut self, down_ms: u64) {
        let at = (self.now + down_ms * 1_000).min(self.plan.faults_ms * 1_000).max(self.now);
        self.starts_at = Some(at);
        self.heap.at(at, Event::StartServer);
    }

    /// In order: everyone is told, what was given to the log is waited for, a snapshot is kept.
    fn stop_server(&mut self, down_ms: u64) {
        if self.server.is_none() || self.disk.lost {
            return;
        }
        self.reach(Mark::Stopped);
        self.server_input(Input::Stopped);
        let conns: Vec<usize> = (0..self.conns.len()).filter(|c| self.conns[*c].server != End::Gone).collect();
        for conn in conns {
            self.write(conn);
        }
        self.crash(Leaves::First(u64::MAX), Ending::Stopped);
        self.lose_connections(false);
        self.start_later(down_ms);
    }

    fn lose_log(&mut self, fsync: bool) {
        if self.server.is_none() || self.disk.lost {
            return;
        }
        let draw = self.draw(LEAVES, u64::from(self.incarnation), self.disk.syncs, 6);
        let leaves = if fsync { Leaves::First(draw) } else { Leaves::Nothing };
        let (unsynced, kept) = self.disk.crash(leaves, self.now, self.wall());
        note!(self, "the log is lost: {unsynced} records were not synced, {kept} of them are stored");
        self.disk.lost = true;
        self.record(Happening::LogLost { unsynced, kept });
        self.reach(Mark::LogLost);
        self.server_input(Input::Lost);
    }

    /// A connection is reset: noticed at once at one end, and later at the other.
    fn reset(&mut self, conn: usize, at: Way, lossy: bool) {
        if lossy {
            self.lose(conn);
        }
        match at {
            Way::Up => {
                if std::mem::replace(&mut self.conns[conn].client, false) {
                    let (life, attempt) = (self.conns[conn].life, self.conns[conn].attempt);
                    self.send(conn, at, Packet::Reset);
                    self.disconnected(conn);
                    if self.lives[life].conn == Some(conn) {
                        self.lives[life].conn = None;
                        self.life_loses(life, attempt, "connection reset");
                    }
                }
            }
            Way::Down => {
                self.send(conn, at, Packet::Reset);
                self.server_end_gone(conn);
            }
        }
    }

    /// What is on the way is lost, both ways. It made the server wait for room, if it had more to write: that is there now.
    fn lose(&mut self, conn: usize) {
        self.pipe_mut(conn, Way::Up).lose();
        self.pipe_mut(conn, Way::Down).lose();
        if self.conns[conn].ready {
            self.plan_write(conn);
        }
    }

    /// The peer vanishes: what is on the way is lost, nothing is carried any more, nobody is told.
    fn go_dark(&mut self, conn: usize) {
        self.conns[conn].dark = true;
        self.lose(conn);
        let life = self.conns[conn].life;
        if self.lives[life].evidence.by == By::Text {
            self.disconnected(conn);
            self.conns[conn].client = false; // People notice and connect anew; their old connection stays.
            self.lives[life].conn = None;
            self.guest_loses(life);
        }
    }

    fn strangers_go(&mut self) {
        for life in 0..self.lives.len() {
            let evidence = &self.lives[life].evidence;
            if evidence.by == By::Stranger && evidence.stands {
                self.hang_up(life, Packet::Fin);
            }
        }
    }

    fn each_conn_of(&mut self, who: usize, change: impl Fn(&mut Self, usize)) {
        for conn in 0..self.conns.len() {
            if self.lives[self.conns[conn].life].person() == Some(who) {
                change(self, conn);
            }
        }
    }

    fn look_at_all_of(&mut self, who: usize) {
        self.each_conn_of(who, |world, conn| {
            world.look_at(conn, Way::Up);
            world.look_at(conn, Way::Down);
        });
    }
}
