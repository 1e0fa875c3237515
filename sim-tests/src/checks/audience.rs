//! P5: a private entry reaches its author and those it names, a room's entry its members, nobody else, by no road.

use causerie_core::client::News;
use causerie_core::protocol::{Event, Place, Sight};

use super::case::{Case, at, telling, whose};
use super::found::{Found, Point};
use super::once::mark_of;
use super::people::private_words_reach_whom_they_mean;
use crate::evidence::Shown;
use crate::plan::What;

pub(super) fn judge(case: &Case<'_>) -> Result<(), Found> {
    private_words_reach_whom_they_mean(case)?;
    super::keeping::judge(case)?;
    super::sealed::judge(case)?;
    whispers(case)?;
    for (i, life, sights) in case.lives() {
        let who = || whose(i, life);
        for sight in sights {
            if let Some(line) = &sight.misfit {
                let what = format!("{} read \"{line}\" at {}, which it may not see", who(), at(sight.at_us));
                return Err(Found::new("read by a stranger", [Point::Life { life: i, at_us: sight.at_us }], what));
            }
            if let Some(fact) = case.fact(sight.seq)
                && !case.may_see(life.identity, sight.seq)
            {
                let entry = telling(&fact.entry);
                let what = format!("{} was shown {entry} at {}; expected: its audience alone", who(), at(sight.at_us));
                let shown = Point::Shown { life: i, seq: sight.seq, at_us: sight.at_us };
                return Err(Found::new("not for them", [Point::Entry(sight.seq), shown], what));
            }
        }
        for told in &life.told {
            let Shown::News(News::Page { page, .. }) = &told.what else { continue };
            for seen in &page.entries {
                let private = matches!(&seen.sight, Sight::Said { place: Place::Private(_), .. });
                let rooms = case.fact(seen.seq).map_or(&[][..], |fact| fact.entry.rooms());
                if private || !rooms.contains(&page.room) {
                    let (seq, room) = (seen.seq, &page.room);
                    let what = format!("{} read {seq} in the history of {room}; expected: that room's alone", who());
                    let read = Point::Life { life: i, at_us: told.at_us };
                    return Err(Found::new("in another room", [Point::Entry(seen.seq), read], what));
                }
            }
        }
    }
    Ok(())
}

/// What was to be said to a few is in the log as private.
fn whispers(case: &Case<'_>) -> Result<(), Found> {
    for fact in &case.facts {
        let Event::Said { text, .. } = &fact.entry.event else { continue };
        let deed = case.evidence.deed(mark_of(text.as_str()));
        if deed.is_some_and(|deed| matches!(deed.what, What::Private { .. })) && fact.entry.people().is_empty() {
            let what = format!("{} is in the log; expected: private, as it was said", telling(&fact.entry));
            return Err(Found::new("a whisper said aloud", [Point::Entry(fact.entry.seq)], what));
        }
    }
    Ok(())
}
