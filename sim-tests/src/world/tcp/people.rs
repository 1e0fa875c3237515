//! People and their client programs: each person has a host, which runs what it is told to; a program is the client as
//! shipped, shown on a screen that keeps everything.

use std::collections::BTreeMap;
use std::future::pending;
use std::io;

use causerie_core::client::{Client, Command, Memory, News};
use causerie_core::protocol::{Ask, Key, Nick, Read, Seq};
use causerie_core::time::Timestamp;
use causerie_net::client::{Face, run};
use causerie_net::clock::Clock;
use tokio::sync::mpsc::{self, Receiver, UnboundedReceiver};
use tokio::task::spawn_local;

use super::network::Simulated;
use super::state::{Life, Shared, State, note};
use super::{SERVER, guests};
use crate::entropy::mix;
use crate::evidence::{Asked, By, Shown, Told};
use crate::marks::Mark;
use crate::plan::{Deed, Keeps, Kind};
use crate::record::Happening;
use crate::world::asking::{Wish, is_renumbered, wishes};

const KEY: u64 = 21;
const JITTER: u64 = 22;

/// What a host is to do.
#[derive(Debug)]
pub(super) enum Act {
    /// Run a client program.
    Program { life: usize, client: Box<Client>, commands: Receiver<Command> },
    /// Connect to the server and be somebody who types, after so many microseconds.
    Guest { life: usize, typed: UnboundedReceiver<Vec<u8>> },
    /// Connect to the server and be nobody known.
    Stranger { life: usize },
    /// End one of these, whatever it is doing.
    Kill { life: usize },
}

/// Runs what it is told to, as long as the run goes on.
pub(super) async fn home(shared: Shared, mut acts: UnboundedReceiver<Act>) -> turmoil::Result {
    let mut running = BTreeMap::new();
    while let Some(act) = acts.recv().await {
        let (life, task) = match act {
            Act::Program { life, client, commands } => {
                (life, spawn_local(program(shared.clone(), life, *client, commands)))
            }
            Act::Guest { life, typed } => (life, spawn_local(guests::guest(shared.clone(), life, typed))),
            Act::Stranger { life } => (life, spawn_local(guests::stranger(shared.clone(), life))),
            Act::Kill { life } => {
                if let Some(task) = running.remove(&life) {
                    let task: tokio::task::JoinHandle<()> = task;
                    task.abort();
                }
                continue;
            }
        };
        running.insert(life, task);
    }
    pending().await
}

async fn program(shared: Shared, life: usize, client: Client, commands: Receiver<Command>) {
    let transport = Simulated::of(shared.clone(), Some(life));
    let mut screen = Screen { shared: shared.clone(), life };
    let ran = run(transport, SERVER.to_owned(), client, Clock::start(), commands, pending(), &mut screen).await;
    assert!(ran.is_ok(), "this screen remembers everything: {ran:?}");
    shared.borrow_mut().program_ended(life);
}

/// Keeps what a client shows and remembers.
struct Screen {
    shared: Shared,
    life: usize,
}

impl Face for Screen {
    fn show(&mut self, news: &News, _client: &Client, _now: Timestamp) {
        self.shared.borrow_mut().show(self.life, news);
    }

    fn remember(&mut self, memory: &Memory) -> io::Result<()> {
        self.shared.borrow_mut().remember(self.life, memory);
        Ok(())
    }
}

impl State {
    pub(super) fn comes(&mut self, who: usize) {
        match self.plan.people[who].kind {
            Kind::Native => self.start_program(who, Keeps::Nothing),
            Kind::Text => self.guest_comes(who),
        }
    }

    /// Starts somebody's client program.
    pub(super) fn start_program(&mut self, who: usize, keeps: Keeps) {
        self.people[who].down = false;
        if self.people[who].gone {
            return;
        }
        let memory = match keeps {
            Keeps::All => self.people[who].memory.clone(),
            Keeps::Old => {
                let old = self.people[who].old_memory.clone();
                if old.is_some() {
                    self.reach(Mark::OldMemory);
                }
                old.or_else(|| self.people[who].memory.clone())
            }
            Keeps::Nothing => None,
        };
        let memory = memory.unwrap_or_else(|| self.new_memory(who));
        self.run_program(who, memory);
    }

