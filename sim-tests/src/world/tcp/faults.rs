//! Faults as they happen, as they end, and the moment when everything heals.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::network::back;
use super::state::note;
use super::{Event, STREET, World, home_of, latency_ms};
use crate::entropy::mix;
use crate::marks::Mark;
use crate::plan::{Keeps, Kind, Malice, Trouble, Way};
use crate::record::{Ending, Happening};

const LEAVES: u64 = 51;
/// Looks again whether a server that was told to stop has.
const STOPPING_US: u64 = 50_000;

impl World<'_> {
    pub(super) fn trouble(&mut self, index: usize) {
        let mut trouble = {
            let mut state = self.shared.borrow_mut();
            let fault = state.plan.faults[index].clone();
            if fault.what.clone().who().is_some_and(|who| *who >= state.people.len()) {
                return;
            }
            note!(state, "fault {}: {}", fault.id, fault.told(&state.plan));
            state.trace.mark(u64::from(fault.id));
            state.record(Happening::FaultBegins { index });
            fault.what
        };
        self.begin_trouble(&trouble);
        let comes_back = matches!(
            trouble,
            Trouble::Restart { .. } | Trouble::Kill { .. } | Trouble::Stop { .. } | Trouble::PowerAtOperation { .. }
        );
        if !comes_back && let Some(for_ms) = trouble.lasts() {
            let mut state = self.shared.borrow_mut();
            let ends = (state.now + *for_ms * 1_000).min(state.plan.faults_ms * 1_000 - 1).max(state.now);
            state.later(ends, Event::FaultEnds { index });
        }
    }

    fn begin_trouble(&mut self, trouble: &Trouble) {
        match *trouble {
            Trouble::Cut { who, .. } => {
                self.shared.borrow_mut().people[who].cut.iter_mut().for_each(|cut| *cut += 1);
                self.begin_cut(who, &[Way::Up, Way::Down]);
            }
            Trouble::CutOneWay { who, way, .. } => {
                self.shared.borrow_mut().people[who].cut[usize::from(way == Way::Down)] += 1;
                self.begin_cut(who, &[way]);
            }
            Trouble::Hold { who, .. } => {
                self.shared.borrow_mut().people[who].held += 1;
                self.link(who);
            }
            Trouble::Reset { who, at, lossy } => self.reset(who, at, lossy),
            Trouble::Dark { who } => self.go_dark(who),
            Trouble::Restart { who, keeps, down_ms } => self.restart_program(who, keeps, down_ms),
            Trouble::Kill { power, down_ms } => self.kill_server(power, down_ms),
            Trouble::Stop { down_ms } => self.stop_server(down_ms),
            Trouble::LogLost { fsync: true, .. } => self.shared.borrow().disk.fail_sync(true),
            Trouble::LogLost { fsync: false, .. } => self.shared.borrow().disk.fill(true),
            Trouble::LogStall { .. } => self.shared.borrow_mut().book.stalled += 1,
            Trouble::Slow { who, .. } => self.shared.borrow_mut().people[who].slow += 1,
            Trouble::Spike { extra_ms, .. } => {
                self.shared.borrow_mut().spike_ms += extra_ms;
                self.set_latency();
            }
            Trouble::Second { who } => {
                let mut state = self.shared.borrow_mut();
                if state.plan.people[who].kind == Kind::Native {
                    state.start_second(who);
                }
            }
            Trouble::ClockJump { by_ms } => {
                let mut state = self.shared.borrow_mut();
                state.jumped_ms.fetch_add(by_ms, Ordering::Relaxed);
                if by_ms < 0 {
                    state.reach(Mark::ClockWentBack);
                }
            }
            Trouble::Stranger { malice } => self.shared.borrow_mut().stranger_comes(malice),
            Trouble::Crowd { count, .. } => {
                for _ in 0..count {
                    self.shared.borrow_mut().stranger_comes(Malice::Silence);
                }
            }
            Trouble::PowerAtOperation { operation, down_ms } => {
                let mut state = self.shared.borrow_mut();
                state.disk.die_at(operation);
                state.down_ms = down_ms;
            }
        }
    }

    pub(super) fn trouble_ends(&mut self, index: usize) {
        self.shared.borrow_mut().record(Happening::FaultEnds { index });
        let trouble = self.shared.borrow().plan.faults[index].what.clone();
        match trouble {
            Trouble::Cut { who, .. } => {
                self.shared.borrow_mut().people[who].cut.iter_mut().for_each(|cut| *cut -= 1);
                self.end_cut(who);
            }
            Trouble::CutOneWay { who, way, .. } => {
                self.shared.borrow_mut().people[who].cut[usize::from(way == Way::Down)] -= 1;
                self.end_cut(who);
            }
            Trouble::Hold { who, .. } => {
                self.shared.borrow_mut().people[who].held -= 1;
                self.link(who);
            }
            Trouble::LogLost { .. } => {
                let lost = {
                    let state = self.shared.borrow();
                    state.disk.fill(false);
                    state.disk.fail_sync(false);
                    state.book.lost
                };
                if lost {
                    self.kill_server(false, 0);
                }
            }
            Trouble::LogStall { .. } => {
                let mut state = self.shared.borrow_mut();
                state.book.stalled -= 1;
                state.book.wake();
            }
            Trouble::Slow { who, .. } => {
                let mut state = self.shared.borrow_mut();
                state.people[who].slow -= 1;
                state.wake_all_of(who);
            }
            Trouble::Spike { extra_ms, .. } => {
                self.shared.borrow_mut().spike_ms -= extra_ms;
                self.set_latency();
            }
            Trouble::Crowd { .. } => self.shared.borrow_mut().strangers_go(),
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

    /// Faults have ended: the connections that carry nothing are found out, strangers go, who is down comes back.
    pub(super) fn heal(&mut self) {
        {
            let mut state = self.shared.borrow_mut();
            note!(state, "everything heals");
            state.healed = true;
            state.disk.heal();
            for conn in state.conns.iter_mut().filter(|conn| conn.dark || conn.stale) {
                (conn.dark, conn.stale) = (false, false);
                conn.reset(Way::Up);
                conn.reset(Way::Down);
            }
            state.strangers_go();
            state.starts_at = None;
        }
        self.start_server();
        let mut state = self.shared.borrow_mut();
        let now = state.now;
        state.later(now, Event::Look);
    }

    fn begin_cut(&mut self, who: usize, ways: &[Way]) {
        let mut state = self.shared.borrow_mut();
        for conn in state.conns.iter_mut().filter(|conn| conn.person == Some(who)) {
            // The word that an end is gone may be on its way as well.
            conn.stale |= conn.is_half_gone() || ways.iter().any(|way| conn.flow(*way).on_the_way > 0);
        }
        drop(state);
        self.link(who);
    }

    /// Somebody at netcat whose connection lost something connects anew; a client program finds out by itself.
    fn end_cut(&mut self, who: usize) {
        self.link(who);
        let mut state = self.shared.borrow_mut();
        let text = state.plan.people[who].kind == Kind::Text;
        for conn in state.conns.iter_mut().filter(|conn| text && conn.person == Some(who) && conn.stale) {
            conn.reset(Way::Up);
        }
    }

    /// The link between somebody and the server is as the faults of the moment have it.
    fn link(&mut self, who: usize) {
        let (cut, held) = {
            let state = self.shared.borrow();
            (state.people[who].cut, state.people[who].held > 0)
        };
        let home = home_of(who);
        self.sim.repair(&*home, "server");
        if held {
            self.sim.hold(&*home, "server");
        } else {
            self.sim.release(&*home, "server");
        }
        if cut[0] > 0 {
            self.sim.partition_oneway(&*home, "server");
        }
        if cut[1] > 0 {
            self.sim.partition_oneway("server", &*home);
        }
    }

    fn set_latency(&mut self) {
        let (latency, people) = {
            let state = self.shared.borrow();
            (Duration::from_millis(latency_ms(&state.plan) + state.spike_ms), state.people.len())
        };
        for home in (0..people).map(home_of).chain([STREET.to_owned()]) {
            self.sim.set_link_latency(home, "server", latency);
        }
    }

    fn reset(&mut self, who: usize, at: Way, lossy: bool) {
        let mut state = self.shared.borrow_mut();
        let Some(conn) = state.conn_of(who) else { return };
        note!(state, "connection {conn} is reset");
        state.reach(Mark::Reset);
        let conn = &mut state.conns[conn];
        conn.end(back(at)).broken_off = true;
        if lossy {
            conn.reset(back(at));
        }
        conn.reset(at);
    }

    /// The peer vanishes: what is on the way is lost, nothing is carried any more, nobody is told.
    fn go_dark(&mut self, who: usize) {
        let mut state = self.shared.borrow_mut();
        let Some(conn) = state.conn_of(who) else { return };
        let text = state.plan.people[who].kind == Kind::Text;
        state.conns[conn].dark = true;
        if text {
            state.conns[conn].reset(Way::Up); // People notice and connect anew; their old connection stays.
        }
    }

    fn restart_program(&mut self, who: usize, keeps: Keeps, down_ms: u64) {
        let mut state = self.shared.borrow_mut();
        let at = (state.now + down_ms * 1_000).min(state.plan.faults_ms * 1_000);
        if state.people[who].gone {
            return;
        }
        match state.plan.people[who].kind {
            Kind::Native => {
                if state.kill_program(who) {
                    state.later(at, Event::StartProgram { who, keeps });
                }
            }
            Kind::Text => {
                if state.people[who].life.is_some() {
                    state.people[who].down = true;
                    state.hang_up(who, keeps == Keeps::All);
                    state.later(at, Event::GuestComes { who });
                }
            }
        }
    }

    /// A power loss at an operation of the disk has stopped everything there; here it takes the host down.
    pub(super) fn find_out_about_power(&mut self) {
        let down_ms = {
            let mut state = self.shared.borrow_mut();
            if !state.disk.is_dead() {
                return;
            }
            state.reach(Mark::CrashInCommit);
            state.down_ms
        };
        self.kill_server(true, down_ms);
    }

    fn kill_server(&mut self, power: bool, down_ms: u64) {
        let running = self.sim.is_host_running("server");
        if !running && !power {
            return;
        }
        if power {
            self.lose_power();
        } else {
            let mut state = self.shared.borrow_mut();
            note!(state, "crash: the process dies");
            state.disk.detach();
        }
        self.sim.crash("server");
        if power {
            self.power_is_back();
        }
        let mut state = self.shared.borrow_mut();
        state.server_ends(if power { Ending::PowerLost } else { Ending::Killed });
        state.gone();
        (state.unclean, state.stopping) = (true, false);
        drop(state);
        if running {
            self.start_later(down_ms);
        }
    }

    /// From here on nothing reaches the disk or anybody, whatever destructors run.
    fn lose_power(&mut self) {
        let people = {
            let mut state = self.shared.borrow_mut();
            state.fail_power(true);
            let mut draws = state.entropy.stream(mix(LEAVES ^ u64::from(state.incarnation)));
            let lost = state.disk.lose_power(|end| draws.below(end));
            note!(state, "crash: of the sectors not synced {} are lost, {} are there", lost.gone, lost.kept);
            if lost.gone > 0 {
                state.reach(Mark::SectorsLost);
            }
            state.book.torn = std::mem::take(&mut state.book.in_commit) && lost.gone > 0 && lost.kept > 0;
            for conn in &mut state.conns {
                conn.stale |= conn.end(Way::Up).open;
            }
            state.people.len()
        };
        for home in (0..people).map(home_of).chain([STREET.to_owned()]) {
            self.sim.partition(home, "server");
        }
    }

    fn power_is_back(&mut self) {
        let people = self.shared.borrow().people.len();
        self.sim.repair(STREET, "server");
        (0..people).for_each(|who| self.link(who));
        self.shared.borrow_mut().fail_power(false);
    }

    fn start_later(&mut self, down_ms: u64) {
        let mut state = self.shared.borrow_mut();
        let at = (state.now + down_ms * 1_000).min(state.plan.faults_ms * 1_000).max(state.now);
        state.starts_at = Some(at);
        state.later(at, Event::StartServer);
    }

    fn stop_server(&mut self, down_ms: u64) {
        let stop = {
            let mut state = self.shared.borrow_mut();
            if state.book.lost { None } else { state.stop.take() }
        };
        let Some(stop) = stop else { return };
        self.shared.borrow_mut().reach(Mark::Stopped);
        self.shared.borrow_mut().stopping = true;
        assert!(stop.send(()).is_ok(), "a server that serves listens for its end");
        self.start_later(down_ms);
    }

    pub(super) fn start_server(&mut self) {
        let running = self.sim.is_host_running("server");
        let mut state = self.shared.borrow_mut();
        let now = state.now;
        if running && state.stopping {
            return state.later(now + STOPPING_US, Event::StartServer);
        }
        if running || state.starts_at.is_some_and(|at| at > now) {
            return;
        }
        (state.starts_at, state.stopping) = (None, false);
        drop(state);
        self.sim.bounce("server");
    }
}

impl super::state::State {
    /// The connection of somebody's program, if its end of it is open.
    fn conn_of(&mut self, who: usize) -> Option<usize> {
        let conn = self.people[who].life.and_then(|life| self.lives[life].conn)?;
        self.conns[conn].end(Way::Up).open.then_some(conn)
    }
}
