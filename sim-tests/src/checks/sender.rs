//! P4: nobody is shown their own words as news.

use super::case::{Case, at, telling, whose};
use super::found::{Found, Point};

pub(super) fn judge(case: &Case<'_>) -> Result<(), Found> {
    for (i, life, sights) in case.lives() {
        for sight in sights.iter().filter(|sight| !sight.own && sight.misfit.is_none()) {
            if let Some(fact) = case.fact(sight.seq).filter(|fact| fact.entry.by == life.identity) {
                let (who, entry) = (whose(i, life), telling(&fact.entry));
                let what =
                    format!("{who} was shown its own {entry} as news at {}; expected: an acceptance", at(sight.at_us));
                let shown = Point::Shown { life: i, seq: sight.seq, at_us: sight.at_us };
                return Err(Found::new("an echo", [Point::Entry(sight.seq), shown], what));
            }
        }
    }
    Ok(())
}
