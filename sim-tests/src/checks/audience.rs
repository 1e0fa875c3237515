//! P5: a private entry reaches its author and those it names, a room's entry its members, nobody else, by no road.

use causerie_core::client::News;
use causerie_core::protocol::{Place, Sight as What};

use super::case::{Case, at, telling, whose};
use super::found::{Found, Point};
use crate::evidence::Shown;

pub(super) fn judge(case: &Case<'_>) -> Result<(), Found> {
    for (i, life, sights) in case.lives() {
        let who = whose(i, life);
        for sight in sights {
            if let Some(line) = &sight.misfit {
                let what = format!("{who} read \"{line}\" at {}, which it may not see", at(sight.at_us));
                return Err(Found::new("read by a stranger", [Point::Life { life: i, at_us: sight.at_us }], what));
            }
            if let Some(fact) = case.fact(sight.seq)
                && !case.may_see(life.identity, sight.seq)
            {
                let entry = telling(&fact.entry);
                let what = format!("{who} was shown {entry} at {}; expected: its audience alone", at(sight.at_us));
                let shown = Point::Shown { life: i, seq: sight.seq, at_us: sight.at_us };
                return Err(Found::new("not for them", [Point::Entry(sight.seq), shown], what));
            }
        }
        for told in &life.told {
            let Shown::News(News::Page { page, .. }) = &told.what else { continue };
            for seen in &page.entries {
                let private = matches!(&seen.sight, What::Said { place: Place::Private(_), .. });
                let rooms = case.fact(seen.seq).map_or(&[][..], |fact| fact.entry.rooms());
                if private || !rooms.contains(&page.room) {
                    let what =
                        format!("{who} read {} in the history of {}; expected: that room's alone", seen.seq, page.room);
                    let read = Point::Life { life: i, at_us: told.at_us };
                    return Err(Found::new("in another room", [Point::Entry(seen.seq), read], what));
                }
            }
        }
    }
    Ok(())
}
