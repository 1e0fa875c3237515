//! What the workspace never contains.
//!
//! Each test is one rule. It carries a few lines that break it, so that a rule that has stopped biting fails too, and a
//! few that come close and keep it.

pub(crate) mod source;

use self::source::{Source, root, workspace};

#[test]
fn no_file_is_too_long_to_read() {
    let (long, short) = ("\n".repeat(801), "\n".repeat(800));
    Rule {
        wrong: "a file of more than 800 lines",
        instead: "move a part that has a name of its own into a module of that name",
        breaks: &|source| {
            if source.is_rust() { source.text.lines().skip(800).map(|_| 801).take(1).collect() } else { vec![] }
        },
        broken_by: &[("core/src/server.rs", &long)],
        kept_by: &[("core/src/server.rs", &short), ("Cargo.lock", &long)],
    }
    .check();
}

#[test]
fn no_file_is_dead() {
    let sources = workspace();
    Rule {
        wrong: "a file that no `mod` leads to",
        instead: "declare it in its parent module, or delete it",
        breaks: &|source| if is_dead(source, &sources) { vec![1] } else { vec![] },
        broken_by: &[
            ("core/src/ghost.rs", ""),
            ("core/src/protocol/ghost.rs", ""),
            ("sim-tests/tests/it/ghost.rs", ""),
        ],
        kept_by: &[("core/src/lib.rs", ""), ("net/examples/echo.rs", ""), ("sim-tests/tests/it/tidy/source.rs", "")],
    }
    .check();
}

#[test]
fn a_module_is_named_by_its_file() {
    Rule {
        wrong: "a file called mod.rs",
        instead: "call it after its folder and put it next to that: `door/mod.rs` becomes `door.rs`",
        breaks: &|source| if source.path.ends_with("/mod.rs") { vec![1] } else { vec![] },
        broken_by: &[("core/src/door/mod.rs", "")],
        kept_by: &[("core/src/mood.rs", "")],
    }
    .check();
}

#[test]
fn the_core_never_names_the_world() {
    Rule {
        wrong: "the core names the standard library, tokio or net",
        instead: "take what the world knows as an input and give what it should do as an output; `core` and `alloc` are there",
        breaks: &|source| names(source, "core/src/", &["std::", "std", "tokio", "causerie_net"]),
        broken_by: &[
            ("core/src/chat.rs", "use std::time::Instant;"),
            ("core/src/chat.rs", "extern crate std;"),
            ("core/src/server/sessions.rs", "async fn a() { tokio::task::yield_now().await }"),
            ("core/src/server.rs", "use causerie_net as net;"),
        ],
        kept_by: &[
            ("core/src/chat.rs", "/// Not [`std::time`].\nuse alloc::vec; const A: &str = \"std::\"; use no_std::a;"),
            ("net/src/log.rs", "use std::io;"),
        ],
    }
    .check();
}

#[test]
fn the_fold_never_sees_a_door_or_the_server() {
    Rule {
        wrong: "the fold names a door or the server",
        instead: "decide on intents alone; what a door or a session knows is put into the intent by the server",
        breaks: &|source| {
            names(
                source,
                "core/src/chat",
                &["door::", "crate::door", "super::door", "server::", "crate::server", "super::server"],
            )
        },
        broken_by: &[
            ("core/src/chat.rs", "use crate::door;"),
            ("core/src/chat/people.rs", "use crate::{\n    limits::A,\n    server::Server,\n};"),
            ("core/src/chat/people.rs", "use crate::server;"),
        ],
        kept_by: &[
            ("core/src/chat.rs", "// The server and its door::Kind.\nlet person = Person { door };"),
            ("core/src/server.rs", "use crate::door;"),
        ],
    }
    .check();
}

#[test]
fn a_door_never_sees_the_fold() {
    Rule {
        wrong: "a door names the fold",
        instead: "a door turns bytes into words and back: take the words it needs from `protocol`",
        breaks: &|source| names(source, "core/src/door", &["chat::", "crate::chat", "super::chat"]),
        broken_by: &[
            ("core/src/door/irc.rs", "use crate::{chat::Chat, limits};"),
            ("core/src/door.rs", "use crate::chat;"),
        ],
        kept_by: &[
            ("core/src/door/irc.rs", "use crate::{protocol::Entry, limits};"),
            ("core/src/server.rs", "use crate::chat;"),
        ],
    }
    .check();
}

