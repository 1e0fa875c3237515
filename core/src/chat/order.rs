//! How rooms are kept: operators and voices, modes, topics, bans, invitations.
//!
//! Roles belong to (room, identity) and end with the membership. Whoever makes a room by entering it first is its
//! operator; the lobby, which nobody makes, has none until a server operator says so. A room's order goes with its last
//! member, the lobby's stays. A room whose last operator left has none: a server operator can name one.
//!
//! This is a part of the state of its own, so that what older rules came to has the same bytes, and the same digest, as ever.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{Chat, WITH_ACCOUNTS};
use crate::limits::{CHANGES_MAX, RoomLimits};
use crate::protocol::{
    Brief, Change, ClientId, Event, Flag, Mask, Masked, Nick, Person as Named, Refusal, Role, Room, RoomKey, Seq,
    Session, SetBy, Topic, Unacceptable,
};

/// The order in all rooms.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug, Serialize, Deserialize)]
pub(super) struct Order {
    limits: RoomLimits,
    rooms: BTreeMap<Room, Kept>,
    /// Whom rooms await: each room with the entry that made it, so that another of that name is not meant.
    invitations: BTreeMap<ClientId, VecDeque<(Room, Seq)>>,
    /// Who operates the server, in which session.
    powers: BTreeMap<ClientId, Session>,
}

/// How one room is kept.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug, Serialize, Deserialize)]
pub struct Kept {
    /// The entry that made it.
    since: Seq,
    /// What it is about.
    pub topic: Option<Topic>,
    /// What is on.
    pub flags: BTreeSet<Flag>,
    /// What it takes to enter.
    pub key: Option<RoomKey>,
    /// At most so many members.
    pub limit: Option<u32>,
    /// Who can neither enter nor speak, oldest first.
    pub bans: Vec<Masked>,
    /// Who cannot speak, oldest first.
    pub mutes: Vec<Masked>,
    operators: BTreeSet<ClientId>,
    voices: BTreeSet<ClientId>,
}

impl Kept {
    /// The highest role somebody has.
    #[must_use]
    pub fn role(&self, client: &ClientId) -> Option<Role> {
        if self.operators.contains(client) {
            return Some(Role::Operator);
        }
        self.voices.contains(client).then_some(Role::Voice)
    }

    /// All roles somebody has, the highest first.
    #[must_use]
    pub fn roles(&self, client: &ClientId) -> Vec<Role> {
        [Role::Operator, Role::Voice].into_iter().filter(|role| self.has(client, *role)).collect()
    }

    /// Whether somebody has a role; an operator need not have a voice.
    #[must_use]
    pub fn has(&self, client: &ClientId, role: Role) -> bool {
        match role {
            Role::Operator => self.operators.contains(client),
            Role::Voice => self.voices.contains(client),
        }
    }

    /// Whether something is on.
    #[must_use]
    pub fn is(&self, flag: Flag) -> bool {
        self.flags.contains(&flag)
    }

    fn is_banned(&self, nick: &Nick) -> bool {
        self.bans.iter().any(|ban| ban.mask.fits(nick))
    }

    fn is_muted(&self, nick: &Nick) -> bool {
        self.mutes.iter().any(|mute| mute.mask.fits(nick))
    }
}

impl Order {
    /// A room was made.
    pub(super) fn found(&mut self, room: &Room, by: ClientId, since: Seq) {
        self.rooms.insert(room.clone(), Kept { since, operators: BTreeSet::from([by]), ..Kept::default() });
    }

    /// Somebody entered: the invitation, if there was one, is used.
    pub(super) fn enter(&mut self, client: ClientId, room: &Room) {
        if let Some(invitations) = self.invitations.get_mut(&client) {
            invitations.retain(|(to, _)| to != room);
            if invitations.is_empty() {
                self.invitations.remove(&client);
            }
        }
    }

    /// Somebody's membership ended, and perhaps with it the room.
    pub(super) fn exit(&mut self, client: &ClientId, room: &Room, was_last: bool) {
        if was_last && !room.is_lobby() {
            self.rooms.remove(room);
        } else if let Some(kept) = self.rooms.get_mut(room) {
            kept.operators.remove(client);
            kept.voices.remove(client);
        }
    }

    /// Somebody is known no more.
    pub(super) fn forget(&mut self, client: &ClientId) {
        self.invitations.remove(client);
        self.powers.remove(client);
    }

    fn is_invited(&self, client: &ClientId, room: &Room, since: Seq) -> bool {
        let invited = |list: &VecDeque<(Room, Seq)>| list.iter().any(|(to, of)| to == room && *of == since);
        self.invitations.get(client).is_some_and(invited)
    }

