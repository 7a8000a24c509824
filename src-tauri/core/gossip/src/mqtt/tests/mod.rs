//! The client against a real Mosquitto, and against brokers that behave badly.

mod bad_brokers;
mod real_brokers;

use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::*;
use crate::broker::trial::PATIENCE;

const TOPIC: &str = "projects/p/events";

/// A client in a task of its own, ended when dropped.
struct Client {
    events: mpsc::Receiver<Event>,
    outgoing: mpsc::Sender<Outgoing>,
    reconnect: Reconnect,
    task: JoinHandle<()>,
}

impl Client {
    fn at(port: u16) -> Self {
        Self::of(Broker::at(crate::endpoint::Scheme::Mqtt, "127.0.0.1".to_owned(), port))
    }

    fn of(broker: Broker) -> Self {
        let reconnect = Reconnect::default();
        let keep_alive = Duration::from_secs(1);
        let options = Options { keep_alive, reconnect: reconnect.clone(), keyring: None };
        let (outgoing, to_send) = mpsc::channel(16);
        let (tell, events) = mpsc::channel(64);
        let task = tokio::spawn(run(broker, options, vec![TOPIC.to_owned()], to_send, tell));
        Self { events, outgoing, reconnect, task }
    }

    async fn next(&mut self) -> Event {
        let event = timeout(PATIENCE, self.events.recv()).await.expect("the client says nothing");
        event.expect("the client has ended")
    }

    async fn up(&mut self) {
        while self.next().await != Event::Up {}
    }

    /// Why it is down next.
    async fn down(&mut self) -> String {
        loop {
            if let Event::Down(why) = self.next().await {
                return why;
            }
        }
    }

    /// What it hears next.
    async fn heard(&mut self) -> String {
        match self.next().await {
            Event::Said { topic, bytes } => {
                assert_eq!(topic, TOPIC);
                String::from_utf8(bytes).unwrap()
            }
            other => panic!("{other:?} in the place of a message"),
        }
    }

    async fn say(&self, text: &str) {
        self.outgoing.send(Outgoing { topic: TOPIC.to_owned(), text: text.into() }).await.unwrap();
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.task.abort();
    }
}
