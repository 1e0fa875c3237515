//! Where everything stands on the page: plain rectangles, segments and labels, before any SVG is written.
//!
//! Down is later. Rows are spaced for reading: a gap in time becomes a gap on the page, neither less than is needed nor
//! more than a little; longer gaps are folded and say how long they are. All numbers are tenths of pixels.

mod arrows;
mod columns;
mod labels;
mod margin;
mod rows;

use self::arrows::Arrow;
use self::columns::Columns;
use self::labels::{Label, Mark};
use self::margin::{CardBox, LegendItem, StoryItem};
use self::rows::Rows;
use super::Fate;
use super::causal::{lit, pasts};
use super::model::{Band, BandKind, Event, Model, Place, What};

pub use self::arrows::Arrow as Flying;
pub(super) use self::labels::{GAP, tab_width};
pub use self::labels::{Label as Text, Mark as Drawn, Part, Style as TextStyle};
pub(super) use self::margin::FateStretch;
pub use self::margin::LegendKind;

/// Tenths of pixels.
pub type Px = i64;

/// A rectangle.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rect {
    /// Its left edge.
    pub x: Px,
    /// Its upper edge.
    pub y: Px,
    /// Its width.
    pub w: Px,
    /// Its height.
    pub h: Px,
}

impl Rect {
    /// Whether two have a place in common.
    #[must_use]
    pub const fn meets(&self, other: &Self) -> bool {
        self.x < other.x + other.w
            && other.x < self.x + self.w
            && self.y < other.y + other.h
            && other.y < self.y + self.h
    }

    /// Whether all of another is in it.
    #[must_use]
    pub const fn holds(&self, other: &Self) -> bool {
        let (right, bottom) = (self.x + self.w, self.y + self.h);
        self.x <= other.x && self.y <= other.y && other.x + other.w <= right && other.y + other.h <= bottom
    }
}

/// A page.
#[derive(Clone, Debug)]
pub struct Scene {
    /// What is drawn.
    pub model: Model,
    /// Of each event, what it followed from.
    pub pasts: Vec<Vec<usize>>,
    /// Of each event, whether it is drawn at full ink.
    pub lit: Vec<bool>,
    /// The size of the page.
    pub page: Rect,
    /// Where the diagram ends and the legend begins.
    pub bottom: Px,
    /// Where the story begins.
    pub story_x: Px,
    /// The title, in lines that fit.
    pub title: Vec<Label>,
    /// What was played, and how to see it again.
    pub sub: Vec<Label>,
    /// Where the head of the page ends.
    pub head: Px,
    /// Of each lane its name, and its place.
    pub lanes: Vec<(Label, Px, usize)>,
    /// The log's column.
    pub spine: Rect,
    /// What is folded, at its top.
    pub notes: Vec<Label>,
    /// Bands, each with whether it is drawn at full ink.
    pub bands: Vec<(Rect, BandKind, bool)>,
    /// Lifelines: place, from, to, and whether it is not connected.
    pub lifelines: Vec<(Px, Px, Px, bool)>,
    /// Waitings: place, from, to, colour.
    pub waits: Vec<(Px, Px, Px, usize)>,
    /// Stamps of time, each with the height it belongs to.
    pub stamps: Vec<(Label, Px)>,
    /// Folded gaps.
    pub folds: Vec<(Label, Px)>,
    /// Fates, and how many futures there were from each moment.
    pub fates: Vec<FateStretch>,
    /// What was sent and got.
    pub arrows: Vec<Arrow>,
    /// Of each event what is drawn where it happened.
    pub marks: Vec<Mark>,
    /// From each entry that took long to where it was durable: upper, lower, colour, event.
    pub stems: Vec<(Px, Px, usize, usize)>,
    /// What joins the rings: from, to.
    pub links: Vec<[(Px, Px); 2]>,
    /// What happened, told.
    pub story: Vec<StoryItem>,
    /// What was broken.
    pub card: Option<CardBox>,
    /// What the marks mean.
    pub legend: Vec<LegendItem>,
    /// How to read it all.
    pub reading: Vec<Label>,
}

