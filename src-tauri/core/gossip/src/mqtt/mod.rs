//! Stub, until the client is merged.

use tokio::sync::mpsc;

use crate::bus::{Event, Outgoing};
use crate::endpoint::Broker;

pub(crate) async fn run(
    _broker: Broker,
    _topics: Vec<String>,
    outgoing: mpsc::Receiver<Outgoing>,
    events: mpsc::Sender<Event>,
) {
    // Whoever listens may be gone already; there is nobody else to tell.
    let _ = events.send(Event::Down("not built yet".to_owned())).await;
    std::future::pending::<()>().await;
    drop(outgoing);
}
