//! Everyone's transcript beside the log: a row for each entry, a column for each life of a program, and in each cell when it
//! was shown there. Where a transcript is not what the log and its audiences ask for, the cell says how.

use std::collections::{BTreeMap, BTreeSet};

use causerie_core::protocol::{ClientId, Seq};

use super::model::in_words;
use super::palette::SLOTS;
use crate::checks::{Case, Fact, Point, Sight};
use crate::evidence::{By, Life};
use crate::plan::{Plan, Seconds};
use crate::run::Run;

/// All of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Transcripts {
    /// Lives, in the order they began.
    pub columns: Vec<Column>,
    /// Entries, in the log's order.
    pub rows: Vec<Row>,
    /// The first cell that differs: its row and its column.
    pub first: Option<(usize, usize)>,
    /// Lines that were shown and fit nothing, in words.
    pub strays: Vec<String>,
}

/// A life of a program, or a guest's connection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Column {
    /// Whose.
    pub name: String,
    /// Which of theirs.
    pub sub: String,
    /// Their colour.
    pub slot: usize,
}

/// An entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// Its number.
    pub seq: u64,
    /// Whose it is, and to whom, if it is private.
    pub who: String,
    /// What it says.
    pub text: String,
    /// Its author's colour, if it is in the log.
    pub slot: Option<usize>,
    /// What contradicts something here is this entry itself.
    pub ringed: bool,
    /// Of each column.
    pub cells: Vec<Cell>,
}

/// What a life was shown of an entry.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Cell {
    /// When, in words; nothing, if it was not.
    pub text: String,
    /// It was its own: an acceptance.
    pub own: bool,
    /// Why that is not as it should be.
    pub differs: Option<&'static str>,
    /// The broken promise's evidence points here.
    pub ringed: bool,
}

impl Transcripts {
    /// Those of a run.
    #[must_use]
    pub fn of(plan: &Plan, run: &Run) -> Self {
        let case = Case::new(&run.evidence);
        let points = run.broken.as_ref().map(|broken| &*broken.points).unwrap_or_default();
        let lives: Vec<(usize, &Life, &[Sight])> =
            case.lives().filter(|(_, life, sights)| life.person.is_some() && matters(life, sights)).collect();
        let mut people: BTreeMap<ClientId, usize> = BTreeMap::new();
        for life in &case.evidence.lives {
            if let Some(who) = life.person {
                people.entry(life.identity).or_insert(who % SLOTS);
            }
        }
        let shown = lives.iter().flat_map(|(_, _, sights)| *sights).map(|sight| sight.seq.0).max().unwrap_or(0);
        let last = shown.max(case.facts.len() as u64);
        let row = |seq: u64| {
            let fact = case.fact(Seq(seq));
            let (who, text, _) =
                fact.map_or_else(|| (String::new(), "not in the log".to_owned(), true), |fact| in_words(&fact.entry));
            let cells =
                lives.iter().map(|(life, this, sights)| cell(&case, (*life, this), sights, seq, points)).collect();
            let slot = fact.map(|fact| people.get(&fact.entry.by).copied().unwrap_or(SLOTS - 1));
            Row { seq, who, text, slot, ringed: points.contains(&Point::Entry(Seq(seq))), cells }
        };
        let rows: Vec<Row> = (1..=last).map(row).collect();
        let differs = |(r, row): (usize, &Row)| {
            row.cells.iter().position(|cell| cell.differs.is_some() || cell.ringed).map(|column| (r, column))
        };
        let first = rows.iter().enumerate().find_map(differs);
        Self { columns: columns(plan, &lives), first, rows, strays: strays(&lives) }
    }
}

/// Who was never shown anything has no transcript, unless it is somebody's only life.
fn matters(life: &Life, sights: &[Sight]) -> bool {
    !sights.is_empty() || life.stands
}

fn columns(plan: &Plan, lives: &[(usize, &Life, &[Sight])]) -> Vec<Column> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    let mut columns = Vec::new();
    for (_, life, sights) in lives {
        let who = life.person.unwrap_or(0);
        let count = counts.entry(who).or_insert(0);
        *count += 1;
        let which = match (*count, life.by) {
            (1, By::Native) => String::new(),
            (1, By::Text | By::Stranger) => "at netcat".to_owned(),
            (n, By::Native) => format!("life {n}"),
            (n, By::Text | By::Stranger) => format!("connection {n}"),
        };
        let knew = if life.after.0 > 0 { format!("had up to {}", life.after) } else { String::new() };
        let from = sights.first().filter(|_| *count > 1).map(|sight| format!("from {} s", Seconds(sight.at_us)));
        let parts = [which, knew, from.unwrap_or_default()];
        let sub = parts.iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join(", ");
        columns.push(Column { name: plan.people[who].name.clone(), sub, slot: who % SLOTS });
    }
    columns
}

fn cell(case: &Case<'_>, (index, life): (usize, &Life), sights: &[Sight], seq: u64, points: &[Point]) -> Cell {
    let here: Vec<usize> = (0..sights.len()).filter(|i| sights[*i].seq.0 == seq).collect();
    let fact = case.fact(Seq(seq));
    let ringed = points.iter().any(
        |point| matches!(point, Point::Shown { life, seq: this, .. } if *life == index && this.0 == seq && seq > 0),
    );
    let Some(first) = here.first() else {
        let missing = fact.is_some_and(|fact| is_missing(case, life, sights, fact));
        let text = if missing { "missing" } else { "" };
        return Cell { text: text.to_owned(), own: false, differs: missing.then_some("missing"), ringed };
    };
    let sight = &sights[*first];
    let times: Vec<String> = here.iter().map(|i| Seconds(sights[*i].at_us).to_string()).collect();
    let earlier = sights[..*first].iter().any(|before| before.seq.0 > seq);
    let exact = life.by == By::Native;
    let differs = match fact {
        None => Some("not in the log"),
        Some(_) if !case.may_see(life.identity, Seq(seq)) => Some("not theirs"),
        Some(fact) if sight.at_us < fact.durable_us => Some("before it was stored"),
        Some(_) if here.len() > 1 && exact => Some("twice"),
        Some(_) if earlier && exact => Some("out of order"),
        Some(_) => None,
    };
    Cell { text: times.join(" and "), own: sight.own, differs, ringed }
}

/// Whether it should have been shown: something later was, or all had the time to be.
fn is_missing(case: &Case<'_>, life: &Life, sights: &[Sight], fact: &Fact) -> bool {
    let settled = case.evidence.quiet && life.stands && life.online && case.evidence.panic.is_none();
    let seen: BTreeSet<Seq> = sights.iter().map(|sight| sight.seq).collect();
    let due = fact.entry.seq > life.after && (settled || seen.last().is_some_and(|last| *last > fact.entry.seq));
    let visible = case.visible(life.identity).any(|other| other.entry.seq == fact.entry.seq);
    due && visible && life.by == By::Native
}

fn strays(lives: &[(usize, &Life, &[Sight])]) -> Vec<String> {
    let stray = |life: &Life, sight: &Sight| {
        let line = sight.misfit.as_ref()?;
        Some(format!("{} at {} s: {line}", life.name, Seconds(sight.at_us)))
    };
    lives.iter().flat_map(|(_, life, sights)| sights.iter().filter_map(|sight| stray(life, sight))).collect()
}
