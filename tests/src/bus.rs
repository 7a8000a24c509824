//! A client of the local bus, of our own: as little of the protocol as a stranger would need to write.
//!
//! The protocol is Kanbus's: one JSON object a line, `{"op":"sub","topic":T}` and `{"op":"pub","topic":T,"msg":M}` in,
//! `{"topic":T,"msg":M}` out. Not here: what is said (`envelope`).

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::envelope::{fresh_id, topic};
use crate::wait::{DEADLINE, until};

/// A connection to a local bus.
#[derive(Debug)]
pub struct Bus {
    stream: UnixStream,
    unread: Vec<u8>,
}

impl Bus {
    /// Connects to the bus at `socket`, once somebody answers there.
    pub fn connect(socket: &Path) -> Self {
        until(&format!("a bus at {}", socket.display()), || Self::try_connect(socket))
    }

    /// Connects, if somebody answers now.
    pub fn try_connect(socket: &Path) -> Option<Self> {
        let stream = UnixStream::connect(socket).ok()?;
        Some(Self { stream, unread: Vec::new() })
    }

    /// The same, subscribed to the usual topic.
    pub fn listening(socket: &Path) -> Self {
        let mut bus = Self::connect(socket);
        bus.subscribe(&topic());
        bus
    }

    /// Says `message` to the bus that answers now, if one does and takes it: one that is about to go may do neither.
    pub fn try_say(socket: &Path, message: &Value) -> Option<Self> {
        let mut bus = Self::try_connect(socket)?;
        bus.send(format!("{}\n", said(&topic(), message)).as_bytes()).ok()?;
        Some(bus)
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    /// Where the other end is gone, or has had enough.
    pub fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Sends a line that is `bytes`.
    ///
    /// # Panics
    /// Where the other end is gone.
    pub fn line(&mut self, bytes: &[u8]) {
        let line = [bytes, b"\n"].concat();
        self.send(&line).expect("the bus takes it");
    }

    /// Subscribes to `topic`, and waits until that is so: what is asked next on one connection is answered after it.
    pub fn subscribe(&mut self, topic: &str) {
        self.line(json!({"op": "sub", "topic": topic}).to_string().as_bytes());
        self.sync();
    }

    /// Waits until the bus has taken in everything that was sent here.
    pub fn sync(&mut self) {
        let own = format!("projects/{}/events", fresh_id());
        self.line(json!({"op": "sub", "topic": own}).to_string().as_bytes());
        self.line(json!({"op": "pub", "topic": own, "msg": "here"}).to_string().as_bytes());
        let mut before = Vec::new();
        let started = Instant::now();
        loop {
            let line = self.next(DEADLINE.saturating_sub(started.elapsed())).expect("the bus answers");
            if line["topic"] == own.as_str() {
                break;
            }
            before.extend(line.to_string().into_bytes());
            before.push(b'\n');
        }
        // What came meanwhile is still unread.
        before.append(&mut self.unread);
        self.unread = before;
    }

    /// Publishes `message` on the usual topic.
    pub fn say(&mut self, message: &Value) {
        self.publish(&topic(), message);
    }

    /// Publishes `message` on `topic`.
    pub fn publish(&mut self, topic: &str, message: &Value) {
        self.line(said(topic, message).as_bytes());
    }

    /// The next envelope, of whatever topic; `None` where none comes within `patience`.
    pub fn heard(&mut self, patience: Duration) -> Option<Value> {
        self.next(patience).map(|mut line| line["msg"].take())
    }

    /// Waits for the envelope with that id, and answers it with how many others came before.
    ///
    /// # Panics
    /// At the deadline.
    pub fn hears(&mut self, id: &Value) -> (Value, usize) {
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

    /// Whether the other end has closed the connection, or does before the deadline.
    pub fn is_closed(&mut self) -> bool {
        let started = Instant::now();
        while started.elapsed() < DEADLINE {
            match self.read_some(DEADLINE) {
                Ok(0) => return true,
                Err(error) => {
                    return matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe);
                }
                Ok(_) => self.unread.clear(),
            }
        }
        false
    }

    fn next(&mut self, patience: Duration) -> Option<Value> {
        let started = Instant::now();
        loop {
            if let Some(end) = self.unread.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.unread.drain(..=end).collect();
                let text = String::from_utf8_lossy(&line);
                return Some(
                    serde_json::from_slice(&line).unwrap_or_else(|error| panic!("{error} in {text:.400}")),
                );
            }
            let left = patience.saturating_sub(started.elapsed()).max(Duration::from_millis(1));
            match self.read_some(left) {
                Ok(0) => panic!("the bus has closed the connection"),
                Ok(_) => {}
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    return None;
                }
                Err(error) => panic!("the bus: {error}"),
            }
        }
    }

    fn read_some(&mut self, patience: Duration) -> std::io::Result<usize> {
        self.stream.set_read_timeout(Some(patience))?;
        let mut bytes = [0; 1 << 16];
        let count = self.stream.read(&mut bytes)?;
        self.unread.extend_from_slice(&bytes[..count]);
        Ok(count)
    }
}

/// The line that publishes `message` on `topic`, without its end.
pub fn said(topic: &str, message: &Value) -> String {
    json!({"op": "pub", "topic": topic, "msg": message}).to_string()
}
