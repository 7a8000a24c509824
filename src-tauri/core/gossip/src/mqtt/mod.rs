//! The MQTT client: holds a session with a broker, and makes a new one whenever it is lost.
//!
//! Not here: which broker it is and whether it may be contacted (`settings`), what is done with what is heard (`link`),
//! and starting a broker (`broker`).
//!
//! Invariants:
//! - It never gives up and never spins: between two attempts lies a pause, unless it is told not to wait.
//! - [`Event::Up`] means that the broker granted every subscription.
//! - Nothing a broker says ends it; what is too large is passed over.
//! - Dropping the future closes the connection.

mod options;
mod passwords;
mod probe;
mod session;
mod tls;
mod words;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

pub(crate) use self::passwords::Keyring;
use self::passwords::Passwords;
pub(crate) use self::probe::{answers, listens};
pub(crate) use self::session::fits;
use crate::backoff::Backoff;
use crate::broker::announcement;
use crate::bus::{Event, Outgoing, Reconnect};
use crate::endpoint::Broker;

/// Around which the pauses between attempts begin and end, for brokers elsewhere: they are from half of it to the whole.
const REMOTE: (Duration, Duration) = (Duration::from_secs(3), Duration::from_secs(12));
/// For brokers on this machine.
const LOCAL: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(1));

/// What a client is told beside its broker.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// After how much silence the broker is asked whether it is still there; whole seconds. A cut network is noticed
    /// within twice that.
    pub(crate) keep_alive: Duration,
    /// From where it is told not to wait.
    pub(crate) reconnect: Reconnect,
    /// Where passwords lie that the environment does not have.
    pub(crate) keyring: Option<Arc<dyn Keyring>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            keep_alive: Duration::from_secs(30),
            reconnect: Reconnect::default(),
            keyring: passwords::of_the_system(),
        }
    }
}

/// Why there is no session.
#[derive(Debug)]
struct Lost {
    /// In words.
    why: String,
    /// Whether the broker refused what it was shown.
    refused: bool,
}

impl Lost {
    fn because(why: impl Into<String>) -> Self {
        Self { why: why.into(), refused: false }
    }
}

/// Holds a session with `broker`, listening to `topics` and sending what comes from `outgoing`, for as long as anybody
/// listens to `events`.
///
/// While there is no session, `outgoing` is not read: what waits in it is sent on return. What was taken from it just
/// before the session was lost is lost too.
pub(crate) async fn run(
    broker: Broker,
    options: Options,
    topics: Vec<String>,
    mut outgoing: mpsc::Receiver<Outgoing>,
    events: mpsc::Sender<Event>,
) {
    let (first, longest) = if broker.is_local() { LOCAL } else { REMOTE };
    let mut backoff = Backoff::new(first, longest);
    let mut passwords = Passwords::new(options.keyring.clone());
    let mut told: Option<String> = None;
    if events.send(Event::Connecting).await.is_err() {
        return;
    }
    loop {
        let mut was_up: Option<Instant> = None;
        let attempt = async {
            let (broker, mqtt) = prepare(&broker, &options, &mut passwords).await?;
            let session = session::Session { endpoint: &broker.endpoint(), topics: &topics, events: &events };
            Err(session.hold(mqtt, &mut outgoing, &mut was_up).await)
        };
        let lost = tokio::select! {
            lost = attempt => lost.map_or_else(|lost| lost, |never: std::convert::Infallible| match never {}),
            () = options.reconnect.anew() => Lost::because("the connection is being made anew"),
            () = events.closed() => return,
        };
        if let Some(since) = was_up {
            // A session that is lost at once, again and again, is no reason to hurry.
            if since.elapsed() >= longest {
                backoff.reset();
            }
            told = None;
        }
        if lost.refused {
            passwords.were_refused();
        }
        // The same words again and again would only wake whoever listens.
        if told.as_ref() != Some(&lost.why) {
            tracing::debug!(broker = broker.endpoint(), why = lost.why, "no session with the broker");
            if events.send(Event::Down(lost.why.clone())).await.is_err() {
                return;
            }
            told = Some(lost.why);
        }
        tokio::select! {
            () = sleep(backoff.wait()) => {}
            () = options.reconnect.now() => {}
            () = events.closed() => return,
        }
    }
}

/// Where to go this time, and with what.
async fn prepare(
    broker: &Broker,
    options: &Options,
    passwords: &mut Passwords,
) -> Result<(Broker, rumqttc::MqttOptions), Lost> {
    let mut broker = resolve(broker).await?;
    passwords.complete(&mut broker).await;
    let mqtt = options::of(&broker, options.keep_alive).await?;
    Ok((broker, mqtt))
}

/// The broker that is meant: the announced one if it is there, else the one that is named.
async fn resolve(broker: &Broker) -> Result<Broker, Lost> {
    let run_dir = broker.run_dir.as_deref().filter(|_| broker.auto);
    if let Some((host, port)) = run_dir.and_then(announcement::address) {
        let announced = Broker { host, port, ..broker.clone() };
        if answers(&announced.host, announced.port).await {
            return Ok(announced);
        }
    }
    // On this machine an absent broker is the usual case, and shall cost no more than one packet.
    if broker.is_local() && !listens(&broker.host, broker.contacted_port()).await {
        return Err(Lost::because(format!("nobody listens at {}", broker.endpoint())));
    }
    Ok(broker.clone())
}
