//! One state of everything, and what it becomes.

use std::sync::Arc;

use causerie_core::protocol::Seq;

use super::Bounds;
use super::choices::Action;
use super::machines::{Deed, Happening, Lived, Machines, Served};

/// A state: numbers of what the tables hold, [`Machines`] for one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct World {
    pub(super) server: u32,
    pub(super) history: u32,
    /// Records: durable, and on their way to be.
    pub(super) stored: u32,
    pub(super) waiting: u32,
    pub(super) net: u32,
    pub(super) people: [Somebody; 2],
    /// Faults that may still come.
    pub(super) crashes: u8,
    pub(super) cuts: u8,
    pub(super) deadlines: u8,
}

/// A person and their program.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Somebody {
    pub(super) client: u32,
    /// What they were shown of the log, in order.
    pub(super) told: u32,
    /// Their connection, as far as they know: none is 0.
    pub(super) conn: u16,
    /// The first connection they asked for is to be made.
    pub(super) wants: bool,
    /// How many of the things they say were said, and which were answered, as bits.
    pub(super) asked: u8,
    pub(super) answered: u8,
    pub(super) online: bool,
    /// Their program ended of itself.
    pub(super) ended: bool,
    /// The last entry they had been shown when they asked.
    pub(super) seen: [u8; 3],
}

/// What is on the way: connections in the order they were made, and questions to history.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub(super) struct Net {
    pub(super) wires: Vec<Wire>,
    /// Connection, question, and the history it is to be answered from.
    pub(super) loads: Vec<(u16, u32, u32)>,
}

/// One connection: chunks on their way up and down; [`END`] is its end.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Wire {
    pub(super) conn: u16,
    pub(super) up: Vec<u32>,
    pub(super) down: Vec<u32>,
    /// The server does not read it.
    pub(super) paused: bool,
    /// Its ends are open.
    pub(super) client: bool,
    pub(super) server: bool,
}

/// In place of a chunk: the connection's end.
pub(super) const END: u32 = u32::MAX;

impl World {
    /// The state in which nothing has happened but the server's first start.
    pub(super) fn first(
        machines: &mut Machines,
        nets: &mut super::table::Table<Net>,
        bounds: &Bounds,
    ) -> Result<Self, String> {
        let empty = machines.lists.number(Vec::new()).0;
        let history = machines.histories.number(Vec::new()).0;
        let somebody = |client| Somebody {
            client,
            told: empty,
            conn: 0,
            wants: true,
            asked: 0,
            answered: 0,
            online: false,
            ended: false,
            seen: [0; 3],
        };
        let people = [0, 1].map(|who| somebody(machines.new_client(who)));
        let net = nets.number(Net::default()).0;
        let mut world = Self {
            server: 0,
            history,
            stored: empty,
            waiting: empty,
            net,
            people,
            crashes: bounds.crashes,
            cuts: bounds.cuts,
            deadlines: bounds.deadlines,
        };
        let begun = machines.begin(empty, history)?;
        world.carry_out(machines, &mut Net::default(), &begun);
        Ok(world)
    }

    /// The state after something happened.
    pub(super) fn after(&self, machines: &mut Machines, net: &mut Net, action: Action) -> Result<Self, String> {
        let mut world = *self;
        match action {
            Action::Connect { who } => world.connect(machines, net, who)?,
            Action::Ask { who } => world.ask(machines, net, who)?,
            Action::Up { wire } => world.hear(machines, net, usize::from(wire))?,
            Action::Down { wire } => world.deliver(machines, net, usize::from(wire))?,
            Action::Commit => {
                let position = machines.lists.get(world.stored).len();
                let record = world.store(machines, 1)[0];
                let position = u16::try_from(position).expect("the log is short");
                world.serve(machines, net, Happening::Committed { position, record })?;
            }
            Action::Answer => {
                let (conn, query, history) = net.loads.remove(0);
                world.serve(machines, net, Happening::Loaded { conn, query, history })?;
            }
            Action::Crash { kept } => world.crash(machines, net, usize::from(kept))?,
            Action::Cut { wire, kept } => world.cut(machines, net, usize::from(wire), usize::from(kept))?,
            Action::Deadline => {
                world.deadlines -= 1;
                world.serve(machines, net, Happening::Deadline)?;
            }
        }
        Ok(world)
    }

    fn connect(&mut self, machines: &mut Machines, net: &mut Net, who: u8) -> Result<(), String> {
        let somebody = &mut self.people[usize::from(who)];
        let deed = Deed::Connects { wanted: u16::from(std::mem::take(&mut somebody.wants)) };
        let lived = machines.live(somebody.client, deed)?;
        let conn = u16::from(who) * CONNS + lived.connected.expect("it asked for one");
        let wire = Wire { conn, up: vec![], down: vec![], paused: false, client: true, server: true };
        net.wires.push(wire);
        self.people[usize::from(who)].conn = conn;
        self.serve(machines, net, Happening::Opened { conn })?;
        self.live(machines, net, who, &lived);
        Ok(())
    }

    fn ask(&mut self, machines: &mut Machines, net: &mut Net, who: u8) -> Result<(), String> {
        let told = machines.lists.get(self.people[usize::from(who)].told);
        let seen = told.iter().rev().find_map(|news| super::judge::seq_of(machines.news.get(*news))).unwrap_or(Seq(0));
        let somebody = &mut self.people[usize::from(who)];
        let what = somebody.asked;
        somebody.seen[usize::from(what)] = u8::try_from(seen.0).expect("the log is short");
        somebody.asked += 1;
        let lived = machines.live(somebody.client, Deed::Asks { who, what })?;
        self.live(machines, net, who, &lived);
        Ok(())
    }

