//! The tables of a page: transcripts, faults, marks.

use std::fmt::Write;

use crate::marks::{Mark, Marks};
use crate::plan::{Plan, Seconds};
use crate::report::svg::{Xml, put};
use crate::report::transcripts::{Cell, Transcripts};

/// Everyone's transcript beside the log, with the first difference marked.
pub(super) fn write_transcripts(out: &mut String, transcripts: &Transcripts) {
    put!(out, "<section aria-labelledby=\"transcripts-title\">");
    put!(out, "<h2 id=\"transcripts-title\">What everyone was shown, beside the log</h2>");
    match transcripts.first {
        None => put!(out, "<p>Every transcript is the log, filtered by who may see what.</p>"),
        Some((row, column)) => {
            let (row, name) = (&transcripts.rows[row], &transcripts.columns[column].name);
            let why = row.cells[column].differs.unwrap_or("see the evidence");
            put!(
                out,
                "<p>The first difference is at <a href=\"#first\">#{}, {}</a>: {}.</p>",
                row.seq,
                Xml(name),
                Xml(why)
            );
        }
    }
    for stray in &transcripts.strays {
        put!(out, "<p class=\"evidence\">A line that fits nothing, {}</p>", Xml(stray));
    }
    put!(out, "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-labelledby=\"transcripts-title\">");
    put!(out, "<table class=\"transcripts\">\n<thead><tr><th scope=\"col\">#</th><th scope=\"col\">the log</th>");
    for column in &transcripts.columns {
        let sub = if column.sub.is_empty() { String::new() } else { format!("<small>{}</small>", Xml(&column.sub)) };
        put!(out, "<th scope=\"col\" class=\"k{}\">{}{sub}</th>", column.slot, Xml(&column.name));
    }
    put!(out, "</tr></thead>\n<tbody>");
    for (r, row) in transcripts.rows.iter().enumerate() {
        let ringed = if row.ringed { " class=\"ringed\"" } else { "" };
        let slot = row.slot.map_or_else(|| "lost".to_owned(), |slot| format!("k{slot}"));
        put!(out, "<tr{ringed}><th scope=\"row\" class=\"{slot}\">#{}</th>", row.seq);
        put!(out, "<td class=\"entry\"><b class=\"{slot}\">{}</b> {}</td>", Xml(&row.who), Xml(&row.text));
        for (c, cell) in row.cells.iter().enumerate() {
            write_cell(out, cell, transcripts.first == Some((r, c)));
        }
        put!(out, "</tr>");
    }
    put!(out, "</tbody>\n</table>\n</div>");
    put!(
        out,
        "<p class=\"small\">Times are when it was shown, in virtual seconds; ✓ is the acceptance of one’s own words, \
         which nobody is shown as news; an empty cell is not theirs to see, or was before their time.</p>\n</section>"
    );
}

fn write_cell(out: &mut String, cell: &Cell, first: bool) {
    let class = match (cell.differs, cell.ringed) {
        (None, false) if cell.text.is_empty() => "",
        (None, false) => " class=\"shown\"",
        (Some(_), _) | (None, true) => " class=\"differs\"",
    };
    let id = if first { " id=\"first\"" } else { "" };
    let own = if cell.own { "✓ " } else { "" };
    let why = cell.differs.filter(|why| *why != cell.text).map(|why| format!(" <em>{why}</em>")).unwrap_or_default();
    write!(out, "<td{id}{class}>{own}{}{why}", Xml(&cell.text)).expect("a string takes all");
    if first {
        out.push_str("<strong>first difference</strong>");
    }
    put!(out, "</td>");
}

/// What was to go wrong.
pub(super) fn write_faults(out: &mut String, plan: &Plan) {
    put!(out, "<section aria-labelledby=\"faults-title\">\n<h2 id=\"faults-title\">What goes wrong, by plan</h2>");
    if plan.faults.is_empty() {
        put!(out, "<p>Nothing.</p>\n</section>");
        return;
    }
    put!(
        out,
        "<table>\n<thead><tr><th scope=\"col\">at, in s</th><th scope=\"col\">kind</th><th scope=\"col\">what</th></tr></thead>\n<tbody>"
    );
    for fault in &plan.faults {
        let told = fault.told(plan);
        put!(
            out,
            "<tr><td class=\"number\">{}</td><td>{}</td><td>{}</td></tr>",
            Seconds(fault.at_ms * 1_000),
            fault.what.name(),
            Xml(told.trim_start_matches("✕ "))
        );
    }
    put!(
        out,
        "</tbody>\n</table>\n<p class=\"small\">Everything heals at {} s.</p>\n</section>",
        Seconds(plan.faults_ms * 1_000)
    );
}

/// What happened of what must happen sometimes.
pub(super) fn write_marks(out: &mut String, marks: &Marks) {
    put!(out, "<section aria-labelledby=\"marks-title\">\n<h2 id=\"marks-title\">Rare points this run reached</h2>");
    let reached: Vec<Mark> = Mark::ALL.iter().copied().filter(|mark| marks.count(*mark) > 0).collect();
    if reached.is_empty() {
        put!(out, "<p>None.</p>\n</section>");
        return;
    }
    put!(out, "<table>\n<thead><tr><th scope=\"col\">times</th><th scope=\"col\">what</th></tr></thead>\n<tbody>");
    for mark in reached {
        put!(out, "<tr><td class=\"number\">{}</td><td>{}</td></tr>", marks.count(mark), Xml(mark.text()));
    }
    put!(out, "</tbody>\n</table>\n</section>");
}
