//! P5: a private entry reaches its author and those it names, a room's entry its members, nobody else, by no road.

use causerie_core::client::News;
use causerie_core::protocol::{Place, Sight as What};

use super::case::{Case, at, telling, whose};
use crate::evidence::Shown;

pub(super) fn judge(case: &Case<'_>) -> Result<(), String> {
    for (i, life, sights) in case.lives() {
        let who = || whose(i, life);
        for sight in sights {
            if let Some(line) = &sight.misfit {
                return Err(format!("{} read \"{line}\" at {}, which it may not see", who(), at(sight.at_us)));
            }
            if let Some(fact) = case.fact(sight.seq)
                && !case.may_see(life.identity, sight.seq)
            {
                let entry = telling(&fact.entry);
                return Err(format!(
                    "{} was shown {entry} at {}; expected: its audience alone",
                    who(),
                    at(sight.at_us)
                ));
            }
        }
        for told in &life.told {
            let Shown::News(News::Page { page, .. }) = &told.what else { continue };
            for seen in &page.entries {
                let private = matches!(&seen.sight, What::Said { place: Place::Private(_), .. });
                let rooms = case.fact(seen.seq).map_or(&[][..], |fact| fact.entry.rooms());
                if private || !rooms.contains(&page.room) {
                    return Err(format!(
                        "{} read {} in the history of {}; expected: that room's alone",
                        who(),
                        seen.seq,
                        page.room
                    ));
                }
            }
        }
    }
    Ok(())
}
