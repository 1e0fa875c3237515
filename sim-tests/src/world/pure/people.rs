//! People and their client programs: what they do, what their clients order, what they are shown.

use causerie_core::client::{self, Client, Command, Memory, News};
use causerie_core::protocol::{Ask, ClientId, Key, Nick, Read, Seq};

use super::heap::Event;
use super::host::Bytes;
use super::network::{End, Packet};
use super::{World, note};
use crate::entropy::mix;
use crate::evidence::{self, Asked, By, Shown, Told};
use crate::marks::Mark;
use crate::plan::{Deed, Keeps, Kind, Way};
use crate::record::Happening;
use crate::world::asking::{Wish, is_renumbered, wishes};
use crate::world::netcat::Reader;

const KEY: u64 = 21;
const JITTER: u64 = 22;
const REFUSES: u64 = 23;
const CONNECT: u64 = 24;
/// Questions one program has open at once.
const READS_MAX: usize = 16;

/// Somebody of the plan.
#[derive(Debug, Default)]
pub(super) struct Somebody {
    /// The life that deeds go to, if it stands.
    pub(super) life: Option<usize>,
    /// Faults that cut the way to the server, and from it.
    pub(super) cut: [u32; 2],
    /// Faults that keep them from reading.
    pub(super) slow: u32,
    /// They said that they go: they do not come back.
    pub(super) gone: bool,
    /// Their program is dead, and started again later.
    pub(super) down: bool,
    /// What their program remembered last, and some time before.
    pub(super) memory: Option<Memory>,
    pub(super) old_memory: Option<Memory>,
    /// The life that wrote it last.
    pub(super) wrote: Option<usize>,
    /// Identities used so far.
    pub(super) keys: u64,
    /// Names tried at netcat so far.
    pub(super) names: u64,
    /// The first entry of the page of history read last.
    pub(super) page: Option<Seq>,
}

/// One life of a program, one connection of a guest or of a stranger.
#[derive(Debug)]
pub(super) struct Life {
    pub(super) evidence: evidence::Life,
    /// The client machine, while the program runs.
    pub(super) machine: Option<Client>,
    /// When its timer is set for.
    timer: u64,
    /// Its connection.
    pub(super) conn: Option<usize>,
    /// Connections being made: the attempt.
    pub(super) connecting: Option<u64>,
    /// How somebody without a program reads.
    pub(super) reader: Reader,
    /// The last entry it was shown.
    pub(super) seen: Seq,
    /// What a stranger says, step by step.
    pub(super) step: usize,
    pub(super) malice: Option<crate::plan::Malice>,
}

impl Somebody {
    /// Whether a fault cuts that way.
    pub(super) fn is_cut(&self, way: Way) -> bool {
        self.cut[usize::from(way == Way::Down)] > 0
    }
}

impl Life {
    pub(super) fn new(person: Option<usize>, name: String, identity: ClientId, by: By, after: Seq) -> Self {
        let evidence = evidence::Life::new(person, name, identity, by, after);
        Self {
            evidence,
            machine: None,
            timer: u64::MAX,
            conn: None,
            connecting: None,
            reader: Reader::default(),
            seen: after,
            step: 0,
            malice: None,
        }
    }

    pub(super) fn into_evidence(self) -> evidence::Life {
        self.evidence
    }

    pub(super) fn name(&self) -> &str {
        &self.evidence.name
    }

    pub(super) const fn person(&self) -> Option<usize> {
        self.evidence.person
    }
}

