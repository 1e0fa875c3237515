//! Who is connected: attachments on their way through the log, takeovers, lost connections and their grace.
//!
//! The log's order settles every race: a session holds once its `Attach` is committed, and whichever came last in the log
//! holds. What happens to a connection meanwhile is this server's alone.

use alloc::string::String;
use alloc::vec::Vec;

use super::conn::{Claim, Conn, Pauses, Stage};
use super::timers::Timer;
use super::{Life, Output, Server};
use crate::chat::Outcome;
use crate::door::AnyDoor;
use crate::fanout::{ConnId, Next};
use crate::limits::{NICK_CHARS_MAX, TEXT_BYTES_MAX, WINDOW};
use crate::protocol::{
    Brief, ClientId, Hello, Here, Intent, Key, Leaving, LogId, Nick, Notice, Parting, Refusal, Reply, Request, Room,
    Seq, Session, Standing, Through, Welcome, WireLimits,
};
use crate::protocol::{FOLD, PROTOCOL};

/// Cursors kept for those who come back without one.
const LEFT_MAX: usize = 10_000;

/// The connection of somebody whose session is held here.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Link {
    /// It stands.
    Up(ConnId),
    /// It is lost; they may come back until their grace ends.
    Down,
}

impl Link {
    pub(super) const fn conn(&self) -> Option<ConnId> {
        match self {
            Self::Up(conn) => Some(*conn),
            Self::Down => None,
        }
    }
}

impl Server {
    pub(super) fn begin(&mut self, entropy: [u8; 16]) {
        self.life = Life::Running;
        if self.chat.log().is_none() {
            let log = LogId::new(entropy);
            self.propose(Intent::Genesis { log, fold: FOLD, limits: self.limits.fold });
        }
        self.origin.epoch = self.chat.epoch(self.origin.node) + 1;
        if self.chat.rules() < FOLD {
            self.propose(Intent::Rules { fold: FOLD, order: self.limits.order });
        }
        self.propose(Intent::Started { node: self.origin.node, epoch: self.origin.epoch });
    }

    pub(super) fn open(
        &mut self,
        conn: ConnId,
        door: Option<Through>,
        peer: String,
        entropy: [u8; 16],
        outputs: &mut Vec<Output>,
    ) {
        let door = door.map(|through| self.new_door(through));
        let state = Conn::new(peer, Key::new(entropy).client(), door, self.now);
        self.conns.insert(conn, state);
        self.fanout.open(conn);
        self.unnamed += 1;
        match self.life {
            Life::Stopping => self.part(conn, Parting::ServerStops, outputs),
            Life::Recovering | Life::Running | Life::NotStoring if self.unnamed > self.limits.unnamed_max => {
                self.part(conn, Parting::Crowded, outputs);
            }
            Life::Recovering | Life::Running | Life::NotStoring => self.schedule(conn),
        }
    }

    /// A door as this start has it.
    pub(super) fn new_door(&self, through: Through) -> AnyDoor {
        let mut door = AnyDoor::new(through);
        if self.gate.password.is_some() {
            door.ask_password();
        }
        door
    }

    /// A native client says who it is.
    pub(super) fn hello(&mut self, conn: ConnId, hello: Hello, outputs: &mut Vec<Output>) {
        let client = hello.key.client();
        let known = self.chat.person(&client).is_some();
        let same_log = hello.log.is_some() && hello.log == self.chat.log();
        if hello.version != PROTOCOL {
            let what = alloc::format!("this server speaks version {PROTOCOL} of the protocol, not {}", hello.version);
            return self.part(conn, Parting::Violation(what.into()), outputs);
        }
        if !self.gate.admits(hello.password.as_ref()) {
            return self.part(conn, Parting::Refused(Refusal::WrongPassword), outputs);
        }
        if same_log && !known {
            return self.part(conn, Parting::Forgotten, outputs);
        }
        if same_log && hello.after > self.chat.head() {
            return self.part(conn, Parting::AheadOfLog { head: self.chat.head() }, outputs);
        }
        self.request_session(conn, client, Claim::Keyed(hello), outputs);
    }

