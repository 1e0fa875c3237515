//! The machines under numbers: what one of them makes of what happens to it is worked out once, and looked up ever after.
//!
//! That is sound because a machine is a function of its state and its input, and states are told apart by equality.

use std::hash::Hash;
use std::sync::Arc;

use causerie_core::chat::Chat;
use causerie_core::client::{self, Client, Command, Memory, News};
use causerie_core::history;
use causerie_core::protocol::{Ask, Entry, Key, Manner, Nick, Position, Record, Room, Target, Text};
use causerie_core::server::{Input, Output, Server};
use causerie_core::time::{Timestamp, WallTime};

use super::host::{Host, id, place};
use super::table::Table;
use crate::panics;

/// What the two people are called.
pub(super) const NAMES: [&str; 2] = ["ada", "bob"];

/// Everything that was ever met on the way, each under its number.
#[derive(Debug, Default)]
pub(super) struct Machines {
    pub(super) servers: Table<Server>,
    pub(super) clients: Table<Client>,
    pub(super) records: Table<Record>,
    pub(super) chunks: Table<Vec<u8>>,
    pub(super) queries: Table<history::Query>,
    /// What history was given to keep.
    pub(super) histories: Table<Vec<Arc<Entry>>>,
    pub(super) news: Table<News>,
    /// Lists of numbers: records, news.
    pub(super) lists: Table<Vec<u32>>,
    served: Memo<(u32, Happening), Served>,
    lived: Memo<(u32, Deed), Lived>,
    begun: Memo<(u32, u32), Served>,
}

/// What was worked out before.
#[derive(Debug)]
struct Memo<K, V> {
    keys: Table<K>,
    values: Vec<Arc<V>>,
}

impl<K: Eq + Hash, V> Default for Memo<K, V> {
    fn default() -> Self {
        Self { keys: Table::default(), values: Vec::new() }
    }
}

/// What can happen to the server.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Happening {
    Opened {
        conn: u16,
    },
    Received {
        conn: u16,
        chunk: u32,
    },
    Closed {
        conn: u16,
    },
    Committed {
        position: u16,
        record: u32,
    },
    Loaded {
        conn: u16,
        query: u32,
        history: u32,
    },
    /// Time passed up to its next deadline.
    Deadline,
}

/// What can happen to a client.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Deed {
    /// It gets the connection it asked for; if it asked for none yet, time passes until it does.
    Connects {
        wanted: u16,
    },
    Asks {
        who: u8,
        what: u8,
    },
    Hears {
        attempt: u16,
        chunk: u32,
    },
    Loses {
        attempt: u16,
    },
}

/// What came of something that happened to the server.
#[derive(Debug, Default)]
pub(super) struct Served {
    pub(super) server: u32,
    pub(super) wrote: Vec<(u16, u32)>,
    pub(super) appended: Vec<u32>,
    pub(super) kept: Vec<Arc<Entry>>,
    pub(super) loads: Vec<(u16, u32)>,
    pub(super) closed: Vec<u16>,
    pub(super) paused: Vec<(u16, bool)>,
}

/// What came of something that happened to a client.
#[derive(Debug, Default)]
pub(super) struct Lived {
    pub(super) client: u32,
    /// Which connection it asked for and was given.
    pub(super) connected: Option<u16>,
    pub(super) sent: Vec<u32>,
    /// What it was shown of the log, and whatever it should not have been told.
    pub(super) shown: Vec<u32>,
    /// Which of its asks were answered, as bits.
    pub(super) answered: u8,
    pub(super) online: Option<bool>,
    pub(super) closed: bool,
    pub(super) ended: bool,
}

/// What one person says, one after the other: marked, so that the checks know each in the log.
pub(super) fn mark(who: u8, what: u8) -> String {
    format!("d{}{}", who + 1, what + 1)
}

fn key(who: u8) -> Key {
    Key::new([who + 1; 16])
}

/// Who somebody is.
pub(super) fn identity(who: u8) -> causerie_core::protocol::ClientId {
    key(who).client()
}

