//! A small world without faults of its own: a server, a log, people at terminals and clients, virtual time.
//!
//! [`play`] reads a script, one step a line, and gives every screen, side by side, in order:
//!
//! - `ada arrives` at netcat · `ada arrives by client` with the native client
//! - `ada: text` types a line · `ada types: text` types what is not ended · `ada is cut` loses the connection · `ada is back` can connect again
//! - `ada is killed` and `ada is started` lose and restart the client program with its memory
//! - `ada stops reading` · `ada reads on` · `ada goes dark` (the connection stands, and carries nothing any more)
//! - `server is killed` · `server is started` · `server stops` · `log holds` · `log goes on` · `log fails` · `history breaks`
//! - `server takes the password sesame`: it is started again, and clients from here on know it; `root` with the password
//!   `sesame` operates it
//! - `server is wiped` and `server is set back to 3 records`: another log, and an older copy of this one
//! - `3 s pass` · `700 ms pass`

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use causerie_core::chat::Chat;
use causerie_core::client::{self, Client, Command, Memory, News};
use causerie_core::door::Style;
use causerie_core::door::typed::{Slip, Typed, understand};
use causerie_core::history::{self, Query, answer};
use causerie_core::limits::Limits;
use causerie_core::protocol::{Ask, Entry, Key, Nick, NodeId, Notice, Position, Record, Room, Secret, Seen, Seq};
use causerie_core::server::{ConnId, Gate, Input, Output, Server};
use causerie_core::time::{Timestamp, WallTime};
use causerie_core::view::{RowText, Telling, Transcript};

/// Every screen of a script, side by side, in order.
pub(crate) fn play(script: &str) -> String {
    play_with(Limits::default(), script)
}

pub(crate) fn play_with(limits: Limits, script: &str) -> String {
    let mut world = World::new(limits);
    for step in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        world.step(step);
    }
    world.screens()
}

pub(crate) struct World {
    limits: Limits,
    /// What everybody has to give, from the server's next start on.
    password: Option<Secret>,
    now: Timestamp,
    pub(crate) server: Option<Server>,
    orders: VecDeque<Output>,
    carrying_out: bool,
    unreadable: bool,
    log_id: u8,
    /// What is stored: survives the server.
    pub(crate) stored: Vec<(WallTime, Record)>,
    pub(crate) history: history::Memory,
    snapshot: Option<Vec<u8>>,
    /// What was given to the log and is not durable.
    held: VecDeque<Record>,
    holding: bool,
    next_conn: u64,
    conns: BTreeMap<ConnId, Conn>,
    pub(crate) people: BTreeMap<String, Person>,
    /// Columns in the order they appeared.
    columns: Vec<String>,
    /// Rows: the step, or what appeared on each screen since.
    rows: Vec<Row>,
    fresh: BTreeMap<String, Vec<String>>,
}

enum Row {
    Step(String),
    Screens(BTreeMap<String, String>),
}

struct Conn {
    owner: String,
    /// The client's attempt, if it is one.
    attempt: Option<u64>,
    paused: bool,
    stalled: bool,
    dark: bool,
    ready: bool,
    /// When what is pending is waited for no longer.
    closing: Option<Timestamp>,
    inbox: VecDeque<Vec<u8>>,
    finished: bool,
}

pub(crate) struct Person {
    kind: Kind,
    cut: bool,
    stalled: bool,
    partial: Vec<u8>,
}

enum Kind {
    Text { conn: Option<ConnId> },
    Client(Box<Native>),
}

struct Native {
    machine: Option<Client>,
    memory: Memory,
    transcript: Transcript,
    room: Room,
    conn: Option<ConnId>,
    attempts: u64,
    /// What each life of the program was shown: entries, and whether they were its own.
    lives: Vec<Vec<(Seq, bool)>>,
}

const START: u64 = 1_795_254_062_000;

impl World {
    pub(crate) fn new(limits: Limits) -> Self {
        let mut world = Self {
            limits,
            password: None,
            now: Timestamp::default(),
            server: None,
            orders: VecDeque::new(),
            carrying_out: false,
            unreadable: false,
            log_id: 9,
            stored: Vec::new(),
            history: history::Memory::default(),
            snapshot: None,
            held: VecDeque::new(),
            holding: false,
            next_conn: 0,
            conns: BTreeMap::new(),
            people: BTreeMap::new(),
            columns: vec!["server".into()],
            rows: Vec::new(),
            fresh: BTreeMap::new(),
        };
        world.start_server();
        world.settle();
        world
    }

