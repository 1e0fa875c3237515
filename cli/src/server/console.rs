//! What a server shows of itself: how to join, then the conversation in the order of its log.

use std::net::{IpAddr, SocketAddr};
use std::{fmt, io};

use causerie_core::protocol::{Audience, Entry, Event, Leaving, Manner, Nick, Seen, Seq};
use causerie_core::server::Server;
use causerie_core::view::Telling;
use causerie_net::server::Observed;

use super::Kept;
use crate::address::{Address, PORT};
use crate::tell::{self, Teller};

/// What the banner tells.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// Where the conversation is kept.
    pub(crate) kept: Kept,
    /// The last entry there is.
    pub(crate) head: Seq,
    /// What this program is called with on this machine.
    pub(crate) program: String,
    /// The network was let in.
    pub(crate) lan: bool,
    /// How many people there may be; none, if any number.
    pub(crate) sessions_max: Option<usize>,
    /// How many places are listened at.
    pub(crate) listeners: usize,
    /// Seconds east of UTC.
    pub(crate) utc_offset_s: i32,
    /// Nothing is told at all.
    pub(crate) quiet: bool,
}

/// The console.
#[derive(Debug)]
pub(crate) struct Console {
    told: Told,
    listening: Vec<SocketAddr>,
    out: Teller,
}

impl Console {
    /// A console that shows nothing yet.
    ///
    /// # Errors
    /// If the system grants no thread.
    pub(crate) fn new(told: Told) -> io::Result<Self> {
        Ok(Self { told, listening: Vec::new(), out: Teller::start()? })
    }

    /// Shows what happened.
    pub(crate) fn observe(&mut self, server: &Server, observed: Observed<'_>) {
        let line = match observed {
            Observed::Listening(at) => {
                self.listening.push(at);
                if self.listening.len() < self.told.listeners {
                    return;
                }
                let banner = Banner { told: &self.told, listening: &self.listening, others: &others(self.told.lan) };
                banner.to_string()
            }
            Observed::Entry { entry, peer } => {
                self.told.head = self.told.head.max(entry.seq);
                Happened { entry, peer, utc_offset_s: self.told.utc_offset_s }.to_string()
            }
            Observed::NotStoring(why) => {
                tell::aside(format_args!("causerie: {why}; nothing is accepted until the server is restarted"));
                return;
            }
            Observed::Stopping => {
                Stopping { people: server.connected(), entries: self.told.head, kept: &self.told.kept }.to_string()
            }
            Observed::Connected { .. } | Observed::Closing { .. } | Observed::Disconnected { .. } => return,
        };
        if !self.told.quiet {
            self.out.say(line);
        }
    }
}

/// This machine's addresses, as others see them.
fn others(lan: bool) -> Vec<IpAddr> {
    let found = if lan { if_addrs::get_if_addrs().unwrap_or_default() } else { Vec::new() };
    let mut addresses: Vec<IpAddr> =
        found.iter().filter(|one| !one.is_loopback() && one.ip().is_ipv4()).map(if_addrs::Interface::ip).collect();
    addresses.sort();
    addresses.dedup();
    addresses
}

struct Banner<'a> {
    told: &'a Told,
    listening: &'a [SocketAddr],
    others: &'a [IpAddr],
}

impl fmt::Display for Banner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Told { kept, head, .. } = self.told;
        write!(f, "  causerie {}   room #lobby   ", env!("CARGO_PKG_VERSION"))?;
        match (kept, head) {
            (Kept::Nowhere, _) => writeln!(f, "log in memory: nothing survives a stop")?,
            (Kept::In(dir), Seq(0)) => writeln!(f, "log {} (new)", dir.display())?,
            (Kept::In(dir), Seq(1)) => writeln!(f, "log {} (1 entry)", dir.display())?,
            (Kept::In(dir), Seq(entries)) => writeln!(f, "log {} ({entries} entries)", dir.display())?,
        }
        for at in self.listening {
            writeln!(f, "  This server is activated on port {} ({at})", at.port())?;
        }
        writeln!(f)?;
        self.ways_in(f)?;
        if self.listening.iter().all(|at| at.ip().is_loopback()) {
            let program = &self.told.program;
            writeln!(f, "  only this machine can join · let the room in: {program} server --lan")?;
        }
        writeln!(f)?;
        write!(f, "  nobody here yet · ")?;
        match self.told.sessions_max {
            Some(max) => write!(f, "up to {max} people")?,
            None => write!(f, "no limit on people")?,
        }
        match kept {
            Kept::In(_) => write!(f, " · Ctrl-C stops, nothing accepted is lost"),
            Kept::Nowhere => write!(f, " · Ctrl-C stops and forgets everything"),
        }
    }
}

