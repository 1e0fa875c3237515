//! Checked strings: check once, where bytes become words; afterwards the type is the proof.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use core::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::limits::{NAME_BYTES_MAX, NICK_CHARS_MAX, ROOM_CHARS_MAX, TEXT_BYTES_MAX};

/// What somebody says: one line, not empty, at most [`TEXT_BYTES_MAX`] bytes, without control, escape and
/// bidi-override characters.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Text(Box<str>);

/// The name of a room, without its `#`, in lower case and Unicode's NFKC form: what people type differently and mean
/// alike is one room.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Room(Box<str>);

/// A nickname as its owner writes it, with the key it is compared by.
///
/// Two nicks are the same if their keys are. A key is the Unicode confusables skeleton (UTS 39) of the lower-cased NFKC
/// form, lower-cased again: `Ada`, `ADA` and `аdа` with Cyrillic letters are one nick, and so are `paul` and `pau1`.
/// The key is computed once, before the log, and stored in the intent.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Nick {
    shown: Box<str>,
    key: Box<str>,
}

/// Which word was not acceptable.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Word {
    /// A nickname.
    Nick,
    /// A room's name.
    Room,
    /// What was to be said.
    Text,
    /// A topic or a reason.
    Brief,
    /// The key of a room.
    Key,
    /// Whom a ban or a mute is about.
    Mask,
}

/// Why a word was not acceptable.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Fault {
    /// Nothing there, or white space only.
    Empty,
    /// Longer than so many characters (names) or bytes (text).
    TooLong {
        /// The greatest length.
        max: u32,
    },
    /// This character may not stand there.
    Character(char),
    /// A nick needs a letter or a digit, and does not begin with `-`.
    NoLetter,
}

/// A word that cannot be taken, and why. Displayed as a sentence for the person who wrote it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Unclean {
    /// Which word.
    pub word: Word,
    /// What is wrong with it.
    pub fault: Fault,
}

impl Text {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<&str> for Text {
    type Error = Unclean;

    fn try_from(text: &str) -> Result<Self, Unclean> {
        let unclean = |fault| Unclean { word: Word::Text, fault };
        let plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if !plain && let Some(bad) = text.chars().find(|&c| !is_clean(c)) {
            return Err(unclean(Fault::Character(bad)));
        }
        if text.len() > TEXT_BYTES_MAX {
            return Err(unclean(Fault::TooLong { max: limit(TEXT_BYTES_MAX) }));
        }
        let text = text.trim_end();
        if text.trim_start().is_empty() {
            return Err(unclean(Fault::Empty));
        }
        Ok(Self(text.into()))
    }
}

impl Room {
    /// The room everybody arrives in.
    pub const LOBBY: &'static str = "lobby";

    /// The room everybody arrives in.
    #[must_use]
    pub fn lobby() -> Self {
        Self(Self::LOBBY.into())
    }

    /// The name, without `#`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the room everybody arrives in.
    #[must_use]
    pub fn is_lobby(&self) -> bool {
        &*self.0 == Self::LOBBY
    }
}

impl TryFrom<&str> for Room {
    type Error = Unclean;

    fn try_from(name: &str) -> Result<Self, Unclean> {
        let unclean = |fault| Unclean { word: Word::Room, fault };
        let name = name.strip_prefix('#').unwrap_or(name);
        check_length(name, Word::Room, ROOM_CHARS_MAX)?;
        let name: String = if name.is_ascii() {
            name.to_ascii_lowercase()
        } else {
            name.nfkc().flat_map(char::to_lowercase).nfc().collect()
        };
        if let Some(bad) = name.chars().find(|&c| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))) {
            return Err(unclean(Fault::Character(bad)));
        }
        check_length(&name, Word::Room, ROOM_CHARS_MAX)?;
        Ok(Self(name.into()))
    }
}

impl Nick {
    /// The nick as its owner writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.shown
    }

    /// What nicks are compared by.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// This nick with a number appended, shortened so that it fits: what somebody is called whose nick was taken.
    #[must_use]
    pub(crate) fn numbered(&self, number: u32) -> Self {
        let suffix = number.to_string();
        let mut shown = String::new();
        for c in self.shown.chars().take(NICK_CHARS_MAX - suffix.len()) {
            if shown.len() + c.len_utf8() + suffix.len() > NAME_BYTES_MAX {
                break;
            }
            shown.push(c);
        }
        shown.push_str(&suffix);
        let key = nick_key(&shown).into();
        Self { shown: shown.into(), key }
    }
}

impl TryFrom<&str> for Nick {
    type Error = Unclean;

