//! Brokers on this machine: who announces one, and starting one where there is none.
//!
//! Not here: being a client of one (`mqtt`), and the local bus, which is no broker (`uds`).
//!
//! Invariants:
//! - What is started here listens on this machine alone, unless a person gave an address and a password.
//! - Whoever starts a broker ends it, unless it was asked to outlive them.
//! - Only a broker on this machine is believed to be the announced one.

pub mod announcement;
pub mod autostart;
mod child;
#[cfg(feature = "embedded-mqtt")]
pub mod embedded;
#[cfg(feature = "embedded-mqtt")]
mod front;
#[cfg(feature = "embedded-mqtt")]
mod ledger;
mod mosquitto;
mod run_dir;
#[cfg(feature = "embedded-mqtt")]
mod wire;

/// What our own broker is announced as.
const KIND: &str = "rumqttd";
/// How long another may take to start a broker before we give up.
const LOCK_PATIENCE: std::time::Duration = std::time::Duration::from_secs(15);

pub use autostart::{Autostart, AutostartError, Found, Hear};
pub use child::Started;
pub use run_dir::RunDirError;

#[cfg(test)]
pub(crate) mod trial;
