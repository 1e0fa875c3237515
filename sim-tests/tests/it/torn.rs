//! A commit of which a part reached the disk and a part did not: it never was, and nothing before it is touched.

use std::collections::BTreeSet;

use causerie_core::protocol::{Position, Record};
use causerie_core::time::WallTime;
use causerie_net::log::conformance::Story;
use causerie_net::log::{Embedded, Engine, Order};
use causerie_sim::marks::Mark;
use causerie_sim::record::{Ending, Happening, Word};
use causerie_sim::scenario::Scenario;
use causerie_sim::world::tcp::disk::{Disk, SECTOR};

/// Records that are there before.
const BEFORE: usize = 6;

#[test]
fn whatever_part_of_a_commit_is_on_the_disk_it_is_discarded_or_whole() {
    let mut records: Vec<Record> = Story::new(11).take(BEFORE + 2).collect();
    let (after, torn) = (records.pop().unwrap(), records.pop().unwrap());
    let disk = Disk::holding(Vec::new());
    append(&disk, records.clone());
    let before = disk.bytes();
    let disk = Disk::holding(before.clone());
    let mut engine = Embedded::on_backend(disk.open(), clock()).unwrap();
    let opened = disk.bytes();
    engine.run(vec![Order::Append(torn.clone())]);
    let whole = disk.bytes();
    let written = changed(&opened, &whole);
    assert!(written.len() > 8, "a commit is more than a few sectors: {written:?}");

    let (mut discarded, mut partly) = (0, 0);
    for operation in 1..24 {
        for draws in 0..12 {
            let disk = Disk::holding(before.clone());
            let mut engine = Embedded::on_backend(disk.open(), clock()).unwrap();
            disk.die_at(operation);
            engine.run(vec![Order::Append(torn.clone())]);
            let died = disk.is_dead();
            drop(engine);
            let mut draw = draws;
            let lost = disk.lose_power(|end| {
                draw = causerie_sim::entropy::mix(draw + 1);
                draw % end
            });
            let missing = changed(&disk.bytes(), &whole).intersection(&written).count();
            let left = stored(&disk);
            assert_eq!(left[..BEFORE], records, "nothing before it is touched: operation {operation}, draws {draws}");
            assert!(left.len() == BEFORE || (left.len() == BEFORE + 1 && left[BEFORE] == torn), "all or nothing");
            if died && lost.gone > 0 && lost.kept > 0 {
                discarded += usize::from(left.len() == BEFORE);
                partly += usize::from(left.len() == BEFORE && missing > 0 && missing < written.len());
            }
            append(&disk, vec![after.clone()]);
            assert_eq!(stored(&disk).last(), Some(&after), "and it goes on");
        }
    }
    assert!(discarded > 20 && partly > 20, "{discarded} commits were torn and discarded, {partly} seen on the disk");
}

#[test]
fn the_scenario_of_a_torn_write_is_about_one() {
    let played = Scenario::named("torn-write").unwrap().play().unwrap();
    let run = played.run.unwrap();
    assert_eq!((run.broken, run.marks.count(Mark::TornCommit)), (None, 1));
    let disk =
        run.trace.text().lines().find_map(|line| line.split_once("crash: of the sectors not synced ")).unwrap().1;
    let [gone, there] = [0, 3].map(|at| disk.split(' ').nth(at).unwrap().parse::<u32>().unwrap());
    assert!(gone > 0 && there > 0, "{disk}");
    let ended = Happening::ServerEnds { why: Ending::PowerLost, unsynced: 1, kept: 0 };
    assert!(run.record.events.iter().any(|event| event.what == ended), "{:?}", run.record.events);
    let asks = run
        .record
        .messages
        .iter()
        .filter(|message| matches!(&message.word, Word::Ask { text, .. } if text.contains("half of this")));
    assert_eq!(asks.count(), 2, "it is asked again");
}

fn append(disk: &Disk, records: Vec<Record>) {
    let mut engine = Embedded::on_backend(disk.open(), clock()).expect("a sound disk's store opens");
    engine.run(records.into_iter().map(Order::Append).collect());
}

fn stored(disk: &Disk) -> Vec<Record> {
    let engine = Embedded::on_backend(disk.open(), clock()).expect("a sound disk's store opens");
    let stored = engine.read(Position(0), usize::MAX).expect("and reads");
    stored.into_iter().map(|stored| stored.record).collect()
}

/// The sectors in which two states of a disk differ.
fn changed(before: &[u8], after: &[u8]) -> BTreeSet<usize> {
    let sector = |bytes: &[u8], at: usize| {
        let mut sector = bytes[(at * SECTOR).min(bytes.len())..].to_vec();
        sector.resize(SECTOR, 0);
        sector
    };
    let count = before.len().max(after.len()).div_ceil(SECTOR);
    (0..count).filter(|at| sector(before, *at) != sector(after, *at)).collect()
}

fn clock() -> causerie_net::clock::Wall {
    Box::new(|| WallTime(1_795_254_062_000))
}
