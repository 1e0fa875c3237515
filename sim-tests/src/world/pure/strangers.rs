//! Strangers: connections that say what no program of ours says.

use causerie_core::protocol::Seq;

use super::World;
use super::heap::Event;
use super::network::Packet;
use super::people::Life;
use crate::evidence::By;
use crate::plan::Malice;

const NOISE: u64 = 41;
const PAUSE: u64 = 42;

impl World<'_> {
    pub(super) fn stranger_comes(&mut self, malice: Malice) {
        let life = self.lives.len();
        let nobody = causerie_core::protocol::Key::new([0; 16]).client();
        let mut state = Life::new(None, format!("stranger {life}"), nobody, By::Stranger, Seq(0));
        state.malice = Some(malice);
        self.lives.push(state);
        self.connect(life, 1);
    }

    /// Says the next thing; after the last, hangs up.
    pub(super) fn stranger_says(&mut self, life: usize) {
        let Some(malice) = self.lives[life].malice.filter(|_| self.lives[life].evidence.stands) else { return };
        if let Some(conn) = self.lives[life].conn {
            self.lives[life].evidence.identity = self.conns[conn].guest;
        }
        let step = self.lives[life].step;
        self.lives[life].step += 1;
        match self.words(life, malice, step) {
            Some(bytes) => {
                if !bytes.is_empty() {
                    self.type_bytes(life, bytes);
                }
                let pause = 10_000 + self.draw(PAUSE, life as u64, step as u64, 1_500_000);
                self.heap.at(self.now + pause, Event::StrangerSays { life });
            }
            None if malice == Malice::Silence => {}
            None => self.hang_up(life, Packet::Fin),
        }
    }

    fn words(&self, life: usize, malice: Malice, step: usize) -> Option<Vec<u8>> {
        let text = |texts: &[&str]| texts.get(step).map(|text| text.as_bytes().to_vec());
        let key = format!("{:032x}", 0xffff_0000_u64 + life as u64);
        let hello = format!("{{\"type\":\"hello\",\"version\":1,\"key\":\"{key}\",\"nick\":\"mallory{life}\"}}\n");
        match malice {
            Malice::Noise => {
                let mut draw = self.entropy.stream(crate::entropy::stream_of(NOISE, life as u64, step as u64));
                let noise = (0..200).map(|_| draw.draw().to_le_bytes()[0]).collect();
                (step < 4).then_some(noise)
            }
            Malice::Endless => (step < 5).then(|| vec![b'a'; 9_000]),
            Malice::BrokenJson => text(&["{\"type\":\"hel", "lo\", nonsense}\n{\"a\":\n"]),
            Malice::NoHello => text(&["{\"type\":\"say\",\"n\":1,\"text\":\"no hello\"}\n"]),
            Malice::Http => text(&["GET / HTTP/1.1\r\n", "Host: chat\r\n\r\n"]),
            Malice::Tls => (step == 0).then(|| vec![0x16, 3, 1, 2, 0, 1, 0, 1]),
            Malice::Irc => text(&["NICK mallory\r\nUSER m 0 * :m\r\n", "JOIN #lobby\r\n"]),
            Malice::Escapes => {
                let name = format!("mallory{life}\n");
                let escapes =
                    "\u{1b}[31mred\n\u{202e}backwards\nbell\u{7}\nfine words\n/me \u{9b}0m\n/nick a\u{200f}b\n";
                match step {
                    0 => Some([b"bad\x1b[2Jname\n".as_slice(), name.as_bytes()].concat()),
                    1 => Some(
                        [escapes.as_bytes(), b"\xff\xfe not utf-8 \xc3\n\xff\xf1@ada \xe2\x80\xae psst\n"].concat(),
                    ),
                    2 | 3 => Some(Vec::new()),
                    _ => None,
                }
            }
            Malice::Unclean => match step {
                0 => Some(hello.into_bytes()),
                1 => text(&[
                    "",
                    "{\"type\":\"say\",\"n\":1,\"text\":\"\\u001b[31mred\"}\n{\"type\":\"dance\",\"n\":2}\n",
                ]),
                2 => text(&["", "", "{\"type\":\"say\",\"n\":2,\"text\":\"other\"}\n"]),
                3 => text(&["", "", "", "{\"type\":\"say\",\"n\":9,\"text\":\"out of turn\"}\n"]),
                _ => None,
            },
            Malice::Silence => None,
        }
    }
}
