//! Puts a model together: what each part of a run adds to it, in order of time, and what followed from what.

use std::collections::BTreeMap;

use causerie_core::protocol::{ClientId, Event as Happened};

use super::{Card, Event, Flight, Lane, Model, Place, What};
use crate::checks::{Case, PROMISES, Point};
use crate::evidence::{By, Evidence};
use crate::plan::{Plan, Seconds};
use crate::record::{Record, Word};
use crate::report::{Name, palette};
use crate::run::Run;

/// A model being put together. Events are in the order they were found in; their indexes change when they are sorted.
pub(super) struct Builder<'a> {
    pub(super) plan: &'a Plan,
    pub(super) evidence: &'a Evidence,
    pub(super) record: &'a Record,
    pub(super) case: Case<'a>,
    pub(super) events: Vec<Event>,
    pub(super) slots: BTreeMap<ClientId, usize>,
    /// Lives that stand beside another on their lane.
    pub(super) second: Vec<bool>,
    /// Entries up to that one are folded, and what led to them until then.
    pub(super) folded: u64,
    pub(super) folded_us: u64,
    /// The events of entries, and of their becoming durable, by number.
    pub(super) entries: BTreeMap<u64, usize>,
    pub(super) durables: BTreeMap<u64, usize>,
    pub(super) model: Model,
}

pub(super) fn build(plan: &Plan, run: &Run, name: &Name) -> Model {
    let mut builder = Builder {
        plan,
        evidence: &run.evidence,
        record: &run.record,
        case: Case::new(&run.evidence),
        events: Vec::new(),
        slots: BTreeMap::new(),
        second: vec![false; run.evidence.lives.len()],
        folded: 0,
        folded_us: 0,
        entries: BTreeMap::new(),
        durables: BTreeMap::new(),
        model: empty(plan, run, name),
    };
    builder.colour();
    builder.fold_comings(run);
    builder.add_server();
    builder.add_lives();
    builder.add_wire();
    builder.finish(run)
}

fn empty(plan: &Plan, run: &Run, name: &Name) -> Model {
    let counted = |n: usize, one: &str, more: &str| format!("{n} {}", if n == 1 { one } else { more });
    let (people, faults) =
        (counted(plan.people.len(), "person", "people"), counted(plan.faults.len(), "fault", "faults"));
    let seconds = Seconds(run.simulated_us);
    let parts = [&*name.origin, &people, &faults, &format!("{seconds} s of virtual time"), &name.command];
    let lane =
        |(i, person): (usize, &crate::plan::Person)| Lane { name: person.name.clone(), slot: i % palette::SLOTS };
    let (title, card, claim) = match &run.broken {
        None => (name.about.clone(), None, String::new()),
        Some(broken) => {
            let claim = if broken.claim.is_empty() { "see the card" } else { &broken.claim };
            let title = format!("The promise “{}” is broken: {claim}", broken.promise);
            let mut lines: Vec<String> = broken.evidence.split("; ").map(str::to_owned).collect();
            if PROMISES.iter().any(|promise| promise.name == broken.promise) {
                let file = if broken.promise == "panic" { "clean" } else { broken.promise };
                lines.push(format!("judged by checks/{file}.rs"));
            }
            (title, Some(Card { promise: broken.promise.to_owned(), lines }), broken.claim.clone())
        }
    };
    Model {
        title,
        sub: parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" · "),
        card,
        lanes: plan.people.iter().enumerate().map(lane).collect(),
        events: Vec::new(),
        bands: Vec::new(),
        tracks: Vec::new(),
        waits: Vec::new(),
        folded: Vec::new(),
        rings: Vec::new(),
        claim,
        ended_us: run.simulated_us,
    }
}

