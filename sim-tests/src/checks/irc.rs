//! What an IRC client was shown, read from its lines: each is told to which entry it belongs by its id, and must say what
//! that entry says. The words are made here anew, not by the code under test.

use std::collections::BTreeSet;

use causerie_core::protocol::{Audience, Event, Seq};

use super::case::{Case, Sight};
use crate::evidence::{Life, Shown};

/// Longest line without its tags, in bytes, its end not counted.
const BODY_BYTES_MAX: usize = 510;

pub(super) fn sights(case: &Case<'_>, life: &Life, echo: bool) -> Vec<Sight> {
    let mut reader = Reader { case, echo, nick: String::new(), pages: BTreeSet::new(), parts: Parts::default() };
    let mut sights: Vec<Sight> = Vec::new();
    for told in &life.told {
        let Shown::Line(line) = &told.what else { continue };
        match reader.read(line) {
            Read::Nothing => {}
            Read::Entry { seq, own } => sights.push(Sight { at_us: told.at_us, seq, own, seen: None, misfit: None }),
            Read::Misfit => {
                let misfit = Some(line.clone());
                sights.push(Sight { at_us: told.at_us, seq: Seq(0), own: false, seen: None, misfit });
            }
        }
    }
    sights
}

/// What a line is.
enum Read {
    /// About no entry, or more of the one before.
    Nothing,
    /// The first of an entry, or one too many.
    Entry { seq: Seq, own: bool },
    /// It belongs to no entry, or says something else than its entry does.
    Misfit,
}

struct Reader<'a> {
    case: &'a Case<'a>,
    echo: bool,
    nick: String,
    /// Batches of history: what was asked for, and is no news.
    pages: BTreeSet<String>,
    parts: Parts,
}

/// How far the entry shown last was told.
#[derive(Default)]
struct Parts {
    seq: Seq,
    bodies: BTreeSet<String>,
    /// What is left of its text.
    rest: String,
}

