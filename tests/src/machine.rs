//! A machine as programs see it: a home, a runtime directory, a network, and what the environment says of gossip.
//!
//! Not here: where the programs are (`peers`), and the repositories that lie on it (`project`).
//!
//! Invariants:
//! - Nothing of the person who runs the tests is seen: no home, no bus, no broker, no trust.
//! - By default there is no broker, so that no test depends on what listens on the usual port of this machine.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The longest path that a socket can have, in bytes, without the NUL at its end.
const LONGEST_SOCKET_PATH: usize = 107;

/// What the environment of a program may hold of the person who runs the tests, by how the names begin.
const PERSONAL: [&str; 6] = ["KANBUS_", "HEARSAY_", "XDG_", "GIT_", "MOSQUITTO_", "SSL_CERT_"];

/// A machine, or what a program takes for one.
#[derive(Debug, Clone)]
pub struct Machine {
    home: PathBuf,
    before: Vec<String>,
    environment: Vec<(String, String)>,
}

impl Machine {
    /// One whose home is at `home`, which is made, with a runtime directory of its own.
    ///
    /// # Panics
    /// Where the path is so long that no socket fits below it.
    pub fn new(home: PathBuf) -> Self {
        let environment = vec![("KANBUS_REALTIME_BROKER".to_owned(), "off".to_owned())];
        let machine = Self { home, before: Vec::new(), environment };
        fs::create_dir_all(machine.runtime()).expect("a runtime directory");
        fs::set_permissions(machine.runtime(), fs::Permissions::from_mode(0o700)).expect("it is ours");
        let socket = machine.socket();
        let length = socket.as_os_str().as_bytes().len();
        assert!(length <= LONGEST_SOCKET_PATH, "{}: set TMPDIR to something shorter", socket.display());
        machine
    }

    /// The home of every user on it.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// What `XDG_RUNTIME_DIR` names.
    pub fn runtime(&self) -> PathBuf {
        self.home.join("run")
    }

    /// Where everybody's local bus has its socket.
    pub fn socket(&self) -> PathBuf {
        self.runtime().join("kanbus/bus.sock")
    }

    /// Where a broker that was started on this machine announces itself.
    pub fn broker_json(&self) -> PathBuf {
        self.home.join(".kanbus/run/broker.json")
    }

    /// The same, with `name` set in every environment.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same, with the environment silent about `name`.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.environment.retain(|(known, _)| known != name);
        self
    }

    /// The same with gossip on the local bus, and nowhere else.
    #[must_use]
    pub fn on_the_bus(self) -> Self {
        self.without("KANBUS_REALTIME_BROKER").with("KANBUS_REALTIME_TRANSPORT", "uds")
    }

    /// The same with gossip on the local bus and on the broker at `url`.
    #[must_use]
    pub fn on_the_bus_and(self, url: &str) -> Self {
        self.without("KANBUS_REALTIME_TRANSPORT").with("KANBUS_REALTIME_BROKER", url)
    }

    /// The same with gossip on the broker at `url`, and nowhere else.
    #[must_use]
    pub fn on_the_broker(self, url: &str) -> Self {
        self.with("KANBUS_REALTIME_TRANSPORT", "mqtt").with("KANBUS_REALTIME_BROKER", url)
    }

    /// The same, with the environment silent about gossip: what the files of a repository say counts.
    #[must_use]
    pub fn as_configured(self) -> Self {
        self.without("KANBUS_REALTIME_BROKER").without("KANBUS_REALTIME_TRANSPORT")
    }

    /// The same with every program started by `words`, which end where the program's own begin.
    #[must_use]
    pub fn behind(mut self, words: &[&str]) -> Self {
        self.before = words.iter().map(|&word| word.to_owned()).collect();
        self
    }

    /// A command that runs on it and knows nothing of the person who runs the tests.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = match self.before.split_first() {
            None => isolated(program, &self.home),
            Some((first, rest)) => {
                let mut command = isolated(first, &self.home);
                command.args(rest).arg(program);
                command
            }
        };
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }
}

/// A command that knows nothing of the person who runs the tests, at `home`. It says nothing of gossip.
pub fn isolated(program: impl AsRef<OsStr>, home: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os() {
        if PERSONAL.iter().any(|beginning| name.as_bytes().starts_with(beginning.as_bytes())) {
            command.env_remove(name);
        }
    }
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "Ada").env(format!("GIT_{who}_EMAIL"), "ada@example.invalid");
    }
    for (name, dir) in [("CONFIG", "config"), ("DATA", "data"), ("STATE", "state"), ("CACHE", "cache")] {
        command.env(format!("XDG_{name}_HOME"), home.join(dir));
    }
    command
        .env("HOME", home)
        .env("XDG_RUNTIME_DIR", home.join("run"))
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_EDITOR", "true")
        .env("KANBUS_USER", "ada")
        .env("KANBUS_NO_DAEMON", "1")
        .env("LC_ALL", "C.UTF-8");
    command
}
