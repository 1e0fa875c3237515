//! Which vocabulary a peer speaks, told by the first bytes it says.

/// What the first bytes tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sniffed {
    /// Not enough of them yet.
    Undecided,
    /// One JSON value per line.
    Native,
    /// Plain lines.
    Text,
    /// An IRC client's registration.
    Irc,
    /// A browser, or another that speaks HTTP.
    Http,
    /// A TLS handshake.
    Tls,
}

/// Bytes after which a token that has not ended is nobody's command.
const TOKEN_BYTES_MAX: usize = 8;

/// Tells the vocabulary by the peer's first bytes: `{` and `"` are native, a first word of IRC's or HTTP's in capitals
/// followed by a space is theirs, a TLS handshake begins with 0x16; all else is text. (`{quit}` is somebody typing.)
#[must_use]
pub fn sniff(first: &[u8]) -> Sniffed {
    match first {
        [] => Sniffed::Undecided,
        [0x16, ..] => Sniffed::Tls,
        [b'{', rest @ ..] => match rest.iter().find(|byte| !matches!(byte, b' ' | b'\t')) {
            None if rest.len() < TOKEN_BYTES_MAX => Sniffed::Undecided,
            Some(b'"') => Sniffed::Native,
            None | Some(_) => Sniffed::Text,
        },
        [first_byte, ..] if first_byte.is_ascii_uppercase() => sniff_word(first),
        _ => Sniffed::Text,
    }
}

fn sniff_word(first: &[u8]) -> Sniffed {
    let Some(end) = first.iter().position(|byte| !byte.is_ascii_uppercase()) else {
        return if first.len() < TOKEN_BYTES_MAX { Sniffed::Undecided } else { Sniffed::Text };
    };
    match (&first[..end], first[end]) {
        (b"CAP" | b"NICK" | b"PASS" | b"USER", b' ') => Sniffed::Irc,
        (b"JOIN", b' ') => Sniffed::Irc,
        (b"GET" | b"HEAD" | b"POST" | b"PUT" | b"OPTIONS" | b"CONNECT", b' ') => Sniffed::Http,
        _ => Sniffed::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_tell_who_is_there() {
        for (first, sniffed) in [
            (&b""[..], Sniffed::Undecided),
            (b"{", Sniffed::Undecided),
            (b"{ \"type\"", Sniffed::Native),
            (b"{quit}\n", Sniffed::Text),
            (b"ada\n", Sniffed::Text),
            (b"ADA\n", Sniffed::Text),
            (b"NICK\n", Sniffed::Text),
            (b"NI", Sniffed::Undecided),
            (b"CAP LS 302\r\n", Sniffed::Irc),
            (b"GET / HTTP/1.1\r\n", Sniffed::Http),
            (b"\xff\xfb\x1f", Sniffed::Text),
            (b"\x16\x03\x01", Sniffed::Tls),
            (b"ABCDEFGH", Sniffed::Text),
        ] {
            assert_eq!(sniff(first), sniffed, "{first:?}");
        }
    }
}