#[test]
fn net_never_looks_inside_bytes() {
    Rule {
        wrong: "net reads what it carries, or knows who runs it",
        instead: "hand the bytes to the machine and carry what it answers; what a person is shown belongs into cli",
        breaks: &|source| names(source, "net/src/", &["causerie_core::door", "serde_json", "causerie::"]),
        broken_by: &[
            ("net/src/server.rs", "use causerie_core::{chat, door::{Door, Kind}};"),
            ("net/src/server.rs", "let line = serde_json::from_slice(&bytes)?;"),
            ("net/src/client.rs", "use causerie::faces;"),
        ],
        kept_by: &[
            ("net/src/server.rs", "use causerie_core::server::Server;"),
            ("cli/src/main.rs", "use causerie_core::door::Kind;"),
        ],
    }
    .check();
}

#[test]
fn crates_depend_one_way() {
    Rule {
        wrong: "a crate depends on one that stands above it or beside it",
        instead: "core stands on nothing, net on core, cli and sim-tests on both; move the shared part down",
        breaks: &depends_upwards,
        broken_by: &[
            ("core/Cargo.toml", "[dev-dependencies]\ncauserie-net.workspace = true"),
            ("net/Cargo.toml", "[dependencies.causerie-sim]\nworkspace = true"),
            (
                "net/Cargo.toml",
                "[target.'cfg(unix)'.dependencies]\nchat = { package = \"causerie\", path = \"../cli\" }",
            ),
            ("sim-tests/Cargo.toml", "[build-dependencies]\ncauserie = { path = \"../cli\" }"),
            ("cli/Cargo.toml", "[dev-dependencies]\n\"causerie-sim\" = { path = \"../sim-tests\" }"),
        ],
        kept_by: &[
            (
                "core/Cargo.toml",
                "[package]\nname = \"causerie-core\"\n[dependencies]\nserde = \"1\" # not causerie-net",
            ),
            ("cli/Cargo.toml", "[dependencies]\ncauserie-core.workspace = true\ncauserie-net = { path = \"../net\" }"),
        ],
    }
    .check();
}

#[test]
fn every_select_polls_in_the_order_it_is_written() {
    Rule {
        wrong: "a `select!` that picks its branch at random",
        instead: "begin it with `biased;` and write the branches in the order they should be polled",
        breaks: &unbiased_selects,
        broken_by: &[
            ("net/src/server.rs", "tokio::select! {\n    () = a => {}\n}"),
            ("sim-tests/src/world.rs", "select! { // biased;\n    () = a => {}\n}"),
        ],
        kept_by: &[(
            "net/src/server.rs",
            "// A `select! {}`.\ntokio::select! {\n    // In order.\n    biased;\n    () = a => {}\n}",
        )],
    }
    .check();
}

#[test]
fn no_map_is_seeded_at_random() {
    let maps = ["HashMap", "HashSet", "RandomState"];
    Rule {
        wrong: "a hash map, whose order differs from run to run",
        instead: "use BTreeMap or BTreeSet, or a Vec by index",
        breaks: &|source| [names(source, "core/src/", &maps), names(source, "net/src/", &maps)].concat(),
        broken_by: &[
            ("net/src/server.rs", "use std::collections::{BTreeMap, HashMap};"),
            ("core/src/server.rs", "let a = hashbrown::HashSet::new();"),
        ],
        kept_by: &[
            ("net/src/server.rs", "// Not a HashMap.\nuse std::collections::BTreeMap;"),
            ("cli/src/main.rs", "HashMap::new()"),
        ],
    }
    .check();
}

#[test]
fn only_the_clock_reads_clocks() {
    let clocks = ["Instant::now", "SystemTime::now", "Timestamp::now", "Zoned::now"];
    Rule {
        wrong: "a clock is read outside net/src/clock.rs",
        instead: "take `now` as an argument, or ask the clock of net",
        breaks: &|source| if source.path == "net/src/clock.rs" { vec![] } else { names(source, "", &clocks) },
        broken_by: &[
            ("net/src/server.rs", "let now = tokio::time::Instant::now();"),
            ("cli/src/main.rs", "let now = SystemTime::now();"),
            ("core/src/time.rs", "let now = jiff::Timestamp::now;"),
        ],
        kept_by: &[("net/src/clock.rs", "let now = Instant::now();"), ("net/src/server.rs", "let now = clock.now();")],
    }
    .check();
}

