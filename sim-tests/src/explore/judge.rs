//! The promises, held against a state: the same checks as everywhere, on what the log of that state holds and what the
//! people in it were shown.
//!
//! A log and a transcript are judged together once, in however many states they stand side by side.

use std::collections::BTreeSet;

use causerie_core::client::News;
use causerie_core::protocol::{Event, Seq, encode_entry};
use causerie_core::time::WallTime;

use super::Bounds;
use super::host::limits;
use super::machines::{Machines, NAMES, identity, mark};
use super::table::Table;
use super::world::{Somebody, World};
use crate::checks::{Broken, Case, Promise};
use crate::entropy::digest;
use crate::evidence::{Asked, By, Evidence, Life, Shown, Sizes, Stored, Told};

/// Judges states, and remembers what it has judged.
#[derive(Debug)]
pub(super) struct Judge<'a> {
    promises: &'a [Promise],
    judged: Table<Judged>,
}

/// What a verdict depends on: the log, the history, one person or both, whether all has settled.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Judged {
    stored: u32,
    history: u32,
    people: [Option<Somebody>; 2],
    settled: bool,
}

impl<'a> Judge<'a> {
    pub(super) fn new(promises: &'a [Promise]) -> Self {
        Self { promises, judged: Table::default() }
    }

    /// The first promise that is broken in a state. What holds only once all has settled is asked if it has.
    pub(super) fn judge(
        &mut self,
        machines: &Machines,
        world: &World,
        settled: bool,
        bounds: &Bounds,
    ) -> Option<Broken> {
        let plain = |somebody: Somebody| Somebody { client: 0, conn: 0, wants: false, ..somebody };
        let [ada, bob] = world.people.map(plain);
        let pictures: &[[Option<Somebody>; 2]] =
            if settled { &[[Some(ada), Some(bob)]] } else { &[[Some(ada), None], [None, Some(bob)]] };
        pictures.iter().find_map(|people| {
            let judged = Judged { stored: world.stored, history: world.history, people: *people, settled };
            let (_, new) = self.judged.number(judged);
            if new { self.look(machines, world, &judged, bounds) } else { None }
        })
    }

    fn look(&self, machines: &Machines, world: &World, judged: &Judged, bounds: &Bounds) -> Option<Broken> {
        let evidence = evidence(machines, world, judged, bounds);
        let case = Case::new(&evidence);
        let held = self.promises.iter().filter(|promise| judged.settled || promise.name != "settles");
        let broken =
            held.into_iter().find_map(|promise| Some(Broken::new(promise.name, (promise.judge)(&case).err()?)));
        broken.or_else(|| Some(Broken::new("once", said(&case, judged, bounds).err()?)))
    }
}

/// The entry that somebody was shown, if it is one.
pub(super) fn seq_of(news: &News) -> Option<Seq> {
    match news {
        News::Saw(seen) => Some(seen.seq),
        News::Accepted { seq, .. } => Some(*seq),
        News::Online(_)
        | News::Offline { .. }
        | News::Waiting(_)
        | News::Refused { .. }
        | News::Who { .. }
        | News::Rooms { .. }
        | News::Room { .. }
        | News::Oper { .. }
        | News::Denied { .. }
        | News::Page { .. }
        | News::Missed { .. }
        | News::Notice(_)
        | News::Ended { .. } => None,
    }
}

/// What somebody said is in the log in the order they said it; once all has settled, all of it.
fn said(case: &Case<'_>, judged: &Judged, bounds: &Bounds) -> Result<(), String> {
    for who in 0..2_u8 {
        if judged.people[usize::from(who)].is_none() {
            continue;
        }
        let said = case.facts.iter().filter(|fact| fact.entry.by == identity(who));
        let said = said.filter_map(|fact| match &fact.entry.event {
            Event::Said { text, .. } => Some(text.as_str().to_owned()),
            Event::Arrived { .. }
            | Event::Departed { .. }
            | Event::Joined { .. }
            | Event::Left { .. }
            | Event::Renamed { .. }
            | Event::Topic { .. }
            | Event::Kicked { .. }
            | Event::Invited { .. }
            | Event::Changed { .. }
            | Event::Killed { .. } => None,
        });
        let said: Vec<String> = said.collect();
        let all: Vec<String> = (0..bounds.messages[usize::from(who)]).map(|what| mark(who, what)).collect();
        let expected = if judged.settled { &all[..] } else { &all[..said.len().min(all.len())] };
        if said != expected {
            let name = NAMES[usize::from(who)];
            return Err(format!("the log has {said:?} of {name}; expected: {expected:?}"));
        }
    }
    Ok(())
}

fn evidence(machines: &Machines, world: &World, judged: &Judged, bounds: &Bounds) -> Evidence {
    let log = machines.lists.get(judged.stored).iter().map(|record| Stored {
        given_us: 0,
        durable_us: 0,
        at: WallTime(0),
        record: machines.records.get(*record).clone(),
    });
    let people = (0..2_u8).filter_map(|who| Some((who, judged.people[usize::from(who)]?)));
    let lives = people.clone().map(|(who, somebody)| life(machines, who, &somebody));
    let kept = machines.histories.get(judged.history).iter().map(|entry| (entry.seq, digest(&encode_entry(entry))));
    let asked = people.clone().zip(0..).flat_map(|((who, somebody), life)| {
        (0..somebody.asked).map(move |what| Asked {
            mark: mark(who, what),
            life,
            at_us: 0,
            seen: Seq(u64::from(somebody.seen[usize::from(what)])),
        })
    });
    let answered = |(who, somebody): (u8, Somebody)| {
        let all = bounds.messages[usize::from(who)];
        somebody.online && somebody.asked == all && somebody.answered.count_ones() == u32::from(all)
    };
    Evidence {
        limits: limits(),
        lives: lives.collect(),
        log: log.collect(),
        kept: kept.collect(),
        departs: vec![],
        asked: asked.collect(),
        deeds: vec![],
        sizes: Sizes::default(),
        healed_us: 0,
        ended_us: 0,
        quiet: judged.settled && people.clone().all(answered) && machines.lists.get(world.waiting).is_empty(),
        store: None,
        panic: None,
    }
}

fn life(machines: &Machines, who: u8, somebody: &Somebody) -> Life {
    let news = machines.lists.get(somebody.told).iter().map(|news| machines.news.get(*news).clone());
    let told: Vec<Told> = news.map(|news| Told { at_us: 0, what: Shown::News(news) }).collect();
    let ended = told.iter().find_map(|told| match &told.what {
        Shown::News(News::Ended { code, .. }) => Some(code.clone()),
        Shown::News(_) | Shown::Line(_) => None,
    });
    let unanswered: BTreeSet<String> =
        (0..somebody.asked).filter(|what| somebody.answered & 1 << what == 0).map(|what| mark(who, what)).collect();
    Life {
        told,
        unanswered,
        stands: !somebody.ended,
        online: somebody.online,
        ended,
        ..Life::new(Some(usize::from(who)), NAMES[usize::from(who)].to_owned(), identity(who), By::Native, Seq(0))
    }
}