    /// A guest gives a name.
    pub(super) fn name(&mut self, conn: ConnId, nick: Nick, outputs: &mut Vec<Output>) {
        if !self.conns[&conn].admitted && self.gate.password.is_some() {
            return self.part(conn, Parting::Refused(Refusal::WrongPassword), outputs);
        }
        let client = self.conns[&conn].guest;
        self.request_session(conn, client, Claim::Guest(nick), outputs);
    }

    fn request_session(&mut self, conn: ConnId, client: ClientId, claim: Claim, outputs: &mut Vec<Output>) {
        if !self.is_storing() {
            return self.part(conn, Parting::NotStoring, outputs);
        }
        // Whoever may come back has their place kept.
        let reconnects = self.links.contains_key(&client) || (!self.began && self.has_held(&client));
        let held = if self.began { 0 } else { self.chat.online().filter(|(client, _)| self.has_held(client)).count() };
        let full = self.links.len() + self.attaching.len() + held >= self.limits.sessions_max;
        if full && !reconnects && !planted!("sessions_without_limit") {
            let max = u32::try_from(self.limits.sessions_max).unwrap_or(u32::MAX);
            return self.part(conn, Parting::Full { max }, outputs);
        }
        self.propose_attach(conn, client, claim);
        self.pause(conn, |pauses| pauses.window = true, outputs);
    }

    /// Whether somebody's place is kept who held a session of an earlier start, and has yet to come back or to be missed.
    fn has_held(&self, client: &ClientId) -> bool {
        let keyed = |person: &crate::chat::Person| person.is_online() && person.standing == Standing::Keyed;
        !self.links.contains_key(client) && self.chat.person(client).is_some_and(keyed)
    }

    fn propose_attach(&mut self, conn: ConnId, client: ClientId, claim: Claim) {
        self.session_count += 1;
        let session = Session { node: self.origin.node, epoch: self.origin.epoch, count: self.session_count };
        let (nick, standing) = match &claim {
            Claim::Keyed(hello) => (hello.nick.clone(), Standing::Keyed),
            Claim::Guest(nick) => (nick.clone(), Standing::Guest),
        };
        let state = self.conns.get(&conn).expect("whoever asks for a session is connected");
        let door = state.through();
        self.restage(conn, Stage::Attaching { client, session, claim });
        self.attaching.insert(session, conn);
        self.propose(Intent::Attach { client, session, nick, standing, door });
    }

    /// An attachment of this server's came back from the log, and the fold said what it came to. `was` is what they were
    /// called before.
    pub(super) fn attached(
        &mut self,
        client: ClientId,
        session: Session,
        outcome: &Outcome,
        was: Option<Nick>,
        outputs: &mut Vec<Output>,
    ) {
        let Some(conn) = self.attaching.remove(&session) else {
            return; // A second copy: it was proposed again.
        };
        let holds = self.chat.person(&client).and_then(|person| person.session()) == Some(session);
        let attaching = |state: &Conn| matches!(&state.stage, Stage::Attaching { session: of, .. } if *of == session);
        let conn = Some(conn).filter(|conn| self.conns.get(conn).is_some_and(attaching));
        match (conn, outcome) {
            (Some(conn), Outcome::Refused(why)) => self.refuse_session(conn, why.clone(), outputs),
            (Some(conn), _) if holds => self.welcome(conn, client, session, was, outputs),
            (Some(conn), _) => self.attach_again(conn),
            (None, _) if holds => {
                self.replace_link(client, Link::Down, outputs);
                self.lose_link(client, session);
            }
            (None, _) => {}
        }
    }

    /// The fold took the session for a stale one: another is proposed.
    fn attach_again(&mut self, conn: ConnId) {
        if let Some(Stage::Attaching { client, claim, .. }) = self.restage(conn, Stage::Unnamed) {
            self.propose_attach(conn, client, claim);
        }
    }

