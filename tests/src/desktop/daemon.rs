//! A daemon of our own that takes banners: for what `dunst` is too much or too able for.
//!
//! Not here: what it was asked to show (`banners`).

use std::sync::atomic::{AtomicU32, Ordering};

use zbus::blocking::Connection;
use zbus::interface;
use zbus::zvariant::OwnedValue;

use super::Desktop;

/// The name of whoever shows banners, and of the interface through which.
const NAME: &str = "org.freedesktop.Notifications";
/// Where it is asked.
const PATH: &str = "/org/freedesktop/Notifications";

/// A running daemon. Dropping it takes it off the bus.
#[derive(Debug)]
pub struct Daemon {
    connection: Connection,
}

#[derive(Debug)]
struct Answers {
    able: Vec<String>,
    last: AtomicU32,
}

#[interface(name = "org.freedesktop.Notifications")]
impl Answers {
    fn get_capabilities(&self) -> Vec<String> {
        self.able.clone()
    }

    fn get_server_information(&self) -> (&str, &str, &str, &str) {
        ("plain", "Hearsay's tests", "1", "1.2")
    }

    #[allow(clippy::too_many_arguments, reason = "the protocol has that many")]
    fn notify(
        &self,
        _app: &str,
        replaces: u32,
        _icon: &str,
        _title: &str,
        _body: &str,
        _actions: Vec<String>,
        _hints: std::collections::HashMap<String, OwnedValue>,
        _timeout: i32,
    ) -> u32 {
        if replaces > 0 { replaces } else { self.last.fetch_add(1, Ordering::Relaxed) + 1 }
    }

    fn close_notification(&self, _id: u32) {}
}

impl Daemon {
    /// Starts one that says it is able to do that: `body`, `actions`, …
    pub fn start(desktop: &Desktop, able: &[&str]) -> Self {
        let able = able.iter().map(|&one| one.to_owned()).collect();
        let answers = Answers { able, last: AtomicU32::new(0) };
        let builder = desktop.builder().serve_at(PATH, answers).and_then(|builder| builder.name(NAME));
        Self { connection: builder.and_then(|builder| builder.build()).expect("the name is free") }
    }

    /// Somebody does `action` with the banner `id`, which is then gone: `default` is a click.
    pub fn does(&self, id: u32, action: &str) {
        let said = self.connection.emit_signal(None::<&str>, PATH, NAME, "ActionInvoked", &(id, action));
        said.expect("the bus takes it");
        self.closes(id, 2);
    }

    /// The banner `id` is no more: 1 it has lasted, 2 a person closed it, 3 who raised it did.
    pub fn closes(&self, id: u32, reason: u32) {
        let said = self.connection.emit_signal(None::<&str>, PATH, NAME, "NotificationClosed", &(id, reason));
        said.expect("the bus takes it");
    }
}
