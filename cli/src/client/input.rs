//! What is typed: lines, or a terminal's events. A thread waits for it, since neither can be waited for otherwise.

use std::cell::RefCell;
use std::io::{self, BufRead};
use std::rc::Rc;
use std::thread;
use std::time::Duration;

use causerie_core::client::Command;
use crossterm::event::{self, Event};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::desk::Desk;
use super::inline::Act;
use crate::failure::Failure;

/// What came from the keyboard, or from a pipe.
#[derive(Debug)]
pub(crate) enum Typed {
    /// A line, without its end; or one that is not UTF-8.
    Line(Result<String, NotUtf8>),
    /// Something happened at the terminal.
    Event(Event),
}

/// A line that is not UTF-8.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NotUtf8;

/// What is typed, in order.
#[derive(Debug)]
pub(crate) struct Input {
    typed: mpsc::Receiver<Typed>,
}

impl Input {
    /// Begins to listen: for the terminal's events, or for lines.
    ///
    /// # Errors
    /// If the system grants no thread.
    pub(crate) fn start(events: bool) -> io::Result<Self> {
        let (to, typed) = mpsc::channel(TYPED_MAX);
        let listen = move || if events { hear_events(&to) } else { hear_lines(&to) };
        // Not joined: it waits for a key that may never be pressed, and ends with the program.
        drop(thread::Builder::new().name("causerie-input".into()).spawn(listen)?);
        Ok(Self { typed })
    }

    /// What was typed next; none at the end.
    pub(crate) async fn next(&mut self) -> Option<Typed> {
        self.typed.recv().await
    }

    /// Hands everything that is typed to the desk, and what it asks to the client machine. Ends only if that cannot be.
    pub(crate) async fn feed(&mut self, desk: &Rc<RefCell<Desk>>, commands: &mpsc::Sender<Command>) -> Failure {
        loop {
            wait_until_open(desk).await;
            // A countdown is painted anew each second; nothing else here needs time.
            let Ok(typed) = timeout(TICK, self.next()).await else {
                if desk.borrow_mut().inline().is_some_and(|inline| inline.tick()) {
                    desk.borrow_mut().paint();
                }
                continue;
            };
            let asked = match typed {
                Some(Typed::Line(Ok(line))) => desk.borrow_mut().typed(&line),
                Some(Typed::Line(Err(NotUtf8))) => {
                    desk.borrow_mut().unreadable();
                    Vec::new()
                }
                Some(Typed::Event(event)) => happened(desk, event),
                None => vec![Command::Quit],
            };
            let over = typed_is_over(&asked);
            for command in asked {
                // A closed channel is a client that has left: whoever runs it knows.
                let _ = commands.send(command).await;
            }
            if over {
                self.rest(desk, commands).await;
            }
        }
    }

    /// Nothing more is asked. The terminal is still attended to: somebody may not want to wait.
    async fn rest(&mut self, desk: &Rc<RefCell<Desk>>, commands: &mpsc::Sender<Command>) {
        if desk.borrow_mut().inline().is_none() {
            return std::future::pending().await;
        }
        loop {
            match timeout(TICK, self.next()).await {
                Ok(Some(Typed::Event(event))) => {
                    let leave = happened(desk, event).into_iter().filter(|command| *command == Command::Leave);
                    for command in leave {
                        let _ = commands.send(command).await;
                    }
                }
                Ok(Some(Typed::Line(_))) => {}
                Ok(None) => std::future::pending().await,
                Err(_) => {
                    desk.borrow_mut().paint();
                }
            }
        }
    }
}

/// Lines are not taken before they can be asked. A terminal is attended to all the same: somebody may want to go.
async fn wait_until_open(desk: &Rc<RefCell<Desk>>) {
    let closed = if desk.borrow_mut().inline().is_some() { None } else { desk.borrow().closed() };
    if let Some(opened) = closed {
        opened.notified().await;
    }
}

fn typed_is_over(asked: &[Command]) -> bool {
    asked.contains(&Command::Quit)
}

/// What an event asks.
fn happened(desk: &Rc<RefCell<Desk>>, event: Event) -> Vec<Command> {
    let act = desk.borrow_mut().inline().map_or(Act::Nothing, |inline| inline.happened(event));
    match act {
        Act::Nothing => Vec::new(),
        Act::Paint => {
            desk.borrow_mut().paint();
            Vec::new()
        }
        Act::Typed(line) if line.trim().is_empty() => vec![Command::RetryNow],
        Act::Typed(line) if desk.borrow().closed().is_some() => {
            let mut desk = desk.borrow_mut();
            desk.inline().into_iter().for_each(|inline| inline.put_back(&line));
            desk.paint();
            vec![Command::RetryNow]
        }
        Act::Typed(line) => desk.borrow_mut().typed(&line),
        Act::Quit => {
            desk.borrow_mut().typed("/quit");
            vec![Command::Quit]
        }
        Act::Leave => vec![Command::Leave],
    }
}

fn hear_lines(to: &mpsc::Sender<Typed>) {
    let mut lines = io::stdin().lock();
    let mut line = Vec::new();
    // What cannot be read is at its end.
    while lines.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        while line.last().is_some_and(|end| matches!(end, b'\n' | b'\r')) {
            line.pop();
        }
        let text = String::from_utf8(std::mem::take(&mut line)).map_err(|_| NotUtf8);
        if to.blocking_send(Typed::Line(text)).is_err() {
            return;
        }
    }
}

fn hear_events(to: &mpsc::Sender<Typed>) {
    while let Ok(event) = event::read() {
        if to.blocking_send(Typed::Event(event)).is_err() {
            return;
        }
    }
}

/// Typed things that wait to be taken.
const TYPED_MAX: usize = 64;
/// How often a countdown is painted.
const TICK: Duration = Duration::from_secs(1);