    fn refuse_session(&mut self, conn: ConnId, why: Refusal, outputs: &mut Vec<Output>) {
        let Some(Stage::Attaching { claim, .. }) = self.restage(conn, Stage::Unnamed) else {
            return;
        };
        let state = self.conns.get_mut(&conn).expect("it was just there");
        state.opened = self.now;
        if let Some(door) = state.door.as_mut() {
            door.ask_name_again();
        }
        let may_try_again = self.conns[&conn].through() != Through::Native;
        match claim {
            Claim::Keyed(_) if !may_try_again => self.part(conn, Parting::Refused(why), outputs),
            Claim::Keyed(_) | Claim::Guest(_) => {
                let said =
                    self.conns.get_mut(&conn).map(|state| core::mem::take(&mut state.backlog)).unwrap_or_default();
                let leaves = said.contains(&Request::Quit);
                let dropped = said.len() - usize::from(leaves);
                if dropped > 0 {
                    self.notify(conn, Notice::LinesDropped(u32::try_from(dropped).unwrap_or(u32::MAX)));
                }
                self.notify(conn, Notice::AskNameAgain(why));
                if leaves {
                    return self.part(conn, Parting::Quit, outputs);
                }
                self.unpause(conn, |pauses| pauses.window = false, outputs);
                self.go_on(conn, outputs);
                self.schedule(conn);
            }
        }
    }

    fn welcome(
        &mut self,
        conn: ConnId,
        client: ClientId,
        session: Session,
        was: Option<Nick>,
        outputs: &mut Vec<Output>,
    ) {
        self.replace_link(client, Link::Up(conn), outputs);
        let attached = Stage::Attached { client, session };
        let Some(Stage::Attaching { claim, .. }) = self.restage(conn, attached) else {
            return;
        };
        let state = self.conns.get_mut(&conn).expect("it was just there");
        (state.heard, state.asked) = (self.now, self.now);
        let (vocabulary, is_irc) = (state.vocabulary(), state.through() == Through::Irc);
        self.departed.call(client, state.real_name.clone());
        let person = self.chat.person(&client).expect("whoever holds a session is known");
        let rooms: Vec<Room> = person.rooms.keys().cloned().collect();
        let you = person.nick.clone();
        let after = match &claim {
            Claim::Keyed(hello) if hello.log == self.chat.log() && was.is_none() => {
                return self.part(conn, Parting::Forgotten, outputs); // Since they said hello.
            }
            Claim::Keyed(hello) if hello.log == self.chat.log() && planted!("resume_skips_one") => {
                hello.after.next().min(self.chat.head())
            }
            Claim::Keyed(hello) if hello.log == self.chat.log() => hello.after,
            Claim::Keyed(_) if was.is_some() && is_irc && planted!("missed_from_the_head") => self.chat.head(),
            Claim::Keyed(_) if was.is_some() && is_irc => {
                let left_at = self.left_at.remove(&client);
                left_at.unwrap_or_else(|| self.chat.person(&client).map_or(Seq(0), |person| person.last_accepted()))
            }
            Claim::Keyed(_) if was.is_some() => Seq(0),
            Claim::Keyed(_) | Claim::Guest(_) => self.chat.head(), // Somebody new.
        };
        if let Some(state) = self.conns.get_mut(&conn) {
            state.sent_when_heard = after;
        }
        let welcome = Reply::Welcome(self.compose_welcome(client).into());
        let bytes = self.encode(conn, &welcome);
        self.fanout.greet(conn, bytes, &mut self.ready);
        if is_irc && !planted!("rooms_not_told") {
            self.greet_in_rooms(conn, client, &rooms);
        }
        if let Next::Load { after } = self.fanout.attach(conn, client, vocabulary, after, rooms) {
            self.load_on(conn, after, outputs);
        }
        if let Some(was) = was.filter(|was| *was != you) {
            self.notify(conn, Notice::Renamed { was, you });
        }
        self.go_on(conn, outputs);
        self.unpause(conn, |pauses| pauses.window = false, outputs);
        self.schedule(conn);
    }

