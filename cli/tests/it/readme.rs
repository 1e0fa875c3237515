//! The README is true: its console blocks are run, in order, against one server, and show what it says they show.
//!
//! `…` stands for whatever is there: within a line, or, alone, for any number of lines. Times of day are whatever they are.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::host::{DEADLINE, Home, Server, causerie};

const RUN: &str = "cargo run --release -- ";

fn readme() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")).unwrap()
}

/// The lines of the blocks in one language.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<Vec<&'a str>> {
    let fence = format!("```{language}");
    let mut lines = page.lines();
    let mut blocks = Vec::new();
    while lines.any(|line| line == fence) {
        blocks.push(lines.by_ref().take_while(|line| *line != "```").collect());
    }
    blocks
}

#[test]
fn what_the_readme_shows_is_what_happens() {
    let home = Home::new("readme");
    let mut server: Option<Server> = None;
    for block in blocks(&readme(), "console") {
        let (command, shown) = block.split_first().unwrap();
        let command = command.strip_prefix("$ ").unwrap();
        if command == format!("{RUN}server") {
            server = Some(Server::start(&home, "127.0.0.1:0"));
            continue;
        }
        let address = &server.as_ref().expect("the server is started first").address;
        let said = run(&home, command, address);
        assert!(
            matches(&said.lines().collect::<Vec<_>>(), shown),
            "{command}\nsays\n{said}\nnot\n{}",
            shown.join("\n")
        );
    }
    assert!(server.is_some(), "the README starts a server");
}

/// Runs a command of the README against a server: netcat is played here, so that nobody needs it.
fn run(home: &Home, command: &str, address: &str) -> String {
    let (input, program) = command.split_once(" | ").unwrap();
    let input = Command::new("sh").args(["-c", input]).output().unwrap().stdout;
    if program == "nc 127.0.0.1 3823" {
        return netcat(address, &input);
    }
    let args = program.strip_prefix(RUN).unwrap().split_whitespace();
    let mut command = causerie(home.path());
    command.args(args).env("CAUSERIE_SERVER", address).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(&input).unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success());
    String::from_utf8(out.stdout).unwrap()
}

fn netcat(address: &str, input: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream.write_all(input).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).unwrap();
    said
}

/// Whether lines are as shown.
fn matches(said: &[&str], shown: &[&str]) -> bool {
    match (said.split_first(), shown.split_first()) {
        (None, None) => true,
        (_, Some((&"…", rest))) => (0..=said.len()).any(|skipped| matches(&said[skipped..], rest)),
        (Some((line, said)), Some((pattern, shown))) => line_matches(line, pattern) && matches(said, shown),
        (Some(_), None) | (None, Some(_)) => false,
    }
}

fn line_matches(line: &str, pattern: &str) -> bool {
    let (mut line, pattern) = (timeless(line), timeless(pattern));
    for (i, part) in pattern.split('…').enumerate() {
        let Some(at) = line.find(part).filter(|at| i > 0 || *at == 0) else { return false };
        line.drain(..at + part.len());
    }
    line.is_empty() || pattern.ends_with('…')
}

/// A line without its time of day.
fn timeless(line: &str) -> String {
    let time = line.get(..5).filter(|time| time.replace(|c: char| c.is_ascii_digit(), "0") == "00:00");
    time.map_or_else(|| line.to_owned(), |_| format!("00:00{}", &line[5..]))
}

#[test]
fn every_command_the_readme_names_is_one() {
    let home = Home::new("readme-commands");
    let page = readme();
    let named =
        page.split(['`', '\n', '|']).filter_map(|piece| piece.trim().trim_start_matches("$ ").strip_prefix(RUN));
    let mut seen = 0;
    for command in named {
        let mut words = command.split_whitespace();
        let subcommand = words.next().unwrap();
        let out = causerie(home.path()).args([subcommand, "--help"]).output().unwrap();
        let help = String::from_utf8(out.stdout).unwrap();
        assert!(out.status.success(), "{command}");
        for flag in words.filter(|word| word.starts_with("--")) {
            assert!(help.contains(flag), "{command}: there is no {flag}");
        }
        seen += 1;
    }
    assert!(seen >= 4, "the README names its commands");
}

#[test]
fn the_readme_counts_what_there_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let count = |folder: &str, ending: &str| {
        let files = fs::read_dir(root.join(folder)).unwrap().map(|file| file.unwrap().path());
        files.filter(|file| file.extension().is_some_and(|its| its == ending)).count()
    };
    let bugs = format!("plants {} deliberate bugs", count("sim-tests/planted", "rs"));
    assert!(readme().contains(&bugs), "cargo sim planted {bugs}");
    assert_eq!(
        count("docs/gallery", "svg"),
        9,
        "the README shows one of the gallery and says that there are eight more"
    );
    assert!(readme().contains("has eight more"));
}
