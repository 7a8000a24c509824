//! What the local bus and a broker have in common, as the link sees them.
//!
//! Not here: how either is reached (`uds`, `mqtt`), and what becomes of what they say (`link`).

use std::sync::Arc;

use tokio::sync::Notify;

/// A message that goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The topic.
    pub topic: String,
    /// The envelope as one line of JSON.
    pub text: Box<str>,
}

/// What a bus has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It is being looked for.
    Connecting,
    /// What is said on it is heard from now on: connected, and every subscription acknowledged.
    Up,
    /// It is gone, or was not to be had; why, in words for a person. It is looked for again without being asked.
    Down(String),
    /// Somebody said something on a topic that was subscribed to. The bytes are a stranger's, at most
    /// [`hearsay_board::envelope::LARGEST`] of them.
    Said {
        /// The topic.
        topic: String,
        /// What.
        bytes: Vec<u8>,
    },
    /// Something was said that is too large to be an envelope.
    TooLarge(usize),
}

/// The two kinds of bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bus {
    /// The local one, a socket.
    Uds,
    /// A broker's.
    Mqtt,
}

/// Tells who keeps a bus not to wait before looking for it again.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reconnect {
    now: Arc<Notify>,
    anew: Arc<Notify>,
}

impl Reconnect {
    /// It may be there: look at once. Where there is a connection, it is kept.
    pub(crate) fn try_now(&self) {
        self.now.notify_one();
    }

    /// The machine has slept or changed networks: a connection is given up and made anew.
    pub(crate) fn start_over(&self) {
        self.anew.notify_waiters();
        self.now.notify_one();
    }

    /// Until it is to be looked for.
    pub(crate) async fn now(&self) {
        self.now.notified().await;
    }

    /// Until a connection is to be given up.
    pub(crate) async fn anew(&self) {
        self.anew.notified().await;
    }
}
