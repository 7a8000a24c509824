//! Hosting the local bus: who does it, and what happens when the socket's file changes under them.
//!
//! Exactly one participant hosts: the one that holds the lock beside the socket. All others try to take the lock, so that one
//! of them follows within a moment when the host goes. Not here: what the broker does (`broker`), joining (`client`).
//!
//! Invariants:
//! - A socket that somebody else listens to is left alone, however it came there.
//! - The host's own socket is unlinked when it ends, unless somebody has put another one there.
//! - Whoever is connected when somebody else takes over the place is let go, so that all meet on the new bus.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use std::os::unix::fs::PermissionsExt;
use tokio::io::AsyncReadExt;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::broker::Hub;
use super::place::{self, Found, Identity, Lock, Unfit};

/// How often the place is looked at, and the lock asked for.
const LOOK: Duration = Duration::from_millis(200);
/// How long nobody needs to stand there before it is taken: `kbs gossip broker` unlinks, then binds.
const COURTESY: Duration = Duration::from_millis(100);
/// What the lock's file is called beside the socket.
const LOCK: &str = ".lock";

/// Whether this process hosts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Hosting {
    /// Somebody else does, or nobody yet.
    #[default]
    No,
    /// It does.
    Yes,
    /// It cannot; why, in words for a person.
    Cannot(String),
}

/// A thread that hosts the bus, or waits until it can. Dropping it ends it.
#[derive(Debug)]
pub struct Host {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Host {
    /// Hosts at `socket`, and tells `sink` from the host's own thread whether it does, whenever that changes.
    ///
    /// # Errors
    /// Where the system has no thread for it.
    pub fn start(socket: PathBuf, sink: impl Fn(Hosting) + Send + 'static) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let (tell, mut told) = watch::channel(Hosting::No);
        let telling = async move {
            while told.changed().await.is_ok() {
                let hosting = told.borrow_and_update().clone();
                sink(hosting);
            }
        };
        let work = async move {
            tokio::select! {
                // Either way it is over.
                _ = stopped => {}
                () = run(socket, tell) => {}
                () = telling => {}
            }
        };
        let thread = std::thread::Builder::new().name("hearsay-host".to_owned());
        let thread = thread.spawn(move || runtime.block_on(work))?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the host of the local bus has failed");
        }
    }
}

/// Hosts at `socket` whenever nobody else does, without end.
pub(crate) async fn run(socket: PathBuf, tell: watch::Sender<Hosting>) {
    loop {
        if let Err(unfit) = term(&socket, &tell).await {
            say(&tell, Hosting::Cannot(unfit.to_string()));
        }
        sleep(LOOK).await;
    }
}

fn say(tell: &watch::Sender<Hosting>, hosting: Hosting) {
    tell.send_if_modified(|told| {
        let differs = *told != hosting;
        *told = hosting;
        differs
    });
}

/// From taking the lock until it is lost; ends at once where somebody else holds it.
async fn term(socket: &Path, tell: &watch::Sender<Hosting>) -> Result<(), Unfit> {
    let Some(lock) = Lock::try_take(socket, LOCK)? else {
        say(tell, Hosting::No);
        return Ok(());
    };
    let (hub, places, mut connections) = (Hub::default(), Hub::places(), JoinSet::new());
    while lock.holds() {
        match place::look(socket).await {
            Ok(Found::Nothing) => {}
            Ok(Found::Stale) => place::unlink(socket)?,
            Ok(Found::Live(theirs)) => {
                connections.abort_all();
                say(tell, Hosting::No);
                until_gone(socket, theirs).await;
                continue;
            }
            Err(unfit) => return Err(unfit),
        }
        // Somebody was faster: look again.
        let Some(bound) = Bound::new(socket)? else { continue };
        say(tell, Hosting::Yes);
        let changed = async {
            while bound.stands() && lock.holds() {
                sleep(LOOK).await;
            }
            sleep(COURTESY).await;
        };
        tokio::select! {
            () = hub.serve(&bound.listener, &places, &mut connections) => {}
            () = changed => tracing::debug!("the socket of the local bus was replaced or taken away"),
        }
    }
    Ok(())
}

/// Waits until the socket that somebody else listens to is gone, replaced, or nobody's any more.
async fn until_gone(socket: &Path, theirs: Option<UnixStream>) {
    let there = Identity::at(socket);
    let closed = async {
        let Some(mut stream) = theirs else { return sleep(LOOK).await };
        // Nobody has reason to say anything to who has not subscribed; whatever comes is dropped.
        let mut unasked = [0; 512];
        while stream.read(&mut unasked).await.is_ok_and(|read| read > 0) {}
        // One that still listens and hangs up on everybody is not asked again and again.
        sleep(COURTESY).await;
    };
    let replaced = async {
        while Identity::at(socket) == there {
            sleep(LOOK).await;
        }
        sleep(COURTESY).await;
    };
    tokio::select! {
        () = closed => {}
        () = replaced => {}
    }
}

/// Our socket, as long as it stands.
struct Bound {
    path: Arc<Path>,
    identity: Option<Identity>,
    listener: UnixListener,
}

impl Bound {
    /// Binds at `socket`, where nothing stands; `None` where something does now.
    fn new(socket: &Path) -> Result<Option<Self>, Unfit> {
        let io = |source| Unfit::Io { path: socket.to_path_buf(), source };
        let listener = match UnixListener::bind(socket) {
            Ok(listener) => listener,
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => return Ok(None),
            Err(error) => return Err(io(error)),
        };
        // The directory lets nobody else in anyway.
        std::fs::set_permissions(socket, std::fs::Permissions::from_mode(0o600)).map_err(io)?;
        Ok(Some(Self { path: socket.into(), identity: Identity::at(socket), listener }))
    }

    fn stands(&self) -> bool {
        self.identity.is_some() && Identity::at(&self.path) == self.identity
    }
}

impl Drop for Bound {
    fn drop(&mut self) {
        if self.stands()
            && let Err(error) = place::unlink(&self.path)
        {
            tracing::debug!(%error, "our socket stays behind");
        }
    }
}