#[test]
fn no_test_is_ignored_without_a_reason() {
    Rule {
        wrong: "an ignored test that does not say why",
        instead: "write `#[ignore = \"the reason\"]`, or mend the test",
        breaks: &|source| {
            let lines = (1..).zip(source.code.lines());
            lines
                .filter(|(_, line)| ["#[ignore]", "#[ignore = \"\"]"].iter().any(|bare| line.contains(bare)))
                .map(|(n, _)| n)
                .collect()
        },
        broken_by: &[
            ("core/tests/it/a.rs", "#[test]\n#[ignore]\nfn a() {}"),
            ("core/tests/it/a.rs", "#[ignore = \"\"]"),
        ],
        kept_by: &[("core/tests/it/a.rs", "#[ignore = \"an hour long\"]\nfn a() {} // #[ignore]")],
    }
    .check();
}

#[test]
fn nothing_points_at_somebodys_machine() {
    // Taken apart, or this file would be the first to point at one.
    let folders = ["home", "root", "work", "Users"].map(|folder| format!("/{folder}/"));
    let [at_home, .., at_users] = folders.clone().map(|folder| format!("See {folder}ada/log."));
    Rule {
        wrong: "a path that exists on one machine only",
        instead: "write it relative to the workspace, or leave it out",
        breaks: &|source| {
            let lines = (1..).zip(source.text.lines());
            lines.filter(|(_, line)| folders.iter().any(|folder| begins_a_path(line, folder))).map(|(n, _)| n).collect()
        },
        broken_by: &[("README.md", &at_home), ("core/src/lib.rs", &at_users)],
        kept_by: &[("README.md", &format!("https://example.org{}a and ./docs{}b", folders[0], folders[2]))],
    }
    .check();
}

#[test]
fn every_link_in_the_documents_leads_somewhere() {
    Rule {
        wrong: "a relative link to a file that does not exist",
        instead: "mend the link, or add the file",
        breaks: &broken_links,
        broken_by: &[
            ("README.md", "See [here](no/such/file.md)."),
            ("docs/a.md", "![a](Cargo.toml)"),
            ("a.md", "[a](b.md#c)"),
        ],
        kept_by: &[
            ("README.md", "[a](Cargo.toml \"the workspace\"), [b](#c), [d](https://example.org/e), [f](core/src)"),
            ("core/a.md", "[a](../Cargo.toml#b)\n```\n[c](d.md)\n```\n`[e](f.md)`"),
        ],
    }
    .check();
}

/// A rule about one file at a time.
struct Rule<'a> {
    /// What it is that breaks the rule.
    wrong: &'static str,
    /// What to do about it.
    instead: &'static str,
    /// The lines of a file that break it.
    breaks: &'a dyn Fn(&Source) -> Vec<usize>,
    /// Paths and texts that break it.
    broken_by: &'a [(&'a str, &'a str)],
    /// Paths and texts that do not, though they look like it.
    kept_by: &'a [(&'a str, &'a str)],
}

impl Rule<'_> {
    fn check(&self) {
        for &(path, text) in self.broken_by {
            let lines = (self.breaks)(&Source::new(path, text));
            assert!(!lines.is_empty(), "the rule does not bite ({}): {path} with\n{text}", self.wrong);
        }
        for &(path, text) in self.kept_by {
            let lines = (self.breaks)(&Source::new(path, text));
            assert!(lines.is_empty(), "the rule bites what it should not ({}): {path} with\n{text}", self.wrong);
        }
        let sources = workspace();
        for known in ["Cargo.toml", "core/src/lib.rs", "sim-tests/tests/it/tidy.rs"] {
            assert!(sources.iter().any(|source| source.path == known), "the walk through the workspace missed {known}");
        }
        let places: Vec<_> = sources
            .iter()
            .flat_map(|source| (self.breaks)(source).into_iter().map(|line| format!("{}:{line}", source.path)))
            .collect();
        assert!(places.is_empty(), "{}:\n  {}\nwhat to do: {}", self.wrong, places.join("\n  "), self.instead);
    }
}

