//! What was sent and got, as segments; and the rows pulled apart where a segment would run into a label.

use std::collections::BTreeMap;

use super::columns::{Columns, px};
use super::rows::Rows;
use super::{Px, labels};
use crate::report::model::{Event, Flight, Model, Place, What};

/// A message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Arrow {
    /// The event it is drawn with.
    pub event: usize,
    /// Whose lane it leads to or from.
    pub lane: usize,
    /// Where it begins.
    pub from: (Px, Px),
    /// Where it ends: at a lane, at the log, or where it was lost.
    pub to: (Px, Px),
    /// Between: where it waits before a reader who does not read, from here to there.
    pub waits: Option<[(Px, Px); 2]>,
    /// To the server.
    pub up: bool,
    /// An answer.
    pub dashed: bool,
    /// It ends on its way.
    pub lost: bool,
}

impl Arrow {
    /// All of its corners.
    #[must_use]
    pub fn points(&self) -> Vec<(Px, Px)> {
        let between = self.waits.into_iter().flatten();
        std::iter::once(self.from).chain(between).chain([self.to]).collect()
    }
}

/// Rounds of pulling apart, at most; and how near a segment may pass by a label.
const ROUNDS: usize = 12;
const NEAR: Px = 125;

/// The rows, with room made where an arrow to an outer lane would pass too near by a label of an inner one.
pub(super) fn untangled(model: &Model, columns: &Columns, top: Px) -> Rows {
    let mut more: BTreeMap<usize, Px> = BTreeMap::new();
    let mut rows = Rows::of(model, top, &more);
    for _ in 0..ROUNDS {
        let found = tangles(model, columns, &rows);
        if found.is_empty() {
            break;
        }
        for (later, by) in found {
            let room = more.entry(later).or_insert(0);
            *room = (*room + by).min(400);
        }
        rows = Rows::of(model, top, &more);
    }
    rows
}

/// Rows that need more room above them, and how much: at most one for each row.
fn tangles(model: &Model, columns: &Columns, rows: &Rows) -> BTreeMap<usize, Px> {
    let mut found = BTreeMap::new();
    let beside = |(other, event): (usize, &Event)| {
        let Place::Lane { lane, .. } = event.place else { return None };
        let rect = labels::lane_label(event, columns, lane, 0).rect;
        (event.what != What::Tried).then_some((lane, other, rect.x + rect.w / 2))
    };
    let beside: Vec<(usize, usize, Px)> = model.events.iter().enumerate().filter_map(beside).collect();
    for arrow in arrows(model, columns, rows).iter().filter(|arrow| !arrow.lost) {
        for inner in columns.between(arrow.lane) {
            for (_, other, x) in beside.iter().copied().filter(|(lane, _, _)| *lane == inner) {
                if other == arrow.event {
                    continue;
                }
                let apart = (height_at(arrow, x) - rows.y[other]).abs();
                if apart < NEAR {
                    found.entry(arrow.event.max(other)).or_insert((NEAR - apart).max(20));
                }
            }
        }
    }
    found
}

fn height_at(arrow: &Arrow, x: Px) -> Px {
    let ((x1, y1), (x2, y2)) = (arrow.from, arrow.waits.map_or(arrow.to, |[knee, _]| knee));
    if x1 == x2 { y1 } else { y1 + (y2 - y1) * (x - x1) / (x2 - x1) }
}

/// What falls by more than that waits before its reader.
const LATE: Px = 900;
/// And takes so long, in microseconds.
const LATE_US: u64 = 150_000;

/// All that was sent and got, in the order of the events.
pub(super) fn arrows(model: &Model, columns: &Columns, rows: &Rows) -> Vec<Arrow> {
    let mut lost_here: BTreeMap<(Px, Px), Px> = BTreeMap::new();
    let mut waiting: BTreeMap<usize, Px> = BTreeMap::new();
    let arrow = |(index, event): (usize, &Event)| {
        let flight = event.flight?;
        let (lane, second) = match event.place {
            Place::Server => return None,
            Place::Lane { lane, second } => (lane, second),
            Place::Way { lane } => (lane, false),
        };
        let (x, edge, out) = (columns.place(lane, second), columns.edge(lane), columns.lanes[lane].1);
        let y = rows.y[index];
        let Flight { up, dashed, other_us, .. } = flight;
        let lost = other_us.is_none();
        let (from, to) = match (up, other_us) {
            (true, Some(arrived_us)) => {
                let there = flight.other.map_or_else(|| rows.last_at(arrived_us), |other| rows.y[other] - 70);
                ((x, y), (edge + out * 40, there.max(y)))
            }
            (true, None) => ((x, y), (x - out * 560, y + 60)),
            (false, Some(sent_us)) => {
                let from = origin(model, columns, rows, flight, lane, sent_us);
                ((edge, from.min(y)), (x - out * 40, y))
            }
            (false, None) => {
                let from = origin(model, columns, rows, flight, lane, event.at_us);
                let here = lost_here.entry((edge, from)).or_insert(0);
                *here += 1;
                let length = 440 + (*here - 1) % 3 * 200;
                ((edge, from), (edge + out * length, from + 70))
            }
        };
        let mut waits = None;
        let long = other_us.is_some_and(|sent_us| event.at_us.saturating_sub(sent_us) >= LATE_US);
        if !up && long && to.1 - from.1 > LATE {
            let place = waiting.entry(lane).or_insert(0);
            *place += 1;
            let knee = x - out * (180 + (*place - 1) % 4 * 40);
            let fall = ((knee - from.0).abs() / 8).min((to.1 - from.1) / 2);
            waits = Some([(knee, from.1 + fall), (knee, to.1 - 60)]);
        }
        Some(Arrow { event: index, lane, from, to, waits, up, dashed, lost })
    };
    model.events.iter().enumerate().filter_map(arrow).collect()
}

/// The height at which something left the server: below its entry, the further the lane the lower.
fn origin(model: &Model, columns: &Columns, rows: &Rows, flight: Flight, lane: usize, sent_us: u64) -> Px {
    let Some(other) = flight.other else { return rows.last_at(sent_us) };
    let outer = px(columns.between(lane).len());
    let synced = model.events[other].what == What::Durable;
    let port = if synced { 20 * outer } else { 20 + (70 * outer).min(100) };
    rows.y[other] + port
}
