//! A connection to the local bus that comes back by itself.
//!
//! Not here: hosting (`host`), and what becomes of what is heard (`link`).
//!
//! Invariants:
//! - It counts as up when the broker has passed on a message of our own: then every subscription before it stands, which
//!   Kanbus's protocol does not acknowledge.
//! - It is on the bus that the socket's file leads to now, or it is looking for it.
//! - Only a socket of ours is joined, in a directory of ours that nobody else may write to.
//! - A message that was begun and not finished is sent again on the next connection.
//! - A message is one line, whatever it holds, and never one that is too long for the broker.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
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
use super::place::{self, Identity};
use super::{Answer, LONGEST_LINE, Request};
use crate::backoff::Backoff;
use crate::bus::{Event, Outgoing, Reconnect};

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
    #[error("the socket is somebody else's")]
    NotOurs,
    #[error("{} is not a directory of this user alone that nobody else may write to; the bus there is not joined", .0.display())]
    Exposed(PathBuf),
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

/// Keeps a connection to the bus at `socket`, listens to `topics`, sends what is `outgoing`, and tells `events`. Where
/// there is none, `reconnect` has it looked for at once. Never returns.
pub(crate) async fn run(
    socket: PathBuf,
    topics: Vec<String>,
    outgoing: mpsc::Receiver<Outgoing>,
    events: mpsc::Sender<Event>,
    reconnect: Reconnect,
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
        tokio::select! {
            () = sleep(wait) => {}
            () = changed => backoff.reset(),
            () = reconnect.now() => backoff.reset(),
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
        let real = match std::fs::canonicalize(self.socket) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(Lost::Absent),
            other => other?,
        };
        // A link is as good as the worse of the two places.
        for directory in [self.socket, &real].into_iter().filter_map(Path::parent) {
            if !place::is_sheltered(directory)? {
                return Err(Lost::Exposed(directory.to_path_buf()));
            }
        }
        let metadata = std::fs::metadata(&real)?;
        if !metadata.file_type().is_socket() {
            return Err(Lost::NotASocket);
        }
        if !place::is_ours(&metadata) {
            return Err(Lost::NotOurs);
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
                Some(begun) => publication(begun).unwrap_or_else(|| {
                    tracing::warn!("something that the local bus cannot be told was to be published");
                    String::new()
                }),
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

/// Whether a broker can be told `message`.
pub(crate) fn fits(message: &Outgoing) -> bool {
    publication(message).is_some()
}

/// The line that publishes `message`; `None` where it is not JSON, or too long for a broker.
fn publication(message: &Outgoing) -> Option<String> {
    // Between the values of JSON a line break is as good as a space; within them there is none. What stood behind it
    // would be a request of its own.
    let text = message.text.replace(['\n', '\r'], " ");
    let msg = serde_json::from_str::<&RawValue>(&text).ok()?;
    let line = request("pub", &message.topic, Some(msg));
    (line.len() <= LONGEST_LINE).then_some(line)
}

fn request(op: &str, topic: &str, msg: Option<&RawValue>) -> String {
    let request = Request { op: Some(Cow::Borrowed(op)), topic: Some(Cow::Borrowed(topic)), msg };
    // Texts and raw JSON can always be written.
    serde_json::to_string(&request).map(|line| line + "\n").unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Outgoing {
        Outgoing { topic: "a".to_owned(), text: text.into() }
    }

    #[test]
    fn what_has_line_breaks_between_its_values_is_one_line_and_no_request_of_its_own() {
        let hostile = "{\"id\":1,\r\n\"x\":[\n{\"op\":\"pub\",\"topic\":\"b\",\"msg\":\"smuggled\"}\n]}";
        let line = publication(&said(hostile)).unwrap();
        assert_eq!(line.find(['\n', '\r']), Some(line.len() - 1), "{line}");
        let request: Request<'_> = serde_json::from_str(&line).unwrap();
        assert_eq!((request.op.as_deref(), request.topic.as_deref()), (Some("pub"), Some("a")));
    }

    #[test]
    fn only_json_that_fits_a_line_of_kanbus_is_published() {
        let around = request("pub", "a", Some(RawValue::NULL)).len() - "null".len();
        let text = |bytes: usize| said(&format!("\"{}\"", "x".repeat(bytes - 2)));
        assert!(fits(&text(LONGEST_LINE - around)) && !fits(&text(LONGEST_LINE - around + 1)));
        assert!(!fits(&said("no json")) && !fits(&said("1\n2")));
    }
}
