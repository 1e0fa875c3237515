//! What comes back from the log: through the fold, into history, to those who may see it.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::conn::Conn;
use super::sessions::Link;
use super::{Life, Output, Server};
use crate::chat::Outcome;
use crate::door::{self, Vocabulary};
use crate::fanout::{ConnId, Encoded};
use crate::protocol::{
    ClientId, Entry, Event, Intent, Nick, Position, Record, Refusal, Reply, RequestId, Room, Seen, Through,
};
use crate::time::WallTime;

impl Server {
    pub(super) fn commit(&mut self, position: Position, at: WallTime, record: &Record, outputs: &mut Vec<Output>) {
        if position < self.chat.next() {
            return; // Read before: a snapshot held it.
        }
        let ours = record.origin == self.origin && self.life != Life::Recovering;
        if ours {
            self.proposals.settle(record);
        }
        let mut kept = Vec::new();
        let before_what_follows = outputs.len(); // Whatever is looked up because of these entries finds them kept.
        for intent in &record.intents {
            let was = nick_before(&self.chat, intent);
            let outcome = self.chat.apply(position, at, intent);
            self.proposals.decided(intent);
            if let Outcome::Fact(entry) = &outcome {
                self.publish(entry);
                self.tell_watchers(entry);
                self.note_departed(entry);
                self.tell_invitation(entry);
                self.tell_absence(entry);
            }
            self.follow_up(intent, &outcome, was, ours, outputs);
            let running = self.life == Life::Running;
            if planted!("snapshot_amid_a_record") && running && Some(intent) != record.intents.last() {
                self.snapshot(outputs);
            }
            if let Outcome::Fact(entry) = outcome {
                kept.push(Arc::new(entry));
            }
        }
        if self.life != Life::Recovering {
            self.most = self.most.max(self.chat.online().len());
        }
        self.since_snapshot += kept.len() as u64;
        if !kept.is_empty() {
            outputs.insert(before_what_follows, Output::Keep { entries: kept });
        }
        self.resume_if_log_caught_up(outputs);
        if self.since_snapshot >= self.limits.snapshot_entries && self.life == Life::Running {
            self.snapshot(outputs);
        }
    }

    /// What an intent means to this server's own connections, beyond the entry it may have become.
    fn follow_up(
        &mut self,
        intent: &Intent,
        outcome: &Outcome,
        was: Option<Nick>,
        ours: bool,
        outputs: &mut Vec<Output>,
    ) {
        match intent {
            Intent::Attach { client, session, .. } if ours => self.attached(*client, *session, outcome, was, outputs),
            Intent::Ask { client, n, .. } => {
                if let Outcome::Refused(why) = outcome {
                    self.tell_refusal(*client, *n, why);
                }
                if let Outcome::Fact(Entry { event: Event::Killed { who, reason }, nick, .. }) = outcome
                    && self.life != Life::Recovering
                {
                    self.kill(who.id, nick.clone(), reason.clone(), outputs);
                }
                if let Some(conn) = self.conn_of(client) {
                    self.serve_queue(conn, *client, outputs);
                    self.unpause_window(conn, *client, outputs);
                }
            }
            Intent::Started { .. } if ours => self.detach_all(),
            Intent::Empower { client, .. } => self.empowered(*client),
            Intent::Depart { session, .. } => self.departed(*session, outputs),
            Intent::Genesis { .. } | Intent::Started { .. } | Intent::Attach { .. } | Intent::Rules { .. } => {}
        }
    }

