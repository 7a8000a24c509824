//! `hear`, the headless door: the board on standard output, as a stream, and in a browser.
//!
//! Not here: anything that decides. Each command opens a repository with `hearsay-live` and shows what it says.

mod args;
mod board;
mod broker;
mod doctor;
mod failure;
mod overlay;
mod progress;
mod serve;
mod shutdown;
mod trust;
mod watch;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Command};

fn main() -> ExitCode {
    let args = Args::parse();
    start_log();
    hearsay_live::allow_many_files();
    let done = match args.command {
        Command::Board(args) => board::run(&args),
        Command::Watch(args) => block_on(watch::run(args)),
        Command::Serve(args) => block_on(serve::run(args)),
        Command::Broker(args) => block_on(broker::run(args)),
        Command::Trust(args) => trust::run(&args),
        Command::Overlay(command) => overlay::run(&command),
        Command::Doctor(args) => return doctor::run(&args).unwrap_or_else(|error| failure::report(&error)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure::report(&error),
    }
}

fn block_on(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let done = runtime.block_on(work);
    // Whatever still blocks is a reader of ours that nobody waits for any more.
    runtime.shutdown_background();
    done
}

/// The log goes to standard error; `HEARSAY_LOG` says how much of it, as `RUST_LOG` does elsewhere.
fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("HEARSAY_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,rumqttd=error"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
