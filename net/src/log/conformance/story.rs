//! Records as a lively server would append them.

use causerie_core::limits::FoldLimits;
use causerie_core::protocol::{
    Ask, ClientId, Intent, Key, Leaving, LogId, Manner, Nick, NodeId, Origin, Record, RequestId, Room, Seq, Session,
    Standing, Target, Text, Through,
};

/// An endless sequence of records, the same for the same seed: people come, join rooms, talk to rooms and to each other,
/// leave rooms, go and come back. Records have one to a few intents, texts none to several thousand bytes.
#[derive(Debug)]
pub struct Story {
    random: u64,
    /// Records told.
    told: u64,
    people: Vec<Teller>,
    sessions: u32,
}

#[derive(Debug)]
struct Teller {
    client: ClientId,
    nick: Nick,
    session: Option<Session>,
    last: RequestId,
}

impl Story {
    /// The story of a seed.
    ///
    /// # Panics
    /// Never: its names are names.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let teller = |who: u8| Teller {
            client: Key::new([who; 16]).client(),
            nick: Nick::try_from(format!("teller{who}").as_str()).expect("this is a nick"),
            session: None,
            last: RequestId(0),
        };
        Self {
            random: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            told: 0,
            people: (0..PEOPLE).map(teller).collect(),
            sessions: 0,
        }
    }

    /// A number below `below`.
    fn any(&mut self, below: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 11) % below
    }

    fn intent(&mut self) -> Intent {
        let who = usize::try_from(self.any(u64::from(PEOPLE))).expect("a few people");
        let Some(session) = self.people[who].session else { return self.come(who) };
        if self.any(40) == 0 {
            let teller = &mut self.people[who];
            teller.session = None;
            return Intent::Depart { client: teller.client, session, why: Leaving::Quit };
        }
        let ask = self.ask();
        let seen = Seq(u64::MAX);
        let teller = &mut self.people[who];
        teller.last = teller.last.next();
        Intent::Ask { client: teller.client, n: teller.last, seen, ask }
    }

    fn come(&mut self, who: usize) -> Intent {
        self.sessions += 1;
        let session = Session { node: NODE, epoch: 1, count: self.sessions };
        let teller = &mut self.people[who];
        teller.session = Some(session);
        let (client, nick) = (teller.client, teller.nick.clone());
        Intent::Attach { client, session, nick, standing: Standing::Keyed, door: Through::Native }
    }

    fn ask(&mut self) -> Ask {
        let room = self.room();
        match self.any(10) {
            0 => Ask::Join { room },
            1 => Ask::Leave { room },
            2 => {
                let whom = usize::try_from(self.any(u64::from(PEOPLE))).expect("a few people");
                let to = Target::People(vec![self.people[whom].nick.clone()]);
                Ask::Say { to, text: self.text(), manner: Manner::Plain }
            }
            3 => Ask::Say { to: Target::Room(room), text: self.text(), manner: Manner::Action },
            _ => Ask::Say { to: Target::Room(Room::lobby()), text: self.text(), manner: Manner::Plain },
        }
    }

    fn room(&mut self) -> Room {
        let name = ["lobby", "lab", "bench4", "çay"][usize::try_from(self.any(4)).expect("a few rooms")];
        Room::try_from(name).expect("this is a room's name")
    }

    fn text(&mut self) -> Text {
        let len = if self.any(20) == 0 { 1 + self.any(4_000) } else { 1 + self.any(60) };
        let text = "x".repeat(usize::try_from(len).expect("a short text"));
        Text::try_from(text.as_str()).expect("this is a text")
    }
}

impl Iterator for Story {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        self.told += 1;
        let intents = if self.told == 1 {
            let log = LogId::new([9; 16]);
            vec![
                Intent::Genesis { log, fold: 1, limits: FoldLimits::default() },
                Intent::Started { node: NODE, epoch: 1 },
            ]
        } else {
            let count = if self.any(8) == 0 { 1 + self.any(5) } else { 1 };
            (0..count).map(|_| self.intent()).collect()
        };
        Some(Record { origin: Origin { node: NODE, epoch: 1 }, intents })
    }
}

const NODE: NodeId = NodeId(0);
const PEOPLE: u8 = 12;
