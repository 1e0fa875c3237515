//! P4: nobody is shown their own words as news.

use super::case::{Case, at, telling, whose};

pub(super) fn judge(case: &Case<'_>) -> Result<(), String> {
    for (i, life, sights) in case.lives() {
        for sight in sights.iter().filter(|sight| !sight.own && sight.misfit.is_none()) {
            if let Some(fact) = case.fact(sight.seq).filter(|fact| fact.entry.by == life.identity) {
                let (who, entry) = (whose(i, life), telling(&fact.entry));
                return Err(format!(
                    "{who} was shown its own {entry} as news at {}; expected: an acceptance",
                    at(sight.at_us)
                ));
            }
        }
    }
    Ok(())
}
