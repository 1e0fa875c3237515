//! Who is called what.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::Chat;
use crate::protocol::{ClientId, Entry, Event, Nick, Refusal, RequestId, Room, Seq};

/// Whose a nick is. It is theirs while they are online; when they are away, somebody else may take it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub(super) struct Holder {
    pub(super) client: ClientId,
    /// The entry that made it theirs: whoever had not seen it and names them may mean somebody else.
    pub(super) since: Seq,
}

impl Chat {
    /// Who is called that.
    #[must_use]
    pub fn holder(&self, nick: &Nick) -> Option<ClientId> {
        self.nicks.get(nick.key()).map(|holder| holder.client)
    }

    /// Whether somebody else who is online is called that.
    pub(super) fn nick_is_held(&self, nick: &Nick, by_other_than: &ClientId) -> bool {
        !planted!("two_of_one_nick")
            && self.holder(nick).is_some_and(|client| client != *by_other_than && self.people[&client].is_online())
    }

    pub(super) fn rename(&mut self, client: ClientId, n: RequestId, seen: Seq, nick: &Nick) -> Result<Entry, Refusal> {
        let was = self.people[&client].nick.clone();
        if was == *nick {
            return Err(Refusal::SameNick(nick.clone()));
        }
        if self.nick_is_held(nick, &client) {
            return Err(Refusal::NickTaken(nick.clone()));
        }
        let rooms: Vec<Room> = self.people[&client].rooms.keys().cloned().collect();
        let entry = self.entry(client, n, seen, Event::Renamed { to: nick.clone(), rooms });
        if self.people[&client].is_online() {
            self.online.remove(was.key());
            self.online.insert(String::from(nick.key()), client);
        }
        if was.key() == nick.key() {
            self.people.get_mut(&client).expect("an author is known").nick = nick.clone();
        } else {
            self.release_nick(client, &was);
            self.give_nick(client, nick.clone(), entry.seq);
        }
        Ok(entry)
    }

    /// Calls somebody `nick` as of the next entry.
    pub(super) fn take_nick(&mut self, client: ClientId, nick: Nick) {
        self.give_nick(client, nick, self.head.next());
    }

    fn give_nick(&mut self, client: ClientId, nick: Nick, since: Seq) {
        self.nicks.insert(nick.key().into(), Holder { client, since });
        self.people.get_mut(&client).expect("whoever is named is known").nick = nick;
    }

    /// Lets go of a nick, if it is still theirs.
    pub(super) fn release_nick(&mut self, client: ClientId, nick: &Nick) {
        if self.holder(nick) == Some(client) {
            self.nicks.remove(nick.key());
        }
    }

    /// `bob2`, `bob3` …: the first that nobody holds.
    pub(super) fn free_nick_like(&self, nick: &Nick) -> Nick {
        let free = |candidate: &Nick| !self.nicks.contains_key(candidate.key());
        (2..=u32::MAX).map(|number| nick.numbered(number)).find(free).expect("fewer people than numbers are known")
    }
}
