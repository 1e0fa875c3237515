//! The past of a room that was closed is not read by who makes or enters it anew: once the last member of a secret room, or of
//! one by invitation, with a key or with bans has gone, no page shows what stands up to there. Judged are pages that somebody
//! read after they had entered the room anew themselves, in the same life.

use std::collections::BTreeMap;

use causerie_core::client::News;
use causerie_core::protocol::{Ask, Room, Seq, Sight};

use super::case::{Case, at, whose};
use super::found::{Found, Point};
use super::keeping::seals;
use crate::evidence::{Life, Shown};

pub(super) fn judge(case: &Case<'_>) -> Result<(), Found> {
    let seals = seals(case);
    if seals.is_empty() {
        return Ok(());
    }
    for (i, life, _) in case.lives() {
        for (page_at_us, room, since, first) in pages(life) {
            let seal = seals.iter().rev().find(|(sealed, end)| *sealed == room && *end < since);
            if let Some((_, end)) = seal.filter(|(_, end)| first <= *end) {
                let what = format!(
                    "{} entered {room} with {since} and read {first} in its history at {}; expected: the past of a closed \
                     room, which ended with {end}, is sealed",
                    whose(i, life),
                    at(page_at_us)
                );
                let points = [Point::Entry(first), Point::Entry(*end), Point::Life { life: i, at_us: page_at_us }];
                return Err(Found::new("behind a seal", points, what));
            }
        }
    }
    Ok(())
}

/// Pages a life was shown of rooms it had entered: when, of which room, entered with which entry, and the first in it.
fn pages(life: &Life) -> Vec<(u64, &Room, Seq, Seq)> {
    let mut entered: BTreeMap<Room, Seq> = BTreeMap::new();
    let mut pages = Vec::new();
    for told in &life.told {
        match &told.what {
            Shown::News(News::Accepted { pending: Some(pending), seq, .. }) => match &*pending.ask {
                Ask::Join { room } | Ask::Unlock { room, .. } => {
                    entered.insert(room.clone(), *seq);
                }
                Ask::Leave { room } => {
                    entered.remove(room);
                }
                Ask::Say { .. }
                | Ask::SayWith { .. }
                | Ask::Rename { .. }
                | Ask::Void { .. }
                | Ask::Topic { .. }
                | Ask::Kick { .. }
                | Ask::Invite { .. }
                | Ask::Change { .. }
                | Ask::Kill { .. } => {}
            },
            Shown::News(News::Saw(seen)) => {
                if let Sight::Kicked { room, .. } = &seen.sight {
                    entered.remove(room); // Perhaps oneself.
                }
            }
            Shown::News(News::Page { page, .. }) => {
                if let (Some(since), Some(first)) = (entered.get(&page.room), page.entries.first()) {
                    pages.push((told.at_us, &page.room, *since, first.seq));
                }
            }
            Shown::News(_) | Shown::Line(_) => {}
        }
    }
    pages
}
