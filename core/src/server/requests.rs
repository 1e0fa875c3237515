//! What people ask: read, numbered, given to the log, or looked up.

use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::conn::{Conn, Queued, Stage, Waiting};
use super::{Output, Server, not_served};
use crate::chat::{Outcome, Verdict, notes};
use crate::door::sniff::{Sniffed, sniff};
use crate::door::{AnyDoor, Violation};
use crate::fanout::ConnId;
use crate::history::{Found, Query};
use crate::limits::WINDOW;
use crate::protocol::{
    Ask, ClientId, Entry, Intent, Notice, Page, Parting, Read, Refusal, Reply, Request, RequestId, Seen, Seq, Through,
    hash_ask,
};
use crate::time::Timestamp;

/// Entries a page of a room's history has at most.
pub(super) const PAGE_ENTRIES_MAX: u32 = 200;

/// Whether a connection's door is known.
enum Opened {
    /// It was.
    Before,
    /// It is: this is all that was said so far.
    Now(Vec<u8>),
    /// Its first bytes do not tell.
    NotYet,
    /// It is none of the machine's: this is all that was said so far.
    Elsewhere(Vec<u8>),
}

impl Server {
    pub(super) fn receive(&mut self, conn: ConnId, bytes: &[u8], outputs: &mut Vec<Output>) {
        let Some(state) = self.conns.get_mut(&conn) else { return };
        if state.stage == Stage::Closing {
            return;
        }
        (state.heard, state.pinged) = (self.now, false);
        if state.through() == Through::Irc {
            state.sent_when_heard = state.sent_when_heard.max(self.fanout.sent_whole(conn));
        }
        let mut requests = Vec::new();
        let decoded = match self.open_door(conn, bytes) {
            Ok(Opened::Now(first)) => self.decode(conn, &first, &mut requests),
            Ok(Opened::Before) => self.decode(conn, bytes, &mut requests),
            Ok(Opened::NotYet) => Ok(()),
            Ok(Opened::Elsewhere(first)) => {
                self.forget_connection(conn);
                return outputs.push(Output::HandOver { conn, first });
            }
            Err(violation) => Err(violation),
        };
        for request in requests {
            self.take_in(conn, request, outputs);
        }
        if let Err(Violation(what)) = decoded {
            self.part(conn, Parting::Violation(what), outputs);
        }
        self.schedule(conn);
    }

    fn decode(&mut self, conn: ConnId, bytes: &[u8], requests: &mut Vec<Request>) -> Result<(), Violation> {
        let door = self.conns.get_mut(&conn).and_then(|state| state.door.as_mut());
        door.map_or(Ok(()), |door| door.decode(bytes, requests))
    }

    /// Takes in what was said while it was being decided who is there.
    pub(super) fn go_on(&mut self, conn: ConnId, outputs: &mut Vec<Output>) {
        let mut requests = Vec::new();
        if let Some(door) = self.conns.get_mut(&conn).and_then(|state| state.door.as_mut()) {
            door.go_on(&mut requests);
        }
        for request in requests {
            self.take_in(conn, request, outputs);
        }
    }

    /// Finds out which door a connection came through, if that is not known.
    fn open_door(&mut self, conn: ConnId, bytes: &[u8]) -> Result<Opened, Violation> {
        let state = self.conns.get_mut(&conn).expect("whoever is heard is connected");
        if state.door.is_some() {
            return Ok(Opened::Before);
        }
        state.first.extend_from_slice(bytes);
        let through = match sniff(&state.first) {
            Sniffed::Undecided => return Ok(Opened::NotYet),
            Sniffed::Native => Through::Native,
            Sniffed::Text => Through::Text,
            Sniffed::Irc => Through::Irc,
            Sniffed::Http => return Ok(Opened::Elsewhere(core::mem::take(&mut state.first))),
            Sniffed::Tls => return Err(Violation(not_served("TLS"))),
        };
        let greeted = state.greeted;
        let first = core::mem::take(&mut state.first);
        let door = self.new_door(through);
        self.conns.get_mut(&conn).expect("it was just there").door = Some(door);
        if greeted && through == Through::Irc {
            self.fanout.answer(conn, b"\r\n".to_vec(), &mut self.ready); // The greeting was a line of nobody's.
        }
        Ok(Opened::Now(first))
    }

