//! What keeps a room in order: topics, roles, modes, bans; and the words these are made of.

use alloc::boxed::Box;
use core::fmt;

use serde::{Deserialize, Serialize};

use super::words::{is_clean, mask_key};
use super::{Fault, Nick, Unclean, Word};
use crate::limits::{BRIEF_BYTES_MAX, KEY_BYTES_MAX, MASK_BYTES_MAX};
use crate::time::WallTime;

/// A short text, clean like any other: a topic, or the reason for something.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Brief(Box<str>);

/// What has to be said to enter a room: visible characters without a comma. No secret from the room's members.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RoomKey(Box<str>);

/// Whom a ban or a mute is about: a nick in which `*` stands for anything, `bob*`, compared as nicks are. Written as IRC
/// does it, `bob*!*@*` is the same; one that asks for a user or host name is kept as written and fits nobody, because
/// neither means anything here.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Mask {
    /// What nick keys are compared with; none, if it fits nobody.
    key: Option<Box<str>>,
    shown: Box<str>,
}

/// A password on its way to whoever judges it. It is in no intent, no reply and no trace.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(Box<str>);

/// What somebody is in a room beyond a member.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Role {
    /// Keeps it in order.
    Operator,
    /// Is heard where not everybody is.
    Voice,
}

/// What can be on or off in a room. That nobody speaks into it from outside always holds, and is none of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Flag {
    /// Only who was invited may enter.
    InviteOnly,
    /// Only operators and those with a voice speak.
    Moderated,
    /// Those outside are not told that it is there.
    Secret,
    /// Only operators change the topic.
    TopicLocked,
}

/// One change of how a room is kept, as it is asked for and as it came about.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Change {
    /// Turns something on or off.
    Flag {
        /// What.
        flag: Flag,
        /// On.
        on: bool,
    },
    /// Entering takes this key, or none.
    Key(Option<RoomKey>),
    /// It has at most so many members, or any number.
    Limit(Option<u32>),
    /// A member is given a role, or loses it.
    Role {
        /// Which.
        role: Role,
        /// Who.
        nick: Nick,
        /// Given.
        on: bool,
    },
    /// Who fits can neither enter nor speak, or can again.
    Ban {
        /// Whom.
        mask: Mask,
        /// They cannot.
        on: bool,
    },
    /// Who fits can be there and not speak, or can again.
    Mute {
        /// Whom.
        mask: Mask,
        /// They cannot.
        on: bool,
    },
}

/// Who laid something down, and when.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct SetBy {
    /// What they were called then.
    pub nick: Nick,
    /// When.
    pub at: WallTime,
}

/// A room's topic.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Topic {
    /// What it says.
    pub text: Brief,
    /// Whose it is.
    pub set: SetBy,
}

/// A ban or a mute.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Masked {
    /// Whom it is about.
    pub mask: Mask,
    /// Whose it is.
    pub set: SetBy,
}

impl Flag {
    /// All there are, by their letter.
    pub const ALL: [Self; 4] = [Self::InviteOnly, Self::Moderated, Self::Secret, Self::TopicLocked];

    /// The letter that IRC has for it, and `/mode` too.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::InviteOnly => 'i',
            Self::Moderated => 'm',
            Self::Secret => 's',
            Self::TopicLocked => 't',
        }
    }

    /// What a letter stands for.
    #[must_use]
    pub fn of_letter(letter: char) -> Option<Self> {
        Self::ALL.into_iter().find(|flag| flag.letter() == letter)
    }
}

impl Change {
    /// Whether two are the same, whichever way a nick is written.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Role { role, nick, on }, Self::Role { role: also, nick: who, on: given }) => {
                role == also && on == given && nick.key() == who.key()
            }
            (one, other) => one == other,
        }
    }
}

impl Role {
    /// How somebody who has it is marked in lists: `@ada`.
    #[must_use]
    pub const fn mark(self) -> char {
        match self {
            Self::Operator => '@',
            Self::Voice => '+',
        }
    }
}

impl Brief {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As much of a text as fits; none, if nothing is left of it.
    #[must_use]
    pub fn shortened(text: &str) -> Option<Self> {
        let mut end = text.len().min(BRIEF_BYTES_MAX);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        Self::try_from(&text[..end]).ok()
    }
}

impl RoomKey {
    /// The key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Mask {
    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.shown
    }

    /// A mask that fits this nick and what looks like it, nothing else.
    #[must_use]
    pub fn of(nick: &Nick) -> Self {
        Self { key: Some(nick.key().into()), shown: nick.as_str().into() }
    }

    /// Whether somebody called that is meant.
    #[must_use]
    pub fn fits(&self, nick: &Nick) -> bool {
        self.key.as_deref().is_some_and(|key| is_like(key, nick.key()))
    }

    /// Whether two mean the same people, however they are written.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        match (&self.key, &other.key) {
            (Some(one), Some(two)) => one == two,
            (None, None) => self.shown == other.shown,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }
}

