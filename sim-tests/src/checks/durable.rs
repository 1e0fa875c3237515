//! P3: nothing is shown before it is durable, and what was shown is in the log for ever, the same, under the same number.

use causerie_core::client::News;
use causerie_core::protocol::encode_entry;

use super::case::{Case, at, telling, whose};
use crate::entropy::digest;
use crate::evidence::Shown;

pub(super) fn judge(case: &Case<'_>) -> Result<(), String> {
    if let Some(store) = &case.evidence.store {
        return Err(store.clone());
    }
    for (i, life, sights) in case.lives() {
        for sight in sights.iter().filter(|sight| sight.misfit.is_none()) {
            let who = || whose(i, life);
            let Some(fact) = case.fact(sight.seq) else {
                return Err(format!(
                    "{} was shown {} at {}, which the log does not hold; expected: what is shown stays",
                    who(),
                    sight.seq,
                    at(sight.at_us)
                ));
            };
            if fact.durable_us > sight.at_us {
                let (shown, durable) = (at(sight.at_us), at(fact.durable_us));
                return Err(format!(
                    "{} was shown {} at {shown}, before it was durable at {durable}",
                    who(),
                    sight.seq
                ));
            }
            if sight.own && fact.entry.by != life.identity {
                let entry = telling(&fact.entry);
                return Err(format!("{} was told that {} is theirs; the log holds {entry}", who(), sight.seq));
            }
            if sight.seen.as_ref().is_some_and(|seen| **seen != fact.seen) {
                let entry = telling(&fact.entry);
                return Err(format!("{} was shown {:?}; the log holds {entry}", who(), sight.seen));
            }
        }
        for told in &life.told {
            if let Shown::News(News::Page { page, .. }) = &told.what
                && let Some(seen) = page.entries.iter().find(|seen| {
                    let fact = case.fact(seen.seq);
                    fact.is_none_or(|fact| ***seen != fact.seen || fact.durable_us > told.at_us)
                })
            {
                return Err(format!("{} read {seen:?} in a page, which the log does not hold so", whose(i, life)));
            }
        }
    }
    for (seq, kept) in &case.evidence.kept {
        let held = case.fact(*seq).map(|fact| digest(&encode_entry(&fact.entry)));
        if held != Some(*kept) {
            return Err(format!(
                "history was given another {seq} than the log holds; expected: the same facts at every replay"
            ));
        }
    }
    Ok(())
}
