//! The connections of our own broker: in front of `rumqttd`'s router, in the place of `rumqttd`'s own server.
//!
//! That one writes without `TCP_NODELAY`, so that a small message waits up to 40 ms for the one before it; it hangs up
//! on a wrong password without a word; and it bounds neither who has not introduced himself nor how long a subscriber
//! may take nothing in. None of it can be set.
//!
//! Not here: who gets what is said, which is the router's, the bytes (`wire`), what the router holds (`ledger`), and where
//! it listens (`embedded`).
//!
//! Invariants:
//! - Each connection has at most one batch of packets with the router, and one with its client.
//! - The router gets nothing that it would keep for good without being asked for it, and nothing that it falls over:
//!   no retained messages, no shared subscriptions, no names that it cannot cut.
//! - Who is silent for longer than he said, or takes nothing in, is let go.
//! - The router knows connections by [`CONNECTIONS`] names that are used again: it never forgets a name.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rumqttd::Notification;
use rumqttd::local::{LinkError, LinkRx, LinkTx};
use rumqttd::protocol::{
    self, ConnectReturnCode, Disconnect, DisconnectReasonCode, Packet, Publish, Subscribe, valid_filter,
    valid_topic,
};
use subtle::ConstantTimeEq;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::ledger::{Ledger, Share};
use super::wire::{PATIENCE, Wire};
use crate::endpoint::Secret;

/// How many clients there may be at once.
pub(super) const CONNECTIONS: usize = 1024;
/// How many packets of one client are handed to the router before others have their turn.
const BATCH: usize = 100;
/// How many bytes are gathered for a client before they are sent.
const GATHERED: usize = 64 << 10;
/// The longest topic or filter, in bytes.
const LONGEST_TOPIC: usize = 1024;
/// In the first byte of a message: the router keeps it until the client releases it.
const EXACTLY_ONCE: u8 = 0b0100;
/// How many messages of one client it keeps like that.
const UNRELEASED: usize = 8;

/// A connection with the router under a name.
pub(super) type Link = (LinkTx, LinkRx, Notification);

impl From<LinkError> for Ended {
    fn from(error: LinkError) -> Self {
        Self::Link(Box::new(error))
    }
}

/// What connections need to know.
pub(super) struct Front<L> {
    link: L,
    password: Option<Secret>,
    names: Mutex<Vec<usize>>,
    ledger: Mutex<Ledger>,
    full: Notify,
}

/// Why a connection ends.
#[derive(Debug, thiserror::Error)]
pub(super) enum Ended {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("not MQTT: {0}")]
    Protocol(#[from] protocol::Error),
    #[error(transparent)]
    Link(#[from] Box<LinkError>),
    #[error("silent for too long")]
    Silent(#[from] tokio::time::error::Elapsed),
    #[error("{0}")]
    Refused(&'static str),
}

impl<L: Fn(&str) -> Result<Link, Box<LinkError>> + Send + Sync + 'static> Front<L> {
    pub(super) fn new(link: L, password: Option<Secret>) -> Arc<Self> {
        let names = Mutex::new((0..CONNECTIONS).rev().collect());
        Arc::new(Self { link, password, names, ledger: Mutex::default(), full: Notify::new() })
    }

    /// Serves whoever connects, until the router holds as much as it may.
    pub(super) async fn serve(self: Arc<Self>, listener: TcpListener) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => self.admit(stream, &mut connections),
                    Err(error) => {
                        // Out of descriptors, as a rule: others have to go first.
                        tracing::warn!(%error, "a connection could not be accepted");
                        sleep(Duration::from_millis(100)).await;
                    }
                },
                Some(ended) = connections.join_next() => {
                    if let Err(error) = ended {
                        tracing::warn!(%error, "a connection broke down");
                    }
                }
                () = self.full.notified() => return,
            }
        }
    }

    fn admit(self: &Arc<Self>, stream: TcpStream, connections: &mut JoinSet<()>) {
        let Some(name) = Name::take(self) else {
            tracing::warn!("there are {CONNECTIONS} connections; another one was turned away");
            return;
        };
        connections.spawn(async move {
            if let Err(error) = converse(stream, &name).await {
                tracing::debug!(%error, "a connection ended");
            }
        });
    }
}

