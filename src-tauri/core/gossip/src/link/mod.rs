//! The link of one repository to the buses: it keeps itself alive, hears, publishes and relays.
//!
//! Not here: how a bus is reached (`uds`, `mqtt`), what to listen to (`settings`), and what becomes of what is heard
//! (`hearsay-live`).
//!
//! Invariants:
//! - One thread a link. Dropping the [`Link`] ends it, with everything it started, and waits for it.
//! - Publishing never waits, and never fails: what cannot be sent waits in a bounded place or is given up and counted.
//! - It never gives up looking for a bus.

mod ear;
mod owner;
#[cfg(unix)]
mod relay;
mod starter;
mod way;

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use hearsay_board::Envelope;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::settings::Settings;
use crate::state::Report;
use owner::Owner;

/// How many commands wait at the most.
const QUEUE: usize = 1024;
/// How long the end waits for what cannot be interrupted, such as looking up a name.
const END: Duration = Duration::from_millis(200);

/// How a link behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// What this process calls itself: what it says itself is not heard.
    pub producer: String,
    /// Whether it may host the local bus and relay; else it writes nothing to disk.
    pub hosts: bool,
    /// The time by which things are heard.
    pub clock: fn() -> SystemTime,
    /// With what a broker is started where the settings want one started.
    pub autostart: Option<Programs>,
}

/// What a broker can be started with.
#[derive(Debug, Clone, Default)]
pub struct Programs {
    /// The person's `PATH`, on which Mosquitto may be.
    pub path: Option<OsString>,
    /// `hear`, which has a broker built in.
    pub hear: Option<PathBuf>,
}

/// A running link. Dropping it ends it.
pub struct Link {
    queue: Option<mpsc::Sender<Command>>,
    unsent: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
enum Command {
    Publish(Box<Envelope>),
    Wake,
}

impl Link {
    /// Links to the buses that `settings` name, and tells `sink` from the link's own thread what is heard and how it
    /// is, until the link is dropped. While `sink` works the link does nothing else.
    ///
    /// # Errors
    /// Where the system has no thread for it.
    pub fn start(
        settings: Settings,
        options: Options,
        sink: impl Fn(Report) + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let (queue, commands) = mpsc::channel(QUEUE);
        let unsent = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&unsent);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let run = move || {
            runtime.block_on(async move {
                Owner::new(settings, options, counter, Box::new(sink)).run(commands).await;
            });
            runtime.shutdown_timeout(END);
        };
        let thread = std::thread::Builder::new().name("hearsay-link".to_owned()).spawn(run)?;
        Ok(Self { queue: Some(queue), unsent, thread: Some(thread) })
    }

    /// Says `envelope` on the bus, now or when there is one. Its project must be one of the settings' channels.
    pub fn publish(&self, envelope: Envelope) {
        self.command(Command::Publish(Box::new(envelope)));
    }

    /// Looks for the buses at once: the machine was asleep, or the network has changed.
    pub fn wake(&self) {
        self.command(Command::Wake);
    }

    fn command(&self, command: Command) {
        let Some(queue) = &self.queue else { return };
        // A link that has so much to do looks for its buses anyway; an envelope is counted.
        if let Err(TrySendError::Full(Command::Publish(_)) | TrySendError::Closed(Command::Publish(_))) =
            queue.try_send(command)
        {
            self.unsent.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").finish_non_exhaustive()
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread of the link has failed");
        }
    }
}

/// The socket as a person reads it.
fn shown(socket: Option<&PathBuf>) -> String {
    socket.map(|socket| socket.display().to_string()).unwrap_or_default()
}
