//! What an author is told of a request is what the log decided: of this request, and the same whenever it is told.

use causerie_core::client::{News, Pending};
use causerie_core::limits::WINDOW;
use causerie_core::protocol::{Ask, ClientId, RequestId, Seq};

use super::case::{Case, at, whose};
use super::found::{Found, Point};
use crate::evidence::Shown;

pub(super) fn judge(case: &Case<'_>) -> Result<(), Found> {
    for (i, life, _) in case.lives() {
        for told in &life.told {
            let Shown::News(news) = &told.what else { continue };
            let wrong = match news {
                News::Accepted { pending: Some(pending), seq, .. } => acceptance(case, life.identity, pending, *seq),
                News::Refused { ask: Some(ask), code, .. } => refusal(case, life.identity, ask, code),
                News::Accepted { .. } | News::Refused { .. } | News::Online(_) | News::Offline { .. } => None,
                News::Waiting(_) | News::Saw(_) | News::Who { .. } | News::Rooms { .. } | News::Page { .. } => None,
                News::Missed { .. } | News::Notice(_) | News::Ended { .. } => None,
                News::Room { .. } | News::Denied { .. } | News::Oper { .. } => None,
            };
            if let Some(wrong) = wrong {
                let what = format!("{} {wrong} at {}", whose(i, life), at(told.at_us));
                return Err(Found::new("a wrong answer", [Point::Life { life: i, at_us: told.at_us }], what));
            }
        }
    }
    Ok(())
}

fn acceptance(case: &Case<'_>, who: ClientId, pending: &Pending, seq: Seq) -> Option<String> {
    let decision = pending.n.and_then(|n| case.decisions.get(&(who, n)));
    let right = decision.is_some_and(|(asked, decided)| *decided == Ok(seq) && is_same(asked, &pending.ask));
    (!right).then(|| format!("was told that {:?} is {seq}; the log decided {decision:?}", pending.ask))
}

/// Whether two requests come to the same if they are accepted. Two programs with one key may ask for a room under one
/// number, one of them with its key: the entry tells both that they are in it, and nobody could tell more.
fn is_same(one: &Ask, other: &Ask) -> bool {
    let entered = |ask: &Ask| match ask {
        Ask::Join { room } | Ask::Unlock { room, .. } => Some(room.clone()),
        Ask::Say { .. }
        | Ask::SayWith { .. }
        | Ask::Leave { .. }
        | Ask::Rename { .. }
        | Ask::Void { .. }
        | Ask::Topic { .. }
        | Ask::Kick { .. }
        | Ask::Invite { .. }
        | Ask::Change { .. }
        | Ask::Kill { .. } => None,
    };
    one == other || entered(one).is_some_and(|room| entered(other) == Some(room))
}

fn refusal(case: &Case<'_>, who: ClientId, ask: &Ask, code: &str) -> Option<String> {
    let is_that = |asked: &Ask| asked == ask || matches!(asked, Ask::Void { .. });
    let of_theirs = || case.decisions.iter().filter(|((client, _), (asked, _))| *client == who && is_that(asked));
    let own = code == "outbox_full"; // Refused by the client itself.
    // Two programs with one key: what one asked under a number, so many numbers of the other's ago, nobody remembers.
    let long_ago = code == "outcome_unknown" && numbers_of(case, who) > WINDOW;
    let right = own || long_ago || of_theirs().any(|(_, (_, decided))| *decided == Err(code));
    let decided = || of_theirs().map(|(_, (_, decided))| *decided).next_back();
    (!right).then(|| format!("was told that {ask:?} is refused, \"{code}\"; the log decided {:?}", decided()))
}

fn numbers_of(case: &Case<'_>, who: ClientId) -> u64 {
    let theirs = (who, RequestId(0))..=(who, RequestId(u64::MAX));
    case.decisions.range(theirs).next_back().map_or(0, |((_, n), _)| n.0)
}
