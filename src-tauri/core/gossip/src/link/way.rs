//! One bus of a link: the task that keeps it, how it is, and what waits for it.
//!
//! Not here: what is said and heard.
//!
//! Invariants:
//! - While it is not up nothing is handed to the task: what is to be sent waits, newest per issue.
//! - It stays lost until it is up again, however often it is tried meanwhile.
//! - What the bus would cut us off for is not sent, and counted.

use std::path::PathBuf;
use std::time::SystemTime;

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::task::AbortHandle;

use crate::bus::{Bus, Event, Outgoing, Reconnect};
use crate::endpoint::Broker;
use crate::mqtt;
use crate::outbox::Outbox;
use crate::state::{Way, WayState};
use crate::uds;

/// How much waits between the link and the task that keeps the bus.
const QUEUE: usize = 256;

/// Where a bus is.
#[derive(Debug, Clone)]
pub(super) enum Target {
    Uds(PathBuf),
    Mqtt(Box<Broker>),
}

/// One bus.
pub(super) struct Line {
    pub(super) way: Way,
    target: Option<Target>,
    topics: Vec<String>,
    task: Option<AbortHandle>,
    sender: Option<mpsc::Sender<Outgoing>>,
    waiting: Outbox,
    /// How many were too large for the bus.
    too_large: u64,
    mqtt: mqtt::Options,
}

impl Line {
    pub(super) fn new(bus: Bus, target: Option<Target>, topics: Vec<String>, now: SystemTime) -> Self {
        let endpoint = match &target {
            Some(Target::Uds(socket)) => super::shown(Some(socket)),
            Some(Target::Mqtt(broker)) => broker.endpoint(),
            None => String::new(),
        };
        let state = if target.is_some() { WayState::Connecting } else { WayState::Off };
        let way = Way { bus, endpoint, hosting: false, state, since: now, message: None };
        Self {
            way,
            target,
            topics,
            task: None,
            sender: None,
            waiting: Outbox::default(),
            too_large: 0,
            mqtt: mqtt::Options::default(),
        }
    }

    /// Starts looking for it; whatever was before is forgotten. Answers where it tells what it hears; `None` where nobody
    /// wants it.
    pub(super) fn start(&mut self) -> Option<mpsc::Receiver<Event>> {
        self.stop();
        let (events, heard) = mpsc::channel(QUEUE);
        let (sender, outgoing) = mpsc::channel(QUEUE);
        let topics = self.topics.clone();
        let task = match self.target.clone()? {
            Target::Uds(socket) => {
                let reconnect = self.mqtt.reconnect.clone();
                tokio::spawn(uds::client::run(socket, topics, outgoing, events, reconnect))
            }
            Target::Mqtt(broker) => {
                tokio::spawn(mqtt::run(*broker, self.mqtt.clone(), topics, outgoing, events))
            }
        };
        self.task = Some(task.abort_handle());
        self.sender = Some(sender);
        Some(heard)
    }

    /// The way to have the bus looked for at once.
    pub(super) fn reconnect(&self) -> &Reconnect {
        &self.mqtt.reconnect
    }

    fn stop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
        self.sender = None;
    }

    pub(super) fn is_wanted(&self) -> bool {
        self.target.is_some()
    }

    pub(super) fn is_up(&self) -> bool {
        self.way.state == WayState::Listening
    }

    /// Notes that it is now so; answers whether that is new.
    pub(super) fn turn(&mut self, state: WayState, message: Option<String>, now: SystemTime) -> bool {
        let state = match (self.way.state, state) {
            (WayState::Lost, WayState::Connecting) => return false,
            (_, state) => state,
        };
        if self.way.state != state {
            self.way.since = now;
        } else if self.way.message == message {
            return false;
        }
        self.way.state = state;
        self.way.message = message;
        true
    }

    /// Sends `outgoing`, a word on the issue `about`, now or when it can.
    pub(super) fn send(&mut self, about: Option<&str>, outgoing: Outgoing) {
        if !self.takes(&outgoing) {
            tracing::debug!(bus = ?self.way.bus, bytes = outgoing.text.len(), "something is too large for a bus");
            self.too_large += 1;
            return;
        }
        if !self.is_up() || !self.waiting.is_empty() {
            return self.waiting.push(about, outgoing);
        }
        let sent = self.sender.as_ref().map(|sender| sender.try_send(outgoing));
        if let Some(Err(TrySendError::Full(outgoing) | TrySendError::Closed(outgoing))) = sent {
            self.waiting.push(about, outgoing);
        }
    }

    fn takes(&self, outgoing: &Outgoing) -> bool {
        match self.target {
            Some(Target::Uds(_)) => uds::client::fits(outgoing),
            Some(Target::Mqtt(_)) => mqtt::fits(outgoing),
            None => true,
        }
    }

    /// Waits until there is room for something that waits; without end where nothing does.
    pub(super) fn room(&self) -> impl Future<Output = mpsc::OwnedPermit<Outgoing>> + use<> {
        let sender = self.sender.clone().filter(|_| self.is_up() && !self.waiting.is_empty());
        async move {
            if let Some(sender) = sender
                && let Ok(room) = sender.reserve_owned().await
            {
                return room;
            }
            // Nothing waits, or the task has ended and takes nothing any more.
            std::future::pending().await
        }
    }

    /// Sends what has waited longest.
    pub(super) fn send_waiting(&mut self, room: mpsc::OwnedPermit<Outgoing>) {
        if let Some(outgoing) = self.waiting.pop() {
            room.send(outgoing);
        }
    }

    pub(super) fn given_up(&self) -> u64 {
        self.waiting.given_up() + self.too_large
    }
}

#[cfg(test)]
impl Line {
    /// Pretends that there is a task; answers what it would send.
    pub(super) fn pretend(&mut self) -> mpsc::Receiver<Outgoing> {
        let (sender, outgoing) = mpsc::channel(QUEUE);
        self.sender = Some(sender);
        outgoing
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.stop();
    }
}