    /// The peer will say nothing more: people at a terminal go once they are answered, a program's connection is lost.
    pub(super) fn finish(&mut self, conn: ConnId, outputs: &mut Vec<Output>) {
        if self.conns.get(&conn).and_then(|state| state.door.as_ref()).is_some_and(AnyDoor::has_unended_line) {
            self.receive(conn, b"\n", outputs); // The last line counts, ended or not.
        }
        let through = self.conns.get(&conn).map(Conn::through);
        match (through, self.conns.get(&conn).map(|state| &state.stage)) {
            (Some(Through::Text | Through::Irc), Some(Stage::Attached { .. } | Stage::Attaching { .. })) => {
                self.take_in(conn, Request::Quit, outputs);
            }
            (Some(_), Some(_)) => self.close(conn, outputs),
            (None, _) | (_, None) => {}
        }
    }

    /// Takes a request in, unless there is a reason not to read its connection, or it has others that wait.
    fn take_in(&mut self, conn: ConnId, request: Request, outputs: &mut Vec<Output>) {
        let full = self.full.contains(&conn);
        match self.conns.get_mut(&conn) {
            Some(state) if full || state.pauses.any() || !state.backlog.is_empty() => state.backlog.push_back(request),
            Some(_) => self.request(conn, request, outputs),
            None => {}
        }
    }

    /// Takes in what waited, until there is a reason to wait again.
    pub(super) fn take_in_backlog(&mut self, conn: ConnId, outputs: &mut Vec<Output>) {
        while !self.full.contains(&conn)
            && let Some(state) = self.conns.get_mut(&conn)
            && !state.pauses.any()
            && let Some(request) = state.backlog.pop_front()
        {
            self.request(conn, request, outputs);
        }
    }

    fn request(&mut self, conn: ConnId, request: Request, outputs: &mut Vec<Output>) {
        let Some(state) = self.conns.get_mut(&conn) else { return };
        match &mut state.stage {
            Stage::Closing | Stage::Attaching { .. } => {}
            Stage::Unnamed => self.first_request(conn, request, outputs),
            Stage::Attached { client, .. } => {
                let client = *client;
                state.asked = self.now;
                if state.through() != Through::Irc || !is_free(&request) {
                    self.count_request(conn, outputs);
                }
                self.further_request(conn, client, request, outputs);
            }
        }
    }

    fn first_request(&mut self, conn: ConnId, request: Request, outputs: &mut Vec<Output>) {
        match request {
            Request::Hello(hello) => self.hello(conn, hello, outputs),
            Request::Password(password) => self.password(conn, &password, outputs),
            Request::Name(Ok(nick)) => self.name(conn, nick, outputs),
            Request::Name(Err(unclean)) => self.notify(conn, Notice::AskNameAgain(unclean.into())),
            Request::Remark(notice) => self.notify(conn, notice),
            Request::Quit => self.part(conn, Parting::Quit, outputs),
            Request::Ping => self.pong(conn),
            Request::Away(why) => self.describe(conn, why, None),
            Request::RealName(name) => self.describe(conn, None, Some(name)),
            Request::Signal { .. } => {}
            Request::Read { reference, read: Read::Barrier } => self.reached(conn, reference),
            Request::Numbered { .. } | Request::Plain(_) | Request::Read { .. } | Request::Oper { .. } => {
                self.part(
                    conn,
                    Parting::Violation("say hello first: nothing is asked before the welcome".into()),
                    outputs,
                );
            }
        }
    }

    fn further_request(&mut self, conn: ConnId, client: ClientId, request: Request, outputs: &mut Vec<Output>) {
        match request {
            Request::Numbered { n, seen, ask } => self.numbered(conn, client, n, seen, ask, outputs),
            Request::Plain(ask) => self.plain(conn, client, ask, outputs),
            Request::Read { reference, read } => self.enqueue(conn, client, Waiting::Read { reference, read }, outputs),
            Request::Oper { reference, name, password } => self.oper(conn, client, reference, &name, &password),
            Request::Signal { to, tags } => self.enqueue(conn, client, Waiting::Signal { to, tags }, outputs),
            Request::Password(_) => {} // They are in.
            Request::Quit => self.enqueue(conn, client, Waiting::Quit, outputs),
            Request::Ping => self.pong(conn),
            Request::Remark(notice) => self.notify(conn, notice),
            Request::Away(why) => self.describe(conn, why, None),
            Request::RealName(name) => self.describe(conn, None, Some(name)),
            Request::Hello(_) | Request::Name(_) => {
                self.part(conn, Parting::Violation("hello is said once on a connection".into()), outputs);
            }
        }
    }

