//! `hear doctor`: how a repository is set up, and what to mend.
//!
//! Not here: mending it. Nothing is written, nothing is started, and nobody is told anything.
//!
//! Invariant: each finding says what is so and, where something can be done, what.

use std::io::Write;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use hearsay_live::{Gossip, Reading, Surroundings, Upkeep, legible, read_board};
use serde::Serialize;
use serde_json::Value;

use crate::args::DoctorArgs;
use crate::progress::Progress;

/// How long a broker may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// More findings of one kind nobody reads.
const MOST: usize = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Well,
    Note,
    Broken,
}

#[derive(Debug, Serialize)]
struct Finding {
    check: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    message: String,
    verdict: Verdict,
}

/// The findings so far.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn well(&mut self, check: &'static str, message: impl Into<String>) {
        self.0.push(Finding { check, hint: None, message: message.into(), verdict: Verdict::Well });
    }

    fn note(&mut self, check: &'static str, message: impl Into<String>, hint: impl Into<String>) {
        let hint = Some(hint.into()).filter(|hint| !hint.is_empty());
        self.0.push(Finding { check, hint, message: message.into(), verdict: Verdict::Note });
    }

    fn broken(&mut self, check: &'static str, message: impl Into<String>, hint: impl Into<String>) {
        let hint = Some(hint.into()).filter(|hint| !hint.is_empty());
        self.0.push(Finding { check, hint, message: message.into(), verdict: Verdict::Broken });
    }
}

pub(crate) fn run(args: &DoctorArgs) -> anyhow::Result<ExitCode> {
    let surroundings = Surroundings::of(std::env::vars_os());
    let upkeep = Upkeep::of(&args.path, SystemTime::now, surroundings.clone())?;
    let progress = Progress::start();
    let show = |done, total| progress.show(done, total);
    let reading = read_board(&args.path, SystemTime::now, &surroundings, &show)?;
    let mut findings = Findings::default();
    look_at_board(&reading, &mut findings)?;
    look_at_identity(&upkeep, &mut findings);
    look_at_trust(&upkeep, &mut findings);
    let gossip = upkeep.gossip();
    gossip.warnings.iter().for_each(|warning| findings.note("gossip", warning.clone(), ""));
    look_at_socket(&gossip, &mut findings);
    look_at_broker(&gossip, &mut findings);
    print(&findings.0, args.json)?;
    let broken = findings.0.iter().any(|finding| finding.verdict == Verdict::Broken);
    Ok(if broken { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// What the board says of the files, and of what is heard.
fn look_at_board(reading: &Reading, findings: &mut Findings) -> anyhow::Result<()> {
    let board: Value = serde_json::to_value(reading.board())?;
    let units = board["board"].as_object().cloned().unwrap_or_default();
    let of_kind = |kind: &'static str| units.values().filter(move |unit| unit["kind"] == kind);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (cards, problems) = (of_kind("card").count(), of_kind("problem").count());
    if problems == 0 {
        findings.well("files", format!("{cards} issues, all of them readable"));
    }
    for problem in of_kind("problem").take(MOST) {
        let check = if problem["code"] == "overlay" { "overlay" } else { "files" };
        let message = format!("{}: {}", text(&problem["path"]), text(&problem["message"]));
        match problem["severity"].as_str() {
            Some("error") => findings.broken(check, message, text(&problem["hint"])),
            _ => findings.note(check, message, text(&problem["hint"])),
        }
    }
    if problems > MOST {
        findings.note(
            "files",
            format!("{} more problems", problems - MOST),
            "open the board to see them all",
        );
    }
    let heard: Vec<&Value> = of_kind("card").filter(|card| !card["heard"].is_null()).collect();
    findings
        .well("overlay", format!("something is heard of {} issues that is not in their files", heard.len()));
    let refuses = |card: &&&Value| {
        card["notes"]
            .as_array()
            .is_some_and(|notes| notes.iter().any(|note| note["code"] == "kanbus_refuses"))
    };
    let refused: Vec<String> = heard.iter().filter(refuses).map(|card| text(&card["id"])).collect();
    for id in refused.iter().take(MOST) {
        findings.note(
            "kanbus_refuses",
            format!("Kanbus refuses to change {id} here, because something newer is heard of it"),
            "pull, or start `hear` with --overlay private",
        );
    }
    if refused.len() > MOST {
        findings.note("kanbus_refuses", format!("and {} issues more", refused.len() - MOST), "");
    }
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

#[cfg(unix)]
fn look_at_socket(gossip: &Gossip, findings: &mut Findings) {
    let Some(socket) = &gossip.socket else {
        return findings.well("bus", "the local bus is not used");
    };
    let shown = socket.display();
    match std::os::unix::net::UnixStream::connect(socket) {
        Ok(_) => findings.well("bus", format!("somebody hosts the local bus at {shown}")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => findings.note(
            "bus",
            format!("nobody hosts the local bus at {shown}: what Kanbus does here is not said"),
            "start `hear watch`, `hear serve` or the app",
        ),
        Err(error) => findings.note(
            "bus",
            format!("the local bus at {shown} does not answer: {error}"),
            "start `hear watch`, `hear serve` or the app; a stale socket is replaced",
        ),
    }
    look_at_directory(socket, findings);
}

#[cfg(unix)]
fn look_at_directory(socket: &Path, findings: &mut Findings) {
    use std::os::unix::fs::PermissionsExt;
    let Some(directory) = socket.parent() else { return };
    let Ok(metadata) = std::fs::metadata(directory) else { return };
    if metadata.permissions().mode() & 0o077 != 0 {
        findings.broken(
            "bus",
            format!("others may enter {}, so the bus is not hosted there", directory.display()),
            format!("chmod 700 {}", directory.display()),
        );
    }
}

#[cfg(not(unix))]
fn look_at_socket(_: &Gossip, findings: &mut Findings) {
    findings.well("bus", "this system has no local bus");
}

fn look_at_broker(gossip: &Gossip, findings: &mut Findings) {
    let Some(broker) = &gossip.broker else {
        return findings.well("broker", "no broker is used");
    };
    let endpoint = broker.endpoint();
    if broker.auto {
        return findings.well("broker", "a broker on this machine is used where there is one");
    }
    if let Err(error) = broker.covered() {
        return findings.broken("broker", error.to_string(), "name it with mqtts://, or without a password");
    }
    let addresses = (broker.host.as_str(), broker.contacted_port()).to_socket_addrs();
    let addresses: Vec<SocketAddr> = addresses.map(Iterator::collect).unwrap_or_default();
    let answers = |address: &SocketAddr| TcpStream::connect_timeout(address, PATIENCE).is_ok();
    if addresses.iter().take(2).any(answers) {
        findings.well("broker", format!("{endpoint} answers"));
    } else {
        findings.broken("broker", format!("{endpoint} does not answer"), "check the address and the network");
    }
}

fn print(findings: &[Finding], json: bool) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if json {
        serde_json::to_writer(&mut out, findings)?;
        writeln!(out)?;
        return Ok(());
    }
    for finding in findings {
        let mark = match finding.verdict {
            Verdict::Well => "ok    ",
            Verdict::Note => "note  ",
            Verdict::Broken => "broken",
        };
        writeln!(out, "{mark} {}: {}", finding.check, legible(&finding.message))?;
        if let Some(hint) = &finding.hint {
            writeln!(out, "       hint: {}", legible(hint))?;
        }
    }
    Ok(())
}