impl Machines {
    /// A client program that was just started, and asks for its first connection.
    pub(super) fn new_client(&mut self, who: u8) -> u32 {
        let nick = Nick::try_from(NAMES[usize::from(who)]).expect("it is clean");
        let mut client = Client::new(Memory::new(key(who), nick), u64::from(who));
        let mut orders = Vec::new();
        client.handle(Timestamp::default(), client::Input::Elapsed, &mut orders);
        assert!(orders == [client::Output::Connect { attempt: 1 }], "it asks for a connection first");
        self.clients.number(client).0
    }

    /// What the server makes of something.
    pub(super) fn serve(&mut self, server: u32, what: Happening) -> Result<Arc<Served>, String> {
        if let Some(known) = self.served.keys.find(&(server, what)) {
            return Ok(Arc::clone(&self.served.values[known as usize]));
        }
        let served = Arc::new(quietly(|| self.work_out(server, what))?);
        self.served.keys.number((server, what));
        self.served.values.push(Arc::clone(&served));
        Ok(served)
    }

    /// A server started from the log.
    pub(super) fn begin(&mut self, stored: u32, history: u32) -> Result<Arc<Served>, String> {
        if let Some(known) = self.begun.keys.find(&(stored, history)) {
            return Ok(Arc::clone(&self.begun.values[known as usize]));
        }
        let served = Arc::new(quietly(|| self.start(stored))?);
        self.begun.keys.number((stored, history));
        self.begun.values.push(Arc::clone(&served));
        Ok(served)
    }

    /// What a client makes of something.
    pub(super) fn live(&mut self, client: u32, what: Deed) -> Result<Arc<Lived>, String> {
        if let Some(known) = self.lived.keys.find(&(client, what)) {
            return Ok(Arc::clone(&self.lived.values[known as usize]));
        }
        let lived = Arc::new(quietly(|| self.live_on(client, what))?);
        self.lived.keys.number((client, what));
        self.lived.values.push(Arc::clone(&lived));
        Ok(lived)
    }

    fn work_out(&mut self, server: u32, what: Happening) -> Served {
        let mut host = Host::new(self.servers.get(server).clone());
        match what {
            Happening::Opened { conn } => {
                let entropy = u128::from(conn).to_be_bytes();
                host.feed(Input::Opened { conn: id(conn), door: None, peer: String::new(), entropy });
            }
            Happening::Received { conn, chunk } => {
                host.feed(Input::Received { conn: id(conn), bytes: self.chunks.get(chunk) });
            }
            Happening::Closed { conn } => host.feed(Input::Closed { conn: id(conn) }),
            Happening::Committed { position, record } => {
                let record = self.records.get(record).clone();
                host.feed(Input::Committed { position: Position(u64::from(position)), at: WallTime(0), record });
            }
            Happening::Loaded { conn, query, history } => {
                let query = self.queries.get(query).clone();
                let mut kept = history::Memory::default();
                self.histories.get(history).iter().for_each(|entry| kept.keep(entry));
                let Ok(found) = history::answer(&kept, &query);
                host.feed(Input::Loaded { conn: id(conn), query, found: Some(found) });
            }
            Happening::Deadline => {
                host.now = host.server.poll_timeout().unwrap_or_default();
                host.feed(Input::Elapsed);
            }
        }
        self.settle(host)
    }

    /// A fresh server reads the log and is open. Whatever place a snapshot of the fold was taken at, it and the rest of
    /// the log come to the same.
    fn start(&mut self, stored: u32) -> Served {
        let records: Vec<Record> =
            self.lists.get(stored).iter().map(|record| self.records.get(*record).clone()).collect();
        let mut host = Host::from(Chat::new(), &records);
        for place in 1..=records.len() {
            let before = Host::from(Chat::new(), &records[..place]);
            let chat = Chat::restore(&before.server.chat().snapshot()).expect("a snapshot reads back");
            let from_snapshot = Host::from(chat, &records);
            assert!(from_snapshot.server.chat() == host.server.chat(), "a snapshot and the rest come to the same fold");
        }
        host.feed(Input::Begun { entropy: [9; 16] });
        self.settle(host)
    }

