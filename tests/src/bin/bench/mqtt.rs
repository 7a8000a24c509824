//! The brokers that are measured, and bare `rumqttc` at them: what a message needs without Hearsay.
//!
//! Mosquitto is configured as the one that Hearsay starts is, with `set_tcp_nodelay true`, and nobody else holds a small
//! message back either: both ways have one publisher, and neither subscriber does. Not here: what goes through them
//! (`hearing`).
//!
//! Invariant: a broker ends with the value that stands for it, and so do the clients.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use hearsay_tests::broker::{answers, free_port};
use hearsay_tests::wait::{DEADLINE, until};
use hearsay_tests::{Caller, Running, peers};
use rumqttc::{Client, Connection, Event, Incoming, MqttOptions, QoS};

/// The topic that nobody listens to but bare `rumqttc`.
const TOPIC: &str = "bench/bare";
/// The largest packet, in bytes: an envelope, a topic, and some more.
const LARGEST_PACKET: usize = 2 << 20;
/// How many messages may wait in a client.
const QUEUE: usize = 16;

/// A broker that was started for this.
pub(crate) struct Broker {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    _running: Running,
}

impl Broker {
    /// Debian's Mosquitto as Hearsay starts it, without a log; `None`, and said, where this computer has none.
    pub(crate) fn mosquitto(caller: &Caller) -> Result<Option<Self>> {
        let Some(program) = peers::program("mosquitto", "mosquitto") else { return Ok(None) };
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let config = caller.machine().home().join("mosquitto.conf");
        let lines = format!(
            "listener {} {}\nallow_anonymous true\npersistence false\nset_tcp_nodelay true\n\
             max_packet_size {LARGEST_PACKET}\nlog_dest none\n",
            address.port(),
            address.ip()
        );
        fs::write(&config, lines)?;
        let mut running = Running::start(caller.machine().command(program).arg("-c").arg(config));
        until("mosquitto to listen", || (running.is_over() || answers(address)).then_some(()));
        ensure!(!running.is_over(), "mosquitto ends: {}", running.errors());
        Ok(Some(Self { name: "Mosquitto", address, _running: running }))
    }

    /// The one built into `hear`.
    pub(crate) fn embedded(caller: &Caller) -> Result<Option<Self>> {
        let running = Running::start(caller.command().args(["broker", "--mqtt", "127.0.0.1:0"]));
        let (_, line) = running.line(DEADLINE).context("hear broker says nothing")?;
        let (_, address) = line.rsplit_once(' ').context("hear broker says where it listens")?;
        Ok(Some(Self { name: "rumqttd", address: address.parse()?, _running: running }))
    }
}

/// A publisher and a subscriber at a broker, connected from the start to the end.
pub(crate) struct Bare {
    publisher: Client,
    subscriber: Client,
    heard: Receiver<Heard>,
}

/// What a subscriber notices.
enum Heard {
    Subscribed,
    Said(Instant, usize),
}

impl Bare {
    pub(crate) fn connect(broker: &Broker) -> Result<Self> {
        // Nobody is interested in what the publisher hears.
        let (publisher, _) = client("bench-publisher", broker.address)?;
        let (subscriber, heard) = client("bench-subscriber", broker.address)?;
        subscriber.subscribe(TOPIC, QoS::AtMostOnce)?;
        match heard.recv_timeout(DEADLINE)? {
            Heard::Subscribed => Ok(Self { publisher, subscriber, heard }),
            Heard::Said(..) => bail!("{TOPIC} is somebody else's"),
        }
    }

    /// Publishes `text` on `topic`. Answers the moment before.
    pub(crate) fn publish(&self, topic: &str, text: &str) -> Result<Instant> {
        let bytes = text.as_bytes().to_vec();
        let started = Instant::now();
        self.publisher.publish(topic, QoS::AtMostOnce, false, bytes)?;
        Ok(started)
    }

    /// How long `text` takes from the publisher to the subscriber.
    pub(crate) fn sample(&self, text: &str) -> Result<Duration> {
        let started = self.publish(TOPIC, text)?;
        match self.heard.recv_timeout(DEADLINE)? {
            Heard::Said(came, length) if length == text.len() => Ok(came.duration_since(started)),
            Heard::Said(..) | Heard::Subscribed => bail!("something else came than what was said"),
        }
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        for client in [&self.publisher, &self.subscriber] {
            // One that has lost its broker ends anyway.
            let _ = client.disconnect();
        }
    }
}

/// A client, and what it hears.
fn client(name: &str, address: SocketAddr) -> Result<(Client, Receiver<Heard>)> {
    let mut options = MqttOptions::new(name, address.ip().to_string(), address.port());
    options.set_max_packet_size(LARGEST_PACKET, LARGEST_PACKET);
    let (client, mut connection) = Client::new(options, QUEUE);
    let mut network = connection.eventloop.network_options();
    network.set_tcp_nodelay(true);
    connection.eventloop.set_network_options(network);
    let (sender, heard) = channel();
    std::thread::Builder::new().name(name.to_owned()).spawn(move || listen(connection, &sender))?;
    Ok((client, heard))
}

/// Works until the connection ends.
fn listen(mut connection: Connection, sender: &Sender<Heard>) {
    for event in connection.iter() {
        let heard = match event {
            Ok(Event::Incoming(Incoming::Publish(publish))) => {
                Heard::Said(Instant::now(), publish.payload.len())
            }
            Ok(Event::Incoming(Incoming::SubAck(_))) => Heard::Subscribed,
            Ok(_) => continue,
            // Whoever waits for it notices at its deadline.
            Err(_) => return,
        };
        // A publisher has nobody to tell.
        let _ = sender.send(heard);
    }
}
