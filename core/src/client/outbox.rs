//! What was asked and has no answer.

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::{
    Ask, Client, News, Notes, OUTBOX_MAX, Output, Pending, Refusal, RequestId, Seen, Seq, WINDOW, WallTime, peer,
};
use crate::protocol::{Place, Sight, Target};

impl Client {
    pub(super) fn ask(&mut self, ask: Ask, reference: Option<Box<str>>, outputs: &mut Vec<Output>) {
        let (ask, reference) = (Arc::new(ask), reference.map(Arc::from));
        if self.memory.outbox.len() >= OUTBOX_MAX {
            let why = Refusal::OutboxFull(u32::try_from(OUTBOX_MAX).expect("a small number"));
            return show_refusal(Some(ask), reference, &why, outputs);
        }
        // Names are meant as the transcript, or the roster where that is newer, shows them.
        let (line, seen) = (self.memory.next_line, self.memory.cursor.max(self.roster));
        self.memory.next_line += 1;
        let pending = Pending { line, n: None, seen, ask, reference, sent: false };
        outputs.push(Output::Show(News::Waiting(pending.clone())));
        self.memory.outbox.push_back(pending);
        self.must_remember = !planted!("outbox_not_remembered");
        self.send_outbox();
    }

    /// Sends what was not sent on this connection, in order, as far as the window allows. What has no number gets one.
    pub(super) fn send_outbox(&mut self) {
        if !self.link.is_online() {
            return;
        }
        let oldest = self.memory.outbox.iter().filter_map(|pending| pending.n).min();
        let window_end = oldest.unwrap_or(self.memory.next).0 + WINDOW;
        // What was numbered is sent by number: a renumbered request stands before younger ones.
        let mut order: Vec<usize> = (0..self.memory.outbox.len()).collect();
        order.sort_by_key(|i| (self.memory.outbox[*i].n.unwrap_or(RequestId(u64::MAX)), *i));
        if planted!("outbox_from_its_end") {
            order.reverse();
        }
        for i in order {
            let n = self.memory.outbox[i].n.unwrap_or(self.memory.next);
            if n.0 >= window_end {
                break;
            }
            let pending = &mut self.memory.outbox[i];
            if pending.n.is_none() {
                pending.n = Some(n);
                self.memory.next = n.next();
                self.must_remember = !planted!("outbox_not_remembered");
            }
            if !core::mem::replace(&mut pending.sent, true) {
                peer::encode_ask(n, pending.seen, &pending.ask, &mut self.wire);
            }
        }
    }

    pub(super) fn accepted(
        &mut self,
        n: RequestId,
        seq: Seq,
        at: WallTime,
        notes: Notes,
        entry: Option<Arc<Seen>>,
        outputs: &mut Vec<Output>,
    ) {
        if entry.as_deref().is_some_and(|seen| !self.asked_for(n, seen)) {
            self.renumber(Some(n)); // Another program with this key has used the number: it is not this one's answer.
        }
        let pending = self.take(n);
        self.skip_used(n);
        let known = pending.is_none() && (seq <= self.memory.cursor || entry.is_none());
        self.move_cursor(seq);
        if !known {
            outputs.push(Output::Show(News::Accepted { pending, seq, at, notes, entry }));
        }
        self.send_outbox();
        self.quit_if_done();
    }

    pub(super) fn refused(&mut self, n: Option<RequestId>, code: Box<str>, why: Box<str>, outputs: &mut Vec<Output>) {
        if &*code == Refusal::NumberUsed.code() {
            self.renumber(n);
            return self.send_outbox();
        }
        if &*code == "nick_moved" {
            peer::encode_ping(&mut self.wire); // The pong tells how much there is to have seen, for when it is said again.
        }
        let pending = n.and_then(|n| self.take(n));
        n.into_iter().for_each(|n| self.skip_used(n));
        if pending.is_some() || n.is_none() {
            let (ask, reference) = pending.map_or((None, None), |pending| (Some(pending.ask), pending.reference));
            outputs.push(Output::Show(News::Refused { ask, reference, code, why }));
        }
        self.send_outbox();
        self.quit_if_done();
    }

    /// A number that another program with this key has used is not this one's to use.
    fn skip_used(&mut self, n: RequestId) {
        if n >= self.memory.next {
            self.memory.next = n.next();
            self.must_remember = true;
        }
    }