/// The lines of code that name one of `paths`, in Rust files whose own path begins with `place`.
fn names(source: &Source, place: &str, paths: &[&str]) -> Vec<usize> {
    if !source.is_rust() || !source.path.starts_with(place) {
        return vec![];
    }
    let statements = source.statements().into_iter();
    let mut lines: Vec<_> = statements
        .filter(|(_, line)| paths.iter().any(|path| has_words(line, path)))
        .map(|(number, _)| number)
        .collect();
    lines.dedup();
    lines
}

/// Whether `words` stand in the line, and not as a part of longer ones.
fn has_words(line: &str, words: &str) -> bool {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(words).any(|(at, _)| {
        let after = &line[at + words.len()..];
        !line[..at].ends_with(in_word) && (words.ends_with(':') || !after.starts_with(in_word))
    })
}

/// Whether `folder` stands in the line as the first part of a path.
fn begins_a_path(line: &str, folder: &str) -> bool {
    let in_path = |c: char| c.is_alphanumeric() || "._-~*/}".contains(c);
    line.match_indices(folder).any(|(at, _)| !line[..at].ends_with(in_path))
}

/// Whether it is a Rust file that neither cargo nor a `mod` in its parent would find.
fn is_dead(source: &Source, sources: &[Source]) -> bool {
    let Some((folder, file)) = source.path.rsplit_once('/') else { return false };
    let Some(name) = file.strip_suffix(".rs") else { return false };
    let holder = folder.rsplit('/').next().unwrap_or(folder);
    if ["lib", "main", "build"].contains(&name) || ["bin", "tests", "benches", "examples"].contains(&holder) {
        return false;
    }
    let parents = [format!("{folder}.rs"), format!("{folder}/lib.rs"), format!("{folder}/main.rs")];
    // Or a module that says where its files are: `#[path = "../folder"] mod name { mod file; }`.
    let elsewhere = format!("#[path = \"../{holder}\"]");
    let declaration = format!("mod {name};");
    let mut found = sources.iter().filter(|source| parents.contains(&source.path) || source.text.contains(&elsewhere));
    !found.any(|parent| parent.code.lines().any(|line| line.trim_end().ends_with(&declaration)))
}

/// Where a `Cargo.toml` depends on a crate of ours that its own may not know.
fn depends_upwards(source: &Source) -> Vec<usize> {
    let below: &[&str] = match source.path.as_str() {
        "core/Cargo.toml" => &[],
        "net/Cargo.toml" => &["causerie-core"],
        "cli/Cargo.toml" | "sim-tests/Cargo.toml" => &["causerie-core", "causerie-net"],
        _ => return vec![],
    };
    let ours = |word: &&str| *word == "causerie" || word.starts_with("causerie-");
    let mut in_dependencies = false;
    let mut lines = Vec::new();
    for (number, line) in (1..).zip(source.text.lines()) {
        let line = line.split('#').next().unwrap_or(line);
        if line.starts_with('[') {
            in_dependencies = line.contains("dependencies");
        }
        let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '-');
        if in_dependencies && words.any(|word| ours(&word) && !below.contains(&word)) {
            lines.push(number);
        }
    }
    lines
}

fn unbiased_selects(source: &Source) -> Vec<usize> {
    let selects = source.code.match_indices("select!");
    let unbiased = selects.filter(|(at, select)| {
        let block = source.code[at + select.len()..].trim_start();
        !block.strip_prefix(['{', '(']).is_some_and(|inside| inside.trim_start().starts_with("biased;"))
    });
    unbiased.map(|(at, _)| source.line_at(at)).collect()
}

/// Where a Markdown file links to what does not exist, outside its code.
fn broken_links(source: &Source) -> Vec<usize> {
    if !source.path.ends_with(".md") {
        return vec![];
    }
    let folder = root().join(source.path.rsplit_once('/').map_or("", |(folder, _)| folder));
    let mut in_code = false;
    let mut lines = Vec::new();
    for (number, line) in (1..).zip(source.text.lines()) {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        let prose: String = line.split('`').step_by(2).collect();
        if !in_code && link_targets(&prose).any(|target| !folder.join(target).exists()) {
            lines.push(number);
        }
    }
    lines
}

/// The files that a line of Markdown links to, without fragments, titles and addresses on the web.
fn link_targets(line: &str) -> impl Iterator<Item = &str> {
    let links = line.split("](").skip(1).filter_map(|after| after.split([')', ' ', '#']).next());
    links.filter(|target| !target.is_empty() && !target.contains(':'))
}
