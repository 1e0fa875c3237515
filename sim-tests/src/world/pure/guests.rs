//! People at netcat: they give a name, type lines, read what comes, and connect again when the connection is lost.

use causerie_core::protocol::Seq;

use super::heap::Event;
use super::network::Packet;
use super::people::Life;
use super::{World, note};
use crate::evidence::{Asked, By, Shown, Told};
use crate::marks::Mark;
use crate::plan::{Deed, Way, What};
use crate::record::Happening;

const PAUSE: u64 = 31;
const HASTE: u64 = 32;

impl World<'_> {
    /// Somebody connects, for the first time or again: a new identity each time.
    pub(super) fn guest_comes(&mut self, who: usize) {
        if self.people[who].gone || self.people[who].life.is_some() {
            return;
        }
        self.people[who].down = false;
        let life = self.lives.len();
        let name = self.plan.people[who].name.clone();
        note!(self, "{name} connects by netcat, life {life}");
        let nobody = causerie_core::protocol::Key::new([0; 16]).client();
        self.lives.push(Life::new(Some(who), name, nobody, By::Text, Seq(0)));
        self.people[who].life = Some(life);
        self.record(Happening::Begins { life });
        self.connect(life, 1);
    }

    pub(super) fn guest_is_connected(&mut self, life: usize) {
        let Some(conn) = self.lives[life].conn else { return };
        self.lives[life].evidence.identity = self.conns[conn].guest;
        if self.draw(HASTE, life as u64, 0, 2) == 0 {
            self.give_name(life); // Without waiting to be asked.
            if self.draw(HASTE, life as u64, 1, 2) == 0 {
                self.type_bytes(life, b"in haste\n".to_vec());
            }
        }
    }

    fn give_name(&mut self, life: usize) {
        let Some(who) = self.lives[life].person() else { return };
        let tried = self.people[who].names;
        let name = &self.plan.people[who].name;
        let line = if tried == 0 { format!("{name}\n") } else { format!("{name}{tried}\n") };
        self.lives[life].step += 1;
        self.type_bytes(life, line.into_bytes());
    }

    pub(super) fn type_bytes(&mut self, life: usize, bytes: Vec<u8>) {
        if let Some(conn) = self.lives[life].conn {
            self.send_bytes(conn, Way::Up, bytes);
        }
    }

    pub(super) fn do_at_netcat(&mut self, life: usize, deed: &Deed) {
        if !self.lives[life].evidence.online {
            return; // People type when they are in.
        }
        let mark = format!("d{}", deed.id);
        let mut lines = String::new();
        match &deed.what {
            What::Say { .. } => lines = self.typed(life, deed, &mark, ""),
            What::Private { to } => lines = self.typed(life, deed, &mark, &format!("@{} ", to.join(" @"))),
            What::Burst { count } => {
                for i in 0..*count {
                    lines += &self.typed(life, deed, &format!("{mark}.{i}"), "");
                }
            }
            What::Join { room } => lines = format!("/join {room}\r\n"),
            What::Leave { room } => lines = format!("/leave {room}\n"),
            What::Nick { nick } => lines = format!("/nick {nick}\n"),
            What::History { room, .. } => {
                lines = format!("/history #{room}\n");
                self.lives[life].evidence.paged = true;
            }
            What::Who => lines.push_str("/who\n"),
            What::Quit => {
                lines.push_str("/quit\n");
                self.people[deed.who].gone = true;
                self.lives[life].evidence.quit = true;
            }
        }
        self.type_bytes(life, lines.into_bytes());
    }

    fn typed(&mut self, life: usize, deed: &Deed, mark: &str, to: &str) -> String {
        self.asked.push(Asked { mark: mark.to_owned(), life, at_us: self.now, seen: Seq(0) });
        format!("{to}{}\n", deed.text(mark))
    }

    pub(super) fn guest_hears(&mut self, life: usize, bytes: &[u8]) {
        self.lives[life].partial.extend_from_slice(bytes);
        while let Some(end) = self.lives[life].partial.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.lives[life].partial.drain(..=end).collect();
            self.read_line(life, &String::from_utf8_lossy(&line[..end]));
        }
        if self.lives[life].partial.ends_with(b"your name? ") {
            let line = std::mem::take(&mut self.lives[life].partial);
            let line = String::from_utf8_lossy(&line).into_owned();
            let first = line.starts_with("welcome");
            self.keep_line(life, line);
            if let Some(who) = self.lives[life].person().filter(|_| !first) {
                self.people[who].names += 1;
            }
            if self.lives[life].evidence.by == By::Text && (!first || self.lives[life].step == 0) {
                self.give_name(life);
            }
        }
    }

    fn read_line(&mut self, life: usize, line: &str) {
        if line.ends_with(", Welcome to chat room") {
            self.lives[life].evidence.online = true;
            if let Some(conn) = self.lives[life].conn {
                self.conns[conn].welcomed = true;
            }
        }
        self.marks.reach_by_why(line);
        self.keep_line(life, line.to_owned());
    }

    fn keep_line(&mut self, life: usize, line: String) {
        note!(self, "{} (life {life}) reads {line}", self.lives[life].name());
        self.quiet_since = None;
        self.lives[life].evidence.told.push(Told { at_us: self.now, what: Shown::Line(line) });
    }

    /// The connection is gone: somebody at netcat connects again after a while.
    pub(super) fn guest_loses(&mut self, life: usize) {
        self.stop_life(life);
        let Some(who) = self.lives[life].person() else { return };
        if self.people[who].life == Some(life) {
            self.people[who].life = None;
        }
        if !self.people[who].gone && !self.people[who].down {
            let pause = 300_000 + self.draw(PAUSE, life as u64, 0, 2_000_000);
            self.heap.at(self.now + pause, Event::GuestComes { who });
        }
    }

    /// Looks for what no face may be sent.
    pub(super) fn inspect(&mut self, life: usize, bytes: &[u8]) {
        let suspicious = |byte: &u8| *byte < 0x20 && *byte != b'\n' || *byte == 0x7f || *byte == 0xc2 || *byte == 0xe2;
        if self.sizes.unclean.is_some() || !bytes.iter().any(suspicious) {
            return;
        }
        let forbidden = |c: &char| {
            let control = c.is_control() && *c != '\n';
            control
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
        };
        if let Some(c) = String::from_utf8_lossy(bytes).chars().find(forbidden) {
            self.sizes.unclean = Some((self.now, life, u32::from(c)));
        }
    }

    /// Hangs up at netcat.
    pub(super) fn hang_up(&mut self, life: usize, last: Packet) {
        if let Some(conn) = self.lives[life].conn.take() {
            self.close_client_end(conn, last);
        }
        self.stop_life(life);
        self.reach(Mark::HungUp);
    }
}
