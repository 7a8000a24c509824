//! What a session offers, asked of a real bus.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use zbus::blocking::{Connection, connection};
use zbus::zvariant::OwnedObjectPath;

use super::linux::look_within;
use super::*;

/// Longer than any test takes: only who hangs is waited for.
const LONG: Duration = Duration::from_secs(20);

/// A bus that starts nobody but what is in its directory of services.
const CONFIG: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=HOME/bus</listen>
  <servicedir>HOME/services</servicedir>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// A session bus of a test's own.
struct Bus {
    daemon: Child,
    home: tempfile::TempDir,
}

impl Bus {
    /// `None` where this machine has no bus.
    fn start() -> Option<Self> {
        let home = tempfile::tempdir().unwrap();
        let shown = home.path().to_str().unwrap();
        std::fs::create_dir(home.path().join("services")).unwrap();
        std::fs::write(home.path().join("bus.conf"), CONFIG.replace("HOME", shown)).unwrap();
        let mut command = Command::new("dbus-daemon");
        command.arg("--config-file").arg(home.path().join("bus.conf")).args(["--nofork", "--print-address"]);
        let mut daemon = match command.stdout(Stdio::piped()).spawn() {
            Ok(daemon) => daemon,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
            Err(error) => panic!("no bus: {error}"),
        };
        let mut line = String::new();
        BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.starts_with("unix:"), "the bus is there: {line}");
        Some(Self { daemon, home })
    }

    fn address(&self) -> String {
        format!("unix:path={}/bus", self.home.path().display())
    }

    fn surroundings(&self) -> Surroundings {
        surroundings(&[("DBUS_SESSION_BUS_ADDRESS", &self.address())])
    }

    fn look(&self) -> Session {
        look_within(&self.surroundings(), LONG)
    }

    fn builder(&self) -> connection::Builder<'_> {
        connection::Builder::address(self.address().as_str()).unwrap()
    }

    /// A service that the bus would start, and that leaves a file where it is.
    fn offer(&self, name: &str) {
        let home = self.home.path().display();
        let text = format!("[D-BUS Service]\nName={name}\nExec=/bin/sh -c 'touch {home}/started'\n");
        std::fs::write(self.home.path().join(format!("services/{name}.service")), text).unwrap();
        let bus = self.builder().build().unwrap();
        let proxy = zbus::blocking::fdo::DBusProxy::new(&bus).unwrap();
        proxy.reload_config().unwrap();
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        self.daemon.kill().unwrap();
        self.daemon.wait().unwrap();
    }
}

fn surroundings(vars: &[(&str, &str)]) -> Surroundings {
    let vars = vars.iter().map(|(name, value)| ((*name).into(), (*value).into()));
    Surroundings::of(vars)
}

struct Notifications {
    capabilities: Vec<String>,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Notifications {
    fn get_server_information(&self) -> (String, String, String, String) {
        ("shower\u{202e}".to_owned(), "somebody".to_owned(), "1.2".to_owned(), "1.2".to_owned())
    }

    fn get_capabilities(&self) -> Vec<String> {
        self.capabilities.clone()
    }
}

/// Has the name, and never answers.
struct Hanging;

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Hanging {
    async fn get_server_information(&self) -> (String, String, String, String) {
        std::future::pending().await
    }
}

struct Watcher {
    hosted: bool,
}

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        self.hosted
    }
}

struct Secrets;

#[zbus::interface(name = "org.freedesktop.Secret.Service")]
impl Secrets {
    #[zbus(property)]
    fn collections(&self) -> Vec<OwnedObjectPath> {
        Vec::new()
    }
}

fn shows_banners(bus: &Bus, capabilities: &[&str]) -> Connection {
    let capabilities = capabilities.iter().map(|name| (*name).to_owned()).collect();
    let builder = bus.builder().name("org.freedesktop.Notifications").unwrap();
    let served = builder.serve_at("/org/freedesktop/Notifications", Notifications { capabilities });
    served.unwrap().build().unwrap()
}

fn shows_a_tray(bus: &Bus, hosted: bool) -> Connection {
    let builder = bus.builder().name("org.kde.StatusNotifierWatcher").unwrap();
    builder.serve_at("/StatusNotifierWatcher", Watcher { hosted }).unwrap().build().unwrap()
}

#[track_caller]
fn is(part: &Part, state: PartState, message: &str, hint: &str) {
    assert_eq!(part.state, state, "{part:?}");
    assert!(part.message.contains(message), "{part:?}");
    assert!(part.hint.as_deref().unwrap_or_default().contains(hint), "{part:?}");
    assert_eq!(part.hint.is_none(), hint.is_empty(), "{part:?}");
}