    /// Somebody new, who would like to be called what the plan says.
    fn new_memory(&mut self, who: usize) -> Memory {
        let keys = self.people[who].keys;
        self.people[who].keys += 1;
        let key = Key::new(self.entropy.bytes(KEY, mix(who as u64) ^ keys));
        let name = &self.plan.people[who].name;
        let name = if keys == 0 { name.clone() } else { format!("{name}_{keys}") };
        Memory::new(key, Nick::try_from(&*name).expect("a plan's names are clean"))
    }

    /// The same key from elsewhere: that program knows nothing but the key.
    pub(super) fn start_second(&mut self, who: usize) {
        let Some(memory) = self.people[who].memory.as_ref().filter(|_| !self.people[who].down) else { return };
        if self.people[who].gone || self.people[who].life.is_none() {
            return;
        }
        let memory = Memory::new(memory.key, memory.nick.clone());
        self.run_program(who, memory);
    }

    fn run_program(&mut self, who: usize, memory: Memory) {
        let life = self.lives.len();
        note!(self, "{} starts, life {life}, having seen {}", self.plan.people[who].name, memory.cursor);
        let name = self.plan.people[who].name.clone();
        let mut state = Life::new(Some(who), name, memory.key.client(), By::Native, memory.cursor);
        state.evidence.unanswered.extend(memory.outbox.iter().filter_map(|p| Some(p.reference.as_ref()?.to_string())));
        let seed = self.draw(JITTER, life as u64, 0, u64::MAX);
        self.people[who].memory = Some(memory.clone());
        let (commands, asked) = mpsc::channel(COMMANDS_MAX);
        state.commands = Some(commands);
        self.lives.push(state);
        self.people[who].life = Some(life);
        self.record(Happening::Begins { life });
        self.tell(who, Act::Program { life, client: Box::new(Client::new(memory, seed)), commands: asked });
    }

    /// Tells somebody's host what to run.
    pub(super) fn tell(&self, who: usize, act: Act) {
        let home = self.people[who].home.as_ref().expect("everybody has a host");
        assert!(home.send(act).is_ok(), "hosts of people run as long as the run does");
    }

    /// Kills somebody's program, whatever it is doing.
    pub(super) fn kill_program(&mut self, who: usize) -> bool {
        let Some(life) = self.people[who].life.take() else { return false };
        note!(self, "{} is killed, life {life}", self.plan.people[who].name);
        self.stop_life(life);
        self.tell(who, Act::Kill { life });
        self.people[who].down = true;
        true
    }

    pub(super) fn stop_life(&mut self, life: usize) {
        if self.lives[life].evidence.stands {
            self.record(Happening::Ends { life });
        }
        if let Some(conn) = self.lives[life].conn {
            self.disconnected(conn);
        }
        let state = &mut self.lives[life];
        (state.commands, state.typed) = (None, None);
        (state.evidence.stands, state.evidence.online) = (false, false);
    }

    /// A program has nothing more to do.
    fn program_ended(&mut self, life: usize) {
        self.stop_life(life);
        let Some(who) = self.lives[life].person() else { return };
        if self.people[who].life == Some(life) {
            let stands = |life: &usize| self.lives[*life].person() == Some(who) && self.lives[*life].evidence.stands;
            self.people[who].life = (0..self.lives.len()).rev().find(stands);
        }
    }

    pub(super) fn deed(&mut self, index: usize) {
        let deed = self.plan.deeds[index].clone();
        if deed.who >= self.people.len() || self.people[deed.who].gone {
            return;
        }
        let Some(life) = self.people[deed.who].life else { return };
        note!(self, "deed: {}", deed.told(&self.plan));
        self.trace.mark(u64::from(deed.id));
        match self.plan.people[deed.who].kind {
            Kind::Native => self.do_by_client(life, &deed),
            Kind::Text => self.do_at_netcat(life, &deed),
        }
    }

