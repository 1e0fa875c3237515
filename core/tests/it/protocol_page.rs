//! docs/protocol.md says what is true: each of its conversations is played.
//!
//! `UPDATE_PAGES=1` writes what the server says into the page instead: read the difference before it is committed.

use std::fmt::Write as _;
use std::path::Path;

use causerie_core::limits::Limits;

use crate::world::World;

#[test]
fn every_conversation_on_the_page_goes_as_it_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/protocol.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let mut played = String::new();
    let mut conversation: Option<Vec<&str>> = None;
    for line in page.lines() {
        match (line, &mut conversation) {
            ("```conversation", None) => conversation = Some(Vec::new()),
            ("```", Some(lines)) => {
                played.push_str("```conversation\n");
                played.push_str(&play(lines));
                conversation = None;
                played.push_str("```\n");
            }
            (line, Some(lines)) => lines.push(line),
            (line, None) => writeln!(played, "{line}").unwrap(),
        }
    }
    if std::env::var_os("UPDATE_PAGES").is_some() {
        std::fs::write(&path, &played).unwrap();
    }
    assert_eq!(page, played);
}

/// The conversation as it goes: the steps as they are written, and what the server says after each.
fn play(lines: &[&str]) -> String {
    let mut world = World::new(Limits::default());
    let mut played = String::new();
    for step in lines.iter().filter(|line| !line.starts_with("S ")) {
        writeln!(played, "{step}").unwrap();
        match step.strip_prefix("C ") {
            Some(line) => {
                if line.contains("\"hello\"") || !world.people.contains_key("C") {
                    world.step("C connects");
                }
                world.step(&format!("C: {line}"));
            }
            None if *step == "the connection is lost" => world.step("C is cut"),
            None => world.step(step),
        }
        for line in world.read("C").iter().filter(|line| *line != "(closed)") {
            writeln!(played, "S {line}").unwrap();
        }
    }
    played
}
