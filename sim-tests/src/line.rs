//! A line of IRC, taken apart: spelled out here once more, so that what is shipped is not its own judge.

use causerie_core::protocol::Seq;

/// A line's parts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Line<'a> {
    tags: &'a str,
    /// All but its tags.
    pub body: &'a str,
    /// Who sent it: a nick, or the server's name.
    pub from: &'a str,
    /// It is a person's, not the server's own.
    pub by_person: bool,
    /// What it is.
    pub command: &'a str,
    /// What follows.
    pub rest: &'a str,
}

impl<'a> Line<'a> {
    /// Takes a line apart, its end not counted.
    #[must_use]
    pub fn of(line: &'a str) -> Self {
        let tagged = line.strip_prefix('@').and_then(|line| line.split_once(' '));
        let (tags, body) = tagged.unwrap_or(("", line));
        let sent = body.strip_prefix(':').and_then(|body| body.split_once(' '));
        let (from, rest) = sent.unwrap_or(("", body));
        let (command, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let (from, by_person) = from.split_once('!').map_or((from, false), |(nick, _)| (nick, true));
        Self { tags, body, from, by_person, command, rest }
    }

    /// One of its tags.
    #[must_use]
    pub fn tag(&self, name: &str) -> Option<&'a str> {
        self.tags.split(';').find_map(|tag| tag.strip_prefix(name)?.strip_prefix('='))
    }

    /// Those of its tags that its author's program gave it.
    pub fn signs(&self) -> impl Iterator<Item = &'a str> {
        self.tags.split(';').filter(|tag| tag.starts_with('+'))
    }

    /// The entry that its id names, and which line of it.
    #[must_use]
    pub fn entry(&self) -> Option<(Seq, usize)> {
        let (_, number) = self.tag("msgid")?.split_once('-')?;
        let (seq, part) = number.split_once('.').unwrap_or((number, "0"));
        Some((Seq(seq.parse().ok()?), part.parse().ok()?))
    }
}
