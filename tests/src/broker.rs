//! Debian's mosquitto as a real broker, and its clients as real peers.
//!
//! Not here: our own broker (`hear broker`), and what is said (`envelope`).

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use crate::envelope::topic;
use crate::machine::Machine;
use crate::peers;
use crate::running::Running;
use crate::wait::{DEADLINE, until};

/// The user that a broker with a password lets in.
pub const USER: &str = "ada";
/// The password: not one that could be pasted into a URL as it is.
pub const PASSWORD: &str = "p@ss:w/rd%";
/// The same as it stands in a URL.
pub const ENCODED: &str = "p%40ss%3Aw%2Frd%25";

/// Whom a broker lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Anybody.
    Open,
    /// Who knows the password.
    Password,
    /// Anybody who speaks TLS.
    Tls,
}

/// A running mosquitto. Dropping it ends it.
#[derive(Debug)]
pub struct Mosquitto {
    program: PathBuf,
    dir: PathBuf,
    machine: Machine,
    address: SocketAddr,
    door: Door,
    running: Option<Running>,
}

impl Mosquitto {
    /// Starts one on a free port of `machine`'s loopback; `None`, and said, where this computer has none.
    pub fn start(machine: &Machine, door: Door) -> Option<Self> {
        Self::start_at(machine, door, Ipv4Addr::LOCALHOST)
    }

    /// The same on another address of `machine`.
    pub fn start_at(machine: &Machine, door: Door, address: Ipv4Addr) -> Option<Self> {
        let program = peers::program("mosquitto", "mosquitto")?;
        peers::program("mosquitto_pub", "mosquitto-clients")?;
        let dir = machine.home().join(format!("mosquitto-{}", free_port()));
        fs::create_dir_all(&dir).expect("a directory for the broker");
        if door == Door::Tls {
            certificates(&dir)?;
        }
        if door == Door::Password {
            let made = Command::new(peers::program("mosquitto_passwd", "mosquitto")?)
                .args(["-b", "-c"])
                .arg(dir.join("passwords"))
                .args([USER, PASSWORD])
                .status();
            assert!(made.is_ok_and(|status| status.success()), "a file of passwords");
        }
        // In a network of its own any port is free; elsewhere somebody may take it before the broker does.
        let address = SocketAddr::from((address, free_port()));
        let mut broker = Self { program, dir, machine: machine.clone(), address, door, running: None };
        broker.restart();
        Some(broker)
    }

    /// Starts it again at the same place.
    pub fn restart(&mut self) {
        let configuration = self.dir.join("mosquitto.conf");
        fs::write(&configuration, self.configuration()).expect("a configuration");
        let mut command = self.machine.command(&self.program);
        command.arg("-c").arg(&configuration);
        let mut running = Running::start(&mut command);
        until("mosquitto to listen", || {
            assert!(!running.is_over(), "mosquitto ends: {}", running.errors());
            running.errors().contains(" running").then_some(())
        });
        self.running = Some(running);
    }

    fn configuration(&self) -> String {
        let (ip, port, dir) = (self.address.ip(), self.address.port(), self.dir.display());
        let door = match self.door {
            Door::Open => "allow_anonymous true\n".to_owned(),
            Door::Password => format!("allow_anonymous false\npassword_file {dir}/passwords\n"),
            Door::Tls => format!(
                "allow_anonymous true\ncafile {dir}/ca.crt\ncertfile {dir}/server.crt\nkeyfile {dir}/server.key\n"
            ),
        };
        format!("user root\nlistener {port} {ip}\n{door}persistence false\nlog_dest stderr\nlog_type all\n")
    }