    fn compose_welcome(&self, client: ClientId) -> Welcome {
        let person = self.chat.person(&client).expect("whoever is welcomed is known");
        let (here, more) = self.roster();
        let limit = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        Welcome {
            log: self.chat.log().expect("a log begins with its id"),
            you: person.nick.clone(),
            hue: person.hue,
            head: self.chat.head(),
            last: person.last,
            rooms: person.rooms.keys().cloned().collect(),
            here,
            more,
            limits: WireLimits {
                text_bytes: limit(TEXT_BYTES_MAX),
                nick_chars: limit(NICK_CHARS_MAX),
                window: u32::try_from(WINDOW).unwrap_or(u32::MAX),
                heartbeat_ms: self.limits.heartbeat_ms,
                idle_ms: self.limits.idle_ms,
            },
        }
    }

    /// Who is here, at most [`Limits::roster_max`](crate::limits::Limits::roster_max), and how many more.
    pub(super) fn roster(&self) -> (Vec<Here>, u32) {
        let online = self.chat.online();
        let more = u32::try_from(online.len().saturating_sub(self.limits.roster_max)).unwrap_or(u32::MAX);
        let mut people: Vec<Here> = online.take(self.limits.roster_max).map(|(client, _)| self.here(client)).collect();
        people.sort_by_cached_key(|here| here.nick.as_str().to_lowercase());
        (people, more)
    }

    /// Makes this the link of somebody whose session is held here; an earlier connection is told that it was taken over.
    fn replace_link(&mut self, client: ClientId, link: Link, outputs: &mut Vec<Output>) {
        self.timers.disarm_grace(client);
        if let Some(Link::Up(older)) = self.links.insert(client, link)
            && link.conn() != Some(older)
            && !planted!("taken_over_stays")
        {
            if !planted!("taken_over_unnoted") {
                self.note_sent(older, client);
            }
            self.say_last(older, Parting::TakenOver);
            self.shut(older, outputs);
        }
    }

    /// A connection is not somebody's any more. Its person may come back, unless they are a guest.
    pub(super) fn unlink(&mut self, conn: ConnId) {
        let Some(state) = self.conns.get(&conn) else { return };
        if let Stage::Attached { client, session } = state.stage
            && self.links.get(&client) == Some(&Link::Up(conn))
        {
            self.note_sent(conn, client);
            self.links.insert(client, Link::Down);
            self.lose_link(client, session);
        }
    }

    /// Somebody has no connection: a guest departs at once, others have their grace.
    fn lose_link(&mut self, client: ClientId, session: Session) {
        match self.chat.person(&client).map(|person| person.standing) {
            Some(Standing::Keyed) => {
                let grace_ms = if planted!("no_grace") { 1 } else { self.limits.grace_ms };
                self.timers.arm_grace(client, self.now.plus_ms(grace_ms));
            }
            Some(Standing::Guest) if planted!("guest_never_departs") => {}
            Some(Standing::Guest) => {
                self.links.remove(&client);
                self.propose(Intent::Depart { client, session, why: Leaving::Lost });
            }
            None => {
                self.links.remove(&client);
            }
        }
    }

    pub(super) fn end_grace(&mut self, client: ClientId) {
        if self.links.get(&client) != Some(&Link::Down) || planted!("endless_grace") {
            return;
        }
        self.links.remove(&client);
        if let Some(session) = self.chat.person(&client).and_then(|person| person.session()) {
            self.propose(Intent::Depart { client, session, why: Leaving::Lost });
        }
    }

