//! `causerie server`: the banner, the console, and an end in good order.

mod console;
mod page;

use std::future::Future;
use std::io;
use std::path::PathBuf;

use causerie_core::chat::Chat;
use causerie_core::door::Style;
use causerie_core::limits::Limits;
use causerie_core::protocol::{NodeId, Through};
use causerie_core::server::{Gate, Server};
use causerie_net::clock::{Clock, system_wall};
use causerie_net::log::{self, Embedded, Log, Memory, Threaded};
use causerie_net::server::{Hosting, Listen, ServeError, Takes, serve};
use causerie_net::transport::Tcp;
use causerie_net::web::Site;
use tokio::task::LocalSet;
use tracing_subscriber::EnvFilter;

use self::console::Console;
use crate::address::{Address, PORT};
use crate::args::{LogFormat, ServerArgs};
use crate::client::{draw, utc_offset_s};
use crate::failure::Failure;
use crate::paths;

/// Serves until it is told to stop.
///
/// # Errors
/// If it cannot begin.
pub(crate) fn run(args: ServerArgs) -> Result<(), Failure> {
    trace(args.log_format);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let done = LocalSet::new().block_on(&runtime, start(args));
    runtime.shutdown_background();
    done
}

/// Where the conversation is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Kept {
    /// On a disk.
    In(PathBuf),
    /// Nowhere.
    Nowhere,
}

async fn start(args: ServerArgs) -> Result<(), Failure> {
    if args.ephemeral {
        let mut memory = Memory::new(system_wall());
        let chat = log::recover(&mut memory)?.chat;
        host(&args, chat, log::Inline::new(memory), Kept::Nowhere).await?;
        return Ok(());
    }
    let dir = match &args.data {
        Some(dir) => dir.clone(),
        None => paths::state_dir()?,
    };
    let mut store = Embedded::open(&dir, system_wall())?;
    let chat = log::recover(&mut store)?.chat;
    let threaded = Threaded::start(store)?;
    // Closed, it has stored what was submitted.
    drop(host(&args, chat, threaded, Kept::In(dir)).await?.close());
    Ok(())
}

/// Serves, and gives the log back.
async fn host<L: Log + 'static>(args: &ServerArgs, chat: Chat, log: L, kept: Kept) -> Result<L, Failure> {
    let mut limits = if args.no_limits { Limits::unlimited() } else { Limits::default() };
    if let Some(max) = args.max_clients {
        limits.sessions_max = usize::try_from(max).unwrap_or(usize::MAX);
    }
    let style = Style { utc_offset_s: utc_offset_s(), ..Style::default() };
    let listen = places(args);
    let mut console = Console::new(console::Told {
        kept,
        head: chat.head(),
        program: program(),
        lan: args.lan,
        sessions_max: if args.no_limits && args.max_clients.is_none() { None } else { Some(limits.sessions_max) },
        listeners: listen.len(),
        utc_offset_s: style.utc_offset_s,
        quiet: args.quiet,
    })?;
    let hosting = Hosting {
        listen,
        site: Site {
            files: page::FILES,
            names: args.web_host.clone(),
            is_local: page::is_local,
            utc_offset_s: style.utc_offset_s,
            ..Site::default()
        },
        limits,
        clock: Clock::start(),
        entropy: Box::new(|| draw().expect("a system that has no random numbers runs no server")),
        observe: Box::new(move |server, observed| console.observe(server, observed)),
    };
    // Heard from here on, so that a signal during the start is not lost.
    let stop = stop_signal();
    let gate = Gate { password: args.password.clone(), operators: args.irc_oper.clone() };
    let server = Server::new(chat, NodeId(0), limits, style).with_gate(gate);
    serve(Tcp, server, log, hosting, stop).await.map_err(cannot_listen)
}

/// What somebody types on this machine to run this program once more.
fn program() -> String {
    let called = std::env::args().next().unwrap_or_default();
    let plain = !called.is_empty() && called.chars().all(|c| c.is_ascii_graphic() && !"'\"\\$&;|<>()*?`".contains(c));
    if plain { called } else { "causerie".to_owned() }
}

/// Where to listen. Those who want one door only say so beside the usual place, not instead of it.
fn places(args: &ServerArgs) -> Vec<Listen> {
    let at = |takes| move |address: &Address| Listen { address: address.to_string(), takes };
    let everywhere = Address { host: "0.0.0.0".into(), port: PORT };
    let usual = match (args.lan, &args.listen[..]) {
        (true, _) => vec![everywhere],
        (false, []) => vec![Address::default()],
        (false, addresses) => addresses.to_vec(),
    };
    let mut places: Vec<Listen> = usual.iter().map(at(Takes::Everybody)).collect();
    places.extend(args.web.iter().map(at(Takes::Browsers)));
    places.extend(args.native.iter().map(at(Takes::Only(Through::Native))));
    places.extend(args.text.iter().map(at(Takes::Only(Through::Text))));
    places.extend(args.irc.iter().map(at(Takes::Only(Through::Irc))));
    places
}

fn cannot_listen(error: ServeError) -> Failure {
    match error {
        ServeError::Listen { address, why } => match address.parse() {
            Ok(at) if why.kind() == io::ErrorKind::AddrInUse => Failure::PortTaken(at),
            Ok(_) | Err(_) => Failure::CannotListen { at: address, why },
        },
    }
}

/// Comes when the system, or a person with Ctrl-C, says stop. Listens from the first poll on.
pub(crate) fn stop_signal() -> impl Future<Output = ()> {
    #[cfg(unix)]
    let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
    async move {
        #[cfg(unix)]
        let terminated = async {
            match terminate {
                Ok(mut terminate) => _ = terminate.recv().await,
                Err(_) => std::future::pending().await,
            }
        };
        #[cfg(not(unix))]
        let terminated = std::future::pending::<()>();
        tokio::select! {
            biased;
            () = terminated => {}
            Ok(()) = tokio::signal::ctrl_c() => {}
        }
    }
}

/// Diagnostics go to stderr: warnings, unless `RUST_LOG` says otherwise.
fn trace(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    let tracing = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match format {
        LogFormat::Text => tracing.with_ansi(io::IsTerminal::is_terminal(&io::stderr())).init(),
        LogFormat::Json => tracing.json().init(),
    }
}
