//! What the server sends: entries, answers and notices, and what of them is lost.

use std::collections::BTreeMap;

use causerie_core::client::News;
use causerie_core::protocol::Seen;
use causerie_core::view::Plain;

use super::build::Builder;
use super::wire::{Asked, Request};
use super::{Flight, Place, What};
use crate::checks::Fact;
use crate::evidence::{By, Shown};
use crate::plan::Seconds;
use crate::record::{Message, Word};

/// Sent so soon after it was durable, in microseconds, an entry goes out as it comes in.
const AT_ONCE_US: u64 = 20_000;
/// So soon after a client came back, what it is sent is what it missed.
const RESUMES_US: u64 = 60_000;

impl Builder<'_> {
    /// What is sent later than it came in leaves from where the server reads on for somebody, or from a note that it does.
    pub(super) fn tell_late(&mut self) {
        let mut late: BTreeMap<(usize, u64), Vec<usize>> = BTreeMap::new();
        for (index, event) in self.events.iter().enumerate() {
            let Some(Flight { up: false, other: None, other_us: Some(sent_us), .. }) = event.flight else { continue };
            if let (Some(life), Some(_)) = (event.life, event.what.seq()) {
                late.entry((life, sent_us)).or_default().push(index);
            }
        }
        let mut told: Option<(usize, u64, usize)> = None; // Of whom, until when, where.
        for ((life, sent_us), group) in late {
            let resume = self.events.iter().rposition(|event| {
                let soon = event.at_us <= sent_us && sent_us <= event.at_us + RESUMES_US;
                soon && event.life == Some(life) && matches!(event.what, What::ReadsOn { .. })
            });
            let goes_on = told.filter(|(whose, until, _)| *whose == life && sent_us <= until + RESUMES_US);
            let source = resume.or(goes_on.map(|(_, _, index)| index)).unwrap_or_else(|| {
                let note = What::Note { text: String::new(), fault: false };
                let index = self.add(sent_us, Place::Server, note, String::new());
                self.events[index].life = Some(life);
                index
            });
            if resume.is_none() {
                told = Some((life, sent_us, source));
            }
            for index in group {
                if let Some(flight) = &mut self.events[index].flight {
                    flight.other = Some(source);
                }
                self.events[index].causes.push(source);
            }
        }
        self.name_late();
    }

    /// Says in the notes of what was sent late which entries these were.
    fn name_late(&mut self) {
        for source in 0..self.events.len() {
            if self.events[source].what != (What::Note { text: String::new(), fault: false }) {
                continue;
            }
            let sent = |event: &&super::Event| event.flight.is_some_and(|flight| flight.other == Some(source));
            let seqs: Vec<u64> = self.events.iter().filter(sent).filter_map(|event| event.what.seq()).collect();
            let (first, last) = (seqs.iter().min().unwrap_or(&0), seqs.iter().max().unwrap_or(&0));
            let which = if first == last { format!("#{first}") } else { format!("#{first}–#{last}") };
            let name = self.events[source].life.map_or("", |life| &*self.evidence.lives[life].name);
            let (text, title) =
                (format!("▸ {name} is sent {which}"), format!("{name} is sent what is missing: {which}"));
            self.events[source].what = What::Note { text, fault: false };
            self.events[source].title = title;
        }
    }

    pub(super) fn down(&mut self, message: &Message, asked: &mut Asked) {
        let life = &self.evidence.lives[message.life];
        if life.person.is_none() {
            return;
        }
        let identity = life.identity;
        match &message.word {
            Word::Entry { seq } => self.gets(message, *seq),
            Word::Accepted { n, seq } => {
                if *seq > self.folded {
                    self.answered(message, (identity, *n), Ok(*seq), asked);
                }
            }
            Word::Refused { n: Some(n) } => {
                let mark = asked.first.get(&(identity, *n)).map(|(mark, _, _)| mark.clone());
                self.answered(message, (identity, *n), Err(mark.unwrap_or_default()), asked);
            }
            Word::Refused { n: None } => self.told(message, "refused"),
            Word::Other(kind) if kind == "notice" => {
                let told = life.told.iter().find_map(|told| match &told.what {
                    Shown::News(News::Notice(text)) if Some(told.at_us) == message.arrived_us => Some(text.to_string()),
                    Shown::News(_) | Shown::Line(_) => None,
                });
                self.told(message, told.as_deref().unwrap_or("notice"));
            }
            Word::Line(line) if life.by == By::Text => {
                if let Some(seq) = self.entry_of_line(message, line, asked) {
                    asked.used.insert((message.life, seq));
                    self.gets(message, seq);
                }
            }
            Word::Hello { .. } | Word::Ask { .. } | Word::Read | Word::Welcome => {}
            Word::Beat | Word::Other(_) | Word::Line(_) => {}
        }
    }

    /// The entry that a guest's line shows.
    fn entry_of_line(&self, message: &Message, line: &str, asked: &Asked) -> Option<u64> {
        let identity = self.evidence.lives[message.life].identity;
        let shows = |fact: &&Fact| {
            let then = fact.durable_us <= message.sent_us && fact.audience.contains(&identity);
            then && !asked.used.contains(&(message.life, fact.entry.seq.0))
                && Plain { seen: &Seen::from(&fact.entry), utc_offset_s: 0 }.to_string() == line
        };
        self.case.facts.iter().find(shows).map(|fact| fact.entry.seq.0)
    }

    fn gets(&mut self, message: &Message, seq: u64) {
        if seq <= self.folded {
            return;
        }
        let lane = self.evidence.lives[message.life].person.map(|lane| self.model.lanes[lane].slot);
        // No solid arrow of somebody's colour ends on their own lane, whoever else of theirs an entry is of.
        let slot = self.entries.get(&seq).and_then(|entry| self.events[*entry].slot).filter(|slot| Some(*slot) != lane);
        let source = self.source(message, seq);
        self.arrives(message, What::Gets { seq }, slot, source, false);
    }

    fn answered(&mut self, message: &Message, request: Request, with: Result<u64, String>, asked: &mut Asked) {
        let done = asked.done.range((request, 0)..=(request, message.sent_us)).next_back().map(|(_, event)| *event);
        let source = match &with {
            Ok(seq) => {
                self.source(message, *seq).or_else(|| done.filter(|done| self.events[*done].at_us == message.sent_us))
            }
            Err(_) => done,
        };
        let slot = Some(self.slot(request.0));
        let index = self.arrives(message, What::Answered { with }, slot, source, true);
        match (message.arrived_us, index) {
            (Some(at_us), _) => {
                asked.answered.entry(request).or_insert(at_us);
            }
            (None, Some(index)) => {
                asked.lost.insert(request, index);
            }
            (None, None) => {}
        }
    }

    fn told(&mut self, message: &Message, text: &str) {
        let what = What::Told { text: text.to_owned() };
        self.arrives(message, what, None, None, true);
    }

    /// The event at the server from which an entry went on its way: its becoming durable, if that is drawn, or itself;
    /// none, if it was sent later.
    fn source(&self, message: &Message, seq: u64) -> Option<usize> {
        let fact = self.case.facts.iter().find(|fact| fact.entry.seq.0 == seq)?;
        let sent = (fact.given_us..=fact.durable_us + AT_ONCE_US).contains(&message.sent_us);
        let durable = self.durables.get(&seq).filter(|_| message.sent_us >= fact.durable_us);
        let from = durable.or_else(|| self.entries.get(&seq)).copied();
        from.filter(|_| sent)
    }

    /// Adds what comes from the server, or what was lost on its way from it.
    fn arrives(
        &mut self,
        message: &Message,
        what: What,
        slot: Option<usize>,
        source: Option<usize>,
        dashed: bool,
    ) -> Option<usize> {
        let life = &self.evidence.lives[message.life];
        let said = if let What::Answered { with: Err(mark) } = &what {
            format!("answer to {}: {mark} is refused", life.name)
        } else if let What::Answered { with: Ok(seq) } = &what {
            format!("answer to {}: #{seq} is stored", life.name)
        } else if let Some(seq) = what.seq() {
            format!("#{seq} to {}", life.name)
        } else {
            format!("notice to {}", life.name)
        };
        let entry = what.seq().and_then(|seq| self.entries.get(&seq).copied());
        let sent = Seconds(message.sent_us);
        let lane = life.person?;
        let index = match message.arrived_us {
            Some(at_us) => {
                let title = format!("{said}, sent at {sent} s, there at {} s", Seconds(at_us));
                let index = self.add_to(at_us, message.life, what, title)?;
                let other_us = Some(message.sent_us);
                self.events[index].flight = Some(Flight { up: false, other_us, other: source, dashed });
                index
            }
            None => {
                let title = format!("{said}, sent at {sent} s: lost");
                let index = self.add(message.sent_us, Place::Way { lane }, What::LostDown, title);
                self.events[index].life = Some(message.life);
                let other_us = None;
                self.events[index].flight = Some(Flight { up: false, other_us, other: source, dashed });
                index
            }
        };
        self.events[index].slot = slot;
        let resume = self.events.iter().rposition(|event| {
            let this = event.life == Some(message.life) && matches!(event.what, What::ReadsOn { .. });
            this && event.at_us <= message.sent_us
        });
        self.events[index].causes.extend(entry.into_iter().chain(source).chain(resume.filter(|_| source.is_none())));
        Some(index)
    }
}
