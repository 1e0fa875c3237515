//! A reader that stops reading costs a cursor, loses nothing and slows nobody.

use std::cell::Cell;
use std::rc::Rc;

use causerie_core::chat::Chat;
use causerie_core::limits::Limits;
use causerie_core::protocol::Seq;
use causerie_core::server::ConnId;
use causerie_net::server::{Observed, Observer};
use causerie_net::transport::Tcp;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::TcpSocket;
use tokio::task::spawn_local;

use crate::hosts::{Guest, Host, in_time, memory, on_one_thread};

const LINES: u64 = 100_000;

#[test]
fn a_slow_reader_costs_a_cursor_loses_nothing_and_slows_nobody() {
    on_one_thread(async {
        let limits = Limits::unlimited();
        let (held, observe) = watched();
        let host = Host::start_with(Tcp, "127.0.0.1:0", Chat::new(), memory(), limits, observe).await.unwrap();
        // The first connection.
        let mut slow = arrive_with_a_small_buffer(host.address).await;
        let mut quick = Guest::arrive(host.address, "quick").await;
        let mut writer = Guest::arrive(host.address, "writer").await;
        let writing = spawn_local(async move {
            for first in (1..=LINES).step_by(1_000) {
                let lines: String = (first..first + 1_000).map(|line| said(line) + "\n").collect();
                in_time(writer.writer.write_all(lines.as_bytes())).await.unwrap();
            }
            writer
        });
        read_all(&mut quick).await;
        let _writer = writing.await.unwrap();
        assert!(held.cursor.get().0 * 2 < LINES, "it was meant to lag: {:?} is read", held.cursor.get());
        read_all(&mut slow).await;
        assert!(held.rings.get() <= limits.rings_bytes_max, "{} bytes in rings", held.rings.get());
        let own_max = 4 * (limits.page_bytes_max + limits.lane_bytes_max);
        assert!(held.own.get() <= own_max, "{} bytes for one connection", held.own.get());
    });
}

/// The most the server held while it ran, in bytes.
#[derive(Default)]
struct Held {
    rings: Cell<usize>,
    /// For the slow reader alone.
    own: Cell<usize>,
    /// What the slow reader was sent.
    cursor: Cell<Seq>,
}

fn watched() -> (Rc<Held>, Observer) {
    let held = Rc::<Held>::default();
    let noted = held.clone();
    let observe: Observer = Box::new(move |server, observed| {
        if let Observed::Entry { .. } = observed {
            let (fanout, slow) = (server.fanout(), ConnId(1));
            noted.rings.set(noted.rings.get().max(fanout.ring_bytes()));
            noted.own.set(noted.own.get().max(fanout.connection_bytes(slow)));
            noted.cursor.set(fanout.cursor(slow));
        }
    });
    (held, observe)
}

fn said(line: u64) -> String {
    format!("line {line} of very many that nobody at the other end takes the trouble to read, not one of them")
}

async fn arrive_with_a_small_buffer(address: std::net::SocketAddr) -> Guest {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4 * 1_024).unwrap();
    let (reader, writer) = in_time(socket.connect(address)).await.unwrap().into_split();
    let mut slow = Guest { reader: BufReader::new(reader), writer };
    slow.say("slow").await;
    slow.hear(", Welcome to chat room").await;
    slow
}

/// Reads every line, once and in order.
async fn read_all(guest: &mut Guest) {
    guest.hear(&said(1)).await;
    for line in 2..=LINES {
        let heard = guest.line().await.unwrap();
        assert!(heard.ends_with(&said(line)), "instead of line {line}: {heard}");
    }
}
