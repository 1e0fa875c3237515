//! What an IRC client was shown, read from its lines: each is told to which entry it belongs by its id, and must say what
//! that entry says. The words are made here anew, not by the code under test.

use std::collections::{BTreeMap, BTreeSet};

use causerie_core::protocol::{Audience, Brief, Event, Nick, Seq};

use super::case::{Case, Sight};
use crate::evidence::{Life, Shown};
use crate::line::Line;
use crate::world::irc::BACK;

/// Longest line without its tags, in bytes, its end not counted.
const BODY_BYTES_MAX: usize = 510;

/// What was made of a life's lines.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// The entries it was shown.
    pub(super) sights: Vec<Sight>,
    /// The pages of history it asked for, in order.
    pub(super) pages: Vec<Page>,
    /// How often each label came back.
    pub(super) labels: BTreeMap<String, u32>,
    /// What it was told of who is here.
    pub(super) presence: Vec<Presence>,
    /// When it was welcomed.
    pub(super) welcomed_us: Option<u64>,
    /// The rooms it was told that it is in still, by whoever came back, and whether that was all of them.
    pub(super) returned: (BTreeSet<String>, bool),
}

/// A page of history, as it came.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) at_us: u64,
    pub(super) target: String,
    pub(super) entries: Vec<Seq>,
    /// A line that is not what its entry says.
    pub(super) misfit: Option<String>,
    parts: Parts,
}

/// That somebody is here or not.
#[derive(Debug)]
pub(super) struct Presence {
    pub(super) at_us: u64,
    pub(super) nick: Nick,
    pub(super) here: bool,
    /// How many entries were shown before it was told.
    pub(super) sights: usize,
}

pub(super) fn read(case: &Case<'_>, life: &Life, echo: bool) -> Reading {
    let mut reader = Reader::new(case, life, echo);
    for told in &life.told {
        let Shown::Line(line) = &told.what else { continue };
        let sight = |seq, own, misfit| Sight { at_us: told.at_us, seq, own, seen: None, misfit };
        let sight = match reader.read(line, told.at_us) {
            Read::Nothing => continue,
            Read::Entry { seq, own } => sight(seq, own, None),
            Read::Misfit => sight(Seq(0), false, Some(line.clone())),
        };
        reader.reading.sights.push(sight);
    }
    reader.reading
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
    life: &'a Life,
    echo: bool,
    nick: String,
    /// All it was called on this connection.
    names: BTreeSet<String>,
    /// Batches of history that were asked for, and are no news: which page each is.
    pages: BTreeMap<String, usize>,
    parts: Parts,
    /// Whoever comes back is told first what was missed: as news, in batches too.
    coming_back: bool,
    reading: Reading,
}

/// How far the entry shown last was told.
#[derive(Debug, Default)]
struct Parts {
    seq: Seq,
    bodies: BTreeSet<String>,
    /// What is left of its text.
    rest: String,
}

impl<'a> Reader<'a> {
    fn new(case: &'a Case<'a>, life: &'a Life, echo: bool) -> Self {
        Self {
            case,
            life,
            echo,
            nick: String::new(),
            names: BTreeSet::new(),
            pages: BTreeMap::new(),
            parts: Parts::default(),
            coming_back: life.by.has_account(),
            reading: Reading::default(),
        }
    }

    fn read(&mut self, line: &str, at_us: u64) -> Read {
        let line = Line::of(line);
        if line.body.len() > BODY_BYTES_MAX {
            return Read::Misfit;
        }
        if let Some(label) = line.tag("label") {
            *self.reading.labels.entry(label.to_owned()).or_default() += 1;
        }
        if !line.by_person {
            self.hear_server(line, at_us);
            return Read::Nothing;
        }
        if let Some(page) = line.tag("batch").and_then(|batch| self.pages.get(batch)).copied() {
            self.take_of_page(page, line);
            return Read::Nothing;
        }
        let own = line.from == self.nick;
        // What one is oneself is no entry. Such an answer may come after a page of history in which one takes another name.
        if self.names.contains(line.from) && matches!(line.command, "MODE" | "SETNAME") && !line.rest.starts_with('#') {
            return Read::Nothing;
        }
        let Some((seq, part)) = line.entry() else { return self.return_told(line, own) };
        if line.command == "NICK" && own {
            self.nick = line.rest.to_owned();
            self.names.insert(self.nick.clone());
        }
        self.take(seq, part, own, line)
    }

    /// Whoever comes back is told what they are, by no entry: the rooms they are in, another name.
    fn return_told(&mut self, line: Line<'_>, own: bool) -> Read {
        match line.command {
            "JOIN" if own && self.coming_back => {
                self.reading.returned.0.insert(line.rest.to_owned());
                Read::Nothing
            }
            "NICK" if self.coming_back && line.rest == self.nick => Read::Nothing,
            _ => Read::Misfit,
        }
    }

