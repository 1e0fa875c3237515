//! P2: an accepted request is in the log exactly once, and shown exactly once to each who may see it; its
//! author is told what became of it, and the same whenever they ask.

use std::collections::BTreeMap;

use causerie_core::protocol::{Event, Seq};

use super::case::{Case, Sight, at, whose};
use super::found::{Found, Point};
use super::{answers, labels, returns};

pub(super) fn judge(case: &Case<'_>) -> Result<(), Found> {
    let mut by_number = BTreeMap::new();
    let mut by_mark: BTreeMap<&str, Seq> = BTreeMap::new();
    for fact in &case.facts {
        let entry = &fact.entry;
        if entry.n.0 > 0
            && let Some(first) = by_number.insert((entry.by, entry.n), entry.seq)
        {
            return Err(twice(&format!("({}, {})", entry.nick, entry.n), first, entry.seq));
        }
        if let Event::Said { text, .. } = &entry.event
            && is_mark(mark_of(text.as_str()))
            && let Some(first) = by_mark.insert(mark_of(text.as_str()), entry.seq)
        {
            return Err(twice(&format!("{}'s \"{text}\"", entry.nick), first, entry.seq));
        }
    }
    for (i, life, sights) in case.lives() {
        if let Some(pair) = sights.windows(2).find(|pair| pair[0].seq == pair[1].seq && pair[0].misfit.is_none()) {
            let (seq, first, again) = (pair[0].seq, at(pair[0].at_us), at(pair[1].at_us));
            let what = format!("{} was shown {seq} at {first} and again at {again}; expected: once", whose(i, life));
            let shown = |sight: &Sight| Point::Shown { life: i, seq, at_us: sight.at_us };
            return Err(Found::new("one entry, shown twice", [shown(&pair[0]), shown(&pair[1])], what));
        }
    }
    returns::nothing_is_shown_again(case)?;
    labels::judge(case)?;
    answers::judge(case)
}

fn twice(what: &str, first: Seq, then: Seq) -> Found {
    let what =
        format!("{what} is in the log twice: {first} and {then}; expected: the first answer again, no new entry");
    Found::new("one message, two entries", [Point::Entry(first), Point::Entry(then)], what)
}

/// The mark that a deed's words carry: nothing, if they are no deed's.
pub(super) fn mark_of(text: &str) -> &str {
    text.split(' ').find(|word| is_mark(word)).unwrap_or_default()
}

fn is_mark(word: &str) -> bool {
    word.strip_prefix('d').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}
