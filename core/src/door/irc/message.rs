//! One line from an IRC client, taken apart: tags, command, parameters.

use alloc::string::String;
use alloc::vec::Vec;

use crate::limits::TAGS_BYTES_MAX;
use crate::protocol::tags::{Tag, Tags, TooManyTags};

/// Longest line without its tags, in bytes, its end not counted.
pub(super) const BODY_BYTES_MAX: usize = 510;
/// Most bytes of a client's tags, the `@` and the space counted: so the tags in them fit into a message's.
pub(super) const TAG_SECTION_BYTES_MAX: usize = 4_096;
const _: () = assert!(TAG_SECTION_BYTES_MAX <= TAGS_BYTES_MAX, "what a line holds can be taken");

/// A line, taken apart.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Message<'a> {
    /// What the answer is to carry, if its author said so.
    pub(super) label: Option<String>,
    /// What clients say to clients.
    pub(super) tags: Tags,
    /// In capitals; empty if the line has none.
    pub(super) command: String,
    /// Without the colon before the last.
    pub(super) params: Vec<&'a str>,
}

/// A line that is not a message, as far as it can be told what it was to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Unread {
    pub(super) why: Malformed,
    pub(super) label: Option<String>,
    /// In capitals; empty if it cannot be told.
    pub(super) command: String,
}

/// Why a line is not a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Malformed {
    /// Longer than a line may be.
    TooLong,
    /// More tags than a message may have.
    TooManyTags,
    /// Not UTF-8.
    NotUtf8,
}

impl Unread {
    /// A line that was not even kept.
    pub(super) const fn unkept() -> Self {
        Self { why: Malformed::TooLong, label: None, command: String::new() }
    }

    fn of(line: &[u8], why: Malformed) -> Self {
        let meant = String::from_utf8_lossy(line);
        let (Message { label, command, .. }, _) = Message::taken_apart(&meant);
        Self { why, label, command }
    }
}

impl<'a> Message<'a> {
    /// Takes a line apart. Whatever it is, it has a command or is empty.
    pub(super) fn parse(line: &'a [u8]) -> Result<Self, Unread> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let tags_len = tags_len(line);
        if tags_len > TAG_SECTION_BYTES_MAX || line.len() - tags_len > BODY_BYTES_MAX {
            return Err(Unread::of(line, Malformed::TooLong));
        }
        let Ok(text) = core::str::from_utf8(line) else {
            return Err(Unread::of(line, Malformed::NotUtf8));
        };
        let (message, tags) = Self::taken_apart(text);
        match Tags::try_from(tags) {
            Ok(tags) => Ok(Self { tags, ..message }),
            Err(TooManyTags) => Err(Unread::of(line, Malformed::TooManyTags)),
        }
    }

    /// A line and its tags, however many they are.
    fn taken_apart(line: &'a str) -> (Self, Vec<Tag>) {
        let (section, body) = line.split_at(tags_len(line.as_bytes()));
        let label = section.strip_prefix('@').and_then(label_of);
        let tags = section.strip_prefix('@').map(tags_of).unwrap_or_default();
        let mut rest = body.trim_start_matches(' ');
        if rest.starts_with(':') {
            rest = rest.split_once(' ').map_or("", |(_, rest)| rest).trim_start_matches(' '); // Who says so is known.
        }
        let (command, mut rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let mut params = Vec::new();
        loop {
            rest = rest.trim_start_matches(' ');
            if let Some(last) = rest.strip_prefix(':') {
                params.push(last);
                break;
            }
            if rest.is_empty() {
                break;
            }
            let (param, further) = rest.split_once(' ').unwrap_or((rest, ""));
            params.push(param);
            rest = further;
        }
        (Self { label, tags: Tags::default(), command: command.to_ascii_uppercase(), params }, tags)
    }

    /// A parameter, empty if it is not there.
    pub(super) fn param(&self, index: usize) -> &'a str {
        self.params.get(index).copied().unwrap_or_default()
    }
}

/// Bytes of a line's tags, the `@` and the space counted.
fn tags_len(line: &[u8]) -> usize {
    match line.first() {
        Some(b'@') => line.iter().position(|byte| *byte == b' ').map_or(line.len(), |end| end + 1),
        Some(_) | None => 0,
    }
}

/// Longest label taken, in bytes.
const LABEL_BYTES_MAX: usize = 64;

fn label_of(tags: &str) -> Option<String> {
    let value = tags.trim_end().split(';').find_map(|tag| tag.strip_prefix("label="))?;
    let label = unescaped(value);
    (!label.is_empty() && label.len() <= LABEL_BYTES_MAX).then_some(label)
}