    /// A number stood for another request, of a life this memory does not know: it is asked under a new one.
    fn renumber(&mut self, n: Option<RequestId>) {
        for pending in self.memory.outbox.iter_mut().filter(|pending| n.is_some() && pending.n == n) {
            (pending.n, pending.sent) = (None, false);
            self.must_remember = true;
        }
    }

    /// The server knows this client no more: what was sent may or may not have been accepted.
    pub(super) fn forgotten(&mut self, outputs: &mut Vec<Output>) {
        let (sent, unsent): (Vec<Pending>, Vec<Pending>) =
            core::mem::take(&mut self.memory.outbox).into_iter().partition(|pending| pending.n.is_some());
        for pending in sent {
            show_refusal(Some(pending.ask), pending.reference, &Refusal::OutcomeUnknown, outputs);
        }
        self.memory.outbox = unsent.into();
        self.memory.key = self.memory.key.successor();
        (self.memory.log, self.memory.cursor, self.memory.next) = (None, Seq(0), RequestId(1));
        self.roster = Seq(0);
        self.must_remember = true;
    }

    /// Whether an entry is what was asked under a number, if anything was.
    fn asked_for(&self, n: RequestId, seen: &Seen) -> bool {
        let pending = self.memory.outbox.iter().find(|pending| pending.n == Some(n));
        pending.is_none_or(|pending| is_of(&pending.ask, &seen.sight))
    }

    fn take(&mut self, n: RequestId) -> Option<Pending> {
        let place = self.memory.outbox.iter().position(|pending| pending.n == Some(n))?;
        self.remember_soon();
        self.memory.outbox.remove(place)
    }
}

/// Whether an entry can be what a request came to. Of the people it names some may be unknown, and are not in the entry.
fn is_of(ask: &Ask, sight: &Sight) -> bool {
    match (ask, sight) {
        (
            Ask::Say { to, text, manner } | Ask::SayWith { to, text, manner, .. },
            Sight::Said { place, text: said, manner: as_said },
        ) => {
            let there = match (to, place) {
                (Target::Room(room), Place::Room(said_in)) => room == said_in,
                (Target::People(asked), Place::Private(told)) => {
                    told.iter().all(|nick| asked.iter().any(|asked| asked.key() == nick.key()))
                }
                (Target::Room(_), Place::Private(_)) | (Target::People(_), Place::Room(_)) => false,
            };
            there && text == said && manner == as_said
        }
        (Ask::Join { room } | Ask::Unlock { room, .. }, Sight::Joined { room: joined }) => room == joined,
        (Ask::Leave { room }, Sight::Left { room: left }) => room == left,
        (Ask::Rename { nick }, Sight::Renamed { to }) => nick == to,
        (Ask::Topic { room, topic }, Sight::Topic { room: of, topic: set }) => room == of && topic == set,
        (Ask::Kick { room, nick, reason }, Sight::Kicked { room: of, nick: who, reason: why }) => {
            room == of && nick.key() == who.key() && reason == why
        }
        (Ask::Invite { room, nick }, Sight::Invited { room: to, nick: who }) => room == to && nick.key() == who.key(),
        (Ask::Change { room, changes }, Sight::Changed { room: of, changes: made }) => {
            room == of && made.iter().all(|made| changes.iter().any(|asked| asked.is(made)))
        }
        (Ask::Kill { nick, reason }, Sight::Killed { nick: who, reason: why }) => {
            nick.key() == who.key() && reason == why
        }
        (
            Ask::Say { .. }
            | Ask::SayWith { .. }
            | Ask::Join { .. }
            | Ask::Leave { .. }
            | Ask::Rename { .. }
            | Ask::Void { .. }
            | Ask::Unlock { .. }
            | Ask::Topic { .. }
            | Ask::Kick { .. }
            | Ask::Invite { .. }
            | Ask::Change { .. }
            | Ask::Kill { .. },
            Sight::Arrived { .. }
            | Sight::Departed { .. }
            | Sight::Joined { .. }
            | Sight::Left { .. }
            | Sight::Renamed { .. }
            | Sight::Said { .. }
            | Sight::Topic { .. }
            | Sight::Kicked { .. }
            | Sight::Invited { .. }
            | Sight::Changed { .. }
            | Sight::Killed { .. },
        ) => false,
    }
}

fn show_refusal(ask: Option<Arc<Ask>>, reference: Option<Arc<str>>, why: &Refusal, outputs: &mut Vec<Output>) {
    let news = News::Refused { ask, reference, code: why.code().into(), why: why.to_string().into() };
    outputs.push(Output::Show(news));
}
