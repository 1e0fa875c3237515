//! P7 for who watches somebody by IRC: what they are told was so, in the log's order and not before it, and the last they are
//! told is so in the end.

use std::collections::BTreeMap;

use causerie_core::protocol::{ClientId, Event, Nick, Seq};

use super::case::{Case, Sight, at, whose};
use super::found::{Found, Point};
use super::gapless::reads_on;
use super::irc::{Presence, Reading};

/// By nick, since when somebody is here who is called so, and since when nobody is.
type Comings<'a> = BTreeMap<&'a str, Vec<(Seq, bool)>>;

pub(super) fn judge(case: &Case<'_>) -> Result<(), Found> {
    if case.readings.values().all(|reading| reading.presence.is_empty()) {
        return Ok(());
    }
    let comings = comings(case);
    for (i, reading) in &case.readings {
        let life = &case.evidence.lives[*i];
        let wrong = wrong_with(case, &comings, reading, &case.sights[*i]);
        let found = wrong.or_else(|| if reads_on(case, life) { last_is_wrong(case, &comings, reading) } else { None });
        if let Some((told, expected)) = found {
            let is = if told.here { "is here" } else { "is not here" };
            let what = format!(
                "{} was told at {} that {} {is}; expected: {expected}",
                whose(*i, life),
                at(told.at_us),
                told.nick
            );
            let points = [Point::Life { life: *i, at_us: told.at_us }];
            return Err(Found::new("here, and not here", points, what));
        }
    }
    Ok(())
}

/// What was told and was so at no entry after what was told of them before, and before the next entry that was shown. It
/// goes after the entry where it was so; but whoever reads pages of history may be shown more before it.
fn wrong_with<'a>(
    case: &Case<'_>,
    comings: &Comings<'_>,
    reading: &'a Reading,
    sights: &[Sight],
) -> Option<(&'a Presence, &'static str)> {
    let mut so_far: BTreeMap<&str, Seq> = BTreeMap::new();
    let wrong = reading.presence.iter().find(|told| {
        let next = sights[told.sights..].iter().find(|sight| sight.misfit.is_none()).map(|sight| sight.seq);
        let to = next.map_or(Seq(u64::MAX), |next| Seq(next.0.saturating_sub(1)));
        let stored = case.facts.iter().take_while(|fact| fact.durable_us <= told.at_us).last();
        let to = to.min(stored.map_or(Seq(0), |fact| fact.entry.seq));
        let changes = comings.get(told.nick.key()).map_or(&[][..], |changes| changes);
        let from = so_far.entry(told.nick.key()).or_default();
        let later = changes.iter().find(|(seq, here)| *seq > *from && *here == told.here).map(|(seq, _)| *seq);
        let so_at = if is_here(changes, *from) == told.here { Some(*from) } else { later };
        *from = so_at.unwrap_or(*from);
        so_at.is_none_or(|so_at| so_at > to)
    });
    wrong.map(|told| (told, "what was so at some entry before the next it was shown"))
}

fn last_is_wrong<'a>(
    case: &Case<'_>,
    comings: &Comings<'_>,
    reading: &'a Reading,
) -> Option<(&'a Presence, &'static str)> {
    let mut last: BTreeMap<&str, &Presence> = BTreeMap::new();
    for told in &reading.presence {
        last.insert(told.nick.key(), told);
    }
    let end = Seq(case.facts.len() as u64);
    let is = |nick: &Nick| is_here(comings.get(nick.key()).map_or(&[][..], |changes| changes), end);
    last.into_values().find(|told| is(&told.nick) != told.here).map(|told| (told, "to be told otherwise by the end"))
}

fn is_here(changes: &[(Seq, bool)], at: Seq) -> bool {
    changes.iter().rfind(|(seq, _)| *seq <= at).is_some_and(|(_, here)| *here)
}

fn comings<'a>(case: &'a Case<'_>) -> Comings<'a> {
    let mut comings: Comings<'a> = BTreeMap::new();
    let mut called: BTreeMap<ClientId, &'a Nick> = BTreeMap::new();
    for fact in &case.facts {
        let (seq, by, nick) = (fact.entry.seq, fact.entry.by, &fact.entry.nick);
        let mut note = |nick: &'a Nick, here| comings.entry(nick.key()).or_default().push((seq, here));
        match &fact.entry.event {
            Event::Arrived { .. } => {
                note(nick, true);
                called.insert(by, nick);
            }
            Event::Departed { .. } => {
                note(called.remove(&by).unwrap_or(nick), false);
            }
            Event::Renamed { to, .. } => {
                note(nick, false);
                note(to, true);
                called.insert(by, to);
            }
            Event::Joined { .. }
            | Event::Left { .. }
            | Event::Said { .. }
            | Event::Topic { .. }
            | Event::Kicked { .. }
            | Event::Invited { .. }
            | Event::Changed { .. }
            | Event::Killed { .. } => {}
        }
    }
    comings
}
