//! Browsers over real sockets: HTTP and WebSockets on the port of everyone else.

use std::net::SocketAddr;
use std::time::Duration;

use causerie_core::chat::Chat;
use causerie_core::limits::Limits;
use causerie_core::protocol::Through;
use causerie_net::log::{Inline, Memory};
use causerie_net::server::Takes;
use causerie_net::transport::Tcp;
use causerie_net::web::{File, MESSAGE_BYTES_MAX, Site, WebLimits};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::hosts::{Guest, Host, in_time, memory, on_one_thread};

const FILES: &[File] =
    &[File { path: "/", kind: "text/html; charset=utf-8", text: "<!doctype html><title>page</title>" }];
const HELLO: &str = r#"{"type":"hello","version":1,"key":"000102030405060708090a0b0c0d0e0f","nick":"ada"}"#;

type Served = Host<Inline<Memory>>;

async fn host_with(site: WebLimits, limits: Limits, takes: Takes) -> Served {
    let site = Site { files: FILES, names: vec!["lab.example".into()], limits: site, ..Site::default() };
    let started = Host::start_at(Tcp, ("127.0.0.1:0", takes), site, Chat::new(), memory(), limits, Box::new(|_, _| ()));
    started.await.unwrap()
}

async fn host() -> Served {
    host_with(WebLimits::default(), Limits::default(), Takes::Everybody).await
}

/// Sends bytes, and gives all that comes back until the end.
async fn sent(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = in_time(TcpStream::connect(address)).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    in_time(stream.read_to_end(&mut answer)).await.unwrap();
    String::from_utf8(answer).unwrap()
}

