//! A broker on this machine: the one that is there, else one that we start.
//!
//! Not here: whether one is wanted at all, and being its client (`link`, `mqtt`).
//!
//! Invariants:
//! - Of several who come at the same time, one starts a broker and the others find it: they queue for `broker.lock`, and
//!   what is started is announced before that is let go.
//! - Nothing is started for a broker that is elsewhere, or spoken to over TLS.

use std::ffi::OsString;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::Timestamp;

use super::announcement::{self, Announcement};
use super::child::Started;
use super::run_dir::{Lock, RunDirError};
use super::{KIND, LOCK_PATIENCE, mosquitto};
use crate::endpoint::{Broker, Scheme};
use crate::mqtt::answers;

/// How many ports are tried, from the first one up.
const PORTS: u16 = 100;

/// With what a broker is started.
#[derive(Debug, Clone)]
pub struct Autostart {
    /// Where it announces itself.
    pub run_dir: PathBuf,
    /// The person's `PATH`, on which Mosquitto may be.
    pub path: Option<OsString>,
    /// The program that has a broker built in, for where there is no Mosquitto.
    pub hear: Option<Hear>,
    /// Whether it outlives us.
    pub keepalive: bool,
}

/// `hear`, or whatever else runs our own broker.
#[derive(Debug, Clone)]
pub struct Hear {
    /// The program.
    pub program: PathBuf,
    /// What it is called with before `ADDRESS:PORT`, as in `["broker", "--mqtt"]`. Its standard input ends when we do,
    /// unless the broker is to outlive us.
    pub arguments: Vec<OsString>,
}

/// A broker.
#[derive(Debug)]
pub enum Found {
    /// It was there.
    There(String),
    /// We started it, and end it by dropping this.
    Started(Started),
}

impl Found {
    /// Its URL.
    pub fn endpoint(&self) -> &str {
        match self {
            Self::There(endpoint) => endpoint,
            Self::Started(started) => started.endpoint(),
        }
    }
}

/// Why there is no broker.
#[derive(Debug, thiserror::Error)]
pub enum AutostartError {
    /// It would be elsewhere, or over TLS.
    #[error("{0} is not on this machine and in the clear; such a broker is not ours to start")]
    NotOurs(String),
    /// There is nothing to start.
    #[error("there is neither Mosquitto on the PATH nor a broker of our own")]
    NoProgram,
    /// Somebody who is no broker has the port.
    #[error("no port from {0} up is free")]
    NoPort(u16),
    /// The program did not start.
    #[error("{}: {source}", program.display())]
    Spawn {
        /// Which.
        program: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The program started and does not listen.
    #[error("{} does not come up as a broker; see {}", program.display(), log.display())]
    Silent {
        /// Which.
        program: PathBuf,
        /// Where it may have said why.
        log: PathBuf,
    },
    /// The run directory cannot be used.
    #[error(transparent)]
    RunDir(#[from] RunDirError),
}

/// Finds the broker that `wanted` means, or starts it. Where `wanted` says `auto`, any free port will do, because the
/// broker is found by its announcement; else it is the port that is named, or none.
///
/// Dropping the future before it is done leaves no broker behind.
///
/// # Errors
/// Where none is there and none can be started.
pub async fn ensure(wanted: &Broker, autostart: &Autostart, now: Timestamp) -> Result<Found, AutostartError> {
    if wanted.scheme != Scheme::Mqtt || !wanted.is_local() {
        return Err(AutostartError::NotOurs(wanted.endpoint()));
    }
    if let Some(found) = there(wanted, &autostart.run_dir).await {
        return Ok(found);
    }
    let _lock = Lock::take(&autostart.run_dir, LOCK_PATIENCE).await?;
    // Whoever had the lock may have started one.
    if let Some(found) = there(wanted, &autostart.run_dir).await {
        return Ok(found);
    }
    let program = Program::of(autostart).ok_or(AutostartError::NoProgram)?;
    let (first, ports) = (wanted.port, if wanted.auto { PORTS } else { 1 });
    let mut failure = AutostartError::NoPort(first);
    for port in (first..=u16::MAX).take(ports.into()) {
        if !is_free(port) {
            continue;
        }
        match program.start(port, autostart, now).await {
            Ok(started) => return Ok(Found::Started(started)),
            // Somebody may have taken the port since. Once more, then it is the program that is at fault.
            Err(error @ AutostartError::Silent { .. }) => {
                if matches!(failure, AutostartError::Silent { .. }) {
                    return Err(error);
                }
                failure = error;
            }
            Err(error) => return Err(error),
        }
    }
    Err(failure)
}

/// The broker that is there already.
async fn there(wanted: &Broker, run_dir: &Path) -> Option<Found> {
    if let Some((host, port)) = announcement::address(run_dir).filter(|_| wanted.auto)
        && answers(&host, port).await
    {
        return Some(Found::There(Broker::at(Scheme::Mqtt, host, port).endpoint()));
    }
    // Whatever else listens there is no broker, and another port will do.
    let is_there = answers(&wanted.host, wanted.port).await;
    is_there.then(|| Found::There(wanted.endpoint()))
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// What is started.
enum Program {
    Mosquitto(PathBuf),
    Hear(Hear),
}

impl Program {
    fn of(autostart: &Autostart) -> Option<Self> {
        let mosquitto = autostart.path.as_deref().and_then(mosquitto::on_path).map(Self::Mosquitto);
        mosquitto.or_else(|| autostart.hear.clone().map(Self::Hear))
    }

    async fn start(
        &self,
        port: u16,
        autostart: &Autostart,
        now: Timestamp,
    ) -> Result<Started, AutostartError> {
        let run_dir = &autostart.run_dir;
        let (command, program, files) = match self {
            Self::Mosquitto(program) => {
                let (config, log) = mosquitto::configure(port, run_dir)?;
                (mosquitto::command(program, &config, autostart.keepalive), program, Some((config, log)))
            }
            Self::Hear(hear) => {
                let mut command = Command::new(&hear.program);
                command.args(&hear.arguments).arg(format!("127.0.0.1:{port}"));
                (command, &hear.program, None)
            }
        };
        let spawned = Started::spawn(command, port, run_dir, autostart.keepalive);
        let mut started =
            spawned.map_err(|source| AutostartError::Spawn { program: program.clone(), source })?;
        if !started.comes_up(port).await {
            let log = files.map_or_else(|| run_dir.clone(), |(_, log)| log);
            return Err(AutostartError::Silent { program: program.clone(), log });
        }
        let kind = if files.is_some() { mosquitto::KIND } else { KIND };
        let mut announcement = Announcement::new(kind, started.endpoint().to_owned(), started.pid(), now);
        if let Some((config, log)) = files {
            announcement.log_path = log.display().to_string();
            announcement.conf_path = config.display().to_string();
        }
        announcement.write(run_dir)?;
        Ok(started.settle(autostart.keepalive))
    }
}

#[cfg(test)]
mod tests;
