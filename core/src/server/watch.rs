//! Who is told of somebody's coming and going without sharing a room with them: whoever watches their nick.
//!
//! Nothing of this is in the log. A nick that nobody watches costs one look-up, and none while nobody watches at all.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use super::Server;
use super::conn::Conn;
use crate::fanout::ConnId;
use crate::limits::WATCHED_MAX;
use crate::protocol::{ClientId, Entry, Event, Nick, Reply};

/// Which connections watch a nick, by its key, and who has yet to be told of what they did not take.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub(super) struct Watchers {
    by_nick: BTreeMap<String, BTreeSet<ConnId>>,
    /// By its key, each nick a connection watches, and whether it stands otherwise than they were told.
    by_conn: BTreeMap<ConnId, BTreeMap<String, (Nick, bool)>>,
}

impl Watchers {
    fn add(&mut self, conn: ConnId, nick: &Nick) {
        let watched = self.by_conn.entry(conn).or_default();
        if watched.len() < WATCHED_MAX || watched.contains_key(nick.key()) {
            watched.insert(nick.key().into(), (nick.clone(), false));
            self.by_nick.entry(nick.key().into()).or_default().insert(conn);
        }
    }

    fn remove(&mut self, conn: ConnId, key: &str) {
        if let Some(watched) = self.by_conn.get_mut(&conn) {
            watched.remove(key);
            if watched.is_empty() {
                self.by_conn.remove(&conn);
            }
        }
        if let Some(conns) = self.by_nick.get_mut(key) {
            conns.remove(&conn);
            if conns.is_empty() {
                self.by_nick.remove(key);
            }
        }
    }

    /// A connection is gone.
    pub(super) fn forget(&mut self, conn: ConnId) {
        let keys: Vec<String> = self.by_conn.get(&conn).into_iter().flat_map(BTreeMap::keys).cloned().collect();
        keys.iter().for_each(|key| self.remove(conn, key));
    }

    pub(super) fn of(&self, nick: &Nick) -> Vec<ConnId> {
        self.by_nick.get(nick.key()).into_iter().flatten().copied().collect()
    }

    /// They will be told later.
    fn owe(&mut self, conn: ConnId, nick: &Nick) {
        if let Some((_, owed)) = self.by_conn.get_mut(&conn).and_then(|watched| watched.get_mut(nick.key())) {
            *owed = true;
        }
    }

    /// What they were to be told later, once.
    fn take_owed(&mut self, conn: ConnId) -> Vec<Nick> {
        let watched = self.by_conn.get_mut(&conn).into_iter().flat_map(BTreeMap::values_mut);
        watched.filter_map(|(nick, owed)| core::mem::take(owed).then(|| nick.clone())).collect()
    }
}

impl Server {
    /// A connection watches some nicks and others no more, and is told which of the former are here.
    pub(super) fn watch(&mut self, conn: ConnId, client: &ClientId, reference: u64, on: &[Nick], off: &[Nick]) {
        off.iter().for_each(|nick| self.watchers.remove(conn, nick.key()));
        on.iter().for_each(|nick| self.watchers.add(conn, nick));
        self.read_people(conn, client, reference, Some(on));
    }

    /// Tells those who watch them that somebody came, went, or is called something else.
    pub(super) fn tell_watchers(&mut self, entry: &Entry) {
        match &entry.event {
            Event::Arrived { .. } => self.tell_presence(&entry.nick, true),
            Event::Departed { .. } if planted!("watchers_miss_departures") => {}
            Event::Departed { .. } => self.tell_presence(&entry.nick, false),
            Event::Renamed { to, .. } if to.key() != entry.nick.key() => {
                self.tell_presence(&entry.nick, false);
                self.tell_presence(to, true);
            }
            Event::Renamed { .. }
            | Event::Joined { .. }
            | Event::Left { .. }
            | Event::Said { .. }
            | Event::Topic { .. }
            | Event::Kicked { .. }
            | Event::Invited { .. }
            | Event::Changed { .. }
            | Event::Killed { .. } => {}
        }
    }

    fn tell_presence(&mut self, nick: &Nick, here: bool) {
        for conn in self.watchers.of(nick) {
            if self.conns.get(&conn).and_then(Conn::client).is_none() {
                continue;
            }
            // Whoever does not take their answers is told how it stands once they do, not all that was in between.
            if self.fanout.answers_bytes(conn) > self.limits.answers_bytes_max {
                self.watchers.owe(conn, nick);
            } else {
                self.answer(conn, &Reply::Watched { nick: nick.clone(), here });
            }
        }
    }

    /// Tells somebody who takes their answers again how those stand of whom they were told nothing meanwhile.
    pub(super) fn tell_owed(&mut self, conn: ConnId) {
        for nick in self.watchers.take_owed(conn) {
            let holder = self.chat.holder(&nick).and_then(|holder| self.chat.person(&holder));
            let reply = match holder.filter(|person| person.is_online()) {
                Some(person) => Reply::Watched { nick: person.nick.clone(), here: true },
                None => Reply::Watched { nick, here: false },
            };
            self.answer(conn, &reply);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_owed_is_told_once_and_nothing_is_left_behind() {
        let (mut watchers, conn, other) = (Watchers::default(), ConnId(1), ConnId(2));
        let (ada, bob) = (Nick::try_from("ada").unwrap(), Nick::try_from("bob").unwrap());
        watchers.add(conn, &ada);
        watchers.add(conn, &bob);
        watchers.add(other, &ada);
        assert_eq!(watchers.of(&ada), [conn, other]);
        watchers.owe(conn, &ada);
        assert_eq!(watchers.take_owed(other), []);
        assert_eq!(watchers.take_owed(conn), core::slice::from_ref(&ada));
        assert_eq!(watchers.take_owed(conn), []);
        watchers.owe(conn, &bob);
        watchers.remove(conn, bob.key());
        assert_eq!(watchers.take_owed(conn), []);
        watchers.forget(conn);
        watchers.forget(other);
        assert_eq!(watchers, Watchers::default());
    }
}
