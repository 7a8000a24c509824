//! The benchmark: opening, memory, latency, sizes, gossip and idle cost on projects of several sizes, and what the desktop
//! app takes. Run it with `cargo xtask bench`.
//!
//! Not here: any judgement. Figures are printed, with the bare limit of the same run beside them where there is one.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints figures")]

mod answering;
mod banner;
mod bare;
mod hearing;
mod idle;
mod latency;
mod mqtt;
mod opening;
mod proc;
mod report;
mod saying;
mod settings;
mod sustained;
mod window;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use hearsay_tests::growth::Stock;
use hearsay_tests::peers;
use hearsay_tests::{Caller, Machine};

use crate::mqtt::Broker;
use crate::report::Report;
use crate::settings::{Part, Settings};

/// Events per issue, as the issue that asks for this benchmark says.
const EVENTS: usize = 3;

fn main() -> ExitCode {
    let done = Settings::from_arguments(std::env::args().skip(1)).and_then(|settings| run(&settings));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(settings: &Settings) -> Result<()> {
    let from = settings.from.clone().or_else(peers::real_project);
    let stock = match &from {
        Some(path) => Stock::read(path)?,
        None => Stock::made_up()?,
    };
    let origin = from.map_or("made up (no HEARSAY_SHARED)".to_owned(), |path| path.display().to_string());
    say(&format!("{} issues from {origin}; hear is {}", stock.len(), peers::hear().display()));
    let mut reports = Vec::new();
    for size in &settings.sizes {
        let mut report = measure(&stock, *size, settings)?;
        if settings.wants(Some(Part::Desktop)) && reports.is_empty() {
            package(&mut report)?;
        }
        report.print();
        reports.push(report);
    }
    if let Some(path) = &settings.json {
        report::write(path, &reports)?;
    }
    Ok(())
}

fn measure(stock: &Stock, size: usize, settings: &Settings) -> Result<Report> {
    let dir = tempfile::Builder::new().prefix("hearsay-bench-").tempdir()?;
    let root = dir.path().canonicalize()?.join("repo");
    let home = dir.path().join("home");
    std::fs::create_dir_all(&root)?;
    std::fs::create_dir_all(home.join("run"))?;
    say(&format!("{size}: growing the project"));
    stock.grow(&root, size, EVENTS, &|made| {
        if made % 10_000 == 0 {
            say(&format!("{size}: {made} issues written"));
        }
    })?;
    let mut report = Report::new(size);
    let machine = Machine::new(home);
    if settings.wants(Some(Part::Desktop)) {
        desktop(&mut report, &root, &machine)?;
    }
    if settings.wants(None) {
        files(&mut report, &root, &Caller::new(machine.clone()), settings)?;
    }
    if settings.wants(Some(Part::Answering)) {
        say(&format!("{size}: {} commands, each acknowledged", settings.writes));
        answering::measure(&mut report, &machine, &root, settings.writes)?;
    }
    if settings.wants(Some(Part::Gossip)) {
        gossip(&mut report, &root, &Caller::new(machine.clone().on_the_bus()), settings)?;
    }
    if settings.wants(Some(Part::Desktop)) {
        say(&format!("{size}: changes that are heard, said to banner"));
        banner::measure(&mut report, &machine.on_the_bus(), &root)?;
    }
    Ok(report)
}

/// The window and the tray.
fn desktop(report: &mut Report, root: &Path, machine: &Machine) -> Result<()> {
    let size = report.size;
    let times = if size > 20_000 { 5 } else { 11 };
    say(&format!("{size}: {times} starts of the window, and of an empty one"));
    window::start(report, machine, root, times)?;
    say(&format!("{size}: memory in the tray"));
    window::tray(report, machine, root)
}

/// The package that `cargo xtask package` made last, if it did.
fn package(report: &mut Report) -> Result<()> {
    let folder = peers::hear().with_file_name("bundle").join("deb");
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let found =
        entries.map(|entry| entry.path()).find(|path| path.extension().is_some_and(|end| end == "deb"));
    let Some(package) = found else {
        say("left out: the size of the .deb, which is not there (`cargo xtask package`)");
        return Ok(());
    };
    report.put("the .deb that was made last", "MB", std::fs::metadata(package)?.len() as f64 / 1e6);
    Ok(())
}

/// What becomes of changes to files.
fn files(report: &mut Report, root: &Path, caller: &Caller, settings: &Settings) -> Result<()> {
    let size = report.size;
    let times = if size > 20_000 { 5 } else { 15 };
    say(&format!("{size}: opening, {times} times each way"));
    // The first reading warms the cache and is not counted.
    caller.board(root);
    opening::measure(report, caller, root, times)?;
    say(&format!("{size}: bare limits"));
    bare::reading(report, root, times)?;
    say(&format!("{size}: {} writes of each kind, file to patch", settings.writes));
    bare::noticing(report, root, settings.writes)?;
    let mut watching = caller.watch(root);
    report.put("peak memory of hear watch, full board out", "MiB", proc::peak_memory(watching.running.id())?);
    latency::measure(report, &mut watching, root, settings.writes)?;
    report.put(
        "peak memory of hear watch, after the writes",
        "MiB",
        proc::peak_memory(watching.running.id())?,
    );
    say(&format!("{size}: idle for {} s", settings.idle));
    idle::measure(report, &watching, settings.idle)
}

/// What becomes of what is heard.
fn gossip(report: &mut Report, root: &Path, caller: &Caller, settings: &Settings) -> Result<()> {
    let (size, heard) = (report.size, settings.heard);
    say(&format!("{size}: {heard} envelopes over the local bus, said to patch"));
    hearing::over_the_bus(report, caller, root, heard)?;
    for start in [Broker::mosquitto, Broker::embedded] {
        let Some(broker) = start(caller)? else { continue };
        say(&format!("{size}: {heard} envelopes over {}, with and without Hearsay", broker.name));
        hearing::over_a_broker(report, caller, &broker, root, heard)?;
    }
    say(&format!("{size}: {} envelopes as fast as they are taken", settings.flood));
    sustained::measure(report, caller, root, settings.flood)
}

/// Progress goes to standard error, figures to standard output.
fn say(what: &str) {
    eprintln!("bench: {what}");
}
