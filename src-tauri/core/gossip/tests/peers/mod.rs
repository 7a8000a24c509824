//! What the tests of this crate meet on the bus: raw connections, links that tell what they hear, and a place for a socket.
#![allow(dead_code, reason = "each test program uses some of it")]

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant, SystemTime};

use hearsay_board::Envelope;
use hearsay_gossip::settings::Channel;
use hearsay_gossip::uds::{Host, Hosting};
use hearsay_gossip::{Heard, Link, Options, Report, Settings, State, WayState};
use serde_json::{Value, json};

/// When a condition that does not come has failed.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// Waits until `condition` answers something.
pub(crate) fn until<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = condition() {
            return answer;
        }
        assert!(start.elapsed() < DEADLINE, "{what} did not come");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A directory that is this user's alone.
pub(crate) fn private() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    let socket = directory.path().join("bus.sock");
    (directory, socket)
}

/// A host that is up.
pub(crate) fn host(socket: &Path) -> Host {
    let (host, told) = hosting(socket);
    until("a host", || (told.try_recv() == Ok(Hosting::Yes)).then_some(()));
    host
}

/// A host, and what it tells.
pub(crate) fn hosting(socket: &Path) -> (Host, Receiver<Hosting>) {
    let (tell, told) = channel();
    // A test that has ended listens no more.
    let host = Host::start(socket.to_path_buf(), move |hosting| drop(tell.send(hosting))).unwrap();
    (host, told)
}

/// A raw connection.
pub(crate) struct Peer {
    reader: BufReader<UnixStream>,
}

impl Peer {
    pub(crate) fn connect(socket: &Path) -> Self {
        let stream = until("a connection", || UnixStream::connect(socket).ok());
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.set_write_timeout(Some(DEADLINE)).unwrap();
        Self { reader: BufReader::new(stream) }
    }

    /// A connection whose subscription to `topic` stands.
    pub(crate) fn subscribed(socket: &Path, topic: &str) -> Self {
        let mut peer = Self::connect(socket);
        peer.say(&json!({"op": "sub", "topic": topic}).to_string());
        peer.settle();
        peer
    }

    /// Waits until everything said before has been dealt with.
    pub(crate) fn settle(&mut self) {
        let own = format!("own/{:p}/{:?}", self, Instant::now());
        self.say(&json!({"op": "sub", "topic": own}).to_string());
        self.say(&json!({"op": "pub", "topic": own, "msg": 0}).to_string());
        while self.hear().is_some_and(|said| said["topic"] != *own) {}
    }

    pub(crate) fn say(&mut self, line: &str) {
        self.write(format!("{line}\n").as_bytes()).unwrap();
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.reader.get_mut().write_all(bytes)
    }

    pub(crate) fn publish(&mut self, topic: &str, msg: &Value) {
        self.say(&json!({"op": "pub", "topic": topic, "msg": msg}).to_string());
    }

    /// The next line as it came; `None` where the connection has ended.
    pub(crate) fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        match self.reader.read_line(&mut line) {
            Ok(0) => None,
            Ok(_) => Some(line),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => None,
            Err(error) => panic!("nothing came: {error}"),
        }
    }

    pub(crate) fn hear(&mut self) -> Option<Value> {
        self.line().map(|line| serde_json::from_str(&line).unwrap())
    }
}

/// A link, and what it tells.
pub(crate) struct Ear {
    pub(crate) link: Link,
    told: Receiver<Report>,
    pub(crate) state: Option<State>,
}

pub(crate) fn channel_of(project: &str) -> Channel {
    Channel {
        topic: format!("projects/{project}/events"),
        identity: Some(project.to_owned()),
        labels: vec!["kbs".to_owned()],
    }
}

pub(crate) fn settings(socket: &Path) -> Settings {
    Settings { channels: vec![channel_of("p")], socket: Some(socket.to_path_buf()), ..Settings::default() }
}

pub(crate) fn options(producer: &str, hosts: bool) -> Options {
    Options { producer: producer.to_owned(), hosts, clock: SystemTime::now, autostart: None }
}

impl Ear {
    pub(crate) fn start(settings: Settings, options: Options) -> Self {
        let (tell, told) = channel();
        let link = Link::start(settings, options, move |report| drop(tell.send(report))).unwrap();
        Self { link, told, state: None }
    }

    /// A link that listens on the local bus.
    pub(crate) fn up(socket: &Path, producer: &str, hosts: bool) -> Self {
        let mut ear = Self::start(settings(socket), options(producer, hosts));
        ear.until_state("listening", |state| state.ways[0].state == WayState::Listening);
        ear
    }

    pub(crate) fn until_state(&mut self, what: &str, is_so: impl Fn(&State) -> bool) -> State {
        if let Some(state) = self.state.clone().filter(&is_so) {
            return state;
        }
        until(what, || {
            while let Ok(report) = self.told.try_recv() {
                if let Report::State(state) = report {
                    let so = is_so(&state);
                    self.state = Some(state.clone());
                    if so {
                        return Some(state);
                    }
                }
            }
            None
        })
    }

    /// The next envelope.
    pub(crate) fn hear(&mut self) -> Heard {
        let start = Instant::now();
        loop {
            let left = DEADLINE.checked_sub(start.elapsed()).expect("nothing was heard");
            match self.told.recv_timeout(left).expect("nothing was heard") {
                Report::Heard(heard) => return *heard,
                Report::State(state) => self.state = Some(state),
            }
        }
    }
}

/// What a stranger says of an issue.
pub(crate) fn envelope(id: &str, producer: &str, issue: &str) -> Value {
    json!({
        "id": id, "ts": "2026-01-01T00:00:00.000Z", "project": "kbs", "project_identity": "p", "type": "issue.mutated",
        "issue_id": issue, "producer_id": producer, "issue": {"id": issue, "title": id},
    })
}

pub(crate) fn parsed(envelope: &Value) -> Envelope {
    Envelope::parse(&envelope.to_string()).unwrap()
}
