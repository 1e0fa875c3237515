//! Servers and peers over real sockets, for tests.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use causerie_core::chat::Chat;
use causerie_core::client::{Client, Command, Memory, News};
use causerie_core::limits::Limits;
use causerie_core::protocol::{Ask, Event, Key, Manner, Nick, NodeId, Room, Sight, Target, Text};
use causerie_core::server::Server;
use causerie_core::time::{Timestamp, WallTime};
use causerie_net::client::{Face, RunError, run};
use causerie_net::clock::Clock;
use causerie_net::log::{Inline, Log};
use causerie_net::server::{Hosting, Listen, Observed, Observer, ServeError, Takes, serve};
use causerie_net::transport::{Tcp, Transport};
use causerie_net::web::Site;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::{JoinHandle, LocalSet, spawn_local};
use tokio::time::timeout;

/// Longer than anything takes: a test that waits for it has failed.
const GENEROUS: Duration = Duration::from_secs(60);

/// Runs a test as a server runs: on one thread.
pub(crate) fn on_one_thread(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    LocalSet::new().block_on(&runtime, test);
}

/// The outcome of something that must not take for ever.
pub(crate) async fn in_time<T>(future: impl Future<Output = T>) -> T {
    timeout(GENEROUS, future).await.expect("it takes for ever")
}

/// Who said what.
pub(crate) fn words(who: &str, what: &str) -> (String, String) {
    (who.to_owned(), what.to_owned())
}

/// Why somebody is not connected.
pub(crate) fn offline(news: &News) -> Option<String> {
    let News::Offline { why, .. } = news else { return None };
    Some(why.to_string())
}

/// A log in memory.
pub(crate) fn memory() -> Inline<causerie_net::log::Memory> {
    Inline::new(causerie_net::log::Memory::new(Box::new(|| WallTime(1_795_254_062_000))))
}

/// Randomness that is the same each time.
pub(crate) fn counting() -> Box<dyn FnMut() -> [u8; 16]> {
    let mut count = 0_u128;
    Box::new(move || {
        count += 1;
        count.to_be_bytes()
    })
}

/// A server that runs.
pub(crate) struct Host<L> {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    pub(crate) served: JoinHandle<Result<L, ServeError>>,
}

impl<L: Log + 'static> Host<L> {
    /// Starts one at any free port.
    pub(crate) async fn start(log: L, limits: Limits) -> Self {
        Self::start_with(Tcp, "127.0.0.1:0", Chat::new(), log, limits, Box::new(|_, _| ())).await.unwrap()
    }

    pub(crate) async fn start_with(
        transport: impl Transport + 'static,
        address: impl ToString,
        chat: Chat,
        log: L,
        limits: Limits,
        observe: Observer,
    ) -> Result<Self, ServeError> {
        let place = (address, Takes::Everybody);
        Self::start_at(transport, place, Site::default(), chat, log, limits, observe).await
    }

    pub(crate) async fn start_at(
        transport: impl Transport + 'static,
        (address, takes): (impl ToString, Takes),
        site: Site,
        chat: Chat,
        log: L,
        limits: Limits,
        mut observe: Observer,
    ) -> Result<Self, ServeError> {
        let (stop, stopped) = oneshot::channel();
        let (listening, listens) = oneshot::channel();
        let mut listening = Some(listening);
        let server = Server::new(chat, NodeId(0), limits, Default::default());
        let hosting = Hosting {
            listen: vec![Listen { address: address.to_string(), takes }],
            site,
            limits,
            clock: Clock::start(),
            entropy: counting(),
            observe: Box::new(move |server, observed| {
                if let Observed::Listening(at) = observed {
                    listening.take().unwrap().send(at).unwrap();
                }
                observe(server, observed);
            }),
        };
        let served = spawn_local(serve(transport, server, log, hosting, async move {
            let _or_dropped = stopped.await;
        }));
        match listens.await {
            Ok(address) => Ok(Self { address, stop, served }),
            Err(_) => Err(served.await.unwrap().err().unwrap()),
        }
    }

    /// Stops it; gives its log back.
    pub(crate) async fn stop(self) -> L {
        self.stop.send(()).unwrap();
        in_time(self.served).await.unwrap().unwrap()
    }
}

/// Somebody at netcat.
pub(crate) struct Guest {
    pub(crate) reader: BufReader<OwnedReadHalf>,
    pub(crate) writer: OwnedWriteHalf,
}

