//! People at netcat: they give a name, type lines, read what comes, and connect again when the connection is lost.

use causerie_core::protocol::{Key, Seq};

use super::heap::Event;
use super::network::Packet;
use super::people::Life;
use super::{World, note};
use crate::evidence::{Asked, By, Shown, Told};
use crate::marks::Mark;
use crate::plan::{Deed, Way, What};
use crate::record::Happening;
use crate::world::irc::{self, Client, Reaction};
use crate::world::netcat::{Heard, is_welcome, name_line, typed, unclean};

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
        let by = By::of(self.plan.people[who].kind);
        let with = if by == By::Text { "netcat" } else { "IRC" };
        note!(self, "{name} connects by {with}, life {life}");
        let identity = if by.has_account() { irc::account(&name) } else { Key::new([0; 16]).client() };
        self.lives.push(Life::new(Some(who), name, identity, by, Seq(0)));
        self.people[who].life = Some(life);
        self.record(Happening::Begins { life });
        self.connect(life, 1);
    }

    pub(super) fn guest_is_connected(&mut self, life: usize) {
        let Some(conn) = self.lives[life].conn else { return };
        if !self.lives[life].evidence.by.has_account() {
            self.lives[life].evidence.identity = self.conns[conn].guest;
        }
        if let Some(client) = Client::of(self.lives[life].evidence.by) {
            return self.greet_by_irc(life, client);
        }
        if self.draw(HASTE, life as u64, 0, 2) == 0 {
            self.give_name(life); // Without waiting to be asked.
            if self.draw(HASTE, life as u64, 1, 2) == 0 {
                self.type_bytes(life, b"in haste\n".to_vec());
            }
        }
    }

    /// An IRC client speaks first; some do not wait to be welcomed.
    fn greet_by_irc(&mut self, life: usize, client: Client) {
        let Some(who) = self.lives[life].person() else { return };
        let mut lines = client.greeting(&self.plan.people[who].name, self.people[who].names);
        if self.draw(HASTE, life as u64, 0, 2) == 0 {
            lines += &client.first(&self.plan.people);
            lines += "PRIVMSG #lobby :in haste\r\n";
        }
        self.type_bytes(life, lines.into_bytes());
    }

    fn react_by_irc(&mut self, life: usize, client: Client, line: &str) {
        let Some(who) = self.lives[life].person() else { return };
        match irc::reaction(line) {
            Reaction::Nothing => {}
            Reaction::Enter => {
                self.lives[life].evidence.online = true;
                if let Some(conn) = self.lives[life].conn {
                    self.conns[conn].welcomed = true;
                }
                self.type_bytes(life, client.first(&self.plan.people).into_bytes());
            }
            Reaction::AnotherName if self.lives[life].evidence.online => {}
            Reaction::AnotherName => {
                self.people[who].names += 1;
                let line = irc::nick_line(&self.plan.people[who].name, self.people[who].names);
                self.type_bytes(life, line.into_bytes());
            }
            Reaction::Say(line) => self.type_bytes(life, line.into_bytes()),
        }
    }

    fn give_name(&mut self, life: usize) {
        let Some(who) = self.lives[life].person() else { return };
        let tried = self.people[who].names;
        let line = name_line(&self.plan.people[who].name, tried);
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
        match &deed.what {
            What::History { .. } => self.lives[life].evidence.paged = true, // IRC's pages are told apart.
            What::Quit => {
                self.people[deed.who].gone = true;
                self.lives[life].evidence.quit = true;
            }
            What::Say { .. } | What::Private { .. } | What::Burst { .. } => {}
            What::Join { .. } | What::Leave { .. } | What::Nick { .. } | What::Order { .. } | What::Who => {}
        }
        let evidence = &mut self.lives[life].evidence;
        let typed = match Client::of(evidence.by) {
            Some(client) => irc::typed(deed, client, &evidence.told),
            None => typed(deed),
        };
        evidence.labels.extend(typed.labels.into_iter().map(|label| (label, self.now)));
        let asked = |mark| Asked { mark, life, at_us: self.now, seen: Seq(0) };
        self.asked.extend(typed.marks.into_iter().map(asked));
        self.type_bytes(life, typed.lines.into_bytes());
    }

    pub(super) fn guest_hears(&mut self, life: usize, bytes: &[u8]) {
        for heard in self.lives[life].reader.hear(bytes) {
            match heard {
                Heard::Line(line) => self.read_line(life, &line),
                Heard::NameAsked(line, first) => {
                    self.keep_line(life, line);
                    if let Some(who) = self.lives[life].person().filter(|_| !first) {
                        self.people[who].names += 1;
                    }
                    if self.lives[life].evidence.by == By::Text && (!first || self.lives[life].step == 0) {
                        self.give_name(life);
                    }
                }
            }
        }
    }

    fn read_line(&mut self, life: usize, line: &str) {
        let line = line.trim_end_matches('\r');
        if let Some(client) = Client::of(self.lives[life].evidence.by) {
            if !irc::is_heartbeat(line) {
                self.keep_line(life, line.to_owned());
            }
            return self.react_by_irc(life, client, line);
        }
        if is_welcome(line) {
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
        if self.sizes.unclean.is_none()
            && let Some(c) = unclean(self.lives[life].evidence.by, bytes)
        {
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
