//! P2 at IRC's door: each command that was labelled is answered under its label once, and nothing else is.

use super::case::{Case, at, whose};
use super::found::{Found, Point};
use super::gapless::reads_on;

pub(super) fn judge(case: &Case<'_>) -> Result<(), Found> {
    for (i, reading) in &case.readings {
        let life = &case.evidence.lives[*i];
        let wrong = reading.labels.iter().find(|(label, times)| **times > 1 || !life.labels.contains_key(*label));
        let waits = || life.labels.iter().find(|(label, _)| !reading.labels.contains_key(*label));
        let found = match wrong {
            Some((label, times)) => Some((label, format!("{times} answers under"), case.evidence.ended_us)),
            None if reads_on(case, life) => {
                waits().map(|(label, at_us)| (label, format!("none since {} under", at(*at_us)), *at_us))
            }
            None => None,
        };
        if let Some((label, count, at_us)) = found {
            let what = format!("{} was given {count} \"{label}\"; expected: one to each it gave", whose(*i, life));
            return Err(Found::new("not one answer", [Point::Life { life: *i, at_us }], what));
        }
    }
    Ok(())
}