    pub(crate) fn step(&mut self, step: &str) {
        self.flush_row();
        self.rows.push(Row::Step(step.to_owned()));
        let spaced = format!("{step} "); // An empty line is typed too.
        if let Some((name, line)) = spaced.split_once(": ").map(|(name, line)| (name, line.trim_end()))
            && !name.contains(' ')
        {
            self.type_line(name, line);
        } else {
            let words: Vec<&str> = step.split_whitespace().collect();
            self.act(&words);
        }
        self.settle();
        self.flush_row();
    }

    fn act(&mut self, words: &[&str]) {
        match *words {
            [count, unit @ ("s" | "ms"), "pass"] => {
                let factor = if unit == "s" { 1_000 } else { 1 };
                self.pass(count.parse::<u64>().unwrap() * factor);
            }
            ["server", "is", "killed"] => self.kill_server(),
            ["server", "is", "started"] => self.start_server(),
            ["server", "takes", "the", "password", password] => {
                self.password = Some(Secret::new(password));
                self.kill_server();
                self.start_server();
            }
            ["server", "stops"] => self.server_input(Input::Stopped),
            ["history", "breaks"] => self.unreadable = true,
            ["log", "holds"] => self.holding = true,
            ["log", "goes", "on"] => {
                self.holding = false;
                self.commit_held();
            }
            ["server", "is", "wiped"] => {
                self.kill_server();
                self.stored.clear();
                self.history = history::Memory::default();
                self.log_id += 1;
            }
            ["server", "is", "set", "back", "to", records, "records"] => {
                self.kill_server();
                self.stored.truncate(records.parse().unwrap());
                self.history = history::Memory::default();
            }
            [name, "goes", "dark"] => {
                for conn in self.conns.values_mut().filter(|conn| conn.owner == name) {
                    (conn.dark, conn.stalled) = (true, true);
                }
            }
            ["log", "fails"] => self.server_input(Input::Lost),
            [name, "arrives"] => self.arrive_at_netcat(name),
            [name, "connects"] => self.connect_text(name),
            [name, "arrives", "by", "client"] => self.arrive_by_client(name),
            [name, "is", "cut"] => self.cut(name),
            [name, "is", "back"] => self.people.get_mut(name).unwrap().cut = false,
            [name, "types:", ref words @ ..] => {
                let bytes = words.join(" ").into_bytes();
                for conn in self.conns.values_mut().filter(|conn| conn.owner == name) {
                    conn.inbox.push_back(bytes.clone());
                }
            }
            [name, "hangs", "up"] => self.hang_up(name),
            [name, "is", "killed"] => {
                self.cut(name);
                self.native(name).machine = None;
            }
            [name, "is", "started"] => {
                self.people.get_mut(name).unwrap().cut = false;
                let native = self.native(name);
                native.machine = Some(Client::new(native.memory.clone(), 7));
                native.lives.push(Vec::new());
                self.client_input(name, client::Input::Elapsed);
            }
            [name, "stops", "reading"] => self.stall(name, true),
            [name, "reads", "on"] => self.stall(name, false),
            _ => panic!("this step is not known: {words:?}"),
        }
    }

    fn native(&mut self, name: &str) -> &mut Native {
        match &mut self.people.get_mut(name).unwrap().kind {
            Kind::Client(native) => native,
            Kind::Text { .. } => panic!("{name} is at netcat"),
        }
    }

    fn add_person(&mut self, name: &str, kind: Kind) {
        if !self.columns.iter().any(|column| column == name) {
            self.columns.push(name.to_owned());
        }
        self.people.insert(name.to_owned(), Person { kind, cut: false, stalled: false, partial: Vec::new() });
    }

    fn connect_text(&mut self, name: &str) {
        let conn = self.open(name, None);
        self.add_person(name, Kind::Text { conn });
    }

    fn arrive_at_netcat(&mut self, name: &str) {
        self.connect_text(name);
        self.settle();
        self.type_line(name, name);
    }