    /// Shows an entry to those who may see it: the members of its rooms through their rings, and on their own lanes its
    /// author, as an acceptance, and the people it names.
    fn publish(&mut self, entry: &Entry) {
        let style = self.style();
        let saw = Reply::Saw(Arc::new(Seen::from(entry)));
        let encode = |vocabulary: Vocabulary, room: &Room| {
            let mut bytes = Vec::new();
            door::encode_in_room(vocabulary, style, (entry, &saw), room, &mut bytes);
            match vocabulary {
                Vocabulary::Irc(_) if is_told_by_each_room(entry) => Encoded::EachRoom(bytes),
                Vocabulary::Native | Vocabulary::Text | Vocabulary::Irc(_) => Encoded::Once(bytes),
            }
        };
        if planted!("private_word_to_the_room") && !entry.people().is_empty() {
            self.fanout.publish(entry.seq, entry.by, &[Room::lobby()], encode, &mut self.ready);
        }
        self.fanout.publish(entry.seq, entry.by, entry.rooms(), encode, &mut self.ready);
        if let Some((conn, through)) = self.reader_of(&entry.by) {
            match &entry.event {
                Event::Joined { room } => self.fanout.join(conn, room, entry.seq, &mut self.ready),
                Event::Left { room } => self.fanout.leave(conn, room, entry.seq),
                Event::Arrived { .. }
                | Event::Departed { .. }
                | Event::Renamed { .. }
                | Event::Said { .. }
                | Event::Topic { .. }
                | Event::Kicked { .. }
                | Event::Invited { .. }
                | Event::Changed { .. }
                | Event::Killed { .. } => {}
            }
            // A guest is told where they are alone; who asked on another connection may not remember what.
            let asked_here = self.conns[&conn].first_asked.is_some_and(|first| entry.n >= first);
            let with_entry = through == Through::Text || !asked_here;
            if through == Through::Irc {
                self.note_away(conn, entry);
            }
            let bytes = self.encode_entry(conn, entry.by, entry, with_entry);
            self.fanout.tell(conn, entry.seq, bytes, &mut self.ready);
        }
        if let Event::Kicked { room, who, .. } = &entry.event
            && let Some((conn, _)) = self.reader_of(&who.id)
            && !planted!("put_out_reads_on")
        {
            self.fanout.leave(conn, room, entry.seq);
            if let Some(door) = self.conns.get_mut(&conn).and_then(|state| state.door.as_mut()) {
                door.put_out(room, entry.seq);
            }
        }
        for person in entry.people().iter().filter(|person| person.id != entry.by) {
            if let Some((conn, _)) = self.reader_of(&person.id) {
                let bytes = self.encode_entry(conn, person.id, entry, true);
                self.fanout.tell(conn, entry.seq, bytes, &mut self.ready);
            }
        }
    }

    fn tell_refusal(&mut self, client: ClientId, n: RequestId, why: &Refusal) {
        let Some(conn) = self.conn_of(&client) else { return };
        if planted!("acceptance_of_a_refusal") {
            return self.answer(
                conn,
                &Reply::Accepted { n, seq: self.chat.head(), at: WallTime(0), notes: Default::default(), entry: None },
            );
        }
        let numbers = match self.conns[&conn].through() {
            Through::Native | Through::Irc => true,
            Through::Text => false,
        };
        // Another program with the same key may have asked: this one is answered from memory, if it asks that at all.
        if numbers && self.conns[&conn].last_asked < n {
            return;
        }
        let why = self.as_told(conn, &client, why);
        self.answer(conn, &Reply::Refused { n: numbers.then_some(n), why });
    }

    /// A refusal as it is said: IRC tells a room that one is not in from one that is not there, as far as one may know.
    fn as_told(&self, conn: ConnId, client: &ClientId, why: &Refusal) -> Refusal {
        let is_irc = self.conns[&conn].through() == Through::Irc;
        if let Refusal::NotInRoom(room) = why
            && is_irc
            && !room.is_lobby()
            && (self.chat.room(room).is_none() || !self.chat.may_know(client, room))
        {
            return Refusal::NoSuchRoom(room.clone());
        }
        why.clone()
    }

    /// Reads a guest on once few of its requests are unanswered.
    fn unpause_window(&mut self, conn: ConnId, client: ClientId, outputs: &mut Vec<Output>) {
        if self.proposals.last(client).is_none() {
            self.unpause(conn, |pauses| pauses.window = false, outputs);
        }
    }

    /// The connection of somebody who is attached here.
    pub(super) fn conn_of(&self, client: &ClientId) -> Option<ConnId> {
        self.links.get(client).and_then(Link::conn)
    }

    fn reader_of(&self, client: &ClientId) -> Option<(ConnId, Through)> {
        let conn = self.conn_of(client)?;
        let state = self.conns.get(&conn).filter(|state| Conn::client(state).is_some())?;
        Some((conn, state.through()))
    }
}

/// Whether what is told of an entry differs from room to room, where rooms are told apart.
const fn is_told_by_each_room(entry: &Entry) -> bool {
    match &entry.event {
        Event::Arrived { rooms, .. } => rooms.len() > 1,
        Event::Departed { .. }
        | Event::Joined { .. }
        | Event::Left { .. }
        | Event::Renamed { .. }
        | Event::Said { .. }
        | Event::Topic { .. }
        | Event::Kicked { .. }
        | Event::Invited { .. }
        | Event::Changed { .. }
        | Event::Killed { .. } => false,
    }
}

/// What somebody who attaches was called before.
fn nick_before(chat: &crate::chat::Chat, intent: &Intent) -> Option<Nick> {
    match intent {
        Intent::Attach { client, .. } => chat.person(client).map(|person| person.nick.clone()),
        Intent::Genesis { .. }
        | Intent::Started { .. }
        | Intent::Depart { .. }
        | Intent::Ask { .. }
        | Intent::Rules { .. }
        | Intent::Empower { .. } => None,
    }
}