impl Builder<'_> {
    /// Each identity has a colour of its own, as long as there are enough; nobody has two of one colour.
    fn colour(&mut self) {
        for life in &self.evidence.lives {
            let Some(who) = life.person else { continue };
            let first = !self
                .evidence
                .lives
                .iter()
                .take_while(|other| other.identity != life.identity)
                .any(|other| other.person == Some(who) && other.by != By::Stranger);
            let lanes = self.plan.people.len();
            let free = palette::SLOTS.saturating_sub(lanes);
            let slot = if first || free == 0 { who } else { lanes + self.slots.len().saturating_sub(1) % free };
            self.slots.entry(life.identity).or_insert(slot % palette::SLOTS);
        }
    }

    pub(super) fn slot(&self, who: ClientId) -> usize {
        self.slots.get(&who).copied().unwrap_or(palette::SLOTS - 1)
    }

    /// The first comings, before anything is asked and before anything goes wrong, are one line.
    fn fold_comings(&mut self, run: &Run) {
        let faults = self.plan.faults.iter().map(|fault| fault.at_ms * 1_000).min();
        let asks = self.record.messages.iter().filter(|message| matches!(message.word, Word::Ask { .. }));
        let asked =
            asks.map(|message| message.sent_us).chain(self.evidence.asked.iter().map(|asked| asked.at_us)).min();
        let until = faults.into_iter().chain(asked).min().unwrap_or(u64::MAX);
        let points = run.broken.iter().flat_map(|broken| &broken.points);
        let ringed = points.filter_map(|point| match point {
            Point::Entry(seq) | Point::Shown { seq, .. } => Some(seq.0),
            Point::Life { .. } | Point::Server { .. } => None,
        });
        let below = ringed.min().unwrap_or(u64::MAX);
        for fact in &self.case.facts {
            let seq = fact.entry.seq.0;
            if !matches!(fact.entry.event, Happened::Arrived { .. }) || fact.durable_us >= until || seq >= below {
                break;
            }
            (self.folded, self.folded_us) = (seq, fact.durable_us);
        }
        match self.folded {
            0 => {}
            1 => self.model.folded.push("#1 comes".to_owned()),
            last => self.model.folded.push(format!("#1–#{last} come")),
        }
    }

    /// The lane of a life, and where on it.
    pub(super) fn place(&self, life: usize) -> Option<Place> {
        let lane = self.evidence.lives[life].person?;
        Some(Place::Lane { lane, second: self.second[life] })
    }

    /// Adds an event that has no message; gives its index.
    pub(super) fn add(&mut self, at_us: u64, place: Place, what: What, title: String) -> usize {
        self.events.push(Event { at_us, place, life: None, what, slot: None, flight: None, causes: Vec::new(), title });
        self.events.len() - 1
    }

    /// Adds an event of a life.
    pub(super) fn add_to(&mut self, at_us: u64, life: usize, what: What, title: String) -> Option<usize> {
        let place = self.place(life)?;
        let index = self.add(at_us, place, what, title);
        self.events[index].life = Some(life);
        self.events[index].slot = Some(self.slot(self.evidence.lives[life].identity));
        Some(index)
    }

    /// Sorts the events, finds out what followed from what, and rings what contradicts each other.
    fn finish(mut self, run: &Run) -> Model {
        let mut order: Vec<usize> = (0..self.events.len()).collect();
        order.sort_by_key(|i| (self.events[*i].at_us, rank(&self.events[*i].what), *i));
        let mut place = vec![0; order.len()];
        for (new, old) in order.iter().enumerate() {
            place[*old] = new;
        }
        let mut events: Vec<Event> = order.iter().map(|old| self.events[*old].clone()).collect();
        for event in &mut events {
            event.causes.iter_mut().for_each(|cause| *cause = place[*cause]);
            if let Some(Flight { other: Some(other), .. }) = &mut event.flight {
                *other = place[*other];
            }
        }
        follow(&mut events);
        let points = run.broken.iter().flat_map(|broken| &broken.points);
        self.model.rings = points.filter_map(|point| find(&events, point)).collect();
        self.model.rings.sort_unstable();
        self.model.rings.dedup();
        self.model.events = events;
        if let Some(last) = self.model.rings.last().copied().filter(|_| !self.model.claim.is_empty()) {
            insert_claim(&mut self.model, last);
        }
        self.model
    }
}

