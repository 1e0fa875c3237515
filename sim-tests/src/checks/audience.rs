//! P5: a private entry reaches its author and those it names, a room's entry its members, nobody else, by no road.

use causerie_core::client::News;
use causerie_core::protocol::{Event, Place, Sight};

use super::case::{Case, at, telling, whose};
use super::once::mark_of;
use super::people::private_words_reach_whom_they_mean;
use crate::evidence::Shown;
use crate::plan::What;

pub(super) fn judge(case: &Case<'_>) -> Result<(), String> {
    private_words_reach_whom_they_mean(case)?;
    whispers(case)?;
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
                let private = matches!(&seen.sight, Sight::Said { place: Place::Private(_), .. });
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

/// What was to be said to a few is in the log as private.
fn whispers(case: &Case<'_>) -> Result<(), String> {
    for fact in &case.facts {
        let Event::Said { text, .. } = &fact.entry.event else { continue };
        let deed = case.evidence.deed(mark_of(text.as_str()));
        if deed.is_some_and(|deed| matches!(deed.what, What::Private { .. })) && fact.entry.people().is_empty() {
            return Err(format!("{} is in the log; expected: private, as it was said", telling(&fact.entry)));
        }
    }
    Ok(())
}
