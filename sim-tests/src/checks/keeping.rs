//! Rooms are kept in order by those whose business it is: a model of its own, followed entry by entry. Who ever operated the
//! server is let do what server operators do, whenever; the key of a room is in no entry of whoever enters.

use std::collections::{BTreeMap, BTreeSet};

use causerie_core::protocol::{Audience, Change, ClientId, Entry, Event, Flag, Intent, Mask, Role, Room, Seq};

use super::case::{Case, telling};
use super::found::{Found, Point};
use super::people::People;

pub(super) fn judge(case: &Case<'_>) -> Result<(), Found> {
    let mut model = Model::of(case);
    for fact in &case.facts {
        if let Err(expected) = model.follow(&fact.entry, &case.guests) {
            let what = format!("{}; expected: {expected}", telling(&fact.entry));
            return Err(Found::new("out of order", [Point::Entry(fact.entry.seq)], what));
        }
        model.people.follow(&fact.entry, &case.guests);
    }
    Ok(())
}

/// The rooms that were closed when their last member went, each with that entry, in order.
pub(super) fn seals<'a>(case: &'a Case<'_>) -> Vec<(&'a Room, Seq)> {
    let mut model = Model::of(case);
    for fact in &case.facts {
        let _judged_elsewhere = model.follow(&fact.entry, &case.guests);
        model.people.follow(&fact.entry, &case.guests);
    }
    model.sealed
}

#[derive(Debug, Default)]
struct Model<'a> {
    people: People<'a>,
    rooms: BTreeMap<&'a Room, Kept<'a>>,
    /// Who ever operated the server.
    operators: BTreeSet<ClientId>,
    sealed: Vec<(&'a Room, Seq)>,
}

#[derive(Debug, Default)]
struct Kept<'a> {
    members: BTreeSet<ClientId>,
    roles: BTreeSet<(ClientId, Role)>,
    flags: BTreeSet<Flag>,
    keyed: bool,
    limit: Option<u32>,
    bans: Vec<&'a Mask>,
    mutes: Vec<&'a Mask>,
    invited: BTreeSet<ClientId>,
}

impl Kept<'_> {
    fn has_role(&self, who: ClientId) -> bool {
        self.roles.iter().any(|(holder, _)| *holder == who)
    }

    /// Whether somebody is not to read it.
    fn is_closed(&self) -> bool {
        let flag = |flag| self.flags.contains(&flag);
        flag(Flag::Secret) || flag(Flag::InviteOnly) || self.keyed || !self.bans.is_empty()
    }

    fn may_speak(&self, entry: &Entry) -> bool {
        let masked = |masks: &[&Mask]| masks.iter().any(|mask| mask.fits(&entry.nick));
        let barred = self.flags.contains(&Flag::Moderated) || masked(&self.bans) || masked(&self.mutes);
        self.has_role(entry.by) || !barred
    }
}

impl<'a> Model<'a> {
    /// Before the first entry.
    fn of(case: &Case<'_>) -> Self {
        let intents = case.evidence.log.iter().flat_map(|stored| &stored.record.intents);
        let operators = intents.filter_map(|intent| match intent {
            Intent::Empower { client, .. } => Some(*client),
            Intent::Genesis { .. }
            | Intent::Started { .. }
            | Intent::Attach { .. }
            | Intent::Depart { .. }
            | Intent::Ask { .. }
            | Intent::Rules { .. } => None,
        });
        Self { operators: operators.collect(), ..Self::default() }
    }

