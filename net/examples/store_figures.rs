//! What the embedded store does on this machine, in figures: `cargo run --release --example store_figures [DIR]`.
//!
//! Commits one at a time and in batches as a server makes them, folding and keeping every entry, with a snapshot every
//! 20 000, until a million entries are stored; then opens the store as a start does, after a close and after a copy of
//! the file was taken while it was open, as a crash leaves it.

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use causerie_core::history::Query;
use causerie_core::limits::{FoldLimits, Limits};
use causerie_core::protocol::{
    Ask, ClientId, Intent, Key, LogId, Manner, Nick, NodeId, Origin, Record, RequestId, Room, Seq, Session, Standing,
    Target, Text, Through,
};
use causerie_net::clock::{Clock, system_wall};
use causerie_net::log::conformance::Keeper;
use causerie_net::log::{Embedded, Inline, Log, LogEvent, Order, Stored, Threaded, recover};

const ONE_AT_A_TIME: usize = 5_000;
const BATCH: usize = 256;
const ENTRIES: u64 = 1_000_000;
const PEOPLE: u8 = 10;

fn main() -> Result<(), Box<dyn Error>> {
    let parent = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, Into::into);
    let dir = tempfile::tempdir_in(parent)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut talk = Talk { n: 0 };
    runtime.block_on(one_at_a_time(dir.path(), &mut talk))?;
    runtime.block_on(in_batches(dir.path(), &mut talk))?;
    reads(dir.path())?;
    Ok(())
}

/// Three commits' worth of greeting, then one record of one message after the other.
struct Talk {
    n: u64,
}

fn client(who: u8) -> ClientId {
    Key::new([who; 16]).client()
}

impl Talk {
    fn begin() -> Record {
        let mut intents = vec![
            Intent::Genesis { log: LogId::new([1; 16]), fold: 1, limits: FoldLimits::default() },
            Intent::Started { node: NodeId(0), epoch: 1 },
        ];
        for who in 0..PEOPLE {
            let nick = Nick::try_from(format!("person{who}").as_str()).expect("this is a nick");
            let session = Session { node: NodeId(0), epoch: 1, count: u32::from(who) + 1 };
            let (standing, door) = (Standing::Keyed, Through::Native);
            intents.push(Intent::Attach { client: client(who), session, nick, standing, door });
        }
        Record { origin: Origin { node: NodeId(0), epoch: 1 }, intents }
    }
}

impl Iterator for Talk {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        let who = u8::try_from(self.n % u64::from(PEOPLE)).expect("a few people");
        let n = RequestId(self.n / u64::from(PEOPLE) + 1);
        let text = format!("message {:>7}: about as long as people write to each other", self.n);
        let text = Text::try_from(text.as_str()).expect("this is a text");
        let ask = Ask::Say { to: Target::Room(Room::lobby()), text, manner: Manner::Plain };
        self.n += 1;
        let intents = vec![Intent::Ask { client: client(who), n, seen: Seq(self.n), ask }];
        Some(Record { origin: Origin { node: NodeId(0), epoch: 1 }, intents })
    }
}

async fn one_at_a_time(dir: &Path, talk: &mut Talk) -> Result<(), Box<dyn Error>> {
    let mut engine = Embedded::open(dir, system_wall())?;
    let chat = recover(&mut engine)?.chat;
    let mut keeper = Keeper { chat, facts: Vec::new(), log: Threaded::start(engine)? };
    keeper.play(std::iter::once(Talk::begin())).await;
    let clock = Clock::start();
    let mut took = Vec::with_capacity(ONE_AT_A_TIME);
    for record in talk.take(ONE_AT_A_TIME) {
        let started = clock.now();
        keeper.log.submit(Order::Append(record));
        let LogEvent::Committed { position, at, record } = keeper.log.next().await else { panic!("it is committed") };
        took.push(clock.now().since(started));
        keeper.take(&Stored { position, at, record });
    }
    let all = clock.now().since(Default::default());
    took.sort();
    println!(
        "one at a time, on the thread: {:.0} commits/s, p50 {:?}, p99 {:?}",
        per_second(ONE_AT_A_TIME as u64, all),
        took[took.len() / 2],
        took[took.len() * 99 / 100]
    );
    Ok(())
}

async fn in_batches(dir: &Path, talk: &mut Talk) -> Result<(), Box<dyn Error>> {
    let mut engine = Embedded::open(dir, system_wall())?;
    let chat = recover(&mut engine)?.chat;
    let mut keeper = Keeper { chat, facts: Vec::new(), log: Inline::new(engine) };
    let (first, clock) = (keeper.chat.head().0, Clock::start());
    let every = Limits::default().snapshot_entries;
    let mut snapshot = first;
    while keeper.chat.head().0 < ENTRIES {
        keeper.play(talk.take(BATCH)).await;
        keeper.facts.clear();
        if keeper.chat.head().0 >= snapshot + every {
            snapshot = keeper.chat.head().0;
            keeper.snapshot();
        }
    }
    let (stored, all) = (keeper.chat.head().0 - first, clock.now().since(Default::default()));
    println!("{BATCH} a batch, folded and kept: {:.0} entries/s", per_second(stored, all));
    let crashed = tempfile::tempdir_in(dir)?;
    std::fs::copy(dir.join("causerie.redb"), crashed.path().join("causerie.redb"))?;
    // Else the start's first sync pays for the copy.
    std::fs::File::open(crashed.path().join("causerie.redb"))?.sync_all()?;
    println!("{} MB for {} entries", std::fs::metadata(dir.join("causerie.redb"))?.len() >> 20, keeper.chat.head().0);
    start("after a crash", crashed.path())?;
    drop(keeper.log.close());
    start("after a close", dir)
}

fn start(when: &str, dir: &Path) -> Result<(), Box<dyn Error>> {
    let clock = Clock::start();
    let mut engine = Embedded::open(dir, system_wall())?;
    let opened = clock.now();
    let found = recover(&mut engine)?;
    println!(
        "start {when}: open {:?}, recover {:?} ({} records replayed, {} entries kept), head {}",
        opened.since(Default::default()),
        clock.now().since(opened),
        found.replayed,
        found.kept,
        found.chat.head()
    );
    Ok(())
}

fn reads(dir: &Path) -> Result<(), Box<dyn Error>> {
    let mut engine = Embedded::open(dir, system_wall())?;
    recover(&mut engine)?;
    let mut log = Inline::new(engine);
    for (what, query) in [
        ("100 entries of a room from the middle", page(ENTRIES / 2)),
        ("a page of 32 KiB after entry 300 000", resume(300_000)),
    ] {
        let clock = Clock::start();
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        for tag in 0..100 {
            log.submit(Order::Load { tag, query: query.clone() });
            assert!(log.poll_next(&mut context).is_ready(), "a question is answered at once");
        }
        println!("{what}: {:?}", clock.now().since(Default::default()) / 100);
    }
    drop(log);
    let clock = Clock::start();
    let found = causerie_net::log::verify(dir)?;
    println!("verify: {:?} for {} records", clock.now().since(Default::default()), found.records);
    Ok(())
}

fn page(before: u64) -> Query {
    Query::Room {
        reference: 0,
        room: Room::lobby(),
        after: Seq(0),
        before: Some(Seq(before)),
        limit: 100,
        bytes_max: 32 * 1_024,
    }
}

fn resume(after: u64) -> Query {
    Query::Resume { who: client(1), after: Seq(after), bytes_max: 32 * 1_024 }
}

fn per_second(count: u64, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}
