//! What can be typed after `causerie`. Every flag has an environment variable too.

use std::path::PathBuf;

use causerie_core::protocol::{Nick, Room, Secret};
use clap::builder::FalseyValueParser;
use clap::{Parser, Subcommand, ValueEnum};

use crate::address::Address;

/// A chat server and its clients
#[derive(Parser, Debug)]
#[command(version, arg_required_else_help = true, disable_help_subcommand = true, term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Run a server: others join with a browser, a client, an IRC client or netcat
    Server(ServerArgs),
    /// Join a server
    Client(ClientArgs),
    /// Check the store of a stopped server from end to end
    Verify(VerifyArgs),
    /// Write a shell's completion script
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write the manual, in roff
    Man,
}

/// Run a server: others join with a browser, a client, an IRC client or netcat
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Each option can be an environment variable: CAUSERIE_LISTEN for --listen.")]
pub(crate) struct ServerArgs {
    /// Listen here; may be given again [default: 127.0.0.1:3823]
    #[arg(long, value_name = "HOST:PORT", env = "CAUSERIE_LISTEN", hide_env = true, value_delimiter = ',')]
    #[arg(value_parser = Address::with_port)]
    pub(crate) listen: Vec<Address>,
    /// Let the network in: listen on every address of this machine
    #[arg(long, env = "CAUSERIE_LAN", hide_env = true, value_parser = FalseyValueParser::new())]
    #[arg(conflicts_with = "listen")]
    pub(crate) lan: bool,
    /// Listen here too, for IRC clients alone; may be given again
    #[arg(long, value_name = "HOST:PORT", env = "CAUSERIE_IRC", hide_env = true, value_delimiter = ',')]
    #[arg(value_parser = Address::with_port)]
    pub(crate) irc: Vec<Address>,
    /// Listen here too, for browsers alone; may be given again
    #[arg(long, value_name = "HOST:PORT", env = "CAUSERIE_WEB", hide_env = true, value_delimiter = ',')]
    #[arg(value_parser = Address::with_port)]
    pub(crate) web: Vec<Address>,
    /// Listen here too, for netcat and telnet alone; may be given again
    #[arg(long, value_name = "HOST:PORT", env = "CAUSERIE_TEXT", hide_env = true, value_delimiter = ',')]
    #[arg(value_parser = Address::with_port)]
    pub(crate) text: Vec<Address>,
    /// Listen here too, for native clients alone; may be given again
    #[arg(long, value_name = "HOST:PORT", env = "CAUSERIE_NATIVE", hide_env = true, value_delimiter = ',')]
    #[arg(value_parser = Address::with_port)]
    pub(crate) native: Vec<Address>,
    /// Browsers may call this server by this name too; may be given again
    #[arg(long, value_name = "NAME", env = "CAUSERIE_WEB_HOST", hide_env = true, value_delimiter = ',')]
    #[arg(value_parser = host_name)]
    pub(crate) web_host: Vec<String>,
    /// Keep the conversation here [default: ~/.local/state/causerie]
    #[arg(long, value_name = "DIR", env = "CAUSERIE_DATA", hide_env = true)]
    pub(crate) data: Option<PathBuf>,
    /// Keep nothing: the conversation ends with the server
    #[arg(long, env = "CAUSERIE_EPHEMERAL", hide_env = true, value_parser = FalseyValueParser::new())]
    #[arg(conflicts_with = "data")]
    pub(crate) ephemeral: bool,
    /// Whoever joins has to know this password
    #[arg(long, value_name = "PASSWORD", env = "CAUSERIE_PASSWORD", hide_env = true, value_parser = secret)]
    pub(crate) password: Option<Secret>,
    /// Who may operate the server, by /oper; may be given again
    #[arg(long, value_name = "NAME:PASSWORD", env = "CAUSERIE_IRC_OPER", hide_env = true, value_delimiter = ',')]
    #[arg(value_parser = operator)]
    pub(crate) irc_oper: Vec<(Box<str>, Secret)>,
    /// How many people may be here at once [default: 64]
    #[arg(long, value_name = "N", env = "CAUSERIE_MAX_CLIENTS", hide_env = true)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_clients: Option<u32>,
    /// No limit on people and rates: for tests and benchmarks
    #[arg(long, env = "CAUSERIE_NO_LIMITS", hide_env = true, value_parser = FalseyValueParser::new())]
    pub(crate) no_limits: bool,
    /// Show neither the banner nor the conversation
    #[arg(long, env = "CAUSERIE_QUIET", hide_env = true, value_parser = FalseyValueParser::new())]
    pub(crate) quiet: bool,
    /// Diagnostics as text or json [default: text]; RUST_LOG says which
    #[arg(long, value_name = "FORMAT", env = "CAUSERIE_LOG_FORMAT", hide_env = true)]
    #[arg(default_value = "text", hide_default_value = true, hide_possible_values = true)]
    pub(crate) log_format: LogFormat,
}

