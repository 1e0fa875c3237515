//! The fate of a failing run: from moments of it on, what share of random futures breaks the same promise. Where the share
//! jumps, it was decided.
//!
//! A future is the run as it was up to a moment and including it, and from then on another seed's: what people do, what goes
//! wrong, and every draw. What had begun by then goes on as planned. Only the pure world is fast enough for that.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use super::Name;
use super::model::Model;
use crate::checks::Promise;
use crate::entropy::mix;
use crate::plan::{Plan, Seconds, World};
use crate::run::{Run, future};

/// The share of random futures that fail, from moments on.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Fate {
    /// From when on, in virtual microseconds, and how many out of a hundred fail.
    pub percent: Vec<(u64, u8)>,
    /// How many futures there were from each moment.
    pub futures: u64,
}

/// Where the share of futures that fail rises most.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Jump {
    /// When, in virtual microseconds.
    pub at_us: u64,
    /// Out of a hundred, before.
    pub before: u8,
    /// And then.
    pub then: u8,
}

/// So many moments, and futures from each.
const MOMENTS: usize = 20;
const FUTURES: u64 = 200;
/// Of long runs there are fewer, so that it takes seconds.
const LONG: usize = 6_000;
const FUTURES_OF_LONG: u64 = 50;
/// A rise of less is not worth being named.
const RISE_MIN: u8 = 10;

impl Fate {
    /// Of a failing run of the pure world, played with its record; none of any other.
    #[must_use]
    pub fn of(plan: &Plan, run: &Run, promises: &[Promise]) -> Option<Self> {
        let broken = run.broken.as_ref().filter(|_| plan.world == World::Pure)?;
        let promises: Vec<Promise> = promises.iter().filter(|one| one.name == broken.promise).copied().collect();
        let times = moments(plan, run);
        let futures = if run.record.messages.len() > LONG { FUTURES_OF_LONG } else { FUTURES };
        let share = |index: usize| share(plan, &promises, times[index], futures);
        let mut known: BTreeMap<usize, u8> = BTreeMap::new();
        let spread = (MOMENTS / 2).min(times.len());
        for i in 0..spread {
            let index = i * (times.len() - 1) / (spread - 1).max(1);
            known.entry(index).or_insert_with(|| share(index));
        }
        while known.len() < MOMENTS.min(times.len()) {
            let Some(index) = between(&known) else { break };
            known.insert(index, share(index));
        }
        let percent = known.into_iter().map(|(index, percent)| (times[index], percent)).collect();
        Some(Self { percent, futures })
    }

    /// Where it was decided, if it was at one moment more than at others.
    #[must_use]
    pub fn jump(&self) -> Option<Jump> {
        let pairs = self.percent.windows(2);
        let jumps = pairs.map(|pair| Jump { at_us: pair[1].0, before: pair[0].1, then: pair[1].1 });
        // Of equal ones the first.
        let rise = |jump: &Jump| jump.then.saturating_sub(jump.before);
        let highest = jumps.fold(None, |best: Option<Jump>, jump| match best {
            Some(best) if rise(&best) >= rise(&jump) => Some(best),
            Some(_) | None => Some(jump),
        });
        highest.filter(|jump| rise(jump) >= RISE_MIN)
    }

    /// That in words.
    #[must_use]
    pub fn told(&self) -> Option<String> {
        let first = self.percent.first()?.1;
        Some(match self.jump() {
            Some(Jump { at_us, before, then }) => {
                format!("decided at {} s ({before}% → {then}% of futures fail)", Seconds(at_us))
            }
            None => format!("decided at no one moment ({first}% of futures fail from the start)"),
        })
    }
}

/// The moments at which something that is drawn happens, from the start to the failure.
fn moments(plan: &Plan, run: &Run) -> Vec<u64> {
    let nobody = Name { about: String::new(), origin: String::new(), command: String::new() };
    let model = Model::new(plan, run, &nobody);
    let last = model.rings.last().map_or(u64::MAX, |ring| model.events[*ring].at_us);
    let times: BTreeSet<u64> = model.events.iter().map(|event| event.at_us).filter(|at_us| *at_us <= last).collect();
    std::iter::once(0).chain(times.into_iter().filter(|at_us| *at_us > 0)).collect()
}

/// The middle between the two neighbours that differ most; of equal ones, those furthest from each other.
fn between(known: &BTreeMap<usize, u8>) -> Option<usize> {
    let pairs = known.iter().zip(known.iter().skip(1)).filter(|((from, _), (to, _))| *to - *from > 1);
    let widest = pairs.max_by_key(|((from, low), (to, high))| (low.abs_diff(**high), *to - *from, usize::MAX - *from));
    widest.map(|((from, _), (to, _))| usize::midpoint(*from, *to))
}

/// Out of a hundred futures from a moment on, how many break the promise.
fn share(plan: &Plan, promises: &[Promise], from_us: u64, futures: u64) -> u8 {
    let threads = thread::available_parallelism().map_or(1, usize::from) as u64;
    let failing: u64 = thread::scope(|scope| {
        let part = |first: u64| {
            // The same futures from every moment: what differs is the moment.
            let seed = |i: &u64| mix(plan.seed ^ mix(*i));
            let fails = |i: &u64| future(plan, promises, (from_us, seed(i)), false).broken.is_some();
            (first..futures).step_by(usize::try_from(threads).unwrap_or(1)).filter(fails).count() as u64
        };
        let parts: Vec<_> = (0..threads).map(|first| scope.spawn(move || part(first))).collect();
        parts.into_iter().map(|part| part.join().expect("a run's panics are caught")).sum()
    });
    u8::try_from((failing * 100 + futures / 2) / futures.max(1)).unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_jump_is_the_steepest_rise_and_the_first_of_them() {
        let fate = |percent: &[(u64, u8)]| Fate { percent: percent.to_vec(), futures: 200 };
        let decided = fate(&[(0, 2), (900, 4), (1_412_000, 87), (2_000_000, 100)]);
        assert_eq!(decided.jump(), Some(Jump { at_us: 1_412_000, before: 4, then: 87 }));
        assert_eq!(decided.told().as_deref(), Some("decided at 1.412 s (4% → 87% of futures fail)"));
        assert_eq!(fate(&[(0, 0), (10, 50), (20, 100)]).jump().map(|jump| jump.at_us), Some(10));
        assert_eq!(fate(&[(0, 96), (10, 100)]).jump(), None);
        assert_eq!(
            fate(&[(0, 96), (10, 100)]).told().as_deref(),
            Some("decided at no one moment (96% of futures fail from the start)")
        );
        assert_eq!(fate(&[]).told(), None);
    }

    #[test]
    fn it_is_looked_closest_where_it_changes_most() {
        let known = |pairs: &[(usize, u8)]| pairs.iter().copied().collect::<BTreeMap<_, _>>();
        assert_eq!(between(&known(&[(0, 0), (4, 10), (8, 90), (9, 100)])), Some(6));
        assert_eq!(between(&known(&[(0, 0), (1, 10)])), None);
        assert_eq!(between(&known(&[(0, 50), (10, 50), (12, 50)])), Some(5));
    }
}
