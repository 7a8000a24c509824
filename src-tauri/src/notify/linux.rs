//! Banners on Linux: the notification daemon on the session's bus, `org.freedesktop.Notifications`.
//!
//! One connection, made when it is first needed and again after the bus was gone, and one listener on it, which hears
//! clicks, closings, a daemon that comes or goes, and whether the person wants to be left alone. The last is told by
//! KDE (`Inhibited`) and by dunst (`paused`); other daemons keep it to themselves.
//! Not here: starting a daemon. The bus does that where one is installed for it.
//!
//! Invariants:
//! - Every call is over within the limit, whatever the daemon does, and nobody waits for it on the thread of a window.
//! - A click counts only if it comes from whoever showed the banner: another daemon counts its banners anew.
//! - What is remembered of banners is bounded; the oldest are forgotten first.

mod memory;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_lite::StreamExt;
use tauri::async_runtime::{JoinHandle, spawn};
use tokio::task::JoinSet;
use zbus::message::Type;
use zbus::zvariant::{OwnedValue, Value};
use zbus::{Connection, MatchRule, Message, MessageStream};

use self::memory::Memory;
use super::{Lack, Notice, OnAnswer, Pending, Screen, Trouble, text};

/// How long a call to the daemon may take. The bus may have to start it first.
pub(super) const LIMIT: Duration = Duration::from_secs(5);

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
const BUS: &str = "org.freedesktop.DBus";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
/// Where daemons tell that the person wants to be left alone: an interface, and its property.
const INHIBITED: [(&str, &str); 2] = [(NAME, "Inhibited"), ("org.dunstproject.cmd0", "paused")];

/// The name of the package's `.desktop` file, without that ending.
const DESKTOP_ENTRY: &str = "Hearsay";
/// The name of the icon that the package brings.
const ICON: &str = "hearsay";
/// The action that a click on the banner itself is.
const CLICK: &str = "default";

/// The address of the session's bus, by the environment.
pub(super) fn session_bus(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let named = |name| variable(name).filter(|value| !value.is_empty());
    named("DBUS_SESSION_BUS_ADDRESS")
        .or_else(|| named("XDG_RUNTIME_DIR").map(|directory| format!("unix:path={directory}/bus")))
}

/// The daemon that shows banners, whichever that is at the time.
pub(super) struct Daemon {
    inner: Arc<Inner>,
    limit: Duration,
    /// The first look at the bus.
    start: JoinHandle<()>,
}

struct Inner {
    bus: Option<String>,
    link: tokio::sync::Mutex<Option<Link>>,
    heard: Arc<Heard>,
}

/// A connection, and the listener on it.
struct Link {
    connection: Connection,
    listener: JoinHandle<()>,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

/// What the listener and the calls share.
struct Heard {
    on_answer: OnAnswer,
    memory: Mutex<Memory>,
}

/// What a daemon can do.
#[derive(Debug, Clone)]
struct Abilities {
    /// Which connection it has to the bus.
    owner: String,
    /// Whether it reads markup in a body.
    markup: bool,
    /// Whether it reports clicks.
    actions: bool,
}

impl Daemon {
    /// Looks for the daemon on `bus` aside. No call takes longer than `limit`.
    pub(super) fn start(bus: Option<String>, limit: Duration, on_answer: OnAnswer) -> Self {
        let heard = Arc::new(Heard { on_answer, memory: Mutex::default() });
        let inner = Arc::new(Inner { bus, link: tokio::sync::Mutex::default(), heard });
        let first = inner.clone();
        let start = spawn(async move {
            // Whether the person wants to be left alone is to be known before the first banner. What does not work
            // now is said when there is one.
            let _ = tokio::time::timeout(limit, first.connection()).await;
        });
        Self { inner, limit, start }
    }

    async fn limited<T>(&self, call: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
        match tokio::time::timeout(self.limit, call).await {
            Ok(answer) => answer,
            Err(_elapsed) => Err(Trouble::new(
                Lack::Failed,
                "the notification daemon does not answer",
                Some("start it again, or log out and in"),
            )),
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.start.abort();
    }
}

impl Screen for Daemon {
    fn raise(&self, notice: Notice) -> Pending<'_, Result<(), Trouble>> {
        Box::pin(self.limited(self.inner.raise(notice)))
    }

    fn withdraw<'a>(&'a self, tag: &'a str) -> Pending<'a, ()> {
        Box::pin(async move {
            if let Err(trouble) = self.limited(self.inner.withdraw(tag)).await {
                // It may well have been closed meanwhile.
                tracing::debug!(%trouble, "a banner is not taken away");
            }
        })
    }

