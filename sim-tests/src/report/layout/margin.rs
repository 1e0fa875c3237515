//! Around the diagram: the title, stamps of time, the story, what was broken, the legend.

use super::columns::{Columns, SPINE};
use super::labels::{Label, Style, label};
use super::rows::Rows;
use super::{EDGE, Px, Rect};
use crate::report::Fate;
use crate::report::measure::{width, wrap, wrap_mono};
use crate::report::model::{BandKind, Model, Place, What};
use crate::report::story;

/// A sentence of the story.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoryItem {
    /// The event it is about.
    pub event: usize,
    /// The middle of its number.
    pub at: (Px, Px),
    /// Its colour: an author's, or that of faults.
    pub slot: Option<usize>,
    /// It tells of a fault.
    pub fault: bool,
    /// Its lines.
    pub lines: Vec<Label>,
}

impl StoryItem {
    /// Its lower edge.
    pub(super) fn bottom(&self) -> Px {
        self.lines.last().map_or(self.at.1, |line| line.rect.y + line.rect.h)
    }
}

/// The card that says what was broken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CardBox {
    /// Its edge.
    pub rect: Rect,
    /// Its lines.
    pub lines: Vec<Label>,
}

/// What a mark means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LegendItem {
    /// Which mark.
    pub kind: LegendKind,
    /// Where it is drawn: its left edge, and its middle.
    pub at: (Px, Px),
    /// What it means.
    pub label: Label,
}

/// A stretch of the strip of fates.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FateStretch {
    /// Its upper edge.
    pub from: Px,
    /// Its lower edge.
    pub to: Px,
    /// Out of a hundred futures from its beginning on, so many fail.
    pub percent: u8,
    /// That, written.
    pub label: Option<Label>,
}

/// A mark of the legend.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LegendKind {
    /// A solid arrow.
    Message,
    /// A dashed arrow.
    Answer,
    /// A cross.
    Lost,
    /// A dotted piece of an arrow.
    Late,
    /// A bar.
    Wait,
    /// A dotted line.
    Off,
    /// A hatched band.
    Band,
    /// A dashed box.
    Private,
    /// A double ring.
    Ring,
}

const LINE: Px = 165;

/// The title, what was played, and where the head ends.
pub(super) fn head(model: &Model, columns: &Columns) -> (Vec<Label>, Vec<Label>, Px) {
    let mut y = 290;
    let mut title = Vec::new();
    // A broken bold line is narrower than its words are counted: some room is left for the verdict.
    let most = (columns.width - 2 * EDGE - 900) * 100 / 115;
    let (size, style) = if width(&model.title, 19) > most { (16, Style::LongTitle) } else { (19, Style::Title) };
    for line in wrap(&model.title, size, most) {
        title.push(label(EDGE, y, 1, columns.width, &[(&line, style)]));
        y += 250;
    }
    y -= 40;
    let mut sub = Vec::new();
    for line in wrap_mono(&model.sub, 11, columns.width - 2 * EDGE) {
        sub.push(label(EDGE, y, 1, columns.width, &[(&line, Style::Mono)]));
        y += 170;
    }
    (title, sub, y + 10)
}

/// Stamps of time, and the folded gaps.
pub(super) fn gutter(model: &Model, columns: &Columns, rows: &Rows) -> [Vec<(Label, Px)>; 2] {
    let x = columns.stamps;
    let fold = |(y, us): &(Px, u64)| {
        let text = match us / 1_000 {
            ms @ 0..1_000 => format!("⋮ +{ms} ms"),
            ms => format!("⋮ +{}.{:02} s", ms / 1_000, ms / 10 % 100),
        };
        (label(x, *y, -1, x, &[(&text, Style::Mono)]), *y)
    };
    let folds: Vec<(Label, Px)> = rows.folds.iter().map(fold).collect();
    let mut stamps: Vec<(Label, Px)> = Vec::new();
    for (event, y) in model.events.iter().zip(&rows.y) {
        let stamped = match event.what {
            What::Gets { .. } | What::Answered { .. } | What::LostDown | What::Claim | What::Told { .. } => false,
            What::Entry { .. } | What::Durable | What::ReadsOn { .. } | What::Again { .. } => false,
            What::Refuses { .. } | What::Unstored { .. } | What::Tried => false,
            What::Typed { .. } | What::Asks { .. } | What::Comes { .. } | What::Gone { .. } => true,
            What::Starts { .. } | What::Ends { .. } | What::Trouble { .. } | What::Over { .. } => true,
            What::Note { .. } | What::Down { .. } | What::Up { .. } => true,
        };
        let text = format!("{}.{:03}", event.at_us / 1_000_000, event.at_us / 1_000 % 1_000);
        let stamp = label(x, *y, -1, x, &[(&text, Style::Mono)]);
        let free = |other: &Label| !other.rect.meets(&stamp.rect) && other.parts != stamp.parts;
        if stamped && stamps.last().is_none_or(|(last, _)| free(last)) && folds.iter().all(|(fold, _)| free(fold)) {
            stamps.push((stamp, *y));
        }
    }
    [stamps, folds]
}

