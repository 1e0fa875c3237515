//! Who, which and where: numbers and digests.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The number of an entry: dense, from 1; 0 stands before everything.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seq(pub u64);

/// The number of a client's request: consecutive, from 1; 0 stands for none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(pub u64);

/// A record's place in the log, from 0. The log's own; people never see it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Position(pub u64);

/// One server of those that write to a log.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeId(pub u16);

/// One attachment of a client to a server: ordered within that server, never used twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize)]
pub struct Session {
    /// Which server.
    pub node: NodeId,
    /// Its how manieth start.
    pub epoch: u32,
    /// The how manieth session of that start.
    pub count: u32,
}

/// The secret random number that makes a client itself. It is in no entry, no reply and no log line.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key([u8; 16]);

/// Who somebody is: a digest of their key. Identity is this, never the nick.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ClientId([u8; 16]);

/// Which log this is: drawn when it was made.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LogId([u8; 16]);

/// A digest of the fold's whole state.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StateHash(pub [u8; 32]);

impl Seq {
    /// The one after it.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl RequestId {
    /// The one after it.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl Key {
    /// A key made of 128 random bits.
    #[must_use]
    pub const fn new(entropy: [u8; 16]) -> Self {
        Self(entropy)
    }

    /// Who holds it.
    #[must_use]
    pub fn client(&self) -> ClientId {
        ClientId(first_16(sha256(&[b"causerie client", &self.0])))
    }

    /// The key that a name and a password make: for doors whose peers hold no key. It is as secret as the password.
    #[must_use]
    pub fn of_account(name: &str, password: &[u8]) -> Self {
        Self(first_16(sha256(&[b"causerie account", name.as_bytes(), password])))
    }

    /// The key of whoever was forgotten under this one: as secret, and somebody else.
    #[must_use]
    pub fn successor(&self) -> Self {
        Self(first_16(sha256(&[b"causerie successor", &self.0])))
    }
}

impl LogId {
    /// An id made of 128 random bits.
    #[must_use]
    pub const fn new(entropy: [u8; 16]) -> Self {
        Self(entropy)
    }
}

/// SHA-256 over the parts, each preceded by its length.
pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

fn first_16(digest: [u8; 32]) -> [u8; 16] {
    digest[..16].try_into().expect("a digest has 32 bytes")
}

/// These are not 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotHex;

impl fmt::Display for NotHex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected 32 hexadecimal digits")
    }
}

impl core::error::Error for NotHex {}

fn from_hex(text: &str) -> Result<[u8; 16], NotHex> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok()).ok_or(NotHex);
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != 16 || !rest.is_empty() {
        return Err(NotHex);
    }
    let mut bytes = [0; 16];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Ok(bytes)
}

fn write_hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

macro_rules! hex {
    ($($name:ident),*) => {$(
        impl FromStr for $name {
            type Err = NotHex;

            fn from_str(text: &str) -> Result<Self, NotHex> {
                from_hex(text).map(Self)
            }
        }
    )*};
}
hex!(Key, LogId);

macro_rules! hex_display {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(&self.0, f)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(&self.0[..4], f)
            }
        }
    )*};
}
hex_display!(ClientId, LogId, StateHash);

impl Key {
    /// The key in hexadecimal, for the client's own state and its hello: nobody else's business.
    #[must_use]
    pub fn reveal(&self) -> impl fmt::Display {
        Revealed(self.0)
    }
}

struct Revealed([u8; 16]);

impl fmt::Display for Revealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(secret)")
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

impl fmt::Debug for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "n{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn a_key_is_never_shown_by_accident_and_reads_back_when_revealed() {
        let key = Key::new([7; 16]);
        assert_eq!(format!("{key:?}"), "Key(secret)");
        assert_eq!(format!("{}", key.reveal()).parse(), Ok(key));
        assert_eq!("07".parse::<Key>(), Err(NotHex));
        assert_ne!(key.client(), key.successor().client());
    }
}