    fn numbered(
        &mut self,
        conn: ConnId,
        client: ClientId,
        n: RequestId,
        seen: Seq,
        ask: Ask,
        outputs: &mut Vec<Output>,
    ) {
        let decided = self.chat.person(&client).map_or(RequestId(0), |person| person.last);
        let expected = self.proposals.last(client).unwrap_or(decided).max(decided).next();
        if n < expected {
            let hash = hash_ask(&ask);
            if let Some(outcome) = self.chat.recall(&client, n, hash) {
                return self.answer_again(conn, n, outcome);
            }
            if let Some(proposed) = self.proposals.hash(client, n) {
                if proposed != hash {
                    if let Some(state) = self.conns.get_mut(&conn) {
                        state.answered_early.insert(n);
                    }
                    return self.answer(conn, &Reply::Refused { n: Some(n), why: Refusal::NumberUsed });
                }
                return self.note_asked(conn, n); // Answered when it comes back.
            }
        }
        if !self.is_storing() {
            return; // They were told; it stays in their outbox.
        }
        if n != expected || n.0 >= self.oldest_unanswered(conn, decided).0 + WINDOW {
            let what =
                format!("request {n} is out of turn: the next is {expected}, at most {WINDOW} may be unanswered");
            return self.part(conn, Parting::Violation(what.into()), outputs);
        }
        if planted!("void_not_logged") && matches!(ask, Ask::Void { .. }) {
            return self.answer(conn, &Reply::Refused { n: Some(n), why: Refusal::OnlyYourself });
        }
        let seen = seen.min(self.chat.head());
        if let Some(state) = self.conns.get_mut(&conn) {
            state.first_asked.get_or_insert(n);
        }
        self.note_asked(conn, n);
        let ask = if let Ask::Unlock { room, .. } = &ask
            && planted!("key_left_out")
            && self.chat.room(room).is_none()
            && self.proposals.last(client).is_none()
        {
            Ask::Join { room: room.clone() }
        } else {
            ask
        };
        self.propose(Intent::Ask { client, n, seen, ask });
        self.pause_if_log_lags(conn, outputs);
    }

    /// The oldest request of a connection's that is not answered, as its peer knows it: above what is decided, and above
    /// what was refused before it was, because the number is another program's.
    fn oldest_unanswered(&mut self, conn: ConnId, decided: RequestId) -> RequestId {
        let mut oldest = decided.next();
        if let Some(state) = self.conns.get_mut(&conn) {
            state.answered_early.retain(|n| *n > decided);
            while state.answered_early.contains(&oldest) {
                oldest = oldest.next();
            }
        }
        oldest
    }

    fn note_asked(&mut self, conn: ConnId, n: RequestId) {
        if let Some(state) = self.conns.get_mut(&conn) {
            state.last_asked = state.last_asked.max(n);
        }
    }

    /// A request that was decided before: the same answer again.
    fn answer_again(&mut self, conn: ConnId, n: RequestId, outcome: Outcome) {
        let reply = match outcome {
            Outcome::Duplicate(Some(Verdict::Accepted { seq, at, notes })) => {
                Reply::Accepted { n, seq, at, notes, entry: None }
            }
            Outcome::Duplicate(Some(Verdict::Refused(why))) => Reply::Refused { n: Some(n), why },
            Outcome::Duplicate(None) | Outcome::Fact(_) | Outcome::Refused(_) | Outcome::Gap | Outcome::Silent => {
                Reply::Refused { n: Some(n), why: Refusal::OutcomeUnknown }
            }
        };
        self.answer(conn, &reply);
    }

