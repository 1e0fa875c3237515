//! Who is known, who is here, and what their last requests came to.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{Chat, Memory, Outcome, WINDOW, WITH_ACCOUNTS};
use crate::protocol::{
    ClientId, Entry, Event, Leaving, Nick, Notes, Refusal, RequestId, Room, Seq, Session, Standing, Through,
};

/// Somebody who is known.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Person {
    /// What they are called.
    pub nick: Nick,
    /// Whether they can come back.
    pub standing: Standing,
    /// How they came last.
    pub door: Through,
    /// Whether they are here.
    pub presence: Presence,
    /// Their colour slot while they are here: the lowest that nobody else online has.
    pub hue: u16,
    /// The rooms they are members of, each with the entry that made them one.
    pub rooms: BTreeMap<Room, Seq>,
    /// Their last decided request.
    pub last: RequestId,
    /// Their last entry.
    pub(super) active: Seq,
    pub(super) memory: Memory,
}

/// Whether somebody is here.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Presence {
    /// In this session, or detached from it and expected back.
    Online(Session),
    /// Not.
    Away,
}

/// A decided request.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Remembered {
    n: RequestId,
    hash: u64,
    verdict: Verdict,
}

/// What a request came to.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Verdict {
    /// An entry.
    Accepted {
        /// Which.
        seq: Seq,
        /// When.
        at: crate::time::WallTime,
        /// What its author was told.
        notes: Notes,
    },
    /// Nothing.
    Refused(Refusal),
}

impl Verdict {
    /// The verdict on a decision.
    pub(super) fn of(decided: &Result<Entry, Refusal>) -> Self {
        match decided {
            Ok(entry) => Self::Accepted { seq: entry.seq, at: entry.at, notes: notes(entry) },
            Err(refusal) => Self::Refused(refusal.clone()),
        }
    }
}

/// What the author of an entry alone is told with its acceptance.
#[must_use]
pub(crate) fn notes(entry: &Entry) -> Notes {
    match &entry.event {
        Event::Said { notes, .. } => notes.clone(),
        Event::Arrived { .. }
        | Event::Departed { .. }
        | Event::Joined { .. }
        | Event::Left { .. }
        | Event::Renamed { .. }
        | Event::Topic { .. }
        | Event::Kicked { .. }
        | Event::Invited { .. }
        | Event::Changed { .. }
        | Event::Killed { .. } => Notes::default(),
    }
}

impl Person {
    /// The session that holds, if they are here.
    #[must_use]
    pub const fn session(&self) -> Option<Session> {
        match self.presence {
            Presence::Online(session) => Some(session),
            Presence::Away => None,
        }
    }

    /// The entry that the last of their requests became which was granted, of those remembered.
    #[must_use]
    pub fn last_accepted(&self) -> Seq {
        let seq = |remembered: &Remembered| match &remembered.verdict {
            Verdict::Accepted { seq, .. } => Some(*seq),
            Verdict::Refused(_) => None,
        };
        self.memory.iter().rev().find_map(seq).unwrap_or_default()
    }

    /// Whether they are here.
    #[must_use]
    pub const fn is_online(&self) -> bool {
        matches!(self.presence, Presence::Online(_))
    }

    /// What request `n` came to, for somebody who asks again.
    pub(super) fn recall(&self, n: RequestId, hash: u64) -> Outcome {
        match self.memory.iter().find(|remembered| remembered.n == n) {
            Some(remembered) if remembered.hash != hash && !planted!("number_answers_for_another") => {
                Outcome::Duplicate(Some(Verdict::Refused(Refusal::NumberUsed)))
            }
            Some(remembered) => Outcome::Duplicate(Some(remembered.verdict.clone())),
            None => Outcome::Duplicate(None),
        }
    }

    pub(super) fn remember(&mut self, n: RequestId, hash: u64, verdict: Verdict) {
        self.last = n;
        if planted!("refusal_not_remembered") && matches!(verdict, Verdict::Refused(_)) {
            return;
        }
        self.memory.push_back(Remembered { n, hash, verdict });
        if self.memory.len() as u64 > WINDOW {
            self.memory.pop_front();
        }
    }
}

impl Chat {
    /// What request `n` of a client came to, if it was decided: for a server that is asked again.
    #[must_use]
    pub fn recall(&self, client: &ClientId, n: RequestId, hash: u64) -> Option<Outcome> {
        let person = self.people.get(client)?;
        (n <= person.last).then(|| person.recall(n, hash))
    }

    pub(super) fn attach(
        &mut self,
        client: ClientId,
        session: Session,
        nick: &Nick,
        standing: Standing,
        door: Through,
    ) -> Outcome {
        let node = self.nodes.entry(session.node).or_default();
        if session.epoch < node.epoch || session <= node.session {
            return Outcome::Silent; // An older session appears again: it decides nothing.
        }
        node.session = session;
        match self.people.get_mut(&client) {
            None => self.meet(client, session, nick, standing, door),
            Some(person) if !person.is_online() => self.come_back(client, session, door),
            Some(person) => {
                (person.presence, person.door) = (Presence::Online(session), door);
                Outcome::Silent
            }
        }
    }

