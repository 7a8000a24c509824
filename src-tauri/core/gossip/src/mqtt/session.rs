//! One session with a broker, from the first packet to the last.
//!
//! Not here: where the broker is, and what follows when the session is lost (`mqtt`).
//!
//! Invariants:
//! - Requests and what is heard go through bounded queues. Whoever is slow to take what is heard slows the reading.
//! - `rumqttc`'s loop is never cancelled in the middle of a packet while the session lasts.

use std::convert::Infallible;
use std::time::Duration;

use hearsay_board::envelope::LARGEST;
use rumqttc::mqttbytes::{self, QoS};
use rumqttc::{
    AsyncClient, ConnectionError, EventLoop, Incoming, MqttOptions, Publish, StateError, SubAck,
    SubscribeFilter, SubscribeReasonCode,
};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use super::{Lost, words};
use crate::bus::{Event, Outgoing};

/// How long TCP, TLS and the introduction may take together, and how long the broker may take nothing in. AWS IoT's
/// custom authorizers have been seen to take more than five seconds.
const PATIENCE: Duration = Duration::from_secs(15);
/// How many messages wait between us and `rumqttc`. They are what is lost with a session, so there are few.
const QUEUE: usize = 16;
/// The longest topic that MQTT can carry, in bytes.
const LONGEST_TOPIC: usize = u16::MAX as usize;

pub(super) struct Session<'a> {
    pub(super) endpoint: &'a str,
    pub(super) topics: &'a [String],
    pub(super) events: &'a mpsc::Sender<Event>,
}

impl Session<'_> {
    /// Holds a session for as long as it can be held. `up` is set once it is one.
    pub(super) async fn hold(
        &self,
        options: MqttOptions,
        outgoing: &mut mpsc::Receiver<Outgoing>,
        up: &mut Option<Instant>,
    ) -> Lost {
        let has_credentials = options.credentials().is_some();
        let (client, mut eventloop) = AsyncClient::new(options, QUEUE);
        let mut network = eventloop.network_options();
        network.set_connection_timeout(PATIENCE.as_secs()).set_tcp_nodelay(true);
        eventloop.set_network_options(network);
        let introduced = timeout(PATIENCE * 2, self.introduce(&client, &mut eventloop, has_credentials));
        match introduced.await {
            Ok(Ok(())) => {}
            Ok(Err(lost)) => return lost,
            Err(_late) => {
                return Lost::because(format!("the broker at {} does not answer", self.endpoint));
            }
        }
        *up = Some(Instant::now());
        // Nobody listens: the client is about to be dropped, and the reading below would find out too.
        let _ = self.events.send(Event::Up).await;
        // Both run side by side to the end: a reading that were dropped at each message to send could lose a packet.
        tokio::select! {
            lost = self.listen(&mut eventloop) => lost,
            never = forward(&client, outgoing) => match never {},
        }
    }

    /// Connects and subscribes.
    async fn introduce(
        &self,
        client: &AsyncClient,
        eventloop: &mut EventLoop,
        has_credentials: bool,
    ) -> Result<(), Lost> {
        let filters = self.topics.iter().map(|topic| SubscribeFilter::new(topic.clone(), QoS::AtMostOnce));
        let filters: Vec<_> = filters.collect();
        let mut connected = false;
        loop {
            let event = match eventloop.poll().await {
                Ok(event) => event,
                Err(error) => return Err(self.lost(&error, connected, has_credentials).await),
            };
            match event {
                rumqttc::Event::Incoming(Incoming::ConnAck(_)) => {
                    connected = true;
                    if filters.is_empty() {
                        return Ok(());
                    }
                    client.try_subscribe_many(filters.clone()).map_err(|error| {
                        Lost::because(format!("the broker cannot be asked for what is to be heard: {error}"))
                    })?;
                }
                rumqttc::Event::Incoming(Incoming::SubAck(answer)) => return self.granted(&answer),
                _ => {}
            }
        }
    }

    fn granted(&self, answer: &SubAck) -> Result<(), Lost> {
        let granted = |code: &SubscribeReasonCode| matches!(code, SubscribeReasonCode::Success(_));
        let codes = answer.return_codes.iter().map(Some).chain(std::iter::repeat(None));
        match self.topics.iter().zip(codes).find(|(_, code)| !code.is_some_and(granted)) {
            None => Ok(()),
            Some((topic, _)) => Err(Lost::because(format!(
                "the broker at {} does not let us listen to {topic}",
                self.endpoint
            ))),
        }
    }

    /// Passes on what is said, until the session is lost.
    async fn listen(&self, eventloop: &mut EventLoop) -> Lost {
        loop {
            match eventloop.poll().await {
                Ok(rumqttc::Event::Incoming(Incoming::Publish(publish))) => {
                    if self.events.send(heard(publish)).await.is_err() {
                        return Lost::because("nobody listens any more");
                    }
                }
                Ok(_) => {}
                Err(error) => return self.lost(&error, true, false).await,
            }
        }
    }

    async fn lost(&self, error: &ConnectionError, connected: bool, has_credentials: bool) -> Lost {
        if let ConnectionError::MqttState(StateError::Deserialization(
            mqttbytes::Error::PayloadSizeLimitExceeded(size),
        )) = error
        {
            // If nobody listens, nobody needs to know.
            let _ = self.events.send(Event::TooLarge(*size)).await;
        }
        words::lost(error, words::Told { endpoint: self.endpoint, connected, has_credentials })
    }
}

fn heard(publish: Publish) -> Event {
    if publish.payload.len() > LARGEST {
        Event::TooLarge(publish.payload.len())
    } else {
        Event::Said { topic: publish.topic, bytes: publish.payload.into() }
    }
}

/// Whether a broker can be told `message`.
pub(crate) fn fits(message: &Outgoing) -> bool {
    message.text.len() <= LARGEST && message.topic.len() <= LONGEST_TOPIC
}

/// Hands what is to be said to `client`.
async fn forward(client: &AsyncClient, outgoing: &mut mpsc::Receiver<Outgoing>) -> Infallible {
    while let Some(message) = outgoing.recv().await {
        // It would end the session with everything else in it.
        if !fits(&message) {
            tracing::warn!(
                bytes = message.text.len(),
                "a message is too large for the broker and was not sent"
            );
            continue;
        }
        let bytes = message.text.into_string().into_bytes();
        if let Err(error) = client.publish(message.topic, QoS::AtMostOnce, false, bytes).await {
            tracing::warn!(%error, "a message was not sent to the broker");
        }
    }
    std::future::pending().await
}
