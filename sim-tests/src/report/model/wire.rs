//! The messages: what was sent and got, what it led to at the server, and how long somebody waited for an answer.

use std::collections::{BTreeMap, BTreeSet};

use causerie_core::protocol::{ClientId, Event as Happened};

use super::build::Builder;
use super::{Flight, Place, Wait, What};
use crate::checks::Fact;
use crate::evidence::By;
use crate::plan::{Seconds, Way};
use crate::record::{Message, Word};

/// Said so long before it was sent, in microseconds: it waited for a connection.
const WAITED_US: u64 = 2_000;

/// A request of somebody's: who and which number.
pub(super) type Request = (ClientId, u64);

/// What is known of the requests while the messages are gone through.
#[derive(Default)]
pub(super) struct Asked {
    /// Of each: its mark, since when it waits, the life that sent it first.
    pub(super) first: BTreeMap<Request, (String, u64, usize)>,
    /// When it was answered for good.
    pub(super) answered: BTreeMap<Request, u64>,
    /// The last answer to it that was lost.
    pub(super) lost: BTreeMap<Request, usize>,
    /// What the server did when it was asked, besides adding an entry: when, and the event.
    pub(super) done: BTreeMap<(Request, u64), usize>,
    /// Entries that a text client asked for or was shown.
    pub(super) used: BTreeSet<(usize, u64)>,
}

