//! Writes to a terminal without taking it over: a few lines at the bottom are drawn again and again, rows above them once.

use std::fmt::Write;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How something looks. It never means anything by that alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Style {
    Plain,
    Strong,
    Dim,
    Good,
    Bad,
}

/// Text of one look.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Span {
    pub(crate) style: Style,
    pub(crate) text: String,
}

/// One line.
pub(crate) type Line = Vec<Span>;

/// What stands below all rows.
#[derive(Clone, Default, Debug)]
pub(crate) struct Bottom {
    /// The lines.
    pub(crate) lines: Vec<Line>,
    /// Which of them the cursor is in, and in which column.
    pub(crate) cursor: (usize, usize),
}

/// Knows what it drew last.
#[derive(Debug)]
pub(crate) struct Painter {
    colour: bool,
    /// The widths of the lines at the bottom, and where the cursor is.
    drawn: (Vec<usize>, (usize, usize)),
}

impl Painter {
    /// A painter who has drawn nothing.
    pub(crate) const fn new(colour: bool) -> Self {
        Self { colour, drawn: (Vec::new(), (0, 0)) }
    }

    /// What has to be written so that the rows stand above the bottom, on a terminal of this size.
    pub(crate) fn paint(&mut self, rows: &[Line], bottom: Bottom, (columns, _): (usize, usize)) -> String {
        let mut out = String::from(BEGIN);
        self.rub_out(columns, &mut out);
        for row in rows {
            self.draw(row, &mut out);
            out.push_str("\r\n");
        }
        let lines: Vec<Line> = bottom.lines.into_iter().map(|line| fit(line, columns.saturating_sub(1))).collect();
        for (i, line) in lines.iter().enumerate() {
            out.push_str(if i == 0 { "" } else { "\r\n" });
            self.draw(line, &mut out);
        }
        let (line, column) = bottom.cursor;
        let up = lines.len().saturating_sub(line + 1);
        move_by(&mut out, up, 'A');
        out.push('\r');
        move_by(&mut out, column, 'C');
        let widths = lines.iter().map(|line| line.iter().map(|span| width(&span.text)).sum()).collect();
        self.drawn = (widths, bottom.cursor);
        out.push_str(END);
        out
    }

    /// Goes to where the bottom begins and rubs out everything from there. A terminal that became narrower has broken its
    /// lines.
    fn rub_out(&self, columns: usize, out: &mut String) {
        let (widths, (line, column)) = &self.drawn;
        let columns = columns.max(1);
        let above: usize = widths.iter().take(*line).map(|width| width.saturating_sub(1) / columns + 1).sum();
        move_by(out, above + column / columns, 'A');
        out.push_str("\r\x1b[J");
    }

    fn draw(&self, line: &Line, out: &mut String) {
        for Span { style, text } in line {
            let code = match style {
                Style::Plain => None,
                Style::Strong => Some("1"),
                Style::Dim => Some("2"),
                Style::Good => self.colour.then_some("32"),
                Style::Bad => self.colour.then_some("31"),
            };
            match code {
                Some(code) => _ = write!(out, "\x1b[{code}m{text}\x1b[m"),
                None => out.push_str(text),
            }
        }
    }
}

fn move_by(out: &mut String, count: usize, whither: char) {
    if count > 0 {
        _ = write!(out, "\x1b[{count}{whither}");
    }
}

/// Cuts a line off where it no longer fits.
fn fit(line: Line, columns: usize) -> Line {
    let mut left = columns;
    let mut fitting = Vec::new();
    for Span { style, text } in line {
        let wide = width(&text);
        if wide <= left {
            left -= wide;
            fitting.push(Span { style, text });
            continue;
        }
        let mut cut = String::new();
        for c in text.chars() {
            let wide = c.width().unwrap_or(0);
            if wide + 1 > left {
                break;
            }
            left -= wide;
            cut.push(c);
        }
        if left > 0 {
            cut.push('…');
        }
        fitting.push(Span { style, text: cut });
        break;
    }
    fitting
}

/// Columns that a text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// All of it appears at once, where the terminal can do that; the cursor is not seen on its way.
const BEGIN: &str = "\x1b[?2026h\x1b[?25l";
const END: &str = "\x1b[?25h\x1b[?2026l";

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        vec![Span { style: Style::Plain, text: text.into() }]
    }

    fn bottom(lines: &[&str]) -> Bottom {
        Bottom { lines: lines.iter().map(|text| line(text)).collect(), cursor: (lines.len() - 1, 3) }
    }

    fn painted(painter: &mut Painter, rows: &[&str], lines: &[&str], columns: usize) -> String {
        let rows: Vec<Line> = rows.iter().map(|text| line(text)).collect();
        let out = painter.paint(&rows, bottom(lines), (columns, 24));
        out.replace(BEGIN, "").replace(END, "").replace('\x1b', "^").replace("\r\n", "⏎").replace('\r', "<")
    }

    #[test]
    fn rows_go_above_what_was_drawn_before() {
        let mut painter = Painter::new(false);
        assert_eq!(painted(&mut painter, &["one"], &["status", "> "], 80), "<^[Jone⏎status⏎> <^[3C");
        assert_eq!(painted(&mut painter, &[], &["status", "> "], 80), "^[1A<^[Jstatus⏎> <^[3C");
    }

    #[test]
    fn a_narrower_terminal_has_broken_the_lines_that_are_rubbed_out() {
        let mut painter = Painter::new(false);
        painted(&mut painter, &[], &["0123456789", "> "], 80);
        assert!(painted(&mut painter, &[], &["0123456789", "> "], 4).starts_with("^[3A<^[J01…⏎> "));
    }

    #[test]
    fn a_line_that_does_not_fit_is_cut_off_and_says_so() {
        let texts = |columns| fit(line("ab日本cd"), columns).into_iter().map(|span| span.text).collect::<String>();
        assert_eq!(texts(8), "ab日本cd");
        assert_eq!(texts(7), "ab日本…");
        assert_eq!(texts(6), "ab日…");
        assert_eq!(texts(0), "");
    }

    #[test]
    fn without_colour_nothing_is_coloured() {
        let dot = || vec![Span { style: Style::Good, text: "●".into() }];
        let drawn = |colour| Painter::new(colour).paint(&[dot()], Bottom::default(), (80, 24));
        assert!(drawn(true).contains("\x1b[32m●"));
        assert!(!drawn(false).contains("\x1b[32m") && drawn(false).contains('●'));
    }
}
