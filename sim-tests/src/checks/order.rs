//! P1: all who may see two entries see them in the log's order; what somebody writes after seeing #n stands above n; the
//! time of day never goes backwards in the log.

use std::collections::BTreeMap;

use causerie_core::protocol::Seq;

use super::case::{Case, Sight, at, telling, whose, words_of};
use super::found::{Found, Point};
use super::once::mark_of;

pub(super) fn judge(case: &Case<'_>) -> Result<(), Found> {
    for (i, life, sights) in case.lives() {
        if let Some(pair) = sights.windows(2).find(|pair| pair[0].seq > pair[1].seq && pair[1].misfit.is_none()) {
            let (first, then) = (pair[0].seq, pair[1].seq);
            let what = format!(
                "{} was shown {first} at {} and {then} at {}; expected: the lower number first",
                whose(i, life),
                at(pair[0].at_us),
                at(pair[1].at_us)
            );
            let shown = |sight: &Sight| Point::Shown { life: i, seq: sight.seq, at_us: sight.at_us };
            return Err(Found::new("the wrong way round", [shown(&pair[0]), shown(&pair[1])], what));
        }
    }
    if let Some(pair) = case.facts.windows(2).find(|pair| pair[0].entry.at > pair[1].entry.at) {
        let what = format!("{} has an earlier time of day than the entry before it", telling(&pair[1].entry));
        let points = [Point::Entry(pair[0].entry.seq), Point::Entry(pair[1].entry.seq)];
        return Err(Found::new("time goes backwards", points, what));
    }
    if let Some(fact) = case.facts.iter().find(|fact| fact.entry.seen >= fact.entry.seq) {
        let what = format!("{} says that its author had seen {}", telling(&fact.entry), fact.entry.seen);
        return Err(Found::new("seen before written", [Point::Entry(fact.entry.seq)], what));
    }
    let said: BTreeMap<&str, Seq> =
        case.facts.iter().filter_map(|fact| Some((mark_of(words_of(&fact.entry)?), fact.entry.seq))).collect();
    for asked in &case.evidence.asked {
        if let Some(seq) = said.get(&*asked.mark).filter(|seq| **seq <= asked.seen) {
            let life = whose(asked.life, &case.evidence.lives[asked.life]);
            let what = format!(
                "{life} had been shown {} when it said \"{}\" at {}, which is {seq}; expected: a higher number",
                asked.seen,
                asked.mark,
                at(asked.at_us)
            );
            return Err(Found::new("the answer stands first", [Point::Entry(*seq), Point::Entry(asked.seen)], what));
        }
    }
    Ok(())
}
