//! The bytes between our own broker and one of its clients.
//!
//! Not here: what the packets mean (`front`).
//!
//! Invariants:
//! - Of who has not been let in no more than [`STRANGER`] bytes are kept.
//! - Whoever takes nothing in for [`PATIENCE`] is given up.

use std::io;
use std::time::Duration;

use bytes::BytesMut;
use rumqttd::Notification;
use rumqttd::protocol::v4::V4;
use rumqttd::protocol::{self, ConnAck, ConnectReturnCode, Packet, Protocol, SubAck, SubscribeReasonCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::embedded::LARGEST_PACKET;
use super::front::Ended;

/// How long a stranger may take to introduce himself, and a client to take in what it is sent.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// The largest introduction, in bytes.
const STRANGER: usize = 4 << 10;
/// How many bytes are read at once, at least.
const READ: usize = 16 << 10;

/// The bytes between us and a client.
pub(super) struct Wire {
    stream: TcpStream,
    heard: BytesMut,
    said: BytesMut,
    /// The largest packet that is taken.
    largest: usize,
}

impl Wire {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self { stream, heard: BytesMut::new(), said: BytesMut::new(), largest: STRANGER }
    }

    /// The client has been let in.
    pub(super) fn let_in(&mut self) {
        self.largest = LARGEST_PACKET;
    }

    /// The next packet. May be given up and asked for again.
    pub(super) async fn packet(&mut self) -> Result<Packet, Ended> {
        loop {
            if let Some(packet) = self.packet_at_hand()? {
                return Ok(packet);
            }
            if self.stream.read_buf(&mut self.heard).await? == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
        }
    }

    pub(super) fn packet_at_hand(&mut self) -> Result<Option<Packet>, Ended> {
        match V4.read_mut(&mut self.heard, self.largest) {
            Ok(packet) => Ok(Some(packet)),
            Err(protocol::Error::InsufficientBytes(missing)) => {
                // What is read at once is what there is room for.
                self.heard.reserve(missing.max(READ.min(self.largest)));
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps what the router says for the next [`Wire::flush`]; `false` where it says that it waits for us.
    pub(super) fn gather(&mut self, notification: Notification) -> Result<bool, Ended> {
        match Option::<Packet>::from(notification) {
            None => return Ok(false),
            // MQTT 3.1.1 has no word for it.
            Some(Packet::Disconnect(..)) => return Err(Ended::Refused("the router ended it")),
            Some(Packet::Publish(publish, _)) => V4.write(Packet::Publish(publish, None), &mut self.said)?,
            Some(packet) => V4.write(packet, &mut self.said)?,
        };
        Ok(true)
    }

    /// How many bytes have been gathered.
    pub(super) fn gathered(&self) -> usize {
        self.said.len()
    }

    /// Does not let the client in.
    pub(super) async fn refuse(&mut self, code: ConnectReturnCode) -> Result<(), Ended> {
        V4.write(Packet::ConnAck(ConnAck { session_present: false, code }, None), &mut self.said)?;
        self.flush().await
    }

    /// Refuses the subscription `pkid` to so many filters.
    pub(super) async fn refuse_subscription(&mut self, pkid: u16, filters: usize) -> Result<(), Ended> {
        let return_codes = vec![SubscribeReasonCode::Failure; filters];
        V4.write(Packet::SubAck(SubAck { pkid, return_codes }, None), &mut self.said)?;
        self.flush().await
    }

    pub(super) async fn flush(&mut self) -> Result<(), Ended> {
        timeout(PATIENCE, self.stream.write_all_buf(&mut self.said)).await??;
        Ok(())
    }
}