impl Builder<'_> {
    pub(super) fn add_wire(&mut self) {
        let mut asked = Asked::default();
        let record = self.record;
        for message in record.messages.iter().filter(|message| message.way == Way::Up) {
            self.up(message, &mut asked);
        }
        for message in record.messages.iter().filter(|message| message.way == Way::Down) {
            self.down(message, &mut asked);
        }
        self.tell_late();
        self.link_resends(&asked);
        self.add_unsent(&asked);
        self.add_waits(&asked);
    }

    fn up(&mut self, message: &Message, asked: &mut Asked) {
        let life = &self.evidence.lives[message.life];
        if life.person.is_none() {
            return;
        }
        match &message.word {
            Word::Hello { after } => self.comes(message, *after),
            Word::Ask { n, text } => {
                let (mark, rest) = mark_of(text);
                let request = (life.identity, *n);
                let made = self.case.facts.iter().find(|fact| is_of(fact, request, text));
                let made = made.map(|fact| (fact.entry.seq.0, fact.given_us));
                self.asks(message, request, (mark, rest), made, asked);
            }
            Word::Line(line) if life.by == By::Text => self.typed_line(message, line, asked),
            Word::Line(_) | Word::Read | Word::Beat | Word::Other(_) | Word::Welcome => {}
            Word::Entry { .. } | Word::Accepted { .. } | Word::Refused { .. } => {}
        }
    }

    fn comes(&mut self, message: &Message, after: u64) {
        if message.sent_us <= self.folded_us {
            return;
        }
        let name = self.evidence.lives[message.life].name.clone();
        let title = match after {
            0 => format!("{name} connects"),
            after => format!("{name} connects again and has entries up to #{after}"),
        };
        let Some(comes) = self.add_to(message.sent_us, message.life, What::Comes { after }, title) else { return };
        let mut other = None;
        if let Some(arrived_us) = message.arrived_us.filter(|_| after > 0) {
            let title = format!("the server reads on for {name} after #{after}");
            let reads = self.add(arrived_us, Place::Server, What::ReadsOn { name, after }, title);
            self.events[reads].slot = self.events[comes].slot;
            self.events[reads].life = Some(message.life);
            self.events[reads].causes.push(comes);
            other = Some(reads);
        } else if let Some(arrived_us) = message.arrived_us {
            let identity = self.evidence.lives[message.life].identity;
            let came = self.came(identity, arrived_us);
            if came.is_none() && self.evidence.lives[message.life].by != By::Native {
                return; // A name that was taken: nobody came.
            }
            let came = came.unwrap_or_else(|| {
                let title = format!("{name} is here again, knowing nothing");
                let here = self.add(arrived_us, Place::Server, What::ReadsOn { name, after: 0 }, title);
                self.events[here].slot = self.events[comes].slot;
                self.events[here].life = Some(message.life);
                here
            });
            self.events[came].causes.push(comes);
            other = Some(came);
        }
        self.events[comes].flight = Some(Flight { up: true, other_us: message.arrived_us, other, dashed: false });
    }

    /// The entry of somebody's coming, given to the log at that moment.
    fn came(&self, who: ClientId, given_us: u64) -> Option<usize> {
        let came = |fact: &&Fact| {
            fact.entry.by == who && fact.given_us == given_us && matches!(fact.entry.event, Happened::Arrived { .. })
        };
        self.entries.get(&self.case.facts.iter().find(came)?.entry.seq.0).copied()
    }

    fn asks(
        &mut self,
        message: &Message,
        request: Request,
        (mark, text): (String, String),
        made: Option<(u64, u64)>,
        asked: &mut Asked,
    ) {
        let name = self.evidence.lives[message.life].name.clone();
        let again = asked.first.contains_key(&request);
        // A client that finds its number used for something else asks under a new one.
        let by = self.evidence.lives[message.life].identity;
        let anew = !again
            && !mark.is_empty()
            && asked.first.iter().any(|((who, _), (other, ..))| *who == by && *other == mark);
        if !again {
            let since = if anew { message.sent_us } else { self.said_us(&mark, message) };
            asked.first.insert(request, (mark.clone(), since, message.life));
        }
        let shown = match (again, anew) {
            (true, _) => "again".to_owned(),
            (false, true) => "again, anew".to_owned(),
            (false, false) => text,
        };
        let lost = if message.arrived_us.is_none() { ": lost" } else { "" };
        let title = format!("{name} asks at {} s: {mark} {shown}{lost}", Seconds(message.sent_us));
        let called = if mark.is_empty() { shown.clone() } else { mark.clone() };
        let what = What::Asks { mark, text: shown };
        let Some(asks) = self.add_to(message.sent_us, message.life, what, title) else { return };
        let mut other = None;
        if let Some(arrived_us) = message.arrived_us {
            other = match made {
                Some((seq, given_us)) if arrived_us == given_us => self.entries.get(&seq).copied(),
                Some((seq, given_us)) if arrived_us > given_us => {
                    let what = What::Again { seq, mark: called };
                    let title = format!("#{seq} again: nothing is added");
                    let again = self.add(arrived_us, Place::Server, what, title);
                    self.events[again].causes.extend(self.entries.get(&seq).copied());
                    Some(again)
                }
                Some(_) | None => self.not_stored(message, request.1, called, arrived_us),
            };
            if let Some(other) = other {
                self.events[other].causes.push(asks);
                asked.done.insert((request, arrived_us), other);
            }
        }
        self.events[asks].flight = Some(Flight { up: true, other_us: message.arrived_us, other, dashed: false });
    }

    /// What came of a request that made no entry when it arrived.
    fn not_stored(&mut self, message: &Message, n: u64, mark: String, arrived_us: u64) -> Option<usize> {
        if message.word == Word::Line(String::new()) || self.evidence.lives[message.life].by != By::Native {
            return None;
        }
        let refused = self.record.messages.iter().any(|other| {
            let here = other.conn == message.conn && other.sent_us >= arrived_us;
            here && other.word == Word::Refused { n: Some(n) }
        });
        let (title, what) = if refused {
            (format!("{mark} is refused"), What::Refuses { mark })
        } else {
            (format!("{mark} is not stored"), What::Unstored { mark })
        };
        Some(self.add(arrived_us, Place::Server, what, title))
    }

    /// When it was said: earlier than sent, if the client was not connected then.
    fn said_us(&mut self, mark: &str, message: &Message) -> u64 {
        let identity = self.evidence.lives[message.life].identity;
        let said = self
            .evidence
            .asked
            .iter()
            .find(|asked| asked.mark == mark && self.evidence.lives[asked.life].identity == identity);
        let Some(said) = said.filter(|said| said.at_us + WAITED_US < message.sent_us) else { return message.sent_us };
        let (at_us, life) = (said.at_us, said.life);
        self.typed(mark, at_us, life);
        at_us
    }

    fn typed(&mut self, mark: &str, at_us: u64, life: usize) {
        let id = mark[1..].split('.').next().and_then(|id| id.parse::<u32>().ok());
        let text = self.plan.deeds.iter().find(|deed| Some(deed.id) == id).map(|deed| deed.text(mark));
        let text = text.map(|text| mark_of(&text).1).unwrap_or_default();
        let title = format!("{}: {mark} waits for a connection", self.evidence.lives[life].name);
        let what = What::Typed { mark: mark.to_owned(), text };
        self.add_to(at_us, life, what, title);
    }

    /// What a guest types: a name first, then words and commands.
    fn typed_line(&mut self, message: &Message, line: &str, asked: &mut Asked) {
        let life = &self.evidence.lives[message.life];
        let name = line.trim_end();
        if name.starts_with(&*life.name) && !name.contains(' ') {
            return self.comes(message, 0);
        }
        let said = line.split(' ').skip_while(|word| word.starts_with('@')).collect::<Vec<_>>().join(" ");
        let command = line.starts_with('/');
        let identity = life.identity;
        let made = self.case.facts.iter().find(|fact| {
            let fits = match &fact.entry.event {
                Happened::Said { text, .. } => text.as_str() == said,
                Happened::Joined { .. } | Happened::Left { .. } | Happened::Renamed { .. } => command,
                Happened::Departed { .. } => line.starts_with("/quit"),
                Happened::Arrived { .. } => false,
            };
            let then = message.arrived_us.is_some_and(|arrived_us| fact.given_us == arrived_us);
            fits && then && fact.entry.by == identity && !asked.used.contains(&(message.life, fact.entry.seq.0))
        });
        let made = made.map(|fact| (fact.entry.seq.0, fact.given_us));
        asked.used.extend(made.map(|(seq, _)| (message.life, seq)));
        let parts = if command { (String::new(), said) } else { mark_of(&said) };
        // Requests are numbered by their place in the record: a guest's have no number.
        let request = (identity, u64::MAX - asked.first.len() as u64);
        self.asks(message, request, parts, made, asked);
        asked.answered.insert(request, 0); // A guest waits for no answer.
    }

    /// Who asks again does so because no answer came.
    fn link_resends(&mut self, asked: &Asked) {
        for (request, lost) in &asked.lost {
            let Some((mark, _, _)) = asked.first.get(request) else { continue };
            let (sent_us, identity) = (self.events[*lost].at_us, request.0);
            let again = self.events.iter().position(|event| {
                let theirs = event.life.is_some_and(|life| self.evidence.lives[life].identity == identity);
                let this = matches!(&event.what, What::Asks { mark: other, .. } if other == mark);
                theirs && this && event.at_us > sent_us
            });
            if let Some(again) = again {
                self.events[again].causes.push(*lost);
            }
        }
    }

    /// What was said and never sent.
    fn add_unsent(&mut self, asked: &Asked) {
        let evidence = self.evidence;
        for said in evidence.asked.iter().filter(|said| evidence.lives[said.life].by == By::Native) {
            let identity = evidence.lives[said.life].identity;
            let sent = asked.first.iter().any(|((who, _), (mark, _, _))| *who == identity && *mark == said.mark);
            let words = self
                .plan
                .deeds
                .iter()
                .any(|deed| said.mark[1..].split('.').next() == Some(&*deed.id.to_string()) && is_said(&deed.what));
            if !sent && words {
                self.typed(&said.mark, said.at_us, said.life);
            }
        }
    }

    fn add_waits(&mut self, asked: &Asked) {
        for (request, (_, from_us, life)) in &asked.first {
            let answered = asked.answered.get(request).copied();
            let Some(Place::Lane { lane, second }) = self.place(*life) else { continue };
            let to_us = answered.unwrap_or(self.model.ended_us);
            if to_us > *from_us {
                let slot = self.slot(request.0);
                self.model.waits.push(Wait { lane, second, from_us: *from_us, to_us, slot });
            }
        }
        self.model.waits.sort_by_key(|wait| (wait.lane, wait.second, wait.from_us, wait.to_us));
        // One bar for waitings that overlap.
        self.model.waits.dedup_by(|later, first| {
            let one = (later.lane, later.second) == (first.lane, first.second) && later.from_us <= first.to_us;
            if one {
                first.to_us = first.to_us.max(later.to_us);
            }
            one
        });
    }
}

