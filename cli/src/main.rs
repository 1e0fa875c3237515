//! `causerie`: a chat server and its clients in one program.
//!
//! [`args`] is what can be typed, [`server`], [`client`] and [`verify`] do it, [`failure`] is what is said when it cannot be
//! done. Nothing is decided here: the machines are in `causerie-core`, their sockets and disks in `causerie-net`.

mod address;
mod args;
mod client;
mod failure;
mod paths;
mod server;
mod tell;
mod verify;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use self::args::{Args, Command};
use self::failure::Failure;

fn main() -> ExitCode {
    let done = match Args::parse().command {
        Command::Server(options) => server::run(options),
        Command::Client(options) => client::run(options),
        Command::Verify(options) => verify::run(&options),
        Command::Completions { shell } => completions(shell),
        Command::Man => man(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            tell::complain(&failure);
            failure.exit_code()
        }
    }
}

fn completions(shell: clap_complete::Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "causerie", &mut script);
    Ok(tell::write_all(&script)?)
}

/// The manual: the program's page, then one for each of its commands.
fn man() -> Result<(), Failure> {
    let mut pages = Vec::new();
    let mut whole = Args::command();
    whole.build();
    clap_mangen::Man::new(whole.clone()).render(&mut pages)?;
    for command in whole.get_subcommands().filter(|command| command.get_name() != "help") {
        clap_mangen::Man::new(command.clone()).render(&mut pages)?;
    }
    Ok(tell::write_all(&pages)?)
}
