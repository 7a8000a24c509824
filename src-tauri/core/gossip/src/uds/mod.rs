//! The local bus: lines of JSON over a Unix socket, as Kanbus speaks it.
//!
//! Not here: what envelopes mean, and which of them are relayed (`link`).
//!
//! Invariants:
//! - Nothing but a socket of ours, in a directory of ours that nobody else may enter, is ever unlinked.
//! - Everything that comes over a connection is bounded: lines, topics, queues, connections.

mod broker;
pub(crate) mod client;
pub(crate) mod host;
mod line;
mod place;

pub use host::{Host, Hosting};
pub(crate) use place::Lock;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;

use hearsay_board::envelope::LARGEST;

/// The longest line that a broker takes, in bytes: Kanbus's bound.
const LONGEST_LINE: usize = LARGEST;
/// The longest topic that can be subscribed to, in bytes.
const LONGEST_TOPIC: usize = 1024;

/// What a client says.
#[derive(Serialize, Deserialize)]
struct Request<'a> {
    #[serde(borrow)]
    op: Option<Cow<'a, str>>,
    #[serde(borrow)]
    topic: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    msg: Option<&'a RawValue>,
}

/// What a broker says.
#[derive(Serialize, Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    topic: Cow<'a, str>,
    #[serde(borrow)]
    msg: &'a RawValue,
}
