//! The same diagram for terminals: the log in the middle, people at its sides, one line for each event, at most 120
//! columns; below it the story, and what was broken.

use std::fmt::Write;

use super::fate::Fate;
use super::model::{BandKind, Event, Model, Place, What};
use super::story;
use crate::plan::Seconds;

/// The widest a line may be.
const WIDTH: usize = 120;
/// Columns for the time, and of the log.
const TIME: usize = 9;
const LOG: usize = 36;
/// A gap that long, in microseconds, is a line of its own.
const GAP_US: u64 = 120_000;

/// Where the columns stand, in characters.
struct Grid {
    /// Of each lane its line, and on which side its labels are.
    lanes: Vec<(usize, bool)>,
    /// The log's column: its left and its right edge.
    log: (usize, usize),
    /// The columns of a lane.
    step: usize,
}

/// The diagram.
#[must_use]
pub fn write(model: &Model, fate: Option<&Fate>) -> String {
    let grid = Grid::of(model);
    let mut out = String::new();
    let verdict = if model.card.is_some() { "FAIL" } else { "PASS" };
    line(&mut out, &format!("{verdict}  {}", model.title));
    line(&mut out, &format!("      {}", model.sub));
    out.push('\n');
    line(&mut out, &grid.heads(model));
    for folded in &model.folded {
        let mut row = grid.empty(model, 0);
        put(&mut row, grid.log.0 + 2, &format!("⋮ {folded}"), LOG - 4);
        line(&mut out, &finish(&row));
    }
    let mut before: Option<u64> = None;
    for (index, event) in model.events.iter().enumerate() {
        let gap = before.map_or(0, |at| event.at_us - at);
        if gap >= GAP_US {
            let mut row = grid.empty(model, event.at_us - gap / 2);
            put(&mut row, 0, "       ⋮", TIME);
            line(&mut out, &finish(&row));
        }
        line(&mut out, &grid.row(model, index, event, before != Some(event.at_us)));
        before = Some(event.at_us);
    }
    out.push('\n');
    for (i, sentence) in story::tell(model, fate).iter().enumerate() {
        line(&mut out, &format!("{:>3}  {}", i + 1, sentence.text));
    }
    if let Some(card) = &model.card {
        line(&mut out, &format!("\n  ✕  {}", card.promise));
        for sentence in &card.lines {
            let mut start = 0;
            let chars: Vec<char> = sentence.chars().collect();
            while start < chars.len() {
                let end = (start + WIDTH - 5).min(chars.len());
                line(&mut out, &format!("     {}", chars[start..end].iter().collect::<String>()));
                start = end;
            }
        }
    }
    if let Some(told) = fate.and_then(Fate::told) {
        line(&mut out, &format!("\n     {told}"));
    }
    out
}

/// A line that is not too long, and ends with no space.
fn line(out: &mut String, text: &str) {
    let text: String = if text.chars().count() > WIDTH {
        text.chars().take(WIDTH - 1).chain(['…']).collect()
    } else {
        text.to_owned()
    };
    writeln!(out, "{}", text.trim_end()).expect("a string takes all");
}

fn finish(row: &[char]) -> String {
    row.iter().collect()
}

/// Writes a text into a row, cut to what there is room for.
fn put(row: &mut [char], at: usize, text: &str, most: usize) {
    let count = text.chars().count();
    for (i, c) in text.chars().take(most).enumerate() {
        let c = if count > most && i + 1 == most { '…' } else { c };
        if let Some(cell) = row.get_mut(at + i) {
            *cell = c;
        }
    }
}

impl Grid {
    fn of(model: &Model) -> Self {
        let (count, left) = (model.lanes.len(), model.lanes.len() / 2);
        let step = ((WIDTH - TIME - LOG) / count.max(1)).min(24);
        let log = (TIME + step * left, TIME + step * left + LOG - 1);
        let place = |i: usize| {
            if i < left { (TIME + step * (i + 1) - 4, false) } else { (log.1 + 4 + step * (i - left), true) }
        };
        Self { lanes: (0..count).map(place).collect(), log, step }
    }

    /// Where a life's line stands: a second one beside, nearer to the log.
    fn place(&self, lane: usize, second: bool) -> usize {
        let (x, right) = self.lanes[lane];
        match (second, right) {
            (false, _) => x,
            (true, true) => x - 1,
            (true, false) => x + 1,
        }
    }

    /// Names over the columns.
    fn heads(&self, model: &Model) -> String {
        let mut row = vec![' '; WIDTH];
        put(&mut row, TIME - 8, "seconds", 7);
        put(&mut row, self.log.0 + 10, "server · room log", LOG);
        for (lane, (x, _)) in model.lanes.iter().zip(&self.lanes) {
            let half = lane.name.chars().take(self.step - 1).count() / 2;
            put(&mut row, x.saturating_sub(half), &lane.name, self.step - 1);
        }
        finish(&row)
    }

    /// Lifelines and the log's edges at a moment.
    fn empty(&self, model: &Model, at_us: u64) -> Vec<char> {
        let mut row = vec![' '; WIDTH];
        for track in &model.tracks {
            let x = self.place(track.lane, track.second);
            let on = track.connected.iter().any(|(from, to)| (*from..*to).contains(&at_us));
            if (track.alive.0..=track.alive.1).contains(&at_us) {
                row[x] = if on { '│' } else { '┊' };
            }
        }
        let mut edge = '│';
        for band in model.bands.iter().filter(|band| (band.from_us..band.to_us).contains(&at_us)) {
            match (band.lane, band.kind) {
                (Some(lane), _) => {
                    let (x, right) = self.lanes[lane];
                    row[if right { x + 1 } else { x - 1 }] = '▒';
                }
                (None, BandKind::Down) => edge = '▒',
                (None, BandKind::NotStoring | BandKind::Cut | BandKind::Held) => edge = '░',
            }
        }
        (row[self.log.0], row[self.log.1]) = (edge, edge);
        row
    }

