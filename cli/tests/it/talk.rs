use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::host::{Home, Netcat, Program, Server, causerie};

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}

#[test]
fn two_programs_and_somebody_at_netcat_talk() {
    let home = Home::new("talk");
    let server = Server::start(&home, "127.0.0.1:0");
    let mut ada = Program::join(&home, &server.address, &["--nick", "ada"]);
    let mut bob = Program::join(&home, &server.address, &["--nick", "bob"]);
    assert_eq!(text(&ada.until("arrived"), "who"), "bob");
    let mut cleo = Netcat::join(&server.address, "cleo");
    assert_eq!(text(&ada.until("arrived"), "who"), "cleo");
    bob.until("arrived");

    ada.ask(r#"{"say":"hi","ref":"r1"}"#);
    let accepted = ada.until("accepted");
    assert_eq!((text(&accepted, "ref"), accepted["seq"].as_u64()), ("r1".into(), Some(4)));
    let said = bob.until("said");
    assert_eq!(
        (text(&said, "from"), text(&said, "room"), said["seq"].as_u64()),
        ("ada".into(), "lobby".into(), Some(4))
    );
    cleo.lines.until(|line| line.contains("ada: hi"));

    cleo.say("@ada @nobody: lunch?");
    let said = ada.until("said");
    assert_eq!((text(&said, "text"), &said["to"]), ("lunch?".into(), &serde_json::json!(["ada"])));
    bob.ask(r#"{"join":"bench4"}"#);
    bob.until("accepted");
    bob.ask(r#"{"me":"waves","room":"bench4"}"#);
    assert_eq!(bob.until("accepted")["alone"], true);
    bob.ask(r#"{"history":"bench4","ref":"h"}"#);
    let page = bob.until("page");
    assert_eq!((text(&page, "ref"), text(&page["entries"][1], "text")), ("h".into(), "waves".into()));

    server.console.until(|line| line.ends_with("cleo → ada, private"));
    server.console.until(|line| line.ends_with("#6  bob joined #bench4"));
    server.console.until(|line| line.ends_with("#7  #bench4 * bob waves"));
}

#[test]
fn at_the_end_of_input_everything_is_answered_first() {
    let home = Home::new("eof");
    let server = Server::start(&home, "127.0.0.1:0");
    let mut ada = Program::start(&home, &server.address, &["--nick", "ada"]);
    for i in 0..50 {
        ada.ask(&format!(r#"{{"say":"line {i}","ref":"{i}"}}"#));
    }
    ada.ask(r#"{"who":true,"ref":"last"}"#);
    ada.ask("nonsense");
    let (lines, status) = ada.finish();
    assert!(status.success());
    let of = |kind: &str| lines.iter().filter(|line| line["type"] == kind).cloned().collect::<Vec<_>>();
    let refs: Vec<String> = of("accepted").iter().map(|line| text(line, "ref")).collect();
    assert_eq!(refs, (0..50).map(|i| i.to_string()).collect::<Vec<_>>());
    assert_eq!((of("who").len(), text(&of("who")[0], "ref")), (1, "last".into()));
    assert_eq!(text(&of("refused")[0], "code"), "bad_input");
    assert_eq!(text(lines.last().unwrap(), "code"), "quit");
}

#[test]
fn lines_from_a_pipe_are_accepted_in_their_place() {
    let home = Home::new("plain");
    let server = Server::start(&home, "127.0.0.1:0");
    let bob = Program::join(&home, &server.address, &["--nick", "bob"]);
    let mut command = causerie(home.path());
    command.args(["client", &server.address, "--nick", "ada", "--room", "bench4"]);
    let mut ada = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    ada.stdin.take().unwrap().write_all(b"hello\n/frobnicate\n/join lobby\npsst\n").unwrap();
    let out = ada.wait_with_output().unwrap();
    assert!(out.status.success());
    assert_eq!(text(&bob.until("said"), "text"), "psst");
    let shown = String::from_utf8(out.stdout).unwrap();
    for line in ["#bench4 ada: hello", "* there is no command /frobnicate; /help lists them", "ada: psst"] {
        assert!(shown.contains(line), "{line} is not in {shown}");
    }
}

#[test]
fn a_server_that_is_told_to_stop_tells_everyone_and_is_gone() {
    let home = Home::new("stop");
    let mut server = Server::start(&home, "127.0.0.1:0");
    let ada = Program::join(&home, &server.address, &["--nick", "ada"]);
    let cleo = Netcat::join(&server.address, "cleo");
    let began = causerie_net::clock::wall();
    assert!(server.terminate().success());
    assert!(causerie_net::clock::wall().0 - began.0 < 2_000);
    server.console.until(|line| line == "  stopping: told 2 people, 2 entries on disk, resume works after a restart");
    cleo.lines.until(|line| line.contains("the server stops; all that was accepted is stored"));
    let offline = ada.lines.until(|line| line.contains("offline"));
    assert!(offline.contains("retry_ms") && offline.contains("the server stops"), "{offline}");
    assert!(ada.terminate().success(), "a client that is told to go, goes");
}

#[test]
fn nothing_of_an_ephemeral_server_survives_and_it_says_so() {
    let home = Home::new("ephemeral");
    let mut server = Server::start_with(&home, &["--ephemeral", "--listen", "127.0.0.1:0"]);
    let (lines, _) = {
        let mut ada = Program::join(&home, &server.address, &["--nick", "ada", "--no-state"]);
        ada.ask(r#"{"say":"hi"}"#);
        ada.finish()
    };
    assert!(lines.iter().any(|line| line["type"] == "accepted"));
    assert!(server.terminate().success());
    let told = server.console.until(|line| line.contains("stopping"));
    assert!(told.ends_with("forgotten, for it ran with --ephemeral"), "{told}");
}