    fn ability(&self) -> Pending<'_, Result<(), Trouble>> {
        Box::pin(self.limited(async {
            let connection = self.inner.connection().await?;
            call(&connection, "GetServerInformation", &()).await.map(drop)
        }))
    }

    fn do_not_disturb(&self) -> Option<bool> {
        self.inner.heard.memory().disturb
    }
}

impl Inner {
    async fn raise(&self, notice: Notice) -> Result<(), Trouble> {
        let connection = self.connection().await?;
        let abilities = self.abilities(&connection).await?;
        let body = if abilities.markup { text::escaped(&notice.body) } else { notice.body };
        let (replaces, quiet) = {
            let memory = self.heard.memory();
            let tag = notice.tag.as_deref();
            (tag.and_then(|tag| memory.id(&abilities.owner, tag)).unwrap_or(0), memory.disturb == Some(true))
        };
        // Some daemons make a dialog of a banner with actions, and say so by having none. What is critical is shown
        // to somebody who wants to be left alone, and that is not for us to decide.
        let actions: &[&str] = if abilities.actions { &[CLICK, "Open"] } else { &[] };
        let urgency: u8 = if notice.urgent && !quiet { 2 } else { 1 };
        let hints: HashMap<&str, Value<'_>> = HashMap::from([
            ("desktop-entry", DESKTOP_ENTRY.into()),
            ("suppress-sound", true.into()),
            ("urgency", urgency.into()),
        ]);
        // -1: for as long as the daemon finds right.
        let said = ("Hearsay", replaces, ICON, notice.title, body, actions, hints, -1i32);
        let reply = call(&connection, "Notify", &said).await?;
        let id: u32 = reply.body().deserialize().map_err(|error| failed(&error))?;
        let early = self.heard.memory().keep(&sender(&reply), id, notice.tag, notice.answer.clone());
        if early {
            (self.heard.on_answer)(notice.answer, None);
        }
        Ok(())
    }

    async fn withdraw(&self, tag: &str) -> Result<(), Trouble> {
        // Nobody is connected or started only to take away what is not there.
        let Some((owner, id)) = self.heard.memory().take(tag) else { return Ok(()) };
        let connection = self.connection().await?;
        let closed = connection.call_method(Some(owner), PATH, Some(NAME), "CloseNotification", &(id,)).await;
        closed.map(drop).map_err(trouble)
    }

    /// What the daemon can do; asked once of each.
    async fn abilities(&self, connection: &Connection) -> Result<Abilities, Trouble> {
        if let Some(known) = self.heard.memory().abilities.clone() {
            return Ok(known);
        }
        let reply = call(connection, "GetCapabilities", &()).await?;
        let named: Vec<String> = reply.body().deserialize().map_err(|error| failed(&error))?;
        let has = |name: &str| named.iter().any(|other| other == name);
        let found = Abilities { owner: sender(&reply), markup: has("body-markup"), actions: has("actions") };
        self.heard.memory().abilities = Some(found.clone());
        Ok(found)
    }

    /// The connection to the bus, which is made where there is none.
    async fn connection(&self) -> Result<Connection, Trouble> {
        let mut link = self.link.lock().await;
        if let Some(link) = link.as_ref().filter(|link| !link.listener.inner().is_finished()) {
            return Ok(link.connection.clone());
        }
        *link = None;
        let no_bus = |why: &dyn std::fmt::Display| {
            tracing::debug!(%why, "the session's bus is not reached");
            Trouble::new(
                Lack::Missing,
                "this session has no bus, so there is nobody who would show a banner",
                Some("log in to a desktop session, or start one with dbus-run-session"),
            )
        };
        let address = self.bus.as_deref().ok_or_else(|| no_bus(&"its address is not known"))?;
        let builder = zbus::connection::Builder::address(address).map_err(|error| no_bus(&error))?;
        let connection = builder.build().await.map_err(|error| no_bus(&error))?;
        let stream = listen(&connection).await.map_err(trouble)?;
        let heard = self.heard.clone();
        heard.memory().daemon_is_another();
        let listener = spawn(follow(stream, connection.clone(), heard));
        *link = Some(Link { connection: connection.clone(), listener });
        Ok(connection)
    }
}

/// Calls the daemon.
async fn call<B>(connection: &Connection, method: &str, body: &B) -> Result<Message, Trouble>
where
    B: serde::Serialize + zbus::zvariant::DynamicType + Sync,
{
    connection.call_method(Some(NAME), PATH, Some(NAME), method, body).await.map_err(trouble)
}

