//! P8: once faults end, everything pending is answered, and everyone is connected, within the time the plan gives; and no
//! client of ours was ever thrown out.

use std::collections::{BTreeMap, BTreeSet};

use causerie_core::client::News;

use super::case::{Case, at, whose, words_of};
use super::found::{Found, Point};
use super::once::mark_of;
use crate::evidence::{Asked, By, Life, Shown, Told};

pub(super) fn judge(case: &Case<'_>) -> Result<(), Found> {
    let evidence = case.evidence;
    for (i, life, _) in case.lives().filter(|(_, life, _)| life.by == By::Native) {
        if let Some(code) = life.ended.as_deref().filter(|code| !["quit", "taken_over", "nick_taken"].contains(code)) {
            let last = life.told.last().map(|told| in_words(&told.what));
            let at_us = life.told.last().map_or(0, |told| told.at_us);
            let what = format!("{} ended with \"{code}\": {}", whose(i, life), last.unwrap_or_default());
            return Err(Found::new("thrown out", [Point::Life { life: i, at_us }], what));
        }
    }
    if evidence.panic.is_some() {
        return Ok(());
    }
    if evidence.quiet {
        return nothing_was_dropped(case);
    }
    let deadline =
        format!("at {}, {} after all faults ended", at(evidence.ended_us), at(evidence.ended_us - evidence.healed_us));
    let identities = |lives: &dyn Fn(&Life) -> bool| {
        case.lives().filter(|(_, life, _)| lives(life)).map(|(_, life, _)| life.identity).collect::<BTreeSet<_>>().len()
    };
    let standing = identities(&|life| life.stands) + away_from_the_door(case);
    let welcomed = identities(&|life| life.stands && life.online);
    let seats = evidence.limits.sessions_max;
    let crowded = standing > seats;
    for (i, life, _) in case.lives().filter(|(_, life, _)| life.stands) {
        let who = whose(i, life);
        let end = [Point::Life { life: i, at_us: evidence.ended_us }];
        if !life.online && crowded && was_told_full(case, life) {
            continue; // Where more people stand at the door than there are seats, nobody is promised one.
        }
        if !life.online {
            return Err(Found::new("never welcomed", end, format!("{deadline}, {who} is not welcomed")));
        }
        if let Some(mark) = life.unanswered.first() {
            return Err(Found::new("never answered", end, format!("{deadline}, {who} has no answer to \"{mark}\"")));
        }
        if let Some(read) = life.reads.first() {
            let what = format!("{deadline}, {who} has no answer to its question {read}");
            return Err(Found::new("never answered", end, what));
        }
    }
    if crowded && welcomed != seats {
        let what =
            format!("{deadline}, {welcomed} of {standing} people are welcomed; expected: all {seats} seats are taken");
        return Err(Found::new("a seat stays empty", [Point::Server { at_us: evidence.ended_us }], what));
    }
    if crowded {
        return Ok(());
    }
    let end = Point::Server { at_us: evidence.ended_us };
    Err(Found::new("never quiet", [end], format!("{deadline}, the log or somebody's return is still awaited")))
}

/// The reason of an end as its reader is given it; whatever else was told last as it is.
fn in_words(told: &Shown) -> String {
    match told {
        Shown::News(News::Ended { text, .. }) => text.to_string(),
        Shown::News(news) => format!("{news:?}"),
        Shown::Line(line) => line.clone(),
    }
}

/// How many guests are between two tries, turned away because the server is full: they will be at the door again.
fn away_from_the_door(case: &Case<'_>) -> usize {
    let mut last: BTreeMap<usize, &Life> = BTreeMap::new();
    for (_, life, _) in case.lives().filter(|(_, life, _)| matches!(life.by, By::Text | By::Irc { .. })) {
        if let Some(person) = life.person {
            last.insert(person, life);
        }
    }
    last.values().filter(|life| !life.stands && !life.quit && was_told_full(case, life)).count()
}

/// Whether the last thing that somebody was told of the server is that it is full.
fn was_told_full(case: &Case<'_>, life: &Life) -> bool {
    // A guest is somebody new each time; two programs of one person with keys of their own are two.
    let theirs = |other: &&Life| match life.by {
        By::Native => other.identity == life.identity,
        By::Text | By::Irc { .. } | By::Stranger => other.person.is_some() && other.person == life.person,
    };
    let told = case.evidence.lives.iter().filter(theirs).flat_map(|life| &life.told);
    let why = |told: &Told| match &told.what {
        Shown::News(News::Offline { why, .. }) => Some(why.to_string()),
        Shown::Line(line) => Some(line.clone()),
        Shown::News(_) => None,
    };
    let last = told.filter_map(|told| Some((told.at_us, why(told)?))).max_by_key(|(at_us, _)| *at_us);
    last.is_some_and(|(_, why)| why.contains("the server is full"))
}

/// What a program was asked is answered, or in the log, over its deaths too: as long as it is started with its memory.
fn nothing_was_dropped(case: &Case<'_>) -> Result<(), Found> {
    let evidence = case.evidence;
    let logged: BTreeSet<&str> = case.facts.iter().filter_map(|fact| words_of(&fact.entry)).map(mark_of).collect();
    for (_, life, _) in case.lives().filter(|(_, life, _)| life.by == By::Native && life.stands && life.online) {
        let mut answered: BTreeSet<&str> = life.told.iter().filter_map(answers).collect();
        let mut before = life.continues;
        while let Some(i) = before {
            answered.extend(evidence.lives[i].told.iter().filter_map(answers));
            let dropped =
                |asked: &&Asked| asked.life == i && !answered.contains(&*asked.mark) && !logged.contains(&*asked.mark);
            if let Some(asked) = evidence.asked.iter().find(dropped) {
                let who = whose(i, &evidence.lives[i]);
                let what = format!(
                    "{who} was asked \"{}\" at {} and killed; the lives after it know nothing of it",
                    asked.mark,
                    at(asked.at_us)
                );
                let points = [Point::Life { life: i, at_us: asked.at_us }];
                return Err(Found::new("asked, then forgotten", points, what));
            }
            before = evidence.lives[i].continues;
        }
    }
    Ok(())
}

/// The mark of what was answered.
fn answers(told: &Told) -> Option<&str> {
    match &told.what {
        Shown::News(News::Accepted { pending, .. }) => pending.as_ref()?.reference.as_deref(),
        Shown::News(News::Refused { reference, .. }) => reference.as_deref(),
        Shown::News(_) | Shown::Line(_) => None,
    }
}