    fn try_from(nick: &str) -> Result<Self, Unclean> {
        let unclean = |fault| Unclean { word: Word::Nick, fault };
        check_length(nick, Word::Nick, NICK_CHARS_MAX)?;
        let shown: String = if nick.is_ascii() { nick.into() } else { nick.nfc().collect() };
        check_length(&shown, Word::Nick, NICK_CHARS_MAX)?;
        if let Some(bad) = shown.chars().find(|&c| !may_stand_in_nick(c)) {
            return Err(unclean(Fault::Character(bad)));
        }
        if shown.starts_with('-') || !shown.contains(char::is_alphanumeric) {
            return Err(unclean(Fault::NoLetter));
        }
        let key = nick_key(&shown).into();
        Ok(Self { shown: shown.into(), key })
    }
}

/// Whether a character may stand in a nick.
pub(super) fn may_stand_in_nick(c: char) -> bool {
    c.is_alphanumeric() || "-_[]{}|^`\\".contains(c)
}

/// The keys of the parts of a nick between `*`.
pub(super) fn mask_key(mask: &str) -> String {
    let mut key = String::new();
    for (i, part) in mask.split('*').enumerate() {
        if i > 0 && !key.ends_with('*') {
            key.push('*');
        }
        key.push_str(&nick_key(part));
    }
    key
}

/// The key of what may stand in a nick.
fn nick_key(shown: &str) -> String {
    if shown.is_ascii() { ascii_nick_key(shown) } else { unicode_nick_key(shown) }
}

/// The same for ASCII, which is its own normal form, and few of which look alike.
fn ascii_nick_key(shown: &str) -> String {
    let mut key = String::with_capacity(2 * shown.len());
    for c in shown.chars() {
        match c.to_ascii_lowercase() {
            '0' => key.push('o'),
            '1' | '|' => key.push('l'),
            '`' => key.push('\''),
            'm' => key.push_str("rn"),
            c => key.push(c),
        }
    }
    key
}

fn unicode_nick_key(shown: &str) -> String {
    let folded: String = shown.nfkc().flat_map(char::to_lowercase).collect();
    unicode_security::skeleton(&folded).flat_map(char::to_lowercase).nfc().collect()
}

fn check_length(name: &str, word: Word, chars_max: usize) -> Result<(), Unclean> {
    if name.is_empty() {
        return Err(Unclean { word, fault: Fault::Empty });
    }
    if name.len() > NAME_BYTES_MAX || name.chars().count() > chars_max {
        return Err(Unclean { word, fault: Fault::TooLong { max: limit(chars_max) } });
    }
    Ok(())
}

fn limit(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// Whether a character may stand where a program said it and not a person: it is clean, and turns no text around.
pub(crate) fn may_be_said_back(c: char) -> bool {
    is_clean(c) && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}')
}

/// Whether a character may reach a face: no control or escape character (line breaks and tabs among them), no line or
/// paragraph separator, no bidi embedding, override or isolate, no character that is none.
#[must_use]
pub fn is_clean(c: char) -> bool {
    let bidi = !planted!("bidi_let_through") && matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let separator = matches!(c, '\u{2028}' | '\u{2029}');
    let none = matches!(c, '\u{fdd0}'..='\u{fdef}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
        || (u32::from(c) & 0xfffe) == 0xfffe;
    !((c.is_control() && !planted!("escapes_let_through")) || bidi || separator || none)
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

impl fmt::Display for Nick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Nick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl core::error::Error for Unclean {}

impl fmt::Display for Unclean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, unit) = match self.word {
            Word::Nick => ("a name", "characters"),
            Word::Room => ("a room's name", "characters"),
            Word::Text => ("a message", "bytes"),
            Word::Brief => ("a topic or a reason", "bytes"),
            Word::Key => ("a room's key", "bytes"),
            Word::Mask => ("a mask", "bytes"),
        };
        match (&self.fault, self.word) {
            (Fault::Empty, Word::Text) => write!(f, "an empty message is not sent"),
            (Fault::Empty, Word::Nick | Word::Room | Word::Brief | Word::Key | Word::Mask) => {
                write!(f, "{name} cannot be empty")
            }
            (Fault::TooLong { max }, _) => write!(f, "{name} has at most {max} {unit}; shorten it"),
            (Fault::Character(c), Word::Text | Word::Brief) => {
                write!(f, "{name} cannot hold the control character U+{:04X}; take it out", u32::from(*c))
            }
            (Fault::Character(c), Word::Nick) => {
                write!(f, "{name} cannot hold {}; use letters, digits and - _ [ ] {{ }} | ^ ` \\", Quoted(*c))
            }
            (Fault::Character(c), Word::Room) => {
                write!(f, "{name} cannot hold {}; use letters, digits and - _ .", Quoted(*c))
            }
            (Fault::Character(c), Word::Key) => {
                write!(f, "{name} cannot hold {}; use one word without a comma", Quoted(*c))
            }
            (Fault::Character(c), Word::Mask) => {
                write!(f, "{name} cannot hold {}; use a name, with * for anything", Quoted(*c))
            }
            (Fault::NoLetter, _) => write!(f, "{name} needs a letter or a digit and cannot begin with -"),
        }
    }
}

