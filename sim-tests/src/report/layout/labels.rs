//! What is written beside lanes and in the log's column, each text in a rectangle that it fits in.

use super::columns::{Columns, OUT, SPINE};
use super::rows::Rows;
use super::{Px, Rect};
use crate::report::measure::{cut, mono_width, width, wrap};
use crate::report::model::{Event, Model, Place, What};

/// A text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// What it fits in.
    pub rect: Rect,
    /// From which edge it is written: -1 from the right, 0 from the middle, 1 from the left.
    pub from: Px,
    /// Its parts.
    pub parts: Vec<Part>,
}

/// A part of a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// What.
    pub text: String,
    /// In which font and colour.
    pub style: Style,
}

/// A font and a colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// As most.
    Plain,
    /// What matters.
    Bold,
    /// What matters less.
    Mute,
    /// What is at the edge.
    Faint,
    /// A number.
    Mono,
    /// A number of an author's.
    MonoOf(usize),
    /// A name.
    NameOf(usize),
    /// A fault.
    Fault,
    /// A number in the colour of the paper.
    Tab,
    /// The title.
    Title,
    /// A long one.
    LongTitle,
    /// A head of a column.
    Head,
    /// Less than plain.
    Small,
}

/// What is drawn where an event happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mark {
    /// The event.
    pub event: usize,
    /// Where it stands.
    pub at: (Px, Px),
    /// On which side its label is.
    pub out: Px,
    /// All of it in the log's column; beside a lane its label.
    pub rect: Rect,
    /// Its texts.
    pub labels: Vec<Label>,
}

impl Mark {
    /// What a ring goes round.
    #[must_use]
    pub const fn ring(&self) -> Rect {
        Rect { x: self.rect.x - 50, y: self.rect.y - 50, w: self.rect.w + 100, h: self.rect.h + 100 }
    }
}

/// Between two parts: not written, but moved by, as some readers of SVG drop spaces there.
pub(crate) const GAP: &str = "\u{a0}";

/// A label of one line, 16 pixels high, around a height.
pub(super) fn label(x: Px, y: Px, from: Px, most: Px, parts: &[(&str, Style)]) -> Label {
    let mut left = most;
    let mut kept = Vec::new();
    for (text, style) in parts {
        let (text, w) = fit(text, *style, left);
        left -= w;
        if !text.is_empty() {
            kept.push(Part { text, style: *style });
        }
    }
    let w = most - left;
    let x = match from {
        1 => x,
        0 => x - w / 2,
        _ => x - w,
    };
    Label { rect: Rect { x, y: y - 80, w, h: 160 }, from, parts: kept }
}

fn fit(text: &str, style: Style, most: Px) -> (String, Px) {
    let (size, heavy) = match style {
        Style::Mono | Style::MonoOf(_) | Style::Tab => return (text.to_owned(), mono_width(text, 11)),
        Style::Small | Style::Faint => (11, 100),
        Style::Fault => (11, 112),
        Style::Plain | Style::Mute => (12, 100),
        Style::Bold | Style::NameOf(_) => (12, 108),
        Style::Head => (14, 108),
        Style::Title => (19, 112),
        Style::LongTitle => (16, 112),
    };
    if most <= 0 {
        return (String::new(), 0);
    }
    let text = cut(text, size, most * 100 / heavy);
    let w = width(&text, size) * heavy / 100;
    (text, w)
}

/// The names of lanes.
pub(super) fn names(model: &Model, columns: &Columns, head: Px) -> Vec<(Label, Px, usize)> {
    let name = |(lane, (x, _)): (&crate::report::model::Lane, &(Px, Px))| {
        (label(*x, head + 210, 0, columns.step - 100, &[(&lane.name, Style::NameOf(lane.slot))]), *x, lane.slot)
    };
    model.lanes.iter().zip(&columns.lanes).map(name).collect()
}

/// What is folded, at the top of the log's column.
pub(super) fn notes(model: &Model, columns: &Columns, head: Px) -> Vec<Label> {
    let middle = columns.spine + SPINE / 2;
    let mut y = head + 540 + 180;
    let mut notes = Vec::new();
    for text in &model.folded {
        for line in wrap(&format!("⋮ {text}"), 11, SPINE - 100) {
            notes.push(label(middle, y, 0, SPINE - 60, &[(&line, Style::Faint)]));
            y += 165;
        }
    }
    notes
}

/// What is written beside a lane.
pub(super) fn lane_label(event: &Event, columns: &Columns, lane: usize, y: Px) -> Label {
    let (x, out) = columns.lanes[lane];
    let slot = event.slot.unwrap_or(0);
    let number;
    let parts: Vec<(&str, Style)> = match &event.what {
        What::Typed { mark, text } => vec![(mark, Style::MonoOf(slot)), (GAP, Style::Plain), (text, Style::Mute)],
        What::Asks { mark, text } if mark.is_empty() => vec![(text, Style::Plain)],
        What::Asks { mark, text } => vec![(mark, Style::MonoOf(slot)), (GAP, Style::Plain), (text, Style::Plain)],
        What::Comes { after: 0 } => vec![("connects", Style::NameOf(slot))],
        What::Comes { after } => {
            number = format!("resume @{after}");
            vec![(&number, Style::NameOf(slot))]
        }
        What::Gets { seq } => {
            number = format!("#{seq}");
            vec![(&number, Style::MonoOf(slot))]
        }
        What::Answered { with: Ok(seq) } => {
            number = format!("✓ #{seq}");
            vec![(&number, Style::MonoOf(slot))]
        }
        What::Answered { with: Err(mark) } => {
            number = format!("✗ {mark} refused");
            vec![(&number, Style::Fault)]
        }
        What::Told { text } => vec![(text, Style::Mute)],
        What::Gone { why } => vec![(why, Style::Fault)],
        What::Ends { text } | What::Trouble { text } | What::Over { text } => vec![(text, Style::Fault)],
        What::Starts { text } => vec![(text, Style::NameOf(slot))],
        What::Tried => vec![("no answer", Style::Fault)],
        What::LostDown
        | What::Entry { .. }
        | What::Durable
        | What::Again { .. }
        | What::Refuses { .. }
        | What::Unstored { .. }
        | What::ReadsOn { .. }
        | What::Note { .. }
        | What::Down { .. }
        | What::Up { .. }
        | What::Claim => vec![],
    };
    let pill = matches!(event.what, What::Gets { .. });
    let gap = if pill { 155 } else { 110 };
    label(x + out * gap, y, out, columns.room(), &parts)
}

