//! What programs tell programs beside the words: that this answers that, or is a sign of joy. Doors that have no place for
//! it leave it out.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use super::words::may_be_said_back;
use crate::limits::{TAGS_BYTES_MAX, TAGS_MAX};

/// One tag: `+draft/reply` and what it says, if anything.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Tag {
    name: Box<str>,
    value: Box<str>,
}

/// The tags of one message, in the order they were given: at most [`TAGS_MAX`], of [`TAGS_BYTES_MAX`] bytes.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug, Serialize, Deserialize)]
pub struct Tags(Vec<Tag>);

/// More tags than a message may have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooManyTags;

impl core::error::Error for TooManyTags {}

impl fmt::Display for TooManyTags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a message has at most {TAGS_MAX} tags of {TAGS_BYTES_MAX} bytes")
    }
}

impl Tag {
    /// A tag, if its name is one and its value is clean. A name begins with `+`: no server means anything by it.
    #[must_use]
    pub fn new(name: &str, value: &str) -> Option<Self> {
        let rest = name.strip_prefix('+').filter(|rest| !rest.is_empty())?;
        let is_name = rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-./".contains(&byte));
        (is_name && value.chars().all(may_be_said_back)).then(|| Self { name: name.into(), value: value.into() })
    }

    /// Its name, with the `+`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it says; empty if that it is there says all.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }
}

impl Tags {
    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Tag> {
        self.0.iter()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Bytes of all names and values.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.0.iter().map(|tag| tag.name.len() + tag.value.len()).sum()
    }
}

impl TryFrom<Vec<Tag>> for Tags {
    type Error = TooManyTags;

    fn try_from(tags: Vec<Tag>) -> Result<Self, TooManyTags> {
        let tags = Self(tags);
        if tags.0.len() > TAGS_MAX || tags.bytes() > TAGS_BYTES_MAX { Err(TooManyTags) } else { Ok(tags) }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn tags_have_names_clean_values_and_a_limit() {
        assert!(Tag::new("+draft/react", "👍 yes").is_some());
        for (name, value) in [("typing", ""), ("+", ""), ("+a b", ""), ("+a", "\u{1b}[2J"), ("+a", "\u{202e}")] {
            assert_eq!(Tag::new(name, value), None, "{name}={value}");
        }
        let tag = |len: usize| Tag::new("+a", &"x".repeat(len)).unwrap();
        assert!(Tags::try_from(vec![tag(0); TAGS_MAX]).is_ok());
        assert_eq!(Tags::try_from(vec![tag(0); TAGS_MAX + 1]), Err(TooManyTags));
        assert!(Tags::try_from(vec![tag(TAGS_BYTES_MAX - 2)]).is_ok());
        assert_eq!(Tags::try_from(vec![tag(TAGS_BYTES_MAX - 1)]), Err(TooManyTags));
    }
}
