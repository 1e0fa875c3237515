//! `AUTHENTICATE`: a name and a password make a key, and so an identity that can come back.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::message::Message;
use super::numeric::{
    ERR_SASLABORTED, ERR_SASLALREADY, ERR_SASLFAIL, ERR_SASLTOOLONG, RPL_LOGGEDIN, RPL_SASLMECHS, RPL_SASLSUCCESS,
};
use super::session::{Known, Stage, Turn};
use crate::protocol::{Key, Nick};

/// How far an authentication has come.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub(super) enum Sasl {
    /// None was begun, or it failed.
    #[default]
    Idle,
    /// The mechanism is known; what came of its only message.
    Plain(String),
}

/// Bytes of one piece: a shorter one is the last.
const PIECE_BYTES: usize = 400;
/// Most bytes of a message, in base64.
const MESSAGE_BYTES_MAX: usize = 1_200;

impl Turn<'_> {
    pub(super) fn authenticate(&mut self, message: &Message<'_>) {
        let word = message.param(0);
        if self.session.stage == Stage::In || self.session.registration.key.is_some() {
            return self.numeric(ERR_SASLALREADY, ":you said who you are; connect again to be somebody else");
        }
        match core::mem::take(&mut self.session.registration.sasl) {
            Sasl::Idle if word.eq_ignore_ascii_case("PLAIN") => {
                self.session.registration.sasl = Sasl::Plain(String::new());
                self.say(Known::Bare("AUTHENTICATE +".into()));
            }
            Sasl::Idle if word == "*" => self.numeric(ERR_SASLABORTED, ":aborted"),
            Sasl::Idle => self.say_all(Vec::from([
                Known::Numeric(RPL_SASLMECHS, "PLAIN :are the mechanisms there are".into()),
                Known::Numeric(ERR_SASLFAIL, ":that mechanism is not known".into()),
            ])),
            Sasl::Plain(_) if word == "*" => self.numeric(ERR_SASLABORTED, ":aborted"),
            Sasl::Plain(_) if word.len() > PIECE_BYTES => {
                self.numeric(ERR_SASLTOOLONG, ":a piece has at most 400 bytes")
            }
            Sasl::Plain(so_far) => self.take_piece(so_far, word),
        }
    }

    fn take_piece(&mut self, mut so_far: String, piece: &str) {
        if piece != "+" {
            so_far.push_str(piece);
        }
        if so_far.len() > MESSAGE_BYTES_MAX {
            return self.numeric(ERR_SASLTOOLONG, ":name and password are too long");
        }
        if piece.len() == PIECE_BYTES {
            self.session.registration.sasl = Sasl::Plain(so_far);
            return;
        }
        match plain(&so_far) {
            Some((name, key)) => {
                self.session.registration.key = Some(key);
                let mask = super::lines::mask(self.session.name());
                self.say_all(Vec::from([
                    Known::Numeric(RPL_LOGGEDIN, format!("{mask} {name} :you are {name}, and can come back as {name}")),
                    Known::Numeric(RPL_SASLSUCCESS, ":authenticated".into()),
                ]));
            }
            None => self.numeric(ERR_SASLFAIL, ":a name and a password are needed"),
        }
    }
}

/// The key that a name and a password make.
fn plain(message: &str) -> Option<(String, Key)> {
    let bytes = from_base64(message)?;
    let mut parts = bytes.split(|byte| *byte == 0);
    let (_, name, password) = (parts.next()?, parts.next()?, parts.next()?);
    let nick = Nick::try_from(core::str::from_utf8(name).ok()?).ok()?;
    let enough = parts.next().is_none() && !password.is_empty();
    enough.then(|| (nick.to_string(), Key::of_account(nick.key(), password)))
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| {
        Some(match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        })
    };
    let digits = text.trim_end_matches('=').as_bytes();
    if digits.len() % 4 == 1 || !text.len().is_multiple_of(4) || text.len() - digits.len() > 2 {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len() * 3 / 4);
    for group in digits.chunks(4) {
        let mut bits = 0_u32;
        for (i, byte) in group.iter().enumerate() {
            bits |= u32::from(digit(*byte)?) << (18 - 6 * i);
        }
        bytes.extend_from_slice(&bits.to_be_bytes()[1..group.len()]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_as_it_is_defined() {
        for (text, bytes) in [("", &b""[..]), ("Zg==", b"f"), ("Zm8=", b"fo"), ("Zm9v", b"foo"), ("Zm9vYg==", b"foob")]
        {
            assert_eq!(from_base64(text).as_deref(), Some(bytes), "{text}");
        }
        for text in ["Z", "Zg", "Zg=", "Z===", "Zm9v!A==", "===="] {
            assert_eq!(from_base64(text), None, "{text}");
        }
    }

    #[test]
    fn a_name_and_a_password_make_one_key_and_no_other() {
        let key = |text| plain(text).map(|(_, key)| key);
        let ada = key("AGFkYQBzZWNyZXQ="); // \0ada\0secret
        assert!(ada.is_some());
        assert_eq!(ada, key("YWRhAEFEQQBzZWNyZXQ=")); // ada\0ADA\0secret
        assert_ne!(ada, key("AGFkYQBzZWNyZXR0")); // \0ada\0secrett
        assert_eq!(key("AGFkYQA="), None); // \0ada\0
        assert_eq!(key("YWRh"), None);
    }
}