    /// A guest's request: numbered here, and what they have seen is what they were sent.
    fn plain(&mut self, conn: ConnId, client: ClientId, ask: Ask, outputs: &mut Vec<Output>) {
        if !self.is_storing() {
            self.number(conn, None);
            return self.notify(conn, Notice::NotStoring);
        }
        let n = self.last_asked(client).next();
        self.number(conn, Some(n));
        let seen = self.fanout.cursor(conn);
        self.propose(Intent::Ask { client, n, seen, ask });
        self.pause_if_log_lags(conn, outputs);
        let decided = self.chat.person(&client).map_or(RequestId(0), |person| person.last);
        if n.0 >= decided.0 + WINDOW {
            self.pause(conn, |pauses| pauses.window = true, outputs);
        }
    }

    /// Tells a door which number its oldest request got that had none.
    fn number(&mut self, conn: ConnId, n: Option<RequestId>) {
        if let Some(door) = self.conns.get_mut(&conn).and_then(|state| state.door.as_mut()) {
            door.numbered(n);
        }
        if let Some(n) = n {
            self.note_asked(conn, n);
        }
    }

    /// The last request of a client, decided or on its way.
    fn last_asked(&self, client: ClientId) -> RequestId {
        let decided = self.chat.person(&client).map_or(RequestId(0), |person| person.last);
        self.proposals.last(client).unwrap_or(decided).max(decided)
    }

    fn pong(&mut self, conn: ConnId) {
        let Some(state) = self.conns.get_mut(&conn) else { return };
        if !core::mem::replace(&mut state.pong, true) {
            let head = self.chat.head();
            if planted!("pong_overtakes") {
                let bytes = self.encode(conn, &Reply::Pong { head });
                return self.fanout.greet(conn, bytes, &mut self.ready);
            }
            self.answer(conn, &Reply::Pong { head });
        }
    }

    fn enqueue(&mut self, conn: ConnId, client: ClientId, what: Waiting, outputs: &mut Vec<Output>) {
        let after = self.last_asked(client);
        let Some(state) = self.conns.get_mut(&conn) else { return };
        state.queue.push_back(Queued { after, what });
        if state.queue.len() >= self.limits.reads_max && !planted!("answers_without_limit") {
            self.pause(conn, |pauses| pauses.lane = true, outputs);
        }
        self.serve_queue(conn, client, outputs);
    }

    /// Answers what waited for requests that are answered.
    pub(super) fn serve_queue(&mut self, conn: ConnId, client: ClientId, outputs: &mut Vec<Output>) {
        // Once nothing is stored any more, what waits for a decision waits no longer: there will be none.
        let decided = self.chat.person(&client).map(|person| person.last).filter(|_| self.is_storing());
        while (self.fanout.answers_bytes(conn) <= self.limits.answers_bytes_max || planted!("answers_without_limit"))
            && let Some(state) = self.conns.get_mut(&conn)
            && !state.reading
            && let Some(queued) = state.queue.pop_front_if(|queued| decided.is_none_or(|last| queued.after <= last))
        {
            match queued.what {
                Waiting::Quit => return self.quit(conn, outputs),
                Waiting::Signal { to, tags } => self.signal(conn, client, to, tags),
                Waiting::Read { reference, read } => self.read(conn, client, reference, read, outputs),
            }
        }
    }

    fn read(&mut self, conn: ConnId, client: ClientId, reference: u64, read: Read, outputs: &mut Vec<Output>) {
        match read {
            Read::Who => {
                let (people, more) = self.roster();
                self.answer(conn, &Reply::Who { reference, people, more });
            }
            Read::Rooms => {
                let (rooms, more) = self.rooms_for(&client);
                self.answer(conn, &Reply::Rooms { reference, rooms, more });
            }
            Read::Room { room } => match self.room_for(&client, &room) {
                Ok(room) => self.answer(conn, &Reply::Room { reference, room: room.into() }),
                Err(why) => self.answer(conn, &Reply::Denied { reference, why }),
            },
            Read::History { room, before, limit } => {
                if let Err(why) = self.chat.may_read(&client, &room) {
                    return self.answer(conn, &Reply::Denied { reference, why });
                }
                let limit = limit.clamp(1, PAGE_ENTRIES_MAX) as usize;
                let bytes_max = self.limits.page_bytes_max;
                self.read_history(conn, Query::Room { reference, room, before, limit, bytes_max }, outputs);
            }
            Read::Talk { with, span, limit } => self.read_talk(conn, reference, &with, span, limit, outputs),
            Read::Talkers { from, to, limit } => self.read_talkers(conn, reference, (from, to), limit, outputs),
            Read::Barrier => {
                self.reached(conn, reference);
                self.speak(conn, outputs);
            }
            Read::Members { room } => self.read_members(conn, &client, reference, &room),
            Read::People { nicks } => self.read_people(conn, &client, reference, Some(&nicks)),
            Read::Was { nick } => self.read_was(conn, reference, &nick),
            Read::Watch { on, off } => self.watch(conn, &client, reference, &on, &off),
            Read::Everyone => self.read_people(conn, &client, reference, None),
        }
    }