#[test]
fn what_is_missing_is_named_with_what_to_do() {
    let nowhere = tempfile::tempdir().unwrap();
    let directory = nowhere.path().to_str().unwrap();
    for address in [format!("unix:path={directory}/bus"), "nonsense".to_owned()] {
        let none = look_within(&surroundings(&[("DBUS_SESSION_BUS_ADDRESS", &address)]), LONG);
        is(&none.notifications, PartState::Missing, "no session bus", "dunst or mako");
        is(&none.tray, PartState::Missing, "no session bus", "AppIndicator");
        is(&none.keyring, PartState::Missing, "no session bus", "gnome-keyring");
    }
    let none = look_within(&surroundings(&[("XDG_RUNTIME_DIR", directory)]), LONG);
    is(&none.keyring, PartState::Missing, "no session bus", "HEARSAY_MQTT_PASSWORD");

    let Some(bus) = Bus::start() else { return };
    let empty = bus.look();
    is(&empty.notifications, PartState::Missing, "the notification service is not there", "dunst or mako");
    is(&empty.tray, PartState::Missing, "nobody shows a tray", "panel with a tray");
    is(&empty.keyring, PartState::Missing, "the keyring is not there", "KeePassXC");
    let mut gnome = bus.surroundings();
    gnome.vars.insert("XDG_CURRENT_DESKTOP".into(), "ubuntu:GNOME".into());
    let gnome = look_within(&gnome, LONG);
    is(&gnome.tray, PartState::Missing, "nobody shows a tray", "GNOME shows no tray by itself");

    let _unclickable = shows_banners(&bus, &["body"]);
    let _unhosted = shows_a_tray(&bus, false);
    let poor = bus.look();
    is(&poor.notifications, PartState::Ready, "cannot be clicked", "actions");
    assert!(poor.notifications.message.contains("shower\\u{202e} 1.2"), "{:?}", poor.notifications);
    is(&poor.tray, PartState::Missing, "nobody shows them", "panel with a tray");
}

#[test]
fn what_is_there_is_ready() {
    let Some(bus) = Bus::start() else { return };
    let _banners = shows_banners(&bus, &["actions", "body"]);
    let _tray = shows_a_tray(&bus, true);
    let secrets = bus.builder().name("org.freedesktop.secrets").unwrap();
    let _secrets = secrets.serve_at("/org/freedesktop/secrets", Secrets).unwrap().build().unwrap();
    let session = bus.look();
    is(&session.notifications, PartState::Ready, "1.2 shows banners", "");
    is(&session.tray, PartState::Ready, "is shown", "");
    is(&session.keyring, PartState::Ready, "your keyring", "");
}

#[test]
fn looking_starts_nothing() {
    let Some(bus) = Bus::start() else { return };
    bus.offer("org.freedesktop.Notifications");
    bus.offer("org.freedesktop.secrets");
    bus.offer("org.kde.StatusNotifierWatcher");
    let session = bus.look();
    is(&session.notifications, PartState::Ready, "starts with the first", "");
    is(&session.keyring, PartState::Ready, "starts when one is asked for", "");
    is(&session.tray, PartState::Missing, "nobody shows a tray", "panel");
    assert!(!bus.home.path().join("started").exists());
}

#[test]
fn a_daemon_that_hangs_is_said_to() {
    let Some(bus) = Bus::start() else { return };
    let hanging = bus.builder().name("org.freedesktop.Notifications").unwrap();
    let _hanging = hanging.serve_at("/org/freedesktop/Notifications", Hanging).unwrap().build().unwrap();
    let _tray = shows_a_tray(&bus, true);
    let session = look_within(&bus.surroundings(), Duration::from_millis(300));
    is(&session.notifications, PartState::Unknown, "does not answer", "restart it");
    is(&session.tray, PartState::Ready, "is shown", "");

    // The same of a bus that takes connections and says nothing.
    let silent = bus.home.path().join("silent");
    let _listener = std::os::unix::net::UnixListener::bind(&silent).unwrap();
    let address = format!("unix:path={}", silent.display());
    let around = surroundings(&[("DBUS_SESSION_BUS_ADDRESS", &address)]);
    let session = look_within(&around, Duration::from_millis(100));
    is(&session.keyring, PartState::Unknown, "the session bus does not answer", "log in again");
}

/// Ends a program that a test started.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
fn dunst_is_known_by_its_name() {
    let there = |program: &str| Path::new("/usr/bin").join(program).is_file();
    let Some(bus) = Bus::start().filter(|_| there("dunst") && there("Xvfb")) else { return };
    let mut display = Command::new("Xvfb");
    display.args(["-displayfd", "1", "-screen", "0", "640x480x24", "-nolisten", "tcp"]);
    let mut display = Started(display.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    let mut number = String::new();
    BufReader::new(display.0.stdout.take().unwrap()).read_line(&mut number).unwrap();
    let mut dunst = Command::new("dunst");
    dunst.env("DISPLAY", format!(":{}", number.trim())).env("DBUS_SESSION_BUS_ADDRESS", bus.address());
    dunst.env_remove("WAYLAND_DISPLAY").stdout(Stdio::null()).stderr(Stdio::null());
    let _dunst = Started(dunst.spawn().unwrap());
    let deadline = std::time::Instant::now() + LONG;
    let mut session = bus.look();
    while session.notifications.state != PartState::Ready {
        assert!(std::time::Instant::now() < deadline, "{session:?}");
        session = bus.look();
    }
    is(&session.notifications, PartState::Ready, "dunst ", "");
}