/// The tags that are meant for other clients, of those that are names and clean values.
fn tags_of(section: &str) -> Vec<Tag> {
    let tag = |tag: &str| {
        let (name, value) = tag.split_once('=').unwrap_or((tag, ""));
        Tag::new(name, &unescaped(value))
    };
    section.trim_end().split(';').filter_map(tag).collect()
}

/// The value of a tag, as it was meant.
pub(super) fn unescaped(value: &str) -> String {
    let mut meant = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(':') => meant.push(';'),
                Some('s') => meant.push(' '),
                Some('r') => meant.push('\r'),
                Some('n') => meant.push('\n'),
                Some(other) => meant.push(other),
                None => {}
            },
            c => meant.push(c),
        }
    }
    meant
}

/// The value of a tag, as it is written.
pub(super) fn escaped(value: &str) -> String {
    let mut written = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            ';' => written.push_str("\\:"),
            ' ' => written.push_str("\\s"),
            '\r' => written.push_str("\\r"),
            '\n' => written.push_str("\\n"),
            '\\' => written.push_str("\\\\"),
            c => written.push(c),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::vec;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_is_taken_apart_as_clients_write_it() {
        for (line, label, command, params) in [
            ("CAP LS 302\r", None, "CAP", vec!["LS", "302"]),
            ("JOIN :\r", None, "JOIN", vec![""]),
            ("user ada 0 * :Ada  Lovelace", None, "USER", vec!["ada", "0", "*", "Ada  Lovelace"]),
            ("PRIVMSG #lobby ::)", None, "PRIVMSG", vec!["#lobby", ":)"]),
            ("PRIVMSG  #lobby   hi ", None, "PRIVMSG", vec!["#lobby", "hi"]),
            (":ada!a@b PING x", None, "PING", vec!["x"]),
            ("@label=7;+typing=done TAGMSG bob", Some("7"), "TAGMSG", vec!["bob"]),
            ("@label=a\\sb\\: PING x", Some("a b;"), "PING", vec!["x"]),
            ("@label= PING x", None, "PING", vec!["x"]),
            ("@label=x", Some("x"), "", vec![]),
            (":ada", None, "", vec![]),
            ("", None, "", vec![]),
        ] {
            let message = Message::parse(line.as_bytes()).unwrap();
            assert_eq!(message.label.as_deref(), label, "{line}");
            assert_eq!((&*message.command, message.params), (command, params), "{line}");
        }
    }

    #[test]
    fn a_line_has_a_length_and_its_tags_have_another() {
        let long = |len: usize| format!("PRIVMSG #lobby :{}", "x".repeat(len - 16));
        let tagged = |tags: usize| format!("@label={} {}", "x".repeat(tags - 8), long(510));
        assert!(Message::parse(long(510).as_bytes()).is_ok());
        let unread = |line: &[u8]| Message::parse(line).err().map(|unread| unread.why);
        assert_eq!(unread(long(511).as_bytes()), Some(Malformed::TooLong));
        assert!(Message::parse(tagged(4_096).as_bytes()).is_ok());
        assert_eq!(unread(tagged(4_097).as_bytes()), Some(Malformed::TooLong));
        let many = |tags: usize| format!("@{} PING x", (0..tags).map(|i| format!("+t{i};")).collect::<String>());
        assert!(Message::parse(many(64).as_bytes()).is_ok());
        assert_eq!(unread(many(65).as_bytes()), Some(Malformed::TooManyTags));
    }

    #[test]
    fn what_clients_tell_clients_is_clean() {
        for (tags, signs) in [
            ("+typing=active", vec![("+typing", "active")]),
            ("label=1;+draft/reply=a-1;x=y;+draft/react=\\:)", vec![("+draft/reply", "a-1"), ("+draft/react", ";)")]),
            ("+;+a=\u{7};+b=\u{202e}", vec![]),
            ("+typing", vec![("+typing", "")]),
            ("typing=active;+ty ping", vec![("+ty", "")]),
            ("+ty@ping=1", vec![]),
        ] {
            let line = format!("@{tags} TAGMSG bob");
            let message = Message::parse(line.as_bytes()).unwrap();
            let read: Vec<(&str, &str)> = message.tags.iter().map(|tag| (tag.name(), tag.value())).collect();
            assert_eq!(read, signs, "{tags}");
        }
    }

    proptest! {
        #[test]
        fn a_tag_reads_back(value in "\\PC{0,12}[; \\\\\r\n]{0,3}\\PC{0,4}") {
            prop_assert_eq!(unescaped(&escaped(&value)), value);
        }
    }
}
