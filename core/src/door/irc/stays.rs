//! Which rooms somebody is and was in. An entry can be shown long after it came, from history: an arrival in several rooms
//! is then shown in those that its reader was in at the time.

use alloc::vec::Vec;

use crate::protocol::{Room, Seq};

/// Stays in rooms, in order of their beginning.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub(super) struct Stays(Vec<Stay>);

/// Entries after `from`, up to `to`; that is none while it lasts.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Stay {
    room: Room,
    from: Seq,
    to: Option<Seq>,
}

/// Stays that ended and are remembered: whoever has been in more rooms since than these is not shown who came there before.
const ENDED_MAX: usize = 32;

impl Stays {
    /// An entry made them a member.
    pub(super) fn begin(&mut self, room: &Room, seq: Seq) {
        if !self.0.iter().any(|stay| stay.room == *room && stay.to.is_none()) {
            self.0.push(Stay { room: room.clone(), from: seq, to: None });
        }
    }

    /// An entry ended that.
    pub(super) fn end(&mut self, room: &Room, seq: Seq) {
        for stay in self.0.iter_mut().filter(|stay| stay.room == *room) {
            stay.to.get_or_insert(seq);
        }
        if self.0.iter().filter(|stay| stay.to.is_some()).count() > ENDED_MAX
            && let Some(oldest) = self.0.iter().position(|stay| stay.to.is_some())
        {
            self.0.remove(oldest);
        }
    }

    /// Whether they were in a room when an entry came.
    pub(super) fn held(&self, room: &Room, seq: Seq) -> bool {
        self.0.iter().any(|stay| stay.room == *room && stay.from < seq && stay.to.is_none_or(|to| seq <= to))
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    fn room(name: &str) -> Room {
        Room::try_from(name).unwrap()
    }

    #[test]
    fn a_stay_holds_what_came_while_it_lasted() {
        let (mut stays, lab) = (Stays::default(), room("lab"));
        stays.begin(&lab, Seq(2));
        stays.end(&lab, Seq(5));
        stays.begin(&lab, Seq(8));
        let held = (1..10).filter(|seq| stays.held(&lab, Seq(*seq))).collect::<Vec<_>>();
        assert_eq!(held, [3, 4, 5, 9]);
        assert!(!stays.held(&room("elsewhere"), Seq(4)));
    }

    #[test]
    fn stays_that_ended_are_forgotten_the_oldest_first() {
        let mut stays = Stays::default();
        stays.begin(&room("home"), Seq(0));
        for seq in 1..100 {
            let name = room(&format!("r{seq}"));
            stays.begin(&name, Seq(seq * 10));
            stays.end(&name, Seq(seq * 10 + 5));
        }
        assert_eq!(stays.0.len(), ENDED_MAX + 1);
        assert!(stays.held(&room("home"), Seq(999)) && stays.held(&room("r99"), Seq(993)));
        assert!(!stays.held(&room("r1"), Seq(12)));
    }
}