impl Guest {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let (reader, writer) = in_time(TcpStream::connect(address)).await.unwrap().into_split();
        Self { reader: BufReader::new(reader), writer }
    }

    /// Connects and has been welcomed.
    pub(crate) async fn arrive(address: SocketAddr, nick: &str) -> Self {
        let mut guest = Self::connect(address).await;
        guest.say(nick).await;
        guest.hear(", Welcome to chat room").await;
        guest
    }

    pub(crate) async fn say(&mut self, line: &str) {
        in_time(self.writer.write_all(format!("{line}\n").as_bytes())).await.unwrap();
    }

    /// The next line, without its end; none at the end.
    pub(crate) async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let len = in_time(self.reader.read_line(&mut line)).await.unwrap();
        (len > 0).then(|| line.trim_end_matches('\n').to_owned())
    }

    /// Reads until a line ends like this.
    pub(crate) async fn hear(&mut self, end: &str) -> String {
        loop {
            let line = self.line().await.unwrap_or_else(|| panic!("it ended before {end:?}"));
            if line.ends_with(end) {
                return line;
            }
        }
    }

    /// All that is left.
    pub(crate) async fn rest(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(line) = self.line().await {
            lines.push(line);
        }
        lines
    }
}

/// A client as shipped, with a face that notes everything down.
pub(crate) struct Native {
    pub(crate) commands: mpsc::Sender<Command>,
    pub(crate) notes: Rc<Notes>,
    pub(crate) running: JoinHandle<Result<(), RunError>>,
}

/// What a face was told.
#[derive(Default)]
pub(crate) struct Notes {
    pub(crate) news: RefCell<VecDeque<News>>,
    changed: Notify,
}

struct Noting(Rc<Notes>);

impl Face for Noting {
    fn show(&mut self, news: &News, _client: &Client, _now: Timestamp) {
        self.0.news.borrow_mut().push_back(news.clone());
        self.0.changed.notify_one();
    }

    fn remember(&mut self, _memory: &Memory) -> io::Result<()> {
        Ok(())
    }
}

impl Native {
    pub(crate) fn start(address: SocketAddr, nick: &str, key: u8) -> Self {
        let memory = Memory::new(Key::new([key; 16]), Nick::try_from(nick).unwrap());
        let (commands, asked) = mpsc::channel(16);
        let notes = Rc::<Notes>::default();
        let (address, mut face) = (address.to_string(), Noting(notes.clone()));
        let client = Client::new(memory, u64::from(key));
        let running = spawn_local(async move {
            run(Tcp, address, client, Clock::start(), asked, std::future::pending(), &mut face).await
        });
        Self { commands, notes, running }
    }

    /// Connects and has been welcomed.
    pub(crate) async fn arrive(address: SocketAddr, nick: &str, key: u8) -> Self {
        let native = Self::start(address, nick, key);
        native.told(|news| matches!(news, News::Online(_)).then_some(())).await;
        native
    }

    pub(crate) async fn say(&self, text: &str) {
        let (to, text) = (Target::Room(Room::lobby()), Text::try_from(text).unwrap());
        let ask = Ask::Say { to, text, manner: Manner::Plain };
        in_time(self.commands.send(Command::Ask { ask, reference: None })).await.unwrap();
    }

    /// Takes news until one is wanted.
    pub(crate) async fn told<W>(&self, wanted: impl Fn(&News) -> Option<W>) -> W {
        in_time(async {
            loop {
                while let Some(news) = self.notes.next() {
                    if let Some(wanted) = wanted(&news) {
                        return wanted;
                    }
                }
                self.notes.changed.notified().await;
            }
        })
        .await
    }

    /// Takes news until somebody says something: who and what.
    pub(crate) async fn heard(&self) -> (String, String) {
        self.told(|news| {
            let News::Saw(seen) = news else { return None };
            let Sight::Said { text, .. } = &seen.sight else { return None };
            Some(words(seen.from.as_str(), text.as_str()))
        })
        .await
    }

    /// Quits, and has ended.
    pub(crate) async fn quit(self) {
        self.commands.send(Command::Quit).await.unwrap();
        in_time(self.running).await.unwrap().unwrap();
    }
}

impl Notes {
    fn next(&self) -> Option<News> {
        self.news.borrow_mut().pop_front()
    }
}

/// An observer that keeps what it sees of entries, as a console would print it.
pub(crate) fn console() -> (Rc<RefCell<Vec<String>>>, Observer) {
    let printed = Rc::<RefCell<Vec<String>>>::default();
    let print = printed.clone();
    let observe: Observer = Box::new(move |_, observed| {
        if let Observed::Entry { entry, peer } = observed {
            let from = if peer.is_some() { "from somewhere" } else { "gone" };
            let what = match &entry.event {
                Event::Arrived { door, .. } => format!("arrived through {door:?}, {from}"),
                Event::Departed { why, .. } => format!("departed ({why:?}), {from}"),
                Event::Said { text, .. } => format!("said {}", text.as_str()),
                Event::Joined { .. }
                | Event::Left { .. }
                | Event::Renamed { .. }
                | Event::Topic { .. }
                | Event::Kicked { .. }
                | Event::Invited { .. }
                | Event::Changed { .. }
                | Event::Killed { .. } => "did something else".to_owned(),
            };
            print.borrow_mut().push(format!("{} {what}", entry.nick));
        }
    });
    (printed, observe)
}
