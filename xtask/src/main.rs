//! `cargo xtask`: the developer's entry points.
//!
//! Not here: product code; nothing of Hearsay's crates is linked.
//!
//! Invariants: compiles in seconds; whatever a command changes outside the checkout is named before.

// A developer's tool talks to its person on the terminal; the one place that prints is `say`.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod bench;
mod cli;
mod gate;
mod house;
mod launch;
mod package;
mod sample;
mod say;
#[cfg(test)]
mod scratch;
mod setup;
mod shell;
mod steps;
mod suite;
mod tidy;
mod types;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser as _;

use crate::cli::{Cli, Task};
use crate::house::House;

fn main() -> ExitCode {
    match perform(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("\nerror: {fault:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Result<()> {
    let house = House::find()?;
    match task {
        Task::Run(run) => launch::run(&house, &run),
        Task::Dev(open) => launch::dev(&house, &open),
        Task::Test(test) => suite::run(&house, &test.filters, suite::Counts::Usual),
        Task::Soak(test) => suite::run(&house, &test.filters, suite::Counts::Soak),
        Task::Check => gate::run(&house),
        Task::Bench(bench) => bench::run(&house, &bench),
        Task::Tidy => tidy::run(&house),
        Task::Types => types::write(&house),
        Task::Package(package) => package::run(&house, &package),
        Task::Icons => package::icons::write(&house),
    }
}
