//! The one task of a link that decides: what is heard, what goes where, how the link is.
//!
//! Not here: the buses themselves (`way`), the rules of hearing (`ear`), who relays (`relay`).
//!
//! Invariants:
//! - Each envelope is heard at most once, on whichever bus it comes first.
//! - Each envelope crosses from one bus to the other at most once, and never comes back.
//! - How the link is, is told at once when a way changes, else at most once a second, and only when it differs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use hearsay_board::Envelope;
use hearsay_board::envelope::News;
use tokio::sync::{mpsc, watch};
use tokio::time::MissedTickBehavior;

use super::ear::{Ear, Verdict};
#[cfg(unix)]
use super::relay::Relay;
use super::way::{Line, Target};
use super::{Command, Options, starter};
use crate::bus::{Bus, Event, Outgoing};
use crate::dedupe::Seen;
use crate::outbox::Outbox;
use crate::settings::{Settings, Transport};
use crate::state::{Heard, Lags, Report, State, WayState};
use crate::uds::host::{self, Hosting};

/// How often the link looks after itself.
const TICK: Duration = Duration::from_millis(250);
/// How often its state is told at the most, where no way has changed.
const TOLD: Duration = Duration::from_secs(1);
/// By how much the wall clock must get ahead for the machine to have been asleep.
const ASLEEP: Duration = Duration::from_secs(5);

pub(super) type Sink = Box<dyn Fn(Report) + Send + Sync>;

/// What decides.
pub(super) struct Owner {
    options: Options,
    sink: Sink,
    ear: Ear,
    uds: Line,
    mqtt: Line,
    /// What is our own and has no bus at all.
    own: Outbox,
    crossed: Seen,
    #[cfg(unix)]
    relay: Option<Relay>,
    hosting: Option<(tokio::task::AbortHandle, watch::Receiver<Hosting>)>,
    /// Sees to it that there is a broker on this machine.
    starting: Option<tokio::task::AbortHandle>,
    lags: Lags,
    counters: Counters,
    unsent: Arc<AtomicU64>,
    told: Option<(State, Instant)>,
    ticked: (Instant, SystemTime),
}

#[derive(Default)]
struct Counters {
    last_heard: Option<SystemTime>,
    heard: u64,
    refused: u64,
    foreign: u64,
    unknown: u64,
}

impl Owner {
    pub(super) fn new(settings: Settings, options: Options, unsent: Arc<AtomicU64>, sink: Sink) -> Self {
        let now = (options.clock)();
        let Settings { channels, transport, socket, broker, .. } = settings;
        let ear = Ear::new(channels, options.producer.clone());
        let topics = ear.topics();
        let used = |bus| !topics.is_empty() && transport != bus;
        let socket = socket.filter(|_| used(Transport::Mqtt));
        let broker = broker.filter(|_| used(Transport::Uds));
        #[cfg(unix)]
        let relay = socket
            .clone()
            .filter(|_| options.hosts && broker.is_some())
            .map(|socket| Relay::new(socket, topics.clone()));
        let hosting = socket.clone().filter(|_| options.hosts).map(|socket| {
            let (tell, told) = watch::channel(Hosting::No);
            (tokio::spawn(host::run(socket, tell)).abort_handle(), told)
        });
        let target = broker.clone().map(|broker| Target::Mqtt(Box::new(broker)));
        let mqtt = Line::new(Bus::Mqtt, target, topics.clone(), now);
        let starting = options.autostart.clone().filter(|_| options.hosts).zip(broker);
        let starting = starting.filter(|(_, broker)| broker.autostart).map(|(programs, broker)| {
            let keeping = starter::keep(broker, programs, options.clock, mqtt.reconnect().clone());
            tokio::spawn(keeping).abort_handle()
        });
        Self {
            ear,
            uds: Line::new(Bus::Uds, socket.map(Target::Uds), topics, now),
            mqtt,
            starting,
            own: Outbox::default(),
            crossed: Seen::default(),
            #[cfg(unix)]
            relay,
            hosting,
            lags: Lags::default(),
            counters: Counters::default(),
            unsent,
            told: None,
            ticked: (Instant::now(), now),
            options,
            sink,
        }
    }

