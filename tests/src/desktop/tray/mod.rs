//! Who shows tray icons: a watcher with which they are registered, a host that shows them, and its menus.
//!
//! The protocol is KDE's StatusNotifierItem, with menus by `com.canonical.dbusmenu`. Not here: the drawing; whoever asks
//! for an icon gets what a panel would draw.

mod menu;
mod watcher;

use std::collections::HashMap;

use zbus::blocking::fdo::PropertiesProxy;
use zbus::blocking::{Connection, Proxy};
use zbus::names::InterfaceName;
use zbus::zvariant::{OwnedValue, Value};

use super::Desktop;
use crate::wait::until;
use watcher::{PATH, Registered, WATCHER, Watcher};

pub use menu::{Entry, Toggle};

const ITEM: &str = "org.kde.StatusNotifierItem";

/// A panel with a tray. Dropping it takes it off the bus.
#[derive(Debug)]
pub struct TrayHost {
    connection: Connection,
    registered: Registered,
}

/// An icon in the tray, as it was when it was asked.
#[derive(Debug, Clone)]
pub struct Icon {
    /// The name on the bus of the process that it is of.
    pub owner: String,
    /// Where that process has it.
    pub path: String,
    /// What it is called by a program.
    pub id: String,
    /// What it is called by a person.
    pub title: String,
    /// `Active`, `Passive` or `NeedsAttention`.
    pub status: String,
    /// The icon, by name or path.
    pub icon: String,
    /// Where that is looked for besides.
    pub theme: String,
    /// The label beside it.
    pub label: String,
    /// What is shown for a pointer that rests on it.
    pub tip: String,
    menu: String,
}

impl TrayHost {
    /// Starts a panel that shows icons.
    pub fn start(desktop: &Desktop) -> Self {
        Self::with(desktop, true)
    }

    /// Starts a watcher that knows of nobody who shows icons: some desktops have it, and no tray.
    pub fn watcher_alone(desktop: &Desktop) -> Self {
        Self::with(desktop, false)
    }

    fn with(desktop: &Desktop, shows: bool) -> Self {
        let registered = Registered::default();
        let watcher = Watcher::new(registered.clone(), shows);
        let builder = desktop.builder().serve_at(PATH, watcher).and_then(|builder| builder.name(WATCHER));
        let connection = builder.and_then(|builder| builder.build()).expect("the name is free");
        watcher::follow(&connection, &registered);
        if shows {
            // As hosts are called; nobody asks them anything.
            let name = format!("org.kde.StatusNotifierHost-{}", std::process::id());
            connection.request_name(name).expect("the name is free");
            connection
                .emit_signal(None::<&str>, PATH, WATCHER, "StatusNotifierHostRegistered", &())
                .expect("the bus takes it");
        }
        Self { connection, registered }
    }

    /// The icons that are registered now.
    pub fn icons(&self) -> Vec<Icon> {
        let places = self.registered.all();
        places.iter().filter_map(|(owner, path)| self.read(owner, path).ok()).collect()
    }

    /// The one icon that there is, once it is there.
    pub fn icon(&self) -> Icon {
        until("one icon in the tray", || {
            let mut icons = self.icons();
            if icons.len() == 1 { icons.pop() } else { None }
        })
    }

    /// Waits until the tray is empty.
    pub fn is_empty(&self) {
        until("an empty tray", || self.registered.all().is_empty().then_some(()));
    }

    /// The menu of the one icon, as it is now.
    pub fn menu(&self) -> Vec<Entry> {
        let icon = self.icon();
        menu::read(&self.menu_of(&icon)).unwrap_or_else(|error| panic!("the menu: {error}"))
    }

    /// What a person reads in it, top to bottom, what is below an entry behind it; a line between entries is `---`.
    pub fn labels(&self) -> Vec<String> {
        menu::flat(&self.menu()).iter().map(|entry| entry.label.clone()).collect()
    }

    /// Waits until some entry says `words`, and answers it.
    pub fn offers(&self, words: &str) -> Entry {
        let found =
            || menu::flat(&self.menu()).into_iter().find(|entry| entry.label.contains(words)).cloned();
        until(&format!("an entry with {words:?} among {:?}", self.labels()), found)
    }

    /// Chooses the first entry that says `words` and may be chosen, once there is one.
    pub fn choose(&self, words: &str) {
        let says = |entry: &&Entry| entry.enabled && entry.label.contains(words);
        let entry = until(&format!("to choose {words:?} among {:?}", self.labels()), || {
            menu::flat(&self.menu()).into_iter().find(says).cloned()
        });
        menu::choose(&self.menu_of(&self.icon()), &entry);
    }

    /// Clicks the icon itself, where it wants to know.
    ///
    /// # Errors
    /// Where it does not.
    pub fn click(&self) -> zbus::Result<()> {
        let icon = self.icon();
        let proxy = Proxy::new(&self.connection, icon.owner, icon.path, ITEM)?;
        proxy.call_method("Activate", &(0_i32, 0_i32)).map(drop)
    }

    /// It is gone from one moment to the next, as a panel that crashes.
    pub fn die(self) {
        self.connection.close().expect("a connection to close");
    }

    fn menu_of(&self, icon: &Icon) -> Proxy<'static> {
        let (owner, menu) = (icon.owner.clone(), icon.menu.clone());
        Proxy::new(&self.connection, owner, menu, menu::INTERFACE).expect("an icon has a menu")
    }

    fn read(&self, owner: &str, path: &str) -> zbus::Result<Icon> {
        let properties = PropertiesProxy::new(&self.connection, owner.to_owned(), path.to_owned())?;
        let interface = InterfaceName::from_static_str(ITEM)?;
        let all: HashMap<String, OwnedValue> = properties.get_all(interface)?;
        let text = |name: &str| all.get(name).map(|value| text(value)).unwrap_or_default();
        Ok(Icon {
            owner: owner.to_owned(),
            path: path.to_owned(),
            id: text("Id"),
            title: text("Title"),
            status: text("Status"),
            icon: text("IconName"),
            theme: text("IconThemePath"),
            label: text("XAyatanaLabel"),
            tip: tip(all.get("ToolTip")),
            menu: text("Menu"),
        })
    }
}

fn text(value: &Value<'_>) -> String {
    match value {
        Value::Str(text) => text.to_string(),
        Value::ObjectPath(path) => path.to_string(),
        _ => String::new(),
    }
}

/// An icon's name, pictures, the title and what stands below it.
fn tip(value: Option<&OwnedValue>) -> String {
    match value.map(|value| &**value) {
        Some(Value::Structure(parts)) => parts.fields().get(2).map(text).unwrap_or_default(),
        _ => String::new(),
    }
}
