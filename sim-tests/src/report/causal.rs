//! What followed from what: process order of each lane and messages. An entry follows from the request that made it, not
//! from the entries before it.

use std::collections::{BTreeMap, BTreeSet};

use super::bundle::bundled;
use super::model::{Event, Flight, Model, Place, What};

/// A picture of more people than that, or of more events, shows only what matters.
const LANES_MAX: usize = 8;
const EVENTS_MAX: usize = 110;
/// And of that the latest.
const KEPT_MAX: usize = 70;
/// Of a failure, what comes so long after it is left out, if it is at least so many events.
const LATER_US: u64 = 300_000;
const LATER_MIN: usize = 4;

/// Events, one bit for each.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Past(Vec<u64>);

impl Past {
    /// The events in it, in order.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        let bits = |(word, bits): (usize, &u64)| {
            let bits = *bits;
            (0..64).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| word * 64 + bit)
        };
        self.0.iter().enumerate().flat_map(bits)
    }

    fn add(&mut self, event: usize, past: &Self) {
        self.0.iter_mut().zip(&past.0).for_each(|(word, more)| *word |= more);
        self.0[event / 64] |= 1 << (event % 64);
    }
}

/// For each event all that it followed from, itself left out.
#[must_use]
pub fn pasts(events: &[Event]) -> Vec<Past> {
    let mut pasts: Vec<Past> = Vec::with_capacity(events.len());
    for (index, event) in events.iter().enumerate() {
        let mut past = Past(vec![0; index.div_ceil(64)]);
        // Events are in order of time, and causes come before what they cause.
        for cause in event.causes.iter().copied().filter(|cause| *cause < index) {
            past.add(cause, &pasts[cause]);
        }
        pasts.push(past);
    }
    pasts
}

/// What the ringed events followed from, and they; everything, if nothing is ringed.
#[must_use]
pub fn lit(model: &Model) -> BTreeSet<usize> {
    if model.rings.is_empty() {
        return (0..model.events.len()).collect();
    }
    let pasts = pasts(&model.events);
    let mut lit: BTreeSet<usize> = model.rings.iter().copied().collect();
    for ring in &model.rings {
        lit.extend(pasts[*ring].iter());
    }
    // What befell the room befell everybody, and the claim is about all of it.
    let last = model.rings.last().copied().unwrap_or(0);
    let of_all = |what: &What| matches!(what, What::Note { fault: true, .. } | What::Down { .. } | What::Claim);
    lit.extend((0..=last).filter(|event| of_all(&model.events[*event].what)));
    lit
}

/// The model, or if it is too large for a page, the part of it that matters: the causal past of what is ringed, else what
/// followed from the last fault; of that the latest. What is left out is counted. Bursts are drawn once.
#[must_use]
pub fn small_enough(mut model: Model) -> Model {
    let lanes: Vec<String> = model.lanes.iter().map(|lane| lane.name.clone()).collect();
    leave_out_later(&mut model);
    if model.events.len() > EVENTS_MAX || model.lanes.len() > LANES_MAX {
        let (kept, why) =
            if model.rings.is_empty() { after_last_fault(&model) } else { (lit(&model), Some("the failure")) };
        let beside = model.events.len() - kept.len();
        keep(&mut model, &kept);
        model = bundled(model);
        let surplus = model.events.len().saturating_sub(KEPT_MAX);
        let early: BTreeSet<usize> =
            (0..model.events.len()).filter(|i| !model.rings.contains(i)).take(surplus).collect();
        let kept = (0..model.events.len()).filter(|i| !early.contains(i)).collect();
        keep(&mut model, &kept);
        match (beside + early.len(), why) {
            (0, _) => {}
            (left, None) => model.folded.push(format!("{left} earlier events")),
            (left, Some(why)) => model.folded.push(format!("{left} events before and beside {why}")),
        }
    } else {
        model = bundled(model);
    }
    let drawn = |name: &&String| model.lanes.iter().any(|lane| lane.name == **name);
    let others: Vec<&str> = lanes.iter().filter(|name| !drawn(name)).map(String::as_str).collect();
    if !others.is_empty() {
        model.folded.push(format!("not drawn: {}", others.join(", ")));
    }
    model
}

