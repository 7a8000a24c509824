//! The broker of the local bus: passes on what is published to who has subscribed, as Kanbus's own does.
//!
//! Not here: where the socket is and who may host it (`host`).
//!
//! Invariants:
//! - A message is passed on as it came, byte for byte.
//! - Each publisher has a share of what may be under way. One that floods waits for its own messages to arrive; nobody
//!   else's are held up or lost by it.
//! - A subscriber that does not take a message within [`TOO_LATE`] is let go, so nobody waits longer than that for one.
//! - What is held is bounded: by the number of connections times their share, their topics, and one line each.
//! - Nobody is shut out by connections that do nothing: where all places are taken, the one that has done nothing for
//!   longest goes.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::value::RawValue;
use tokio::io::{AsyncWriteExt, Interest};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use super::line::{Lines, Next};
use super::{Answer, LONGEST_LINE, LONGEST_TOPIC, Request};

/// The most connections at a time; further ones wait to be accepted.
const CONNECTIONS: usize = 256;
/// How much the topics of one connection may take up, in bytes.
const TOPICS: usize = 256 << 10;
/// What a topic takes up beside its name.
const TOPIC: usize = 128;
/// What one publisher may have under way, in bytes. A larger message goes alone.
const SHARE: usize = 256 << 10;
/// What a message counts at the least, so that a share is no more than 256 of them.
const LEAST: usize = 1 << 10;
/// When a message that was not taken shows that its subscriber is too slow.
const TOO_LATE: Duration = Duration::from_secs(2);
/// After how many lines of one connection the others have a turn.
const TURN: usize = 32;
/// The deepest nesting that is passed on: what Kanbus's own parser takes.
const DEEPEST: usize = 127;
/// How long to wait when the system has no room for another connection.
const NO_ROOM: Duration = Duration::from_millis(50);
/// How long a connection may do nothing before it makes room for others.
const IDLE: Duration = Duration::from_secs(1);
/// How often a connection that has nothing more to say is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// Who has subscribed to what.
#[derive(Debug, Clone, Default)]
pub(super) struct Hub(Arc<Mutex<Registry>>);

#[derive(Debug, Default)]
struct Registry {
    next: u64,
    topics: HashMap<Box<str>, HashMap<u64, UnboundedSender<Arc<Message>>>>,
    /// Who has neither subscribed nor said anything, the oldest first: since when, and what lets them go.
    idle: BTreeMap<u64, (Instant, oneshot::Sender<()>)>,
}

/// One message under way. Its publisher gets the share back when the last subscriber has it.
#[derive(Debug)]
struct Message {
    line: Box<[u8]>,
    came: Instant,
    _share: OwnedSemaphorePermit,
    /// The publisher's place among the connections: taken until its messages have arrived, so that nobody gets a new
    /// share by coming again.
    _place: Arc<OwnedSemaphorePermit>,
}

impl Hub {
    /// Accepts connections without end; they live in `connections`.
    pub(super) async fn serve(
        &self,
        listener: &UnixListener,
        places: &Arc<Semaphore>,
        connections: &mut JoinSet<()>,
    ) {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    let Some(place) = self.place(places).await else { return };
                    connections.spawn(self.clone().connection(stream, place));
                }
                Err(error) => {
                    tracing::debug!(%error, "no connection to the local bus");
                    sleep(NO_ROOM).await;
                }
            }
            while connections.try_join_next().is_some() {}
        }
    }

    /// The places that there are for connections.
    pub(super) fn places() -> Arc<Semaphore> {
        Arc::new(Semaphore::new(CONNECTIONS))
    }

    /// A place for one more; where there is none, the first one that an idle connection or one that ends leaves.
    async fn place(&self, places: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
        let mut free = std::pin::pin!(Arc::clone(places).acquire_owned());
        loop {
            tokio::select! {
                biased;
                // The semaphore is never closed.
                place = &mut free => return place.ok(),
                () = self.let_one_go() => {}
            }
        }
    }

    /// Lets go whoever has been idle for longest, once that is [`IDLE`]; without end where nobody is.
    async fn let_one_go(&self) {
        let Some(since) = self.lock().idle.first_entry().map(|oldest| oldest.get().0) else {
            return std::future::pending().await;
        };
        sleep_until(since + IDLE).await;
        if let Some(oldest) = self.lock().idle.first_entry().filter(|oldest| oldest.get().0 == since) {
            tracing::debug!("an idle connection to the local bus made room for another one");
            // One that is going away needs not be told.
            let _ = oldest.remove().1.send(());
        }
        // Before another one goes, this one leaves its place.
        sleep(LOOK).await;
    }

    fn lock(&self) -> MutexGuard<'_, Registry> {
        // Nothing in here panics with the lock held, and the registry is whole between any two statements.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn connection(self, stream: UnixStream, place: OwnedSemaphorePermit) {
        let (read, write) = stream.into_split();
        let (queue, waiting) = unbounded_channel();
        let (let_go, gone) = oneshot::channel();
        let mut client = Client::new(self, queue, place, let_go);
        tokio::select! {
            () = client.read(read) => {}
            () = deliver(waiting, write) => {}
            // An error only says that it is not idle any more.
            Ok(()) = gone => {}
        }
    }

    fn spread(&self, topic: &str, message: &Arc<Message>) {
        for subscriber in self.lock().topics.get(topic).into_iter().flat_map(HashMap::values) {
            // One that is going away needs nothing any more.
            let _ = subscriber.send(Arc::clone(message));
        }
    }
}

