//! P6: nobody misses an entry they may see: every transcript is the log, filtered by who may see what.

use std::collections::{BTreeMap, BTreeSet};

use causerie_core::client::News;
use causerie_core::protocol::{ClientId, Event, Seq};

use super::case::{Case, Fact, at, telling, whose};
use super::found::{Found, Point};
use super::returns::Since;
use super::talk;
use crate::evidence::{By, Life, Shown};

pub(super) fn judge(case: &Case<'_>) -> Result<(), Found> {
    let mut shown: BTreeMap<ClientId, (BTreeSet<Seq>, Seq)> = BTreeMap::new();
    for (i, life, sights) in case.lives().filter(|(_, life, _)| life.by != By::Stranger) {
        let seen: BTreeSet<Seq> = sights.iter().map(|sight| sight.seq).collect();
        let since = Since::of(case, i);
        let last = if reads_on(case, life) { Seq(u64::MAX) } else { seen.last().copied().unwrap_or(life.after) };
        if let Some(fact) = case.visible(life.identity).find(|fact| {
            let due = fact.entry.seq > life.after && fact.entry.seq <= last && since.is_told(fact);
            due && !seen.contains(&fact.entry.seq) && is_shown(life, fact)
        }) {
            let after = sights.iter().find(|sight| sight.seq > fact.entry.seq);
            let mut points = vec![Point::Entry(fact.entry.seq)];
            points.push(match after {
                Some(sight) => Point::Shown { life: i, seq: sight.seq, at_us: sight.at_us },
                None => Point::Life { life: i, at_us: case.evidence.ended_us },
            });
            let after = after.map(|sight| format!(" and then {} at {}", sight.seq, at(sight.at_us)));
            let began = life.after;
            let what = format!(
                "{} began after {began}, was never shown {}{}; expected: everything it may see",
                whose(i, life),
                telling(&fact.entry),
                after.unwrap_or_default()
            );
            return Err(Found::new("never shown", points, what));
        }
        let known = shown.entry(life.identity).or_default();
        known.0.extend(seen);
        known.1 = known.1.max(life.after);
        pages(i, life)?;
    }
    talk::judge(case)?;
    for (identity, (seen, after)) in &shown {
        if let Some(fact) = case
            .visible(*identity)
            .find(|fact| fact.entry.seq <= *after && !seen.contains(&fact.entry.seq) && !case.guests.contains(identity))
        {
            let entry = telling(&fact.entry);
            let what = format!("somebody began a life after {after}, and none before it was shown {entry}");
            return Err(Found::new("never shown", [Point::Entry(fact.entry.seq)], what));
        }
    }
    Ok(())
}

/// Whether a life must have been shown everything by the end: it stood, and all had time to settle.
pub(super) fn reads_on(case: &Case<'_>, life: &Life) -> bool {
    case.evidence.quiet && life.stands && life.online && case.evidence.panic.is_none()
}

/// Whether an entry leaves a line at this face that can be told apart: at netcat and on IRC, one's own words need not, and
/// at netcat the lines of a page look like those of news.
fn is_shown(life: &Life, fact: &Fact) -> bool {
    match life.by {
        By::Native => true,
        By::Irc { echo, .. } => fact.entry.by != life.identity || (echo && is_echoed(fact)),
        By::Text | By::Stranger => fact.entry.by != life.identity && !life.paged,
    }
}

/// Whether what one did oneself comes back as a line of its entry: an invitation is answered by a number, a connection that
/// was ended by its end.
const fn is_echoed(fact: &Fact) -> bool {
    !matches!(fact.entry.event, Event::Invited { .. } | Event::Killed { .. })
}

/// Nothing is below retention in these worlds.
fn pages(i: usize, life: &Life) -> Result<(), Found> {
    for told in &life.told {
        if let Shown::News(News::Missed { from, to }) = &told.what {
            let who = whose(i, life);
            let what = format!("{who} was told that {from} to {to} can no longer be read; expected: all is kept");
            let told = Point::Life { life: i, at_us: told.at_us };
            return Err(Found::new("no longer kept", [Point::Entry(*from), Point::Entry(*to), told], what));
        }
    }
    Ok(())
}
