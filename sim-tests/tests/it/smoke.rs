//! The server and the clients as shipped, over a simulated network: the least that has to work.

use std::cell::RefCell;
use std::future::pending;
use std::io;
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use causerie_core::chat::Chat;
use causerie_core::client::{Client, Command, Memory, News};
use causerie_core::limits::Limits;
use causerie_core::protocol::{Ask, Key, Manner, Nick, NodeId, Room, Target, Text};
use causerie_core::server::Server;
use causerie_core::time::{Timestamp, WallTime};
use causerie_core::view::Telling;
use causerie_net::client::{Face, run};
use causerie_net::clock::Clock;
use causerie_net::log::{self, Inline};
use causerie_net::server::{Hosting, Listen, Takes, serve};
use causerie_net::web::Site;
use causerie_sim::transport::Simulated;
use tokio::sync::mpsc;
use tokio::time::sleep;

#[test]
fn two_people_talk_through_a_cut_and_the_same_seed_gives_the_same_run() {
    let first = talk(7);
    let said = |line: &str| first.iter().filter(|told| told.ends_with(line)).count();
    assert_eq!(said("bob heard ada: 1"), 1, "{first:#?}");
    assert_eq!(said("bob heard ada: 2, into the cut"), 1, "{first:#?}");
    assert_eq!(said("ada heard bob: 1"), 1, "{first:#?}");
    assert!(first.iter().any(|told| told.ends_with("ada is offline")), "{first:#?}");
    assert_eq!(first, talk(7), "the same seed");
}

/// What everybody was told, and when.
type Told = Rc<RefCell<Vec<String>>>;

fn talk(seed: u64) -> Vec<String> {
    let mut sim = turmoil::Builder::new()
        .epoch(SystemTime::UNIX_EPOCH)
        .rng_seed(seed)
        .tick_duration(Duration::from_millis(5))
        .simulation_duration(Duration::from_secs(120))
        .tcp_capacity(4_096)
        .build();
    sim.host("server", host);
    let told = Told::default();
    sim.client("ada", person("ada", 1, told.clone(), &[(1_000, "1"), (4_000, "2, into the cut")]));
    sim.client("bob", person("bob", 2, told.clone(), &[(2_000, "1")]));
    while sim.elapsed() < Duration::from_secs(3) {
        sim.step().expect("nobody fails");
    }
    sim.partition("ada", "server");
    while sim.elapsed() < Duration::from_secs(23) {
        sim.step().expect("nobody fails");
    }
    sim.repair("ada", "server");
    sim.run().expect("nobody fails");
    drop(sim);
    told.take()
}

async fn host() -> turmoil::Result {
    let limits = Limits::default();
    let server = Server::new(Chat::new(), NodeId(0), limits, Default::default());
    let log = Inline::new(log::Memory::new(Box::new(|| WallTime(0))));
    let mut drawn = 0_u128;
    let hosting = Hosting {
        listen: vec![Listen { address: "0.0.0.0:4004".to_owned(), takes: Takes::Everybody }],
        site: Site::default(),
        limits,
        clock: Clock::start(),
        entropy: Box::new(move || {
            drawn += 1;
            drawn.to_be_bytes()
        }),
        observe: Box::new(|_, _| ()),
    };
    serve(Simulated, server, log, hosting, pending()).await?;
    Ok(())
}

/// Says lines at their times, in milliseconds, and goes a minute after the start.
async fn person(nick: &'static str, key: u8, told: Told, lines: &'static [(u64, &'static str)]) -> turmoil::Result {
    let memory = Memory::new(Key::new([key; 16]), Nick::try_from(nick).expect("it is clean"));
    let client = Client::new(memory, u64::from(key));
    let (commands, asked) = mpsc::channel(1);
    let mut face = Noting { nick, told };
    let saying = async {
        let mut now = 0;
        for (at, line) in lines {
            sleep(Duration::from_millis(at - now)).await;
            now = *at;
            let (to, text) = (Target::Room(Room::lobby()), Text::try_from(*line).expect("it is clean"));
            let ask = Ask::Say { to, text, manner: Manner::Plain };
            commands.send(Command::Ask { ask, reference: None }).await?;
        }
        sleep(Duration::from_millis(60_000 - now)).await;
        commands.send(Command::Quit).await?;
        pending().await
    };
    let running = run(Simulated, "server:4004".to_owned(), client, Clock::start(), asked, pending(), &mut face);
    tokio::select! {
        biased;
        ran = running => Ok(ran?),
        failed = saying => failed,
    }
}

struct Noting {
    nick: &'static str,
    told: Told,
}

impl Face for Noting {
    fn show(&mut self, news: &News, _client: &Client, now: Timestamp) {
        let nick = self.nick;
        let what = match news {
            News::Saw(seen) => format!("{nick} heard {}", Telling(seen)),
            News::Offline { .. } => format!("{nick} is offline"),
            News::Online(_) => format!("{nick} is online"),
            News::Waiting(_)
            | News::Accepted { .. }
            | News::Refused { .. }
            | News::Who { .. }
            | News::Rooms { .. }
            | News::Room { .. }
            | News::Oper { .. }
            | News::Denied { .. }
            | News::Page { .. }
            | News::Missed { .. }
            | News::Notice(_)
            | News::Ended { .. } => format!("{nick} was told {news:?}"),
        };
        self.told.borrow_mut().push(format!("{} {what}", now.micros()));
    }

    fn remember(&mut self, _memory: &Memory) -> io::Result<()> {
        Ok(())
    }
}