/// The name of a connection, given back when it ends.
struct Name<L> {
    front: Arc<Front<L>>,
    number: usize,
}

impl<L> Name<L> {
    fn take(front: &Arc<Front<L>>) -> Option<Self> {
        let number = front.names.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
        Some(Self { front: Arc::clone(front), number })
    }
}

impl<L> Drop for Name<L> {
    fn drop(&mut self) {
        self.front.names.lock().unwrap_or_else(PoisonError::into_inner).push(self.number);
    }
}

/// Serves one client to its end.
async fn converse<L>(stream: TcpStream, name: &Name<L>) -> Result<(), Ended>
where
    L: Fn(&str) -> Result<Link, Box<LinkError>>,
{
    stream.set_nodelay(true)?;
    let mut wire = Wire::new(stream);
    let Packet::Connect(connect, _, _, _, login) = timeout(PATIENCE, wire.packet()).await?? else {
        return Err(Ended::Refused("no introduction"));
    };
    let is_right = name.front.password.as_ref().is_none_or(|password| {
        let shown = login.as_ref().map_or("", |login| login.password.as_str());
        shown.as_bytes().ct_eq(password.reveal().as_bytes()).into()
    });
    if !is_right {
        wire.refuse(ConnectReturnCode::BadUserNamePassword).await?;
        return Err(Ended::Refused("a wrong password"));
    }
    let (sender, receiver, welcome) = match (name.front.link)(&format!("connection-{}", name.number)) {
        Ok(link) => link,
        Err(error) => {
            wire.refuse(ConnectReturnCode::ServiceUnavailable).await?;
            return Err(error.into());
        }
    };
    // Whoever says nothing of it may be silent for a day.
    let silence = match connect.keep_alive {
        0 => Duration::from_secs(86_400),
        seconds => Duration::from_secs(seconds.into()).mul_f32(1.5),
    };
    let mut link =
        RouterLink { front: &name.front, sender, receiver, share: Share::default(), unreleased: 0 };
    wire.let_in();
    wire.gather(welcome)?;
    wire.flush().await?;
    loop {
        tokio::select! {
            read = timeout(silence, wire.packet()) => {
                let packet = read??;
                link.hand_over(packet, &mut wire).await?;
            }
            notification = link.receiver.next() => link.pass_on(notification?, &mut wire).await?,
        }
    }
}

/// A connection with the router. It is told when the connection ends, however it ends.
struct RouterLink<'a, L> {
    front: &'a Front<L>,
    sender: LinkTx,
    receiver: LinkRx,
    share: Share,
    /// How many messages the router keeps until the client releases them.
    unreleased: usize,
}

