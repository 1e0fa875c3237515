//! What people look up: kept in the order it was asked in, answered from the fold or from history.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::conn::{Conn, Queued, Waiting};
use super::{Output, Server};
use crate::door::AnyDoor;
use crate::fanout::ConnId;
use crate::history::{Found, Query};
use crate::protocol::{ClientId, Notice, Page, Parting, Read, Reply, Seen, Seq};

/// Entries a page of a room's history has at most.
pub(super) const PAGE_ENTRIES_MAX: u32 = 200;

impl Server {
    pub(super) fn enqueue(&mut self, conn: ConnId, client: ClientId, what: Waiting, outputs: &mut Vec<Output>) {
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
                let (people, more) = self.roster(&client);
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
                let after = self.chat.sealed(&room);
                self.read_history(conn, Query::Room { reference, room, after, before, limit, bytes_max }, outputs);
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
                let sealed = self.chat.sealed(room); // By now.
                let readable = found.entries.iter().filter(|entry| entry.seq > sealed);
                let entries: Vec<_> = readable.map(|entry| Arc::new(Seen::from(&**entry))).collect();
                let more = found.more && entries.len() == found.entries.len();
                let page = Page { room: room.clone(), entries, more };
                self.answer(conn, &Reply::Page { reference: *reference, page });
                self.end_reading(conn, client, outputs);
            }
            (Some(mut found), Query::Talk { reference, .. } | Query::Talkers { reference, .. }) => {
                found.entries.retain(|entry| entry.rooms().iter().all(|room| entry.seq > self.chat.sealed(room)));
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
}
