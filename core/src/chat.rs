//! The fold: the one place where anything is decided.
//!
//! [`Chat::apply`] takes the intents of the log in order and says what each of them means. It is deterministic: the same
//! intents give the same facts, on every node and at every replay, and [`Chat::hash`] checks that. It never sees bytes of
//! a wire, a connection or a clock.
//!
//! Idempotence lives here alone, keyed by (client, n): `n <= last` is a duplicate and answered from memory,
//! `n == last + 1` is decided (a refusal uses its number too), `n > last + 1` is a gap and ignored.
//!
//! Somebody is [`Presence::Online`] while a session of theirs holds, and [`Presence::Away`] after it departed. A keyed
//! person whose connection is lost is *detached*: still online here, because only the end of the grace period, decided by
//! the server that held the connection, is an intent.

mod accounts;
mod names;
mod order;
mod people;
mod sealed;

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use self::accounts::{Accounts, WITH_ACCOUNTS};
use self::names::Holder;
pub use self::order::Kept;
use self::order::{Order, WITH_ORDER};
pub(crate) use self::people::notes;
pub use self::people::{Person, Presence, Remembered, Verdict};
use self::sealed::{Sealed, WITH_SEALS};
use crate::limits::{FoldLimits, PEOPLE_NAMED_MAX, WINDOW};
use crate::protocol::ids::sha256;
use crate::protocol::{
    Ask, Audience, ClientId, Entry, Event, FOLD, Intent, LogId, Manner, Nick, NodeId, Notes, Person as Named, Position,
    Refusal, RequestId, Room, RoomKey, Seq, Session, StateHash, Tags, Target, Text, Unacceptable, Unreadable, hash_ask,
};
use crate::time::WallTime;

/// What an intent came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// A fact: the next entry.
    Fact(Entry),
    /// Refused; if it was numbered, its number is used and the refusal remembered.
    Refused(Refusal),
    /// Decided before; the verdict, if it is still remembered.
    Duplicate(Option<Verdict>),
    /// An earlier number is missing: ignored.
    Gap,
    /// It changed what is known without being an entry, or changed nothing.
    Silent,
}

/// The state that all intents so far have come to.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug, Serialize, Deserialize)]
pub struct Chat {
    /// Which log this is the fold of; none before its first record.
    log: Option<LogId>,
    /// The rules that hold.
    fold: u32,
    limits: FoldLimits,
    /// The position after the last record applied.
    next: Position,
    /// The last entry.
    head: Seq,
    /// The last entry's time: no later one is earlier.
    at: WallTime,
    people: BTreeMap<ClientId, Person>,
    /// How many of them hold a key.
    keyed: u32,
    /// Keyed people who are away, by their last entry: the first is forgotten first.
    away: BTreeSet<(Seq, ClientId)>,
    /// Who is online, by nick key.
    online: BTreeMap<alloc::string::String, ClientId>,
    /// Who is called what, by nick key.
    nicks: BTreeMap<alloc::string::String, Holder>,
    rooms: BTreeMap<Room, Membership>,
    /// Colour slots below `hue_next` that nobody online has.
    hues_free: BTreeSet<u16>,
    hue_next: u16,
    nodes: BTreeMap<NodeId, Node>,
    /// How rooms are kept: written after all others, once the rules know of it.
    #[serde(skip)]
    order: Order,
    /// What people are known by: written after that.
    #[serde(skip)]
    accounts: Accounts,
    /// What nobody reads any more: written after that, once there is anything.
    #[serde(skip)]
    sealed: Sealed,
}

/// Who is in a room.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug, Serialize, Deserialize)]
struct Membership {
    members: BTreeSet<ClientId>,
    /// How many of them are online.
    online: u32,
}

/// What is known of a server that writes to this log.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug, Serialize, Deserialize)]
struct Node {
    epoch: u32,
    /// The last session attached: an older one that appears again is stale.
    session: Session,
}

impl Chat {
    /// The state before any record.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Decides what one intent of the record at `position` means. `at` is the log's time; it is clamped so that it never
    /// goes backwards.
    pub fn apply(&mut self, position: Position, at: WallTime, intent: &Intent) -> Outcome {
        self.next = Position(position.0 + 1);
        self.at = if planted!("time_goes_back") { at } else { self.at.max(at) };
        match intent {
            Intent::Genesis { log, fold, limits } => self.begin(*log, *fold, *limits),
            Intent::Started { node, epoch } => self.start(*node, *epoch),
            Intent::Attach { client, session, nick, standing, door } => {
                self.attach(*client, *session, nick, *standing, *door)
            }
            Intent::Depart { client, session, why } => self.depart(*client, *session, *why),
            Intent::Ask { client, n, seen, ask } => self.ask(*client, *n, *seen, ask),
            Intent::Rules { fold, order } => {
                self.rule(*fold, *order);
                Outcome::Silent
            }
            Intent::Empower { client, session } => {
                self.empower(*client, *session);
                Outcome::Silent
            }
        }
    }