    /// A goodbye, after all that was asked before it was answered.
    pub(super) fn quit(&mut self, conn: ConnId, outputs: &mut Vec<Output>) {
        if let Some(Stage::Attached { client, session }) = self.conns.get(&conn).map(|state| state.stage.clone())
            && self.links.get(&client) == Some(&Link::Up(conn))
        {
            self.note_sent(conn, client);
            self.links.remove(&client);
            self.propose(Intent::Depart { client, session, why: Leaving::Quit });
        }
        self.part(conn, Parting::Quit, outputs);
    }

    /// Keeps in mind what somebody was sent who cannot say so when they come back, as far as it can be known to have come.
    fn note_sent(&mut self, conn: ConnId, client: ClientId) {
        let keyed = self.chat.person(&client).is_some_and(|person| person.standing == Standing::Keyed);
        if let Some(state) = self.conns.get(&conn).filter(|state| keyed && state.through() == Through::Irc) {
            self.left_at.insert(client, state.sent_when_heard);
            if self.left_at.len() > LEFT_MAX {
                self.left_at.pop_first(); // They read on from the last they said.
            }
        }
    }

    /// The server began an epoch: whoever held a session of an earlier one is gone (guests) or detached (the others).
    pub(super) fn detach_all(&mut self) {
        self.began = true;
        let earlier = |session: Session| session.node == self.origin.node && session.epoch < self.origin.epoch;
        let held = self.chat.online().filter_map(|(client, person)| {
            let session = person.session().filter(|session| earlier(*session))?;
            Some((*client, session))
        });
        let held: Vec<(ClientId, Session)> = held.collect();
        for (client, session) in held {
            self.links.insert(client, Link::Down);
            self.lose_link(client, session);
        }
    }

    /// A server operator ended somebody's connection: they depart, wherever they are in their grace.
    pub(super) fn kill(&mut self, client: ClientId, by: Nick, reason: Option<Brief>, outputs: &mut Vec<Output>) {
        let Some(link) = self.links.remove(&client) else { return };
        self.timers.disarm_grace(client);
        if let Some(session) = self.chat.person(&client).and_then(|person| person.session()) {
            self.propose(Intent::Depart { client, session, why: Leaving::Killed });
        }
        if let Link::Up(conn) = link {
            self.say_last(conn, Parting::Killed { by, reason });
            self.shut(conn, outputs);
        }
    }

    /// A connection is gone.
    pub(super) fn forget_connection(&mut self, conn: ConnId) {
        self.unlink(conn);
        self.restage(conn, Stage::Closing);
        self.fanout.close(conn);
        self.watchers.forget(conn);
        self.lagging.remove(&conn);
        self.loads_waiting.retain(|(waiting, _)| *waiting != conn);
        if let Some(state) = self.conns.remove(&conn)
            && let Some(at) = state.timer
        {
            self.timers.set.remove(&(at, Timer::Conn(conn)));
        }
    }

    /// Takes note of a reason not to read a connection.
    pub(super) fn pause(&mut self, conn: ConnId, change: impl FnOnce(&mut Pauses), outputs: &mut Vec<Output>) {
        if let Some(state) = self.conns.get_mut(&conn) {
            change(&mut state.pauses);
            self.tell_pauses(conn, outputs);
        }
    }

    /// Takes back a reason not to read a connection. If none is left, what it said before is taken in first.
    pub(super) fn unpause(&mut self, conn: ConnId, change: impl FnOnce(&mut Pauses), outputs: &mut Vec<Output>) {
        let Some(state) = self.conns.get_mut(&conn) else { return };
        change(&mut state.pauses);
        self.take_in_backlog(conn, outputs);
        self.tell_pauses(conn, outputs);
    }

    fn tell_pauses(&mut self, conn: ConnId, outputs: &mut Vec<Output>) {
        let Some(state) = self.conns.get_mut(&conn) else { return };
        let paused = state.pauses.any();
        if core::mem::replace(&mut state.paused, paused) == paused {
            return;
        }
        if paused {
            outputs.push(Output::Pause { conn });
        } else {
            state.heard = self.now;
            outputs.push(Output::Resume { conn });
            self.schedule(conn);
        }
    }
}
