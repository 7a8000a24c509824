//! `hear doctor`: how a repository and the person's session are set up, and what to mend.
//!
//! Not here: mending it. Nothing is written, nothing is started, and nobody is told anything.
//!
//! Invariants:
//! - Each finding says what is so and, where something can be done, what.
//! - Where there is no repository, what is found of the session is said all the same.

mod board;
mod findings;
mod gossip;
mod session;

use std::process::ExitCode;
use std::time::SystemTime;

use hearsay_live::{Surroundings, Upkeep, read_board};

use self::findings::Findings;
use crate::args::DoctorArgs;
use crate::progress::Progress;

pub(crate) fn run(args: &DoctorArgs) -> anyhow::Result<ExitCode> {
    let surroundings = Surroundings::of(std::env::vars_os());
    let mut findings = Findings::default();
    let looked = look_at_repository(args, &surroundings, &mut findings);
    session::look(&surroundings, &mut findings);
    findings.print(args.json)?;
    looked?;
    Ok(if findings.are_bad() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn look_at_repository(
    args: &DoctorArgs,
    surroundings: &Surroundings,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let upkeep = Upkeep::of(&args.path, SystemTime::now, surroundings.clone())?;
    let progress = Progress::start();
    let show = |done, total| progress.show(done, total);
    let reading = read_board(&args.path, SystemTime::now, surroundings, &show)?;
    board::look(&reading, findings)?;
    look_at_identity(&upkeep, findings);
    look_at_trust(&upkeep, findings);
    gossip::look(&upkeep.gossip(), findings);
    Ok(())
}

fn look_at_identity(upkeep: &Upkeep, findings: &mut Findings) {
    match upkeep.configs().next().map(|config| config.project_id.as_deref()) {
        Some(Some(id)) => findings.well("project_id", format!("the project is {id} on the bus")),
        Some(None) => findings.note(
            "project_id",
            ".kanbus.yml has no project_id: Kanbus 0.40 and later say nothing of this project",
            "run `kbs migrate project-id` once, and commit .kanbus.yml",
        ),
        None => {}
    }
}

fn look_at_trust(upkeep: &Upkeep, findings: &mut Findings) {
    match upkeep.asks() {
        None => findings.well("trust", "the repository asks for nothing that needs trust"),
        Some(asks) if asks.trusted => {
            findings.well("trust", "the repository is trusted with what it asks for");
        }
        Some(asks) => findings.note(
            "trust",
            format!("the repository asks for {} things that you have not trusted", asks.asks.len()),
            "look at them with `hear trust --show`, and trust them with `hear trust`",
        ),
    }
}
