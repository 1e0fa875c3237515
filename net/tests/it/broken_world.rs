//! Whatever the world does to a server or a client: no descriptors, no log, a broken belief.

use std::cell::Cell;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::task::{Context, Poll};

use causerie_core::chat::Chat;
use causerie_core::client::{Client, Memory, News};
use causerie_core::limits::Limits;
use causerie_core::protocol::{Intent, Key, Nick, Record};
use causerie_core::time::Timestamp;
use causerie_net::client::{Face, RunError, run};
use causerie_net::clock::Clock;
use causerie_net::log::{Log, LogError, LogEvent, Order};
use causerie_net::server::{Observed, Observer};
use causerie_net::transport::{Tcp, Transport};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::hosts::{Guest, Host, Native, in_time, memory, offline, on_one_thread};

#[test]
fn a_server_without_descriptors_waits_and_takes_whoever_waited() {
    on_one_thread(async {
        // No descriptors twice, then a connection that went before it came, which is no reason to wait.
        let failures = Rc::new(Cell::new(vec![libc_error(103), libc_error(24), libc_error(23)]));
        let network = Starved { failures: failures.clone() };
        let host = Host::start_with(network, "127.0.0.1:0", Chat::new(), memory(), Limits::default(), quiet());
        let _tugay = Guest::arrive(host.await.unwrap().address, "tugay").await;
        assert!(failures.take().is_empty());
    });
}

#[test]
fn a_server_whose_log_is_lost_says_so_and_can_be_read() {
    on_one_thread(async {
        let lost = Rc::new(Cell::new(false));
        let log = Breaking { log: memory(), lose: lost.clone(), said: false, panic: false };
        let told = Rc::<Cell<Option<String>>>::default();
        let tell = told.clone();
        let observe: Observer = Box::new(move |_, observed| {
            if let Observed::NotStoring(why) = observed {
                tell.set(Some(why.to_owned()));
            }
        });
        let host = Host::start_with(Tcp, "127.0.0.1:0", Chat::new(), log, Limits::default(), observe).await.unwrap();
        let mut tugay = Guest::arrive(host.address, "tugay").await;
        let mut ada = Guest::arrive(host.address, "ada").await;
        ada.say("kept").await;
        tugay.hear("ada: kept").await;
        lost.set(true);
        ada.say("lost").await;
        assert!(tugay.line().await.unwrap().contains("stor"), "everyone is told");
        tugay.say("/history").await;
        tugay.hear("ada: kept").await;
        tugay.say("more").await;
        while !tugay.line().await.unwrap().contains("stor") {}
        assert!(told.take().unwrap().contains("storing failed"));
    });
}

#[test]
#[should_panic(expected = "a broken belief")]
fn a_panic_in_a_connections_task_ends_the_server() {
    on_one_thread(async {
        let log = Breaking { log: memory(), lose: Rc::default(), said: false, panic: true };
        let host = Host::start(log, Limits::default()).await;
        let mut tugay = Guest::connect(host.address).await;
        tugay.say("tugay").await;
        std::panic::resume_unwind(in_time(host.served).await.err().unwrap().into_panic());
    });
}

#[test]
fn a_client_says_why_it_is_not_connected() {
    on_one_thread(async {
        let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let ada = Native::start(address, "ada", 1);
        assert_eq!(ada.told(offline).await, "connection refused");
        let host = Host::start_with(Tcp, address, Chat::new(), memory(), Limits::default(), quiet());
        let _host = host.await.unwrap();
        ada.told(|news| matches!(news, News::Online(_)).then_some(())).await;
        ada.quit().await;
    });
}

#[test]
fn a_client_that_cannot_remember_ends_before_it_sends() {
    on_one_thread(async {
        let host = Host::start(memory(), Limits::default()).await;
        let client = Client::new(Memory::new(Key::new([1; 16]), Nick::try_from("ada").unwrap()), 1);
        let (_commands, asked) = mpsc::channel(1);
        let mut face = Forgetful;
        let ran = run(Tcp, host.address.to_string(), client, Clock::start(), asked, std::future::pending(), &mut face);
        assert!(matches!(in_time(ran).await, Err(RunError::Remember(_))));
    });
}

struct Forgetful;

impl Face for Forgetful {
    fn show(&mut self, _news: &News, _client: &Client, _now: Timestamp) {}

    fn remember(&mut self, _memory: &Memory) -> io::Result<()> {
        Err(io::ErrorKind::StorageFull.into())
    }
}

/// TCP that fails to accept, first.
struct Starved {
    /// The first failure last.
    failures: Rc<Cell<Vec<io::Error>>>,
}

impl Transport for Starved {
    type Stream = TcpStream;
    type Listener = TcpListener;

    async fn listen(&self, address: &str) -> io::Result<(TcpListener, SocketAddr)> {
        Tcp.listen(address).await
    }

    async fn accept(&self, listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
        let mut failures = self.failures.take();
        let failure = failures.pop();
        self.failures.set(failures);
        match failure {
            Some(failure) => Err(failure),
            None => Tcp.accept(listener).await,
        }
    }

    async fn connect(&self, address: &str) -> io::Result<TcpStream> {
        Tcp.connect(address).await
    }
}

/// A log that is lost, or breaks a belief.
struct Breaking<L> {
    log: L,
    lose: Rc<Cell<bool>>,
    said: bool,
    /// Whether the first thing a connection asks for is a panic.
    panic: bool,
}

impl<L: Log> Log for Breaking<L> {
    fn submit(&mut self, order: Order) {
        let is_append = matches!(order, Order::Append(_));
        let starts = |record: &Record| record.intents.iter().any(|intent| matches!(intent, Intent::Started { .. }));
        let begins = matches!(&order, Order::Append(record) if starts(record));
        assert!(!(self.panic && is_append && !begins), "a broken belief");
        if !(is_append && self.lose.get()) {
            self.log.submit(order);
        }
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<LogEvent> {
        if self.lose.get() && !std::mem::replace(&mut self.said, true) {
            return Poll::Ready(LogEvent::Lost(LogError::Unstored { why: "no space left".to_owned() }));
        }
        self.log.poll_next(cx)
    }
}

fn quiet() -> Observer {
    Box::new(|_, _| ())
}

fn libc_error(code: i32) -> io::Error {
    io::Error::from_raw_os_error(code)
}