/// Everything that the listener has to hear, in the order in which it was said.
async fn listen(connection: &Connection) -> zbus::Result<MessageStream> {
    let stream = MessageStream::from(connection);
    let bus = zbus::fdo::DBusProxy::new(connection).await?;
    let signal = || MatchRule::builder().msg_type(Type::Signal);
    bus.add_match_rule(signal().sender(NAME)?.path(PATH)?.build()).await?;
    let owners = signal().sender(BUS)?.interface(BUS)?.member("NameOwnerChanged")?.add_arg(NAME)?;
    bus.add_match_rule(owners.build()).await?;
    Ok(stream)
}

/// Hears what is said until the bus is gone.
async fn follow(mut stream: MessageStream, connection: Connection, heard: Arc<Heard>) {
    // Asked beside, because an answer comes only to those who go on listening.
    let mut asking = JoinSet::new();
    asking.spawn(ask_disturb(connection.clone(), heard.clone()));
    // The stream ends, or fails, with the connection.
    while let Some(Ok(message)) = stream.next().await {
        if message.message_type() != Type::Signal {
            continue;
        }
        if heard.hear(&message).unwrap_or_else(|error| {
            tracing::debug!(%error, "the notification daemon says what is not understood");
            false
        }) {
            // Drops what was asked before: the answer to that may be an old one.
            asking = JoinSet::new();
            asking.spawn(ask_disturb(connection.clone(), heard.clone()));
        }
    }
    heard.memory().daemon_is_another();
}

/// Asks the daemon that there is whether the person wants to be left alone. None is started for that.
async fn ask_disturb(connection: Connection, heard: Arc<Heard>) {
    let asked = async {
        let owner =
            connection.call_method(Some(BUS), "/org/freedesktop/DBus", Some(BUS), "GetNameOwner", &NAME);
        let owner: String = owner.await.ok()?.body().deserialize().ok()?;
        for property in INHIBITED {
            let get = connection.call_method(Some(owner.as_str()), PATH, Some(PROPERTIES), "Get", &property);
            // Whoever does not have it says so.
            let Ok(reply) = get.await else { continue };
            if let Ok(value) = reply.body().deserialize::<OwnedValue>() {
                return bool::try_from(value).ok();
            }
        }
        None
    };
    // No answer in time is no answer.
    let disturb = tokio::time::timeout(LIMIT, asked).await.ok().flatten();
    heard.memory().disturb = disturb;
}

impl Heard {
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in a signal. Answers whether it is to be asked again if the person wants to be left alone.
    fn hear(&self, signal: &Message) -> zbus::Result<bool> {
        let header = signal.header();
        let (interface, member) = (header.interface(), header.member());
        let (Some(interface), Some(member)) = (interface, member) else { return Ok(false) };
        let (from, body) = (sender(signal), signal.body());
        match (interface.as_str(), member.as_str()) {
            (NAME, "ActivationToken") => {
                let (id, token): (u32, String) = body.deserialize()?;
                self.memory().token(&from, id, token);
            }
            (NAME, "ActionInvoked") => {
                let (id, action): (u32, String) = body.deserialize()?;
                if action == CLICK {
                    let clicked = self.memory().clicked(&from, id);
                    if let Some((answer, token)) = clicked {
                        (self.on_answer)(answer, token);
                    }
                }
            }
            (NAME, "NotificationClosed") => {
                let (id, reason): (u32, u32) = body.deserialize()?;
                self.memory().closed(&from, id, reason);
            }
            (BUS, "NameOwnerChanged") => {
                self.memory().daemon_is_another();
                return Ok(true);
            }
            (PROPERTIES, "PropertiesChanged") => return Ok(true),
            _ => {}
        }
        Ok(false)
    }
}

/// Which connection the message is from.
fn sender(message: &Message) -> String {
    message.header().sender().map(ToString::to_string).unwrap_or_default()
}

/// What an error of the bus means to a person.
fn trouble(error: zbus::Error) -> Trouble {
    let name = match &error {
        zbus::Error::MethodError(name, ..) => name.as_str(),
        _ => "",
    };
    let none = ["ServiceUnknown", "NameHasNoOwner", "Disconnected"];
    match name.strip_prefix("org.freedesktop.DBus.Error.") {
        Some(kind) if none.contains(&kind) || kind.starts_with("Spawn.") => Trouble::new(
            Lack::Missing,
            "nobody shows banners in this session: no notification daemon runs",
            Some("install a notification daemon, as dunst or mako, and start it"),
        ),
        Some("AccessDenied") => Trouble::new(
            Lack::Refused,
            "the session's bus lets Hearsay show no banners",
            Some("look at what the sandbox or the bus allows"),
        ),
        _ => failed(&error),
    }
}

fn failed(error: &zbus::Error) -> Trouble {
    let why = text::one_line(&error.to_string(), 200);
    Trouble::new(Lack::Failed, format!("the notification daemon failed: {why}"), None)
}