/// What came after a failure explains nothing of it.
fn leave_out_later(model: &mut Model) {
    let Some(last) = model.rings.last().map(|ring| model.events[*ring].at_us + LATER_US) else { return };
    let kept: BTreeSet<usize> = (0..model.events.len()).filter(|i| model.events[*i].at_us <= last).collect();
    let later = model.events.len() - kept.len();
    if later >= LATER_MIN {
        model.folded.push(format!("{later} later events"));
        model.ended_us = last;
        keep(model, &kept);
    }
}

/// The last fault that still had consequences enough to be looked at, and all from then on.
fn after_last_fault(model: &Model) -> (BTreeSet<usize>, Option<&'static str>) {
    let is_fault = |event: &Event| {
        let own = matches!(event.what, What::Trouble { .. } | What::Starts { .. } | What::Gone { .. });
        own || matches!(event.what, What::Down { .. } | What::Note { fault: true, .. })
    };
    let last = model.events.iter().rposition(is_fault);
    let enough = model.events.len().saturating_sub(KEPT_MAX / 2);
    ((last.unwrap_or(0).min(enough)..model.events.len()).collect(), last.map(|_| "the last fault"))
}

/// Keeps these events, and the lanes that have one.
fn keep(model: &mut Model, kept: &BTreeSet<usize>) {
    let place: BTreeMap<usize, usize> = kept.iter().enumerate().map(|(new, old)| (*old, new)).collect();
    let pasts = pasts(&model.events);
    let mut events = Vec::new();
    for old in kept {
        let mut event = model.events[*old].clone();
        // What followed from something left out follows from what that followed from.
        let past = pasts[*old].iter().filter_map(|cause| place.get(&cause).copied());
        event.causes = past.collect();
        if let Some(Flight { other, .. }) = &mut event.flight {
            *other = other.and_then(|other| place.get(&other).copied());
        }
        events.push(event);
    }
    model.events = events;
    model.rings = model.rings.iter().filter_map(|ring| place.get(ring).copied()).collect();
    let lane_of = |place: Place| match place {
        Place::Server => None,
        Place::Lane { lane, .. } | Place::Way { lane } => Some(lane),
    };
    let used: BTreeSet<usize> = model.events.iter().filter_map(|event| lane_of(event.place)).collect();
    let lanes: BTreeMap<usize, usize> = used.iter().enumerate().map(|(new, old)| (*old, new)).collect();
    model.lanes = used.iter().map(|old| model.lanes[*old].clone()).collect();
    for event in &mut model.events {
        match &mut event.place {
            Place::Server => {}
            Place::Lane { lane, .. } | Place::Way { lane } => *lane = lanes[lane],
        }
    }
    let from_us = model.events.first().map_or(0, |event| event.at_us);
    let to_us = model.ended_us;
    model.bands.retain_mut(|band| {
        band.lane = match band.lane {
            None => None,
            Some(lane) => match lanes.get(&lane) {
                Some(new) => Some(*new),
                None => return false,
            },
        };
        band.to_us > from_us && band.from_us <= to_us
    });
    let shown = |(from, to): (u64, u64)| to > from_us && from <= to_us;
    model.tracks.retain(|track| lanes.contains_key(&track.lane) && shown(track.alive));
    model.tracks.iter_mut().for_each(|track| track.lane = lanes[&track.lane]);
    model.waits.retain(|wait| lanes.contains_key(&wait.lane) && shown((wait.from_us, wait.to_us)));
    model.waits.iter_mut().for_each(|wait| wait.lane = lanes[&wait.lane]);
}
