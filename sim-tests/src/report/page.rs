//! A run as a page: one file that needs nothing else. The verdict, the picture, everyone's transcript, what went wrong by
//! plan, what was reached. The same run gives the same bytes.
//!
//! The page works without its script: that only lights what an event followed from, and steps from event to event.

mod tables;

use std::fmt::Write;

use super::layout::Scene;
use super::model::{Place, What};
use super::palette::{DARK, LIGHT, Palette, SLOTS};
use super::svg::{self, Xml, put};
use super::transcripts::Transcripts;
use super::{Fate, Name, scene_of};
use crate::plan::{Plan, Seconds};
use crate::run::Run;

const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");
/// What the page may do: show itself, and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

/// The page of a run.
#[must_use]
pub fn page_of(plan: &Plan, run: &Run, name: &Name, fate: Option<&Fate>) -> String {
    let scene = scene_of(plan, run, name, fate);
    let mut out = String::new();
    put!(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">");
    put!(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    put!(out, "<meta name=\"color-scheme\" content=\"light dark\">");
    put!(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">");
    put!(out, "<title>{}</title>", Xml(&scene.model.title));
    put!(out, "<style>{}@media(prefers-color-scheme:dark){{{}}}\n{STYLE}</style>", colours(&LIGHT), colours(&DARK));
    put!(out, "</head>\n<body>");
    write_verdict(&mut out, &scene, run, name, fate);
    put!(out, "<main>");
    write_picture(&mut out, &scene);
    let transcripts = Transcripts::of(plan, run);
    tables::write_transcripts(&mut out, &transcripts);
    tables::write_faults(&mut out, plan);
    tables::write_marks(&mut out, &run.marks);
    write_events(&mut out, &scene);
    put!(out, "</main>");
    put!(out, "<script>{SCRIPT}</script>\n</body>\n</html>");
    out
}

/// The palette as variables.
fn colours(palette: &Palette) -> String {
    let Palette { paper, ink, mute, faint, rule, spine, fault, warn, band, fine, slots, life: _, off: _ } = palette;
    let [ground, edge] = spine;
    let slots: String = (0..SLOTS).map(|slot| format!("--c{slot}:{};", slots[slot])).collect();
    format!(
        ":root{{--paper:{paper};--ink:{ink};--mute:{mute};--faint:{faint};--rule:{rule};--ground:{ground};--edge:{edge};\
         --fault:{fault};--warn:{warn};--band:{band};--fine:{fine};{slots}}}"
    )
}

fn write_verdict(out: &mut String, scene: &Scene, run: &Run, name: &Name, fate: Option<&Fate>) {
    let (class, verdict) = if run.broken.is_some() { ("fails", "✕ FAIL") } else { ("passes", "✓ PASS") };
    put!(out, "<header>");
    put!(out, "<p class=\"verdict {class}\">{verdict}</p>\n<h1>{}</h1>", Xml(&scene.model.title));
    put!(out, "<p class=\"origin\">{}</p>", Xml(&scene.model.sub));
    if let Some(broken) = &run.broken {
        put!(out, "<p class=\"evidence\"><strong>{}</strong> {}</p>", Xml(broken.promise), Xml(&broken.evidence));
    }
    if let Some(text) = fate.and_then(Fate::told) {
        put!(out, "<p class=\"decided\">{}</p>", Xml(&text));
    }
    put!(out, "<p class=\"again\"><span>See it again</span>");
    put!(out, "<code id=\"command\">{}</code>", Xml(&name.command));
    put!(out, "<button type=\"button\" id=\"copy\">copy</button></p>");
    put!(out, "<p class=\"digest\">trace sha256 <code>{}</code></p>", run.trace.sha256());
    put!(out, "</header>");
}

fn write_picture(out: &mut String, scene: &Scene) {
    let failure = scene.model.rings.last().copied().filter(|_| scene.model.card.is_some());
    put!(out, "<section aria-labelledby=\"picture-title\">\n<h2 id=\"picture-title\">The run</h2>");
    put!(
        out,
        "<p class=\"keys\">Point at an event, or press <kbd>→</kbd> and <kbd>←</kbd>: what it followed from and what \
         followed from it stays lit. {}<kbd>Esc</kbd> lights everything.</p>",
        if failure.is_some() { "<kbd>f</kbd> goes to the failure. " } else { "" }
    );
    let failure = failure.map(|event| format!(" data-failure=\"e{event}\"")).unwrap_or_default();
    let (w, least) = (scene.page.w / 10, scene.page.w / 10 * 3 / 4);
    put!(
        out,
        "<div class=\"picture\" id=\"picture\" role=\"group\" tabindex=\"0\" aria-labelledby=\"picture-title\" \
         aria-describedby=\"now\" style=\"--natural:{w}px;--least:{least}px\"{failure}>"
    );
    out.push_str(&svg::write(scene));
    put!(out, "</div>\n<p id=\"now\" class=\"now\" role=\"status\" aria-live=\"polite\"></p>\n</section>");
}

/// Every event in words: for those who read rather than look, and where the script finds what to say.
fn write_events(out: &mut String, scene: &Scene) {
    put!(out, "<section aria-labelledby=\"events-title\">\n<h2 id=\"events-title\">Every event in words</h2>");
    put!(out, "<details><summary>{} events</summary>\n<ol class=\"events\">", scene.model.events.len());
    for (i, event) in scene.model.events.iter().enumerate() {
        if event.what == What::Claim {
            continue;
        }
        let place = match event.place {
            Place::Server => "server",
            Place::Lane { lane, .. } | Place::Way { lane } => &scene.model.lanes[lane].name,
        };
        let ringed = if scene.model.rings.contains(&i) { " class=\"ringed\"" } else { "" };
        put!(
            out,
            "<li{ringed} data-event=\"e{i}\"><time>{}</time> <b>{}</b> {}</li>",
            Seconds(event.at_us),
            Xml(place),
            Xml(without(&event.title, place))
        );
    }
    put!(out, "</ol></details>\n</section>");
}

/// A sentence without the name that stands before it already.
fn without<'a>(title: &'a str, name: &str) -> &'a str {
    title.strip_prefix(name).map_or(title, |rest| rest.trim_start_matches([':', ' ']))
}
