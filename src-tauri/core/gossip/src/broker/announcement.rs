//! `broker.json`: where the broker of this user listens, as Kanbus writes and reads it.
//!
//! Not here: starting one (`autostart`).
//!
//! Invariants:
//! - Only a broker on this machine, in the clear, is believed: whoever can write the file must not send us elsewhere.
//! - It is written as a whole, so nobody reads half of it.
//! - Nobody takes away the announcement of another.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::run_dir::{self, Lock, RunDirError};
use crate::endpoint::{Broker, Scheme};

const NAME: &str = "broker.json";
/// The largest announcement that is read, in bytes.
const LARGEST: u64 = 64 << 10;
/// For how long an announcement is meant to hold, in seconds: what Kanbus writes. Nobody checks it.
const TTL_S: u64 = 86_400;

/// What is announced of a broker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    /// Which program it is: `mosquitto`, `rumqttd`.
    #[serde(default)]
    pub kind: String,
    /// Its URL.
    pub endpoint: String,
    /// Its process.
    pub pid: u32,
    /// Which program started it.
    #[serde(default)]
    pub started_by: String,
    /// When.
    #[serde(default)]
    pub started_at: String,
    /// Where its log is; empty if there is none.
    #[serde(default)]
    pub log_path: String,
    /// Where its configuration is; empty if there is none.
    #[serde(default)]
    pub conf_path: String,
    /// For how long this holds, in seconds.
    #[serde(default)]
    pub ttl_s: u64,
}

impl Announcement {
    /// That `kind` listens at `endpoint` as process `pid`, started by us.
    pub fn new(kind: &str, endpoint: String, pid: u32, now: Timestamp) -> Self {
        Self {
            kind: kind.to_owned(),
            endpoint,
            pid,
            started_by: "hearsay".to_owned(),
            started_at: format!("{now:.3}"),
            log_path: String::new(),
            conf_path: String::new(),
            ttl_s: TTL_S,
        }
    }

    /// Where that is, if it may be believed.
    pub fn address(&self) -> Option<(String, u16)> {
        let broker = Broker::parse(&self.endpoint).ok()?;
        let believed = broker.scheme == Scheme::Mqtt && broker.is_local() && is_alive(self.pid);
        believed.then_some((broker.host, broker.port))
    }

    /// Puts this in the place of what is announced in `run_dir`.
    ///
    /// # Errors
    /// Where that directory cannot be written to or is not ours alone.
    pub fn write(&self, run_dir: &Path) -> Result<(), RunDirError> {
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| RunDirError::Io { path: run_dir.join(NAME), source: error.into() })?;
        run_dir::write(run_dir, NAME, &text)
    }
}

/// What is announced in `run_dir`; `None` where nothing is, or nothing that can be read.
pub fn read(run_dir: &Path) -> Option<Announcement> {
    match try_read(&run_dir.join(NAME)) {
        Ok(found) => Some(found),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => {
            tracing::debug!(%error, "the announcement of a broker cannot be read");
            None
        }
    }
}

/// Where the broker listens that is announced in `run_dir`, if there is one that may be believed. Whether somebody
/// does listen there is for the caller to try.
pub fn address(run_dir: &Path) -> Option<(String, u16)> {
    read(run_dir)?.address()
}

/// Takes the announcement of process `pid` away from `run_dir`, if it is still there.
///
/// # Errors
/// Where that directory cannot be written to. Nothing happens while somebody is about to announce another broker.
pub fn withdraw(run_dir: &Path, pid: u32) -> Result<(), RunDirError> {
    let is_its = || read(run_dir).is_some_and(|found| found.pid == pid);
    if !is_its() {
        return Ok(());
    }
    // Whoever has the lock starts a broker and will put another announcement here.
    let Some(_lock) = Lock::try_take(run_dir)? else { return Ok(()) };
    withdraw_locked(run_dir, pid)
}

/// As [`withdraw`], for one who has the lock.
pub(super) fn withdraw_locked(run_dir: &Path, pid: u32) -> Result<(), RunDirError> {
    if read(run_dir).is_none_or(|found| found.pid != pid) {
        return Ok(());
    }
    let path = run_dir.join(NAME);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(RunDirError::Io { path, source: error }),
        _ => Ok(()),
    }
}

