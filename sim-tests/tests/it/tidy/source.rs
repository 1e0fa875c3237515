//! The workspace's text files, as the rules of [`super`] want to read them.

use std::fs;
use std::path::{Path, PathBuf};

/// A text file of the workspace.
#[derive(Debug)]
pub(crate) struct Source {
    /// From the workspace's root, with `/` between the parts.
    pub(crate) path: String,
    pub(crate) text: String,
    /// The text of a Rust file with comments and the insides of literals blanked out, line for line.
    pub(crate) code: String,
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let code = if path.ends_with(".rs") { code_of(text) } else { String::new() };
        Self { path: path.to_owned(), text: text.to_owned(), code }
    }

    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Every line of code with its number, each `use` spelled out as the paths it brings in.
    pub(crate) fn statements(&self) -> Vec<(usize, String)> {
        let mut statements = Vec::new();
        let mut lines = (1..).zip(self.code.lines());
        while let Some((number, line)) = lines.next() {
            let Some(start) = use_tree(line) else {
                statements.push((number, line.to_owned()));
                continue;
            };
            let mut tree = start.to_owned();
            while !tree.contains(';') {
                let Some((_, more)) = lines.next() else { break };
                tree.push_str(more.trim());
            }
            let (tree, after) = tree.split_once(';').unwrap_or((&tree, ""));
            statements.extend(spelled_out(tree).into_iter().map(|path| (number, path)));
            statements.push((number, after.to_owned()));
        }
        statements
    }

    /// The line that the byte at `offset` stands on.
    pub(crate) fn line_at(&self, offset: usize) -> usize {
        self.code[..offset].matches('\n').count() + 1
    }
}

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every text file below the root, without what git and cargo keep there for themselves.
pub(crate) fn workspace() -> Vec<Source> {
    let root = root();
    let mut sources = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the workspace can be listed") {
            let path = entry.expect("an entry of the workspace can be read").path();
            let name = path.file_name().unwrap_or_default();
            if name == ".git" || name == "target" || path.join("CACHEDIR.TAG").exists() {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                let below = path.strip_prefix(&root).expect("the walk stays below the root");
                sources.push(Source::new(&below.to_string_lossy().replace('\\', "/"), &text));
            }
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

/// What follows `use` if the line begins with one, public or not.
fn use_tree(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = match line.strip_prefix("pub") {
        Some(public) => public.trim_start_matches(|c: char| c != ' ').trim_start(),
        None => line,
    };
    line.strip_prefix("use ")
}

/// `a::{b, c::{d, e}}` is `a::b`, `a::c::d` and `a::c::e`.
fn spelled_out(tree: &str) -> Vec<String> {
    let Some((prefix, rest)) = tree.split_once('{') else {
        return vec![tree.trim().to_owned()];
    };
    let inside = rest.rsplit_once('}').map_or(rest, |(inside, _)| inside);
    let mut depth = 0;
    let parts = inside.split(|c| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    });
    let parts = parts.filter(|part| !part.trim().is_empty());
    parts.flat_map(spelled_out).map(|path| format!("{}{path}", prefix.trim())).collect()
}

fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let in_word = code.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        if let Some(hidden) = Hidden::at(rest, in_word) {
            let (opening, after) = rest.split_at(hidden.opening);
            let (inside, after) = after.split_at(hidden.inside);
            let (closing, after) = after.split_at(hidden.closing);
            code.push_str(opening);
            code.extend(inside.chars().map(|c| if c == '\n' { c } else { ' ' }));
            code.push_str(closing);
            rest = after;
        } else {
            code.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    code
}

/// A comment or a literal: how many bytes open it, stand inside and close it.
struct Hidden {
    opening: usize,
    inside: usize,
    closing: usize,
}

impl Hidden {
    /// The comment or literal that `rest` begins with.
    fn at(rest: &str, in_word: bool) -> Option<Self> {
        if rest.starts_with("//") {
            Some(Self { opening: 0, inside: rest.find('\n').unwrap_or(rest.len()), closing: 0 })
        } else if rest.starts_with("/*") {
            Some(Self { opening: 0, inside: block_comment(rest), closing: 0 })
        } else if let Some(after) = rest.strip_prefix('"') {
            let inside = until_quote(after, '"');
            Some(Self { opening: 1, inside, closing: 1.min(after.len() - inside) })
        } else if let Some(after) = rest.strip_prefix('\'') {
            character(after)
        } else if in_word {
            None
        } else {
            raw_string(rest)
        }
    }
}

/// Its length; block comments nest.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        let step = rest[at..].chars().next().map_or(1, char::len_utf8);
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
        } else {
            at += step;
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// How many bytes stand before the closing quote.
fn until_quote(inside: &str, quote: char) -> usize {
    let mut escaped = false;
    let end = inside.char_indices().find(|&(_, c)| {
        let closes = c == quote && !escaped;
        escaped = c == '\\' && !escaped;
        closes
    });
    end.map_or(inside.len(), |(at, _)| at)
}

/// A character and not a lifetime, which has no closing quote right after one character.
fn character(after: &str) -> Option<Hidden> {
    let mut chars = after.chars();
    let first = chars.next()?;
    if first == '\\' || chars.next() == Some('\'') {
        Some(Hidden { opening: 1, inside: until_quote(after, '\''), closing: 1 })
    } else {
        None
    }
}

/// `r"…"`, `br#"…"#` and the like.
fn raw_string(rest: &str) -> Option<Hidden> {
    let after_r = ["r", "br", "cr"].iter().find_map(|prefix| rest.strip_prefix(prefix))?;
    let after_hashes = after_r.trim_start_matches('#');
    let hashes = after_r.len() - after_hashes.len();
    let inside = after_hashes.strip_prefix('"')?;
    let closing = format!("\"{}", "#".repeat(hashes));
    let length = inside.find(&closing)?;
    Some(Hidden { opening: rest.len() - inside.len(), inside: length, closing: closing.len() })
}

#[test]
fn comments_and_literals_are_not_code() {
    let check = |text: &str, code: &str| assert_eq!(code_of(text), code, "of {text}");
    check("a // b\nc", "a     \nc");
    check("a /* b /* c */ d */ e", "a                   e");
    check(r#"a("\"b//", 'c', '\'', 'ğ') + d"#, r#"a("     ", ' ', '  ', ' ') + d"#);
    check("fn a<'b>(c: &'b str)", "fn a<'b>(c: &'b str)");
    check("r#\"a\"b\"# + br\"c\\\" + bar", "r#\"   \"# + br\"  \" + bar");
}

#[test]
fn an_import_is_spelled_out() {
    let source = Source::new("a.rs", "mod a;\npub(crate) use b::{\n    c, // d\n    e::{f, g},\n};\nh();\n");
    let statements: Vec<_> = source.statements().into_iter().filter(|(_, line)| !line.is_empty()).collect();
    let expected = [(1, "mod a;"), (2, "b::c"), (2, "b::e::f"), (2, "b::e::g"), (6, "h();")];
    assert_eq!(statements, expected.map(|(number, line)| (number, line.to_owned())));
}
