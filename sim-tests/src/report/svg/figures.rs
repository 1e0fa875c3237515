//! The figures: arrows, boxes, pills, crosses, bands, the story and the legend.

use std::fmt::Write;

use super::{P, is_entry, put, rect, text};
use crate::report::layout::{Drawn, Flying, LegendKind, Px, Rect, Scene, tab_width};
use crate::report::model::{BandKind, What};

/// A stretch in which something is wrong.
pub(super) fn band(out: &mut String, place: Rect, kind: BandKind, lit: bool) {
    let dim = if lit { "" } else { " dim" };
    let (class, round) = match kind {
        BandKind::Cut => ("cut", 80),
        BandKind::Held => ("held", 80),
        BandKind::Down => ("down", 0),
        BandKind::NotStoring => ("cut", 0),
    };
    rect(out, &format!("{class}{dim}"), place, round);
    rect(out, &format!("edge{dim}"), place, round);
}

/// A message: solid or dashed, to its end or to where it was lost.
pub(super) fn arrow(out: &mut String, scene: &Scene, arrow: &Flying) {
    let slot = scene.model.events[arrow.event].slot;
    let (line, fill) =
        slot.map_or(("grey".to_owned(), "greyf".to_owned()), |slot| (format!("s{slot}"), format!("f{slot}")));
    let (x2, y2) = arrow.to;
    let kind = if arrow.dashed { "ans" } else { "line" };
    let (x1, y1) = if let Some([knee, door]) = arrow.waits {
        put!(out, r#"<path class="{kind} {line}" d="{}"/>"#, path(&[arrow.from, knee]));
        put!(out, r#"<path class="held-up {line}" d="{}"/>"#, path(&[knee, door]));
        put!(out, r#"<path class="{kind} {line}" d="{}"/>"#, path(&[door, arrow.to]));
        door
    } else {
        put!(out, r#"<path class="{kind} {line}" d="{}"/>"#, path(&[arrow.from, arrow.to]));
        arrow.from
    };
    if arrow.lost {
        cross(out, x2, y2);
        return;
    }
    let (dx, dy) = (x2 - x1, y2 - y1);
    let length = (dx * dx + dy * dy).isqrt().max(1);
    // Seven pixels back along the line, and three to each side.
    let point = |back: Px, side: Px| (x2 - (dx * back + dy * side) / length, y2 - (dy * back - dx * side) / length);
    let ((ax, ay), (bx, by)) = (point(75, 33), point(75, -33));
    let (ax, ay, bx, by, x2, y2) = (P(ax), P(ay), P(bx), P(by), P(x2), P(y2));
    if arrow.dashed {
        put!(out, r#"<path class="open {line}" d="M{ax} {ay}L{x2} {y2}L{bx} {by}"/>"#);
    } else {
        put!(out, r#"<path class="{fill}" d="M{x2} {y2}L{ax} {ay}L{bx} {by}Z"/>"#);
    }
}

/// A line through points.
pub(super) fn path(points: &[(Px, Px)]) -> String {
    let mut path = String::new();
    for (i, (x, y)) in points.iter().enumerate() {
        let letter = if i == 0 { 'M' } else { 'L' };
        write!(path, "{letter}{} {}", P(*x), P(*y)).expect("a string takes all");
    }
    path
}

fn cross(out: &mut String, x: Px, y: Px) {
    put!(out, r#"<circle class="bg" cx="{}" cy="{}" r="8"/>"#, P(x), P(y));
    let (l, r, t, b) = (P(x - 50), P(x + 50), P(y - 50), P(y + 50));
    put!(out, r#"<path class="fault" d="M{l} {t}L{r} {b}M{l} {b}L{r} {t}"/>"#);
}

/// What stands where an event happened.
pub(super) fn mark(out: &mut String, scene: &Scene, mark: &Drawn) {
    let event = &scene.model.events[mark.event];
    let (x, y) = (P(mark.at.0), P(mark.at.1));
    let fill = event.slot.map_or("greyf".to_owned(), |slot| format!("f{slot}"));
    let line = event.slot.map_or("grey".to_owned(), |slot| format!("s{slot}"));
    let (left, right) = (P(mark.at.0 - 60), P(mark.at.0 + 60));
    match &event.what {
        What::Asks { .. } => put!(out, r#"<circle class="{fill}" cx="{x}" cy="{y}" r="4.5"/>"#),
        What::Typed { .. } => put!(out, r#"<circle class="pill thick {line}" cx="{x}" cy="{y}" r="4"/>"#),
        What::Comes { .. } => {
            put!(out, r#"<circle class="pill thick {line}" cx="{x}" cy="{y}" r="6"/>"#);
            put!(out, r#"<circle class="{fill}" cx="{x}" cy="{y}" r="2.6"/>"#);
        }
        What::Starts { .. } => {
            let (top, low) = (P(mark.at.1 - 60), P(mark.at.1 + 50));
            put!(out, r#"<path class="{fill}" d="M{left} {low}H{right}L{x} {top}Z"/>"#);
        }
        What::Gets { .. } => {
            put!(out, r#"<circle class="{fill}" cx="{x}" cy="{y}" r="3.6"/>"#);
            rect(out, &format!("pill {line}"), mark.rect, 80);
        }
        What::Answered { .. } | What::Told { .. } => {
            put!(out, r#"<circle class="pill {line}" cx="{x}" cy="{y}" r="2.4"/>"#);
        }
        What::Gone { .. } => put!(out, r#"<path class="fault" d="M{left} {y}H{right}"/>"#),
        What::Ends { .. } => cross(out, mark.at.0, mark.at.1),
        What::Tried => put!(out, r#"<circle class="pill fault" cx="{x}" cy="{y}" r="3.6"/>"#),
        What::Entry { .. } => entry(out, mark, event.slot.unwrap_or(0), &event.what),
        What::Again { .. } | What::Refuses { .. } | What::Unstored { .. } => rect(out, "ghost", mark.rect, 60),
        What::ReadsOn { .. } => {
            let (x, top, low) = (P(mark.rect.x + 200), P(mark.at.1 - 45), P(mark.at.1 + 45));
            put!(out, r#"<path class="{fill}" d="M{x} {top}V{low}L{} {y}Z"/>"#, P(mark.rect.x + 280));
        }
        What::Claim => rect(out, "warn", mark.rect, 110),
        What::Durable | What::Note { .. } | What::Down { .. } | What::Up { .. } => {}
        What::Trouble { .. } | What::Over { .. } | What::LostDown => {}
    }
    // In the log's column, what has no box stands on the column's own ground.
    let on_log = matches!(event.what, What::ReadsOn { .. } | What::Durable | What::Note { .. });
    for label in &mark.labels {
        text(out, label, if on_log { "log" } else { "" });
    }
}

/// An entry: its number on a tab of its author's colour, and what it says.
fn entry(out: &mut String, mark: &Drawn, slot: usize, what: &What) {
    let What::Entry { seq, private, .. } = what else { return };
    debug_assert!(is_entry(what), "entries alone have boxes");
    let Rect { x, y, h, .. } = mark.rect;
    rect(out, "paper", mark.rect, 60);
    let dashed = if *private { " private" } else { "" };
    rect(out, &format!("pill s{slot}{dashed}"), mark.rect, 60);
    let (top, low, tab) = (P(y), P(y + h), tab_width(*seq));
    let (right, inner) = (P(x + tab), P(x + 60));
    let (left, upper, lower) = (P(x), P(y + 60), P(y + h - 60));
    put!(
        out,
        r#"<path class="f{slot}" d="M{inner} {top}H{right}V{low}H{inner}A6 6 0 0 1 {left} {lower}V{upper}A6 6 0 0 1 {inner} {top}Z"/>"#
    );
}

/// What happened, told; and what was broken.
pub(super) fn write_story(out: &mut String, scene: &Scene) {
    let x = scene.story_x + 140;
    put!(out, r#"<text class="b mut s" x="{}" y="{}">WHAT HAPPENED</text>"#, P(x), P(scene.head + 260));
    for (i, item) in scene.story.iter().enumerate() {
        let class = match (item.fault, item.slot) {
            (true, _) => "faultf".to_owned(),
            (false, Some(slot)) => format!("f{slot}"),
            (false, None) => "greyf".to_owned(),
        };
        let ((cx, cy), n) = (item.at, i + 1);
        put!(
            out,
            r#"<g class="story" data-event="e{}"><circle class="{class}" cx="{}" cy="{}" r="8"/>"#,
            item.event,
            P(cx),
            P(cy)
        );
        put!(out, r#"<text class="b wht s" x="{}" y="{}" text-anchor="middle">{n}</text>"#, P(cx), P(cy + 40));
        for line in &item.lines {
            text(out, line, "");
        }
        out.push_str("</g>\n");
    }
    if let Some(card) = &scene.card {
        rect(out, "warn", card.rect, 80);
        for line in &card.lines {
            text(out, line, "bare");
        }
    }
}

/// What the marks mean.
pub(super) fn write_legend(out: &mut String, scene: &Scene) {
    put!(out, r#"<path class="rule" d="M0 {}H{}"/>"#, P(scene.bottom), P(scene.page.w));
    for item in &scene.legend {
        let (x, y) = item.at;
        let (left, right, middle) = (P(x), P(x + 270), P(y));
        let (top, low) = (P(y - 100), P(y + 100));
        let centre = P(x + 130);
        match item.kind {
            LegendKind::Message => {
                put!(out, r#"<path class="line s0" d="M{left} {middle}H{right}"/>"#);
                put!(out, r#"<path class="f0" d="M{} {middle}l-7.5 -3.3v6.6Z"/>"#, P(x + 290));
            }
            LegendKind::Answer => {
                put!(out, r#"<path class="ans s0" d="M{left} {middle}H{right}"/>"#);
                put!(out, r#"<path class="open s0" d="M{} {}l7.5 3.3l-7.5 3.3"/>"#, P(x + 205), P(y - 33));
            }
            LegendKind::Late => put!(out, r#"<path class="held-up s0" d="M{left} {middle}H{right}"/>"#),
            LegendKind::Lost => cross(out, x + 130, y),
            LegendKind::Wait => {
                put!(
                    out,
                    r#"<path class="wait s0" d="M{centre} {top}V{low}"/><path class="life" d="M{centre} {top}V{low}"/>"#
                );
            }
            LegendKind::Off => put!(out, r#"<path class="life off" d="M{centre} {top}V{low}"/>"#),
            LegendKind::Band => band(out, Rect { x, y: y - 90, w: 260, h: 180 }, BandKind::Cut, true),
            LegendKind::Private => rect(out, "pill s0 private", Rect { x, y: y - 90, w: 260, h: 180 }, 50),
            LegendKind::Ring => {
                rect(out, "ring", Rect { x: x + 20, y: y - 70, w: 220, h: 140 }, 60);
                rect(out, "ring thin", Rect { x: x - 10, y: y - 100, w: 280, h: 200 }, 80);
            }
        }
        text(out, &item.label, "");
    }
    for label in &scene.reading {
        text(out, label, "");
    }
}