impl Reader<'_> {
    fn read(&mut self, line: &str) -> Read {
        let (tags, body) = match line.strip_prefix('@').and_then(|line| line.split_once(' ')) {
            Some((tags, body)) => (tags, body),
            None => ("", line),
        };
        let tag = |name: &str| tags.split(';').find_map(|tag| tag.strip_prefix(name)?.strip_prefix('='));
        if body.len() > BODY_BYTES_MAX {
            return Read::Misfit;
        }
        let Some((from, rest)) = body.strip_prefix(':').and_then(|body| body.split_once(' ')) else {
            return Read::Nothing;
        };
        let (command, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let Some((from, _)) = from.split_once('!') else {
            self.hear_server(command, rest);
            return Read::Nothing;
        };
        if tag("batch").is_some_and(|batch| self.pages.contains(batch)) {
            return Read::Nothing;
        }
        let own = from == self.nick;
        if own && matches!(command, "MODE" | "SETNAME") && !rest.starts_with('#') {
            return Read::Nothing; // What one is oneself is no entry.
        }
        let Some((seq, part)) = tag("msgid").and_then(numbered) else { return Read::Misfit };
        if !self.fits_account(seq, tag("account")) || !self.fits_signs(seq, part, tags) {
            return Read::Misfit;
        }
        if command == "NICK" && own {
            self.nick = rest.to_owned();
        }
        let text = rest.split_once(" :").map_or("", |(_, text)| text);
        self.take(seq, part, own, from, body, text)
    }

    fn hear_server(&mut self, command: &str, rest: &str) {
        match command {
            "001" => self.nick = rest.split(' ').next().unwrap_or_default().to_owned(),
            "BATCH" => {
                if let Some((id, kind)) = rest.strip_prefix('+').and_then(|rest| rest.split_once(' '))
                    && kind.starts_with("chathistory ")
                {
                    self.pages.insert(id.to_owned());
                }
            }
            _ => {}
        }
    }

    /// Whether this is what the author of an entry is known by. Those who want echoes asked to be told.
    fn fits_account(&self, seq: Seq, told: Option<&str>) -> bool {
        self.case.fact(seq).is_none_or(|fact| {
            let account = fact.entry.account.as_ref().map(|account| account.as_str());
            told == account.filter(|_| self.echo)
        })
    }

    /// Whether these are the tags that the author of an entry told others' programs, with the first of its lines.
    fn fits_signs(&self, seq: Seq, part: usize, tags: &str) -> bool {
        let told = tags.split(';').filter(|tag| tag.starts_with('+'));
        self.case.fact(seq).is_none_or(|fact| {
            let signs = fact.entry.tags.iter().map(|tag| format!("{}={}", tag.name(), tag.value()));
            if part == 0 { told.eq(signs) } else { told.count() == 0 }
        })
    }

    /// A line of an entry: the first of it, or what the one before left.
    fn take(&mut self, seq: Seq, part: usize, own: bool, from: &str, body: &str, text: &str) -> Read {
        let Some(fact) = self.case.fact(seq) else { return Read::Entry { seq, own } }; // It is judged by others.
        let entry = &fact.entry;
        let again = seq == self.parts.seq;
        let is_new = if again { self.parts.bodies.insert(body.to_owned()) } else { true };
        if !again {
            if !self.parts.rest.is_empty() {
                self.parts.rest.clear();
                return Read::Misfit; // The entry before was not told to its end.
            }
            self.parts = Parts { seq, bodies: BTreeSet::from([body.to_owned()]), rest: String::new() };
        }
        let nick = entry.nick.as_str();
        let head = |command: &str, rest: &str| body == format!(":{nick}!{nick}@causerie {command} {rest}");
        let fits = match &entry.event {
            Event::Said { audience, text: said, .. } => {
                let (target, whole) = match audience {
                    Audience::Room(room) => (room.to_string(), said.as_str().to_owned()),
                    Audience::Only(people) => {
                        let names: Vec<&str> = people.iter().map(|person| person.nick.as_str()).collect();
                        let target = if own { names[0].to_owned() } else { self.nick.clone() };
                        let to = if names.len() > 1 { format!("[to {}] ", names.join(", ")) } else { String::new() };
                        (target, format!("{to}{said}"))
                    }
                };
                if !again {
                    self.parts.rest = whole;
                }
                let left = self.parts.rest.strip_prefix(text).map(str::to_owned);
                let fits = left.is_some() && !text.is_empty() && (part > 0) == again;
                self.parts.rest = left.unwrap_or_default();
                let to = body.split(' ').nth(2).is_some_and(|to| to == target);
                if fits && again {
                    return Read::Nothing; // More of it.
                }
                fits && to
            }
            Event::Arrived { rooms, .. } => {
                let fits = rooms.iter().any(|room| head("JOIN", &room.to_string()));
                if fits && again && is_new {
                    return Read::Nothing; // In another room, too.
                }
                fits
            }
            Event::Joined { room } => head("JOIN", &room.to_string()),
            Event::Left { room } => head("PART", &room.to_string()),
            Event::Renamed { to, .. } => head("NICK", to.as_str()),
            Event::Departed { .. } => body.starts_with(&format!(":{nick}!{nick}@causerie QUIT :")),
            Event::Topic { .. }
            | Event::Kicked { .. }
            | Event::Invited { .. }
            | Event::Changed { .. }
            | Event::Killed { .. } => from == nick,
        };
        let says = matches!(entry.event, Event::Said { .. });
        if fits { Read::Entry { seq, own: own && (self.echo || !says) } } else { Read::Misfit }
    }
}

/// The entry that an id names, and which line of it.
fn numbered(id: &str) -> Option<(Seq, usize)> {
    let (_, number) = id.split_once('-')?;
    let (seq, part) = number.split_once('.').unwrap_or((number, "0"));
    Some((Seq(seq.parse().ok()?), part.parse().ok()?))
}