impl Banner<'_> {
    /// What to type elsewhere to join.
    fn ways_in(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.listening.first() else { return Ok(()) };
        let hosts: Vec<IpAddr> = match (self.others, first.ip()) {
            ([], ip) if ip.is_unspecified() => vec![IpAddr::from([127, 0, 0, 1])],
            ([], ip) => vec![ip],
            (others, _) => others.to_vec(),
        };
        let port = first.port();
        let program = if self.told.lan { "causerie" } else { &*self.told.program };
        for way in ["browser", "terminal", "irc", "netcat", "telnet"] {
            for (i, host) in hosts.iter().enumerate() {
                let label = if i == 0 { way } else { "" };
                let address = Address { host: host.to_string(), port };
                match way {
                    "browser" => writeln!(f, "  {label:<10} http://{address}")?,
                    "terminal" if address == Address::default() => writeln!(f, "  {label:<10} {program} client")?,
                    "terminal" if port == PORT => writeln!(f, "  {label:<10} {program} client {host}")?,
                    "terminal" => writeln!(f, "  {label:<10} {program} client {address}")?,
                    "irc" => writeln!(f, "  {label:<10} irssi -c {host} -p {port}    then /join #lobby")?,
                    "netcat" => writeln!(f, "  {label:<10} nc {host} {port}")?,
                    _ => writeln!(f, "  {label:<10} {way} {host} {port}")?,
                }
            }
        }
        Ok(())
    }
}

/// An entry as the console shows it: private words are nobody else's business.
struct Happened<'a> {
    entry: &'a Entry,
    peer: Option<&'a str>,
    utc_offset_s: i32,
}

impl fmt::Display for Happened<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Entry { seq, at, nick, event, .. } = self.entry;
        write!(f, "{}  {seq}  ", at.hours_minutes_seconds(self.utc_offset_s))?;
        match event {
            Event::Arrived { door, .. } => {
                write!(f, "{nick} joined   {door}")?;
                self.peer.map_or(Ok(()), |peer| write!(f, "   {peer}"))
            }
            Event::Departed { why: Leaving::Quit, .. } => write!(f, "{nick} left"),
            Event::Departed { why: Leaving::Lost, .. } => write!(f, "{nick} left   connection lost"),
            Event::Departed { why: Leaving::Killed, .. } => write!(f, "{nick} left   sent away"),
            Event::Joined { room } => write!(f, "{nick} joined {room}"),
            Event::Left { room } => write!(f, "{nick} left {room}"),
            Event::Renamed { to, .. } => write!(f, "{nick} is called {to} from here on"),
            Event::Invited { .. }
            | Event::Topic { .. }
            | Event::Kicked { .. }
            | Event::Changed { .. }
            | Event::Killed { .. } => {
                f.write_str(Telling(&Seen::from(self.entry)).to_string().trim_start_matches("* "))
            }
            Event::Said { audience: Audience::Only(people), .. } => {
                let nicks: Vec<&str> = people.iter().map(|person| person.nick.as_str()).collect();
                write!(f, "{nick} → {}, private", nicks.join(", "))
            }
            Event::Said { audience: Audience::Room(room), text, manner, .. } => {
                if !room.is_lobby() {
                    write!(f, "{room} ")?;
                }
                said(f, nick, text.as_str(), *manner)
            }
        }
    }
}

fn said(f: &mut fmt::Formatter<'_>, nick: &Nick, text: &str, manner: Manner) -> fmt::Result {
    match manner {
        Manner::Plain => write!(f, "{nick}: {text}"),
        Manner::Action => write!(f, "* {nick} {text}"),
        Manner::Notice => write!(f, "-{nick}- {text}"),
    }
}

struct Stopping<'a> {
    people: usize,
    entries: Seq,
    kept: &'a Kept,
}

impl fmt::Display for Stopping<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let people = if self.people == 1 { "person" } else { "people" };
        let entries = if self.entries == Seq(1) { "entry" } else { "entries" };
        write!(f, "  stopping: told {} {people}, {} {entries} ", self.people, self.entries.0)?;
        match self.kept {
            Kept::In(_) => f.write_str("on disk, resume works after a restart"),
            Kept::Nowhere => f.write_str("forgotten, for it ran with --ephemeral"),
        }
    }
}

#[cfg(test)]
mod tests;
