//! Who may come in and who operates the server: judged here, before there is an intent, by what this start was given.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::{Output, Server};
use crate::fanout::ConnId;
use crate::limits::SHARED_TOLD_MAX;
use crate::protocol::{ClientId, Intent, Parting, Refusal, Reply, RoomLine, RoomView, Secret};
use crate::protocol::{Here, Member, Room};

/// Passwords of one start of a server.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct Gate {
    /// What everybody has to give to come in, if anything.
    pub password: Option<Secret>,
    /// Who may operate the server: name and password.
    pub operators: Vec<(Box<str>, Secret)>,
}

impl Gate {
    /// Whether somebody who gave this may come in.
    pub(super) fn admits(&self, given: Option<&Secret>) -> bool {
        self.password.as_ref().is_none_or(|password| given.is_some_and(|given| given.is(password)))
    }

    fn knows(&self, name: &str, password: &Secret) -> bool {
        self.operators.iter().any(|(operator, its)| **operator == *name && its.is(password))
    }
}

impl Server {
    /// Whether who comes in has to know a password.
    #[must_use]
    pub const fn asks_password(&self) -> bool {
        self.gate.password.is_some()
    }

    /// A password, at a door whose hello has no place for it.
    pub(super) fn password(&mut self, conn: ConnId, password: &Secret, outputs: &mut Vec<Output>) {
        if !self.gate.admits(Some(password)) {
            return self.part(conn, Parting::Refused(Refusal::WrongPassword), outputs);
        }
        if let Some(state) = self.conns.get_mut(&conn) {
            state.admitted = true;
        }
    }

    /// Somebody says that they operate the server. That they do is an intent, so that what they do is decided by the log.
    pub(super) fn oper(&mut self, conn: ConnId, client: ClientId, reference: u64, name: &str, password: &Secret) {
        let session = self.chat.person(&client).and_then(|person| person.session());
        let waiting = self.conns.get(&conn).map_or(0, |state| state.opers.len());
        match session.filter(|_| self.gate.knows(name, password) && waiting < self.limits.reads_max) {
            Some(session) if self.is_storing() => {
                if let Some(state) = self.conns.get_mut(&conn) {
                    state.opers.push(reference);
                }
                self.propose(Intent::Empower { client, session });
            }
            Some(_) => self.notify(conn, crate::protocol::Notice::NotStoring),
            None => self.answer(conn, &Reply::Denied { reference, why: Refusal::WrongOper }),
        }
    }

    /// It is in the log that somebody operates the server.
    pub(super) fn empowered(&mut self, client: ClientId) {
        let Some(conn) = self.conn_of(&client).filter(|_| self.chat.operates_server(&client)) else { return };
        let opers = self.conns.get_mut(&conn).map(|state| core::mem::take(&mut state.opers)).unwrap_or_default();
        for reference in opers {
            self.answer(conn, &Reply::Oper { reference });
        }
    }

    /// The rooms somebody may know of, and how many more there are.
    pub(super) fn rooms_for(&self, client: &ClientId) -> (Vec<RoomLine>, u32) {
        let mut known = self.chat.rooms().filter(|(room, ..)| self.chat.may_know(client, room));
        let line = |(room, here, members): (&Room, u32, u32)| {
            let topic = self.chat.kept(room).and_then(|kept| kept.topic.as_ref()).map(|topic| topic.text.clone());
            RoomLine { room: room.clone(), here, members, topic }
        };
        let rooms = known.by_ref().take(self.limits.roster_max).map(line).collect();
        (rooms, u32::try_from(known.count()).unwrap_or(u32::MAX))
    }

    /// A room in full, as far as somebody may see it.
    pub(super) fn room_for(&self, client: &ClientId, room: &Room) -> Result<RoomView, Refusal> {
        let Some((_, here_count, members)) = self.chat.room(room).filter(|_| self.chat.may_know(client, room)) else {
            return Err(Refusal::NoSuchRoom(room.clone()));
        };
        let kept = self.chat.kept(room).cloned().unwrap_or_default();
        let inside = self.chat.is_member(client, room) || self.chat.operates_server(client);
        let online = self
            .chat
            .members(room)
            .filter(|client| self.chat.person(client).is_some_and(crate::chat::Person::is_online));
        let member = |client: &ClientId| Member { here: self.here(client), role: kept.role(client) };
        let mut here: Vec<Member> = online.take(self.limits.roster_max).map(member).collect();
        here.sort_by_cached_key(|member| member.here.nick.as_str().to_lowercase());
        let more = here_count.saturating_sub(u32::try_from(here.len()).unwrap_or(u32::MAX));
        Ok(RoomView {
            room: room.clone(),
            keyed: kept.key.is_some(),
            key: kept.key.filter(|_| inside),
            topic: kept.topic,
            flags: kept.flags.into_iter().collect(),
            limit: kept.limit,
            bans: kept.bans,
            mutes: kept.mutes,
            here,
            more,
            members,
        })
    }

    /// Somebody who is here, in a line of a roster.
    pub(super) fn here(&self, client: &ClientId) -> Here {
        let person = self.chat.person(client).expect("whoever is listed is known");
        let conn = self.conn_of(client).and_then(|conn| self.conns.get(&conn));
        let idle_s = conn.map(|conn| self.now.since(conn.asked).as_secs());
        Here { nick: person.nick.clone(), hue: person.hue, door: person.door, idle_s, shared: None }
    }

    /// The same for somebody who keeps a roster: as soon as they share no room any more, nothing is heard of them.
    pub(super) fn here_for(&self, client: &ClientId, asker: &ClientId) -> Here {
        let rooms = |client| self.chat.person(client).into_iter().flat_map(|person| person.rooms.keys());
        let shared = rooms(client).filter(|room| self.chat.is_member(asker, room)).take(SHARED_TOLD_MAX);
        Here { shared: Some(shared.cloned().collect()), ..self.here(client) }
    }
}
