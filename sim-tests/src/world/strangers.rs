//! What strangers say: what no program of ours says.

use crate::entropy::{Entropy, stream_of};
use crate::plan::Malice;

const NOISE: u64 = 41;

/// The next thing a stranger says, if there is one; it may be nothing.
pub(super) fn words(entropy: Entropy, life: usize, malice: Malice, step: usize) -> Option<Vec<u8>> {
    let text = |texts: &[&str]| texts.get(step).map(|text| text.as_bytes().to_vec());
    let key = format!("{:032x}", 0xffff_0000_u64 + life as u64);
    let hello = format!("{{\"type\":\"hello\",\"version\":1,\"key\":\"{key}\",\"nick\":\"mallory{life}\"}}\n");
    match malice {
        Malice::Noise => {
            let mut draw = entropy.stream(stream_of(NOISE, life as u64, step as u64));
            let noise = (0..200).map(|_| draw.draw().to_le_bytes()[0]).collect();
            (step < 4).then_some(noise)
        }
        Malice::Endless => (step < 5).then(|| vec![b'a'; 9_000]),
        Malice::BrokenJson => text(&["{\"type\":\"hel", "lo\", nonsense}\n{\"a\":\n"]),
        Malice::NoHello => text(&["{\"type\":\"say\",\"n\":1,\"text\":\"no hello\"}\n"]),
        Malice::Http => text(&["GET / HTTP/1.1\r\n", "Host: chat\r\n\r\n"]),
        Malice::Tls => (step == 0).then(|| vec![0x16, 3, 1, 2, 0, 1, 0, 1]),
        Malice::Irc => text(&[
            "NICK mallory\r\nUSER m 0 * :\u{1b}m\r\n",
            "JOIN #lobby\r\nPRIVMSG #lobby :\u{1b}[31mred\r\nNOTICE #lobby :\u{3}4colour \u{202e}back\r\nPRIVMSG #lobby :fine\r\n",
            "FOO\u{9b} x\r\nPING :\u{1b}\r\nJOIN #a\u{200f}b\r\nNICK b\u{202e}\r\nCHATHISTORY LATEST #lobby \u{1b} 1\r\n",
        ]),
        Malice::Escapes => {
            let name = format!("mallory{life}\n");
            let escapes = "\u{1b}[31mred\n\u{202e}backwards\nbell\u{7}\nfine words\n/me \u{9b}0m\n/nick a\u{200f}b\n";
            match step {
                0 => Some([b"bad\x1b[2Jname\n".as_slice(), name.as_bytes()].concat()),
                1 => Some([escapes.as_bytes(), b"\xff\xfe not utf-8 \xc3\n\xff\xf1@ada \xe2\x80\xae psst\n"].concat()),
                2 | 3 => Some(Vec::new()),
                _ => None,
            }
        }
        Malice::Unclean => match step {
            0 => Some(hello.into_bytes()),
            1 => text(&["", "{\"type\":\"say\",\"n\":1,\"text\":\"\\u001b[31mred\"}\n{\"type\":\"dance\",\"n\":2}\n"]),
            2 => text(&["", "", "{\"type\":\"say\",\"n\":2,\"text\":\"other\"}\n"]),
            3 => text(&["", "", "", "{\"type\":\"say\",\"n\":9,\"text\":\"out of turn\"}\n"]),
            _ => None,
        },
        Malice::Silence => None,
    }
}
