//! People at netcat, and strangers: each a task over a stream, that reads as it arrives and types what it is given.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use causerie_core::protocol::{ClientId, Key, Seq};
use causerie_net::transport::Transport;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::time::{sleep, timeout};

use super::SERVER;
use super::chaos::Chaotic;
use super::network::{Conn, Simulated};
use super::people::Act;
use super::state::{Life, Shared, State, note};
use crate::evidence::{Asked, By, Shown, Told};
use crate::marks::Mark;
use crate::plan::{Deed, Malice, Way, What};
use crate::record::Happening;
use crate::world::irc::{self, Client, Reaction};
use crate::world::netcat::{Heard, is_welcome, name_line, typed, unclean};
use crate::world::strangers::words;

const PAUSE: u64 = 31;
const HASTE: u64 = 32;
const STRANGER_PAUSE: u64 = 42;

/// How long somebody at netcat waits for a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// Connects, gives a name, types what it is given, reads until the connection is gone.
pub(super) async fn guest(shared: Shared, life: usize, mut typed: UnboundedReceiver<Vec<u8>>) {
    let transport = Simulated::of(shared.clone(), Some(life));
    if let Ok(Ok(stream)) = timeout(CONNECT, transport.connect(SERVER)).await {
        let first = shared.borrow_mut().guest_is_connected(life);
        let mut line = Line { shared: shared.clone(), life, stream, unsent: first, deaf: false };
        let ended = poll_fn(|cx| line.poll(&mut typed, cx)).await;
        if let Err(error) = ended {
            let mut state = shared.borrow_mut();
            note!(state, "{} (life {life}) lost its connection: {error}", state.lives[life].name());
        }
    }
    shared.borrow_mut().guest_loses(life);
}

/// Connects and says its words, one after the other, whatever comes back.
pub(super) async fn stranger(shared: Shared, life: usize) {
    let transport = Simulated::of(shared.clone(), Some(life));
    if let Ok(Ok(stream)) = timeout(CONNECT, transport.connect(SERVER)).await {
        let (type_in, mut typed) = mpsc::unbounded_channel();
        let mut line = Line { shared: shared.clone(), life, stream, unsent: Vec::new(), deaf: false };
        let saying = async {
            loop {
                let (entropy, malice, step) = shared.borrow_mut().next_step(life);
                let Some(malice) = malice.filter(|malice| *malice != Malice::Silence) else {
                    return std::future::pending::<()>().await;
                };
                let Some(bytes) = words(entropy, life, malice, step) else { return };
                let pause = 10_000 + shared.borrow().draw(STRANGER_PAUSE, life as u64, step as u64, 1_500_000);
                if type_in.send(bytes).is_err() {
                    return;
                }
                sleep(Duration::from_micros(pause)).await;
            }
        };
        tokio::select! {
            biased;
            _gone = poll_fn(|cx| line.poll(&mut typed, cx)) => {}
            () = saying => {}
        }
    }
    shared.borrow_mut().stop_life(life);
}

/// Somebody's end of a connection without a program: bytes in and out.
struct Line {
    shared: Shared,
    life: usize,
    stream: Chaotic,
    unsent: Vec<u8>,
    /// Nothing more is typed.
    deaf: bool,
}

impl Line {
    fn poll(&mut self, typed: &mut UnboundedReceiver<Vec<u8>>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut scratch = [0; 1_024];
        loop {
            let mut buffer = ReadBuf::new(&mut scratch);
            let Poll::Ready(read) = Pin::new(&mut self.stream).poll_read(cx, &mut buffer) else { break };
            read?;
            if buffer.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            let reply = self.shared.borrow_mut().guest_hears(self.life, buffer.filled());
            self.unsent.extend_from_slice(&reply);
        }
        while !self.deaf
            && let Poll::Ready(bytes) = typed.poll_recv(cx)
        {
            self.deaf = bytes.is_none();
            self.unsent.extend(bytes.into_iter().flatten());
        }
        while !self.unsent.is_empty()
            && let Poll::Ready(written) = Pin::new(&mut self.stream).poll_write(cx, &self.unsent)
        {
            self.unsent.drain(..written?);
        }
        Poll::Pending
    }
}