    fn hear(&mut self, machines: &mut Machines, net: &mut Net, wire: usize) -> Result<(), String> {
        let conn = net.wires[wire].conn;
        match net.wires[wire].up.remove(0) {
            END => {
                net.wires.remove(wire);
                self.serve(machines, net, Happening::Closed { conn })
            }
            chunk => self.serve(machines, net, Happening::Received { conn, chunk }),
        }
    }

    fn deliver(&mut self, machines: &mut Machines, net: &mut Net, wire: usize) -> Result<(), String> {
        let conn = net.wires[wire].conn;
        let (who, attempt) = (owner(conn), conn % CONNS);
        let deed = match net.wires[wire].down.remove(0) {
            END => {
                net.wires.remove(wire);
                self.people[usize::from(who)].conn = 0;
                Deed::Loses { attempt }
            }
            chunk => Deed::Hears { attempt, chunk },
        };
        let lived = machines.live(self.people[usize::from(who)].client, deed)?;
        self.live(machines, net, who, &lived);
        Ok(())
    }

    fn crash(&mut self, machines: &mut Machines, net: &mut Net, kept: usize) -> Result<(), String> {
        self.crashes -= 1;
        self.store(machines, kept);
        self.waiting = machines.lists.number(Vec::new()).0;
        *net = Net::default();
        for who in 0..2 {
            self.lose(machines, net, who)?;
        }
        let begun = machines.begin(self.stored, self.history)?;
        self.carry_out(machines, net, &begun);
        Ok(())
    }

    fn cut(&mut self, machines: &mut Machines, net: &mut Net, wire: usize, kept: usize) -> Result<(), String> {
        self.cuts -= 1;
        let wire = &mut net.wires[wire];
        wire.up.truncate(kept);
        wire.up.push(END);
        wire.down.clear();
        wire.client = false;
        let who = owner(wire.conn);
        self.lose(machines, net, who)
    }

    /// A client learns that its connection is gone.
    fn lose(&mut self, machines: &mut Machines, net: &mut Net, who: u8) -> Result<(), String> {
        let somebody = &mut self.people[usize::from(who)];
        if somebody.conn == 0 {
            return Ok(());
        }
        let attempt = std::mem::take(&mut somebody.conn) % CONNS;
        let lived = machines.live(somebody.client, Deed::Loses { attempt })?;
        self.live(machines, net, who, &lived);
        Ok(())
    }

    /// The first records on their way are durable.
    fn store(&mut self, machines: &mut Machines, count: usize) -> Vec<u32> {
        let mut waiting = machines.lists.get(self.waiting).clone();
        let mut stored = machines.lists.get(self.stored).clone();
        let moved: Vec<u32> = waiting.drain(..count).collect();
        stored.extend(&moved);
        self.waiting = machines.lists.number(waiting).0;
        self.stored = machines.lists.number(stored).0;
        moved
    }

    fn serve(&mut self, machines: &mut Machines, net: &mut Net, what: Happening) -> Result<(), String> {
        let served: Arc<Served> = machines.serve(self.server, what)?;
        self.carry_out(machines, net, &served);
        Ok(())
    }

    fn carry_out(&mut self, machines: &mut Machines, net: &mut Net, served: &Served) {
        self.server = served.server;
        if !served.appended.is_empty() {
            let waiting = [machines.lists.get(self.waiting), &served.appended[..]].concat();
            self.waiting = machines.lists.number(waiting).0;
        }
        if !served.kept.is_empty() {
            let mut kept = machines.histories.get(self.history).clone();
            for entry in &served.kept {
                if !kept.contains(entry) {
                    kept.push(Arc::clone(entry));
                }
            }
            self.history = machines.histories.number(kept).0;
        }
        net.loads.extend(served.loads.iter().map(|(conn, query)| (*conn, *query, self.history)));
        for (conn, chunk) in &served.wrote {
            if let Some(wire) = net.wires.iter_mut().find(|wire| wire.conn == *conn && wire.client) {
                wire.down.push(*chunk);
            }
        }
        for (conn, paused) in &served.paused {
            if let Some(wire) = net.wires.iter_mut().find(|wire| wire.conn == *conn) {
                wire.paused = *paused;
            }
        }
        for conn in &served.closed {
            if let Some(wire) = net.wires.iter_mut().find(|wire| wire.conn == *conn) {
                wire.server = false;
                wire.up.clear();
                wire.down.push(END);
            }
        }
        net.wires.retain(|wire| wire.client || wire.server);
    }

    fn live(&mut self, machines: &mut Machines, net: &mut Net, who: u8, lived: &Lived) {
        let somebody = &mut self.people[usize::from(who)];
        somebody.client = lived.client;
        if !lived.shown.is_empty() {
            let told = [machines.lists.get(somebody.told), &lived.shown[..]].concat();
            somebody.told = machines.lists.number(told).0;
        }
        somebody.answered |= lived.answered;
        somebody.online = lived.online.unwrap_or(somebody.online);
        somebody.ended |= lived.ended;
        let conn = somebody.conn;
        if lived.closed {
            somebody.conn = 0;
            somebody.online = false;
        }
        let Some(wire) = net.wires.iter_mut().find(|wire| wire.conn == conn) else { return };
        if wire.server {
            wire.up.extend(&lived.sent);
        }
        if lived.closed {
            (wire.client, wire.down) = (false, vec![]);
            wire.up.push(END);
        }
        net.wires.retain(|wire| wire.client || wire.server);
    }
}

/// Connections of one person are numbered from this times who they are.
pub(super) const CONNS: u16 = 100;

/// Whose a connection is.
pub(super) const fn owner(conn: u16) -> u8 {
    (conn / CONNS) as u8
}