const fn is_said(what: &crate::plan::What) -> bool {
    use crate::plan::What as Deed;
    match what {
        Deed::Say { .. } | Deed::Private { .. } | Deed::Burst { .. } => true,
        Deed::Join { .. } | Deed::Leave { .. } | Deed::Nick { .. } | Deed::History { .. } | Deed::Who | Deed::Quit => {
            false
        }
    }
}

/// Whether an entry is what was asked.
fn is_of(fact: &Fact, (who, n): Request, text: &str) -> bool {
    let same = match &fact.entry.event {
        Happened::Said { text: said, .. } => said.as_str() == text,
        Happened::Joined { .. } => text.starts_with("join"),
        Happened::Left { .. } => text.starts_with("leave"),
        Happened::Renamed { .. } => text.starts_with("nick") || text.starts_with("rename"),
        Happened::Arrived { .. } | Happened::Departed { .. } => false,
    };
    same && fact.entry.by == who && fact.entry.n.0 == n
}

/// The mark that a deed's words begin with, and the rest; what has none is all mark.
fn mark_of(text: &str) -> (String, String) {
    let (mark, rest) = text.split_once(' ').unwrap_or((text, ""));
    let is_mark = mark.strip_prefix('d').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    if is_mark { (mark.to_owned(), rest.to_owned()) } else { (String::new(), text.to_owned()) }
}
