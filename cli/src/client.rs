//! `causerie client`: one person's, or one program's, side of the conversation.
//!
//! [`talk`] is the conversation whatever it looks like; [`plain`], [`inline`] and [`json`] are the three ways it can look;
//! [`desk`] sits between them and the client machine; [`input`] is what is typed; [`state`] is what is kept.

mod desk;
mod inline;
mod input;
mod json;
mod plain;
mod roster;
mod state;
mod talk;

use std::cell::RefCell;
use std::io::{self, IsTerminal};
use std::rc::Rc;

use causerie_core::client::{Client, Memory};
use causerie_core::protocol::{Key, Nick, Secret};
use causerie_net::client::RunError;
use causerie_net::clock::{self, Clock};
use causerie_net::transport::Tcp;
use tokio::sync::mpsc;
use tokio::task::LocalSet;

use self::desk::{Desk, Shared};
use self::inline::{Inline, Prompt, Question, Terminal};
use self::input::{Input, Typed};
use self::json::Json;
use self::plain::Plain;
use self::state::{Held, StateFile};
use self::talk::{Talk, Wish};
use crate::address::Address;
use crate::args::ClientArgs;
use crate::failure::Failure;
use crate::{paths, tell};

/// Joins a server, and comes back when the conversation is over.
///
/// # Errors
/// If it cannot begin, or ends in a way that nobody asked for.
pub(crate) fn run(args: ClientArgs) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let done = LocalSet::new().block_on(&runtime, converse(args));
    runtime.shutdown_background(); // A name being looked up is not waited for.
    done
}

/// What a conversation looks like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Look {
    Inline,
    Plain,
    Json,
}

/// What does not change from one session to the next.
#[derive(Debug)]
struct Setting {
    server: Address,
    look: Look,
    wish: Wish,
    password: Option<Secret>,
    file: Option<Rc<StateFile>>,
    clock: Clock,
    utc_offset_s: i32,
    /// Who types can be asked.
    can_ask: bool,
}

async fn converse(args: ClientArgs) -> Result<(), Failure> {
    let server = args.server.clone().unwrap_or_default();
    let terminals = io::stdin().is_terminal() && io::stdout().is_terminal();
    let look = match (args.json, args.plain || !terminals) {
        (true, _) => Look::Json,
        (false, true) => Look::Plain,
        (false, false) => Look::Inline,
    };
    let (file, remembered) = hold(&args, &server)?;
    let mut setting = Setting {
        server,
        look,
        // Who is somebody new says so in the hello.
        wish: Wish { nick: args.nick.clone().filter(|_| remembered.is_some()), room: args.room.clone() },
        password: args.password,
        file: file.map(Rc::new),
        clock: Clock::start(),
        utc_offset_s: utc_offset_s(),
        can_ask: look != Look::Json && io::stdin().is_terminal(),
    };
    let terminal = if look == Look::Inline { Some(Terminal::enter()?) } else { None };
    let mut input = Input::start(look == Look::Inline)?;
    let mut memory = match (remembered, args.nick) {
        (Some(memory), _) => memory,
        (None, Some(nick)) => Memory::new(draw_key()?, nick),
        (None, None) if setting.can_ask => {
            let Some(nick) = ask_nick(&mut input, look, "welcome to causerie").await? else { return Ok(()) };
            Memory::new(draw_key()?, nick)
        }
        (None, None) => return Err(Failure::NoNick),
    };
    let over = loop {
        let over = setting.session(memory, &mut input).await?;
        match &*over.code {
            "nick_taken" if setting.can_ask => {
                let Some(nick) = ask_nick(&mut input, look, &over.why).await? else { return Ok(()) };
                memory = Memory { nick, ..over.memory };
            }
            "wrong_password" if setting.can_ask => {
                let why = if setting.password.is_none() { "this server takes a password" } else { &*over.why };
                let Some(password) = ask_password(&mut input, look, why).await? else { return Ok(()) };
                setting.password = Some(password);
                memory = over.memory;
            }
            _ => break over,
        }
    };
    drop(terminal);
    setting.part(&over)
}

/// How a session ended, and what is known then.
#[derive(Debug)]
struct Over {
    code: String,
    why: String,
    memory: Memory,
    /// How many lines have no answer.
    waiting: usize,
}

