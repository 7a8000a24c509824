//! `org.kde.StatusNotifierWatcher`: with whom icons are registered.
//!
//! Invariant: an icon is registered for as long as its process is on the bus.

use std::sync::{Arc, Mutex};

use zbus::blocking::Connection;
use zbus::blocking::fdo::DBusProxy;
use zbus::interface;
use zbus::message::Header;
use zbus::object_server::SignalEmitter;

/// The name of the watcher and of its interface.
pub(super) const WATCHER: &str = "org.kde.StatusNotifierWatcher";
/// Where it is asked.
pub(super) const PATH: &str = "/StatusNotifierWatcher";
/// Where an icon is, if it does not say.
const ITEM_PATH: &str = "/StatusNotifierItem";

/// The icons there are: the process by its own name on the bus, and the path.
#[derive(Debug, Clone, Default)]
pub(super) struct Registered(Arc<Mutex<Vec<(String, String)>>>);

impl Registered {
    pub(super) fn all(&self) -> Vec<(String, String)> {
        self.0.lock().expect("nobody panics").clone()
    }

    fn add(&self, icon: (String, String)) {
        let mut all = self.0.lock().expect("nobody panics");
        if !all.contains(&icon) {
            all.push(icon);
        }
    }

    /// Removes those of `owner`.
    fn lose(&self, owner: &str) -> Vec<(String, String)> {
        let mut all = self.0.lock().expect("nobody panics");
        let lost = all.iter().filter(|(its, _)| its == owner).cloned().collect();
        all.retain(|(its, _)| its != owner);
        lost
    }
}

#[derive(Debug)]
pub(super) struct Watcher {
    registered: Registered,
    shows: bool,
}

impl Watcher {
    pub(super) fn new(registered: Registered, shows: bool) -> Self {
        Self { registered, shows }
    }
}

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    async fn register_status_notifier_item(
        &self,
        service: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> zbus::fdo::Result<()> {
        let owner = header.sender().map(ToString::to_string).unwrap_or_default();
        // Some say where the icon is, others under which name its process is known.
        let path = if service.starts_with('/') { service } else { ITEM_PATH };
        let icon = (owner, path.to_owned());
        let name = name(&icon);
        self.registered.add(icon);
        Ok(Self::status_notifier_item_registered(&emitter, &name).await?)
    }

    fn register_status_notifier_host(&self, _service: &str) {}

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        self.registered.all().iter().map(name).collect()
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        self.shows
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }

    #[zbus(signal)]
    async fn status_notifier_item_registered(emitter: &SignalEmitter<'_>, service: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn status_notifier_item_unregistered(
        emitter: &SignalEmitter<'_>,
        service: &str,
    ) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn status_notifier_host_registered(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;
}

/// As watchers call an icon.
fn name((owner, path): &(String, String)) -> String {
    format!("{owner}{path}")
}

/// Forgets the icons of processes that leave the bus.
pub(super) fn follow(connection: &Connection, registered: &Registered) {
    let bus = DBusProxy::new(connection).expect("a bus");
    let changes = bus.receive_name_owner_changed().expect("the bus tells who comes and goes");
    let (connection, registered) = (connection.clone(), registered.clone());
    std::thread::spawn(move || {
        // The watcher is gone where this ends.
        for change in changes {
            let Ok(change) = change.args() else { continue };
            if change.new_owner.is_some() {
                continue;
            }
            for icon in registered.lose(change.name.as_str()) {
                // Nobody listens to a watcher that is gone.
                let signal = "StatusNotifierItemUnregistered";
                let _ = connection.emit_signal(None::<&str>, PATH, WATCHER, signal, &name(&icon));
            }
        }
    });
}
