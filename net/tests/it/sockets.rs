//! The server and the client over real sockets.

use causerie_core::chat::Chat;
use causerie_core::client::News;
use causerie_core::limits::Limits;
use causerie_core::protocol::Sight;
use causerie_net::log::{Embedded, Threaded, recover};
use causerie_net::transport::Tcp;
use tempfile::tempdir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::hosts::{Guest, Host, Native, console, in_time, memory, offline, on_one_thread, words};
use crate::subjects::jumping_wall;

#[test]
fn people_at_netcat_and_at_the_client_talk_with_each_other() {
    on_one_thread(async {
        let (printed, observe) = console();
        let host = Host::start_with(Tcp, "localhost:0", Chat::new(), memory(), Limits::default(), observe);
        let host = host.await.unwrap();
        let mut tugay = Guest::arrive(host.address, "tugay").await;
        let hasan = Native::arrive(host.address, "hasan", 1).await;
        let ada = Native::arrive(host.address, "ada", 2).await;
        tugay.hear("hasan, joined chat room").await;
        tugay.say("aa").await;
        assert_eq!(hasan.heard().await, words("tugay", "aa"));
        assert_eq!(ada.heard().await, words("tugay", "aa"));
        hasan.say("merhaba").await;
        assert_eq!(ada.heard().await, words("hasan", "merhaba"));
        tugay.hear("hasan: merhaba").await;
        hasan.quit().await;
        tugay.hear("hasan left").await;
        tugay.say("exit").await;
        assert_eq!(ada.told(departure).await, "hasan");
        assert_eq!(ada.told(departure).await, "tugay");
        ada.quit().await;
        host.stop().await;
        insta::assert_snapshot!(printed.borrow().join("\n"), @r"
        tugay arrived through Text, from somewhere
        hasan arrived through Native, from somewhere
        ada arrived through Native, from somewhere
        tugay said aa
        hasan said merhaba
        hasan departed (Quit), gone
        tugay departed (Quit), gone
        ada departed (Quit), gone
        ");
    });
}

#[test]
fn who_says_nothing_is_asked_for_a_name() {
    on_one_thread(async {
        let host = Host::start(memory(), Limits { greet_ms: 20, ..Limits::default() }).await;
        let mut silent = Guest::connect(host.address).await;
        let mut greeting = Vec::new();
        while !greeting.ends_with(b"your name? ") {
            greeting.push(in_time(silent.reader.read_u8()).await.unwrap());
        }
        silent.say("tugay").await;
        silent.hear("tugay, Welcome to chat room").await;
    });
}

#[test]
fn who_sends_everything_at_once_and_ends_gets_every_answer() {
    on_one_thread(async {
        let host = Host::start(memory(), Limits::default()).await;
        let mut other = Guest::arrive(host.address, "other").await;
        let mut piped = Guest::connect(host.address).await;
        piped.writer.write_all(b"piped\none\n/nonsense\ntwo\n/who\n").await.unwrap();
        piped.writer.shutdown().await.unwrap();
        let said = piped.rest().await.join("\n");
        assert!(said.contains("Welcome") && said.contains("nonsense") && said.contains("other"), "{said}");
        other.hear("piped: one").await;
        other.hear("piped: two").await;
        other.hear("piped left").await;
    });
}

#[test]
fn nobody_is_let_in_beyond_the_limit_and_everybody_is_told_why() {
    on_one_thread(async {
        let host = Host::start(memory(), Limits { sessions_max: 1, unnamed_max: 1, ..Limits::default() }).await;
        let mut first = Guest::arrive(host.address, "first").await;
        let mut second = Guest::connect(host.address).await;
        second.say("second").await;
        let said = second.rest().await.join("\n");
        assert!(said.contains("full"), "{said}");
        let mut waiting = Guest::connect(host.address).await;
        let mut third = Guest::connect(host.address).await;
        let said = third.rest().await.join("\n");
        assert!(said.contains("too many are connecting"), "{said}");
        first.say("exit").await;
        first.rest().await;
        waiting.say("waiting").await;
        waiting.hear("waiting, Welcome to chat room").await;
    });
}

#[test]
fn a_server_that_stops_tells_everyone_and_its_address_is_free_at_once() {
    on_one_thread(async {
        let host = Host::start(memory(), Limits::default()).await;
        let address = host.address;
        let mut tugay = Guest::arrive(address, "tugay").await;
        let mut unnamed = Guest::connect(address).await;
        let ada = Native::arrive(address, "ada", 1).await;
        let log = host.stop().await;
        for said in [tugay.rest().await, unnamed.rest().await] {
            assert!(said.join("\n").contains("server"), "{said:?}");
        }
        let why = ada.told(offline).await;
        assert!(why.contains("server"), "{why}");

        let mut engine = log.close();
        let found = recover(&mut engine).unwrap();
        let log = causerie_net::log::Inline::new(engine);
        let limits = Limits::default();
        let again = Host::start_with(Tcp, address, found.chat, log, limits, Box::new(|_, _| ()));
        let again = again.await.unwrap();
        assert_eq!(again.address, address);
        ada.told(|news| matches!(news, News::Online(_)).then_some(())).await;
    });
}

#[test]
fn an_address_in_use_is_an_error_that_names_it() {
    on_one_thread(async {
        let host = Host::start(memory(), Limits::default()).await;
        let address = host.address.to_string();
        let limits = Limits::default();
        let second = Host::start_with(Tcp, &*address, Chat::new(), memory(), limits, Box::new(|_, _| ())).await;
        let said = second.err().unwrap().to_string();
        assert!(said.starts_with(&format!("cannot listen at {address}: ")), "{said}");
    });
}

#[test]
fn what_is_said_while_the_server_is_down_is_heard_once_when_it_is_back() {
    on_one_thread(async {
        let dir = tempdir().unwrap();
        let host = start_at(dir.path(), "127.0.0.1:0").await;
        let address = host.address;
        let ada = Native::arrive(address, "ada", 1).await;
        let bob = Native::arrive(address, "bob", 2).await;
        ada.say("before").await;
        assert_eq!(bob.heard().await, words("ada", "before"));
        assert!(host.stop().await.close().is_some());
        ada.told(offline).await;
        ada.say("meanwhile").await;
        let host = start_at(dir.path(), address).await;
        ada.say("after").await;
        assert_eq!(bob.heard().await, words("ada", "meanwhile"));
        assert_eq!(bob.heard().await, words("ada", "after"));
        bob.quit().await;
        ada.quit().await;
        host.stop().await;
    });
}

async fn start_at(dir: &std::path::Path, address: impl ToString) -> Host<Threaded<Embedded>> {
    let mut engine = Embedded::open(dir, jumping_wall()).unwrap();
    let found = recover(&mut engine).unwrap();
    let log = Threaded::start(engine).unwrap();
    Host::start_with(Tcp, address, found.chat, log, Limits::default(), Box::new(|_, _| ())).await.unwrap()
}

fn departure(news: &News) -> Option<String> {
    let News::Saw(seen) = news else { return None };
    matches!(seen.sight, Sight::Departed { .. }).then(|| seen.from.to_string())
}