/// Whether `*` in a pattern can stand for so much that it is the text.
pub(crate) fn is_like(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

impl Secret {
    /// A password as it was given.
    #[must_use]
    pub fn new(password: &str) -> Self {
        Self(password.into())
    }

    /// The password, for whoever sends it on.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether it is this one. Takes as long wherever they differ.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        let (one, two) = (super::ids::sha256(&[self.0.as_bytes()]), super::ids::sha256(&[other.0.as_bytes()]));
        one.iter().zip(two).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
    }
}

impl TryFrom<&str> for Brief {
    type Error = Unclean;

    fn try_from(text: &str) -> Result<Self, Unclean> {
        let text = text.trim();
        check(text, Word::Brief, BRIEF_BYTES_MAX, is_clean)?;
        Ok(Self(text.into()))
    }
}

impl TryFrom<&str> for RoomKey {
    type Error = Unclean;

    fn try_from(key: &str) -> Result<Self, Unclean> {
        check(key, Word::Key, KEY_BYTES_MAX, |c| is_clean(c) && !c.is_whitespace() && c != ',')?;
        Ok(Self(key.into()))
    }
}

impl TryFrom<&str> for Mask {
    type Error = Unclean;

    fn try_from(mask: &str) -> Result<Self, Unclean> {
        check(mask, Word::Mask, MASK_BYTES_MAX, |c| is_clean(c) && !c.is_whitespace() && c != ',')?;
        let (nick, rest) = match mask.find(['!', '@']) {
            Some(at) => mask.split_at(at),
            None => (mask, ""),
        };
        let anybody = rest.chars().all(|c| matches!(c, '!' | '@' | '*'));
        let nick = if nick.is_empty() { "*" } else { nick };
        if anybody && let Some(bad) = nick.chars().find(|c| !(*c == '*' || super::words::may_stand_in_nick(*c))) {
            return Err(Unclean { word: Word::Mask, fault: Fault::Character(bad) });
        }
        Ok(Self { key: anybody.then(|| mask_key(nick).into()), shown: mask.into() })
    }
}

fn check(text: &str, word: Word, bytes_max: usize, may_stand: impl Fn(char) -> bool) -> Result<(), Unclean> {
    if let Some(bad) = text.chars().find(|c| !may_stand(*c)) {
        return Err(Unclean { word, fault: Fault::Character(bad) });
    }
    if text.len() > bytes_max {
        return Err(Unclean { word, fault: Fault::TooLong { max: u32::try_from(bytes_max).unwrap_or(u32::MAX) } });
    }
    if text.is_empty() {
        return Err(Unclean { word, fault: Fault::Empty });
    }
    Ok(())
}

impl fmt::Display for Brief {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for RoomKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Brief {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Debug for RoomKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_fits_who_looks_like_it() {
        let fits = |mask: &str, nick: &str| Mask::try_from(mask).unwrap().fits(&Nick::try_from(nick).unwrap());
        for (mask, nick) in [
            ("bob", "B0b"),
            ("b*", "bob"),
            ("*b", "bob"),
            ("*", "bob"),
            ("b*b*", "bob"),
            ("bob!*@*", "bob"),
            ("m*", "Mia"),
        ] {
            assert!(fits(mask, nick), "{mask} and {nick}");
        }
        for (mask, nick) in
            [("bob", "bobby"), ("b*x", "bob"), ("*!*@10.0.0.1", "bob"), ("bob!root@*", "bob"), ("bo*ob", "bob")]
        {
            assert!(!fits(mask, nick), "{mask} and {nick}");
        }
        assert!(Mask::try_from("a?c").is_err(), "what could not be meant is refused, not kept");
        assert!(Mask::try_from("Bob").unwrap().is(&Mask::try_from("b0b!*@*").unwrap()));
    }

    #[test]
    fn a_key_is_one_word_and_a_topic_one_clean_line() {
        assert!(RoomKey::try_from("a,b").is_err());
        assert!(RoomKey::try_from("a b").is_err());
        assert!(Brief::try_from("a\u{1b}[2J").is_err());
        assert!(Brief::try_from("  ").is_err());
        assert_eq!(Brief::try_from(" friday, 14:00 ").unwrap().as_str(), "friday, 14:00");
        assert_eq!(Brief::shortened(&"ж".repeat(400)).unwrap().as_str().len(), 390);
    }

    #[test]
    fn a_password_is_not_printed() {
        assert_eq!(alloc::format!("{:?}", Secret::new("hunter2")), "(secret)");
        assert!(Secret::new("a").is(&Secret::new("a")) && !Secret::new("a").is(&Secret::new("b")));
    }
}
