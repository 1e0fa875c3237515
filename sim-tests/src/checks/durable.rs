//! P3: nothing is shown before it is durable, and what was shown is in the log for ever, the same, under the same number.

use causerie_core::client::News;
use causerie_core::protocol::encode_entry;

use super::case::{Case, at, telling, whose};
use super::found::{Found, Point};
use crate::entropy::digest;
use crate::evidence::Shown;

pub(super) fn judge(case: &Case<'_>) -> Result<(), Found> {
    if let Some(store) = &case.evidence.store {
        return Err(store.clone().into());
    }
    for (i, life, sights) in case.lives() {
        for sight in sights.iter().filter(|sight| sight.misfit.is_none()) {
            let who = || whose(i, life);
            let shown = Point::Shown { life: i, seq: sight.seq, at_us: sight.at_us };
            let both = [Point::Entry(sight.seq), shown];
            let Some(fact) = case.fact(sight.seq) else {
                let (seq, when) = (sight.seq, at(sight.at_us));
                let what = format!(
                    "{} was shown {seq} at {when}, which the log does not hold; expected: what is shown stays",
                    who()
                );
                return Err(Found::new("shown, then gone", [shown], what));
            };
            if fact.durable_us > sight.at_us {
                let (when, durable) = (at(sight.at_us), at(fact.durable_us));
                let what = format!("{} was shown {} at {when}, before it was durable at {durable}", who(), sight.seq);
                return Err(Found::new("shown before stored", both, what));
            }
            if sight.own && fact.entry.by != life.identity {
                let entry = telling(&fact.entry);
                let what = format!("{} was told that {} is theirs; the log holds {entry}", who(), sight.seq);
                return Err(Found::new("somebody else's entry", both, what));
            }
            if sight.seen.as_ref().is_some_and(|seen| **seen != fact.seen) {
                let entry = telling(&fact.entry);
                let what = format!("{} was shown {:?}; the log holds {entry}", who(), sight.seen);
                return Err(Found::new("one number, two entries", both, what));
            }
        }
        for told in &life.told {
            if let Shown::News(News::Page { page, .. }) = &told.what
                && let Some(seen) = page.entries.iter().find(|seen| {
                    let fact = case.fact(seen.seq);
                    fact.is_none_or(|fact| ***seen != fact.seen || fact.durable_us > told.at_us)
                })
            {
                let what = format!("{} read {seen:?} in a page, which the log does not hold so", whose(i, life));
                let read = Point::Life { life: i, at_us: told.at_us };
                return Err(Found::new("one number, two entries", [Point::Entry(seen.seq), read], what));
            }
        }
    }
    for (seq, kept) in &case.evidence.kept {
        let held = case.fact(*seq).map(|fact| digest(&encode_entry(&fact.entry)));
        if held != Some(*kept) {
            let what =
                format!("history was given another {seq} than the log holds; expected: the same facts at every replay");
            return Err(Found::new("history says otherwise", [Point::Entry(*seq)], what));
        }
    }
    Ok(())
}