    fn arrive_by_client(&mut self, name: &str) {
        let mut bytes = [0; 16];
        bytes[..name.len().min(16)].copy_from_slice(&name.as_bytes()[..name.len().min(16)]);
        let nick = Nick::try_from(name).unwrap();
        let memory = Memory::new(Key::new(bytes), nick.clone());
        let native = Native {
            machine: Some(Client::new(memory.clone(), 7).with_password(self.password.clone())),
            memory,
            transcript: Transcript::new(nick, 0),
            room: Room::lobby(),
            conn: None,
            attempts: 0,
            lives: vec![Vec::new()],
        };
        self.add_person(name, Kind::Client(Box::new(native)));
        self.client_input(name, client::Input::Elapsed);
    }

    fn type_line(&mut self, name: &str, line: &str) {
        match &mut self.people.get_mut(name).unwrap().kind {
            Kind::Text { conn } => {
                if let Some(conn) = *conn {
                    self.conns.get_mut(&conn).unwrap().inbox.push_back(format!("{line}\n").into_bytes());
                }
            }
            Kind::Client(native) => {
                let command = match understand(line, &native.room) {
                    Ok(Typed::Ask(ask)) => {
                        if let Ask::Join { room } | Ask::Unlock { room, .. } = &ask {
                            native.room = room.clone();
                        }
                        Command::Ask { ask, reference: None }
                    }
                    Ok(Typed::Read(read)) => Command::Read { reference: 1, read },
                    Ok(Typed::Oper { name, password }) => Command::Oper { reference: 1, name, password },
                    Ok(Typed::Quit) => Command::Quit,
                    Ok(Typed::Help | Typed::Nothing) => return,
                    Err(slip) => return self.print(name, &slip_text(slip)),
                };
                self.client_input(name, client::Input::Asked(command));
            }
        }
    }

    fn cut(&mut self, name: &str) {
        self.people.get_mut(name).unwrap().cut = true;
        let conns: Vec<ConnId> = self.conns.iter().filter(|(_, conn)| conn.owner == name).map(|(id, _)| *id).collect();
        for conn in conns {
            self.close(conn, "connection reset");
        }
    }

    /// The peer says nothing more, and still listens.
    fn hang_up(&mut self, name: &str) {
        for conn in self.conns.values_mut().filter(|conn| conn.owner == name) {
            conn.finished = true;
        }
    }

    fn stall(&mut self, name: &str, stalled: bool) {
        self.people.get_mut(name).unwrap().stalled = stalled;
        for conn in self.conns.values_mut().filter(|conn| conn.owner == name) {
            conn.stalled = stalled;
        }
    }

    fn open(&mut self, owner: &str, attempt: Option<u64>) -> Option<ConnId> {
        self.server.as_ref()?;
        self.next_conn += 1;
        let id = ConnId(self.next_conn);
        let stalled = self.people.get(owner).is_some_and(|person| person.stalled);
        let conn = Conn {
            owner: owner.to_owned(),
            attempt,
            paused: false,
            stalled,
            dark: false,
            ready: false,
            closing: None,
            inbox: VecDeque::new(),
            finished: false,
        };
        self.conns.insert(id, conn);
        let mut entropy = [0xaa; 16];
        entropy[..8].copy_from_slice(&self.next_conn.to_le_bytes());
        self.server_input(Input::Opened { conn: id, door: None, peer: format!("192.0.2.1:{}", 5_000 + id.0), entropy });
        Some(id)
    }

    /// A connection ends, seen from both sides.
    fn close(&mut self, conn: ConnId, why: &str) {
        let Some(state) = self.conns.remove(&conn) else { return };
        self.server_input(Input::Closed { conn });
        self.peer_closed(&state, conn, why);
    }

    fn peer_closed(&mut self, state: &Conn, conn: ConnId, why: &str) {
        let Some(person) = self.people.get_mut(&state.owner) else { return };
        match &mut person.kind {
            Kind::Text { conn: current } if *current == Some(conn) => {
                *current = None;
                self.print(&state.owner.clone(), "(closed)");
            }
            Kind::Client(native) if native.conn == Some(conn) => {
                native.conn = None;
                let attempt = state.attempt.unwrap();
                self.client_input(&state.owner.clone(), client::Input::Closed { attempt, why: why.into() });
            }
            Kind::Text { .. } | Kind::Client(_) => {}
        }
    }

