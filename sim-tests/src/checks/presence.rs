//! P7: arrivals and departures are entries, and true: they alternate, no ghost stays, and a connection that was lost for
//! less than the grace period announces nothing.

use std::collections::{BTreeMap, BTreeSet};

use causerie_core::client::News;
use causerie_core::protocol::{ClientId, Event, Intent, Leaving, Welcome};

use super::case::{Case, Fact, at, telling, whose};
use super::found::{Found, Point};
use super::people::People;
use super::{returns, watched};
use crate::evidence::{By, Shown, Told};

pub(super) fn judge(case: &Case<'_>) -> Result<(), Found> {
    let mut here: BTreeSet<ClientId> = BTreeSet::new();
    for fact in &case.facts {
        let entry = &fact.entry;
        let true_to_it = match &entry.event {
            Event::Arrived { .. } => here.insert(entry.by),
            Event::Departed { .. } => here.remove(&entry.by),
            Event::Joined { .. }
            | Event::Left { .. }
            | Event::Renamed { .. }
            | Event::Said { .. }
            | Event::Topic { .. }
            | Event::Kicked { .. }
            | Event::Invited { .. }
            | Event::Changed { .. }
            | Event::Killed { .. } => true,
        };
        if !true_to_it {
            let what = format!("{}: expected: arrivals and departures of somebody alternate", telling(entry));
            let kind = |event: &Event| matches!(event, Event::Arrived { .. });
            let moves = |event: &Event| matches!(event, Event::Arrived { .. } | Event::Departed { .. });
            let before = case.facts.iter().take_while(|other| other.entry.seq < entry.seq);
            let before = before.filter(|other| other.entry.by == entry.by && moves(&other.entry.event)).last();
            let points: Vec<Point> =
                before.map(|other| other.entry.seq).into_iter().chain([entry.seq]).map(Point::Entry).collect();
            let claim = if kind(&entry.event) { "came twice" } else { "left twice" };
            return Err(Found::new(claim, points, what));
        }
    }
    early_departures(case)?;
    rosters(case)?;
    names_of_ghosts(case)?;
    watched::judge(case)?;
    returns::rooms_are_kept(case)?;
    if !case.evidence.quiet || case.evidence.panic.is_some() {
        return Ok(());
    }
    let mut stand: BTreeMap<ClientId, usize> = BTreeMap::new();
    for (i, life, _) in case.lives().filter(|(_, life, _)| life.stands && life.online) {
        stand.insert(life.identity, i);
    }
    if let Some(ghost) = here.iter().find(|who| !stand.contains_key(who)) {
        let last = case.facts.iter().rev().find(|fact| fact.entry.by == *ghost);
        let name = last.map(|fact| telling(&fact.entry)).unwrap_or_default();
        let what = format!(
            "at the end somebody is online who has no connection, last heard of in {name}; expected: no ghosts"
        );
        let points: Vec<Point> = last.map(|fact| Point::Entry(fact.entry.seq)).into_iter().collect();
        return Err(Found::new("a ghost stays", points, what));
    }
    if let Some((who, i)) = stand.iter().find(|(who, _)| !here.contains(who)) {
        let whose = whose(*i, &case.evidence.lives[*i]);
        let left = |fact: &&Fact| fact.entry.by == *who && matches!(fact.entry.event, Event::Departed { .. });
        let left = case.facts.iter().rev().find(left).map(|fact| Point::Entry(fact.entry.seq));
        let what = format!("at the end {whose} is connected, and the log says it departed");
        return Err(Found::new("gone, and connected", left.into_iter().collect::<Vec<_>>(), what));
    }
    Ok(())
}