/// The edge of the page.
pub const EDGE: Px = 220;

/// Puts a model on a page.
#[must_use]
pub fn lay_out(model: Model, fate: Option<&Fate>) -> Scene {
    let columns = Columns::of(&model, fate.is_some());
    let (title, sub, head) = margin::head(&model, &columns);
    let notes = labels::notes(&model, &columns, head);
    let top = notes.last().map_or(head + 540, |last| last.rect.y + last.rect.h) + 260;
    let rows = arrows::untangled(&model, &columns, top);
    let arrows = arrows::arrows(&model, &columns, &rows);
    let marks = labels::marks(&model, &columns, &rows);
    let body = rows.bottom() + 280;
    let story = margin::story(&model, &columns, &rows, head, fate);
    let card = margin::card(&model, &columns, &rows, &story, head);
    let told = story.last().map_or(0, |item| item.bottom()) + 160;
    let bottom = body.max(told).max(card.as_ref().map_or(0, |card| card.rect.y + card.rect.h + 160));
    let spine = Rect { x: columns.spine, y: head + 540, w: columns::SPINE, h: bottom - head - 540 };
    let late = arrows.iter().any(|arrow| arrow.waits.is_some());
    let [stamps, folds] = margin::gutter(&model, &columns, &rows);
    let (legend, reading, height) = margin::legend(&model, &columns, bottom, (fate, late));
    let lit_events = lit(&model);
    let stems = stems(&model, &rows);
    let links = links(&model, &marks);
    Scene {
        pasts: pasts(&model.events).iter().map(|past| past.iter().collect()).collect(),
        lit: (0..model.events.len()).map(|event| lit_events.contains(&event)).collect(),
        page: Rect { x: 0, y: 0, w: columns.width, h: height },
        bottom,
        story_x: columns.story,
        title,
        sub,
        head,
        lanes: labels::names(&model, &columns, head),
        spine,
        notes,
        bands: bands(&model, &columns, &rows, bottom),
        lifelines: lifelines(&model, &columns, &rows, (head + 430, bottom)),
        waits: waits(&model, &columns, &rows, bottom),
        stamps,
        folds,
        fates: fate.map(|fate| margin::fates(fate, &rows, spine)).unwrap_or_default(),
        arrows,
        marks,
        stems,
        links,
        story,
        card,
        legend,
        reading,
        model,
    }
}

fn stems(model: &Model, rows: &Rows) -> Vec<(Px, Px, usize, usize)> {
    let durable = model.events.iter().enumerate().filter(|(_, event)| event.what == What::Durable);
    durable
        .filter_map(|(i, event)| {
            let entry = event.causes.last().copied().filter(|e| matches!(model.events[*e].what, What::Entry { .. }))?;
            Some((rows.y[entry] + 130, rows.y[i], event.slot.unwrap_or(0), i))
        })
        .collect()
}

/// From each ring to the claim.
fn links(model: &Model, marks: &[Mark]) -> Vec<[(Px, Px); 2]> {
    let Some(claim) = model.events.iter().position(|event| event.what == What::Claim) else { return Vec::new() };
    let target = marks[claim].rect;
    let (x, upper, lower) = (target.x + target.w / 2, target.y, target.y + target.h);
    let link = |ring: &usize| {
        let rect = marks[*ring].ring();
        let middle = rect.y + rect.h / 2;
        let above = middle < upper;
        let (from, to) = if rect.x < x && x < rect.x + rect.w {
            let from = if above { rect.y + rect.h } else { rect.y };
            ((x, from), (x, if above { upper } else { lower }))
        } else {
            let left = rect.x + rect.w <= x;
            let from = if left { rect.x + rect.w } else { rect.x };
            ((from, middle), (if left { target.x } else { target.x + target.w }, (upper + lower) / 2))
        };
        [from, to]
    };
    model.rings.iter().map(link).collect()
}