    /// Works until nobody can command any more.
    pub(super) async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        let mut uds = self.uds.start();
        let mut mqtt = self.mqtt.start();
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.tell();
        loop {
            let mut hosting = self.hosting.as_ref().map(|(_, told)| told.clone());
            tokio::select! {
                command = commands.recv() => match command {
                    Some(Command::Publish(envelope)) => self.publish(&envelope),
                    Some(Command::Wake) => self.wake(),
                    None => return,
                },
                event = next(&mut uds) => self.on_event(Bus::Uds, event),
                event = next(&mut mqtt) => self.on_event(Bus::Mqtt, event),
                room = self.uds.room() => self.uds.send_waiting(room),
                room = self.mqtt.room() => self.mqtt.send_waiting(room),
                () = changed(&mut hosting) => self.on_hosting(),
                _ = tick.tick() => {
                    if self.was_asleep() {
                        self.wake();
                    }
                    self.on_tick();
                }
            }
        }
    }

    fn on_tick(&mut self) {
        self.elect();
        if self.told.as_ref().is_none_or(|(_, at)| at.elapsed() >= TOLD) {
            self.tell();
        }
    }

    fn elect(&mut self) {
        #[cfg(unix)]
        if let Some(relay) = &mut self.relay {
            relay.elect(self.uds.is_up() && self.mqtt.is_up(), Instant::now());
        }
    }

    fn on_hosting(&mut self) {
        let Some((_, told)) = &mut self.hosting else { return };
        let hosting = told.borrow_and_update().clone();
        self.uds.way.hosting = hosting == Hosting::Yes;
        if let Hosting::Cannot(why) = &hosting {
            tracing::info!(why, "the local bus is not hosted here");
            // Only while it is not up: where somebody else hosts it, nothing is wrong.
            if !self.uds.is_up() {
                self.uds.turn(WayState::Lost, Some(why.clone()), (self.options.clock)());
            }
        }
        self.tell();
    }

    /// What the host says is more than what the client can know.
    fn why_not_hosted(&self) -> Option<String> {
        match &*self.hosting.as_ref()?.1.borrow() {
            Hosting::Cannot(why) => Some(why.clone()),
            Hosting::Yes | Hosting::No => None,
        }
    }

    fn on_event(&mut self, bus: Bus, event: Event) {
        let (state, message) = match event {
            Event::Said { topic, bytes } => return self.on_said(bus, topic, &bytes),
            Event::TooLarge(bytes) => {
                tracing::debug!(bytes, "something too large was said");
                self.counters.refused += 1;
                return;
            }
            Event::Connecting => (WayState::Connecting, None),
            Event::Up => (WayState::Listening, None),
            Event::Down(why) if bus == Bus::Uds => {
                (WayState::Lost, Some(self.why_not_hosted().unwrap_or(why)))
            }
            Event::Down(why) => (WayState::Lost, Some(why)),
        };
        let now = (self.options.clock)();
        if self.line(bus).turn(state, message, now) {
            // Before it is told: who reads that both buses are up may speak, and expects to be relayed.
            self.elect();
            self.tell();
        }
        if state == WayState::Listening {
            while let Some(outgoing) = self.own.pop() {
                self.send_own(None, outgoing);
            }
        }
    }

    fn on_said(&mut self, bus: Bus, topic: String, bytes: &[u8]) {
        let envelope = match Envelope::parse_bytes(bytes) {
            Ok(envelope) => envelope,
            Err(error) => {
                tracing::debug!(%error, "an envelope was refused");
                self.counters.refused += 1;
                return;
            }
        };
        self.relay(bus, &topic, &envelope);
        match self.ear.judge(&topic, &envelope, Instant::now()) {
            Verdict::News(channel) => {
                let received = (self.options.clock)();
                self.counters.heard += 1;
                self.counters.last_heard = Some(received);
                self.lags.note(&envelope.at, received);
                (self.sink)(Report::Heard(Box::new(Heard { channel, envelope, received })));
            }
            Verdict::Foreign => self.counters.foreign += 1,
            Verdict::UnknownLabel => self.counters.unknown += 1,
            Verdict::Own | Verdict::Repeated => {}
        }
    }

    /// Passes `envelope` on to the other bus, if that is this process's to do. Every process remembers what it has heard,
    /// so that the next relay sends nothing back.
    fn relay(&mut self, from: Bus, topic: &str, envelope: &Envelope) {
        if !self.uds.is_wanted() || !self.mqtt.is_wanted() || !self.crossed.note(&envelope.id, Instant::now())
        {
            return;
        }
        let other = if from == Bus::Uds { Bus::Mqtt } else { Bus::Uds };
        // A claim that comes late is worse than one that does not come.
        let in_time = self.line(other).is_up() || !matches!(envelope.news, News::Coordination(_));
        if self.carries(topic) && in_time {
            let outgoing = Outgoing { topic: topic.to_owned(), text: envelope.text().into() };
            self.line(other).send(envelope.issue_id(), outgoing);
        }
    }

    #[cfg(unix)]
    fn carries(&self, topic: &str) -> bool {
        self.relay.as_ref().is_some_and(|relay| relay.carries(topic))
    }

    #[cfg(not(unix))]
    fn carries(&self, _topic: &str) -> bool {
        false
    }

    fn publish(&mut self, envelope: &Envelope) {
        let Some(topic) = self.ear.topic_of(envelope) else {
            tracing::warn!(project = &*envelope.project, "there is no channel for an envelope of our own");
            self.unsent.fetch_add(1, Ordering::Relaxed);
            return;
        };
        let outgoing = Outgoing { topic: topic.to_owned(), text: envelope.text().into() };
        self.send_own(envelope.issue_id(), outgoing);
    }

    /// The local bus first; the relay does the rest.
    fn send_own(&mut self, about: Option<&str>, outgoing: Outgoing) {
        if self.uds.is_up() {
            self.uds.send(about, outgoing);
        } else if self.mqtt.is_up() {
            self.mqtt.send(about, outgoing);
        } else {
            self.own.push(about, outgoing);
        }
    }

    /// A connection over the network may have died unnoticed; one to the local bus cannot.
    fn wake(&mut self) {
        if !self.uds.is_up() {
            self.uds.reconnect().try_now();
        }
        self.mqtt.reconnect().start_over();
    }

    /// Whether the wall clock has got ahead of the one that stands still while the machine sleeps.
    fn was_asleep(&mut self) -> bool {
        let (mono, wall) = (Instant::now(), (self.options.clock)());
        let (mono_then, wall_then) = std::mem::replace(&mut self.ticked, (mono, wall));
        let by_wall = wall.duration_since(wall_then).unwrap_or_default();
        by_wall > mono.duration_since(mono_then) + ASLEEP
    }

    fn line(&mut self, bus: Bus) -> &mut Line {
        match bus {
            Bus::Uds => &mut self.uds,
            Bus::Mqtt => &mut self.mqtt,
        }
    }

    fn tell(&mut self) {
        let state = self.state();
        if self.told.as_ref().is_none_or(|(told, _)| *told != state) {
            (self.sink)(Report::State(state.clone()));
            self.told = Some((state, Instant::now()));
        }
    }

    fn state(&self) -> State {
        let given_up = self.own.given_up() + self.uds.given_up() + self.mqtt.given_up();
        State {
            ways: vec![self.uds.way.clone(), self.mqtt.way.clone()],
            last_heard: self.counters.last_heard,
            lag: self.lags.lag(),
            heard: self.counters.heard,
            refused: self.counters.refused,
            dropped_foreign: self.counters.foreign,
            dropped_unknown: self.counters.unknown,
            unsent: self.unsent.load(Ordering::Relaxed) + given_up,
            #[cfg(unix)]
            relaying: self.relay.as_ref().is_some_and(Relay::is_at_work),
            #[cfg(not(unix))]
            relaying: false,
        }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        if let Some((host, _)) = &self.hosting {
            host.abort();
        }
        if let Some(starting) = &self.starting {
            starting.abort();
        }
    }
}

/// What is said next; without end where nobody says anything.
async fn next(events: &mut Option<mpsc::Receiver<Event>>) -> Event {
    if let Some(events) = events
        && let Some(event) = events.recv().await
    {
        return event;
    }
    std::future::pending().await
}

async fn changed(hosting: &mut Option<watch::Receiver<Hosting>>) {
    if let Some(hosting) = hosting
        && hosting.changed().await.is_ok()
    {
        return;
    }
    std::future::pending::<()>().await;
}

#[cfg(unix)]
#[cfg(test)]
mod tests;
