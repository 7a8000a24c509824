//! A connection to the local bus that comes back by itself.
//!
//! Not here: hosting (`host`), and what becomes of what is heard (`link`).
//!
//! Invariants:
//! - It counts as up when the broker has passed on a message of our own: then every subscription before it stands, which
//!   Kanbus's protocol does not acknowledge.
//! - It is on the bus that the socket's file leads to now, or it is looking for it.
//! - A message that was begun and not finished is sent again on the next connection.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use hearsay_board::envelope::LARGEST;
use serde_json::value::RawValue;
use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, sleep, timeout};

use super::line::{Lines, Next};
use super::place::Identity;
use super::{Answer, Request};
use crate::backoff::Backoff;
use crate::bus::{Event, Outgoing};

/// The first and the longest wait before connecting again.
const AGAIN: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));
/// How often the socket's file is looked at.
const LOOK: Duration = Duration::from_millis(100);
/// How long the file may be away before the bus counts as lost.
const AWAY: Duration = Duration::from_millis(500);
/// How long the broker may take to pass on what we ask it to.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often it is asked when nothing else is heard.
const ASK: Duration = Duration::from_secs(5);
/// The longest line that a broker sends, in bytes: an envelope, and the topic around it.
const LONGEST: usize = LARGEST + (16 << 10);

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
enum Lost {
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("nothing is there")]
    Absent,
    #[error("what is there is not a socket")]
    NotASocket,
    #[error("nobody listens to the socket")]
    Stale,
    #[error("whoever hosted it is gone")]
    Ended,
    #[error("whoever hosts it does not answer")]
    Silent,
    #[error("another socket has taken its place")]
    Replaced,
    #[error("the socket's file is gone")]
    Unlinked,
}

/// Keeps a connection to the bus at `socket`, listens to `topics`, sends what is `outgoing`, and tells `events`. Never
/// returns.
pub(crate) async fn run(
    socket: std::path::PathBuf,
    topics: Vec<String>,
    outgoing: mpsc::Receiver<Outgoing>,
    events: mpsc::Sender<Event>,
) {
    let mut outgoing = Pending { receiver: outgoing, begun: None };
    let mut backoff = Backoff::new(AGAIN.0, AGAIN.1);
    let mut said = Event::Connecting;
    loop {
        if events.send(said).await.is_err() {
            // Whoever listened is gone, and will end this.
            std::future::pending::<()>().await;
        }
        let there = Identity::reached(&socket);
        let session = Session { socket: &socket, topics: &topics, events: &events };
        let (lost, was_up) = session.run(&mut outgoing).await;
        if was_up {
            backoff.reset();
        }
        said = Event::Down(lost.to_string());
        let wait = backoff.wait();
        let changed = async {
            while Identity::reached(&socket) == there {
                sleep(LOOK.min(wait)).await;
            }
        };
        // At once when something else is there. Where it is not up yet, the wait is as short as at the start.
        if timeout(wait, changed).await.is_ok() {
            backoff.reset();
        }
    }
}

/// What goes out, with the message that was begun.
struct Pending {
    receiver: mpsc::Receiver<Outgoing>,
    begun: Option<Outgoing>,
}

struct Session<'a> {
    socket: &'a Path,
    topics: &'a [String],
    events: &'a mpsc::Sender<Event>,
}

/// Whether the broker lives, as the two directions tell each other.
struct Pulse {
    /// The topic of our own on which we ask.
    topic: String,
    heard: Mutex<Instant>,
    up: Notify,
}

impl Pulse {
    fn beat(&self) {
        *self.heard.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Instant::now();
    }

    fn age(&self) -> Duration {
        self.heard.lock().unwrap_or_else(std::sync::PoisonError::into_inner).elapsed()
    }
}