    fn do_by_client(&mut self, life: usize, deed: &Deed) {
        for wish in wishes(deed, self.people[deed.who].page) {
            match wish {
                Wish::Ask(mark, ask) => self.ask(life, mark, ask),
                Wish::Read(reference, read) => self.read(life, reference, read),
                Wish::Quit => {
                    self.people[deed.who].gone = true;
                    self.lives[life].evidence.quit = true;
                    self.command(life, Command::Quit);
                }
            }
        }
    }

    fn ask(&mut self, life: usize, mark: String, ask: Ask) {
        let state = &mut self.lives[life];
        let (at_us, seen) = (self.now, state.seen);
        state.evidence.unanswered.insert(mark.clone());
        self.sizes.outbox = self.sizes.outbox.max(state.evidence.unanswered.len());
        if state.evidence.unanswered.len() > 32 {
            self.reach(Mark::WindowFull);
        }
        let reference = Some(mark.clone().into());
        self.asked.push(Asked { mark, life, at_us, seen });
        self.command(life, Command::Ask { ask, reference });
    }

    fn read(&mut self, life: usize, reference: u64, read: Read) {
        if self.lives[life].evidence.reads.len() < READS_MAX {
            self.lives[life].evidence.reads.insert(reference);
            self.command(life, Command::Read { reference, read });
        }
    }

    fn command(&self, life: usize, command: Command) {
        if let Some(commands) = &self.lives[life].commands {
            // A program that has just ended takes nothing more: what it was asked ends with it.
            let _ended = commands.try_send(command);
        }
    }

    fn remember(&mut self, life: usize, memory: &Memory) {
        let Some(who) = self.lives[life].person() else { return };
        if self.people[who].life != Some(life) {
            return; // Another program of theirs has a file of its own.
        }
        let before = self.people[who].memory.replace(memory.clone());
        if before.is_some_and(|before| is_renumbered(&before, memory)) {
            self.reach(Mark::NumberUsed);
        }
        if memory.outbox.is_empty() && self.draw(JITTER, 1, self.now(), 4) == 0 {
            self.people[who].old_memory = Some(memory.clone());
        }
    }

    fn show(&mut self, life: usize, news: &News) {
        note!(self, "{} (life {life}) is shown {news:?}", self.lives[life].name());
        let state = &mut self.lives[life];
        let seen: Seq = state.evidence.learn(news);
        state.seen = state.seen.max(seen);
        match news {
            News::Waiting(_) => return,
            News::Online(_) => {
                if let Some(conn) = state.conn {
                    self.conns[conn].welcomed = true;
                }
            }
            News::Offline { why, .. } => {
                self.marks.reach_by_why(why);
                if let Some(conn) = state.conn {
                    self.disconnected(conn);
                }
            }
            News::Page { page, .. } => {
                if let (Some(who), Some(first)) = (state.person(), page.entries.first()) {
                    self.people[who].page = Some(first.seq);
                }
            }
            News::Accepted { .. } | News::Refused { .. } | News::Saw(_) | News::Who { .. } | News::Rooms { .. } => {}
            News::Missed { .. } | News::Notice(_) | News::Ended { .. } => {}
        }
        self.quiet_since = None;
        let at_us = self.now();
        self.lives[life].evidence.told.push(Told { at_us, what: Shown::News(news.clone()) });
    }

    /// Whether everyone who should be is welcomed, and nobody waits for anything.
    pub(super) fn lives_are_quiet(&self) -> bool {
        let pending = self.people.iter().enumerate().any(|(who, somebody)| {
            let guest = self.plan.people[who].kind == Kind::Text;
            somebody.down || (guest && !somebody.gone && somebody.life.is_none())
        });
        let quiet = |life: &Life| {
            let evidence = &life.evidence;
            !evidence.stands || (evidence.online && evidence.unanswered.is_empty() && evidence.reads.is_empty())
        };
        !pending && self.lives.iter().all(quiet)
    }
}

/// Commands a program has yet to take: more than a run gives it.
const COMMANDS_MAX: usize = 8_192;
/// Questions one program has open at once.
const READS_MAX: usize = 16;