    /// Numbers what came of it. What there is to write was written.
    fn settle(&mut self, host: Host) -> Served {
        let mut served = Served::default();
        for output in host.orders {
            match output {
                Output::Ready { .. } => {}
                Output::Pause { conn } => served.paused.push((place(conn), true)),
                Output::Resume { conn } => served.paused.push((place(conn), false)),
                Output::Close { conn } | Output::HandOver { conn, .. } => served.closed.push(place(conn)),
                Output::Append { record } => served.appended.push(self.records.number(record).0),
                Output::Keep { entries } => served.kept.extend(entries),
                Output::Load { conn, query } => served.loads.push((place(conn), self.queries.number(query).0)),
                Output::Snapshot { .. } => unreachable!("so few entries make no snapshot"),
            }
        }
        served.wrote = host.wrote.into_iter().map(|(conn, bytes)| (place(conn), self.chunks.number(bytes).0)).collect();
        served.server = self.servers.number(host.server).0;
        served
    }

    fn live_on(&mut self, client: u32, what: Deed) -> Lived {
        let mut machine = self.clients.get(client).clone();
        let mut lived = Lived::default();
        let mut orders = Vec::new();
        let now = Timestamp::default(); // A machine's time does not go back: it stands still.
        match what {
            Deed::Connects { wanted } => {
                lived.connected = Some(wanted).filter(|wanted| *wanted > 0);
                while lived.connected.is_none() {
                    let due = machine.poll_timeout().expect("a client that is offline wants to be woken");
                    let before = orders.len();
                    machine.handle(due, client::Input::Elapsed, &mut orders);
                    lived.connected = orders[before..].iter().find_map(|order| match order {
                        client::Output::Connect { attempt } => Some(u16::try_from(*attempt).expect("few are made")),
                        client::Output::Send { .. }
                        | client::Output::Close { .. }
                        | client::Output::Show(_)
                        | client::Output::Remember(_)
                        | client::Output::End => None,
                    });
                }
                let attempt = lived.connected.map_or(0, u64::from);
                machine.handle(now, client::Input::Connected { attempt }, &mut orders);
            }
            Deed::Asks { who, what } => {
                let mark = mark(who, what);
                let text = Text::try_from(&*mark).expect("it is clean");
                let ask = Ask::Say { to: Target::Room(Room::lobby()), text, manner: Manner::Plain };
                let command = Command::Ask { ask, reference: Some(mark.into()) };
                machine.handle(now, client::Input::Asked(command), &mut orders);
            }
            Deed::Hears { attempt, chunk } => {
                let bytes = self.chunks.get(chunk);
                machine.handle(now, client::Input::Received { attempt: u64::from(attempt), bytes }, &mut orders);
            }
            Deed::Loses { attempt } => {
                let why = "connection reset".into();
                machine.handle(now, client::Input::Closed { attempt: u64::from(attempt), why }, &mut orders);
            }
        }
        for order in orders {
            match order {
                client::Output::Connect { .. } => assert!(lived.connected.is_some(), "it asks when its time has come"),
                client::Output::Remember(_) => {}
                client::Output::Send { bytes, .. } => lived.sent.push(self.chunks.number(bytes).0),
                client::Output::Close { .. } => lived.closed = true,
                client::Output::Show(news) => self.show(news, &mut lived),
                client::Output::End => lived.ended = true,
            }
        }
        lived.client = self.clients.number(machine).0;
        lived
    }

    fn show(&mut self, news: News, lived: &mut Lived) {
        let answers = |reference: &str| {
            (0..8).find(|what| (0..2).any(|who| mark(who, *what) == reference)).map_or(0, |what| 1 << what)
        };
        let news = match news {
            News::Waiting(_) => return,
            News::Online(_) => return lived.online = Some(true),
            News::Offline { .. } => return lived.online = Some(false),
            News::Accepted { pending, seq, at, notes, entry } => {
                let reference = pending.as_ref().and_then(|pending| pending.reference.as_deref());
                lived.answered |= reference.map_or(0, answers);
                News::Accepted { pending: None, seq, at, notes, entry }
            }
            News::Saw(_)
            | News::Refused { .. }
            | News::Who { .. }
            | News::Rooms { .. }
            | News::Room { .. }
            | News::Oper { .. }
            | News::Denied { .. }
            | News::Page { .. }
            | News::Missed { .. }
            | News::Notice(_)
            | News::Ended { .. } => news,
        };
        lived.shown.push(self.news.number(news).0);
    }
}

/// A machine's broken belief, told instead of thrown.
fn quietly<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    let mut done = None;
    let broken = panics::watch(|| done = Some(work()));
    done.ok_or_else(|| broken.unwrap_or_default())
}