fn try_read(path: &Path) -> io::Result<Announcement> {
    // Opening a pipe would wait for who writes to it.
    if !std::fs::metadata(path)?.is_file() {
        return Err(ErrorKind::InvalidData.into());
    }
    let mut text = Vec::new();
    File::open(path)?.take(LARGEST).read_to_end(&mut text)?;
    Ok(serde_json::from_slice(&text)?)
}

/// Whether there is such a process of ours. Where that cannot be known, there is.
fn is_alive(pid: u32) -> bool {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, test_kill_process};
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
        // Somebody else's process has the number of one that is gone.
        pid.is_some_and(|pid| test_kill_process(pid).is_ok())
    }
    #[cfg(not(unix))]
    {
        pid != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announcement(endpoint: &str) -> Announcement {
        Announcement::new("mosquitto", endpoint.to_owned(), std::process::id(), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn what_is_announced_is_read_again_and_has_all_fields_of_kanbus() {
        let directory = tempfile::tempdir().unwrap();
        let run_dir = directory.path().join("a/run");
        assert_eq!(read(&run_dir), None);
        let said = announcement("mqtt://127.0.0.1:1884");
        said.write(&run_dir).unwrap();
        assert_eq!(read(&run_dir), Some(said));
        let text = std::fs::read_to_string(run_dir.join(NAME)).unwrap();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        for field in ["kind", "endpoint", "pid", "started_by", "started_at", "log_path", "conf_path", "ttl_s"]
        {
            assert!(value.get(field).is_some(), "{field} is missing");
        }
        assert_eq!(value["started_at"], "1970-01-01T00:00:00.000Z");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&run_dir), mode(&run_dir.join(NAME))), (0o700, 0o600));
        }
    }

    #[test]
    fn only_a_living_broker_on_this_machine_is_believed() {
        for (endpoint, believed) in [
            ("mqtt://127.0.0.1:1884", true),
            ("mqtt://localhost:1884", true),
            ("mqtt://[::1]:1884", true),
            ("mqtt://192.168.0.1:1884", false),
            ("mqtt://localhost.evil.example:1884", false),
            ("mqtts://127.0.0.1:1884", false),
            ("file:///etc/passwd", false),
        ] {
            assert_eq!(announcement(endpoint).address().is_some(), believed, "{endpoint}");
        }
        let mut child = std::process::Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        for pid in [0, child.id(), u32::MAX] {
            let gone = Announcement { pid, ..announcement("mqtt://127.0.0.1:1884") };
            assert_eq!(gone.address(), None, "process {pid} is gone");
        }
    }

    #[test]
    fn rubbish_and_strange_files_announce_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(NAME);
        let huge = format!("{{\"endpoint\":\"{}\",\"pid\":1}}", "x".repeat(1 << 20));
        for text in ["", "null", "[]", "{", "{\"endpoint\":7,\"pid\":1}", "{\"endpoint\":\"\"}", &huge] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(read(directory.path()), None, "{text:.40}");
        }
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        assert_eq!(read(directory.path()), None);
    }

    #[test]
    fn nobody_takes_away_the_announcement_of_another() {
        let directory = tempfile::tempdir().unwrap();
        let said = announcement("mqtt://127.0.0.1:1884");
        said.write(directory.path()).unwrap();
        withdraw(directory.path(), said.pid + 1).unwrap();
        assert_eq!(read(directory.path()).as_ref(), Some(&said));
        let lock = Lock::try_take(directory.path()).unwrap().unwrap();
        withdraw(directory.path(), said.pid).unwrap();
        assert!(read(directory.path()).is_some(), "somebody is about to replace it");
        drop(lock);
        withdraw(directory.path(), said.pid).unwrap();
        assert_eq!(read(directory.path()), None);
        withdraw(directory.path(), said.pid).unwrap();
    }

    #[test]
    fn readers_see_one_whole_announcement_however_many_write() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        announcement("mqtt://127.0.0.1:1000").write(path).unwrap();
        std::thread::scope(|scope| {
            let writers: Vec<_> = (0..4)
                .map(|writer| {
                    scope.spawn(move || {
                        for port in 0..50 {
                            let port = 2000 + writer * 100 + port;
                            announcement(&format!("mqtt://127.0.0.1:{port}")).write(path).unwrap();
                        }
                    })
                })
                .collect();
            while !writers.iter().all(std::thread::ScopedJoinHandle::is_finished) {
                assert!(address(path).is_some(), "half of an announcement was read");
            }
        });
        assert_eq!(std::fs::read_dir(path).unwrap().count(), 1, "nothing is left behind");
    }
}
