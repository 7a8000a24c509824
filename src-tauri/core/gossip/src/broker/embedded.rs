//! Our own broker, on `rumqttd`, for machines without Mosquitto.
//!
//! It cannot be stopped within a process: its router's thread runs on. So it is the whole work of a process of its own,
//! `hear broker`, and ends with that.
//!
//! Not here: starting that process (`autostart`).
//!
//! Invariants:
//! - It listens on this machine alone unless a password is asked of everybody.
//! - The size of packets, the connections and what is kept for slow subscribers are bounded. Who is too slow misses
//!   what is dropped.
//! - What its router holds is bounded. As it cannot be made to let go of it, the broker ends, and is started anew by
//!   whoever keeps it.
//! - It announces itself only once it listens, where no other broker is announced that answers, and takes away its own
//!   announcement alone.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use hearsay_board::envelope::LARGEST;
use jiff::Timestamp;
use rumqttd::local::LinkBuilder;
use rumqttd::{Router, RouterConfig};
use tokio::net::TcpListener;
use tokio::time::sleep;

use super::announcement::{self, Announcement};
use super::front::{CONNECTIONS, Front};
use super::ledger::{MOST, SEGMENTS};
use super::run_dir::{Lock, RunDirError};
use super::{KIND, LOCK_PATIENCE};
use crate::endpoint::{Broker, Scheme, Secret};
use crate::mqtt::answers;

/// The largest packet that is taken: an envelope, the longest topic, and what stands before them.
pub(super) const LARGEST_PACKET: usize = LARGEST + (1 << 17);
/// How many packets the router hands to a connection at once.
const OUTGOING_PACKETS: u64 = 200;
/// The shortest password for a broker that others on the network can reach, in bytes.
const SHORTEST_PASSWORD: usize = 8;

/// What our own broker is told.
#[derive(Debug, Clone)]
pub struct Embedded {
    /// Where it listens.
    pub address: SocketAddr,
    /// The password that everybody must know, whatever user they name; `HEARSAY_BROKER_PASSWORD`.
    pub password: Option<Secret>,
    /// Where it announces itself, if it is to.
    pub run_dir: Option<PathBuf>,
}

/// Why our own broker does not run.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// Others on the network could come in.
    #[error(
        "a broker at {0} is open to the network; HEARSAY_BROKER_PASSWORD must hold a password of at least \
         {SHORTEST_PASSWORD} bytes"
    )]
    Open(SocketAddr),
    /// It cannot listen there.
    #[error("the broker cannot listen at {address}: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// Its router broke down. Nothing would be passed on any more.
    #[error("the broker broke down")]
    Broken,
    /// Its router holds as much as it may, because of who said what since it was started, and does not let go of it.
    #[error("the broker holds {} MiB and cannot let go of them; it has to be started anew", MOST >> 20)]
    Full,
    /// It cannot announce itself.
    #[error(transparent)]
    RunDir(#[from] RunDirError),
}

/// Runs the broker until `until` is done.
///
/// # Errors
/// Where it cannot listen, must not, or cannot announce itself, and where it breaks down.
pub async fn run(
    embedded: &Embedded,
    now: Timestamp,
    until: impl Future<Output = ()>,
) -> Result<(), EmbeddedError> {
    let address = embedded.address;
    let is_known = |password: &Secret| password.reveal().len() >= SHORTEST_PASSWORD;
    if !address.ip().is_loopback() && !embedded.password.as_ref().is_some_and(is_known) {
        return Err(EmbeddedError::Open(address));
    }
    let listener = TcpListener::bind(address).await;
    let listener = listener.map_err(|source| EmbeddedError::Listen { address, source })?;
    let router = Router::new(0, router()).spawn();
    let link = {
        let router = router.clone();
        // Without dynamic filters, whoever says something that nobody listens to is thrown out.
        move |name: &str| {
            LinkBuilder::new(name, router.clone()).dynamic_filters(true).build().map_err(Box::new)
        }
    };
    let broken = async {
        while !router.is_disconnected() {
            sleep(Duration::from_secs(1)).await;
        }
    };
    let at = listener.local_addr().unwrap_or(address);
    let refused = async {
        match announce(embedded, at, now).await {
            Ok(()) => std::future::pending().await,
            Err(error) => error,
        }
    };
    let ended = tokio::select! {
        error = refused => Err(error.into()),
        () = Front::new(link, embedded.password.clone()).serve(listener) => Err(EmbeddedError::Full),
        () = broken => Err(EmbeddedError::Broken),
        () = until => Ok(()),
    };
    if let Some(run_dir) = &embedded.run_dir {
        announcement::withdraw(run_dir, std::process::id())?;
    }
    ended
}

/// Tells others on this machine, unless they have another broker already.
async fn announce(embedded: &Embedded, address: SocketAddr, now: Timestamp) -> Result<(), RunDirError> {
    let Some(run_dir) = &embedded.run_dir else { return Ok(()) };
    // What listens at every address of this machine listens at this one too.
    let host = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    // Whoever has no password would be sent to a broker that does not let him in.
    if !host.is_loopback() || embedded.password.is_some() {
        return Ok(());
    }
    let own = std::process::id();
    // Whoever has started us has the lock until we answer, and announces us.
    let _lock = Lock::take(run_dir, LOCK_PATIENCE).await?;
    if let Some(there) = announcement::read(run_dir)
        && there.pid != own
        && let Some((host, port)) = there.address()
        && answers(&host, port).await
    {
        tracing::warn!(
            there.endpoint,
            "another broker of this user is announced; this one is found only by who is told where it is"
        );
        return Ok(());
    }
    let endpoint = Broker::at(Scheme::Mqtt, host.to_string(), address.port()).endpoint();
    Announcement::new(KIND, endpoint, own, now).write(run_dir)
}

fn router() -> RouterConfig {
    let (max_segment_count, max_segment_size) = SEGMENTS;
    RouterConfig {
        max_connections: CONNECTIONS,
        max_outgoing_packet_count: OUTGOING_PACKETS,
        max_segment_size,
        max_segment_count,
        ..RouterConfig::default()
    }
}

#[cfg(test)]
mod tests;