impl Session<'_> {
    /// One connection, from its start to its end; answers why it ended, and whether it was up.
    async fn run(&self, outgoing: &mut Pending) -> (Lost, bool) {
        let (stream, identity) = match self.connect().await {
            Ok(connected) => connected,
            Err(lost) => return (lost, false),
        };
        let pulse = Pulse {
            topic: format!("hearsay/pulse/{}", uuid::Uuid::new_v4()),
            heard: Mutex::new(Instant::now()),
            up: Notify::new(),
        };
        let (read, write) = stream.into_split();
        let mut was_up = false;
        let lost = tokio::select! {
            lost = self.read(read, &pulse, &mut was_up) => lost,
            lost = self.write(write, &pulse, outgoing) => lost,
            lost = self.watch(identity, &pulse) => lost,
        };
        (lost, was_up)
    }

    async fn connect(&self) -> Result<(UnixStream, Identity), Lost> {
        use std::io::ErrorKind;
        use std::os::unix::fs::FileTypeExt;
        let metadata = match std::fs::metadata(self.socket) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(Lost::Absent),
            other => other?,
        };
        if !metadata.file_type().is_socket() {
            return Err(Lost::NotASocket);
        }
        let identity = Identity::reached(self.socket).ok_or(Lost::Absent)?;
        match UnixStream::connect(self.socket).await {
            Ok(stream) => Ok((stream, identity)),
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => Err(Lost::Stale),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(Lost::Absent),
            Err(error) => Err(error.into()),
        }
    }

    async fn read(&self, read: OwnedReadHalf, pulse: &Pulse, was_up: &mut bool) -> Lost {
        let mut lines = Lines::new(read, LONGEST);
        loop {
            let event = match lines.next().await {
                Ok(Next::Line(line)) => match serde_json::from_slice::<Answer<'_>>(line) {
                    Ok(answer) if answer.topic == pulse.topic && !*was_up => {
                        *was_up = true;
                        pulse.up.notify_one();
                        Some(Event::Up)
                    }
                    Ok(answer) if answer.topic == pulse.topic => None,
                    Ok(answer) => Some(Event::Said {
                        topic: answer.topic.into_owned(),
                        bytes: answer.msg.get().as_bytes().to_vec(),
                    }),
                    // What is no answer is passed over, as Kanbus does.
                    Err(_) => None,
                },
                Ok(Next::TooLong(seen)) => Some(Event::TooLarge(seen)),
                Ok(Next::End) => return Lost::Ended,
                Err(error) => return Lost::Io(error),
            };
            if let Some(event) = event
                && self.events.send(event).await.is_err()
            {
                std::future::pending::<()>().await;
            }
            pulse.beat();
        }
    }

    async fn write(&self, mut write: OwnedWriteHalf, pulse: &Pulse, outgoing: &mut Pending) -> Lost {
        let mut greeting = String::new();
        for topic in self.topics.iter().map(String::as_str).chain([&*pulse.topic]) {
            greeting += &request("sub", topic, None);
        }
        greeting += &request("pub", &pulse.topic, Some(RawValue::NULL));
        if let Err(error) = write.write_all(greeting.as_bytes()).await {
            return Lost::Io(error);
        }
        if timeout(PATIENCE, pulse.up.notified()).await.is_err() {
            return Lost::Silent;
        }
        loop {
            if outgoing.begun.is_none() {
                tokio::select! {
                    next = outgoing.receiver.recv() => outgoing.begun = next,
                    () = sleep(ASK) => {}
                }
            }
            let line = match &outgoing.begun {
                Some(begun) => match serde_json::from_str::<&RawValue>(&begun.text) {
                    Ok(msg) => request("pub", &begun.topic, Some(msg)),
                    Err(error) => {
                        tracing::warn!(%error, "something that is not JSON was to be published");
                        String::new()
                    }
                },
                None => request("pub", &pulse.topic, Some(RawValue::NULL)),
            };
            if let Err(error) = write.write_all(line.as_bytes()).await {
                return Lost::Io(error);
            }
            outgoing.begun = None;
            if outgoing.receiver.is_closed() && outgoing.receiver.is_empty() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Notices that the socket's file has become another one, or is gone, or that the broker does not answer any more.
    async fn watch(&self, identity: Identity, pulse: &Pulse) -> Lost {
        let mut seen = Instant::now();
        loop {
            match Identity::reached(self.socket) {
                Some(there) if there == identity => seen = Instant::now(),
                Some(_) => return Lost::Replaced,
                None if seen.elapsed() > AWAY => return Lost::Unlinked,
                None => {}
            }
            if pulse.age() > ASK + PATIENCE {
                return Lost::Silent;
            }
            sleep(LOOK).await;
        }
    }
}

fn request(op: &str, topic: &str, msg: Option<&RawValue>) -> String {
    let request = Request { op: Some(Cow::Borrowed(op)), topic: Some(Cow::Borrowed(topic)), msg };
    // Texts and raw JSON can always be written.
    serde_json::to_string(&request).map(|line| line + "\n").unwrap_or_default()
}
