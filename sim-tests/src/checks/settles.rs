//! P8: once faults end, everything pending is answered, and everyone is connected, within the time the plan gives; and no
//! client of ours was ever thrown out.

use std::collections::BTreeSet;

use causerie_core::protocol::ClientId;

use super::case::{Case, at, whose};
use super::found::{Found, Point};
use crate::evidence::By;

pub(super) fn judge(case: &Case<'_>) -> Result<(), Found> {
    let evidence = case.evidence;
    for (i, life, _) in case.lives().filter(|(_, life, _)| life.by == By::Native) {
        if let Some(code) = life.ended.as_deref().filter(|code| !["quit", "taken_over", "nick_taken"].contains(code)) {
            let last = life.told.last().map(|told| format!("{:?}", told.what));
            let at_us = life.told.last().map_or(0, |told| told.at_us);
            let what = format!("{} ended with \"{code}\": {}", whose(i, life), last.unwrap_or_default());
            return Err(Found::new("thrown out", [Point::Life { life: i, at_us }], what));
        }
    }
    if evidence.quiet || evidence.panic.is_some() {
        return Ok(());
    }
    let deadline =
        format!("at {}, {} after all faults ended", at(evidence.ended_us), at(evidence.ended_us - evidence.healed_us));
    // Where more people stand at the door than there is room for, nobody is promised a place.
    let standing: BTreeSet<ClientId> =
        case.lives().filter(|(_, life, _)| life.stands).map(|(_, life, _)| life.identity).collect();
    let crowded = standing.len() > evidence.limits.sessions_max;
    for (i, life, _) in case.lives().filter(|(_, life, _)| life.stands) {
        let who = whose(i, life);
        let end = [Point::Life { life: i, at_us: evidence.ended_us }];
        if !life.online && crowded {
            continue;
        }
        if !life.online {
            return Err(Found::new("never welcomed", end, format!("{deadline}, {who} is not welcomed")));
        }
        if let Some(mark) = life.unanswered.first() {
            return Err(Found::new("never answered", end, format!("{deadline}, {who} has no answer to \"{mark}\"")));
        }
        if let Some(read) = life.reads.first() {
            let what = format!("{deadline}, {who} has no answer to its question {read}");
            return Err(Found::new("never answered", end, what));
        }
    }
    if crowded {
        return Ok(());
    }
    let end = Point::Server { at_us: evidence.ended_us };
    Err(Found::new("never quiet", [end], format!("{deadline}, the log or somebody's return is still awaited")))
}