impl State {
    /// Somebody connects, for the first time or again: a new identity each time.
    pub(super) fn guest_comes(&mut self, who: usize) {
        if self.people[who].gone || self.people[who].life.is_some() {
            return;
        }
        self.people[who].down = false;
        let life = self.lives.len();
        let name = self.plan.people[who].name.clone();
        let by = By::of(self.plan.people[who].kind);
        let with = if by == By::Text { "netcat" } else { "IRC" };
        note!(self, "{name} connects by {with}, life {life}");
        let (type_in, typed) = mpsc::unbounded_channel();
        let identity = if by.has_account() { irc::account(&name) } else { nobody() };
        let mut state = Life::new(Some(who), name, identity, by, Seq(0));
        state.typed = Some(type_in);
        self.lives.push(state);
        self.people[who].life = Some(life);
        self.record(Happening::Begins { life });
        self.tell(who, Act::Guest { life, typed });
    }

    pub(super) fn stranger_comes(&mut self, malice: Malice) {
        let life = self.lives.len();
        let mut state = Life::new(None, format!("stranger {life}"), nobody(), By::Stranger, Seq(0));
        state.malice = Some(malice);
        self.lives.push(state);
        let street = self.street.as_ref().expect("strangers have a host");
        assert!(street.send(Act::Stranger { life }).is_ok(), "their host runs as long as the run does");
    }

    pub(super) fn strangers_go(&mut self) {
        for life in 0..self.lives.len() {
            let evidence = &self.lives[life].evidence;
            if evidence.by == By::Stranger && evidence.stands {
                self.stop_life(life);
                self.reach(Mark::HungUp);
                let street = self.street.as_ref().expect("strangers have a host");
                assert!(street.send(Act::Kill { life }).is_ok(), "their host runs as long as the run does");
            }
        }
    }

    fn next_step(&mut self, life: usize) -> (crate::entropy::Entropy, Option<Malice>, usize) {
        let state = &mut self.lives[life];
        state.step += 1;
        (self.entropy, state.malice, state.step - 1)
    }

    /// What is typed at once: some do not wait to be asked.
    fn guest_is_connected(&mut self, life: usize) -> Vec<u8> {
        if let Some(client) = Client::of(self.lives[life].evidence.by) {
            return self.greeted_by_irc(life, client).into_bytes();
        }
        if self.draw(HASTE, life as u64, 0, 2) > 0 {
            return Vec::new();
        }
        let mut bytes = self.name_given(life);
        if self.draw(HASTE, life as u64, 1, 2) == 0 {
            bytes.extend_from_slice(b"in haste\n");
        }
        bytes
    }

    /// An IRC client speaks first; some do not wait to be welcomed.
    fn greeted_by_irc(&mut self, life: usize, client: Client) -> String {
        let Some(who) = self.lives[life].person() else { return String::new() };
        let mut lines = client.greeting(&self.plan.people[who].name, self.people[who].names);
        if self.draw(HASTE, life as u64, 0, 2) == 0 {
            lines += &client.first(&self.plan.people);
            lines += "PRIVMSG #lobby :in haste\r\n";
        }
        lines
    }

    fn reacted_by_irc(&mut self, life: usize, client: Client, line: &str) -> String {
        let Some(who) = self.lives[life].person() else { return String::new() };
        match irc::reaction(line) {
            Reaction::Nothing => String::new(),
            Reaction::Enter => {
                self.lives[life].evidence.online = true;
                if let Some(conn) = self.lives[life].conn {
                    self.conns[conn].welcomed = true;
                }
                client.first(&self.plan.people)
            }
            Reaction::AnotherName if self.lives[life].evidence.online => String::new(),
            Reaction::AnotherName => {
                self.people[who].names += 1;
                irc::nick_line(&self.plan.people[who].name, self.people[who].names)
            }
            Reaction::Say(line) => line,
        }
    }

    fn name_given(&mut self, life: usize) -> Vec<u8> {
        let Some(who) = self.lives[life].person() else { return Vec::new() };
        self.lives[life].step += 1;
        name_line(&self.plan.people[who].name, self.people[who].names).into_bytes()
    }

