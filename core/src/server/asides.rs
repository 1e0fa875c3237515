//! What is said aside: of people and rooms, to some, and nowhere in the log. Whoever does not take their answers misses
//! it: nothing is kept of it.

use alloc::vec::Vec;

use super::Server;
use crate::door::AnyDoor;
use crate::fanout::ConnId;
use crate::protocol::{ClientId, Entry, Event, Manner, Reply, Role, Room, Tags, Target, Through};

impl Server {
    /// Tells a room's operators whom somebody asked in.
    pub(super) fn tell_invitation(&mut self, entry: &Entry) {
        let Event::Invited { room, who } = &entry.event else { return };
        let (by, account) = (entry.nick.clone(), entry.account.clone());
        let told = Reply::Invited { by, account, nick: who.nick.clone(), room: room.clone() };
        let operates = |other: &ClientId| {
            ![entry.by, who.id].contains(other) && self.chat.role(other, room) == Some(Role::Operator)
        };
        for conn in self.irc_conns_in(room, operates) {
            self.say_aside(conn, &told);
        }
    }

    /// Tells a room that whoever just entered it says that they are away.
    pub(super) fn tell_absence(&mut self, entry: &Entry) {
        let Event::Joined { room } = &entry.event else { return };
        let Some(state) = self.conn_of(&entry.by).and_then(|conn| self.conns.get(&conn)) else { return };
        let Some(away) = state.away.clone() else { return };
        let (nick, account) = (entry.nick.clone(), entry.account.clone());
        let told = Reply::Described { nick, account, watched: false, real_name: None, away: Some(away) };
        for conn in self.irc_conns_in(room, |other| *other != entry.by) {
            self.say_aside(conn, &told);
        }
    }

    /// Lets an author's door know which of those they speak to say that they are away.
    pub(super) fn note_away(&mut self, conn: ConnId, entry: &Entry) {
        match &entry.event {
            Event::Said { manner: Manner::Plain | Manner::Action, .. } => {}
            Event::Said { manner: Manner::Notice, .. }
            | Event::Arrived { .. }
            | Event::Departed { .. }
            | Event::Joined { .. }
            | Event::Left { .. }
            | Event::Renamed { .. }
            | Event::Topic { .. }
            | Event::Kicked { .. }
            | Event::Invited { .. }
            | Event::Changed { .. }
            | Event::Killed { .. } => return,
        }
        let away = entry.people().iter().filter_map(|person| {
            let state = self.conns.get(&self.conn_of(&person.id)?)?;
            Some((person.nick.clone(), state.away.clone()?))
        });
        let away = away.collect();
        if let Some(AnyDoor::Irc(door)) = self.conns.get_mut(&conn).and_then(|state| state.door.as_mut()) {
            door.are_away(away);
        }
    }

    /// Gives a sign to those in a room who speak IRC, or to somebody; its author too, whose client may want it back.
    pub(super) fn signal(&mut self, conn: ConnId, client: ClientId, to: Target, tags: Tags) {
        let Some(person) = self.chat.person(&client) else { return };
        let (from, account) = (person.nick.clone(), self.chat.account(&client).cloned());
        let mut conns = match &to {
            Target::Room(room) if self.chat.may_speak(&client, room).is_err() => return,
            Target::Room(room) => self.irc_conns_in(room, |other| *other != client),
            Target::People(nicks) => {
                let named = nicks.iter().filter_map(|nick| self.conn_of(&self.chat.holder(nick)?));
                named.filter(|named| *named != conn).collect::<Vec<ConnId>>()
            }
        };
        if conns.is_empty() && matches!(to, Target::People(_)) {
            return; // Nobody is there, so nothing comes back either.
        }
        conns.push(conn);
        let told = Reply::Signal { from, account, to, tags };
        for conn in conns {
            self.say_aside(conn, &told);
        }
    }

    /// The IRC connections of those who are in a room, of some of them.
    fn irc_conns_in(&self, room: &Room, which: impl Fn(&ClientId) -> bool) -> Vec<ConnId> {
        let present = self.chat.present(room).filter(|(other, _)| which(other));
        let conns = present.filter_map(|(other, _)| self.conn_of(other));
        conns.filter(|conn| self.conns.get(conn).is_some_and(|state| state.through() == Through::Irc)).collect()
    }

    pub(super) fn say_aside(&mut self, conn: ConnId, reply: &Reply) {
        if self.fanout.answers_bytes(conn) <= self.limits.answers_bytes_max {
            self.answer(conn, reply);
        }
    }
}
