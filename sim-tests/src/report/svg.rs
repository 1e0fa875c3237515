//! Writes a page as SVG: one file, its style inside, light or dark as the reader has it. The same page gives the same bytes.
//!
//! Each event is a group with the id `e` and its number; `data-past` names the events it followed from, so that a page
//! around the picture can light them.

mod figures;
mod style;

use std::fmt::{self, Write};

use super::layout::{FateStretch, GAP, Px, Rect, Scene, Text};
use super::model::{BandKind, What};

/// Tenths of pixels, written as pixels.
#[derive(Clone, Copy)]
pub(super) struct P(pub(super) Px);

impl fmt::Display for P {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, tenths) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        write!(f, "{sign}{}", tenths / 10)?;
        if tenths % 10 == 0 { Ok(()) } else { write!(f, ".{}", tenths % 10) }
    }
}

/// A text as XML has it.
pub(crate) struct Xml<'a>(pub(crate) &'a str);

impl fmt::Display for Xml<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                c if c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c) => f.write_char('\u{fffd}')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// Adds a line to the file.
macro_rules! put {
    ($out:expr, $($what:tt)*) => {
        writeln!($out, $($what)*).expect("a string takes all")
    };
}
pub(crate) use put;

/// The page as a file.
#[must_use]
pub fn write(scene: &Scene) -> String {
    let mut out = String::new();
    let Rect { w, h, .. } = scene.page;
    put!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-labelledby="title desc">"#,
        w = P(w),
        h = P(h)
    );
    put!(out, "<title id=\"title\">{}</title>", Xml(&scene.model.title));
    put!(out, "<desc id=\"desc\">{}</desc>", Xml(&scene.model.sub));
    put!(out, "<style>{}</style>", style::style());
    out.push_str(style::PATTERNS);
    put!(out, r#"<rect class="bg" width="{}" height="{}"/>"#, P(w), P(h));
    write_head(&mut out, scene);
    write_ground(&mut out, scene);
    for [(x1, y1), (x2, y2)] in &scene.links {
        put!(out, r#"<path class="ring" d="M{} {}L{} {}"/>"#, P(*x1), P(*y1), P(*x2), P(*y2));
    }
    for arrow in &scene.arrows {
        put!(out, r#"<path class="halo" d="{}"/>"#, figures::path(&arrow.points()));
    }
    write_events(&mut out, scene);
    figures::write_story(&mut out, scene);
    figures::write_legend(&mut out, scene);
    out.push_str("</svg>\n");
    out
}

fn write_head(out: &mut String, scene: &Scene) {
    for label in scene.title.iter().chain(&scene.sub) {
        text(out, label, "");
    }
    let (class, verdict) = if scene.model.card.is_some() { ("nob", "✕ FAIL") } else { ("okb", "✓ PASS") };
    let right = scene.page.w - super::layout::EDGE;
    put!(out, r#"<rect class="{class}" x="{}" y="18" width="64" height="24" rx="12"/>"#, P(right - 640));
    put!(out, r#"<text class="b wht" x="{}" y="34.5" text-anchor="middle">{verdict}</text>"#, P(right - 320));
    put!(out, r#"<path class="rule" d="M0 {y}H{}"/>"#, P(scene.page.w), y = P(scene.head));
    for (label, x, slot) in &scene.lanes {
        text(out, label, "b");
        put!(out, r#"<circle class="f{slot}" cx="{}" cy="{}" r="5"/>"#, P(*x), P(scene.head + 360));
    }
    let (middle, head) = (scene.spine.x + scene.spine.w / 2, scene.head);
    put!(
        out,
        r#"<text class="b h ink" x="{}" y="{}" text-anchor="middle">server · room log</text>"#,
        P(middle),
        P(head + 260)
    );
    let y = P(head + 410);
    put!(
        out,
        r#"<text class="s mut" x="{}" y="{y}" text-anchor="middle">one total order, top to bottom</text>"#,
        P(middle)
    );
    put!(out, r#"<text class="s fnt" x="82" y="{y}" text-anchor="end">virtual s</text>"#);
    if !scene.fates.is_empty() {
        put!(out, r#"<text class="s fnt" x="105" y="{y}" text-anchor="middle">fate</text>"#);
    }
}

/// What lies under the events: bands, folds, the log's column, lifelines.
fn write_ground(out: &mut String, scene: &Scene) {
    let under = |kind: BandKind| matches!(kind, BandKind::Cut | BandKind::Held);
    for (rect, kind, lit) in scene.bands.iter().filter(|(_, kind, _)| under(*kind)) {
        figures::band(out, *rect, *kind, *lit);
    }
    for (label, y) in &scene.folds {
        put!(out, r#"<path class="rule fold" d="M90 {y}H{}"/>"#, P(scene.story_x), y = P(*y));
        text(out, label, "fnt");
    }
    rect(out, "spine", scene.spine, 100);
    for (rect, kind, lit) in scene.bands.iter().filter(|(_, kind, _)| !under(*kind)) {
        figures::band(out, *rect, *kind, *lit);
    }
    for label in &scene.notes {
        text(out, label, "log");
    }
    for (x, from, to, off) in &scene.lifelines {
        let class = if *off { "life off" } else { "life" };
        put!(out, r#"<path class="{class}" d="M{} {}V{}"/>"#, P(*x), P(*from), P(*to));
    }
    for (x, from, to, slot) in &scene.waits {
        put!(out, r#"<path class="s{slot} wait" d="M{} {}V{}"/>"#, P(*x), P(*from), P(*to));
    }
    for FateStretch { from, to, percent, label } in &scene.fates {
        let (y, h, ink) = (P(*from), P(*to - *from), P(Px::from(*percent) / 11 + 1));
        put!(
            out,
            r#"<rect class="faultf" x="100" y="{y}" width="10" height="{h}" fill-opacity="{ink}"><title>{percent}% of random futures from here fail</title></rect>"#
        );
        if let Some(label) = label {
            text(out, label, "mut");
        }
    }
    for (label, y) in &scene.stamps {
        text(out, label, "fnt");
        put!(out, r#"<path class="rule" d="M87 {}H93"/>"#, P(*y));
    }
    let right = scene.story_x;
    put!(out, r#"<path class="rule" d="M{} {}V{}"/>"#, P(right), P(scene.head), P(scene.bottom));
}

fn write_events(out: &mut String, scene: &Scene) {
    // The arrows first, so that no box or label is crossed; then, in the same order, what stands at their ends.
    for arrow in &scene.arrows {
        group(out, scene, arrow.event, "a", |out| figures::arrow(out, scene, arrow));
    }
    for (from, to, slot, event) in &scene.stems {
        let dim = dim(scene, *event);
        let (left, right) = (scene.spine.x - 80, scene.spine.x + scene.spine.w + 80);
        let (y1, y2) = (P(*from), P(*to));
        put!(
            out,
            r#"<path class="s{slot} stem{dim}" d="M{x1} {y1}V{y2}M{x2} {y1}V{y2}"/>"#,
            x1 = P(left),
            x2 = P(right)
        );
    }
    for mark in &scene.marks {
        let ringed = scene.model.rings.contains(&mark.event);
        group(out, scene, mark.event, "e", |out| figures::mark(out, scene, mark));
        if ringed {
            rect(out, "ring", mark.ring(), 100);
            let Rect { x, y, w, h } = mark.ring();
            rect(out, "ring thin", Rect { x: x - 30, y: y - 30, w: w + 60, h: h + 60 }, 120);
        }
    }
}

const fn dim(scene: &Scene, event: usize) -> &'static str {
    if scene.lit.as_slice()[event] { "" } else { " dim" }
}

/// A group for an event: its arrow, or what stands at its place.
fn group(out: &mut String, scene: &Scene, event: usize, kind: &str, inside: impl FnOnce(&mut String)) {
    let mut drawn = String::new();
    inside(&mut drawn);
    if drawn.is_empty() {
        return;
    }
    let past: Vec<String> = scene.pasts[event].iter().map(|cause| format!("e{cause}")).collect();
    let dim = dim(scene, event);
    let title = Xml(&scene.model.events[event].title);
    if kind == "e" {
        put!(out, r#"<g id="e{event}" class="ev{dim}" data-past="{}"><title>{title}</title>"#, past.join(" "));
    } else {
        put!(out, r#"<g class="ev{dim}" data-event="e{event}"><title>{title}</title>"#);
    }
    out.push_str(&drawn);
    out.push_str("</g>\n");
}

/// A text, in its own styles and with a class besides.
pub(super) fn text(out: &mut String, label: &Text, class: &str) {
    let Rect { x, y, w, .. } = label.rect;
    let (x, anchor) = match label.from {
        1 => (x, ""),
        0 => (x + w / 2, r#" text-anchor="middle""#),
        _ => (x + w, r#" text-anchor="end""#),
    };
    write!(out, r#"<text class="lab {class}" x="{}" y="{}"{anchor}>"#, P(x), P(y + 120)).expect("a string takes all");
    let mut moved = "";
    for part in &label.parts {
        if part.text == GAP {
            moved = r#" dx="3.8""#;
            continue;
        }
        let own = style::class(part.style, class);
        write!(out, r#"<tspan class="{own}"{moved}>{}</tspan>"#, Xml(&part.text)).expect("a string takes all");
        moved = "";
    }
    out.push_str("</text>\n");
}

/// A rectangle with round corners.
pub(super) fn rect(out: &mut String, class: &str, Rect { x, y, w, h }: Rect, round: Px) {
    put!(
        out,
        r#"<rect class="{class}" x="{}" y="{}" width="{}" height="{}" rx="{}"/>"#,
        P(x),
        P(y),
        P(w),
        P(h),
        P(round)
    );
}

/// Whether a mark is one of the log's entries.
pub(super) const fn is_entry(what: &What) -> bool {
    matches!(what, What::Entry { .. })
}