    fn invite(&mut self, client: ClientId, room: &Room, since: Seq) {
        let invitations = self.invitations.entry(client).or_default();
        invitations.retain(|(to, _)| to != room);
        invitations.push_back((room.clone(), since));
        while invitations.len() > self.limits.invitations_max as usize {
            invitations.pop_front();
        }
    }
}

impl Chat {
    /// How a room is kept; none, if nothing was ever laid down there.
    #[must_use]
    pub fn kept(&self, room: &Room) -> Option<&Kept> {
        self.order.rooms.get(room)
    }

    /// The members of a room.
    pub fn members(&self, room: &Room) -> impl Iterator<Item = &ClientId> {
        self.rooms.get(room).into_iter().flat_map(|membership| &membership.members)
    }

    /// Whether somebody is a member of a room.
    #[must_use]
    pub fn is_member(&self, client: &ClientId, room: &Room) -> bool {
        self.people.get(client).is_some_and(|person| person.rooms.contains_key(room))
    }

    /// The highest role somebody has in a room.
    #[must_use]
    pub fn role(&self, client: &ClientId, room: &Room) -> Option<Role> {
        self.kept(room)?.role(client)
    }

    /// Whether somebody operates the server in the session that holds.
    #[must_use]
    pub fn operates_server(&self, client: &ClientId) -> bool {
        let session = self.people.get(client).and_then(super::Person::session);
        session.is_some() && self.order.powers.get(client).copied() == session
    }

    /// How many operate the server.
    #[must_use]
    pub fn server_operators(&self) -> usize {
        self.order.powers.keys().filter(|client| self.operates_server(client)).count()
    }

    /// Whether somebody may know that a room is there: it is no secret, or not from them.
    #[must_use]
    pub fn may_know(&self, client: &ClientId, room: &Room) -> bool {
        let secret = self.kept(room).is_some_and(|kept| kept.is(Flag::Secret));
        !secret || self.is_member(client, room) || self.operates_server(client)
    }

    /// Whether somebody may read what was said in a room: its members, and who could enter it as it is.
    ///
    /// # Errors
    /// What keeps them out.
    pub fn may_read(&self, client: &ClientId, room: &Room) -> Result<(), Refusal> {
        if self.is_member(client, room) || self.operates_server(client) {
            return Ok(());
        }
        self.check_may_enter(client, room, None)
    }

    /// Whether somebody may speak in a room.
    ///
    /// # Errors
    /// What keeps them from it.
    pub fn may_speak(&self, client: &ClientId, room: &Room) -> Result<(), Refusal> {
        if !self.is_member(client, room) {
            return Err(Refusal::NotInRoom(room.clone()));
        }
        self.check_may_speak(client, room)
    }

    /// Whether anybody at all may read what was said in a room: it is no secret, and neither a key nor an invitation is needed.
    #[must_use]
    pub fn is_public(&self, room: &Room) -> bool {
        self.kept(room).is_none_or(|kept| !kept.is(Flag::Secret) && !kept.is(Flag::InviteOnly) && kept.key.is_none())
    }

    /// What the rules that hold lay down about rooms; none before they know of any order.
    #[must_use]
    pub fn room_limits(&self) -> Option<RoomLimits> {
        (self.fold >= WITH_ORDER).then_some(self.order.limits)
    }

    /// From here on other rules hold. What they know of and those before did not is made up for.
    pub(super) fn rule(&mut self, fold: u32, limits: RoomLimits) {
        assert!(
            fold <= crate::protocol::FOLD,
            "the log is written under rules {fold}, which this program does not know"
        );
        let was = self.fold;
        if was >= fold && was >= WITH_ORDER && self.order.limits == limits {
            return;
        }
        (self.fold, self.order.limits) = (was.max(fold), limits);
        if was < WITH_ORDER {
            self.name_operators();
        }
        if was < WITH_ACCOUNTS && self.fold >= WITH_ACCOUNTS {
            self.give_accounts();
        }
    }

    /// Who made the rooms there are is not known any more: whoever is a member longest is their operator.
    fn name_operators(&mut self) {
        for (room, membership) in self.rooms.iter().filter(|(room, _)| !room.is_lobby()) {
            let since = |client: &ClientId| self.people[client].rooms[room];
            if let Some(longest) = membership.members.iter().min_by_key(|client| since(client)) {
                self.order.found(room, *longest, since(longest));
            }
        }
    }

    pub(super) fn empower(&mut self, client: ClientId, session: Session) {
        if self.people.get(&client).and_then(super::Person::session) == Some(session) {
            self.order.powers.insert(client, session);
        }
    }