impl World<'_> {
    pub(super) fn comes(&mut self, who: usize) {
        match self.plan.people[who].kind {
            Kind::Native => self.start_program(who, Keeps::Nothing),
            Kind::Text => self.guest_comes(who),
        }
    }

    /// Starts somebody's client program.
    pub(super) fn start_program(&mut self, who: usize, keeps: Keeps) {
        self.people[who].down = false;
        if self.people[who].gone {
            return;
        }
        let memory = match keeps {
            Keeps::All => self.people[who].memory.clone(),
            Keeps::Old => {
                let old = self.people[who].old_memory.clone();
                if old.is_some() {
                    self.reach(Mark::OldMemory);
                }
                old.or_else(|| self.people[who].memory.clone())
            }
            Keeps::Nothing => None,
        };
        let continues = self.people[who].wrote.filter(|_| keeps == Keeps::All && memory.is_some());
        let memory = memory.unwrap_or_else(|| self.new_memory(who));
        self.run_program(who, memory, continues);
    }

    /// Somebody new, who would like to be called what the plan says.
    fn new_memory(&mut self, who: usize) -> Memory {
        let keys = self.people[who].keys;
        self.people[who].keys += 1;
        let key = Key::new(self.entropy.bytes(KEY, mix(who as u64) ^ keys));
        let name = &self.plan.people[who].name;
        let name = if keys == 0 { name.clone() } else { format!("{name}_{keys}") };
        Memory::new(key, Nick::try_from(&*name).expect("a plan's names are clean"))
    }

    /// The same key from elsewhere: that program knows nothing but the key.
    pub(super) fn start_second(&mut self, who: usize) {
        let Some(memory) = self.people[who].memory.as_ref().filter(|_| !self.people[who].down) else { return };
        if self.people[who].gone || self.people[who].life.is_none() {
            return;
        }
        let memory = Memory::new(memory.key, memory.nick.clone());
        self.run_program(who, memory, None);
    }

    fn run_program(&mut self, who: usize, memory: Memory, continues: Option<usize>) {
        let life = self.lives.len();
        note!(self, "{} starts, life {life}, having seen {}", self.plan.people[who].name, memory.cursor);
        let name = self.plan.people[who].name.clone();
        let mut state = Life::new(Some(who), name, memory.key.client(), By::Native, memory.cursor);
        state.evidence.continues = continues;
        state.evidence.unanswered.extend(memory.outbox.iter().filter_map(|p| Some(p.reference.as_ref()?.to_string())));
        let seed = self.draw(JITTER, life as u64, 0, u64::MAX);
        self.people[who].memory = Some(memory.clone());
        state.machine = Some(Client::new(memory, seed));
        self.lives.push(state);
        (self.people[who].life, self.people[who].wrote) = (Some(life), Some(life));
        self.record(Happening::Begins { life });
        self.client_input(life, client::Input::Elapsed);
    }

    /// Kills somebody's program, whatever it is doing.
    pub(super) fn kill_program(&mut self, who: usize) -> bool {
        let Some(life) = self.people[who].life.take() else { return false };
        note!(self, "{} is killed, life {life}", self.plan.people[who].name);
        self.stop_life(life);
        if let Some(conn) = self.lives[life].conn.take() {
            self.close_client_end(conn, Packet::Reset);
        }
        self.people[who].down = true;
        true
    }

    pub(super) fn stop_life(&mut self, life: usize) {
        if self.lives[life].evidence.stands {
            self.record(Happening::Ends { life });
        }
        let state = &mut self.lives[life];
        state.machine = None;
        (state.evidence.stands, state.evidence.online, state.connecting) = (false, false, None);
    }

    /// The client's end of a connection closes: the server hears of it, after what was sent.
    pub(super) fn close_client_end(&mut self, conn: usize, last: Packet) {
        if std::mem::replace(&mut self.conns[conn].client, false) {
            self.disconnected(conn);
            self.send(conn, Way::Up, last);
            self.look_at(conn, Way::Down);
        }
    }

    /// A connection is gone, as far as its client knows, if it ever knew of it.
    pub(super) fn disconnected(&mut self, conn: usize) {
        if std::mem::take(&mut self.conns[conn].stands) {
            self.record(Happening::Disconnected { life: self.conns[conn].life, conn });
        }
    }

    pub(super) fn deed(&mut self, index: usize) {
        let deed = &self.plan.deeds[index];
        if deed.who >= self.people.len() || self.people[deed.who].gone {
            return;
        }
        let Some(life) = self.people[deed.who].life else { return };
        note!(self, "deed: {}", deed.told(self.plan));
        self.trace.mark(u64::from(deed.id));
        match self.plan.people[deed.who].kind {
            Kind::Native => self.do_by_client(life, deed),
            Kind::Text => self.do_at_netcat(life, deed),
        }
    }

    fn do_by_client(&mut self, life: usize, deed: &Deed) {
        for wish in wishes(deed, self.people[deed.who].page) {
            match wish {
                Wish::Ask(mark, ask) => self.ask(life, mark, ask),
                Wish::Read(reference, read) => self.read(life, reference, read),
                Wish::Quit => {
                    self.people[deed.who].gone = true;
                    self.lives[life].evidence.quit = true;
                    self.client_input(life, client::Input::Asked(Command::Quit));
                }
            }
        }
    }

    fn ask(&mut self, life: usize, mark: String, ask: Ask) {
        let state = &mut self.lives[life];
        state.evidence.unanswered.insert(mark.clone());
        if state.evidence.unanswered.len() > 32 {
            self.marks.reach(Mark::WindowFull);
        }
        self.sizes.outbox = self.sizes.outbox.max(state.evidence.unanswered.len());
        let reference = Some(mark.clone().into());
        self.asked.push(Asked { mark, life, at_us: self.now, seen: state.seen });
        self.client_input(life, client::Input::Asked(Command::Ask { ask, reference }));
    }

    fn read(&mut self, life: usize, reference: u64, read: Read) {
        if self.lives[life].evidence.reads.len() < READS_MAX {
            self.lives[life].evidence.reads.insert(reference);
            self.client_input(life, client::Input::Asked(Command::Read { reference, read }));
        }
    }

    pub(super) fn client_input(&mut self, life: usize, input: client::Input<'_>) {
        let now = self.timestamp();
        let Some(machine) = self.lives[life].machine.as_mut() else { return };
        let mut orders = std::mem::take(&mut self.client_orders);
        machine.handle(now, input, &mut orders);
        if let Some(due) = machine.poll_timeout()
            && due.micros() < self.lives[life].timer
        {
            let due = due.micros().max(self.now);
            self.lives[life].timer = due;
            self.heap.at(due, Event::LifeTimer { life });
        }
        for order in orders.drain(..) {
            self.client_output(life, order);
        }
        self.client_orders = orders;
    }

    pub(super) fn life_timer(&mut self, life: usize) {
        if self.lives[life].timer <= self.now {
            self.lives[life].timer = u64::MAX;
            self.client_input(life, client::Input::Elapsed);
        }
    }

    fn client_output(&mut self, life: usize, output: client::Output) {
        match output {
            client::Output::Connect { attempt } => self.connect(life, attempt),
            client::Output::Send { attempt, bytes } => {
                if let Some(conn) = self.lives[life].conn.filter(|conn| self.conns[*conn].attempt == attempt) {
                    self.send_bytes(conn, Way::Up, bytes);
                }
            }
            client::Output::Close { .. } => {
                self.lives[life].connecting = None;
                if let Some(conn) = self.lives[life].conn.take() {
                    self.close_client_end(conn, Packet::Fin);
                }
            }
            client::Output::Show(news) => self.show(life, news),
            client::Output::Remember(memory) => self.remember(life, *memory),
            client::Output::End => {
                self.stop_life(life);
                if let Some(who) = self.lives[life].person()
                    && self.people[who].life == Some(life)
                {
                    self.people[who].life = self.other_life(who);
                }
            }
        }
    }

    /// Another program of somebody's that stands.
    fn other_life(&self, who: usize) -> Option<usize> {
        (0..self.lives.len())
            .rev()
            .find(|life| self.lives[*life].person() == Some(who) && self.lives[*life].evidence.stands)
    }

    fn remember(&mut self, life: usize, memory: Memory) {
        let Some(who) = self.lives[life].person() else { return };
        if self.people[who].life != Some(life) {
            return; // Another program of theirs has a file of its own.
        }
        self.people[who].wrote = Some(life);
        if self.people[who].memory.as_ref().is_some_and(|before| is_renumbered(before, &memory)) {
            self.reach(Mark::NumberUsed);
        }
        if memory.outbox.is_empty() && self.draw(JITTER, 1, self.now, 4) == 0 {
            self.people[who].old_memory = Some(memory.clone());
        }
        self.people[who].memory = Some(memory);
    }

    fn show(&mut self, life: usize, news: News) {
        note!(self, "{} (life {life}) is shown {news:?}", self.lives[life].name());
        let state = &mut self.lives[life];
        state.seen = state.seen.max(state.evidence.learn(&news));
        match &news {
            News::Waiting(_) => return,
            News::Online(_) => {
                if let Some(conn) = state.conn {
                    self.conns[conn].welcomed = true;
                }
            }
            News::Offline { why, .. } => self.marks.reach_by_why(why),
            News::Page { page, .. } => {
                if let (Some(who), Some(first)) = (state.person(), page.entries.first()) {
                    self.people[who].page = Some(first.seq);
                }
            }
            News::Accepted { .. } | News::Refused { .. } | News::Saw(_) | News::Who { .. } | News::Rooms { .. } => {}
            News::Missed { .. } | News::Notice(_) | News::Ended { .. } => {}
        }
        self.quiet_since = None;
        self.lives[life].evidence.told.push(Told { at_us: self.now, what: Shown::News(news) });
    }

    /// A client, a guest or a stranger asks for a connection.
    pub(super) fn connect(&mut self, life: usize, attempt: u64) {
        self.lives[life].connecting = Some(attempt);
        let at = self.now + self.latency(mix(CONNECT ^ life as u64), attempt);
        self.heap.at(at, Event::Connects { life, attempt });
    }

    /// The asking arrives at the server.
    pub(super) fn connects(&mut self, life: usize, attempt: u64) {
        if self.lives[life].connecting != Some(attempt) {
            return;
        }
        if let Some(who) = self.lives[life].person()
            && (self.people[who].is_cut(Way::Up) || self.people[who].is_cut(Way::Down))
        {
            self.heap.at(self.now + 200_000, Event::Connects { life, attempt }); // Asked again, as TCP does.
            return;
        }
        let back = self.now + self.latency(mix(CONNECT ^ life as u64), attempt + 1_000_000);
        if self.server.is_none() {
            if self.draw(REFUSES, life as u64, attempt, 2) == 0 {
                self.heap.at(back, Event::NotConnected { life, attempt });
            } else {
                self.heap.at(self.now + 400_000, Event::Connects { life, attempt });
            }
            return;
        }
        let conn = self.open(life, attempt);
        self.heap.at(back, Event::Connected { conn });
    }

    /// The connection stands, as far as the client knows.
    pub(super) fn connected(&mut self, conn: usize) {
        let (life, attempt) = (self.conns[conn].life, self.conns[conn].attempt);
        if self.lives[life].connecting != Some(attempt) {
            return self.close_client_end(conn, Packet::Fin); // It was given up meanwhile.
        }
        self.lives[life].connecting = None;
        self.lives[life].conn = Some(conn);
        self.conns[conn].stands = true;
        self.record(Happening::Connected { life, conn });
        match self.lives[life].evidence.by {
            By::Native => self.client_input(life, client::Input::Connected { attempt }),
            By::Text => self.guest_is_connected(life),
            By::Stranger => self.heap.at(self.now, Event::StrangerSays { life }),
        }
        self.look_at(conn, Way::Down);
    }

    pub(super) fn not_connected(&mut self, life: usize, attempt: u64) {
        if self.lives[life].connecting == Some(attempt) {
            self.lives[life].connecting = None;
            self.record(Happening::Failed { life });
            self.life_loses(life, attempt, "connection refused");
        }
    }

    /// Something arrives at the client's end.
    pub(super) fn deliver(&mut self, conn: usize, packet: Packet) {
        let life = self.conns[conn].life;
        if !self.conns[conn].client {
            if let Packet::Bytes(_) = packet
                && self.conns[conn].server != End::Gone
            {
                self.send(conn, Way::Up, Packet::Reset); // Nobody reads that any more.
                self.reach(Mark::LateFrame);
                if self.conns[conn].ready {
                    self.plan_write(conn); // It is off the network.
                }
            }
            return;
        }
        match packet {
            Packet::Bytes(bytes) => {
                note!(self, "{} hears on {conn}: {}", self.lives[life].name(), Bytes(&bytes));
                self.trace.mark_bytes(&bytes);
                self.recorder.arrived(self.now, conn, Way::Down, bytes.len());
                self.inspect(life, &bytes);
                match self.lives[life].evidence.by {
                    By::Native => {
                        let attempt = self.conns[conn].attempt;
                        self.client_input(life, client::Input::Received { attempt, bytes: &bytes });
                    }
                    By::Text | By::Stranger => self.guest_hears(life, &bytes),
                }
                if self.conns[conn].ready {
                    self.plan_write(conn);
                }
            }
            Packet::Fin => {
                self.lives[life].conn = None;
                self.close_client_end(conn, Packet::Fin);
                self.life_loses(life, self.conns[conn].attempt, "closed by the server");
            }
            Packet::Reset => {
                self.conns[conn].client = false;
                self.disconnected(conn);
                self.lives[life].conn = None;
                self.life_loses(life, self.conns[conn].attempt, "connection reset");
            }
        }
    }

    /// A connection is gone, as far as its client knows.
    pub(super) fn life_loses(&mut self, life: usize, attempt: u64, why: &str) {
        match self.lives[life].evidence.by {
            By::Native => self.client_input(life, client::Input::Closed { attempt, why: why.into() }),
            By::Text => self.guest_loses(life),
            By::Stranger => self.stop_life(life),
        }
    }

    /// Who a connection is, for the server.
    pub(super) fn identity(&self, conn: usize) -> ClientId {
        self.lives[self.conns[conn].life].evidence.identity
    }

    /// Whether everyone who should be is welcomed, and nobody waits for anything.
    pub(super) fn lives_are_quiet(&self) -> bool {
        let pending = self.people.iter().enumerate().any(|(who, somebody)| {
            let guest = self.plan.people[who].kind == Kind::Text;
            somebody.down || (guest && !somebody.gone && somebody.life.is_none())
        });
        let quiet = |life: &Life| {
            let evidence = &life.evidence;
            !evidence.stands || (evidence.online && evidence.unanswered.is_empty() && evidence.reads.is_empty())
        };
        !pending && self.lives.iter().all(quiet)
    }
}
