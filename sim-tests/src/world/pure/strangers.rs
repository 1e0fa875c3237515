//! Strangers: connections that say what no program of ours says.

use causerie_core::protocol::Seq;

use super::World;
use super::heap::Event;
use super::network::Packet;
use super::people::Life;
use crate::evidence::By;
use crate::plan::Malice;
use crate::world::strangers::words;

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
        match words(self.entropy, life, malice, step) {
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
}