/// What happened, told beside where it happened, or a little below.
pub(super) fn story(model: &Model, columns: &Columns, rows: &Rows, head: Px, fate: Option<&Fate>) -> Vec<StoryItem> {
    let x = columns.story;
    let most = columns.width - x - 500;
    let mut free = head + 400;
    let mut items = Vec::new();
    for sentence in story::tell(model, fate) {
        let event = &model.events[sentence.event];
        let y = rows.y[sentence.event].max(free);
        let lines = wrap(&sentence.text, 12, most);
        let line = |(i, text): (usize, &String)| {
            let style = if i == 0 { Style::Plain } else { Style::Mute };
            label(x + 360, y + LINE * super::columns::px(i), 1, most + 20, &[(text, style)])
        };
        let lines: Vec<Label> = lines.iter().enumerate().map(line).collect();
        let slot = event.slot.filter(|_| !sentence.fault).or_else(|| match event.place {
            Place::Lane { lane, .. } if !sentence.fault => Some(model.lanes[lane].slot),
            Place::Lane { .. } | Place::Way { .. } | Place::Server => None,
        });
        let item = StoryItem { event: sentence.event, at: (x + 210, y), slot, fault: sentence.fault, lines };
        free = item.bottom() + 160;
        items.push(item);
    }
    items
}

/// What was broken, below the story, as near to the last contradiction as there is room.
pub(super) fn card(model: &Model, columns: &Columns, rows: &Rows, story: &[StoryItem], head: Px) -> Option<CardBox> {
    let card = model.card.as_ref()?;
    let (x, w) = (columns.story + 80, columns.width - columns.story - 240);
    let last = model.rings.last().map_or(rows.top, |ring| rows.y[*ring]);
    let free = story.last().map_or(head + 400, |item| item.bottom() + 130);
    let y = last.max(free);
    let mut lines = vec![label(x + 100, y + 180, 1, w - 200, &[(&format!("✕ {}", card.promise), Style::Fault)])];
    let mut at = y + 180;
    for sentence in &card.lines {
        at += 30;
        for line in wrap(sentence, 12, w - 240) {
            at += LINE;
            lines.push(label(x + 100, at, 1, w - 200, &[(&line, Style::Plain)]));
        }
    }
    Some(CardBox { rect: Rect { x, y, w, h: at + 160 - y }, lines })
}

/// What the marks mean, and how to read it all; and the height of the page.
pub(super) fn legend(
    model: &Model,
    columns: &Columns,
    bottom: Px,
    (fate, late): (Option<&Fate>, bool),
) -> (Vec<LegendItem>, Vec<Label>, Px) {
    let band = |wanted: fn(BandKind) -> bool| model.bands.iter().any(|band| wanted(band.kind));
    let meant = [
        (LegendKind::Message, "message, in its author’s colour", true),
        (LegendKind::Answer, "answer: stored (the sender gets no copy)", true),
        (LegendKind::Lost, "lost", true),
        (LegendKind::Late, "long on its way", late),
        (LegendKind::Wait, "waiting for the answer", true),
        (LegendKind::Off, "not connected", true),
        (LegendKind::Band, "cut, held or down", band(|_| true)),
        (LegendKind::Private, "private entry", true),
        (LegendKind::Ring, "contradict each other", !model.rings.is_empty()),
    ];
    let (mut x, mut y) = (EDGE, bottom + 240);
    let mut items = Vec::new();
    for (kind, text, _) in meant.into_iter().filter(|(_, _, shown)| *shown) {
        let w = 380 + width(text, 11);
        if x + w > columns.width - EDGE && x > EDGE {
            (x, y) = (EDGE, y + 230);
        }
        items.push(LegendItem { kind, at: (x, y), label: label(x + 340, y, 1, 4_000, &[(text, Style::Small)]) });
        x += w + 200;
    }
    let mut how =
        "Down is later. Spacing is for reading, the stamps are exact; quiet stretches are folded (⋮).".to_owned();
    if !model.rings.is_empty() {
        how.push_str(" Faded: not in the causal past of the failure.");
    }
    if let Some(Fate { futures, .. }) = fate {
        how.push_str(&format!(" Fate: of {futures} random futures from that moment on, how many fail."));
    }
    let mut reading = Vec::new();
    y += 60;
    for line in wrap(&how, 11, columns.width - 2 * EDGE) {
        y += 180;
        reading.push(label(EDGE, y, 1, columns.width - EDGE, &[(&line, Style::Faint)]));
    }
    (items, reading, y + 240)
}

/// The strip of fates: of each stretch what share of random futures fails. The share is written where it has changed.
pub(super) fn fates(fate: &Fate, rows: &Rows, spine: Rect) -> Vec<FateStretch> {
    let ends = fate.percent.iter().skip(1).map(|(at_us, _)| Some(*at_us)).chain([None]);
    let mut fates: Vec<FateStretch> = Vec::new();
    let mut written: Option<(u8, Px)> = None;
    for ((from_us, percent), to_us) in fate.percent.iter().zip(ends) {
        let from = if fates.is_empty() { spine.y } else { rows.first_at(*from_us).max(spine.y) };
        let to = to_us.map_or(spine.y + spine.h, |to_us| rows.first_at(to_us).max(from));
        let (last, low) = written.unwrap_or((u8::MAX, Px::MIN));
        let here = label(1_130, from + 100, 1, SPINE, &[(&format!("{percent}%"), Style::Mono)]);
        let said = last.abs_diff(*percent) >= 5 && here.rect.y >= low && to > from;
        if said {
            written = Some((*percent, here.rect.y + here.rect.h));
        }
        fates.push(FateStretch { from, to, percent: *percent, label: said.then_some(here) });
    }
    fates
}
