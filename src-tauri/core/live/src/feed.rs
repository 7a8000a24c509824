//! The feed: what a subscriber gets, in order, without gaps.
//!
//! Not here: what is sent and when (`owner`).
//!
//! Invariants:
//! - A frame is serialised once, however many follow.
//! - A subscriber whose queue is full is let go by the owner; it takes what is still queued, then subscribes again
//!   and goes on with a full board.

use std::collections::VecDeque;
use std::sync::Arc;

use hearsay_board::Units;
use serde::Serialize;
use serde::ser::Error;
use tokio::sync::mpsc;

use crate::wire::Message;
use crate::workspace::Inbox;

/// How many frames wait for a subscriber at the most.
pub(crate) const QUEUE: usize = 256;

/// The room, in bytes, that an ordinary message takes.
const ORDINARY: usize = 1024;

/// A message of the feed, as it ships.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The message's `type`.
    pub kind: &'static str,
    /// The tag of the board after it, where it changes the board.
    pub tag: Option<Arc<str>>,
    /// The message as one line of JSON.
    pub json: Arc<String>,
}

/// A place in the feed.
#[derive(Debug)]
pub struct Subscription {
    first: VecDeque<Frame>,
    rest: mpsc::Receiver<Frame>,
    inbox: Inbox,
}

/// What the owner hands to a new subscriber: what is so, and what comes after it.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) hello: Frame,
    pub(crate) full: Frame,
    pub(crate) rest: mpsc::Receiver<Frame>,
}

impl Subscription {
    pub(crate) fn new(place: Place, inbox: Inbox) -> Self {
        Self { first: VecDeque::from([place.hello, place.full]), rest: place.rest, inbox }
    }

    /// The next frame; `None` once the repository is closed. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Frame> {
        if let Some(frame) = self.first.pop_front() {
            return Some(frame);
        }
        if let Some(frame) = self.rest.recv().await {
            return Some(frame);
        }
        // Either the repository is closed, or we were too slow.
        let place = self.inbox.subscribe().await?;
        self.rest = place.rest;
        Some(place.full)
    }
}

/// `message` as everybody gets it.
pub(crate) fn frame(
    kind: &'static str,
    tag: Option<String>,
    message: &Message<'_>,
) -> Result<Frame, serde_json::Error> {
    let size = match message {
        Message::BoardFull { board, .. } => size(board),
        _ => ORDINARY,
    };
    Ok(Frame { kind, tag: tag.map(Arc::from), json: Arc::new(json(message, size)?) })
}

/// Room for a whole board, so that writing it does not move it about: a large board is most of what a process holds.
pub(crate) fn size(units: &Units) -> usize {
    const QUOTES_COLON_COMMA: usize = 4;
    units.weight() + units.len() * QUOTES_COLON_COMMA + ORDINARY
}

/// `value` as JSON, in so many bytes or a few more.
pub(crate) fn json<T: Serialize>(value: &T, size: usize) -> Result<String, serde_json::Error> {
    let mut bytes = Vec::with_capacity(size);
    serde_json::to_writer(&mut bytes, value)?;
    // serde_json writes UTF-8 alone; whatever was not would be a fault of serialising.
    String::from_utf8(bytes).map_err(serde_json::Error::custom)
}
