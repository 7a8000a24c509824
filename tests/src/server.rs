//! `hear serve` as a running process, and its stream of events as a feed.

use std::collections::VecDeque;
use std::io::Read;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::follower::Feed;
use crate::http::{self, Answer};
use crate::running::Running;
use crate::wait::DEADLINE;

/// A running `hear serve`.
#[derive(Debug)]
pub struct Server {
    /// The process.
    pub running: Running,
    /// What it listens on.
    pub port: u16,
    /// What opens it.
    pub token: String,
}

impl Server {
    /// Waits until it listens.
    pub fn new(running: Running) -> Self {
        let (_, line) =
            running.line(DEADLINE).unwrap_or_else(|| panic!("hear serve says nothing: {}", running.errors()));
        let address =
            line.strip_prefix("listening on http://127.0.0.1:").unwrap_or_else(|| panic!("said: {line}"));
        let (port, token) = address.split_once("/?token=").unwrap_or_else(|| panic!("said: {line}"));
        Self { port: port.parse().expect("a port"), token: token.to_owned(), running }
    }

    /// The name by which it is asked.
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Asks with the token.
    pub fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[])
    }

    /// Asks with the token and further headers.
    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let (host, bearer) = (self.host(), format!("Bearer {}", self.token));
        let own = [("Host", host.as_str()), ("Authorization", bearer.as_str())];
        http::ask(self.port, "GET", path, &[&own, headers].concat())
    }

    /// What a client needs to speak with it, to hand to other threads.
    pub fn door(&self) -> Door {
        Door { port: self.port, token: self.token.clone() }
    }

    /// Tells it something, as JSON.
    pub fn tell(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.door().tell(method, path, body)
    }

    /// Has something done, which must succeed, and answers what came of it.
    pub fn command(&self, command: &Value) -> Value {
        let answer = self.tell("POST", "/api/commands", command);
        assert_eq!(answer.status, 200, "{command:.400}: {}", answer.body);
        answer.json()
    }

    /// Asks for a stream of events and reads nothing of it yet.
    pub fn stream(&self, path: &str) -> Stream {
        let mut socket = http::connect(self.port);
        let (host, bearer) = (self.host(), format!("Bearer {}", self.token));
        http::send(&mut socket, "GET", path, &[("Host", &host), ("Authorization", &bearer)]);
        Stream { socket, raw: Vec::new(), text: String::new(), headers: None, events: VecDeque::new() }
    }
}

/// What a client needs to speak with a server.
#[derive(Debug, Clone)]
pub struct Door {
    port: u16,
    token: String,
}

impl Door {
    /// Tells it something, as JSON.
    pub fn tell(&self, method: &str, path: &str, body: &Value) -> Answer {
        let (host, bearer) = (format!("127.0.0.1:{}", self.port), format!("Bearer {}", self.token));
        let own = [("Host", host.as_str()), ("Authorization", bearer.as_str())];
        http::tell(self.port, method, path, &own, body.to_string().as_bytes())
    }
}

/// An event of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its `event:`.
    pub name: String,
    /// Its `data:`.
    pub data: String,
    /// Its `id:`, if it has one.
    pub id: Option<String>,
}

/// A stream of events, read as it is asked for.
#[derive(Debug)]
pub struct Stream {
    socket: TcpStream,
    raw: Vec<u8>,
    text: String,
    headers: Option<Vec<(String, String)>>,
    events: VecDeque<Event>,
}

impl Stream {
    /// The next event; `None` where none comes within `patience`.
    pub fn event(&mut self, patience: Duration) -> Option<Event> {
        let until = Instant::now() + patience;
        loop {
            if let Some(event) = self.events.pop_front() {
                return Some(event);
            }
            let left = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            self.socket.set_read_timeout(Some(left)).expect("a timeout");
            if !http::read_some(&mut self.socket, &mut self.raw) {
                return None;
            }
            self.take_in();
        }
    }

    /// Headers of the answer, once an event has come.
    pub fn headers(&self) -> &[(String, String)] {
        self.headers.as_deref().unwrap_or_default()
    }

    /// Reads on until the server closes the stream.
    ///
    /// # Panics
    /// Where it does not.
    pub fn closed(&mut self) {
        self.socket.set_read_timeout(Some(DEADLINE)).expect("a timeout");
        let mut rest = Vec::new();
        // A server that is gone may also have reset the connection: gone is gone.
        if let Err(error) = self.socket.read_to_end(&mut rest) {
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "the stream is closed");
        }
    }

    fn take_in(&mut self) {
        if self.headers.is_none() {
            let Some((head, rest)) = http::split_head(&self.raw) else { return };
            let (status, headers) = http::parse_head(&head);
            assert_eq!(status, 200, "a stream is answered: {head}");
            self.raw = rest.to_vec();
            self.headers = Some(headers);
        }
        self.text
            .push_str(&String::from_utf8(http::take_chunks(&mut self.raw)).expect("whole events are UTF-8"));
        while let Some(end) = self.text.find("\n\n") {
            let event: String = self.text.drain(..end + 2).collect();
            let field =
                |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
            // A comment keeps the connection alive and is no event.
            if let (Some(name), Some(data)) = (field("event: "), field("data: ")) {
                self.events.push_back(Event { name, data, id: field("id: ") });
            }
        }
    }
}

impl Feed for Stream {
    fn next(&mut self, patience: Duration) -> Option<String> {
        self.event(patience).map(|event| event.data)
    }
}
