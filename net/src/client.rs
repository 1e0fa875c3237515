//! The client on its socket: carries out what the machine orders, and reports what came of it.

mod link;

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::mem;
use std::pin::pin;
use std::task::{Context, Poll};

use causerie_core::client::{Client, Command, Input, Memory, News, Output};
use causerie_core::limits::WINDOW;
use causerie_core::time::Timestamp;
use tokio::sync::mpsc;

use self::link::{Farewell, Link, Reported};
use crate::alarm::Alarm;
use crate::clock::Clock;
use crate::transport::Transport;

/// What a person sees, and where their client keeps its memory. Called between two inputs of the machine.
pub trait Face {
    /// Tells the person.
    fn show(&mut self, news: &News, client: &Client, now: Timestamp);

    /// Keeps, durably: when it returns, the memory survives the client's death. It is called before anything is sent that
    /// depends on it.
    ///
    /// # Errors
    /// If it cannot be kept. The run ends: to go on would break promises made to others.
    fn remember(&mut self, memory: &Memory) -> io::Result<()>;

    /// All that followed from one input was carried out: a time to paint.
    fn idle(&mut self, client: &Client, now: Timestamp) {
        let _ = (client, now);
    }
}

/// Why a client's run ended before its time.
#[derive(Debug)]
pub enum RunError {
    /// What has to survive cannot be kept.
    Remember(io::Error),
}

/// Runs a client until it has nothing more to do.
///
/// Commands come from `commands`; a closed channel ends nothing, [`Command::Quit`] and [`Command::Leave`] do. While the
/// session stands and many requests are unanswered no more commands are taken, so who fills the channel waits and nothing
/// is refused for want of room. `leave` is heard whatever waits in the channel: it is [`Command::Leave`].
///
/// # Errors
/// If the face cannot remember. Nothing was sent that depends on it.
pub async fn run<T: Transport, F: Face>(
    transport: T,
    address: String,
    client: Client,
    clock: Clock,
    mut commands: mpsc::Receiver<Command>,
    leave: impl Future<Output = ()>,
    face: &mut F,
) -> Result<(), RunError> {
    let mut leave = pin!(leave);
    let mut left = false;
    let (link, farewell) = (Link::default(), None);
    let (buffer, outputs) = (vec![0; READ_BYTES], Vec::new());
    let alarm = Alarm::new(clock);
    let (transport, address) = (&transport, &*address);
    let mut run = Run {
        transport,
        address,
        client,
        clock,
        alarm,
        face,
        link,
        farewell,
        buffer,
        outputs,
        deaf: false,
        turn: false,
        ended: false,
    };
    run.handle(Input::Elapsed)?;
    while !run.ended {
        let heard = poll_fn(|cx| {
            if !left && leave.as_mut().poll(cx).is_ready() {
                left = true;
                return Poll::Ready(Heard::Asked(Command::Leave));
            }
            run.poll(&mut commands, cx)
        });
        let heard = heard.await;
        run.hear(heard)?;
    }
    if let Some(mut farewell) = run.farewell {
        poll_fn(|cx| farewell.poll(cx)).await;
    }
    Ok(())
}

/// A client that runs.
struct Run<'a, T: Transport, F> {
    transport: &'a T,
    address: &'a str,
    client: Client,
    clock: Clock,
    alarm: Alarm,
    face: &'a mut F,
    /// The attempt the machine knows of.
    link: Link<'a, T::Stream>,
    /// The one before, which takes its last words.
    farewell: Option<Farewell<T::Stream>>,
    buffer: Vec<u8>,
    /// Orders of the input being handled; empty between inputs.
    outputs: Vec<Output>,
    /// There are no more commands.
    deaf: bool,
    /// The socket was heard last: it is the person's turn.
    turn: bool,
    ended: bool,
}

/// What the driver hears.
enum Heard {
    Socket { attempt: u64, reported: Reported },
    Asked(Command),
    Due,
}