    /// The next entry: what was expected, if it should not be there.
    fn follow(&mut self, entry: &'a Entry, guests: &BTreeSet<ClientId>) -> Result<(), &'static str> {
        let (by, power) = (entry.by, self.operators.contains(&entry.by));
        let operates = |kept: &Kept<'_>| power || kept.roles.contains(&(by, Role::Operator));
        match &entry.event {
            Event::Arrived { rooms, .. } => rooms.iter().for_each(|room| self.enter(room, by)),
            Event::Departed { .. } if guests.contains(&by) => {
                let rooms: Vec<&Room> = self.rooms.keys().copied().collect();
                rooms.into_iter().for_each(|room| self.leave(room, by, entry.seq));
            }
            Event::Joined { room } => {
                let kept = self.rooms.entry(room).or_default();
                if kept.bans.iter().any(|mask| mask.fits(&entry.nick)) {
                    return Err("who is banned stays outside");
                }
                if kept.flags.contains(&Flag::InviteOnly) && !kept.invited.contains(&by) {
                    return Err("an invitation before");
                }
                if kept.limit.is_some_and(|max| kept.members.len() >= max as usize) {
                    return Err("no more members than the limit");
                }
                self.enter(room, by);
            }
            Event::Left { room } => self.leave(room, by, entry.seq),
            Event::Said { audience: Audience::Room(room), .. } => {
                let kept = self.rooms.entry(room).or_default();
                if !power && !kept.may_speak(entry) {
                    return Err("silence, by the order of the room");
                }
            }
            Event::Topic { room, .. } => {
                let kept = self.rooms.entry(room).or_default();
                if !operates(kept) && (kept.flags.contains(&Flag::TopicLocked) || !kept.may_speak(entry)) {
                    return Err("the topic is the operators'");
                }
            }
            Event::Kicked { room, who, .. } => {
                if !operates(self.rooms.entry(room).or_default()) {
                    return Err("an operator puts out");
                }
                self.leave(room, who.id, entry.seq);
            }
            Event::Invited { room, who } => {
                let kept = self.rooms.entry(room).or_default();
                let may =
                    if kept.flags.contains(&Flag::InviteOnly) { operates(kept) } else { kept.members.contains(&by) };
                if !may && !power {
                    return Err("an invitation by whoever may give one");
                }
                kept.invited.insert(who.id);
            }
            Event::Changed { room, changes } => {
                let kept = self.rooms.entry(room).or_default();
                if !operates(kept) {
                    return Err("an operator changes it");
                }
                changes.iter().for_each(|change| apply(kept, &self.people, change));
            }
            Event::Killed { .. } if !power => return Err("a server operator"),
            Event::Killed { .. } | Event::Departed { .. } | Event::Renamed { .. } | Event::Said { .. } => {}
        }
        Ok(())
    }

    fn enter(&mut self, room: &'a Room, who: ClientId) {
        let kept = self.rooms.entry(room).or_default();
        if kept.members.is_empty() && !room.is_lobby() {
            kept.roles.insert((who, Role::Operator));
        }
        kept.members.insert(who);
        kept.invited.remove(&who);
    }

    fn leave(&mut self, room: &Room, who: ClientId, seq: Seq) {
        let Some(kept) = self.rooms.get_mut(room) else { return };
        let was_member = kept.members.remove(&who);
        kept.roles.retain(|(holder, _)| *holder != who);
        if kept.members.is_empty()
            && !room.is_lobby()
            && let Some((room, kept)) = self.rooms.remove_entry(room)
            && was_member
            && kept.is_closed()
        {
            self.sealed.push((room, seq));
        }
    }
}

fn apply<'a>(kept: &mut Kept<'a>, people: &People<'_>, change: &'a Change) {
    let put = |masks: &mut Vec<&'a Mask>, mask: &'a Mask, on: bool| {
        masks.retain(|other| !other.is(mask));
        masks.extend(on.then_some(mask));
    };
    match change {
        Change::Flag { flag, on: true } => _ = kept.flags.insert(*flag),
        Change::Flag { flag, on: false } => _ = kept.flags.remove(flag),
        Change::Limit(limit) => kept.limit = *limit,
        Change::Key(key) => kept.keyed = key.is_some(),
        Change::Ban { mask, on } => put(&mut kept.bans, mask, *on),
        Change::Mute { mask, on } => put(&mut kept.mutes, mask, *on),
        Change::Role { role, nick, on } => {
            let Some((who, _)) = people.holder(nick) else { return };
            if *on {
                kept.roles.insert((who, *role));
            } else {
                kept.roles.remove(&(who, *role));
            }
        }
    }
}