/// How diagnostics are written.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
#[value(rename_all = "lower")]
pub(crate) enum LogFormat {
    Text,
    Json,
}

/// Join a server
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Each option can be an environment variable: CAUSERIE_NICK for --nick.")]
pub(crate) struct ClientArgs {
    /// The server [default: 127.0.0.1:3823]
    #[arg(value_name = "HOST[:PORT]", env = "CAUSERIE_SERVER", hide_env = true)]
    pub(crate) server: Option<Address>,
    /// Who you are: remembered here by that name, or somebody new
    #[arg(long, value_name = "NAME", env = "CAUSERIE_NICK", hide_env = true, value_parser = nick)]
    pub(crate) nick: Option<Nick>,
    /// Enter this room and talk there [default: lobby]
    #[arg(long, value_name = "ROOM", env = "CAUSERIE_ROOM", hide_env = true, value_parser = room)]
    pub(crate) room: Option<Room>,
    /// The server's password, if it takes one
    #[arg(long, value_name = "PASSWORD", env = "CAUSERIE_PASSWORD", hide_env = true, value_parser = secret)]
    pub(crate) password: Option<Secret>,
    /// Lines in, lines out: for screen readers and pipes
    #[arg(long, env = "CAUSERIE_PLAIN", hide_env = true, value_parser = FalseyValueParser::new())]
    pub(crate) plain: bool,
    /// One JSON object per line, in and out: for programs (docs/json.md)
    #[arg(long, env = "CAUSERIE_JSON", hide_env = true, value_parser = FalseyValueParser::new())]
    #[arg(conflicts_with = "plain")]
    pub(crate) json: bool,
    /// Remember in this file who you are, what you saw and asked
    #[arg(long, value_name = "FILE", env = "CAUSERIE_STATE", hide_env = true)]
    pub(crate) state: Option<PathBuf>,
    /// Remember nothing
    #[arg(long, env = "CAUSERIE_NO_STATE", hide_env = true, value_parser = FalseyValueParser::new())]
    #[arg(conflicts_with = "state")]
    pub(crate) no_state: bool,
}

/// Check the store of a stopped server from end to end
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Each option can be an environment variable: CAUSERIE_DATA for --data.")]
pub(crate) struct VerifyArgs {
    /// Where the conversation is kept [default: ~/.local/state/causerie]
    #[arg(long, value_name = "DIR", env = "CAUSERIE_DATA", hide_env = true)]
    pub(crate) data: Option<PathBuf>,
}

fn secret(password: &str) -> Result<Secret, String> {
    if password.is_empty() { Err("a password cannot be empty".into()) } else { Ok(Secret::new(password)) }
}

fn operator(pair: &str) -> Result<(Box<str>, Secret), String> {
    match pair.split_once(':') {
        Some((name, password)) if !name.is_empty() => Ok((name.into(), secret(password)?)),
        Some(_) | None => Err("a name and a password, like this: root:sesame".into()),
    }
}

fn host_name(name: &str) -> Result<String, String> {
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-._:".contains(c));
    if is_name { Ok(name.to_owned()) } else { Err("a name alone, like this: lab.example".to_owned()) }
}

fn nick(name: &str) -> Result<Nick, String> {
    Nick::try_from(name).map_err(|why| why.to_string())
}

fn room(name: &str) -> Result<Room, String> {
    Room::try_from(name).map_err(|why| why.to_string())
}
