//! What is stored, as bytes: records, which are the truth, and the entries they came to.
//!
//! It is postcard. An entry's fields of the first rules come first, as ever; what came with later rules stands behind them,
//! and only if there is something to say. So an entry that says no more than it could under older rules has the bytes it
//! had then.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use super::{Account, Entry, Record, Tags};

/// Most of what is stored is shorter, and written without growing.
pub(super) const STORED_BYTES: usize = 256;

/// One thing that stands behind the fields of an entry. Variants are added at the end.
#[derive(Serialize, Deserialize)]
enum Behind<'a> {
    /// Its author's account.
    Account(Cow<'a, Account>),
    /// What its author's program tells others' beside it.
    Tags(Cow<'a, Tags>),
}

/// A record as it is stored.
#[must_use]
pub fn encode_record(record: &Record) -> Vec<u8> {
    postcard::to_extend(record, Vec::with_capacity(STORED_BYTES))
        .expect("a record is made of words that can be written")
}

/// A stored record. Wire checks are not run again: what was accepted once stays.
///
/// # Errors
/// [`Unreadable`] if these are not the bytes of a record.
pub fn decode_record(bytes: &[u8]) -> Result<Record, Unreadable> {
    postcard::from_bytes(bytes).map_err(Unreadable)
}

/// An entry as it is stored in history.
#[must_use]
pub fn encode_entry(entry: &Entry) -> Vec<u8> {
    let account = entry.account.iter().map(|account| Behind::Account(Cow::Borrowed(account)));
    let tags = (!entry.tags.is_empty()).then_some(Behind::Tags(Cow::Borrowed(&entry.tags)));
    let bytes = postcard::to_extend(entry, Vec::with_capacity(STORED_BYTES));
    account
        .chain(tags)
        .fold(bytes, |bytes, behind| postcard::to_extend(&behind, bytes?))
        .expect("an entry is made of words that can be written")
}

/// A stored entry.
///
/// # Errors
/// [`Unreadable`] if these are not the bytes of an entry.
pub fn decode_entry(bytes: &[u8]) -> Result<Entry, Unreadable> {
    let (mut entry, mut rest) = postcard::take_from_bytes::<Entry>(bytes).map_err(Unreadable)?;
    while !rest.is_empty() {
        let behind;
        (behind, rest) = postcard::take_from_bytes(rest).map_err(Unreadable)?;
        match behind {
            Behind::Account(account) => entry.account = Some(account.into_owned()),
            Behind::Tags(tags) => entry.tags = tags.into_owned(),
        }
    }
    Ok(entry)
}

/// Stored bytes that are not what they should be.
#[derive(Debug)]
pub struct Unreadable(postcard::Error);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stored bytes cannot be read: {}", self.0)
    }
}

impl core::error::Error for Unreadable {}

impl Unreadable {
    pub(crate) const fn from_postcard(error: postcard::Error) -> Self {
        Self(error)
    }
}
