//! Who is here, as those are told who ask about people and rooms.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::conn::Conn;
use super::reads::PAGE_ENTRIES_MAX;
use super::{Output, Server};
use crate::chat::Person;
use crate::fanout::ConnId;
use crate::history::{Between, Query};
use crate::protocol::{
    Census, ClientId, Nick, Point, Profile, Refusal, Reply, Room, RoomView, Span, Target, Text, Through,
};

impl Server {
    /// Everything asked before is answered, and everything up to now is sent before this.
    pub(super) fn reached(&mut self, conn: ConnId, reference: u64) {
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let census = Census {
            people: count(self.chat.online().len()),
            most: count(self.most),
            rooms: count(self.chat.rooms().len()),
            operators: count(self.chat.server_operators()),
            unnamed: count(self.unnamed),
        };
        self.answer(conn, &Reply::Reached { reference, at: self.chat.at(), census });
    }

    /// A connection says of itself what is not in the log.
    pub(super) fn describe(&mut self, conn: ConnId, away: Option<Text>, real_name: Option<Text>) {
        let Some(state) = self.conns.get_mut(&conn) else { return };
        match &real_name {
            Some(name) => state.real_name = Some(name.clone()),
            None if state.away == away => return, // That is known.
            None => state.away.clone_from(&away),
        }
        let Some(client) = state.client() else { return };
        if real_name.is_some() {
            self.departed.call(client, real_name.clone());
        }
        let Some(person) = self.chat.person(&client) else { return };
        let (nick, account) = (person.nick.clone(), self.chat.account(&client).cloned());
        let near: BTreeSet<ConnId> = person
            .rooms
            .keys()
            .flat_map(|room| self.chat.present(room))
            .filter_map(|(other, _)| self.conn_of(other).filter(|near| *near != conn))
            .filter(|near| self.conns.get(near).is_some_and(|state| state.through() == Through::Irc))
            .collect();
        let told = |watched| Reply::Described {
            nick: nick.clone(),
            account: account.clone(),
            watched,
            real_name: real_name.clone(),
            away: away.clone(),
        };
        let far: Vec<ConnId> =
            self.watchers.of(&nick).into_iter().filter(|far| *far != conn && !near.contains(far)).collect();
        near.into_iter().for_each(|near| self.answer(near, &told(false)));
        far.into_iter().for_each(|far| self.say_aside(far, &told(true)));
    }

    /// A connection says whether it is hidden.
    pub(super) fn hide(&mut self, conn: ConnId, hidden: bool) {
        if let Some(state) = self.conns.get_mut(&conn) {
            state.hidden = hidden;
        }
    }

    /// Who is here and in a room, by name, for somebody who may know of it.
    pub(super) fn read_members(&mut self, conn: ConnId, client: &ClientId, reference: u64, room: &Room) {
        let reply = self.members_of(client, reference, room).unwrap_or_else(|why| Reply::Denied { reference, why });
        self.answer(conn, &reply);
    }

    fn members_of(&self, client: &ClientId, reference: u64, room: &Room) -> Result<Reply, Refusal> {
        let view = self.room_for(client, room)?;
        let mut people: Vec<Profile> =
            self.chat.present(room).map(|(who, person)| self.profile(who, person, client, Some(room))).collect();
        people.sort_by_cached_key(|profile| profile.here.nick.as_str().to_lowercase());
        let room = RoomView { here: Vec::new(), more: 0, ..view };
        Ok(Reply::Members { reference, room: room.into(), people })
    }

    /// Tells somebody who comes back which rooms they are in, before anything else.
    pub(super) fn greet_in_rooms(&mut self, conn: ConnId, client: ClientId, rooms: &[Room]) {
        for room in rooms {
            if let Ok(reply) = self.members_of(&client, 0, room) {
                let bytes = self.encode(conn, &reply);
                self.fanout.greet(conn, bytes, &mut self.ready);
            }
        }
    }

    /// Those of these who are here; everybody, if none are named.
    pub(super) fn read_people(&mut self, conn: ConnId, client: &ClientId, reference: u64, nicks: Option<&[Nick]>) {
        let found = |nick: &Nick| {
            let who = self.chat.holder(nick)?;
            let person = self.chat.person(&who).filter(|person| person.is_online())?;
            Some(self.profile(&who, person, client, None))
        };
        let people = match nicks {
            Some(nicks) => nicks.iter().filter_map(found).collect(),
            None => {
                let everyone = self.chat.online().filter(|(who, person)| !self.is_hidden(who, person, client));
                let everyone = everyone.take(self.limits.roster_max);
                everyone.map(|(who, person)| self.profile(who, person, client, None)).collect()
            }
        };
        self.answer(conn, &Reply::People { reference, people });
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
            Target::Room(room) => match self.chat.may_read(&who, room) {
                Ok(()) => Some(Between::Room(room.clone(), self.chat.sealed(room))),
                Err(why) => return self.answer(conn, &Reply::Denied { reference, why }),
            },
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
        let rooms = self.chat.person(&who).into_iter().flat_map(|person| person.rooms.keys());
        let rooms = rooms.map(|room| (room.clone(), self.chat.sealed(room))).collect();
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

    /// Somebody who is here, for somebody who asks.
    fn profile(&self, client: &ClientId, person: &Person, asker: &ClientId, room: Option<&Room>) -> Profile {
        let conn = self.conn_of(client).and_then(|conn| self.conns.get(&conn));
        let hidden = self.hides(client, asker);
        let shown = |room: &&Room| self.chat.may_know(asker, room) && (!hidden || self.chat.is_member(asker, room));
        let known = person.rooms.keys().filter(shown);
        Profile {
            here: self.here(client),
            away: conn.and_then(|conn| conn.away.clone()),
            real_name: conn.and_then(|conn| conn.real_name.clone()),
            account: self.chat.account(client).cloned(),
            rooms: known.map(|room| (room.clone(), self.chat.role(client, room))).collect(),
            roles: room.and_then(|room| self.chat.kept(room)).map(|kept| kept.roles(client)).unwrap_or_default(),
            since: conn.and_then(|conn| conn.since),
            operates: self.chat.operates_server(client),
        }
    }
    /// Whether somebody hides from whoever asks.
    fn hides(&self, client: &ClientId, asker: &ClientId) -> bool {
        let hidden = self.conn_of(client).and_then(|conn| self.conns.get(&conn)).is_some_and(|conn| conn.hidden);
        hidden && client != asker && !self.chat.operates_server(asker)
    }

    /// Whether somebody hides, and shares no room with whoever asks who is here.
    fn is_hidden(&self, client: &ClientId, person: &Person, asker: &ClientId) -> bool {
        self.hides(client, asker) && !person.rooms.keys().any(|room| self.chat.is_member(asker, room))
    }
}