impl Setting {
    /// One run of the client machine, from its hello to its end.
    async fn session(&self, memory: Memory, input: &mut Input) -> Result<Over, Failure> {
        let look = match self.look {
            Look::Inline => {
                let talk = Talk::new(&memory, self.wish.clone(), self.utc_offset_s);
                desk::Look::Inline(Box::new(Inline::new(talk, self.clock, self.utc_offset_s)))
            }
            Look::Plain => {
                let talk = Talk::new(&memory, self.wish.clone(), self.utc_offset_s);
                let echoed = io::stdin().is_terminal() && io::stdout().is_terminal();
                desk::Look::Plain(Box::new(Plain::new(talk, self.utc_offset_s, echoed, memory.next_line)))
            }
            Look::Json => desk::Look::Json(Box::new(Json::new(&memory, self.wish.clone()))),
        };
        let (commands, asked) = mpsc::channel(COMMANDS_MAX);
        let open = memory.log.is_some() && self.wish.room.is_none();
        let desk = Desk::new(look, self.file.clone(), memory.clone(), commands.clone(), open);
        let desk = Rc::new(RefCell::new(desk));
        let client = Client::new(memory, u64::from_le_bytes(draw::<8>()?)).with_password(self.password.clone());
        let mut face = Shared(Rc::clone(&desk));
        let (server, leave) = (self.server.to_string(), crate::server::stop_signal());
        let run = causerie_net::client::run(Tcp, server, client, self.clock, asked, leave, &mut face);
        let ran = tokio::select! {
            biased;
            ran = run => ran,
            failure = input.feed(&desk, &commands) => return Err(failure),
        };
        desk.borrow_mut().close();
        let mut desk = desk.borrow_mut();
        if let Some(why) = desk.take_failure() {
            return Err(why);
        }
        ran.map_err(|RunError::Remember(why)| Failure::Io(why))?;
        let (code, why) = desk.ending();
        Ok(Over { code, why, memory: desk.memory().clone(), waiting: desk.waiting() })
    }

    /// Says the last word.
    fn part(&self, over: &Over) -> Result<(), Failure> {
        match (over.waiting, &self.file) {
            (0, _) => {}
            (waiting, Some(file)) => tell::aside(format_args!(
                "{waiting} {} not stored yet; the next start goes on with {}: {}",
                if waiting == 1 { "line is" } else { "lines are" },
                if waiting == 1 { "it" } else { "them" },
                file.path().display()
            )),
            (waiting, None) => tell::aside(format_args!(
                "{waiting} {} not known to be stored, and nothing is remembered (--no-state)",
                if waiting == 1 { "line is" } else { "lines are" },
            )),
        }
        match &*over.code {
            "quit" => Ok(()),
            "nick_taken" => Err(Failure::NickTaken { why: over.why.clone(), at: self.server.clone() }),
            code => Err(Failure::Ended { code: code.into(), why: over.why.clone() }),
        }
    }
}

/// The state file there is to be, and who is remembered in it.
fn hold(args: &ClientArgs, server: &Address) -> Result<(Option<StateFile>, Option<Memory>), Failure> {
    let Held { file, memory, number } = match &args.state {
        _ if args.no_state => return Ok((None, None)),
        Some(path) => StateFile::named(path)?,
        None => StateFile::of_server(&paths::state_dir()?, server, args.nick.as_ref())?,
    };
    if number > 1 {
        tell::aside(format_args!("* not the first of this machine: remembered in {}", file.path().display()));
    }
    Ok((Some(file), memory))
}

/// Asks until there is a name, or nobody answers.
async fn ask_nick(input: &mut Input, look: Look, why: &str) -> Result<Option<Nick>, Failure> {
    ask(input, Prompt::new(Question::Name, look == Look::Inline, why), |name| {
        Nick::try_from(name.trim()).map_err(|why| why.to_string())
    })
    .await
}

/// Asks until there is a password, or nobody answers.
async fn ask_password(input: &mut Input, look: Look, why: &str) -> Result<Option<Secret>, Failure> {
    ask(input, Prompt::new(Question::Password, look == Look::Inline, why), |password| {
        if password.is_empty() { Err("a password cannot be empty".to_owned()) } else { Ok(Secret::new(password)) }
    })
    .await
}

async fn ask<T>(
    input: &mut Input,
    mut prompt: Prompt,
    understand: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<T>, Failure> {
    loop {
        prompt.paint()?;
        let answer = match input.next().await {
            Some(Typed::Line(Ok(line))) => line,
            Some(Typed::Line(Err(_))) => continue,
            Some(Typed::Event(event)) => match prompt.take(event) {
                inline::Act::Typed(line) => line,
                inline::Act::Leave | inline::Act::Quit => return prompt.leave().map(|()| None),
                inline::Act::Nothing | inline::Act::Paint => continue,
            },
            None => return prompt.leave().map(|()| None),
        };
        match understand(&answer) {
            Ok(answer) => return prompt.leave().map(|()| Some(answer)),
            Err(why) => prompt.ask_again(&why),
        }
    }
}

fn draw_key() -> Result<Key, Failure> {
    Ok(Key::new(draw()?))
}

/// Random bytes of the system's.
pub(crate) fn draw<const LEN: usize>() -> Result<[u8; LEN], Failure> {
    let mut bytes = [0; LEN];
    getrandom::fill(&mut bytes).map_err(|why| Failure::Io(why.into()))?;
    Ok(bytes)
}

/// Seconds by which this machine's time of day is ahead of UTC.
pub(crate) fn utc_offset_s() -> i32 {
    let ms = i64::try_from(clock::wall().0).unwrap_or(0);
    let now = jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    jiff::tz::TimeZone::system().to_offset(now).seconds()
}

/// Commands that wait for the client machine.
const COMMANDS_MAX: usize = 64;
