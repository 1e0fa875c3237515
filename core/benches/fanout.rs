//! Delivery alone: what does it cost to show entries to receivers, without sockets?
//!
//! Each row publishes entries to a room and lets every receiver take what is pending, after each entry (the quiet room)
//! or after a burst. `queues` is the usual design, measured in the same run: one queue per receiver, one copy per
//! receiver and entry. The counter is deliveries, that is entries × receivers.
//!
//! `cargo bench -p causerie-core`; the bytes that a connection costs are printed first.

use std::collections::VecDeque;

use causerie_core::door::Vocabulary;
use causerie_core::fanout::{ConnId, Encoded, Fanout, FanoutLimits};
use causerie_core::protocol::{Key, Room, Seq};
use divan::Bencher;
use divan::counter::ItemsCount;

const LINE: &[u8] = br#"{"type":"said","seq":1234567,"at":1795254062250,"from":"bob","hue":1,"room":"lobby","text":"the probe is on bench 4"}
"#;
const ENTRIES: u64 = 256;

const LIMITS: FanoutLimits = FanoutLimits {
    ring_bytes_max: 256 * 1_024,
    rings_bytes_max: 64 * 1_024 * 1_024,
    lane_bytes_max: 128 * 1_024,
    windows_max: 128,
};

fn main() {
    for receivers in [1, 10_000] {
        let (fanout, _) = room(receivers);
        println!(
            "{receivers} idle: {} bytes a connection, {} in rings",
            fanout.connection_bytes(ConnId(1)),
            fanout.ring_bytes()
        );
    }
    let (mut fanout, room) = room(1);
    (1..=100_000).for_each(|seq| publish(&mut fanout, &room, seq, &mut Vec::new()));
    println!(
        "one that stands still after 100 000 entries: {} bytes, {} in rings",
        fanout.connection_bytes(ConnId(1)),
        fanout.ring_bytes()
    );
    divan::main();
}

fn room(receivers: u64) -> (Fanout, Room) {
    let mut fanout = Fanout::new(LIMITS, Seq(0));
    for conn in 1..=receivers {
        let mut key = [0; 16];
        key[..8].copy_from_slice(&conn.to_le_bytes());
        fanout.open(ConnId(conn));
        fanout.attach(ConnId(conn), Key::new(key).client(), Vocabulary::Native, Seq(0), [Room::lobby()]);
    }
    (fanout, Room::lobby())
}

fn publish(fanout: &mut Fanout, room: &Room, seq: u64, ready: &mut Vec<ConnId>) {
    let author = Key::new([0xff; 16]).client();
    fanout.publish(Seq(seq), author, std::slice::from_ref(room), |_, _| Encoded::Once(LINE.to_vec()), ready);
}

/// Takes what is pending, as a driver does: the slices go into one vectored write.
fn take(fanout: &mut Fanout, conn: ConnId) -> usize {
    let written: usize = fanout.pending(conn).map(|slice| divan::black_box(slice).len()).sum();
    fanout.written(conn, written);
    written
}

/// Entries, each taken by every receiver before the next; or all at once.
fn deliver(bencher: Bencher<'_, '_>, receivers: u64, burst: u64) {
    let deliveries = usize::try_from(ENTRIES * receivers).expect("a small number");
    bencher.counter(ItemsCount::new(deliveries)).with_inputs(|| room(receivers)).bench_local_values(
        |(mut fanout, room)| {
            let mut ready = Vec::new();
            let mut seq = 0;
            while seq < ENTRIES {
                for _ in 0..burst {
                    seq += 1;
                    publish(&mut fanout, &room, seq, &mut ready);
                }
                for conn in ready.drain(..) {
                    take(&mut fanout, conn);
                }
            }
            fanout
        },
    );
}

#[divan::bench(args = [10, 100, 1_000])]
fn rings_quiet(bencher: Bencher<'_, '_>, receivers: u64) {
    deliver(bencher, receivers, 1);
}

#[divan::bench(args = [10, 100, 1_000])]
fn rings_burst_of_64(bencher: Bencher<'_, '_>, receivers: u64) {
    deliver(bencher, receivers, 64);
}

/// The usual design, at its best: a queue of owned messages per receiver, encoded once, copied for each.
fn queue(bencher: Bencher<'_, '_>, receivers: u64, burst: u64) {
    let deliveries = usize::try_from(ENTRIES * receivers).expect("a small number");
    let queues = || (0..receivers).map(|_| VecDeque::new()).collect::<Vec<VecDeque<Vec<u8>>>>();
    bencher.counter(ItemsCount::new(deliveries)).with_inputs(queues).bench_local_values(|mut queues| {
        let mut seq = 0;
        while seq < ENTRIES {
            for _ in 0..burst {
                seq += 1;
                queues.iter_mut().for_each(|queue| queue.push_back(LINE.to_vec()));
            }
            for queue in &mut queues {
                divan::black_box(queue.drain(..).map(|line| divan::black_box(&line).len()).sum::<usize>());
            }
        }
        queues
    });
}

#[divan::bench(args = [10, 100, 1_000])]
fn queues_quiet(bencher: Bencher<'_, '_>, receivers: u64) {
    queue(bencher, receivers, 1);
}

#[divan::bench(args = [10, 100, 1_000])]
fn queues_burst_of_64(bencher: Bencher<'_, '_>, receivers: u64) {
    queue(bencher, receivers, 64);
}
