//! Top to bottom: the height of each event, monotone in time.

use std::collections::BTreeMap;

use super::Px;
use crate::report::model::{Event, Model, Place, What};

/// Of a gap in time, so many tenths of a pixel per millisecond, at least and at most so many.
const PER_MS: (u64, u64) = (62, 10); // 0.62 pixels are 6.2 tenths.
const LEAST: Px = 50;
const MOST: Px = 460;
/// A gap that long is marked as folded.
const FOLDED_US: u64 = 120_000;

/// The heights of the events.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    /// Of each event.
    pub(super) y: Vec<Px>,
    /// Of each event, when.
    at: Vec<u64>,
    /// The first row.
    pub(super) top: Px,
    /// Folded gaps: their height, and how long they are.
    pub(super) folds: Vec<(Px, u64)>,
    low: Px,
}

/// How much room an event takes above and below its row, in its own column.
const fn extent(what: &What) -> (Px, Px) {
    match what {
        What::Entry { .. } => (180, 190),
        What::Again { .. } | What::Refuses { .. } | What::Unstored { .. } => (150, 150),
        What::Claim => (210, 260),
        What::Down { .. } | What::Up { .. } => (120, 140),
        What::Note { .. } | What::ReadsOn { .. } | What::Durable => (105, 105),
        What::Typed { .. } | What::Asks { .. } | What::Comes { .. } | What::Starts { .. } => (110, 110),
        What::Gets { .. } | What::Answered { .. } | What::Told { .. } => (95, 95),
        What::Gone { .. } | What::Ends { .. } | What::Trouble { .. } | What::Over { .. } => (95, 95),
        What::Tried => (75, 75),
        What::LostDown => (0, 0),
    }
}

impl Rows {
    /// The rows, from `top` on, each with so much more room above it.
    pub(super) fn of(model: &Model, top: Px, more: &BTreeMap<usize, Px>) -> Self {
        let mut rows = Self { y: Vec::new(), at: Vec::new(), top, folds: Vec::new(), low: top };
        // A column's lower edge: the log's, or a lane's.
        let mut edges: BTreeMap<Option<usize>, Px> = BTreeMap::new();
        let mut last: Option<(u64, Px)> = None;
        for (i, event) in model.events.iter().enumerate() {
            let column = match event.place {
                Place::Server => Some(None),
                Place::Lane { lane, .. } => Some(Some(lane)),
                Place::Way { .. } => None,
            };
            let (above, below) = extent(&event.what);
            let mut y = match last {
                None => top,
                Some((at, y)) => y + gap(event.at_us - at),
            };
            if let Some(column) = column {
                y = y.max(edges.get(&column).copied().unwrap_or(top - 150) + above);
            }
            y += more.get(&i).copied().unwrap_or(0);
            if let Some((at, before)) = last
                && folded(event, at)
                && y >= before + MOST
            {
                rows.folds.push(((before + y) / 2, event.at_us - at));
            }
            if let Some(column) = column {
                edges.insert(column, y + below);
                rows.low = rows.low.max(y + below);
            }
            // What is lost on its way has no row of its own, but time goes on with it.
            last = Some((event.at_us, y));
            rows.y.push(y);
            rows.at.push(event.at_us);
        }
        rows
    }

    /// The lower edge of all rows.
    pub(super) const fn bottom(&self) -> Px {
        self.low
    }

    /// The height of a moment: between two rows as it is between them in time; of several rows at that moment the last.
    pub(super) fn last_at(&self, at_us: u64) -> Px {
        let after = self.at.partition_point(|at| *at <= at_us);
        self.between(after, at_us)
    }

    /// Of several rows at that moment the first.
    pub(super) fn first_at(&self, at_us: u64) -> Px {
        let first = self.at.partition_point(|at| *at < at_us);
        if self.at.get(first) == Some(&at_us) { self.y[first] } else { self.between(first, at_us) }
    }

    fn between(&self, after: usize, at_us: u64) -> Px {
        let Some(before) = after.checked_sub(1) else { return self.top - 200 };
        let (from, y) = (self.at[before], self.y[before]);
        match self.at.get(after) {
            Some(to) if *to > from => {
                let (part, whole) = (at_us.saturating_sub(from), to - from);
                let part = Px::try_from(part * 1_000 / whole).unwrap_or(0);
                y + (self.y[after] - y) * part / 1_000
            }
            Some(_) | None if at_us > from => self.low,
            Some(_) | None => y,
        }
    }
}

/// Whether what lies between a moment and an event is folded.
const fn folded(event: &Event, at: u64) -> bool {
    event.at_us - at >= FOLDED_US
}

const fn scaled(us: u64) -> u64 {
    us * PER_MS.0 / PER_MS.1 / 1_000
}

fn gap(us: u64) -> Px {
    if us == 0 {
        return 0;
    }
    Px::try_from(scaled(us)).unwrap_or(MOST).clamp(LEAST, MOST)
}