    pub(super) fn check_may_enter(&self, client: &ClientId, room: &Room, key: Option<&RoomKey>) -> Result<(), Refusal> {
        let Some(kept) = self.order.rooms.get(room) else { return Ok(()) };
        let nick = &self.people[client].nick;
        if kept.is_banned(nick) {
            return Err(Refusal::Banned(room.clone()));
        }
        if kept.is(Flag::InviteOnly) && !self.order.is_invited(client, room, kept.since) {
            return Err(Refusal::InviteOnly(room.clone()));
        }
        if kept.key.is_some() && kept.key.as_ref() != key {
            return Err(Refusal::WrongKey(room.clone()));
        }
        let members = self.rooms.get(room).map_or(0, |membership| membership.members.len());
        match kept.limit {
            Some(max) if members >= max as usize => Err(Refusal::RoomFull(room.clone(), max)),
            Some(_) | None => Ok(()),
        }
    }

    /// Whether a member may speak: whoever has a role may.
    pub(super) fn check_may_speak(&self, client: &ClientId, room: &Room) -> Result<(), Refusal> {
        let Some(kept) = self.order.rooms.get(room) else { return Ok(()) };
        let nick = &self.people[client].nick;
        if kept.role(client).is_some() || self.operates_server(client) || planted!("everybody_has_a_voice") {
            Ok(())
        } else if kept.is_banned(nick) {
            Err(Refusal::Banned(room.clone()))
        } else if kept.is_muted(nick) {
            Err(Refusal::Muted(room.clone()))
        } else if kept.is(Flag::Moderated) {
            Err(Refusal::Moderated(room.clone()))
        } else {
            Ok(())
        }
    }

    pub(super) fn set_topic(&mut self, client: ClientId, room: &Room, text: Option<&Brief>) -> Result<Event, Refusal> {
        self.check_takes_part(&client, room)?;
        let locked = self.kept(room).is_some_and(|kept| kept.is(Flag::TopicLocked));
        if locked && !self.operates(&client, room) {
            return Err(Refusal::NotOperator(room.clone()));
        }
        if !self.operates_server(&client) {
            self.check_may_speak(&client, room)?;
        }
        let set = self.set_by(&client);
        let kept = self.order.rooms.entry(room.clone()).or_default();
        if kept.topic.as_ref().map(|topic| &topic.text) == text {
            return Err(Refusal::NothingChanges(room.clone()));
        }
        kept.topic = text.map(|text| Topic { text: text.clone(), set });
        Ok(Event::Topic { room: room.clone(), topic: text.cloned() })
    }

    pub(super) fn kick(
        &mut self,
        client: ClientId,
        seen: Seq,
        room: &Room,
        nick: &Nick,
        reason: Option<&Brief>,
    ) -> Result<Event, Refusal> {
        self.check_operates(&client, room)?;
        let who = self.member(client, seen, room, nick)?;
        self.exit(who.id, room, self.head.next());
        Ok(Event::Kicked { room: room.clone(), who, reason: reason.cloned() })
    }

    pub(super) fn invite(&mut self, client: ClientId, seen: Seq, room: &Room, nick: &Nick) -> Result<Event, Refusal> {
        self.check_takes_part(&client, room)?;
        if self.kept(room).is_some_and(|kept| kept.is(Flag::InviteOnly)) && !self.operates(&client, room) {
            return Err(Refusal::NotOperator(room.clone()));
        }
        let who = self.named(client, seen, nick)?;
        if self.is_member(&who.id, room) {
            return Err(Refusal::MemberAlready(who.nick, room.clone()));
        }
        let since = self.kept(room).map_or(Seq(0), |kept| kept.since);
        self.order.invite(who.id, room, since);
        Ok(Event::Invited { room: room.clone(), who })
    }

    /// All changes, or none of them.
    pub(super) fn change(
        &mut self,
        client: ClientId,
        seen: Seq,
        room: &Room,
        changes: &[Change],
    ) -> Result<Event, Refusal> {
        if changes.is_empty() || changes.len() > CHANGES_MAX {
            let max = u32::try_from(CHANGES_MAX).expect("a small number");
            return Err(Refusal::Unacceptable(Unacceptable::TooManyChanges { max }));
        }
        self.check_operates(&client, room)?;
        let mut kept = self.kept(room).cloned().unwrap_or_default();
        let mut made = Vec::new();
        for change in changes {
            made.extend(self.make(&mut kept, client, seen, room, change)?);
        }
        if made.is_empty() {
            return Err(Refusal::NothingChanges(room.clone()));
        }
        self.order.rooms.insert(room.clone(), kept);
        Ok(Event::Changed { room: room.clone(), changes: made })
    }