impl<T: Transport, F: Face> Run<'_, T, F> {
    fn poll(&mut self, commands: &mut mpsc::Receiver<Command>, cx: &mut Context<'_>) -> Poll<Heard> {
        if self.farewell.as_mut().is_some_and(|farewell| farewell.poll(cx).is_ready()) {
            self.farewell = None;
        }
        // The socket and the person take turns: neither can shut the other up.
        for _ in 0..2 {
            self.turn = !self.turn;
            let heard = if self.turn { self.poll_socket(cx) } else { self.poll_commands(commands, cx) };
            if heard.is_ready() {
                return heard;
            }
        }
        self.alarm.poll(self.client.poll_timeout(), cx).map(|()| Heard::Due)
    }

    fn poll_socket(&mut self, cx: &mut Context<'_>) -> Poll<Heard> {
        self.link.poll(&mut self.buffer, cx).map(|(attempt, reported)| Heard::Socket { attempt, reported })
    }

    fn poll_commands(&mut self, commands: &mut mpsc::Receiver<Command>, cx: &mut Context<'_>) -> Poll<Heard> {
        let busy = self.client.is_online() && self.client.waiting().len() >= UNANSWERED_MAX;
        if self.deaf || busy {
            return Poll::Pending; // Asked again after the next input.
        }
        match commands.poll_recv(cx) {
            Poll::Ready(Some(command)) => return Poll::Ready(Heard::Asked(command)),
            Poll::Ready(None) => self.deaf = true,
            Poll::Pending => {}
        }
        Poll::Pending
    }

    fn hear(&mut self, heard: Heard) -> Result<(), RunError> {
        match heard {
            Heard::Socket { attempt, reported: Reported::Connected } => self.handle(Input::Connected { attempt }),
            Heard::Socket { attempt, reported: Reported::Received { len } } => {
                let buffer = mem::take(&mut self.buffer);
                let handled = self.handle(Input::Received { attempt, bytes: &buffer[..len] });
                self.buffer = buffer;
                handled
            }
            Heard::Socket { attempt, reported: Reported::Closed { why } } => {
                self.handle(Input::Closed { attempt, why })
            }
            Heard::Asked(command) => self.handle(Input::Asked(command)),
            Heard::Due => self.handle(Input::Elapsed),
        }
    }

    /// The machine takes in a fact, and what it orders is carried out.
    fn handle(&mut self, input: Input<'_>) -> Result<(), RunError> {
        let now = self.clock.now();
        let mut outputs = mem::take(&mut self.outputs);
        self.client.handle(now, input, &mut outputs);
        for output in outputs.drain(..) {
            self.carry_out(output, now)?;
        }
        self.outputs = outputs;
        self.face.idle(&self.client, now);
        Ok(())
    }

    fn carry_out(&mut self, output: Output, now: Timestamp) -> Result<(), RunError> {
        match output {
            Output::Connect { attempt } => {
                let connecting = self.transport.connect(self.address);
                self.link = Link::Connecting { attempt, connecting: Box::pin(connecting) };
            }
            Output::Send { attempt, bytes } => self.link.send(attempt, bytes),
            Output::Close { attempt } => {
                if let Some(farewell) = self.link.close(attempt) {
                    self.farewell = Some(farewell);
                }
            }
            Output::Show(news) => self.face.show(&news, &self.client, now),
            Output::Remember(memory) => self.face.remember(&memory).map_err(RunError::Remember)?,
            Output::End => self.ended = true,
        }
        Ok(())
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Remember(why) => write!(f, "what has to survive cannot be kept: {why}"),
        }
    }
}

impl std::error::Error for RunError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Remember(why) => Some(why),
        }
    }
}

/// Bytes read at once.
const READ_BYTES: usize = 16 * 1_024;
/// Unanswered requests beyond which no more commands are taken: enough that the window is always full.
const UNANSWERED_MAX: usize = 2 * WINDOW as usize;