    fn row(&self, model: &Model, index: usize, event: &Event, stamped: bool) -> String {
        let mut row = self.empty(model, event.at_us);
        if stamped {
            put(&mut row, 0, &format!("{:>7}", Seconds(event.at_us)), TIME);
        }
        match event.place {
            Place::Server => {
                let asks =
                    model.events.iter().filter(|other| other.flight.is_some_and(|flight| flight.other == Some(index)));
                for ask in asks.filter(|ask| ask.flight.is_some_and(|flight| flight.up)) {
                    if let Place::Lane { lane, second } = ask.place {
                        self.draw(&mut row, (lane, second), '─', true);
                    }
                }
                let ringed = if model.rings.contains(&index) { "‼ " } else { "" };
                put(&mut row, self.log.0 + 2, &format!("{ringed}{}", in_log(event)), LOG - 4);
            }
            Place::Way { lane } => {
                let (x, right) = self.lanes[lane];
                let (from, to) =
                    if right { (self.log.1 + 1, self.log.1 + 3) } else { (self.log.0 - 3, self.log.0 - 1) };
                let stop = if right { to.min(x - 1) } else { from.max(x + 1) };
                (from..=to).for_each(|i| row[i] = '─');
                row[stop] = '✕';
            }
            Place::Lane { lane, second } => self.on_lane(&mut row, (lane, second), index, event, model),
        }
        finish(&row)
    }

    fn on_lane(&self, row: &mut [char], life: (usize, bool), index: usize, event: &Event, model: &Model) {
        let (line, right) = self.lanes[life.0];
        let x = self.place(life.0, life.1);
        if let Some(flight) = event.flight {
            if !flight.up {
                self.draw(row, life, if flight.dashed { '╌' } else { '─' }, false);
            } else if flight.other_us.is_none() {
                let toward = if right { [x - 1, x - 2] } else { [x + 1, x + 2] };
                (row[toward[0]], row[toward[1]]) = ('─', '✕');
            }
        }
        let (glyph, mut text) = at_lane(event);
        if let Some(glyph) = glyph {
            row[x] = glyph;
        }
        if model.rings.contains(&index) {
            text = format!("‼ {text}");
        }
        let most = self.step - 6;
        let cut = text.chars().count().min(most);
        let at = if right { line + 3 } else { line - 2 - cut };
        put(row, at, &text, most);
    }

    /// A message between a lane and the log.
    fn draw(&self, row: &mut [char], (lane, second): (usize, bool), with: char, up: bool) {
        let (x, right) = (self.place(lane, second), self.lanes[lane].1);
        let (from, to) = if right { (self.log.1 + 1, x - 1) } else { (x + 1, self.log.0 - 1) };
        for cell in &mut row[from..=to] {
            *cell = if *cell == ' ' { with } else { '┼' };
        }
        match (up, right) {
            (true, true) => row[from] = '◀',
            (true, false) => row[to] = '▶',
            (false, true) => row[to] = '▶',
            (false, false) => row[from] = '◀',
        }
    }
}

fn in_log(event: &Event) -> String {
    match &event.what {
        What::Entry { seq, who, text, .. } => format!("#{seq} {who}: {text}"),
        What::Durable => "   synced".to_owned(),
        What::Again { seq, mark } => format!("=#{seq} {mark} again: nothing added"),
        What::Refuses { mark } => format!("✗ {mark} refused"),
        What::Unstored { mark } => format!("✗ {mark} arrives, is not stored"),
        What::ReadsOn { name, after: 0 } => format!("▸ {name} is here again"),
        What::ReadsOn { name, after } => format!("▸ {name} reads on after #{after}"),
        What::Note { text, .. } | What::Down { text } | What::Up { text } => text.clone(),
        What::Claim => format!("‼ {}", event.title),
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
        | What::Over { .. } => String::new(),
    }
}

fn at_lane(event: &Event) -> (Option<char>, String) {
    match &event.what {
        What::Typed { mark, text } => (Some('○'), format!("{mark} {text}")),
        What::Asks { mark, text } => (Some('●'), format!("{mark} {text}").trim().to_owned()),
        What::Comes { after: 0 } => (Some('◉'), "connects".to_owned()),
        What::Comes { after } => (Some('◉'), format!("resume @{after}")),
        What::Gets { seq } => (None, format!("#{seq}")),
        What::Answered { with: Ok(seq) } => (None, format!("✓ #{seq}")),
        What::Answered { with: Err(mark) } => (None, format!("✗ {mark}")),
        What::Told { text } => (None, text.clone()),
        What::Gone { why } => (Some('╳'), why.clone()),
        What::Tried => (Some('○'), "no answer".to_owned()),
        What::Starts { text } => (Some('▲'), text.clone()),
        What::Ends { text } => (Some('✕'), text.clone()),
        What::Trouble { text } => (None, format!("✕ {text}")),
        What::Over { text } => (None, text.clone()),
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
        | What::Claim => (None, String::new()),
    }
}
