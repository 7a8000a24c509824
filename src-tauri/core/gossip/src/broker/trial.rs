//! For tests: a real Mosquitto on a port that the system gave, and Mosquitto's own clients.
//!
//! Not here: promises. Where Mosquitto is not installed the tests that need it say so and pass, except in CI.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::mqtt::listens;

/// How long anything may take that is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Whether Mosquitto is installed.
pub(crate) fn has_mosquitto() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let has = super::mosquitto::on_path(&path).is_some();
    assert!(has || std::env::var_os("CI").is_none(), "CI needs mosquitto and mosquitto-clients");
    if !has {
        println!("skipped: mosquitto is not installed");
    }
    has
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// Waits for `is_so`.
pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so().await {
        assert!(Instant::now() < deadline, "{what} did not come to be");
        sleep(Duration::from_millis(5)).await;
    }
}

/// Mosquitto, killed when dropped.
pub(crate) struct Mosquitto {
    child: Child,
    pub(crate) port: u16,
}

impl Mosquitto {
    /// One that lets everybody in.
    pub(crate) async fn open(directory: &Path) -> Self {
        Self::with(directory, free_port(), "allow_anonymous true\n").await
    }

    pub(crate) async fn with(directory: &Path, port: u16, settings: &str) -> Self {
        let config = directory.join("mosquitto.conf");
        // Started by root it would become another user, who cannot read our files.
        let lines =
            format!("user root\nlistener {port} 127.0.0.1\npersistence false\nlog_dest none\n{settings}");
        std::fs::write(&config, lines).unwrap();
        let mut command = Command::new("mosquitto");
        command.arg("-c").arg(&config).stdout(Stdio::null()).stderr(Stdio::null());
        let broker = Self { child: command.spawn().unwrap(), port };
        until("a listening mosquitto", async || listens("127.0.0.1", port).await).await;
        broker
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Says `text` on `topic` with `mosquitto_pub`.
pub(crate) fn publish(port: u16, topic: &str, text: &[u8], arguments: &[&str]) {
    let mut command = Command::new("mosquitto_pub");
    command.args(["-h", "127.0.0.1", "-p", &port.to_string(), "-t", topic, "-s"]).args(arguments);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text).unwrap();
    assert!(child.wait().unwrap().success(), "mosquitto_pub failed");
}

/// A `mosquitto_sub` that has subscribed, killed when dropped.
pub(crate) struct Subscriber {
    child: Child,
    lines: std::sync::mpsc::Receiver<String>,
}

impl Subscriber {
    pub(crate) fn new(port: u16, topic: &str, arguments: &[&str]) -> Self {
        // Into a pipe it would say that it has subscribed only once there is more to say.
        let mut command = Command::new("stdbuf");
        command
            .args(["-oL", "mosquitto_sub", "-d", "-h", "127.0.0.1", "-p", &port.to_string(), "-t", topic])
            .args(arguments);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (line, lines) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for text in stdout.lines().map_while(Result::ok) {
                let _ = line.send(text);
            }
        });
        let subscriber = Self { child, lines };
        while !subscriber.line().starts_with("Subscribed") {}
        subscriber
    }

    /// The next thing that it heard.
    pub(crate) fn heard(&self) -> String {
        // What is not said by a client of ours is talk about the protocol.
        loop {
            let line = self.line();
            if line.starts_with('{') {
                return line;
            }
        }
    }

    fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("mosquitto_sub says nothing")
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A broker of our own as a process of its own: the test program itself, told to run
/// `broker::embedded::tests::as_a_process` and nothing else.
#[cfg(feature = "embedded-mqtt")]
pub(crate) fn own(run_dir: &Path) -> super::Hear {
    let arguments = ["--exact", "broker::embedded::tests::as_a_process"].map(Into::into);
    let mut arguments = arguments.to_vec();
    arguments.push(run_dir.into());
    super::Hear { program: std::env::current_exe().unwrap(), arguments }
}