    fn hear_server(&mut self, line: Line<'_>, at_us: u64) {
        let words: Vec<&str> = line.rest.split(' ').collect();
        match (line.command, &words[..]) {
            ("001", [nick, ..]) => {
                self.nick = (*nick).to_owned();
                self.names.insert(self.nick.clone());
                self.reading.welcomed_us = Some(at_us);
            }
            ("PONG", [_, token]) if token.strip_prefix(':') == Some(BACK) => {
                self.coming_back = false;
                self.reading.returned.1 = true;
            }
            ("BATCH", [id, "chathistory", target]) if !self.coming_back => {
                if let Some(id) = id.strip_prefix('+') {
                    self.pages.insert(id.to_owned(), self.reading.pages.len());
                    let page = Page { at_us, target: (*target).to_owned(), ..Page::default() };
                    self.reading.pages.push(page);
                }
            }
            ("730" | "731", [_, ..]) => {
                let list = line.rest.split_once(" :").map_or("", |(_, list)| list);
                for name in list.split(',') {
                    let name = name.split('!').next().unwrap_or_default();
                    let Ok(nick) = Nick::try_from(name) else { continue };
                    let (here, sights) = (line.command == "730", self.reading.sights.len());
                    self.reading.presence.push(Presence { at_us, nick, here, sights });
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
    fn fits_signs(&self, seq: Seq, part: usize, line: Line<'_>) -> bool {
        let told = line.signs();
        self.case.fact(seq).is_none_or(|fact| {
            let signs = fact.entry.tags.iter().map(|tag| format!("{}={}", tag.name(), tag.value()));
            if part == 0 { told.eq(signs) } else { told.count() == 0 }
        })
    }

    /// A line of a page that was asked for.
    fn take_of_page(&mut self, page: usize, line: Line<'_>) {
        let Some((seq, part)) = line.entry() else {
            self.reading.pages[page].misfit.get_or_insert_with(|| line.body.to_owned());
            return;
        };
        let mut parts = std::mem::take(&mut self.reading.pages[page].parts);
        std::mem::swap(&mut parts, &mut self.parts);
        let own = self.case.fact(seq).is_some_and(|fact| fact.entry.by == self.life.identity);
        let read = self.take(seq, part, own, line);
        std::mem::swap(&mut parts, &mut self.parts);
        let page = &mut self.reading.pages[page];
        page.parts = parts;
        match read {
            Read::Nothing => {}
            Read::Entry { seq, .. } => page.entries.push(seq),
            Read::Misfit => _ = page.misfit.get_or_insert_with(|| line.body.to_owned()),
        }
    }

    /// A line of an entry: the first of it, or what the one before left.
    fn take(&mut self, seq: Seq, part: usize, own: bool, line: Line<'_>) -> Read {
        if !self.fits_account(seq, line.tag("account")) || !self.fits_signs(seq, part, line) {
            return Read::Misfit;
        }
        let (body, text) = (line.body, line.rest.split_once(" :").map_or("", |(_, text)| text));
        let Some(fact) = self.case.fact(seq) else { return Read::Entry { seq, own } }; // It is judged by others.
        let entry = &fact.entry;
        // Who is told what they missed may have had another name then.
        let own = own || (self.coming_back && entry.by == self.life.identity);
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
                        let me = people.iter().find(|person| person.id == self.life.identity).filter(|_| !own);
                        let target = me.map_or(names[0], |me| me.nick.as_str()).to_owned();
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
            Event::Topic { room, topic } => {
                head("TOPIC", &format!("{room} :{}", topic.as_ref().map_or("", Brief::as_str)))
            }
            Event::Kicked { room, who, reason } => {
                let reason = reason.as_ref().map_or(who.nick.as_str(), Brief::as_str);
                head("KICK", &format!("{room} {} :{reason}", who.nick))
            }
            Event::Invited { room, who } => head("INVITE", &format!("{} {room}", who.nick)),
            Event::Changed { room, .. } => {
                let fits = body.starts_with(&format!(":{nick}!{nick}@causerie MODE {room} "));
                if fits && again && is_new {
                    return Read::Nothing; // More changes than a line takes.
                }
                fits
            }
            Event::Killed { who, reason } => {
                let reason = reason.as_ref().map_or("killed", Brief::as_str);
                head("KILL", &format!("{} :{reason}", who.nick))
            }
        };
        let says = matches!(entry.event, Event::Said { .. });
        if fits { Read::Entry { seq, own: own && (self.echo || !says) } } else { Read::Misfit }
    }
}
