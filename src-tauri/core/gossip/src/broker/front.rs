//! The connections of our own broker: in front of `rumqttd`'s router, in the place of `rumqttd`'s own server.
//!
//! That one writes without `TCP_NODELAY`, so that a small message waits up to 40 ms for the one before it; it hangs up
//! on a wrong password without a word; and it bounds neither who has not introduced himself nor how long a subscriber
//! may take nothing in. None of it can be set.
//!
//! Not here: who gets what is said, which is the router's, and where it listens (`embedded`).
//!
//! Invariants:
//! - Each connection has at most one batch of packets with the router, and one with its client.
//! - Who is silent for longer than he said, or takes nothing in, is let go.
//! - The router knows connections by [`CONNECTIONS`] names that are used again: it never forgets a name.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::BytesMut;
use rumqttd::Notification;
use rumqttd::local::{LinkError, LinkRx, LinkTx};
use rumqttd::protocol::v4::V4;
use rumqttd::protocol::{
    self, ConnAck, ConnectReturnCode, Disconnect, DisconnectReasonCode, Packet, Protocol,
};
use subtle::ConstantTimeEq;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::embedded::LARGEST_PACKET;
use crate::endpoint::Secret;

/// How many clients there may be at once.
pub(super) const CONNECTIONS: usize = 1024;
/// How long a stranger may take to introduce himself, and a client to take in what it is sent.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many packets of one client are handed to the router before others have their turn.
const BATCH: usize = 100;
/// How many bytes are gathered for a client before they are sent.
const GATHERED: usize = 64 << 10;

/// How many bytes are read at once, at least.
const READ: usize = 16 << 10;

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
}

/// Why a connection ends.
#[derive(Debug, thiserror::Error)]
enum Ended {
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
        Arc::new(Self { link, password, names: Mutex::new((0..CONNECTIONS).rev().collect()) })
    }

    /// Serves whoever connects, for as long as it is waited for.
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
    let mut wire = Wire { stream, heard: BytesMut::new(), said: BytesMut::new() };
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
    let mut link = RouterLink { sender, receiver };
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
struct RouterLink {
    sender: LinkTx,
    receiver: LinkRx,
}

impl RouterLink {
    /// Hands the router `first`, and what else is there.
    async fn hand_over(&mut self, first: Packet, wire: &mut Wire) -> Result<(), Ended> {
        // Without this a flood would gather in the router's memory.
        timeout(PATIENCE, async {
            while !self.sender.buffer().is_empty() {
                sleep(Duration::from_millis(1)).await;
            }
        })
        .await?;
        let mut packet = first;
        for _ in 1..BATCH {
            let Some(next) = wire.packet_at_hand()? else { break };
            self.sender.buffer().push_back(std::mem::replace(&mut packet, next));
        }
        self.sender.send(packet).await?;
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
            if wire.said.len() >= GATHERED {
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

impl Drop for RouterLink {
    fn drop(&mut self) {
        let reason_code = DisconnectReasonCode::NormalDisconnection;
        self.sender.buffer().push_back(Packet::Disconnect(Disconnect { reason_code }, None));
        // This is only to make the router look. It stops at the word before, and never sees it.
        if let Err(error) = self.sender.publish("", "") {
            tracing::debug!(%error, "the router is gone");
        }
    }
}

/// The bytes between us and a client.
struct Wire {
    stream: TcpStream,
    heard: BytesMut,
    said: BytesMut,
}

impl Wire {
    /// The next packet. May be given up and asked for again.
    async fn packet(&mut self) -> Result<Packet, Ended> {
        loop {
            if let Some(packet) = self.packet_at_hand()? {
                return Ok(packet);
            }
            if self.stream.read_buf(&mut self.heard).await? == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
        }
    }

    fn packet_at_hand(&mut self) -> Result<Option<Packet>, Ended> {
        match V4.read_mut(&mut self.heard, LARGEST_PACKET) {
            Ok(packet) => Ok(Some(packet)),
            Err(protocol::Error::InsufficientBytes(missing)) => {
                // What is read at once is what there is room for.
                self.heard.reserve(missing.max(READ));
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps what the router says for the next [`Wire::flush`]; `false` where it says that it waits for us.
    fn gather(&mut self, notification: Notification) -> Result<bool, Ended> {
        match Option::<Packet>::from(notification) {
            None => return Ok(false),
            // MQTT 3.1.1 has no word for it.
            Some(Packet::Disconnect(..)) => return Err(Ended::Refused("the router ended it")),
            Some(Packet::Publish(publish, _)) => V4.write(Packet::Publish(publish, None), &mut self.said)?,
            Some(packet) => V4.write(packet, &mut self.said)?,
        };
        Ok(true)
    }

    async fn refuse(&mut self, code: ConnectReturnCode) -> Result<(), Ended> {
        V4.write(Packet::ConnAck(ConnAck { session_present: false, code }, None), &mut self.said)?;
        self.flush().await
    }

    async fn flush(&mut self) -> Result<(), Ended> {
        timeout(PATIENCE, self.stream.write_all_buf(&mut self.said)).await??;
        Ok(())
    }
}