/// One request, with these fields beside `Host`.
async fn asked(host: &Served, line: &str, fields: &str) -> String {
    let request = format!("{line} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{fields}\r\n", host.address);
    sent(host.address, request.as_bytes()).await
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

#[test]
fn a_browser_is_served_on_the_port_of_everyone() {
    on_one_thread(async {
        let host = host().await;
        let page = asked(&host, "GET /", "").await;
        assert!(page.starts_with("HTTP/1.1 200 ") && body(&page) == FILES[0].text, "{page}");
        assert_eq!(body(&asked(&host, "HEAD /", "").await), "");
        assert_eq!(body(&asked(&host, "GET /healthz", "").await), "ok\n");
        let nothing = asked(&host, "GET /nothing/../%2e", "").await;
        assert!(nothing.starts_with("HTTP/1.1 404 ") && nothing.contains("/log.txt"), "{nothing}");
        let posted = asked(&host, "POST /", "Content-Length: 3\r\n").await;
        assert!(posted.starts_with("HTTP/1.1 405 ") && posted.contains("allow: GET, HEAD"), "{posted}");
        for answer in [page, nothing, posted] {
            for field in [
                "content-security-policy: default-src 'none';",
                "x-content-type-options: nosniff",
                "cache-control: no-store",
            ] {
                assert!(answer.contains(field), "{field} is missing: {answer}");
            }
        }
        host.stop().await;
    });
}

#[test]
fn how_the_first_bytes_are_cut_makes_no_difference() {
    on_one_thread(async {
        let host = host().await;
        let request = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", host.address);
        let mut stream = TcpStream::connect(host.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        for byte in request.as_bytes() {
            stream.write_all(&[*byte]).await.unwrap();
            tokio::task::yield_now().await;
        }
        let mut answer = String::new();
        in_time(stream.read_to_string(&mut answer)).await.unwrap();
        assert!(answer.ends_with("ok\n"), "{answer}");
        // On a connection that stays, what follows is taken too, whatever was said at once.
        let twice = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n{request}", host.address);
        assert_eq!(sent(host.address, twice.as_bytes()).await.matches("ok\n").count(), 2);
        host.stop().await;
    });
}

#[test]
fn who_names_another_server_is_not_answered() {
    on_one_thread(async {
        let host = host().await;
        let called = async |fields: &str| {
            let request = format!("GET /log.txt HTTP/1.1\r\nConnection: close\r\n{fields}\r\n");
            let answer = sent(host.address, request.as_bytes()).await;
            answer.split(' ').nth(1).unwrap().to_owned() + " " + body(&answer).lines().next().unwrap_or_default()
        };
        assert_eq!(
            called("Host: evil.example:3823\r\n").await,
            "421 this server does not go by the name evil.example; whoever runs it can allow that: \
             causerie server --web-host evil.example"
        );
        assert!(called("Host: 10.0.0.7\r\n").await.starts_with("421"));
        assert!(called("").await.starts_with("400"));
        assert!(called("Host: localhost\r\nHost: evil.example\r\n").await.starts_with("400"));
        for host in ["localhost:1", "lab.example", "127.0.0.1"] {
            assert!(called(&format!("Host: {host}\r\n")).await.starts_with("200"), "{host}");
        }
        host.stop().await;
    });
}

async fn websocket(host: &Served, origin: Option<&str>) -> Result<WebSocketStream<TcpStream>, Error> {
    let stream = in_time(TcpStream::connect(host.address)).await.unwrap();
    let mut request = format!("ws://{}/ws", host.address).into_client_request().unwrap();
    if let Some(origin) = origin {
        request.headers_mut().insert("origin", origin.parse().unwrap());
    }
    in_time(client_async(request, stream)).await.map(|(socket, _)| socket)
}

/// The next text.
async fn text(socket: &mut WebSocketStream<TcpStream>) -> String {
    loop {
        match in_time(socket.next()).await.unwrap().unwrap() {
            Message::Text(text) => return text.to_string(),
            Message::Ping(_) | Message::Pong(_) => {}
            other @ (Message::Binary(_) | Message::Close(_) | Message::Frame(_)) => panic!("{other:?}"),
        }
    }
}

/// Lines, until one has this in it.
async fn until(socket: &mut WebSocketStream<TcpStream>, part: &str) -> Vec<String> {
    let mut lines = Vec::new();
    loop {
        let text = text(socket).await;
        assert!(text.ends_with('\n'), "a message is whole lines: {text:?}");
        lines.extend(text.lines().map(str::to_owned));
        if text.contains(part) {
            return lines;
        }
    }
}

#[test]
fn a_websocket_of_another_site_is_refused() {
    on_one_thread(async {
        let host = host().await;
        for (origin, status) in [("http://evil.example", 403), ("null", 403), ("http://localhost:3823", 403)] {
            let Err(Error::Http(answer)) = websocket(&host, Some(origin)).await else { panic!("{origin} is let in") };
            assert_eq!(answer.status().as_u16(), status, "{origin}");
        }
        drop(websocket(&host, Some(&format!("http://{}", host.address))).await.unwrap());
        drop(websocket(&host, None).await.unwrap());
        let plain = asked(&host, "GET /ws", "").await;
        assert!(plain.starts_with("HTTP/1.1 426 ") && plain.contains("upgrade: websocket"), "{plain}");
        host.stop().await;
    });
}

#[test]
fn a_websocket_carries_the_native_protocol() {
    on_one_thread(async {
        let host = host().await;
        let mut bob = Guest::arrive(host.address, "bob").await;
        let mut ada = websocket(&host, None).await.unwrap();
        ada.send(Message::text(HELLO)).await.unwrap(); // The end of a message ends a line.
        until(&mut ada, "\"welcome\"").await;
        bob.hear("ada, joined chat room").await;
        let three = "{\"type\":\"say\",\"n\":1,\"text\":\"one\"}\n{\"type\":\"say\",\"n\":2,\"text\":\"zwei é 日本\"}\n{\"type\":\"ping\"}\n";
        ada.send(Message::text(three)).await.unwrap();
        bob.hear("ada: zwei é 日本").await;
        let told = until(&mut ada, "\"n\":2").await;
        assert_eq!(told.iter().filter(|line| line.contains("\"accepted\"")).count(), 2, "{told:?}");
        bob.say("from netcat").await;
        until(&mut ada, "from netcat").await;
        ada.send(Message::Ping("are you there?".into())).await.unwrap();
        while !matches!(in_time(ada.next()).await.unwrap().unwrap(), Message::Pong(there) if there == "are you there?")
        {
        }
        ada.close(None).await.unwrap();
        while !matches!(in_time(ada.next()).await, None | Some(Ok(Message::Close(_)))) {}
        host.stop().await;
    });
}

#[test]
fn a_page_whose_timers_sleep_is_kept_by_its_browser() {
    on_one_thread(async {
        let limits = Limits { heartbeat_ms: 20, idle_ms: 200, ..Limits::default() };
        let host = host_with(WebLimits::default(), limits, Takes::Everybody).await;
        let mut ada = websocket(&host, None).await.unwrap();
        ada.send(Message::text(HELLO)).await.unwrap();
        until(&mut ada, "\"welcome\"").await;
        for _ in 0..20 {
            let ping = in_time(ada.next()).await.unwrap().unwrap(); // Reading answers it.
            assert!(matches!(ping, Message::Ping(_)), "{ping:?}");
        }
        ada.send(Message::text(r#"{"type":"say","n":1,"text":"still here"}"#)).await.unwrap();
        until(&mut ada, "\"accepted\"").await;
        host.stop().await;
    });
}

#[test]
fn what_is_said_before_the_upgrade_is_answered_is_not_lost() {
    on_one_thread(async {
        let host = host().await;
        let mut stream = TcpStream::connect(host.address).await.unwrap();
        let head = format!(
            "GET /ws HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            host.address
        );
        // A masked text frame, its mask all zeros.
        let frame = [&[0x81, 0x80 | u8::try_from(HELLO.len()).unwrap(), 0, 0, 0, 0], HELLO.as_bytes()].concat();
        assert!(HELLO.len() < 126);
        stream.write_all(&[head.as_bytes(), &frame].concat()).await.unwrap();
        let mut answer = Vec::new();
        while !String::from_utf8_lossy(&answer).contains("\"welcome\"") {
            assert!(in_time(stream.read_buf(&mut answer)).await.unwrap() > 0, "{answer:?}");
        }
        host.stop().await;
    });
}

#[test]
fn a_message_that_is_too_long_or_no_text_ends_its_connection_with_a_reason() {
    on_one_thread(async {
        let host = host().await;
        let too_long = Message::text("a".repeat(MESSAGE_BYTES_MAX + 1));
        for (message, code) in [(too_long, CloseCode::Size), (Message::binary(vec![0; 3]), CloseCode::Unsupported)] {
            let mut socket = websocket(&host, None).await.unwrap();
            socket.send(message).await.unwrap();
            let reason = loop {
                match in_time(socket.next()).await.unwrap().unwrap() {
                    Message::Close(frame) => break frame.unwrap(),
                    Message::Ping(_) => {}
                    other @ (Message::Text(_) | Message::Binary(_) | Message::Pong(_) | Message::Frame(_)) => {
                        panic!("{other:?}")
                    }
                }
            };
            assert_eq!(reason.code, code);
        }
        let mut guest = Guest::arrive(host.address, "bob").await;
        guest.say("still here").await;
        host.stop().await;
    });
}

#[test]
fn a_head_that_is_slow_or_long_ends_its_connection() {
    on_one_thread(async {
        let web = WebLimits { head_ms: 50, ..WebLimits::default() };
        let host = host_with(web, Limits::default(), Takes::Everybody).await;
        let slow = sent(host.address, b"GET / HTTP/1.1\r\nHost: loc").await;
        assert!(slow.is_empty() || slow.starts_with("HTTP/1.1 4"), "{slow}");
        // A connection that stays is not kept for ever either.
        let kept = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", host.address);
        assert!(sent(host.address, kept.as_bytes()).await.ends_with("ok\n"));
        let long = asked(&host, "GET /", &format!("X: {}\r\n", "x".repeat(20_000))).await;
        assert!(long.starts_with("HTTP/1.1 431 "), "{long}");
        let many = asked(&host, "GET /", &"X: x\r\n".repeat(100)).await;
        assert!(many.starts_with("HTTP/1.1 431 "), "{many}");
        host.stop().await;
    });
}

#[test]
fn browsers_take_no_place_of_those_who_have_not_said_their_name() {
    on_one_thread(async {
        let web = WebLimits { connections_max: 3, ..WebLimits::default() };
        let host = host_with(web, Limits { unnamed_max: 1, ..Limits::default() }, Takes::Everybody).await;
        let mut browsers = Vec::new();
        for _ in 0..3 {
            let mut browser = TcpStream::connect(host.address).await.unwrap();
            let request = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", host.address);
            browser.write_all(request.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            while !answer.ends_with(b"ok\n") {
                assert!(in_time(browser.read_buf(&mut answer)).await.unwrap() > 0);
            }
            browsers.push(browser);
        }
        let one_more = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", host.address);
        let mut stream = TcpStream::connect(host.address).await.unwrap();
        stream.write_all(one_more.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let ended = in_time(stream.read_to_end(&mut answer)).await;
        assert!(answer.is_empty(), "there was no place left, and yet {ended:?}");
        // The name is asked for, and given, as if there were no browsers.
        Guest::arrive(host.address, "bob").await;
        drop(browsers.pop());
        while !asked(&host, "GET /healthz", "").await.ends_with("ok\n") {}
        host.stop().await;
    });
}

#[test]
fn a_door_of_its_own_lets_in_nobody_else() {
    on_one_thread(async {
        let web = host_with(WebLimits::default(), Limits::default(), Takes::Browsers).await;
        assert!(asked(&web, "GET /healthz", "").await.ends_with("ok\n"));
        assert!(sent(web.address, b"ada\nhello\n").await.starts_with("HTTP/1.1 400 "));
        web.stop().await;
        let text = host_with(WebLimits::default(), Limits::default(), Takes::Only(Through::Text)).await;
        let mut guest = Guest::connect(text.address).await;
        guest.say("GET / HTTP/1.1\nbob").await;
        guest.hear("bob, Welcome to chat room").await;
        text.stop().await;
    });
}

#[test]
fn the_log_is_read_as_text_page_by_page() {
    on_one_thread(async {
        let web = WebLimits { log_entries_max: 3, ..WebLimits::default() };
        let host = host_with(web, Limits::unlimited(), Takes::Everybody).await;
        let mut bob = Guest::arrive(host.address, "bob").await;
        for word in ["one", "two", "@bob not for others", "three", "/join bench4", "at the bench", "exit"] {
            bob.say(word).await;
        }
        bob.rest().await;
        let times = |text: &str| {
            let lines = text.lines().map(|line| if line.as_bytes()[2] == b':' { &line[6..] } else { line });
            lines.collect::<Vec<_>>().join("\n")
        };
        insta::assert_snapshot!(times(body(&asked(&host, "GET /log.txt", "").await)));
        insta::assert_snapshot!(times(body(&asked(&host, "GET /log.txt?room=lobby&before=4", "").await)));
        let bench = asked(&host, "GET /log.txt?room=%23Bench4", "").await;
        assert!(bench.contains("#bench4 bob: at the bench"), "{bench}");
        assert!(asked(&host, "GET /log.txt?room=a%20b", "").await.starts_with("HTTP/1.1 400 "));
        host.stop().await;
    });
}

#[test]
fn the_log_of_a_room_that_is_not_open_to_everybody_is_not_read_from_outside() {
    on_one_thread(async {
        let host = host_with(WebLimits::default(), Limits::unlimited(), Takes::Everybody).await;
        let mut bob = Guest::arrive(host.address, "bob").await;
        for (room, mode) in [("closed", "/mode +i"), ("hidden", "/mode +s"), ("locked", "/mode +k sesame")] {
            for word in [&format!("/join {room}"), "at the bench", "/names"] {
                bob.say(word).await;
            }
            bob.hear("1 here, 1 members").await; // What was said before that is in the log.
            let read = async || asked(&host, &format!("GET /log.txt?room={room}"), "").await;
            assert!(read().await.contains("bob: at the bench"), "{room} is open yet");
            for word in [mode, "/names"] {
                bob.say(word).await;
            }
            bob.hear("1 here, 1 members").await;
            let (closed, other) = (read().await, asked(&host, "GET /log.txt", "").await);
            assert!(closed.starts_with("HTTP/1.1 200 ") && !closed.contains("bench"), "{closed}");
            assert!(!other.contains(room), "{other}");
            for word in [&*format!("/leave {room}"), &format!("/join {room}"), "after that", "/names"] {
                bob.say(word).await;
            }
            bob.hear("1 here, 1 members").await;
            let sealed = read().await; // Open again, and without its past.
            assert!(sealed.contains("bob: after that") && !sealed.contains("bench"), "{sealed}");
        }
        host.stop().await;
    });
}

#[test]
fn a_stopping_server_says_so_and_waits_for_nobody() {
    on_one_thread(async {
        let host = host().await;
        let mut idle = TcpStream::connect(host.address).await.unwrap();
        idle.write_all(format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", host.address).as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"ok\n") {
            assert!(in_time(idle.read_buf(&mut answer)).await.unwrap() > 0);
        }
        let mut slow = TcpStream::connect(host.address).await.unwrap();
        slow.write_all(b"GET /healthz HT").await.unwrap();
        let mut ada = websocket(&host, None).await.unwrap();
        ada.send(Message::text(HELLO)).await.unwrap();
        until(&mut ada, "\"welcome\"").await;
        let told = tokio::task::spawn_local(async move {
            until(&mut ada, "\"server_stops\"").await;
            while let Some(Ok(_)) = in_time(ada.next()).await {}
        });
        tokio::time::timeout(Duration::from_secs(5), host.stop()).await.expect("a second, about");
        told.await.unwrap();
    });
}

#[test]
fn a_websocket_that_is_read_late_gets_everything_in_order() {
    on_one_thread(async {
        let host = host_with(WebLimits::default(), Limits::unlimited(), Takes::Everybody).await;
        let mut ada = websocket(&host, None).await.unwrap();
        ada.send(Message::text(HELLO)).await.unwrap();
        until(&mut ada, "\"welcome\"").await;
        let mut bob = Guest::arrive(host.address, "bob").await;
        let filling = "x".repeat(1_000);
        for i in 0..8_000 {
            bob.say(&format!("{i} {filling}")).await;
        }
        bob.say("exit").await;
        bob.rest().await;
        let lines = until(&mut ada, "\"departed\"").await;
        let numbers =
            lines.iter().filter_map(|line| line.split_once("\"text\":\"")?.1.split(' ').next()?.parse::<u32>().ok());
        assert!(numbers.eq(0..8_000), "all of them, in order, once");
        host.stop().await;
    });
}
