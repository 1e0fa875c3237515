//! Servers and clients as processes, and a person at netcat. What is waited for is a line, never a time.

use std::cell::Cell;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// What does not come by then does not come.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// The program, with nothing of the surroundings that it heeds.
pub(crate) fn causerie(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_causerie"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CAUSERIE_")) {
        command.env_remove(name);
    }
    command.env_remove("RUST_LOG").env("XDG_STATE_HOME", home).env("TZ", "UTC").current_dir(home);
    command
}

/// Runs the program to its end: what it wrote, what it complained of, and its exit code.
pub(crate) fn run(home: &Path, args: &[&str]) -> (String, String, Option<i32>) {
    let out = causerie(home).args(args).stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(out.stdout), text(out.stderr), out.status.code())
}

/// A directory of a test's own, gone with it.
pub(crate) struct Home(PathBuf);

impl Home {
    pub(crate) fn new(test: &str) -> Self {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{test}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&home);
        fs::create_dir_all(&home).unwrap();
        Self(home)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Lines that something writes, as they come.
pub(crate) struct Lines {
    lines: Receiver<String>,
    whose: String,
    /// All that came, for a failure to show.
    heard: std::cell::RefCell<Vec<String>>,
    taken: Cell<usize>,
}

impl Lines {
    fn of(whose: &str, source: impl Read + Send + 'static) -> Self {
        let (to, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(source).lines().map_while(Result::ok) {
                if to.send(line).is_err() {
                    return;
                }
            }
        });
        Self { lines, whose: whose.into(), heard: Default::default(), taken: Cell::new(0) }
    }

    /// The next line; none at the end.
    pub(crate) fn next(&self) -> Option<String> {
        match self.lines.recv_timeout(DEADLINE) {
            Ok(line) => {
                self.heard.borrow_mut().push(line.clone());
                self.taken.set(self.taken.get() + 1);
                Some(line)
            }
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("{} says no more; so far: {:#?}", self.whose, self.heard),
        }
    }

    /// The next line that is the one.
    pub(crate) fn until(&self, is_it: impl Fn(&str) -> bool) -> String {
        while let Some(line) = self.next() {
            if is_it(&line) {
                return line;
            }
        }
        panic!("{} has ended without saying it: {:#?}", self.whose, self.heard)
    }

    /// All that comes, up to the end.
    pub(crate) fn rest(&self) -> Vec<String> {
        std::iter::from_fn(|| self.next()).collect()
    }
}

/// A server.
pub(crate) struct Server {
    child: Child,
    pub(crate) console: Lines,
    /// `HOST:PORT`.
    pub(crate) address: String,
}

impl Server {
    /// Starts one in a directory.
    pub(crate) fn start(home: &Home, listen: &str) -> Self {
        Self::start_with(home, &["--listen", listen, "--data", "store"])
    }

    pub(crate) fn start_with(home: &Home, args: &[&str]) -> Self {
        let mut command = causerie(home.path());
        let mut child = command.arg("server").args(args).stdout(Stdio::piped()).spawn().unwrap();
        let console = Lines::of("the server", child.stdout.take().unwrap());
        let activated = console.until(|line| line.contains("activated on port"));
        let address = activated.split(['(', ')']).nth(1).unwrap().to_owned();
        Self { child, console, address }
    }

    /// Ends it as a power failure would.
    pub(crate) fn kill(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.address.clone()
    }

    /// Asks it to stop.
    pub(crate) fn terminate(&mut self) -> ExitStatus {
        terminate(&self.child);
        self.child.wait().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn terminate(child: &Child) {
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
}

/// A program that talks JSON.
pub(crate) struct Program {
    child: Child,
    stdin: Option<ChildStdin>,
    pub(crate) lines: Lines,
}

impl Program {
    pub(crate) fn start(home: &Home, server: &str, args: &[&str]) -> Self {
        let mut command = causerie(home.path());
        let mut child = command
            .args(["client", server, "--json"])
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = Lines::of(&format!("client {args:?}"), child.stdout.take().unwrap());
        Self { stdin: child.stdin.take(), child, lines }
    }

    /// One that is in.
    pub(crate) fn join(home: &Home, server: &str, args: &[&str]) -> Self {
        let program = Self::start(home, server, args);
        program.until("welcome");
        program
    }

    pub(crate) fn ask(&mut self, line: &str) {
        writeln!(self.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    pub(crate) fn next(&self) -> Option<Value> {
        self.lines.next().map(|line| serde_json::from_str(&line).unwrap())
    }

    /// The next line of this type.
    pub(crate) fn until(&self, kind: &str) -> Value {
        let line = self.lines.until(|line| line.starts_with(&format!("{{\"type\":\"{kind}\"")));
        serde_json::from_str(&line).unwrap()
    }

    /// Says nothing more, and waits for the end: what came until then, and whether all was well.
    pub(crate) fn finish(mut self) -> (Vec<Value>, ExitStatus) {
        drop(self.stdin.take());
        let rest = self.lines.rest().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        (rest, self.child.wait().unwrap())
    }

    /// Ends it as a power failure would: what it had shown until then.
    pub(crate) fn kill(mut self) -> Vec<Value> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.lines.rest().iter().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    pub(crate) fn terminate(mut self) -> ExitStatus {
        terminate(&self.child);
        self.child.wait().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Somebody at netcat.
pub(crate) struct Netcat {
    stream: TcpStream,
    pub(crate) lines: Lines,
}

impl Netcat {
    pub(crate) fn join(server: &str, name: &str) -> Self {
        let mut netcat = Self::connect(server, name);
        netcat.say(name);
        let told = netcat.lines.until(|line| line.contains("Welcome to chat room") || line.contains("is taken"));
        assert!(told.contains("Welcome"), "{told}");
        netcat
    }

    /// Somebody whose program speaks IRC.
    pub(crate) fn join_by_irc(server: &str, name: &str) -> Self {
        let mut netcat = Self::connect(server, name);
        netcat.say(&format!("NICK {name}\r\nUSER {name} 0 * :{name}\r"));
        let told = netcat.lines.until(|line| line.contains(" 001 ") || line.contains(" 433 "));
        assert!(told.contains(" 001 "), "{told}");
        netcat
    }

    fn connect(server: &str, name: &str) -> Self {
        let stream = TcpStream::connect(server).unwrap();
        let lines = Lines::of(name, stream.try_clone().unwrap());
        Self { stream, lines }
    }

    pub(crate) fn say(&mut self, line: &str) {
        writeln!(self.stream, "{line}").unwrap();
    }
}
