//! The past of rooms that were closed stays closed: whoever makes a room of that name anew does not read it.
//!
//! A room's order ends with its last member, and with it what kept others out. So its past is sealed then, unless the room was
//! open to everybody: what stands up to that entry is in no page of history any more, for nobody. What its members missed they
//! are still sent when they come back: that is theirs. A room was closed if it was secret, by invitation, took a key or had
//! bans: each of these says that somebody is not to read it. A greatest number of members or who may speak says nothing of that.
//!
//! Of rooms that have ended, [`SEALED_ROOMS_MAX`] are remembered by name, those sealed last. For what is not remembered there is
//! one floor under every room made later, whatever its name and whoever was in it: it seals too much, never too little.
//!
//! This is a part of the state of its own, behind all others, written once there is a seal.

use alloc::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Chat, Kept};
use crate::limits::SEALED_ROOMS_MAX;
use crate::protocol::{Flag, Room, Seq};

/// Up to where the past of which rooms is sealed.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug, Serialize, Deserialize)]
pub(super) struct Sealed {
    /// Of rooms that have members; at most as many as there are.
    living: BTreeMap<Room, Seq>,
    /// Of rooms that have ended.
    ended: BTreeMap<Room, Seq>,
    /// The same, the one sealed longest ago first.
    oldest: BTreeSet<(Seq, Room)>,
    /// Under every room made since this was laid.
    floor: Seq,
}

impl Sealed {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// A room was made: its past is as sealed as that of the one before of its name.
    pub(super) fn found(&mut self, room: &Room) {
        let before = self.ended.remove(room).unwrap_or_default();
        self.oldest.remove(&(before, room.clone()));
        let through = before.max(self.floor);
        if through > Seq(0) {
            self.living.insert(room.clone(), through);
        }
    }

    /// A room has ended with the entry `last`.
    pub(super) fn end(&mut self, room: &Room, closed: bool, last: Seq) {
        let before = self.living.remove(room).unwrap_or_default();
        let through = if closed { last } else { before };
        if through <= self.floor {
            return; // The floor is under it whoever makes it anew.
        }
        self.ended.insert(room.clone(), through);
        self.oldest.insert((through, room.clone()));
        if self.ended.len() > SEALED_ROOMS_MAX
            && let Some((through, room)) = self.oldest.pop_first()
        {
            self.ended.remove(&room);
            self.floor = through;
        }
    }
}

impl Chat {
    /// Up to which entry the past of a room is sealed: no page of history shows it. 0 if none of it is.
    #[must_use]
    pub fn sealed(&self, room: &Room) -> Seq {
        let sealed = &self.sealed;
        let of = |rooms: &BTreeMap<Room, Seq>| rooms.get(room).copied().unwrap_or_default();
        if planted!("seal_forgotten") || room.is_lobby() {
            Seq(0) // Everybody is in the lobby, and it never ends.
        } else if self.rooms.contains_key(room) {
            of(&sealed.living)
        } else {
            of(&sealed.ended).max(sealed.floor)
        }
    }

    /// The last member of a room is gone with the entry `last`; how it was kept is known still.
    pub(super) fn seal(&mut self, room: &Room, last: Seq) {
        if self.fold >= WITH_SEALS && !room.is_lobby() {
            let closed = self.kept(room).is_some_and(is_closed);
            self.sealed.end(room, closed, last);
        }
    }
}

/// Whether somebody is not to read what is said in a room.
fn is_closed(kept: &Kept) -> bool {
    kept.is(Flag::Secret) || kept.is(Flag::InviteOnly) || kept.key.is_some() || !kept.bans.is_empty()
}

/// The first version of the rules that knows of seals.
pub(super) const WITH_SEALS: u32 = 3;

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    fn room(number: usize) -> Room {
        Room::try_from(&*format!("room{number}")).unwrap()
    }

    fn ended(sealed: &mut Sealed, number: usize, closed: bool, last: u64) {
        sealed.found(&room(number));
        sealed.end(&room(number), closed, Seq(last));
    }

    #[test]
    fn what_is_not_remembered_by_name_has_a_floor() {
        let mut sealed = Sealed::default();
        ended(&mut sealed, 0, false, 1);
        assert!(sealed.is_empty(), "an open room leaves nothing behind");
        sealed.found(&room(7_777_777));
        for number in 0..SEALED_ROOMS_MAX {
            ended(&mut sealed, number, true, 10 + number as u64);
        }
        assert_eq!((sealed.ended.len(), sealed.floor), (SEALED_ROOMS_MAX, Seq(0)));
        ended(&mut sealed, 1, false, 1_000_000);
        assert_eq!(sealed.ended[&room(1)], Seq(11), "an open end leaves the seal that was there");
        ended(&mut sealed, SEALED_ROOMS_MAX, true, 1_000_001);
        assert_eq!((sealed.ended.len(), sealed.floor), (SEALED_ROOMS_MAX, Seq(10)));
        assert_eq!(sealed.ended.len(), sealed.oldest.len());
        ended(&mut sealed, 2, true, 1_000_002);
        ended(&mut sealed, SEALED_ROOMS_MAX + 1, true, 1_000_003);
        assert_eq!(sealed.floor, Seq(11));
        sealed.found(&room(0));
        assert_eq!(sealed.living[&room(0)], Seq(11), "it is under rooms made later");
        assert!(!sealed.living.contains_key(&room(7_777_777)), "and not under those that were there");
        sealed.end(&room(0), false, Seq(1_000_004));
        assert_eq!(
            (sealed.ended.len(), sealed.living.len()),
            (SEALED_ROOMS_MAX, 0),
            "a floor is not remembered by name"
        );
    }
}
