//! Gossip: what Kanbus clients on this machine and across the network say of their changes, and how it is heard.
//!
//! Not here: what that means for a card (`hearsay-board`), files of a project (`hearsay-repo`), and whether an address
//! that a repository names may be contacted (`hearsay-live`).
//!
//! Invariants:
//! - Gossip is best effort: nothing here ever delays or fails a change.
//! - Queues are bounded. Whoever is too slow is let go, not waited for.
//! - Dropping a link ends everything it started.
#![deny(missing_docs)]

mod backoff;
pub mod broker;
pub mod bus;
pub mod dedupe;
pub mod endpoint;
mod link;
mod mqtt;
mod outbox;
pub mod settings;
mod state;
#[cfg(unix)]
pub mod uds;
#[cfg(not(unix))]
#[path = "uds/absent.rs"]
mod uds;

pub use link::{Link, Options, Programs};
pub use settings::Settings;
pub use state::{Heard, Lag, Report, State, Way, WayState};