/// A character as one may print it: itself if that is harmless, else its number.
struct Quoted(char);

impl fmt::Display for Quoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            ' ' => f.write_str("a space"),
            c if c.is_ascii_graphic() || c.is_alphanumeric() => write!(f, "\"{c}\""),
            c => write!(f, "U+{:04X}", u32::from(c)),
        }
    }
}

/// Text as somebody types it at a keyboard: a tab becomes a space.
#[must_use]
pub fn untabbed(line: &str) -> alloc::borrow::Cow<'_, str> {
    if line.contains('\t') { line.replace('\t', " ").into() } else { alloc::borrow::Cow::Borrowed(line) }
}

/// The first of `line`'s words and what follows it, white space taken off both.
#[must_use]
pub fn first_word(line: &str) -> (&str, &str) {
    let line = line.trim_start();
    let end = line.find(char::is_whitespace).unwrap_or(line.len());
    (&line[..end], line[end..].trim())
}

/// Owned names, for messages that list some.
#[must_use]
pub fn listed<'a>(names: impl IntoIterator<Item = &'a Nick>) -> String {
    let mut list = String::new();
    for name in names {
        if !list.is_empty() {
            list.push_str(", ");
        }
        list.push_str(name.as_str());
    }
    list
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ascii_is_read_as_unicode_reads_it(name in "[-A-Za-z0-9_\\[\\]{}|^`\\\\]{0,24}", line in "[\\x00-\\x7f]{0,12}") {
            prop_assert_eq!(ascii_nick_key(&name), unicode_nick_key(&name));
            let lower: String = line.nfkc().flat_map(char::to_lowercase).nfc().collect();
            prop_assert_eq!(line.to_ascii_lowercase(), lower);
            prop_assert_eq!(line.bytes().all(|byte| matches!(byte, b' '..=b'~')), line.chars().all(is_clean));
        }
    }

    #[test]
    fn every_character_of_ascii_has_the_key_that_unicode_gives_it() {
        for c in (0..128).map(char::from).filter(|c| Nick::try_from(format!("a{c}").as_str()).is_ok()) {
            let name = format!("{c}");
            assert_eq!(ascii_nick_key(&name), unicode_nick_key(&name), "{c}");
        }
    }

    fn nick(name: &str) -> Nick {
        Nick::try_from(name).unwrap()
    }

    #[test]
    fn nicks_that_look_alike_are_one() {
        for (one, other) in [("Ada", "aDA"), ("ada", "\u{430}d\u{430}"), ("paul", "pau1"), ("Zo\u{eb}", "zoe\u{308}")] {
            assert_eq!(nick(one).key(), nick(other).key(), "{one} and {other}");
        }
        assert_ne!(nick("ada").key(), nick("adam").key());
        assert_eq!(nick("Ada").as_str(), "Ada");
    }

    #[test]
    fn rooms_have_one_spelling() {
        assert_eq!(Room::try_from("#Bench4").unwrap().as_str(), "bench4");
        assert!(Room::try_from("a b").is_err());
        assert!(Room::try_from("#").is_err());
    }

    #[test]
    fn control_escape_and_bidi_characters_are_refused_in_every_word() {
        for bad in ['\u{0}', '\u{1b}', '\u{7f}', '\u{9b}', '\u{202e}', '\u{2066}', '\u{2028}', '\n', '\t', '\u{feff}'] {
            let line = format!("a{bad}b");
            assert!(Text::try_from(line.as_str()).is_err(), "{bad:?} in a text");
            assert!(Nick::try_from(line.as_str()).is_err(), "{bad:?} in a nick");
            assert!(Room::try_from(line.as_str()).is_err(), "{bad:?} in a room");
        }
        assert!(Text::try_from("日本語 👩\u{200d}🔬 \u{200f}").is_ok());
    }

    #[test]
    fn a_numbered_nick_is_still_a_nick() {
        let long = "ж".repeat(24);
        for name in ["bob", "a2345678901234567890123x", long.as_str()] {
            let second = nick(name).numbered(12);
            assert_eq!(Nick::try_from(second.as_str()), Ok(second.clone()), "{name}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_word_is_said_with_what_to_do() {
        let said = |error: Unclean| error.to_string();
        assert_eq!(
            said(Text::try_from("a\u{1b}[2J").unwrap_err()),
            "a message cannot hold the control character U+001B; take it out"
        );
        assert_eq!(
            said(Nick::try_from("a b").unwrap_err()),
            "a name cannot hold a space; use letters, digits and - _ [ ] { } | ^ ` \\"
        );
        assert_eq!(said(Nick::try_from("--").unwrap_err()), "a name needs a letter or a digit and cannot begin with -");
        assert_eq!(
            said(Text::try_from(&*"x".repeat(5_000)).unwrap_err()),
            "a message has at most 4096 bytes; shorten it"
        );
    }
}
