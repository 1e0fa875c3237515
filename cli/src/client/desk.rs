//! Between the client machine and the way a conversation looks: shows before it remembers, and remembers before it sends.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;

use causerie_core::client::{Client, Command, Memory, News};
use causerie_core::time::Timestamp;
use causerie_net::client::Face;
use causerie_net::clock;
use tokio::sync::{Notify, mpsc};

use super::inline::Inline;
use super::json::Json;
use super::plain::{Plain, Written};
use super::state::StateFile;
use crate::failure::Failure;
use crate::tell;

/// What a conversation looks like.
#[derive(Debug)]
pub(crate) enum Look {
    /// Rows above, a status line and an input line below.
    Inline(Box<Inline>),
    /// Lines.
    Plain(Box<Plain>),
    /// JSON lines.
    Json(Box<Json>),
}

/// One session's.
#[derive(Debug)]
pub(crate) struct Desk {
    look: Look,
    file: Option<Rc<StateFile>>,
    /// As it was kept last, or would have been.
    memory: Memory,
    commands: mpsc::Sender<Command>,
    /// Commands that found no room.
    backlog: VecDeque<Command>,
    /// Lines to be written.
    lines: String,
    /// Why it cannot go on: from then on nothing is remembered, for nothing is shown.
    failure: Option<Failure>,
    ending: (String, String),
    /// Whether what is typed can be asked. What somebody new says before the first welcome would be said without having
    /// seen anybody, and what is meant for a room before having entered it.
    open: bool,
    opened: Rc<Notify>,
}

/// The desk as the client machine's driver has it.
#[derive(Debug)]
pub(crate) struct Shared(pub(crate) Rc<RefCell<Desk>>);

impl Face for Shared {
    fn show(&mut self, news: &News, _: &Client, now: Timestamp) {
        self.0.borrow_mut().show(news, now);
    }

    fn remember(&mut self, memory: &Memory) -> io::Result<()> {
        self.0.borrow_mut().remember(memory)
    }

    fn idle(&mut self, _: &Client, _: Timestamp) {
        self.0.borrow_mut().paint();
    }
}

impl Desk {
    /// A desk for somebody with this memory. `open` if they can ask before they are welcomed.
    pub(crate) fn new(
        look: Look,
        file: Option<Rc<StateFile>>,
        memory: Memory,
        commands: mpsc::Sender<Command>,
        open: bool,
    ) -> Self {
        let mut desk = Self {
            look,
            file,
            memory,
            commands,
            backlog: VecDeque::new(),
            lines: String::new(),
            failure: None,
            ending: Default::default(),
            open,
            opened: Rc::default(),
        };
        desk.paint();
        desk
    }

    fn show(&mut self, news: &News, now: Timestamp) {
        if let News::Ended { code, text } = news {
            self.ending = (code.to_string(), text.to_string());
        }
        let wall = clock::wall();
        let written = match &mut self.look {
            // The last word is said by whoever asked for the session, unless it is only goodbye.
            Look::Inline(_) | Look::Plain(_) if matches!(news, News::Ended { code, .. } if &**code != "quit") => {
                Written::default()
            }
            Look::Inline(inline) => inline.take(news, now),
            Look::Plain(plain) => plain.take(news, now, wall),
            Look::Json(json) => json.take(news, now),
        };
        self.write(&written.lines);
        self.backlog.extend(written.commands);
        if matches!(news, News::Online(_)) && !std::mem::replace(&mut self.open, true) {
            self.opened.notify_one();
        }
    }

    /// What tells when something can be asked; none, if it can.
    pub(crate) fn closed(&self) -> Option<Rc<Notify>> {
        (!self.open).then(|| Rc::clone(&self.opened))
    }

    /// Everything that was shown is out before its cursor is kept.
    fn remember(&mut self, memory: &Memory) -> io::Result<()> {
        self.paint();
        if self.failure.is_none()
            && let Some(file) = &self.file
        {
            self.failure = file.save(memory).err();
        }
        if self.failure.is_some() {
            return Err(io::ErrorKind::Other.into()); // What it was is kept here.
        }
        self.memory = memory.clone();
        Ok(())
    }

    /// Takes a line that was typed; what it asks is to be sent by whoever typed.
    pub(crate) fn typed(&mut self, line: &str) -> Vec<Command> {
        let Written { lines, commands } = match &mut self.look {
            Look::Inline(inline) => inline.typed(line),
            Look::Plain(plain) => plain.typed(line),
            Look::Json(json) => json.typed(line),
        };
        self.write(&lines);
        self.paint();
        commands
    }

    /// Says that a line was not even text.
    pub(crate) fn unreadable(&mut self) {
        let line = match &self.look {
            Look::Inline(_) | Look::Plain(_) => format!("* {}", causerie_core::protocol::Notice::NotUtf8),
            Look::Json(_) => Json::unreadable(),
        };
        self.write(&[line]);
        self.paint();
    }

    /// The screen, if there is one.
    pub(crate) fn inline(&mut self) -> Option<&mut Inline> {
        match &mut self.look {
            Look::Inline(inline) => Some(inline),
            Look::Plain(_) | Look::Json(_) => None,
        }
    }

    fn write(&mut self, lines: &[String]) {
        for line in lines {
            self.lines.push_str(line);
            self.lines.push('\n');
        }
    }

    /// Has everything out, and gives the client machine what was asked in passing.
    pub(crate) fn paint(&mut self) {
        while let Some(command) = self.backlog.pop_front() {
            if let Err(mpsc::error::TrySendError::Full(command)) = self.commands.try_send(command) {
                self.backlog.push_front(command);
                break;
            }
        }
        if let Look::Inline(inline) = &mut self.look {
            self.lines.push_str(&inline.paint());
        }
        let lines = std::mem::take(&mut self.lines);
        if !lines.is_empty()
            && self.failure.is_none()
            && let Err(why) = tell::write_all(lines.as_bytes())
        {
            self.failure = Some(Failure::Io(why));
            let _ = self.commands.try_send(Command::Leave);
        }
    }

    /// The last of it.
    pub(crate) fn close(&mut self) {
        self.paint();
        if let Look::Inline(inline) = &mut self.look {
            let last = inline.close();
            let _ = tell::write_all(last.as_bytes());
        }
    }

    /// Why it could not go on, if that is why it ended.
    pub(crate) fn take_failure(&mut self) -> Option<Failure> {
        self.failure.take()
    }

    /// The last word: a short stable name, and the reason.
    pub(crate) fn ending(&self) -> (String, String) {
        self.ending.clone()
    }

    /// As it was kept last, or would have been.
    pub(crate) const fn memory(&self) -> &Memory {
        &self.memory
    }

    /// How many lines have no answer.
    pub(crate) fn waiting(&self) -> usize {
        match &self.look {
            Look::Inline(inline) => inline.waiting(),
            Look::Plain(plain) => plain.waiting(),
            Look::Json(json) => json.waiting(),
        }
    }
}
