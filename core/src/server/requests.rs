//! What people ask: read from their connections, numbered, given to the log or answered from memory.

use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::conn::{Conn, Stage, Waiting};
use super::pace::is_free;
use super::{Output, Server, not_served};
use crate::chat::{Outcome, Verdict, notes};
use crate::door::sniff::{Sniffed, sniff};
use crate::door::{AnyDoor, Violation};
use crate::fanout::ConnId;
use crate::limits::WINDOW;
use crate::protocol::{
    Ask, ClientId, Entry, Intent, Notice, Parting, Read, Refusal, Reply, Request, RequestId, Seen, Seq, Through,
    hash_ask,
};

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
            Stage::Closing | Stage::Leaving { .. } | Stage::Attaching { .. } => {}
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
            Request::Hide(_) | Request::Signal { .. } => {}
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
            Request::Hide(hidden) => self.hide(conn, hidden),
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
        let seen = self.fanout.seen(conn);
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
    pub(super) fn last_asked(&self, client: ClientId) -> RequestId {
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