    /// Makes one change; gives it as it came about, if it is one.
    fn make(
        &self,
        kept: &mut Kept,
        client: ClientId,
        seen: Seq,
        room: &Room,
        change: &Change,
    ) -> Result<Option<Change>, Refusal> {
        let max = self.order.limits.bans_max;
        let set = || self.set_by(&client);
        let is_new = match change {
            Change::Flag { flag, on: true } => kept.flags.insert(*flag),
            Change::Flag { flag, on: false } => kept.flags.remove(flag),
            Change::Key(key) => core::mem::replace(&mut kept.key, key.clone()) != *key,
            Change::Limit(limit) => core::mem::replace(&mut kept.limit, *limit) != *limit,
            Change::Ban { mask, on } => put(&mut kept.bans, mask, *on, max, room, set)?,
            Change::Mute { mask, on } => put(&mut kept.mutes, mask, *on, max, room, set)?,
            Change::Role { role, nick, on } => {
                let who = self.member(client, seen, room, nick)?;
                let holders = match role {
                    Role::Operator => &mut kept.operators,
                    Role::Voice => &mut kept.voices,
                };
                let is_new = if *on { holders.insert(who.id) } else { holders.remove(&who.id) };
                return Ok(is_new.then_some(Change::Role { role: *role, nick: who.nick, on: *on }));
            }
        };
        Ok(is_new.then(|| change.clone()))
    }

    pub(super) fn kill(
        &self,
        client: ClientId,
        seen: Seq,
        nick: &Nick,
        reason: Option<&Brief>,
    ) -> Result<Event, Refusal> {
        if !self.operates_server(&client) {
            return Err(Refusal::NotServerOperator);
        }
        let who = self.named(client, seen, nick)?;
        if !self.people[&who.id].is_online() {
            return Err(Refusal::NobodyThere(Vec::from([who.nick])));
        }
        Ok(Event::Killed { who, reason: reason.cloned() })
    }

    /// Whether somebody keeps a room in order.
    fn operates(&self, client: &ClientId, room: &Room) -> bool {
        self.role(client, room) == Some(Role::Operator) || self.operates_server(client)
    }

    fn check_operates(&self, client: &ClientId, room: &Room) -> Result<(), Refusal> {
        self.check_takes_part(client, room)?;
        if self.operates(client, room) || planted!("everybody_operates") {
            Ok(())
        } else {
            Err(Refusal::NotOperator(room.clone()))
        }
    }

    /// Whether somebody is in a room; server operators act from outside too.
    fn check_takes_part(&self, client: &ClientId, room: &Room) -> Result<(), Refusal> {
        let from_outside = || self.operates_server(client) && self.rooms.contains_key(room);
        if self.is_member(client, room) || from_outside() { Ok(()) } else { Err(Refusal::NotInRoom(room.clone())) }
    }

    /// Somebody whom a request names: whoever is called that, unless somebody else was when its author last looked.
    fn named(&self, client: ClientId, seen: Seq, nick: &Nick) -> Result<Named, Refusal> {
        let holder = self.nicks.get(nick.key()).ok_or_else(|| Refusal::NobodyThere(Vec::from([nick.clone()])))?;
        if holder.since > seen && holder.client != client {
            return Err(Refusal::NickMoved(nick.clone()));
        }
        Ok(Named { id: holder.client, nick: self.people[&holder.client].nick.clone() })
    }

    fn member(&self, client: ClientId, seen: Seq, room: &Room, nick: &Nick) -> Result<Named, Refusal> {
        let who = self.named(client, seen, nick)?;
        if self.is_member(&who.id, room) { Ok(who) } else { Err(Refusal::NotMember(who.nick, room.clone())) }
    }

    fn set_by(&self, client: &ClientId) -> SetBy {
        SetBy { nick: self.people[client].nick.clone(), at: self.at }
    }
}

/// Puts a mask on a list, or takes it off; tells whether that changed it.
fn put(
    list: &mut Vec<Masked>,
    mask: &Mask,
    on: bool,
    max: u32,
    room: &Room,
    set: impl FnOnce() -> SetBy,
) -> Result<bool, Refusal> {
    let place = list.iter().position(|other| other.mask.is(mask));
    match (place, on) {
        (Some(_), true) | (None, false) => Ok(false),
        (Some(place), false) => {
            list.remove(place);
            Ok(true)
        }
        (None, true) if list.len() >= max as usize => Err(Refusal::TooManyBans(room.clone(), max)),
        (None, true) => {
            list.push(Masked { mask: mask.clone(), set: set() });
            Ok(true)
        }
    }
}

/// The first version of the rules that knows of any order.
pub(super) const WITH_ORDER: u32 = 2;
