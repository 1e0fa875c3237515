//! P5 and P6 for history read by IRC: a page is the talk of the room that was asked for, in the log's order, without a gap,
//! no more than was asked for, and as of when it was asked for or later.

use causerie_core::protocol::{Event, Seq};

use super::case::{Case, at, telling, whose};
use super::found::{Found, Point};
use super::irc::Page;
use crate::world::irc::PAGE_MAX;

pub(super) fn judge(case: &Case<'_>) -> Result<(), Found> {
    for (i, reading) in &case.readings {
        for page in &reading.pages {
            if let Some((seq, wrong)) = wrong_with(case, page) {
                let who = whose(*i, &case.evidence.lives[*i]);
                let what = format!("{who} read a page of {} at {}: {wrong}", page.target, at(page.at_us));
                let mut points = vec![Point::Life { life: *i, at_us: page.at_us }];
                points.extend(seq.map(Point::Entry));
                return Err(Found::new("a wrong page", points, what));
            }
        }
    }
    Ok(())
}

fn wrong_with(case: &Case<'_>, page: &Page) -> Option<(Option<Seq>, String)> {
    if let Some(line) = &page.misfit {
        return Some((None, format!("\"{line}\", which is no entry's")));
    }
    if let Some(pair) = page.entries.windows(2).find(|pair| pair[0] >= pair[1]) {
        return Some((Some(pair[1]), format!("{} and then {}; expected: the log's order", pair[0], pair[1])));
    }
    if page.entries.len() > PAGE_MAX {
        return Some((None, format!("{} messages; expected: {PAGE_MAX} at most", page.entries.len())));
    }
    let is_of = |seq: &Seq| {
        case.fact(*seq).is_some_and(|fact| {
            let there = fact.entry.rooms().iter().any(|room| room.to_string() == page.target);
            there && matches!(fact.entry.event, Event::Said { .. }) && fact.durable_us <= page.at_us
        })
    };
    if let Some(seq) = page.entries.iter().find(|seq| !is_of(seq)) {
        return Some((Some(*seq), format!("{seq}; expected: what was said there, and is stored")));
    }
    let (first, last) = (page.entries.first()?, page.entries.last()?);
    let between = case.facts.iter().filter(|fact| fact.entry.seq > *first && fact.entry.seq < *last);
    let left_out = between.filter(|fact| is_of(&fact.entry.seq)).find(|fact| !page.entries.contains(&fact.entry.seq));
    left_out.map(|fact| {
        (Some(fact.entry.seq), format!("without {}; expected: all from {first} to {last}", telling(&fact.entry)))
    })
}