    pub(crate) fn kill_server(&mut self) {
        self.server = None;
        self.held.clear();
        let conns: Vec<ConnId> = self.conns.keys().copied().collect();
        for conn in conns {
            let state = self.conns.remove(&conn).unwrap();
            self.peer_closed(&state, conn, "connection reset");
        }
    }

    pub(crate) fn start_server(&mut self) {
        let chat = self.snapshot.as_ref().map_or_else(Chat::new, |bytes| Chat::restore(bytes).unwrap());
        let from = usize::try_from(chat.next().0).unwrap();
        let gate = Gate { password: self.password.clone(), operators: vec![("root".into(), Secret::new("sesame"))] };
        self.server = Some(Server::new(chat, NodeId(0), self.limits, Style::default()).with_gate(gate));
        let tail: Vec<_> = self.stored.iter().cloned().enumerate().skip(from).collect();
        for (position, (at, record)) in tail {
            self.server_input(Input::Committed { position: Position(position as u64), at, record });
        }
        self.server_input(Input::Begun { entropy: [self.log_id; 16] });
    }

    pub(crate) fn server_input(&mut self, input: Input<'_>) {
        let Some(server) = self.server.as_mut() else { return };
        let mut outputs = Vec::new();
        server.handle(self.now, input, &mut outputs);
        self.orders.extend(outputs);
        if self.carrying_out {
            return; // Whatever this input led to comes after what was ordered before.
        }
        self.carrying_out = true;
        let mut count = 0;
        while let Some(output) = self.orders.pop_front() {
            count += 1;
            assert!(count < 100_000, "this goes round in circles: {output:?}");
            self.server_output(output);
        }
        self.carrying_out = false;
    }

    fn server_output(&mut self, output: Output) {
        match output {
            Output::Ready { conn } => {
                if let Some(state) = self.conns.get_mut(&conn) {
                    state.ready = true;
                }
            }
            Output::Pause { conn } => self.set_paused(conn, true),
            Output::Resume { conn } => self.set_paused(conn, false),
            Output::HandOver { conn, first } => {
                let owner = self.conns[&conn].owner.clone();
                self.print(&owner, &format!("(handed over, with {:?})", String::from_utf8_lossy(&first)));
                self.close(conn, "handed over");
            }
            Output::Close { conn } => {
                if let Some(state) = self.conns.get_mut(&conn) {
                    state.closing = Some(self.now.plus_ms(self.limits.close_flush_ms));
                }
            }
            Output::Append { record } => {
                self.held.push_back(record);
                if !self.holding {
                    self.commit_held();
                }
            }
            Output::Keep { entries } => {
                for entry in entries {
                    self.show_on_console(&entry);
                    self.history.keep(&entry);
                }
            }
            Output::Load { conn, query } => self.load(conn, query),
            Output::Snapshot { bytes, .. } => self.snapshot = Some(bytes),
        }
    }

    fn set_paused(&mut self, conn: ConnId, paused: bool) {
        if let Some(state) = self.conns.get_mut(&conn) {
            assert_ne!(state.paused, paused, "pause and resume alternate");
            state.paused = paused;
        }
    }

    fn load(&mut self, conn: ConnId, query: Query) {
        let Ok(found) = answer(&self.history, &query);
        let found = (!self.unreadable).then_some(found);
        self.server_input(Input::Loaded { conn, query, found });
    }

    fn commit_held(&mut self) {
        while let Some(record) = self.held.pop_front() {
            let at = WallTime(START + self.now.micros() / 1_000);
            let position = Position(self.stored.len() as u64);
            self.stored.push((at, record.clone()));
            self.server_input(Input::Committed { position, at, record });
        }
    }

    fn show_on_console(&mut self, entry: &Arc<Entry>) {
        if self.history.entries().next_back().is_some_and(|last| last.seq >= entry.seq) {
            return; // Kept again after a restart.
        }
        let line = format!("{} {}", entry.seq, Telling(&Seen::from(&**entry)));
        self.print("server", &line);
    }

    /// Carries everything out until nothing moves.
    pub(crate) fn settle(&mut self) {
        loop {
            let moved = self.deliver_to_server() | self.deliver_to_people() | self.close_finished();
            if !moved {
                return;
            }
        }
    }