    pub(super) fn do_at_netcat(&mut self, life: usize, deed: &Deed) {
        if !self.lives[life].evidence.online {
            return; // People type when they are in.
        }
        match &deed.what {
            What::History { .. } => self.lives[life].evidence.paged = true,
            What::Quit => {
                self.people[deed.who].gone = true;
                self.lives[life].evidence.quit = true;
            }
            What::Say { .. } | What::Private { .. } | What::Burst { .. } => {}
            What::Join { .. } | What::Leave { .. } | What::Nick { .. } | What::Order { .. } | What::Who => {}
        }
        let at_us = self.now;
        let evidence = &mut self.lives[life].evidence;
        let typed = match Client::of(evidence.by) {
            Some(client) => irc::typed(deed, client, &evidence.told),
            None => typed(deed),
        };
        evidence.labels.extend(typed.labels.into_iter().map(|label| (label, at_us)));
        self.asked.extend(typed.marks.into_iter().map(|mark| Asked { mark, life, at_us, seen: Seq(0) }));
        if let Some(type_in) = &self.lives[life].typed {
            // Whoever has just lost the connection types into nothing.
            let _lost = type_in.send(typed.lines.into_bytes());
        }
    }

    /// Reads what has come; what is typed in return.
    fn guest_hears(&mut self, life: usize, bytes: &[u8]) -> Vec<u8> {
        let mut reply = Vec::new();
        for heard in self.lives[life].reader.hear(bytes) {
            match heard {
                Heard::Line(line) => {
                    if let Some(client) = Client::of(self.lives[life].evidence.by) {
                        let line = line.trim_end_matches('\r').to_owned();
                        if !irc::is_heartbeat(&line) {
                            self.keep_line(life, line.clone());
                        }
                        reply.extend(self.reacted_by_irc(life, client, &line).into_bytes());
                        continue;
                    }
                    self.lives[life].evidence.online |= is_welcome(&line);
                    self.marks.reach_by_why(&line);
                    self.keep_line(life, line);
                }
                Heard::NameAsked(line, first) => {
                    self.keep_line(life, line);
                    if let Some(who) = self.lives[life].person().filter(|_| !first) {
                        self.people[who].names += 1;
                    }
                    if self.lives[life].evidence.by == By::Text && (!first || self.lives[life].step == 0) {
                        reply.extend(self.name_given(life));
                    }
                }
            }
        }
        reply
    }

    fn keep_line(&mut self, life: usize, line: String) {
        note!(self, "{} (life {life}) reads {line}", self.lives[life].name());
        self.quiet_since = None;
        let at_us = self.now();
        self.lives[life].evidence.told.push(Told { at_us, what: Shown::Line(line) });
    }

    /// Looks for what no face may be sent. Whoever asks in HTTP is answered in HTTP, whose lines end with a carriage return.
    pub(super) fn inspect(&mut self, life: usize, bytes: &[u8]) {
        let is_browser = self.lives[life].malice == Some(Malice::Http);
        let shown: Vec<u8> = bytes.iter().copied().filter(|byte| !is_browser || *byte != b'\r').collect();
        if self.sizes.unclean.is_none()
            && let Some(c) = unclean(self.lives[life].evidence.by, &shown)
        {
            self.sizes.unclean = Some((self.now(), life, u32::from(c)));
        }
    }

    /// The connection is gone: somebody at netcat connects again after a while.
    fn guest_loses(&mut self, life: usize) {
        self.stop_life(life);
        let Some(who) = self.lives[life].person() else { return };
        if self.people[who].life == Some(life) {
            self.people[who].life = None;
        }
        if !self.people[who].gone && !self.people[who].down {
            let pause = 300_000 + self.draw(PAUSE, life as u64, 0, 2_000_000);
            let at = self.now() + pause;
            self.later(at, super::Event::GuestComes { who });
        }
    }

    /// Hangs up at netcat: in order, or as a program that is killed.
    pub(super) fn hang_up(&mut self, who: usize, in_order: bool) {
        let Some(life) = self.people[who].life.take() else { return };
        if let Some(conn) = self.lives[life].conn.filter(|_| !in_order) {
            let conn: &mut Conn = &mut self.conns[conn];
            conn.end(Way::Down).broken_off = true;
        }
        self.stop_life(life);
        self.tell(who, Act::Kill { life });
        self.reach(Mark::HungUp);
    }
}

/// Whoever has no key is told apart by the server, once they are connected.
fn nobody() -> ClientId {
    Key::new([0; 16]).client()
}
