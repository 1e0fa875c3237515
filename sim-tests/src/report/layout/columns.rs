//! Left to right: stamps, half of the people, the log, the other half, the story.

use super::Px;
use crate::report::model::Model;

/// The log's column; its entries stand out a little at both sides.
pub(super) const SPINE: Px = 2_080;
/// By so much.
pub(super) const OUT: Px = 80;
const STORY: Px = 2_460;
const LOG_GAP: Px = 1_080;

/// Where the columns stand.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    /// The right edge of the stamps.
    pub(super) stamps: Px,
    /// Of each lane where it stands, and on which side its own transcript is: 1 for right, -1 for left.
    pub(super) lanes: Vec<(Px, Px)>,
    /// How many stand at the left, and at the right.
    pub(super) sides: (usize, usize),
    /// From lane to lane.
    pub(super) step: Px,
    /// The left edge of the log's column.
    pub(super) spine: Px,
    /// Where the story begins.
    pub(super) story: Px,
    /// The page's width.
    pub(super) width: Px,
}

impl Columns {
    pub(super) fn of(model: &Model, fate: bool) -> Self {
        let gutter = if fate { 1_380 } else { 960 };
        let count = model.lanes.len();
        let step = if count > 6 { 1_180 } else { 1_520 };
        let left = count / 2;
        let first = gutter + 1_280;
        let spine = match left {
            0 => gutter + 300,
            left => first + step * px(left - 1) + LOG_GAP,
        };
        let right = spine + SPINE + LOG_GAP;
        let place = |i: usize| if i < left { (first + step * px(i), -1) } else { (right + step * px(i - left), 1) };
        let lanes: Vec<(Px, Px)> = (0..count).map(place).collect();
        let last = lanes.last().map_or(spine + SPINE, |(x, _)| *x);
        let story = last + if count > left { 1_300 } else { 300 };
        Self { stamps: 820, lanes, sides: (left, count - left), step, spine, story, width: story + STORY }
    }

    /// Where a life's line stands: a second one a little nearer to the log.
    pub(super) fn place(&self, lane: usize, second: bool) -> Px {
        let (x, out) = self.lanes[lane];
        if second { x - out * 140 } else { x }
    }

    /// The edge of the log's column that a lane looks at, where its arrows end.
    pub(super) fn edge(&self, lane: usize) -> Px {
        if self.lanes[lane].1 < 0 { self.spine - OUT } else { self.spine + SPINE + OUT }
    }

    /// Lanes between a lane and the log.
    pub(super) fn between(&self, lane: usize) -> Vec<usize> {
        let left = self.sides.0;
        if lane < left { (lane + 1..left).collect() } else { (left..lane).collect() }
    }

    /// How wide a label beside a lane may be.
    pub(super) fn room(&self) -> Px {
        (self.step - 320).min(1_120)
    }
}

pub(super) fn px(n: usize) -> Px {
    Px::try_from(n).unwrap_or(Px::MAX / 4)
}