    /// Whether `who` may see an entry, as far as today's memberships tell: its author, those it names, the members of its
    /// rooms who were members before it.
    #[must_use]
    pub fn may_see(&self, who: &ClientId, entry: &Entry) -> bool {
        let named = || entry.people().iter().any(|person| person.id == *who);
        let member = || {
            let person = self.people.get(who);
            let since = |room| person.and_then(|p| p.rooms.get(room));
            entry.rooms().iter().any(|room| since(room).is_some_and(|since| *since < entry.seq))
        };
        entry.by == *who || entry.mover() == *who || named() || member()
    }

    /// A digest of the whole state.
    #[must_use]
    pub fn hash(&self) -> StateHash {
        Self::hash_of(&self.snapshot())
    }

    /// The digest of the state that a snapshot was taken of.
    #[must_use]
    pub fn hash_of(snapshot: &[u8]) -> StateHash {
        StateHash(sha256(&[snapshot]))
    }

    /// The whole state as bytes.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        let mut bytes = postcard::to_allocvec(self).expect("the state can be written");
        if self.fold >= WITH_ORDER {
            bytes = postcard::to_extend(&self.order, bytes).expect("the state can be written");
        }
        if self.fold >= WITH_ACCOUNTS {
            bytes = postcard::to_extend(&self.accounts, bytes).expect("the state can be written");
        }
        if !self.sealed.is_empty() {
            bytes = postcard::to_extend(&self.sealed, bytes).expect("the state can be written");
        }
        bytes
    }

    /// The state a snapshot was taken of.
    ///
    /// # Errors
    /// [`Unreadable`] if these are not the bytes of a snapshot.
    pub fn restore(snapshot: &[u8]) -> Result<Self, Unreadable> {
        let (mut chat, mut rest) = postcard::take_from_bytes::<Self>(snapshot).map_err(Unreadable::from_postcard)?;
        if chat.fold >= WITH_ORDER {
            (chat.order, rest) = postcard::take_from_bytes(rest).map_err(Unreadable::from_postcard)?;
        }
        if chat.fold >= WITH_ACCOUNTS {
            (chat.accounts, rest) = postcard::take_from_bytes(rest).map_err(Unreadable::from_postcard)?;
        }
        if chat.fold >= WITH_SEALS && !rest.is_empty() {
            chat.sealed = postcard::from_bytes(rest).map_err(Unreadable::from_postcard)?;
        }
        if planted!("snapshot_forgets_numbers") {
            chat.people.values_mut().for_each(|person| person.last = RequestId(0));
        }
        Ok(chat)
    }

    /// Which log this is the fold of.
    #[must_use]
    pub const fn log(&self) -> Option<LogId> {
        self.log
    }

    /// The last entry there is.
    #[must_use]
    pub const fn head(&self) -> Seq {
        self.head
    }

    /// The position after the last record applied: where to follow the log from.
    #[must_use]
    pub const fn next(&self) -> Position {
        self.next
    }

    /// The version of the rules that hold; 0 before any record.
    #[must_use]
    pub const fn rules(&self) -> u32 {
        self.fold
    }

    /// The epoch a node last began; 0 if it never did.
    #[must_use]
    pub fn epoch(&self, node: NodeId) -> u32 {
        self.nodes.get(&node).map_or(0, |node| node.epoch)
    }

    /// Somebody who is known.
    #[must_use]
    pub fn person(&self, client: &ClientId) -> Option<&Person> {
        self.people.get(client)
    }

    /// Who is online and in a room.
    pub fn present(&self, room: &Room) -> impl Iterator<Item = (&ClientId, &Person)> {
        let members = self.rooms.get(room).into_iter().flat_map(|membership| &membership.members);
        members.map(|client| (client, &self.people[client])).filter(|(_, person)| person.is_online())
    }

    /// The last entry's time.
    #[must_use]
    pub const fn at(&self) -> WallTime {
        self.at
    }

    /// Everybody online, by nick key.
    pub fn online(&self) -> impl ExactSizeIterator<Item = (&ClientId, &Person)> {
        self.online.values().map(|client| (client, &self.people[client]))
    }

    /// The rooms that have members: name, members online, all members.
    pub fn rooms(&self) -> impl ExactSizeIterator<Item = (&Room, u32, u32)> {
        self.rooms.iter().map(counted)
    }

    /// One of them.
    #[must_use]
    pub fn room(&self, room: &Room) -> Option<(&Room, u32, u32)> {
        self.rooms.get_key_value(room).map(counted)
    }

    fn begin(&mut self, log: LogId, fold: u32, limits: FoldLimits) -> Outcome {
        if self.log.is_none() {
            assert!(fold <= FOLD, "the log is written under rules {fold}, this program knows up to {FOLD}");
            (self.log, self.fold, self.limits) = (Some(log), fold, limits);
        }
        Outcome::Silent
    }

    fn start(&mut self, node: NodeId, epoch: u32) -> Outcome {
        let node = self.nodes.entry(node).or_default();
        node.epoch = node.epoch.max(epoch);
        Outcome::Silent
    }

    fn ask(&mut self, client: ClientId, n: RequestId, seen: Seq, ask: &Ask) -> Outcome {
        let Some(person) = self.people.get(&client) else {
            return Outcome::Silent; // A guest who is gone, or somebody forgotten: there is nobody to answer.
        };
        if n <= person.last && !planted!("fold_forgets_numbers") {
            return person.recall(n, hash_ask(ask));
        }
        if n > person.last.next() {
            return Outcome::Gap;
        }
        let decided = self.decide(client, n, seen, ask);
        let person = self.people.get_mut(&client).expect("a decision forgets nobody");
        person.remember(n, hash_ask(ask), Verdict::of(&decided));
        match decided {
            Ok(entry) => Outcome::Fact(entry),
            Err(refusal) => Outcome::Refused(refusal),
        }
    }

    fn decide(&mut self, client: ClientId, n: RequestId, seen: Seq, ask: &Ask) -> Result<Entry, Refusal> {
        let event = match ask {
            Ask::Say { to, text, manner } | Ask::SayWith { to, text, manner, .. } => match to {
                Target::Room(room) => self.say(client, room, text, *manner)?,
                Target::People(nicks) => self.whisper(client, seen, nicks, text, *manner)?,
            },
            Ask::Join { room } => self.join(client, room, None)?,
            Ask::Unlock { room, key } => self.join(client, room, Some(key))?,
            Ask::Leave { room } => self.leave(client, room)?,
            Ask::Rename { nick } => return self.rename(client, n, seen, nick),
            Ask::Topic { room, topic } => self.set_topic(client, room, topic.as_ref())?,
            Ask::Kick { room, nick, reason } => self.kick(client, seen, room, nick, reason.as_ref())?,
            Ask::Invite { room, nick } => self.invite(client, seen, room, nick)?,
            Ask::Change { room, changes } => self.change(client, seen, room, changes)?,
            Ask::Kill { nick, reason } => self.kill(client, seen, nick, reason.as_ref())?,
            Ask::Void { why } => return Err(Refusal::Unacceptable(why.clone())),
        };
        let mut entry = self.entry(client, n, seen, event);
        if let Ask::SayWith { tags, .. } = ask {
            entry.tags = tags.clone();
        }
        Ok(entry)
    }

    fn say(&self, client: ClientId, room: &Room, text: &Text, manner: Manner) -> Result<Event, Refusal> {
        let author = &self.people[&client];
        if !author.rooms.contains_key(room) {
            return Err(Refusal::NotInRoom(room.clone()));
        }
        self.check_may_speak(&client, room)?;
        let alone = self.rooms[room].online == u32::from(author.is_online());
        let notes = Notes { alone, ..Notes::default() };
        Ok(Event::Said { audience: Audience::Room(room.clone()), text: text.clone(), manner, notes })
    }

    fn whisper(
        &self,
        client: ClientId,
        seen: Seq,
        nicks: &[Nick],
        text: &Text,
        manner: Manner,
    ) -> Result<Event, Refusal> {
        if nicks.len() > PEOPLE_NAMED_MAX {
            let max = u32::try_from(PEOPLE_NAMED_MAX).expect("a small number");
            return Err(Refusal::Unacceptable(Unacceptable::TooManyPeople { max }));
        }
        let mut people: Vec<Named> = Vec::new();
        let mut notes = Notes::default();
        for nick in nicks {
            let Some(holder) = self.nicks.get(nick.key()) else {
                if !notes.unknown.contains(nick) {
                    notes.unknown.push(nick.clone());
                }
                continue;
            };
            if holder.since > seen && holder.client != client && !planted!("nick_moved_unnoticed") {
                return Err(Refusal::NickMoved(nick.clone()));
            }
            if holder.client == client || people.iter().any(|person| person.id == holder.client) {
                continue;
            }
            let person = &self.people[&holder.client];
            if !person.is_online() {
                notes.away.push(person.nick.clone());
            }
            people.push(Named { id: holder.client, nick: person.nick.clone() });
        }
        match (people.is_empty(), notes.unknown.is_empty()) {
            (true, true) => Err(Refusal::OnlyYourself),
            (true, false) => Err(Refusal::NobodyThere(notes.unknown)),
            (false, _) => Ok(Event::Said { audience: Audience::Only(people), text: text.clone(), manner, notes }),
        }
    }

    fn join(&mut self, client: ClientId, room: &Room, key: Option<&RoomKey>) -> Result<Event, Refusal> {
        let rooms = &self.people[&client].rooms;
        if rooms.contains_key(room) {
            return Err(Refusal::AlreadyInRoom(room.clone()));
        }
        if rooms.len() >= self.limits.rooms_per_person_max as usize {
            return Err(Refusal::TooManyRoomsOfYours(self.limits.rooms_per_person_max));
        }
        if !self.rooms.contains_key(room) && self.rooms.len() >= self.limits.rooms_max as usize {
            return Err(Refusal::TooManyRooms(self.limits.rooms_max));
        }
        self.check_may_enter(&client, room, key)?;
        self.enter(client, room.clone(), self.head.next());
        Ok(Event::Joined { room: room.clone() })
    }

    fn leave(&mut self, client: ClientId, room: &Room) -> Result<Event, Refusal> {
        if !self.people[&client].rooms.contains_key(room) {
            return Err(Refusal::NotInRoom(room.clone()));
        }
        self.exit(client, room, self.head.next());
        Ok(Event::Left { room: room.clone() })
    }

    /// Makes somebody a member of a room, as of the entry `since`.
    fn enter(&mut self, client: ClientId, room: Room, since: Seq) {
        let person = self.people.get_mut(&client).expect("whoever enters is known");
        if self.fold >= WITH_ORDER && !room.is_lobby() && !self.rooms.contains_key(&room) {
            self.order.found(&room, client, since);
            self.sealed.found(&room);
        }
        self.order.enter(client, &room);
        let membership = self.rooms.entry(room.clone()).or_default();
        membership.members.insert(client);
        membership.online += u32::from(person.is_online());
        person.rooms.insert(room, since);
    }

    /// Ends somebody's membership of a room as of the entry `last`, whether they are online or not.
    fn exit(&mut self, client: ClientId, room: &Room, last: Seq) {
        let person = self.people.get_mut(&client).expect("whoever leaves is known");
        person.rooms.remove(room);
        let online = person.is_online();
        let membership = self.rooms.get_mut(room).expect("a member's room is known");
        membership.members.remove(&client);
        membership.online -= u32::from(online);
        let was_last = membership.members.is_empty();
        if was_last {
            self.rooms.remove(room);
            self.seal(room, last);
        }
        self.order.exit(&client, room, was_last);
    }

    /// The next entry, by `client`.
    fn entry(&mut self, client: ClientId, n: RequestId, seen: Seq, event: Event) -> Entry {
        self.head = self.head.next();
        let person = self.people.get_mut(&client).expect("an author is known");
        if self.away.remove(&(person.active, client)) {
            self.away.insert((self.head, client)); // What somebody asked before they departed is decided after.
        }
        person.active = self.head;
        let (nick, hue, account) = (person.nick.clone(), person.hue, self.account(&client).cloned());
        Entry { seq: self.head, at: self.at, by: client, nick, hue, n, seen, event, account, tags: Tags::default() }
    }
}

fn counted<'a>((room, membership): (&'a Room, &Membership)) -> (&'a Room, u32, u32) {
    (room, membership.online, u32::try_from(membership.members.len()).unwrap_or(u32::MAX))
}

/// The verdicts of the last [`WINDOW`] requests of a client.
type Memory = VecDeque<Remembered>;

const _: () = assert!(WINDOW <= 64, "the table of outcomes is kept for every client that is known");
