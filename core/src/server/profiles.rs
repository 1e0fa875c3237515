//! Who is here, as those are told who ask about people and rooms.

use alloc::vec::Vec;

use super::conn::Conn;
use super::requests::PAGE_ENTRIES_MAX;
use super::sessions::Link;
use super::{Output, Server};
use crate::chat::Person;
use crate::fanout::ConnId;
use crate::history::{Between, Query};
use crate::protocol::{Census, ClientId, Here, Nick, Point, Profile, Reply, Request, Room, Span, Standing, Target};

impl Server {
    /// Everything asked before is answered, and everything up to now is sent before this.
    pub(super) fn reached(&mut self, conn: ConnId, reference: u64) {
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let census = Census { people: count(self.chat.online().len()), rooms: Some(count(self.chat.rooms().len())) };
        self.answer(conn, &Reply::Reached { reference, at: self.chat.at(), census });
    }

    /// A connection says of itself what is not in the log.
    pub(super) fn describe(&mut self, conn: ConnId, request: Request) {
        let Some(state) = self.conns.get_mut(&conn) else { return };
        match request {
            Request::Away(why) => state.away = why,
            Request::RealName(name) => state.real_name = Some(name),
            Request::Hello(_)
            | Request::Name(_)
            | Request::Numbered { .. }
            | Request::Plain(_)
            | Request::Read { .. }
            | Request::Ping
            | Request::Quit
            | Request::Remark(_) => {}
        }
    }

    /// Who is here and in a room, by name.
    pub(super) fn members(&self, room: &Room) -> Vec<Profile> {
        let mut people: Vec<Profile> =
            self.chat.members(room).map(|(client, person)| self.profile(client, person)).collect();
        people.sort_by_cached_key(|profile| profile.here.nick.as_str().to_lowercase());
        people
    }

    /// Those of these who are here.
    pub(super) fn people(&self, nicks: &[Nick]) -> Vec<Profile> {
        let found = |nick: &Nick| {
            let client = self.chat.holder(nick)?;
            let person = self.chat.person(&client).filter(|person| person.is_online())?;
            Some(self.profile(&client, person))
        };
        nicks.iter().filter_map(found).collect()
    }

    /// A stretch of talk, of a room's or with somebody.
    pub(super) fn read_talk(
        &mut self,
        conn: ConnId,
        reference: u64,
        with: &Target,
        span: Span,
        limit: u32,
        outputs: &mut Vec<Output>,
    ) {
        let Some(who) = self.conns.get(&conn).and_then(Conn::client) else { return };
        let between = match with {
            Target::Room(room) => Some(Between::Room(room.clone())),
            Target::People(nicks) => {
                let other = nicks.first().and_then(|nick| self.chat.holder(nick));
                other.map(|other| Between::People(who, other))
            }
        };
        let Some(between) = between.filter(|_| limit > 0) else {
            return self.answer(conn, &Reply::Talk { reference, who, entries: Vec::new() });
        };
        let (limit, bytes_max) = (limit.min(PAGE_ENTRIES_MAX) as usize, self.limits.page_bytes_max);
        self.read_history(conn, Query::Talk { reference, between, span, limit, bytes_max }, outputs);
    }

    /// The last that was said in each of one's rooms, and with each person.
    pub(super) fn read_talkers(
        &mut self,
        conn: ConnId,
        reference: u64,
        (from, to): (Point, Point),
        limit: u32,
        outputs: &mut Vec<Output>,
    ) {
        let Some(who) = self.conns.get(&conn).and_then(Conn::client) else { return };
        let rooms = self.chat.person(&who).map(|person| person.rooms.keys().cloned().collect()).unwrap_or_default();
        let limit = limit.min(PAGE_ENTRIES_MAX) as usize;
        self.read_history(conn, Query::Talkers { reference, who, rooms, from, to, limit }, outputs);
    }

    /// Reads history for a question: those after it wait.
    pub(super) fn read_history(&mut self, conn: ConnId, query: Query, outputs: &mut Vec<Output>) {
        if let Some(state) = self.conns.get_mut(&conn) {
            state.reading = true;
        }
        self.load(conn, query, outputs);
    }

    pub(super) fn profile(&self, client: &ClientId, person: &Person) -> Profile {
        let conn = self.links.get(client).and_then(Link::conn).and_then(|conn| self.conns.get(&conn));
        Profile {
            here: self.here(client, person),
            away: conn.and_then(|conn| conn.away.clone()),
            real_name: conn.and_then(|conn| conn.real_name.clone()),
            keyed: person.standing == Standing::Keyed,
            rooms: person.rooms.keys().cloned().collect(),
        }
    }

    /// Somebody who is here.
    pub(super) fn here(&self, client: &ClientId, person: &Person) -> Here {
        let conn: Option<&Conn> = self.links.get(client).and_then(Link::conn).and_then(|conn| self.conns.get(&conn));
        let idle_s = conn.map(|conn| self.now.since(conn.asked).as_secs());
        Here { nick: person.nick.clone(), hue: person.hue, door: person.door, idle_s }
    }
}