    fn deliver_to_server(&mut self) -> bool {
        let mut moved = false;
        let conns: Vec<ConnId> = self.conns.keys().copied().collect();
        for conn in conns {
            while let Some(state) = self.conns.get_mut(&conn)
                && !state.paused
                && let Some(bytes) = state.inbox.pop_front()
            {
                moved = true;
                self.server_input(Input::Received { conn, bytes: &bytes });
            }
            if let Some(state) = self.conns.get_mut(&conn)
                && state.inbox.is_empty()
                && core::mem::take(&mut state.finished)
            {
                moved = true;
                self.server_input(Input::Finished { conn });
            }
        }
        moved
    }

    fn deliver_to_people(&mut self) -> bool {
        let mut moved = false;
        let ready = |conn: &Conn| conn.ready && !conn.stalled;
        let conns: Vec<ConnId> = self.conns.iter().filter(|(_, c)| ready(c)).map(|(id, _)| *id).collect();
        for conn in conns {
            let Some(server) = self.server.as_ref() else { return moved };
            let bytes: Vec<u8> = server.pending(conn).flatten().copied().collect();
            if bytes.is_empty()
                && let Some(state) = self.conns.get_mut(&conn)
            {
                state.ready = false;
            }
            moved = true;
            self.server_input(Input::Written { conn, len: bytes.len() });
            self.deliver(conn, &bytes);
        }
        moved
    }

    fn deliver(&mut self, conn: ConnId, bytes: &[u8]) {
        let Some(state) = self.conns.get(&conn) else { return };
        let (owner, attempt) = (state.owner.clone(), state.attempt);
        let Some(person) = self.people.get_mut(&owner) else { return };
        match (&mut person.kind, attempt) {
            (Kind::Client(_), Some(attempt)) => {
                self.client_input(&owner, client::Input::Received { attempt, bytes });
            }
            (Kind::Client(_) | Kind::Text { .. }, _) => {
                person.partial.extend_from_slice(bytes);
                while let Some(end) = person.partial.iter().position(|byte| *byte == b'\n') {
                    let line: Vec<u8> = person.partial.drain(..=end).collect();
                    let line = String::from_utf8(line).unwrap();
                    self.fresh.entry(owner.clone()).or_default().push(line.trim_end().to_owned());
                }
                if person.partial.ends_with(b"? ") {
                    let prompt = String::from_utf8(core::mem::take(&mut person.partial)).unwrap();
                    self.print(&owner, prompt.trim_end());
                }
            }
        }
    }

    fn close_finished(&mut self) -> bool {
        let now = self.now;
        let drained = |conn: &Conn| conn.closing.is_some_and(|until| !conn.ready || now >= until);
        let conns: Vec<ConnId> = self.conns.iter().filter(|(_, c)| drained(c)).map(|(id, _)| *id).collect();
        for conn in &conns {
            self.close(*conn, "closed by the server");
        }
        !conns.is_empty()
    }

    fn client_input(&mut self, name: &str, input: client::Input<'_>) {
        let now = self.now;
        let native = self.native(name);
        let Some(machine) = native.machine.as_mut() else { return };
        let mut outputs = Vec::new();
        machine.handle(now, input, &mut outputs);
        for output in outputs {
            self.client_output(name, output);
        }
    }

    fn client_output(&mut self, name: &str, output: client::Output) {
        match output {
            client::Output::Connect { attempt } => {
                self.native(name).attempts += 1;
                let cut = self.people[name].cut;
                match (!cut).then(|| self.open(name, Some(attempt))).flatten() {
                    Some(conn) => {
                        self.native(name).conn = Some(conn);
                        self.client_input(name, client::Input::Connected { attempt });
                    }
                    None => {
                        self.client_input(name, client::Input::Closed { attempt, why: "connection refused".into() })
                    }
                }
            }
            client::Output::Send { bytes, .. } => {
                if let Some(conn) = self.native(name).conn
                    && let Some(state) = self.conns.get_mut(&conn)
                    && !state.dark
                {
                    state.inbox.push_back(bytes);
                }
            }
            client::Output::Close { .. } => {
                if let Some(conn) = self.native(name).conn.take()
                    && !self.conns[&conn].dark
                {
                    self.conns.remove(&conn);
                    self.server_input(Input::Closed { conn });
                }
            }
            client::Output::Show(news) => self.show(name, &news),
            client::Output::Remember(memory) => self.native(name).memory = *memory,
            client::Output::End => self.native(name).machine = None,
        }
    }