fn bands(model: &Model, columns: &Columns, rows: &Rows, bottom: Px) -> Vec<(Rect, BandKind, bool)> {
    let lit = lit(model);
    let mut bands = Vec::new();
    for band in &model.bands {
        let (begins, ends) = edges(model, band);
        let from = begins.map_or_else(|| rows.first_at(band.from_us), |event| rows.y[event]) - 100;
        let to = ends.map_or_else(|| rows.last_at(band.to_us), |event| rows.y[event]) + 100;
        let y = from.max(rows.top - 160);
        let h = (to.min(bottom - 60) - y).max(240);
        let rect = match band.lane {
            None => Rect { x: columns.spine - 80, y, w: columns::SPINE + 160, h },
            Some(lane) => {
                let (x, out) = columns.lanes[lane];
                let w = 1_260.min(columns.step - 240);
                let x = if out > 0 { x - 240 } else { x + 240 - w };
                Rect { x, y, w, h }
            }
        };
        // The server's own are seen by all.
        bands.push((rect, band.kind, band.lane.is_none() || begins.is_none_or(|event| lit.contains(&event))));
    }
    bands
}

/// The events at which a band begins and ends.
fn edges(model: &Model, band: &Band) -> (Option<usize>, Option<usize>) {
    let lane = |place: Place| match place {
        Place::Lane { lane, .. } => Some(Some(lane)),
        Place::Server => Some(None),
        Place::Way { .. } => None,
    };
    let here = |at_us: u64, wanted: fn(&What) -> bool| {
        let found = |event: &Event| event.at_us == at_us && lane(event.place) == Some(band.lane) && wanted(&event.what);
        model.events.iter().position(found)
    };
    let begins = |what: &What| matches!(what, What::Trouble { .. } | What::Down { .. } | What::Note { .. });
    let ends = |what: &What| matches!(what, What::Over { .. } | What::Up { .. } | What::Down { .. });
    let last = match band.kind {
        BandKind::Down => here(band.to_us, |what| matches!(what, What::Up { .. })),
        BandKind::Cut | BandKind::Held | BandKind::NotStoring => here(band.to_us, ends),
    };
    (here(band.from_us, begins), last)
}

fn lifelines(model: &Model, columns: &Columns, rows: &Rows, (top, bottom): (Px, Px)) -> Vec<(Px, Px, Px, bool)> {
    let end = |at_us: u64| if at_us >= model.ended_us { bottom } else { rows.last_at(at_us) };
    let start = |at_us: u64| if at_us == 0 { top } else { rows.first_at(at_us).max(top) };
    let mut lines = Vec::new();
    for track in &model.tracks {
        let x = columns.place(track.lane, track.second);
        let mut at = track.alive.0;
        let mut add = |from: u64, to: u64, off: bool| {
            let (from, to) = if from < to { (start(from), end(to)) } else { (0, 0) };
            if from < to {
                lines.push((x, from, to, off));
            }
        };
        for (from, to) in &track.connected {
            add(at, *from, true);
            add(*from, *to, false);
            at = *to;
        }
        if at < track.alive.1 {
            add(at, track.alive.1, true);
        }
    }
    lines
}

fn waits(model: &Model, columns: &Columns, rows: &Rows, bottom: Px) -> Vec<(Px, Px, Px, usize)> {
    let wait = |wait: &super::model::Wait| {
        let to = if wait.to_us >= model.ended_us { bottom } else { rows.last_at(wait.to_us) };
        (columns.place(wait.lane, wait.second), rows.first_at(wait.from_us).max(rows.top - 160), to, wait.slot)
    };
    model.waits.iter().map(wait).filter(|(_, from, to, _)| from < to).collect()
}
