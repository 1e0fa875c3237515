//! Ruling 16: nothing lost, doubled or out of order, and nobody's own words as news; per life of a client, and by number
//! over its lives.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::host::{Home, Netcat, Program, Server};

/// What one person was shown, over all lives of their client: text by number, and what they said themselves.
#[derive(Default, Debug)]
struct Shown {
    said: BTreeMap<u64, String>,
    own: BTreeMap<u64, String>,
    last: u64,
}

impl Shown {
    /// Takes what one life of a client was shown.
    fn life(&mut self, me: &str, lines: &[Value]) {
        self.last = 0; // In each life numbers only grow.
        for line in lines {
            let text = |value: &Value| value["text"].as_str().unwrap_or_default().to_owned();
            match line["type"].as_str().unwrap() {
                "said" => {
                    assert_ne!(line["from"], me, "own words as news: {line}");
                    let (seq, text) = (self.grow(line), text(line));
                    if let Some(before) = self.said.insert(seq, text.clone()) {
                        assert_eq!(before, text, "{seq} is two things");
                    }
                }
                "accepted" => {
                    let seq = self.grow(line);
                    let what = match line["ref"].as_str() {
                        Some(reference) => reference.to_owned(),
                        None => text(&line["entry"]),
                    };
                    if let Some(before) = self.own.insert(seq, what.clone()) {
                        assert_eq!(before, what, "{seq} is two things");
                    }
                }
                "refused" => panic!("{line}"),
                _ => {}
            }
        }
    }

    fn grow(&mut self, line: &Value) -> u64 {
        let seq = line["seq"].as_u64().unwrap();
        assert!(seq > self.last, "{seq} after {}", self.last);
        self.last = seq;
        seq
    }

    fn texts(of: &BTreeMap<u64, String>) -> Vec<String> {
        of.values().cloned().collect()
    }
}

fn say(program: &mut Program, text: &str) {
    program.ask(&format!(r#"{{"say":"{text}","ref":"{text}"}}"#));
}

fn lines_of(program: &Program, more: usize, kind: &str) -> Vec<Value> {
    let mut lines = Vec::new();
    while lines.iter().filter(|line: &&Value| line["type"] == kind).count() < more {
        lines.push(program.next().unwrap());
    }
    lines
}

fn until_said(program: &Program, text: &str) -> Vec<Value> {
    let mut lines = Vec::new();
    while lines.last().is_none_or(|line: &Value| line["text"] != text) {
        lines.push(program.next().unwrap());
    }
    lines
}

fn numbered(who: &str, range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|i| format!("{who}-{i}")).collect()
}

#[test]
fn a_server_killed_in_mid_conversation_loses_doubles_and_reorders_nothing() {
    let home = Home::new("server-killed");
    let mut server = Server::start(&home, "127.0.0.1:0");
    let mut ada = Program::join(&home, &server.address, &["--nick", "ada"]);
    let mut bob = Program::join(&home, &server.address, &["--nick", "bob"]);
    ada.until("arrived");
    let (mut adas, mut bobs) = (Vec::new(), Vec::new());
    for round in 0..4 {
        for i in round * 25..(round + 1) * 25 {
            say(&mut ada, &format!("ada-{i}"));
            say(&mut bob, &format!("bob-{i}"));
        }
        // In the middle of it.
        adas.extend(lines_of(&ada, 5, "accepted"));
        let address = server.kill();
        server = Server::start(&home, &address);
    }
    let missing = |lines: &[Value], kind| 100 - lines.iter().filter(|line| line["type"] == kind).count();
    adas.extend(lines_of(&ada, missing(&adas, "said"), "said"));
    bobs.extend(lines_of(&bob, 100, "said"));
    let (rest, ended) = ada.finish();
    adas.extend(rest);
    assert!(ended.success());
    let (rest, ended) = bob.finish();
    bobs.extend(rest);
    assert!(ended.success());

    let (mut ada, mut bob) = (Shown::default(), Shown::default());
    ada.life("ada", &adas);
    bob.life("bob", &bobs);
    assert_eq!(Shown::texts(&ada.own), numbered("ada", 0..100));
    assert_eq!(Shown::texts(&bob.own), numbered("bob", 0..100));
    assert_eq!(ada.said, bob.own, "ada saw what bob was told is accepted, under the same numbers");
    assert_eq!(bob.said, ada.own);
    let mut cleo = Netcat::join(&server.address, "cleo");
    cleo.say("/history");
    cleo.lines.until(|line| line.contains("ada-99") || line.contains("bob-99"));
}

#[test]
fn guests_come_back_to_a_killed_server_under_their_own_names_at_once() {
    let home = Home::new("guests-back");
    let mut server = Server::start(&home, "127.0.0.1:0");
    let (mut bob, mut cleo) = (Netcat::join(&server.address, "bob"), Netcat::join_by_irc(&server.address, "cleo"));
    for round in 0..5 {
        bob.say(&format!("{round}"));
        server.console.until(|line| line.ends_with(&format!("bob: {round}")));
        let address = server.kill();
        server = Server::start(&home, &address);
        bob = Netcat::join(&server.address, "bob");
        cleo = Netcat::join_by_irc(&server.address, "cleo");
    }
    cleo.say("PRIVMSG bob :still us\r");
    bob.lines.until(|line| line.contains("still us"));
}

#[test]
fn a_client_killed_in_mid_stream_loses_doubles_and_reorders_nothing() {
    let home = Home::new("client-killed");
    let server = Server::start(&home, "127.0.0.1:0");
    let mut ada = Program::join(&home, &server.address, &["--nick", "ada"]);
    let mut shown = Shown::default();
    let mut asked = 0;
    let mut bob = Program::join(&home, &server.address, &["--nick", "bob"]);
    for life in 0..4 {
        for _ in 0..20 {
            say(&mut bob, &format!("bob-{asked}"));
            say(&mut ada, &format!("ada-{asked}"));
            asked += 1;
        }
        let mut lines = lines_of(&bob, 7 - life, "accepted");
        lines.extend(bob.kill());
        shown.life("bob", &lines);
        bob = Program::join(&home, &server.address, &["--nick", "bob"]);
    }
    say(&mut bob, "last");
    let mut bobs = until_said(&bob, "ada-79");
    let (rest, ended) = bob.finish();
    assert!(ended.success());
    bobs.extend(rest);
    shown.life("bob", &bobs);
    let mut adas = until_said(&ada, "last");
    let (rest, ended) = ada.finish();
    assert!(ended.success());
    adas.extend(rest);

    let mut ada = Shown::default();
    ada.life("ada", &adas);
    assert_eq!(Shown::texts(&ada.own), numbered("ada", 0..80));
    assert_eq!(shown.said, ada.own, "bob saw all of ada's, under the numbers she was told");
    assert_eq!(shown.own, ada.said, "and was told of all that is his, under the numbers she saw");
    let mut own = Shown::texts(&shown.own);
    own.pop();
    let order: Vec<usize> = own.iter().map(|text| text.strip_prefix("bob-").unwrap().parse().unwrap()).collect();
    assert!(order.is_sorted_by(|one, next| one < next), "in his order and none twice: {order:?}");
}