/// Nobody is here under a nick that somebody else is here under, and a welcome names just those who are here as of its head.
fn rosters(case: &Case<'_>) -> Result<(), Found> {
    let mut welcomes: Vec<(usize, &Told, &Welcome)> = Vec::new();
    for (i, life, _) in case.lives() {
        for told in &life.told {
            if let Shown::News(News::Online(welcome)) = &told.what {
                welcomes.push((i, told, welcome));
            }
        }
    }
    welcomes.sort_by_key(|(_, _, welcome)| welcome.head);
    let mut welcomes = welcomes.into_iter().peekable();
    let mut people = People::default();
    for fact in &case.facts {
        people.follow(&fact.entry, &case.guests);
        if let Some(nick) = people.same_nick() {
            let what = format!("as of {}, two people are here as {nick}", telling(&fact.entry));
            return Err(Found::new("two of one nick", [Point::Entry(fact.entry.seq)], what));
        }
        while let Some((i, told, welcome)) = welcomes.next_if(|(_, _, welcome)| welcome.head <= fact.entry.seq) {
            let named: BTreeSet<&str> = welcome.here.iter().map(|here| here.nick.as_str()).collect();
            let here: BTreeSet<&str> = people.here.values().map(|nick| nick.as_str()).collect();
            if named != here {
                let what = format!(
                    "{} was welcomed at {} and told that {named:?} are here as of {}; the log says {here:?}",
                    whose(i, &case.evidence.lives[i]),
                    at(told.at_us),
                    welcome.head
                );
                let points = [Point::Entry(fact.entry.seq), Point::Life { life: i, at_us: told.at_us }];
                return Err(Found::new("a wrong roster", points, what));
            }
        }
    }
    Ok(())
}

/// Whoever comes finds no guest of an earlier start of the server in possession of their name: those went with it.
fn names_of_ghosts(case: &Case<'_>) -> Result<(), Found> {
    let mut people = People::default();
    let mut facts = case.facts.iter().peekable();
    for away in &case.turned_away {
        while let Some(fact) = facts.next_if(|fact| fact.entry.seq <= away.head) {
            people.follow(&fact.entry, &case.guests);
        }
        let Some((holder, since)) = people.holder(away.nick) else { continue };
        if away.ended.contains(&holder) {
            let what = format!(
                "after {} somebody who came as {} was told that the name is taken: by a guest of the server's earlier \
                 start, here since {since}; expected: guests go with the server they were connected to",
                away.head, away.nick
            );
            return Err(Found::new("a ghost's name", [Point::Entry(since), Point::Entry(away.head)], what));
        }
    }
    Ok(())
}

/// A keyed person's departure for a lost connection comes a grace period after the server last heard them, at least.
fn early_departures(case: &Case<'_>) -> Result<(), Found> {
    for stored in &case.evidence.log {
        for intent in &stored.record.intents {
            let Intent::Depart { client, session, why: Leaving::Lost } = intent else { continue };
            if case.guests.contains(client) {
                continue;
            }
            let applied = case.facts.iter().find(|fact| {
                let departed = matches!(fact.entry.event, Event::Departed { why: Leaving::Lost, .. });
                departed && fact.entry.by == *client && fact.durable_us == stored.durable_us
            });
            let depart = case.evidence.departs.iter().find(|d| d.client == *client && d.session == *session);
            if let (Some(depart), Some(applied)) = (depart, applied)
                && depart.given_us < depart.heard_us + case.evidence.limits.grace_ms * 1_000
                && depart.heard_us > 0
            {
                let name = case.evidence.lives.iter().find(|life| life.identity == *client && life.by != By::Stranger);
                let name = name.map_or("somebody", |life| &life.name);
                let (given, heard) = (at(depart.given_us), at(depart.heard_us));
                let grace = case.evidence.limits.grace_ms;
                let what = format!(
                    "{name} was declared lost at {given} and was heard at {heard}; expected: {grace} ms of grace"
                );
                let points = [Point::Server { at_us: depart.heard_us }, Point::Entry(applied.entry.seq)];
                return Err(Found::new("declared lost too early", points, what));
            }
        }
    }
    Ok(())
}
