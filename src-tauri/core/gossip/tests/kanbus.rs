//! The real Kanbus on the same bus. `HEARSAY_KANBUS` names its program; without it these tests say so and pass.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failure is a failed test")]
#![allow(clippy::print_stdout, reason = "a test that tries nothing says so")]

mod peers;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use hearsay_board::envelope::News;
use hearsay_gossip::WayState;
use peers::{Ear, envelope, parsed, private, until};

/// A project of Kanbus, and the bus beside it.
struct Kanbus {
    program: String,
    directory: tempfile::TempDir,
    socket: std::path::PathBuf,
}

/// A program that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Kanbus {
    fn new() -> Option<Self> {
        let Ok(program) = std::env::var("HEARSAY_KANBUS") else {
            println!("HEARSAY_KANBUS names no program; nothing is tried against the real Kanbus");
            return None;
        };
        let (directory, _) = private();
        let socket = directory.path().join("kanbus/bus.sock");
        let kanbus = Self { program, directory, socket };
        let root = kanbus.root();
        std::fs::create_dir_all(root.join("project/issues")).unwrap();
        std::fs::create_dir_all(root.join("project/events")).unwrap();
        std::fs::write(root.join(".kanbus.yml"), "project_key: kbs\nproject_id: p\n").unwrap();
        Some(kanbus)
    }

    fn root(&self) -> std::path::PathBuf {
        self.directory.path().join("repository")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .current_dir(self.root())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.directory.path())
            .env("XDG_RUNTIME_DIR", self.directory.path())
            .env("KANBUS_NO_DAEMON", "1")
            .env("KANBUS_USER", "somebody")
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn start(&self, arguments: &[&str]) -> Running {
        let mut command = self.command(arguments);
        Running(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap())
    }
}

fn inode(socket: &Path) -> Option<(u64, i64)> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(socket).ok().map(|metadata| (metadata.ino(), metadata.ctime_nsec()))
}

#[test]
fn a_kanbus_command_is_heard_over_the_bus_that_a_link_hosts() {
    let Some(kanbus) = Kanbus::new() else { return };
    let mut ear = Ear::up(&kanbus.socket, "us", true);
    kanbus.run(&["create", "Heard before it is committed"]);
    let heard = ear.hear();
    let News::Mutated { issue, .. } = heard.envelope.news else { panic!("a changed issue") };
    assert_eq!(issue["title"], "Heard before it is committed");
    assert!(heard.envelope.project_identity.is_some());
}

#[test]
fn what_a_link_publishes_arrives_at_kanbus_gossip_watch() {
    let Some(kanbus) = Kanbus::new() else { return };
    let ear = Ear::up(&kanbus.socket, "us", true);
    let mut watch = kanbus.start(&["gossip", "watch", "--print"]);
    let mut lines = BufReader::new(watch.0.stdout.take().unwrap()).lines();
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        while let Some(Ok(line)) = lines.next() {
            if line.starts_with('{') && tell.send(line).is_err() {
                return;
            }
        }
    });
    kanbus.run(&["create", "An issue"]);
    let file = std::fs::read_dir(kanbus.root().join("project/issues"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|extension| extension == "json"))
        .unwrap();
    let mut issue: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    issue["title"] = "Said by us".into();
    let id = issue["id"].as_str().unwrap().to_owned();
    let mut number = 0;
    let line = until("our envelope", || {
        // It says nowhere when it listens, so it is told until it has heard.
        number += 1;
        let mut said = envelope(&format!("e-{number}"), "us", &id);
        said["issue"] = issue.clone();
        ear.link.publish(parsed(&said));
        std::iter::from_fn(|| told.try_recv().ok()).find(|line| line.contains("Said by us"))
    });
    let printed: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&printed["producer_id"], &printed["issue_id"]), (&"us".into(), &id.into()));
}

#[test]
fn a_link_joins_kanbus_own_broker_that_has_taken_the_place_of_its_own_and_hosts_again_after_it() {
    let Some(kanbus) = Kanbus::new() else { return };
    let mut ear = Ear::up(&kanbus.socket, "us", true);
    ear.until_state("a host", |state| state.ways[0].hosting);
    let ours = inode(&kanbus.socket);
    let broker = kanbus.start(&["gossip", "broker"]);
    until("Kanbus's socket", || inode(&kanbus.socket).filter(|there| Some(*there) != ours));
    ear.until_state("the host to give way", |state| !state.ways[0].hosting);
    ear.until_state("the new bus", |state| state.ways[0].state == WayState::Listening);
    kanbus.run(&["create", "Over their broker"]);
    let News::Mutated { issue, .. } = ear.hear().envelope.news else { panic!("a changed issue") };
    assert_eq!(issue["title"], "Over their broker");

    drop(broker);
    ear.until_state("its own bus again", |state| {
        state.ways[0].hosting && state.ways[0].state == WayState::Listening
    });
    kanbus.run(&["create", "Over our broker"]);
    let News::Mutated { issue, .. } = ear.hear().envelope.news else { panic!("a changed issue") };
    assert_eq!(issue["title"], "Over our broker");
}