    fn show(&mut self, name: &str, news: &News) {
        let native = self.native(name);
        let life = native.lives.last_mut().unwrap();
        match news {
            News::Saw(seen) => life.push((seen.seq, false)),
            News::Accepted { seq, .. } => life.push((*seq, true)),
            _ => {}
        }
        let rows = native.transcript.take(news);
        let lines: Vec<String> = rows
            .iter()
            .filter(|row| !matches!(row, causerie_core::view::Row::Day(_)))
            .map(|row| RowText { row, utc_offset_s: 0 }.to_string())
            .collect();
        self.fresh.entry(name.to_owned()).or_default().extend(lines);
    }

    pub(crate) fn pass(&mut self, ms: u64) {
        let until = self.now.plus_ms(ms);
        loop {
            self.settle();
            let server = self.server.as_ref().and_then(Server::poll_timeout);
            let clients = self.people.values().filter_map(|person| match &person.kind {
                Kind::Client(native) => native.machine.as_ref()?.poll_timeout(),
                Kind::Text { .. } => None,
            });
            let Some(next) = clients.chain(server).min().filter(|next| *next <= until) else { break };
            self.now = self.now.max(next);
            self.server_input(Input::Elapsed);
            let names: Vec<String> = self.people.keys().cloned().collect();
            for name in names {
                if matches!(self.people[&name].kind, Kind::Client(_)) {
                    self.client_input(&name, client::Input::Elapsed);
                }
            }
        }
        self.now = until;
    }

    /// Bytes that wait in the server for somebody who does not read.
    pub(crate) fn unsent(&self, name: &str) -> usize {
        let fanout = self.server.as_ref().unwrap().fanout();
        self.conns.iter().filter(|(_, conn)| conn.owner == name).map(|(conn, _)| fanout.connection_bytes(*conn)).sum()
    }

    /// What appeared on a screen since it was last read this way.
    pub(crate) fn read(&mut self, name: &str) -> Vec<String> {
        let cell = |row: &Row| match row {
            Row::Step(_) => None,
            Row::Screens(cells) => cells.get(name).cloned(),
        };
        core::mem::take(&mut self.rows).iter().filter_map(cell).collect()
    }

    /// How much somebody waits for, and what each life of their program was shown.
    pub(crate) fn shown(&mut self, name: &str) -> (usize, Vec<Vec<(Seq, bool)>>) {
        let native = self.native(name);
        (native.machine.as_ref().unwrap().waiting().len(), native.lives.clone())
    }

    fn print(&mut self, name: &str, line: &str) {
        self.fresh.entry(name.to_owned()).or_default().push(line.to_owned());
    }

    fn flush_row(&mut self) {
        let fresh = core::mem::take(&mut self.fresh);
        let most = fresh.values().map(Vec::len).max().unwrap_or(0);
        for i in 0..most {
            let line = |(name, lines): (&String, &Vec<String>)| Some((name.clone(), lines.get(i)?.clone()));
            self.rows.push(Row::Screens(fresh.iter().filter_map(line).collect()));
        }
    }

    fn screens(&self) -> String {
        let widths: Vec<usize> = self.columns.iter().map(|column| self.width(column)).collect();
        let row = |cell_of: &dyn Fn(&String) -> String| {
            let cell = |(column, width): (&String, &usize)| {
                let cell = cell_of(column);
                let pad = " ".repeat(width - cell.chars().count());
                format!("{cell}{pad}")
            };
            let cells: Vec<String> = self.columns.iter().zip(&widths).map(cell).collect();
            format!("  {}", cells.join(" | ")).trim_end_matches([' ', '|']).to_owned()
        };
        let mut screens = vec![row(&String::clone)];
        screens.extend(self.rows.iter().map(|line| match line {
            Row::Step(step) => step.clone(),
            Row::Screens(cells) => row(&|column| cells.get(column).cloned().unwrap_or_default()),
        }));
        screens.join("\n")
    }

    fn width(&self, column: &str) -> usize {
        let cells = self.rows.iter().filter_map(|row| match row {
            Row::Step(_) => None,
            Row::Screens(cells) => cells.get(column),
        });
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0).max(column.chars().count())
    }
}

fn slip_text(slip: Slip) -> String {
    format!("* {}", Notice::from(slip))
}