    /// History answered.
    pub(super) fn loaded(&mut self, conn: ConnId, query: &Query, found: Option<Found>, outputs: &mut Vec<Output>) {
        self.loads -= 1;
        if let Some((waiting, query)) = self.loads_waiting.pop_front() {
            self.load(waiting, query, outputs);
        }
        let Some(client) = self.conns.get(&conn).and_then(Conn::client) else { return };
        match (found, query) {
            (None, Query::Resume { .. }) => self.part(conn, Parting::Unreadable, outputs),
            (None, Query::Room { .. } | Query::Talk { .. } | Query::Talkers { .. }) => {
                self.notify(conn, Notice::Unreadable);
                self.end_reading(conn, client, outputs);
            }
            (Some(found), Query::Resume { .. }) => self.read_on(conn, client, &found, outputs),
            (Some(found), Query::Room { reference, room, .. }) => {
                let entries = found.entries.iter().map(|entry| Arc::new(Seen::from(&**entry))).collect();
                let page = Page { room: room.clone(), entries, more: found.more };
                self.answer(conn, &Reply::Page { reference: *reference, page });
                self.end_reading(conn, client, outputs);
            }
            (Some(found), Query::Talk { reference, .. } | Query::Talkers { reference, .. }) => {
                let reply = Reply::Talk { reference: *reference, who: client, entries: found.entries };
                self.answer(conn, &reply);
                self.end_reading(conn, client, outputs);
            }
        }
    }

    pub(super) fn end_reading(&mut self, conn: ConnId, client: ClientId, outputs: &mut Vec<Output>) {
        if let Some(state) = self.conns.get_mut(&conn) {
            state.reading = false;
        }
        self.serve_queue(conn, client, outputs);
    }

    /// A page of what a connection has yet to see: its own entries are its acceptances.
    fn read_on(&mut self, conn: ConnId, client: ClientId, found: &Found, outputs: &mut Vec<Output>) {
        let missed = found.missed.map(|(from, to)| (to, self.encode(conn, &Reply::Missed { from, to })));
        let entries = found.entries.iter().map(|entry| (entry.seq, self.encode_entry(conn, client, entry, true)));
        let mut page: Vec<(Seq, Vec<u8>)> = missed.into_iter().chain(entries).collect();
        if let Some(AnyDoor::Irc(door)) = self.conns.get_mut(&conn).and_then(|state| state.door.as_mut())
            && let Some((_, last)) = page.iter_mut().rfind(|(_, bytes)| !bytes.is_empty())
        {
            door.end_page(last);
        }
        match self.fanout.loaded(conn, page, found.through, &mut self.ready) {
            crate::fanout::Next::Nothing => {}
            crate::fanout::Next::Load { after } => self.load_on(conn, after, outputs),
        }
    }

    /// Counts a request against the connection's rate: too fast, and it is read more slowly.
    fn count_request(&mut self, conn: ConnId, outputs: &mut Vec<Output>) {
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

    fn pause_if_log_lags(&mut self, conn: ConnId, outputs: &mut Vec<Output>) {
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
const fn is_free(request: &Request) -> bool {
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
        | Request::RealName(_) => false,
    }
}

/// How `client` is told of an entry: its own as an acceptance, and nothing of its own comings and goings. The acceptance
/// carries the entry where its author may not have it: on resume, and at doors that keep nothing.
pub(super) fn told(client: ClientId, entry: &Entry, with_entry: bool) -> Option<Reply> {
    let seen = || Arc::new(Seen::from(entry));
    if entry.by != client {
        return Some(Reply::Saw(seen()));
    }
    let accepted = || Reply::Accepted {
        n: entry.n,
        seq: entry.seq,
        at: entry.at,
        notes: notes(entry),
        entry: with_entry.then(seen),
    };
    (entry.n > RequestId(0)).then(accepted)
}
