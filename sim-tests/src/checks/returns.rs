//! P2, P6 and P7 for somebody with an account on IRC, who cannot say what they have seen. The server remembers what it had
//! written to them when it last heard of them; a server that was started since goes by the last thing they did. Of what was
//! said after that nothing is left out, of what was written before it nothing is shown again, and their rooms are theirs
//! still.

use std::collections::BTreeSet;

use causerie_core::protocol::{ClientId, Event, Room, Seq};

use super::case::{Attach, Case, Fact, at, telling, whose};
use super::found::{Found, Point};
use super::irc::Reading;
use crate::evidence::Life;

/// From where on a life is told things.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Since {
    /// They had it before.
    had: Seq,
    /// Up to there they are told what was said, and nothing else.
    talk_to: Seq,
}

impl Since {
    /// Of a life: everything, unless it is of somebody who came back.
    pub(super) fn of(case: &Case<'_>, life: usize) -> Self {
        came(case, life).map_or(Self::default(), |attach| Self { had: had(case, life, attach), talk_to: attach.head })
    }

    pub(super) fn is_told(self, fact: &Fact) -> bool {
        let (seq, is_talk) = (fact.entry.seq, matches!(fact.entry.event, Event::Said { .. }));
        seq > self.had && (seq > self.talk_to || is_talk)
    }
}

/// The coming that a life was welcomed for: of somebody with an account, the last before they were told so.
fn came<'a>(case: &'a Case<'_>, life: usize) -> Option<&'a Attach> {
    let evidence = &case.evidence.lives[life];
    let welcomed_us = case.readings.get(&life).filter(|_| evidence.by.has_account())?.welcomed_us?;
    let theirs = |attach: &&Attach| attach.who == evidence.identity && attach.durable_us <= welcomed_us;
    case.attaches.iter().rfind(theirs)
}

/// What can be taken to have come to them before, by that start of the server; where it knows nothing of them, the last they
/// did before it knew of them.
fn had(case: &Case<'_>, life: usize, attach: &Attach) -> Seq {
    let first = case.attaches.iter().find(|other| other.who == attach.who && other.epoch == attach.epoch);
    let known = first.map_or(Seq(0), |first| first.head);
    let own = case.facts.iter().take_while(|fact| fact.entry.seq <= known);
    let own = own.filter(|fact| fact.entry.by == attach.who && fact.entry.n.0 > 0).last();
    came_before(case, life).max(own.map_or(Seq(0), |fact| fact.entry.seq))
}

/// What can be taken to have come on earlier connections to the same start of the server.
fn came_before(case: &Case<'_>, life: usize) -> Seq {
    let this = &case.evidence.lives[life];
    let same = |other: &&Life| other.identity == this.identity && other.written.start == this.written.start;
    let earlier = case.evidence.lives[..life].iter().filter(same);
    earlier.map(|other| other.written.when_heard).max().unwrap_or_default()
}

/// What happened by IRC.
#[derive(Clone, Copy, Debug, Default)]
pub struct ByIrc {
    /// Somebody with an account came back.
    pub returns: usize,
    /// Entries they were told that they had missed.
    pub missed: usize,
    /// Pages of talk that were not empty.
    pub pages: usize,
    /// Answers under a label.
    pub labels: usize,
    /// Told of somebody who is watched.
    pub presence: usize,
}

impl Case<'_> {
    /// What happened by IRC.
    #[must_use]
    pub fn by_irc(&self) -> ByIrc {
        let mut all = ByIrc::default();
        for (life, reading) in &self.readings {
            all.pages += reading.pages.iter().filter(|page| !page.entries.is_empty()).count();
            all.labels += reading.labels.len();
            all.presence += reading.presence.len();
            if let Some(attach) = came(self, *life) {
                let before = self.attaches.iter().any(|other| other.who == attach.who && other.head < attach.head);
                all.returns += usize::from(before);
                all.missed += self.sights[*life].iter().filter(|sight| sight.seq <= attach.head).count();
            }
        }
        all
    }
}

/// P2, over the connections to one start of the server. What was cut off amid its lines is told again, whole.
pub(super) fn nothing_is_shown_again(case: &Case<'_>) -> Result<(), Found> {
    for (i, life, sights) in case.lives().filter(|(_, life, _)| life.by.has_account()) {
        let had = came_before(case, i);
        if let Some(again) = sights.iter().find(|sight| sight.seq < had && sight.misfit.is_none()) {
            let (who, seq, when) = (whose(i, life), again.seq, at(again.at_us));
            let what = format!(
                "{who} was shown {seq} at {when}, and had been heard of on a connection before, to the same start of the \
                 server, after it was sent up to {had}; expected: what came after that"
            );
            return Err(Found::new("shown before", [Point::Shown { life: i, seq, at_us: again.at_us }], what));
        }
    }
    Ok(())
}

/// P7: whoever comes back is told that they are in the rooms they are a member of, and in no other.
pub(super) fn rooms_are_kept(case: &Case<'_>) -> Result<(), Found> {
    for (i, life, _) in case.lives() {
        let Some(attach) = came(case, i) else { continue };
        let Some(Reading { returned: (told, true), .. }) = case.readings.get(&i) else { continue };
        let rooms = rooms_of(case, attach.who, attach.head);
        if *told != rooms {
            let last = case.fact(attach.head).map(|fact| telling(&fact.entry)).unwrap_or_default();
            let what = format!("{} was told that it is in {told:?}; as of {last} it is in {rooms:?}", whose(i, life));
            let points = [Point::Entry(attach.head), Point::Life { life: i, at_us: attach.durable_us }];
            return Err(Found::new("other rooms than theirs", points, what));
        }
    }
    Ok(())
}

/// The rooms of somebody, as of an entry.
fn rooms_of(case: &Case<'_>, who: ClientId, head: Seq) -> BTreeSet<String> {
    let mut rooms: BTreeSet<&Room> = BTreeSet::new();
    for fact in case.facts.iter().take_while(|fact| fact.entry.seq <= head) {
        match &fact.entry.event {
            Event::Arrived { rooms: of, .. } if fact.entry.by == who => rooms.extend(of),
            Event::Joined { room } if fact.entry.by == who => _ = rooms.insert(room),
            Event::Left { room } | Event::Kicked { room, .. } if fact.entry.mover() == who => _ = rooms.remove(room),
            Event::Arrived { .. }
            | Event::Joined { .. }
            | Event::Left { .. }
            | Event::Kicked { .. }
            | Event::Departed { .. }
            | Event::Renamed { .. }
            | Event::Said { .. }
            | Event::Topic { .. }
            | Event::Invited { .. }
            | Event::Changed { .. }
            | Event::Killed { .. } => {}
        }
    }
    rooms.into_iter().map(Room::to_string).collect()
}
