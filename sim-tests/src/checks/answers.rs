//! What an author is told of a request is what the log decided: of this request, and the same whenever it is told.

use causerie_core::client::{News, Pending};
use causerie_core::limits::WINDOW;
use causerie_core::protocol::{Ask, ClientId, RequestId, Room, Seq};

use super::case::{Case, at, whose};
use super::found::{Found, Point};
use crate::evidence::Shown;
use crate::world::asking::asked_by;

pub(super) fn judge(case: &Case<'_>) -> Result<(), Found> {
    for (i, life, _) in case.lives() {
        for told in &life.told {
            let Shown::News(news) = &told.what else { continue };
            let wrong = match news {
                News::Accepted { pending: Some(pending), seq, entry, .. } => {
                    acceptance(case, i, pending, *seq, entry.is_some())
                }
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

/// `by_entry`: the program was given its entry back, and had to tell from that which of its requests it is.
fn acceptance(case: &Case<'_>, life: usize, pending: &Pending, seq: Seq, by_entry: bool) -> Option<String> {
    let who = case.evidence.lives[life].identity;
    let decision = pending.n.and_then(|n| case.decisions.get(&(who, n)));
    let right = decision.is_some_and(|(asked, decided)| {
        *decided == Ok(seq) && (**asked == *pending.ask || (by_entry && is_of_another(case, life, asked, &pending.ask)))
    });
    (!right).then(|| format!("was told that {:?} is {seq}; the log decided {decision:?}", pending.ask))
}

/// Whether another program of that key asked to enter the room that this one asked to enter, one of them with its key. What
/// both are given back is the same, that they are in; what is answered without it goes by the request, and is exact.
fn is_of_another(case: &Case<'_>, life: usize, asked: &Ask, own: &Ask) -> bool {
    let evidence = case.evidence;
    let asks = |mark: &str| evidence.deed(mark).is_some_and(|deed| asked_by(deed).any(|ask| ask == *asked));
    let another = |other: usize| other != life && evidence.lives[other].identity == evidence.lives[life].identity;
    entered(asked).is_some_and(|room| entered(own) == Some(room))
        && evidence.asked.iter().any(|asked| another(asked.life) && asks(&asked.mark))
}

const fn entered(ask: &Ask) -> Option<&Room> {
    match ask {
        Ask::Join { room } | Ask::Unlock { room, .. } => Some(room),
        Ask::Say { .. }
        | Ask::Leave { .. }
        | Ask::Rename { .. }
        | Ask::Void { .. }
        | Ask::Topic { .. }
        | Ask::Kick { .. }
        | Ask::Invite { .. }
        | Ask::Change { .. }
        | Ask::Kill { .. } => None,
    }
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