/// What is drawn for each event.
pub(super) fn marks(model: &Model, columns: &Columns, rows: &Rows) -> Vec<Mark> {
    let mark = |(index, event): (usize, &Event)| {
        let y = rows.y[index];
        match event.place {
            Place::Server => server_mark(index, event, columns, y),
            Place::Lane { lane, second } => {
                let (x, out) = (columns.place(lane, second), columns.lanes[lane].1);
                let label = lane_label(event, columns, lane, y);
                let mut rect = label.rect;
                if matches!(event.what, What::Gets { .. }) {
                    rect = Rect { x: rect.x - 65, w: rect.w + 130, ..rect };
                }
                let labels = if label.parts.is_empty() { Vec::new() } else { vec![label] };
                Mark { event: index, at: (x, y), out, rect, labels }
            }
            Place::Way { lane } => {
                let (x, out) = columns.lanes[lane];
                Mark { event: index, at: (x, y), out, rect: Rect { x, y, w: 0, h: 0 }, labels: Vec::new() }
            }
        }
    };
    model.events.iter().enumerate().map(mark).collect()
}

fn server_mark(event: usize, this: &Event, columns: &Columns, y: Px) -> Mark {
    let (left, w) = (columns.spine - OUT, SPINE + 2 * OUT);
    let middle = left + w / 2;
    let slot = this.slot.unwrap_or(0);
    let whole = |h: Px| Rect { x: left, y: y - h / 2, w, h };
    let one = |x: Px, from: Px, most: Px, parts: &[(&str, Style)]| vec![label(x, y, from, most, parts)];
    let (rect, labels) = match &this.what {
        What::Entry { seq, who, text, presence, .. } => {
            let number = format!("#{seq}");
            let tab = tab_width(*seq);
            let said = if *presence { Style::Mute } else { Style::Plain };
            let parts = [(&**who, Style::NameOf(slot)), (GAP, Style::Plain), (&**text, said)];
            let mut labels = one(left + tab / 2, 0, tab, &[(&number, Style::Tab)]);
            labels.extend(one(left + tab + 90, 1, w - tab - 160, &parts));
            (whole(260), labels)
        }
        What::Again { seq, mark } => {
            let (number, text) = (format!("=#{seq}"), format!("{mark} again: nothing added"));
            let mut labels = one(left + 80, 1, 400, &[(&number, Style::Mono)]);
            labels.extend(one(left + 540, 1, w - 620, &[(&*text, Style::Mute)]));
            (whole(240), labels)
        }
        What::Refuses { mark } => (
            whole(240),
            one(
                left + 100,
                1,
                w - 200,
                &[("✗", Style::Fault), (GAP, Style::Plain), (&*format!("{mark} refused"), Style::Mute)],
            ),
        ),
        What::Unstored { mark } => (
            whole(240),
            one(
                left + 100,
                1,
                w - 200,
                &[("✗", Style::Fault), (GAP, Style::Plain), (&*format!("{mark} arrives, is not stored"), Style::Mute)],
            ),
        ),
        What::ReadsOn { name, after } => {
            let after = match after {
                0 => "is here again".to_owned(),
                after => format!("reads on after #{after}"),
            };
            let parts = [(&**name, Style::NameOf(slot)), (GAP, Style::Plain), (&*after, Style::Mute)];
            (whole(200), one(left + 340, 1, w - 420, &parts))
        }
        What::Durable => (whole(160), one(left + w - 160, -1, w / 2, &[("synced", Style::Faint)])),
        What::Note { text, fault } => {
            (whole(180), one(middle, 0, w - 240, &[(&**text, if *fault { Style::Fault } else { Style::Small })]))
        }
        What::Down { text } => (whole(200), one(middle, 0, w - 100, &[(&**text, Style::Fault)])),
        What::Up { text } => (whole(200), one(middle, 0, w - 100, &[(&**text, Style::Small)])),
        What::Claim => {
            let labels = one(middle, 0, w - 300, &[(&*this.title, Style::Fault)]);
            let text = labels[0].rect;
            (Rect { x: text.x - 100, y: text.y - 30, w: text.w + 200, h: 220 }, labels)
        }
        What::Typed { .. }
        | What::Asks { .. }
        | What::Comes { .. }
        | What::Gets { .. }
        | What::Answered { .. }
        | What::Told { .. }
        | What::LostDown
        | What::Gone { .. }
        | What::Tried
        | What::Starts { .. }
        | What::Ends { .. }
        | What::Trouble { .. }
        | What::Over { .. } => (whole(0), Vec::new()),
    };
    Mark { event, at: (middle, y), out: 0, rect, labels }
}

/// The width of the tab that an entry's number stands on.
pub(crate) fn tab_width(seq: u64) -> Px {
    mono_width(&format!("#{seq}"), 11) + 200
}