/// Writes what waits, until the subscriber is gone or too slow. While there is nothing it waits.
async fn deliver(mut waiting: UnboundedReceiver<Arc<Message>>, mut write: OwnedWriteHalf) {
    while let Some(message) = waiting.recv().await {
        match timeout_at(message.came + TOO_LATE, write.write_all(&message.line)).await {
            Ok(Ok(())) => {}
            Ok(Err(_gone)) => return,
            Err(_late) => {
                tracing::debug!("a subscriber of the local bus is too slow and was let go");
                return;
            }
        }
    }
    // Everybody who could have said something is gone; the other half of the connection decides when it ends.
    std::future::pending::<()>().await;
}

/// One connection, as far as it speaks.
struct Client {
    hub: Hub,
    number: u64,
    topics: HashSet<Box<str>>,
    /// What they take up, in bytes.
    taken: usize,
    queue: UnboundedSender<Arc<Message>>,
    share: Arc<Semaphore>,
    place: Arc<OwnedSemaphorePermit>,
}

impl Client {
    fn new(
        hub: Hub,
        queue: UnboundedSender<Arc<Message>>,
        place: OwnedSemaphorePermit,
        let_go: oneshot::Sender<()>,
    ) -> Self {
        let number = {
            let mut registry = hub.lock();
            registry.next += 1;
            let number = registry.next;
            registry.idle.insert(number, (Instant::now(), let_go));
            number
        };
        let share = Arc::new(Semaphore::new(SHARE));
        Self { hub, number, topics: HashSet::new(), taken: 0, queue, share, place: Arc::new(place) }
    }

    /// Takes what it says, until it has nothing more to say and nothing to hear.
    async fn read(&mut self, read: OwnedReadHalf) {
        let mut lines = Lines::new(read, LONGEST_LINE);
        for served in 1_usize.. {
            match lines.next().await {
                Ok(Next::Line(line)) => self.take(line).await,
                Ok(Next::TooLong(_)) => {
                    tracing::debug!("a connection to the local bus sent a line that is too long");
                    return;
                }
                Ok(Next::End) => break,
                // A connection that fails has ended.
                Err(_) => return,
            }
            if served % TURN == 0 {
                tokio::task::yield_now().await;
            }
        }
        if !self.topics.is_empty() {
            // It only has nothing more to say.
            until_closed(&lines.into_inner()).await;
        }
    }

    /// What is no request is passed over, as Kanbus does.
    async fn take(&mut self, line: &[u8]) {
        let Ok(request) = serde_json::from_slice::<Request<'_>>(line) else { return };
        let Some(topic) = request.topic else { return };
        self.hub.lock().idle.remove(&self.number);
        match request.op.as_deref() {
            Some("sub") => self.subscribe(&topic),
            Some("pub") => self.publish(topic, request.msg.unwrap_or(RawValue::NULL)).await,
            _ => {}
        }
    }

    fn subscribe(&mut self, topic: &str) {
        let taken = self.taken + topic.len() + TOPIC;
        if topic.len() > LONGEST_TOPIC || taken > TOPICS || !self.topics.insert(topic.into()) {
            return;
        }
        self.taken = taken;
        let mut registry = self.hub.lock();
        registry.topics.entry(topic.into()).or_default().insert(self.number, self.queue.clone());
    }

    async fn publish(&self, topic: Cow<'_, str>, msg: &RawValue) {
        if !self.hub.lock().topics.contains_key(&*topic) || is_deeper_than(msg.get(), DEEPEST) {
            return;
        }
        let Ok(mut line) = serde_json::to_vec(&Answer { topic: Cow::Borrowed(&topic), msg }) else { return };
        line.push(b'\n');
        let cost = u32::try_from(line.len().clamp(LEAST, SHARE)).unwrap_or(u32::MAX);
        // The semaphore is never closed.
        let Ok(share) = Arc::clone(&self.share).acquire_many_owned(cost).await else { return };
        let message = Message {
            line: line.into_boxed_slice(),
            came: Instant::now(),
            _share: share,
            _place: Arc::clone(&self.place),
        };
        self.hub.spread(&topic, &Arc::new(message));
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let mut registry = self.hub.lock();
        registry.idle.remove(&self.number);
        for topic in &self.topics {
            if let Some(subscribers) = registry.topics.get_mut(topic) {
                subscribers.remove(&self.number);
                if subscribers.is_empty() {
                    registry.topics.remove(topic);
                }
            }
        }
    }
}

/// Waits until a connection that has nothing more to say does not hear either. The system says so once and only to who
/// asks for it: a connection that can be written to is as ready as one that is gone.
async fn until_closed(read: &OwnedReadHalf) {
    loop {
        match read.ready(Interest::WRITABLE | Interest::ERROR).await {
            Ok(ready) if !ready.is_write_closed() && !ready.is_error() => sleep(LOOK).await,
            _ => return,
        }
    }
}

/// Whether the JSON `text` nests deeper than `most`. A parser that recurses would fall over it.
fn is_deeper_than(text: &str, most: usize) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in text.bytes() {
        if in_string {
            in_string = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > most {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::is_deeper_than;

    #[test]
    fn nesting_is_counted_outside_of_strings() {
        assert!(!is_deeper_than(r#"{"a":[1,"[[[\"[[\\"]}"#, 2));
        assert!(is_deeper_than(r#"{"a":[[1]]}"#, 2));
        assert!(is_deeper_than(&"[".repeat(10_000), 127));
    }
}
