//! Who is called what and who is here, as the facts tell: a model of its own, followed entry by entry.

use std::collections::{BTreeMap, BTreeSet};

use causerie_core::protocol::{ClientId, Entry, Event, Nick, Seq};

use super::case::{Case, telling};
use super::found::{Found, Point};

/// The people after some entry.
#[derive(Debug, Default)]
pub(super) struct People<'a> {
    /// Who is here, and what they are called.
    pub(super) here: BTreeMap<ClientId, &'a Nick>,
    /// Whose each nick is, by its key, and since which entry. Whoever is away keeps it until somebody takes it.
    holders: BTreeMap<&'a str, (ClientId, Seq)>,
}

impl<'a> People<'a> {
    /// The next entry.
    pub(super) fn follow(&mut self, entry: &'a Entry, guests: &BTreeSet<ClientId>) {
        match &entry.event {
            Event::Arrived { .. } => {
                self.here.insert(entry.by, &entry.nick);
                if self.holder(&entry.nick).is_none_or(|(holder, _)| holder != entry.by) {
                    self.holders.insert(entry.nick.key(), (entry.by, entry.seq));
                }
            }
            Event::Departed { .. } => {
                self.here.remove(&entry.by);
                if guests.contains(&entry.by) {
                    self.let_go(entry.by, &entry.nick);
                }
            }
            Event::Renamed { to, .. } => {
                if let Some(nick) = self.here.get_mut(&entry.by) {
                    *nick = to;
                }
                if entry.nick.key() != to.key() {
                    self.let_go(entry.by, &entry.nick);
                    self.holders.insert(to.key(), (entry.by, entry.seq));
                }
            }
            Event::Joined { .. } | Event::Left { .. } | Event::Said { .. } => {}
        }
    }

    /// Two people who are here under one nick, if there are two.
    pub(super) fn same_nick(&self) -> Option<&'a Nick> {
        let mut keys = BTreeSet::new();
        self.here.values().copied().find(|nick| !keys.insert(nick.key()))
    }

    /// Whose a nick is, and since when.
    fn holder(&self, nick: &Nick) -> Option<(ClientId, Seq)> {
        self.holders.get(nick.key()).copied()
    }

    fn let_go(&mut self, who: ClientId, nick: &Nick) {
        if self.holder(nick).is_some_and(|(holder, _)| holder == who) {
            self.holders.remove(nick.key());
        }
    }
}

/// A private word goes to whom its author meant: to whoever had the nick in the last entry its author had seen.
pub(super) fn private_words_reach_whom_they_mean(case: &Case<'_>) -> Result<(), Found> {
    let mut people = People::default();
    for fact in &case.facts {
        let entry = &fact.entry;
        for named in entry.people() {
            let Some((holder, since)) = people.holder(&named.nick).filter(|(holder, _)| *holder == named.id) else {
                let what = format!("{} went to somebody who is not called {}", telling(entry), named.nick);
                return Err(Found::new("to somebody else", [Point::Entry(entry.seq)], what));
            };
            if since > entry.seen && holder != entry.by {
                let what = format!(
                    "{} went to whoever is {} since {since}, and its author had seen {}; expected: a refusal",
                    telling(entry),
                    named.nick,
                    entry.seen
                );
                let points = [Point::Entry(since), Point::Entry(entry.seq)];
                return Err(Found::new("the nick had moved", points, what));
            }
        }
        people.follow(entry, &case.guests);
    }
    Ok(())
}