/// The order of events at one moment.
const fn rank(what: &What) -> u8 {
    match what {
        What::Trouble { .. } | What::Over { .. } | What::Note { .. } | What::Starts { .. } => 1,
        What::Entry { .. } | What::Again { .. } | What::Refuses { .. } | What::Unstored { .. } => 2,
        What::ReadsOn { .. } | What::Durable => 3,
        What::LostDown | What::Gets { .. } | What::Answered { .. } | What::Told { .. } => 4,
        What::Gone { .. } | What::Tried => 5,
        What::Typed { .. } | What::Asks { .. } | What::Comes { .. } => 6,
        What::Ends { .. } | What::Down { .. } | What::Claim => 7,
        What::Up { .. } => 8,
    }
}

/// Adds what followed because it came after on the same lane, or after the server had come back. The log's order is not a
/// cause: everything that came before would be one.
fn follow(events: &mut [Event]) {
    let mut last: BTreeMap<Place, usize> = BTreeMap::new();
    let mut up: Option<usize> = None;
    let mut welcomed: BTreeMap<usize, usize> = BTreeMap::new();
    for (i, event) in events.iter_mut().enumerate() {
        match event.place {
            Place::Lane { lane, second } => {
                if matches!(event.what, What::Asks { .. }) {
                    // The welcome that led to it is not drawn: what the server did then stands for it.
                    event.causes.extend(event.life.and_then(|life| welcomed.get(&life)));
                }
                let both = event.life.is_none() || matches!(event.what, What::Starts { .. });
                for beside in [false, true] {
                    let place = Place::Lane { lane, second: beside };
                    if beside == second || both {
                        event.causes.extend(last.get(&place));
                        last.insert(place, i);
                    }
                }
            }
            Place::Server => {
                if !matches!(event.what, What::Note { .. }) {
                    event.causes.extend(up);
                }
                match (&event.what, event.life) {
                    (What::Up { .. } | What::Down { .. }, _) => up = Some(i),
                    (What::ReadsOn { .. }, Some(life)) => {
                        welcomed.insert(life, i);
                    }
                    (_, _) => {}
                }
            }
            Place::Way { .. } => {}
        }
        event.causes.retain(|cause| *cause < i);
        event.causes.sort_unstable();
        event.causes.dedup();
    }
}

/// The event at a place of a run.
fn find(events: &[Event], point: &Point) -> Option<usize> {
    let last = |wanted: &dyn Fn(&Event) -> bool| events.iter().rposition(wanted);
    match *point {
        Point::Entry(seq) => last(&|event| matches!(event.what, What::Entry { seq: this, .. } if this == seq.0)),
        Point::Shown { life, at_us, seq } => {
            last(&|event| event.life == Some(life) && event.at_us == at_us && event.what.seq() == Some(seq.0))
        }
        Point::Life { life, at_us } => last(&|event| event.life == Some(life) && event.at_us <= at_us),
        Point::Server { at_us } => last(&|event| event.place == Place::Server && event.at_us <= at_us),
    }
}

/// The claim has a row of its own in the log's column, above the last of what it joins.
fn insert_claim(model: &mut Model, above: usize) {
    let at_us = model.events[above].at_us;
    let (title, causes) = (model.claim.clone(), model.rings.iter().copied().filter(|ring| *ring < above).collect());
    let claim =
        Event { at_us, place: Place::Server, life: None, what: What::Claim, slot: None, flight: None, causes, title };
    let moved = |index: usize| if index >= above { index + 1 } else { index };
    for event in &mut model.events {
        event.causes.iter_mut().for_each(|cause| *cause = moved(*cause));
        if let Some(Flight { other: Some(other), .. }) = &mut event.flight {
            *other = moved(*other);
        }
    }
    model.rings.iter_mut().for_each(|ring| *ring = moved(*ring));
    model.events.insert(above, claim);
}
