//! Lines to an IRC client: tags, body, and how long they may be.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Display;

use super::caps::Caps;
use super::message::{BODY_BYTES_MAX, escaped};
use crate::protocol::{Account, Tags};

/// What the server calls itself: with a dot, so that it can be nobody's nick.
pub(super) const SERVER: &str = "irc.causerie";
/// Where everybody is: addresses are nobody's business.
pub(super) const HOST: &str = "causerie";

/// One line, without its end.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub(super) struct Line {
    /// Name and value.
    pub(super) tags: Vec<(Cow<'static, str>, String)>,
    pub(super) body: String,
}

impl Line {
    pub(super) const fn new(body: String) -> Self {
        Self { tags: Vec::new(), body }
    }

    /// Something the server itself says: `:irc.causerie NOTE …`.
    pub(super) fn from_server(rest: impl Display) -> Self {
        Self::new(format!(":{SERVER} {rest}"))
    }

    /// An answer with a number, to `nick`.
    pub(super) fn numeric(number: u16, nick: &str, rest: impl Display) -> Self {
        Self::from_server(format_args!("{number:03} {nick} {rest}"))
    }

    pub(super) fn tagged(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.tags.push((name.into(), value.into()));
        self
    }

    /// What whoever says so is known by, for a client that wants to be told.
    pub(super) fn by(self, account: Option<&Account>, caps: Caps) -> Self {
        match account.filter(|_| caps.has(Caps::ACCOUNT_TAG)) {
            Some(account) => self.tagged("account", account.as_str()),
            None => self,
        }
    }

    /// What clients tell clients.
    pub(super) fn with(self, tags: &Tags) -> Self {
        tags.iter().fold(self, |line, tag| line.tagged(String::from(tag.name()), tag.value()))
    }

    /// Adds the line as it is sent, no longer than it may be.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        for (i, (name, value)) in self.tags.iter().enumerate() {
            out.push(if i == 0 { b'@' } else { b';' });
            out.extend_from_slice(name.as_bytes());
            if !value.is_empty() {
                out.push(b'=');
                out.extend_from_slice(escaped(value).as_bytes());
            }
        }
        if !self.tags.is_empty() {
            out.push(b' ');
        }
        out.extend_from_slice(clipped(&self.body, BODY_BYTES_MAX).as_bytes());
        out.extend_from_slice(b"\r\n");
    }
}

/// `ada!ada@causerie`.
pub(super) fn mask(nick: &str) -> String {
    format!("{nick}!{nick}@{HOST}")
}

/// The first bytes of a text, up to `max` of them, in whole characters.
pub(super) fn clipped(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

/// A text in pieces of at most `max` bytes: after a space if there is one in the second half, in whole characters
/// anyway. All pieces together are the text.
pub(super) fn pieces(mut text: &str, max: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    while text.len() > max {
        let first = clipped(text, max);
        let end = first.rfind(' ').map(|space| space + 1).filter(|end| *end > max / 2).unwrap_or(first.len());
        let (piece, rest) = text.split_at(end);
        pieces.push(piece);
        text = rest;
    }
    pieces.push(text);
    pieces
}

/// Words in as many lines as they need: `head` begins each, and no line is longer than it may be.
pub(super) fn listed(number: u16, nick: &str, head: &str, words: impl IntoIterator<Item = String>) -> Vec<Line> {
    joined(number, nick, head, ' ', words)
}

/// As [`listed`], with something else than a space between the words.
pub(super) fn joined(
    number: u16,
    nick: &str,
    head: &str,
    between: char,
    words: impl IntoIterator<Item = String>,
) -> Vec<Line> {
    let begin = || format!(":{SERVER} {number:03} {nick} {head}");
    let mut lines = Vec::new();
    let (mut body, mut is_empty) = (begin(), true);
    for word in words {
        if !is_empty && body.len() + 1 + word.len() > BODY_BYTES_MAX {
            lines.push(Line::new(core::mem::replace(&mut body, begin())));
            is_empty = true;
        }
        if !is_empty {
            body.push(between);
        }
        body.push_str(&word);
        is_empty = false;
    }
    if !is_empty {
        lines.push(Line::new(body));
    }
    lines
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_is_written_with_its_tags() {
        let mut out = Vec::new();
        Line::numeric(1, "ada", ":hi").tagged("label", "a b").tagged("batch", "1").write(&mut out);
        assert_eq!(String::from_utf8(out).unwrap(), "@label=a\\sb;batch=1 :irc.causerie 001 ada :hi\r\n");
    }

    #[test]
    fn a_long_list_takes_several_lines() {
        let names = (0..200).map(|i| format!("somebody{i}"));
        let lines = listed(353, "ada", "= #lobby :", names);
        assert_eq!(lines.len(), 5);
        assert!(lines.iter().all(|line| line.body.len() <= BODY_BYTES_MAX));
        assert!(lines[1].body.starts_with(":irc.causerie 353 ada = #lobby :somebody"));
    }

    proptest! {
        #[test]
        fn pieces_are_short_whole_and_all_there(text in "(\\PC{0,9} ?){0,40}", max in 8usize..40) {
            let parts = pieces(&text, max);
            prop_assert_eq!(parts.concat(), text.to_string());
            prop_assert!(parts.iter().all(|part| part.len() <= max));
            prop_assert!(parts.len() == 1 || parts.iter().all(|part| !part.is_empty()));
        }
    }
}