    /// Somebody new.
    fn meet(&mut self, client: ClientId, session: Session, nick: &Nick, standing: Standing, door: Through) -> Outcome {
        if self.nick_is_held(nick, &client) {
            return Outcome::Refused(Refusal::NickTaken(nick.clone()));
        }
        if standing == Standing::Keyed && !self.make_place() {
            return Outcome::Refused(Refusal::TooManyPeople(self.limits.clients_max));
        }
        self.keyed += u32::from(standing == Standing::Keyed);
        let person = Person {
            nick: nick.clone(),
            standing,
            door,
            presence: Presence::Online(session),
            hue: 0,
            rooms: BTreeMap::new(),
            last: RequestId(0),
            active: self.head,
            memory: VecDeque::new(),
        };
        self.people.insert(client, person);
        if standing == Standing::Keyed && self.fold >= WITH_ACCOUNTS {
            self.accounts.give(client, nick, self.head.next());
        }
        self.take_nick(client, nick.clone());
        match door {
            Through::Native | Through::Text => self.enter(client, Room::lobby(), self.head.next()),
            Through::Irc => {} // Their clients enter rooms themselves, the lobby too.
        }
        self.arrive(client, door)
    }

    /// Somebody who was away.
    fn come_back(&mut self, client: ClientId, session: Session, door: Through) -> Outcome {
        let person = self.people.get_mut(&client).expect("somebody who was away is known");
        self.away.remove(&(person.active, client));
        (person.presence, person.door) = (Presence::Online(session), door);
        let rooms: Vec<Room> = person.rooms.keys().cloned().collect();
        let nick = person.nick.clone();
        for room in rooms {
            self.rooms.get_mut(&room).expect("a member's room is known").online += 1;
        }
        match self.holder(&nick) {
            Some(holder) if holder == client => {}
            Some(_) => self.take_nick(client, self.free_nick_like(&nick)),
            None => self.take_nick(client, nick), // Taken meanwhile, and let go of.
        }
        self.arrive(client, door)
    }

    /// Whoever is online from here on: gets a colour, and an entry.
    fn arrive(&mut self, client: ClientId, door: Through) -> Outcome {
        let hue = self.hues_free.pop_first().unwrap_or_else(|| {
            self.hue_next = self.hue_next.saturating_add(1);
            self.hue_next - 1
        });
        let person = self.people.get_mut(&client).expect("whoever arrives is known");
        person.hue = hue;
        self.online.insert(person.nick.key().into(), client);
        let rooms = person.rooms.keys().cloned().collect();
        Outcome::Fact(self.entry(client, RequestId(0), self.head, Event::Arrived { door, rooms }))
    }

    pub(super) fn depart(&mut self, client: ClientId, session: Session, why: Leaving) -> Outcome {
        let Some(person) = self.people.get_mut(&client) else {
            return Outcome::Silent;
        };
        if person.presence != Presence::Online(session) && !(planted!("stale_departure") && person.is_online()) {
            return Outcome::Silent; // Another session took over, or they left already.
        }
        let rooms: Vec<Room> = person.rooms.keys().cloned().collect();
        let (standing, hue, key) = (person.standing, person.hue, person.nick.key().into());
        let entry = self.entry(client, RequestId(0), self.head, Event::Departed { why, rooms: rooms.clone() });
        self.hues_free.insert(hue);
        if !planted!("roster_keeps_the_departed") || standing == Standing::Guest {
            self.online.remove::<alloc::string::String>(&key);
        }
        match standing {
            Standing::Guest if !planted!("guest_stays_a_member") => self.forget(client),
            Standing::Guest | Standing::Keyed => {
                let person = self.people.get_mut(&client).expect("they are known");
                person.presence = Presence::Away;
                self.away.insert((person.active, client));
                for room in rooms {
                    self.rooms.get_mut(&room).expect("a member's room is known").online -= 1;
                }
            }
        }
        Outcome::Fact(entry)
    }

    /// Sees to it that one more keyed identity can be remembered; false if all who are remembered are here.
    fn make_place(&mut self) -> bool {
        if self.keyed < self.limits.clients_max {
            return true;
        }
        let Some((_, longest_silent)) = self.away.pop_first() else {
            return false;
        };
        self.forget(longest_silent);
        true
    }

    /// Knows somebody no more.
    fn forget(&mut self, client: ClientId) {
        let person = &self.people[&client];
        self.keyed -= u32::from(person.standing == Standing::Keyed);
        let nick = person.nick.clone();
        let rooms: Vec<Room> = person.rooms.keys().cloned().collect();
        for room in rooms {
            self.exit(client, &room, self.head);
        }
        self.order.forget(&client);
        self.accounts.forget(&client);
        self.release_nick(client, &nick);
        self.people.remove(&client);
    }
}