impl<L> RouterLink<'_, L> {
    /// Hands the router `first`, and what else is there.
    async fn hand_over(&mut self, first: Packet, wire: &mut Wire) -> Result<(), Ended> {
        // Without this a flood would gather in the router's memory.
        timeout(PATIENCE, async {
            while !self.sender.buffer().is_empty() {
                sleep(Duration::from_millis(1)).await;
            }
        })
        .await?;
        let (mut next, mut last) = (Some(first), None);
        for left in (0..BATCH).rev() {
            let Some(packet) = next else { break };
            if let Some(packet) = self.admit(packet, wire).await?
                && let Some(before) = last.replace(packet)
            {
                self.sender.buffer().push_back(before);
            }
            next = if left > 0 { wire.packet_at_hand()? } else { None };
        }
        if let Some(last) = last {
            self.sender.send(last).await?;
        }
        Ok(())
    }

    /// What of `packet` the router may have.
    async fn admit(&mut self, packet: Packet, wire: &mut Wire) -> Result<Option<Packet>, Ended> {
        match packet {
            Packet::Publish(publish, _) => self.publication(publish).map(Some),
            Packet::Subscribe(subscribe, _) => {
                let (pkid, filters) = (subscribe.pkid, subscribe.filters.len());
                let admitted = self.subscription(subscribe)?;
                if admitted.is_none() {
                    wire.refuse_subscription(pkid, filters).await?;
                }
                Ok(admitted)
            }
            Packet::PubRel(..) => {
                self.unreleased = self.unreleased.saturating_sub(1);
                Ok(Some(packet))
            }
            packet => Ok(Some(packet)),
        }
    }

    fn publication(&mut self, mut publish: Publish) -> Result<Packet, Ended> {
        // It would be kept for good.
        publish.retain = false;
        let topic = std::str::from_utf8(&publish.topic).unwrap_or_default();
        if !is_sound(topic) || !valid_topic(topic) {
            return Err(Ended::Refused("a topic that cannot be"));
        }
        self.reckon(|ledger, share| ledger.publish(topic, publish.payload.len(), share))?;
        // As it came it is a part of all that was read with it, which would be kept too.
        let copy = publish.serialize();
        if copy.first().is_some_and(|flags| flags & EXACTLY_ONCE != 0) {
            self.unreleased += 1;
            if self.unreleased > UNRELEASED {
                return Err(Ended::Refused("too many messages that are not released"));
            }
        }
        Ok(Packet::Publish(Publish::deserialize(copy), None))
    }

    /// `None` where it is not granted.
    fn subscription(&mut self, subscribe: Subscribe) -> Result<Option<Packet>, Ended> {
        let is_granted = |filter: &str| is_sound(filter) && valid_filter(filter) && !filter.starts_with('$');
        if !subscribe.filters.iter().all(|filter| is_granted(&filter.path)) {
            return Ok(None);
        }
        for filter in &subscribe.filters {
            self.reckon(|ledger, share| ledger.subscribe(&filter.path, share))?;
        }
        Ok(Some(Packet::Subscribe(subscribe, None)))
    }

    fn reckon(&mut self, note: impl FnOnce(&mut Ledger, &mut Share)) -> Result<(), Ended> {
        let mut ledger = self.front.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        note(&mut ledger, &mut self.share);
        if ledger.is_full() {
            self.front.full.notify_one();
            return Err(Ended::Refused("the router holds as much as it may"));
        }
        Ok(())
    }

    /// Sends the client `first`, and what else is there.
    async fn pass_on(&mut self, first: Option<Notification>, wire: &mut Wire) -> Result<(), Ended> {
        let mut next = Some(first);
        let mut was_paused = false;
        while let Some(notification) = next {
            if let Some(notification) = notification {
                was_paused |= !wire.gather(notification)?;
            }
            if wire.gathered() >= GATHERED {
                wire.flush().await?;
            }
            next = tokio::select! {
                biased;
                notification = self.receiver.next() => Some(notification?),
                () = std::future::ready(()) => None,
            };
        }
        wire.flush().await?;
        if was_paused {
            self.receiver.wake().await?;
        }
        Ok(())
    }
}

/// Whether the router can take `name` apart: it cuts off the first byte to look at it.
fn is_sound(name: &str) -> bool {
    !name.is_empty() && name.len() <= LONGEST_TOPIC && name.is_char_boundary(1)
}

impl<L> Drop for RouterLink<'_, L> {
    fn drop(&mut self) {
        self.front.ledger.lock().unwrap_or_else(PoisonError::into_inner).end(&mut self.share);
        let reason_code = DisconnectReasonCode::NormalDisconnection;
        self.sender.buffer().push_back(Packet::Disconnect(Disconnect { reason_code }, None));
        // This is only to make the router look. It stops at the word before, and never sees it.
        if let Err(error) = self.sender.publish("", "") {
            tracing::debug!(%error, "the router is gone");
        }
    }
}