    /// Kills it, without a farewell.
    pub fn kill(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.signal(Signal::KILL);
            running.ended();
        }
    }

    /// What a client is told to find it.
    pub fn url(&self) -> String {
        match self.door {
            Door::Tls => format!("mqtts://localhost:{}", self.address.port()),
            Door::Password => format!("mqtt://{USER}:{ENCODED}@{}", self.address),
            Door::Open => format!("mqtt://{}", self.address),
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The certificate of whoever vouches for it, where it speaks TLS.
    pub fn authority(&self) -> PathBuf {
        self.dir.join("ca.crt")
    }

    /// What it has said so far.
    pub fn log(&self) -> String {
        self.running.as_ref().map(Running::errors).unwrap_or_default()
    }

    /// Publishes `message` on the usual topic with `mosquitto_pub`.
    pub fn say(&self, message: &Value) {
        self.client().say(message);
    }

    /// Subscribes to the usual topic with `mosquitto_sub`, and waits until that is so.
    pub fn listen(&self) -> Listener {
        self.client().listen()
    }

    fn client(&self) -> Client {
        let mut words = Vec::new();
        if self.door == Door::Password {
            words.extend(["-u", USER, "-P", PASSWORD].map(str::to_owned));
        }
        let host = match self.door {
            Door::Tls => {
                words.extend(["--cafile".to_owned(), self.authority().to_string_lossy().into_owned()]);
                "localhost".to_owned()
            }
            Door::Open | Door::Password => self.address.ip().to_string(),
        };
        words.extend(["-h".to_owned(), host, "-p".to_owned(), self.address.port().to_string()]);
        Client { machine: self.machine.clone(), words }
    }
}

/// `mosquitto_pub` and `mosquitto_sub` with a broker in mind.
#[derive(Debug, Clone)]
pub struct Client {
    machine: Machine,
    words: Vec<String>,
}

impl Client {
    /// For the broker at `address`, which lets anybody in; `None`, and said, where this computer has no such clients.
    pub fn new(machine: &Machine, address: SocketAddr) -> Option<Self> {
        peers::program("mosquitto_sub", "mosquitto-clients")?;
        let words = ["-h", &address.ip().to_string(), "-p", &address.port().to_string()].map(str::to_owned);
        Some(Self { machine: machine.clone(), words: words.to_vec() })
    }

    /// Publishes `message` on the usual topic.
    pub fn say(&self, message: &Value) {
        self.say_bytes(message.to_string().as_bytes());
    }

    /// Publishes any bytes on the usual topic.
    pub fn say_bytes(&self, bytes: &[u8]) {
        let mut command = self.machine.command("mosquitto_pub");
        // It has a word of its own for a message of nothing.
        let from = if bytes.is_empty() { "-n" } else { "-s" };
        command.args(&self.words).args(["-t", &topic(), from]).stdin(Stdio::piped());
        let mut child = command.spawn().expect("mosquitto_pub runs");
        let mut input = child.stdin.take().expect("piped");
        std::io::Write::write_all(&mut input, bytes).expect("it reads");
        drop(input);
        assert!(child.wait().expect("it is our child").success(), "mosquitto_pub publishes");
    }

    /// Subscribes to the usual topic, and waits until that is so.
    pub fn listen(&self) -> Listener {
        // Its words come when they are said, not when a buffer is full.
        let mut command = self.machine.command("stdbuf");
        command.args(["-oL", "mosquitto_sub"]).args(&self.words).args(["-d", "-t", &topic()]);
        let listener = Listener { running: Running::start(&mut command) };
        let started = Instant::now();
        loop {
            let line = listener.running.line(DEADLINE.saturating_sub(started.elapsed()));
            let (_, line) = line.expect("mosquitto_sub subscribes");
            if line.starts_with("Subscribed ") {
                return listener;
            }
        }
    }
}

/// A running `mosquitto_sub`.
#[derive(Debug)]
pub struct Listener {
    running: Running,
}

impl Listener {
    /// The next message; `None` where none comes within `patience`.
    pub fn heard(&self, patience: Duration) -> Option<Value> {
        let started = Instant::now();
        loop {
            let (_, line) = self.running.line(patience.saturating_sub(started.elapsed()))?;
            if line.starts_with('{') {
                return Some(
                    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error} in {line:.400}")),
                );
            }
        }
    }

    /// Waits for the envelope with that id, and answers it with how many others came before.
    ///
    /// # Panics
    /// At the deadline.
    pub fn hears(&self, id: &Value) -> (Value, usize) {
        let (started, mut before) = (Instant::now(), 0);
        loop {
            let envelope = self.heard(DEADLINE.saturating_sub(started.elapsed()));
            let envelope =
                envelope.unwrap_or_else(|| panic!("envelope {id} never came; {before} others did"));
            if envelope["id"] == *id {
                return (envelope, before);
            }
            before += 1;
        }
    }
}

/// A port of the loopback that nobody listens on at this moment.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}

/// Whether somebody listens at `address`.
pub fn answers(address: SocketAddr) -> bool {
    TcpStream::connect_timeout(&address, DEADLINE).is_ok()
}

/// Makes an authority and a certificate for `localhost` that it vouches for, as `openssl` does.
fn certificates(dir: &Path) -> Option<()> {
    let openssl = peers::program("openssl", "openssl")?;
    let run = |words: &str| {
        let output =
            Command::new(&openssl).args(words.split(' ')).current_dir(dir).output().expect("openssl runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "openssl {words}: {said}");
    };
    fs::write(
        dir.join("server.ext"),
        "basicConstraints=CA:FALSE\nsubjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n",
    )
    .expect("a file");
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    run(&format!("req -x509 {key} -keyout ca.key -out ca.crt -days 2 -subj /CN=authority"));
    run(&format!("req -new {key} -keyout server.key -out server.csr -subj /CN=localhost"));
    run(
        "x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out server.crt -days 2 -extfile server.ext",
    );
    Some(())
}
