//! The panel on Linux: a StatusNotifier host, and the library by which we speak to it.
//!
//! Not here: the tray itself.
//!
//! Invariants:
//! - A tray is only made where the library is found: making one without it ends the process.
//! - Whoever comes or goes is noticed by the bus's own word, without asking again and again.

use std::time::Duration;

use tokio::sync::watch;
use zbus::blocking::{Connection, MessageIterator, Proxy, connection, fdo};
use zbus::message::Type;
use zbus::proxy::MethodFlags;
use zbus::zvariant::OwnedValue;

use super::host::{Hosting, Panel};

/// The names by which the crate that makes the tray looks for the library.
const LIBRARIES: [&str; 2] = ["libayatana-appindicator3.so.1", "libappindicator3.so.1"];
/// Who knows the hosts.
const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const WATCHER_PATH: &str = "/StatusNotifierWatcher";
/// Who knows whether the person likes it dark.
const PORTAL: &str = "org.freedesktop.portal.Desktop";
const PORTAL_PATH: &str = "/org/freedesktop/portal/desktop";
const PORTAL_SETTINGS: &str = "org.freedesktop.portal.Settings";
const APPEARANCE: &str = "org.freedesktop.appearance";
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Whether a tray can be made at all.
pub(super) fn is_possible() -> bool {
    LIBRARIES.iter().any(|name| {
        #[expect(unsafe_code, reason = "there is no other way to ask the loader")]
        // SAFETY: loading runs the initialisers of the library that the tray loads a moment later anyway.
        unsafe { libloading::Library::new(name) }.is_ok()
    })
}

/// Tells how the panel is, and whenever that changes.
pub(super) fn follow(panel: watch::Sender<Panel>) {
    let told = panel.clone();
    let thread = std::thread::Builder::new().name("hearsay-panel".to_owned()).spawn(move || {
        if let Err(error) = listen(&panel) {
            tracing::debug!(%error, "the session's bus does not say whether there is a tray");
        }
        // A bus that is gone takes its hosts along.
        panel.send_if_modified(|panel| replace(&mut panel.host, Hosting::NoHost));
    });
    if let Err(error) = thread {
        tracing::warn!(%error, "nobody follows whether there is a tray");
        told.send_modify(|panel| panel.host = Hosting::Unknown);
    }
}

fn listen(panel: &watch::Sender<Panel>) -> zbus::Result<()> {
    let bus = connection::Builder::session()?.method_timeout(PATIENCE).build()?;
    // First the ears, then the question, so that nothing falls between the two.
    let heard = MessageIterator::from(bus.clone());
    let rules = fdo::DBusProxy::new(&bus)?;
    for rule in [
        format!(
            "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0namespace='{WATCHER}'"
        ),
        format!("type='signal',interface='{WATCHER}',path='{WATCHER_PATH}'"),
        format!(
            "type='signal',interface='org.freedesktop.DBus.Properties',path='{WATCHER_PATH}',arg0='{WATCHER}'"
        ),
        format!("type='signal',interface='{PORTAL_SETTINGS}',member='SettingChanged',arg0='{APPEARANCE}'"),
    ] {
        rules.add_match_rule(rule.as_str().try_into()?)?;
    }
    let now = Panel { host: host(&bus), dark: is_dark(&bus) };
    panel.send_if_modified(|panel| replace(panel, now));
    for message in heard {
        let message = message?;
        let header = message.header();
        let member = header.member().map(|member| member.as_str().to_owned()).unwrap_or_default();
        match (message.message_type(), &*member) {
            (Type::Signal, "SettingChanged") => {
                let dark = is_dark(&bus);
                panel.send_if_modified(|panel| replace(&mut panel.dark, dark));
            }
            // Ours as well comes as such a word, and says nothing about hosts.
            (Type::Signal, "StatusNotifierItemRegistered" | "StatusNotifierItemUnregistered") => {}
            (Type::Signal, _) => {
                let host = host(&bus);
                panel.send_if_modified(|panel| replace(&mut panel.host, host));
            }
            _ => {}
        }
    }
    Ok(())
}

fn replace<T: PartialEq>(place: &mut T, value: T) -> bool {
    let differs = *place != value;
    *place = value;
    differs
}

/// Whether somebody shows trays now.
fn host(bus: &Connection) -> Hosting {
    match property(bus, WATCHER, WATCHER_PATH, (WATCHER, "IsStatusNotifierHostRegistered")) {
        Ok(Some(value)) if bool::try_from(value.clone()).is_ok_and(|is_there| is_there) => Hosting::Hosted,
        Ok(_) => Hosting::NoHost,
        Err(error) => {
            tracing::debug!(%error, "nobody knows of a tray");
            Hosting::NoHost
        }
    }
}

fn property(
    bus: &Connection,
    name: &'static str,
    path: &'static str,
    what: (&str, &str),
) -> zbus::Result<Option<OwnedValue>> {
    let proxy = Proxy::new(bus, name, path, "org.freedesktop.DBus.Properties")?;
    // Asking must start nobody.
    proxy.call_with_flags("Get", MethodFlags::NoAutoStart.into(), &what)
}

/// Whether the panel is dark.
fn is_dark(bus: &Connection) -> bool {
    let desktop = std::env::var("XDG_CURRENT_DESKTOP").unwrap_or_default();
    // Its panel is, whatever the windows are.
    if desktop.split(':').any(|name| matches!(name, "GNOME" | "Unity")) {
        return true;
    }
    let asked = Proxy::new(bus, PORTAL, PORTAL_PATH, PORTAL_SETTINGS).and_then(|portal| {
        let what = (APPEARANCE, "color-scheme");
        portal.call_with_flags::<_, _, OwnedValue>("Read", MethodFlags::NoAutoStart.into(), &what)
    });
    let scheme = asked.ok().flatten().and_then(number);
    // 1 is dark, 2 light, 0 no wish.
    scheme != Some(2)
}

/// The number, which the portal wraps twice.
fn number(value: OwnedValue) -> Option<u32> {
    match &*value {
        zbus::zvariant::Value::Value(inner) => u32::try_from(inner.as_ref()).ok(),
        plain => u32::try_from(plain).ok(),
    }
}
