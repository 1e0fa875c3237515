//! The words scenarios are written in.

use crate::plan::{Deed, Disk, Fault, Kind, Network, Person, Plan, Room, Trouble, What, World};

/// A plan being written. People are called by their place in the list they came in; times are milliseconds.
pub(super) struct Script(Plan);

impl Script {
    /// Native clients of these names, all there from the start, on a network of 20 ms one way, at a server whose disk takes
    /// 2 ms; heartbeats and grace are short, so that a scenario is.
    pub(super) fn with(names: &[&str]) -> Self {
        let person = |name: &&str| Person { name: (*name).to_owned(), kind: Kind::Native, from_ms: 0 };
        Self(Plan {
            world: World::Pure,
            seed: 1,
            faults_ms: 0,
            settle_ms: 60_000,
            room: Room { tiny: false, brisk: true, rated: false, sessions_max: 64, unnamed_max: 256 },
            network: Network {
                latency_us: 20_000,
                jitter_us: 0,
                split_percent: 0,
                merge_percent: 0,
                window_bytes: 65_536,
            },
            disk: Disk { fsync_us: 2_000, jitter_us: 0 },
            people: names.iter().map(person).collect(),
            deeds: Vec::new(),
            faults: Vec::new(),
        })
    }

    /// With what is shipped around the machines, too: its sockets, and its store on a simulated disk.
    pub(super) const fn in_tcp(mut self) -> Self {
        self.0.world = World::Tcp;
        self
    }

    /// Rings, pages and windows hold a few entries.
    pub(super) const fn tiny(mut self) -> Self {
        self.0.room.tiny = true;
        self
    }

    /// So many bytes are on their way at most; who does not read holds up the rest.
    pub(super) const fn window_bytes(mut self, bytes: usize) -> Self {
        self.0.network.window_bytes = bytes;
        self
    }

    /// The disk takes so long.
    pub(super) const fn fsync_ms(mut self, ms: u64) -> Self {
        self.0.disk.fsync_us = ms * 1_000;
        self
    }

    /// What is left to chance falls as it does with this seed.
    pub(super) const fn seed(mut self, seed: u64) -> Self {
        self.0.seed = seed;
        self
    }

    /// Somebody is at netcat.
    pub(super) fn at_netcat(mut self, who: usize) -> Self {
        self.0.people[who].kind = Kind::Text;
        self
    }

    /// Somebody comes later.
    pub(super) fn from(mut self, who: usize, ms: u64) -> Self {
        self.0.people[who].from_ms = ms;
        self
    }

    /// Somebody says something in the lobby.
    pub(super) fn say(self, at_ms: u64, who: usize, words: &str) -> Self {
        self.deed(at_ms, who, What::Say { room: "lobby".to_owned(), bytes: 0 }, words)
    }

    /// Somebody says something to somebody.
    pub(super) fn tell(self, at_ms: u64, who: usize, to: &str, words: &str) -> Self {
        self.deed(at_ms, who, What::Private { to: vec![to.to_owned()] }, words)
    }

    /// Somebody does something without words.
    pub(super) fn act(self, at_ms: u64, who: usize, what: What) -> Self {
        self.deed(at_ms, who, what, "")
    }

    fn deed(mut self, at_ms: u64, who: usize, what: What, words: &str) -> Self {
        let id = u32::try_from(self.0.deeds.len()).expect("a scenario is short") + 1;
        self.0.deeds.push(Deed { id, at_ms, who, what, words: words.to_owned() });
        self
    }

    /// Something goes wrong.
    pub(super) fn fault(mut self, at_ms: u64, what: Trouble) -> Self {
        let id = u32::try_from(self.0.faults.len()).expect("a scenario is short") + 1;
        self.0.faults.push(Fault { id, at_ms, what });
        self
    }

    /// The plan; whatever went wrong ends at that moment.
    pub(super) fn until(mut self, ms: u64) -> Plan {
        self.0.faults_ms = ms;
        self.0
    }
}
