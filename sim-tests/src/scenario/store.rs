//! What befalls the store's file while no server runs: told in a folder of its own, with the store as it is shipped.

use std::fs;
use std::io;
use std::path::Path;

use causerie_core::time::WallTime;
use causerie_net::log::conformance::Story;
use causerie_net::log::{Embedded, Engine, Order, Snapshot, recover, verify};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};

use super::{Body, Scenario};

const RECORDS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("records");
/// Records that a story begins with.
const COUNT: u64 = 12;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "bit-rot",
        teaches: "a bit flips in the middle of the log: the server does not start, says where, and cuts nothing off",
        reaches: &[],
        body: Body::Store(bit_rot),
    },
    Scenario {
        name: "creation-interrupted",
        teaches: "a store whose creation was interrupted never existed: the next start creates it anew",
        reaches: &[],
        body: Body::Store(creation_interrupted),
    },
    Scenario {
        name: "two-processes",
        teaches: "a store has one server: a second process is refused, and told who has it",
        reaches: &[],
        body: Body::Store(two_processes),
    },
    Scenario {
        name: "fold-differs",
        teaches: "a state that a replay does not come to is not trusted: the record it forked at is named, with both digests",
        reaches: &[],
        body: Body::Store(fold_differs),
    },
];

/// What happened, line by line.
pub(super) struct Told<'a> {
    dir: &'a Path,
    lines: Vec<String>,
}

impl<'a> Told<'a> {
    pub(super) const fn new(dir: &'a Path) -> Self {
        Self { dir, lines: Vec::new() }
    }

    fn say(&mut self, line: impl Into<String>) {
        // The folder and the process are not what it is about, and differ each time.
        let line = line.into().replace(&self.dir.display().to_string(), "DIR");
        self.lines.push(line.replace(&format!("(pid {})", std::process::id()), "(pid PID)"));
    }

    pub(super) fn into_text(self) -> String {
        self.lines.into_iter().map(|line| format!("          {line}\n")).collect()
    }

    /// A server starts, as far as its log.
    fn start(&mut self) -> Option<Embedded> {
        let opened = Embedded::open(self.dir, clock()).map_err(|error| error.to_string());
        let started = opened.and_then(|mut engine| {
            let recovery = recover(&mut engine).map_err(|error| error.to_string())?;
            Ok((engine, recovery))
        });
        match started {
            Ok((engine, recovery)) => {
                let (records, replayed) = (recovery.chat.next().0, recovery.replayed);
                self.say(format!("✓ a server starts: {records} records, {replayed} of them replayed"));
                Some(engine)
            }
            Err(error) => {
                self.say(format!("✗ a server does not start: {error}"));
                None
            }
        }
    }

    fn verify(&mut self) {
        match verify(self.dir) {
            Ok(found) => self.say(format!("✓ causerie verify: {} records, all sound", found.records)),
            Err(error) => self.say(format!("✗ causerie verify: {error}")),
        }
    }

    /// A store with some records and a snapshot of the state that half of them come to.
    fn write_store(&mut self) -> io::Result<()> {
        let mut engine = Embedded::open(self.dir, clock()).map_err(io::Error::other)?;
        let count = usize::try_from(COUNT).expect("a small number");
        let mut appends: Vec<Order> = Story::new(11).take(count).map(Order::Append).collect();
        let later = appends.split_off(count / 2);
        engine.run(appends);
        let chat = recover(&mut engine).map_err(io::Error::other)?.chat;
        let (position, hash) = (chat.next(), chat.hash());
        engine.run(vec![Order::Snapshot { position, hash, bytes: chat.snapshot() }]);
        engine.run(later);
        self.say(format!(
            "a store of {COUNT} records is written, with a snapshot of what the first {} come to",
            count / 2
        ));
        Ok(())
    }
}

fn clock() -> causerie_net::clock::Wall {
    Box::new(|| WallTime(1_795_254_062_000))
}

fn bit_rot(told: &mut Told<'_>) -> io::Result<()> {
    told.write_store()?;
    let file = told.dir.join("causerie.redb");
    let db = Database::open(&file).map_err(io::Error::other)?;
    let change = || -> Result<(), redb::Error> {
        let txn = db.begin_write()?;
        {
            let mut records = txn.open_table(RECORDS)?;
            let mut bytes = records.get(COUNT - 2)?.map(|value| value.value().to_vec()).unwrap_or_default();
            if let Some(last) = bytes.last_mut() {
                *last ^= 4;
            }
            records.insert(COUNT - 2, &*bytes)?;
        }
        Ok(txn.commit()?)
    };
    change().map_err(io::Error::other)?;
    drop(db);
    told.say(format!("one bit of record {} flips on the disk", COUNT - 2));
    drop(told.start());
    told.verify();
    let db = Database::open(&file).map_err(io::Error::other)?;
    let last = db.begin_read().map_err(io::Error::other)?.open_table(RECORDS).map_err(io::Error::other)?;
    let last = last.last().map_err(io::Error::other)?.map(|(position, _)| position.value());
    told.say(format!("the last record in the file is still {}", last.unwrap_or_default()));
    Ok(())
}

fn creation_interrupted(told: &mut Told<'_>) -> io::Result<()> {
    fs::write(told.dir.join("causerie.redb.new"), b"redb, and then the power failed")?;
    told.say("a creation is interrupted: causerie.redb.new holds half a header, causerie.redb is not there");
    drop(told.start());
    let mut names: Vec<String> = Vec::new();
    for entry in fs::read_dir(told.dir)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    told.say(format!("in the folder: {}", names.join(", ")));
    told.verify();
    Ok(())
}

fn two_processes(told: &mut Told<'_>) -> io::Result<()> {
    told.write_store()?;
    let first = told.start();
    told.say("and while it runs, another is started on the same store");
    drop(told.start());
    drop(first);
    told.say("the first ends");
    drop(told.start());
    Ok(())
}

fn fold_differs(told: &mut Told<'_>) -> io::Result<()> {
    told.write_store()?;
    let mut engine = Embedded::open(told.dir, clock()).map_err(io::Error::other)?;
    let newest = engine.snapshot_below(causerie_core::protocol::Position(u64::MAX)).map_err(io::Error::other)?;
    let Some(Snapshot { position, mut hash, bytes }) = newest else {
        return Err(io::Error::other("the snapshot is not there"));
    };
    hash.0 = [0xab; 32];
    engine.run(vec![Order::Snapshot { position, hash, bytes }]);
    drop(engine);
    told.say("its snapshot is replaced by one with another digest, as a fold would leave that is not deterministic");
    told.verify();
    told.say("the log is the truth, a snapshot only saves time: one that is not what it says is passed over");
    drop(told.start());
    Ok(())
}
