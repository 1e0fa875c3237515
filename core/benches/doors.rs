//! Which door is it, and what does finding that out cost? It is asked once a connection, of its first bytes: compare with
//! reading one message through the native door, in the same run.
//!
//! `cargo bench -p causerie-core --bench doors`

use causerie_core::door::native::Native;
use causerie_core::door::sniff::sniff;
use causerie_core::door::{Door, Style};
use causerie_core::protocol::{Notice, Reply};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

const HELLO: &[u8] = br#"{"type":"hello","version":1,"key":"63c1be6d76e22c58d5efbd2c8a8f1d4b","nick":"ada","after":0}
"#;
const SAY: &[u8] = br#"{"type":"say","n":1,"seen":2,"room":"lobby","text":"the probe is on bench 4"}
"#;

#[divan::bench(args = ["native", "IRC", "HTTP", "text"])]
fn telling_the_door(bencher: Bencher<'_, '_>, who: &str) {
    let first: &[u8] = match who {
        "native" => HELLO,
        "IRC" => b"CAP LS 302\r\n",
        "HTTP" => b"GET / HTTP/1.1\r\n",
        _ => b"ada\n",
    };
    bencher.bench(|| sniff(black_box(first)));
}

#[divan::bench]
fn reading_one_native_message(bencher: Bencher<'_, '_>) {
    let mut requests = Vec::new();
    let mut door = Native::default();
    door.decode(SAY, &mut requests).expect("it is one");
    bencher.bench_local(|| {
        requests.clear();
        door.decode(black_box(SAY), &mut requests)
    });
}

#[divan::bench]
fn writing_one_native_notice(bencher: Bencher<'_, '_>) {
    let mut out = Vec::new();
    bencher.bench_local(|| {
        out.clear();
        Native::encode(Style::default(), black_box(&Reply::Notice(Notice::NotStoring)), &mut out);
    });
}
