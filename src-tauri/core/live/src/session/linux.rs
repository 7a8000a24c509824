//! Linux: who answers on the session bus.
//!
//! Invariant: only whoever owns a name already is called, by the name of their own connection, which starts nobody.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout_at};
use zbus::fdo::{self, DBusProxy};
use zbus::names::{BusName, OwnedUniqueName};
use zbus::zvariant::{DynamicType, OwnedObjectPath, OwnedValue, Type};
use zbus::{Connection, connection};

use super::{PATIENCE, Part, PartState, Session};
use crate::{Surroundings, legible};

const NOTIFICATIONS: Place =
    Place { name: "org.freedesktop.Notifications", path: "/org/freedesktop/Notifications" };
const TRAY: Place = Place { name: "org.kde.StatusNotifierWatcher", path: "/StatusNotifierWatcher" };
const KEYRING: Place = Place { name: "org.freedesktop.secrets", path: "/org/freedesktop/secrets" };

/// The longest name that anybody may give themselves here.
const NAME: usize = 60;

/// A name on the bus, and where whoever has it is to be found.
#[derive(Debug, Clone, Copy)]
struct Place {
    name: &'static str,
    path: &'static str,
}

/// What is said where something is missing.
#[derive(Debug)]
struct Words {
    /// Who it is, as the subject of a sentence.
    who: &'static str,
    /// What to do where there is none.
    hint: String,
}

/// The words of the parts, for this desktop.
#[derive(Debug)]
struct Told {
    notifications: Words,
    tray: Words,
    keyring: Words,
}

impl Told {
    fn of(vars: &BTreeMap<String, String>) -> Self {
        let desktop = vars.get("XDG_CURRENT_DESKTOP").map(String::as_str).unwrap_or_default();
        let tray = if desktop.split(':').any(|name| name.eq_ignore_ascii_case("GNOME")) {
            "GNOME shows no tray by itself: install and switch on its AppIndicator extension \
             (gnome-shell-extension-appindicator)"
        } else {
            "use a panel with a tray, as those of KDE Plasma, Xfce and Cinnamon, or waybar; GNOME needs its \
             AppIndicator extension (gnome-shell-extension-appindicator)"
        };
        Self {
            notifications: Words {
                who: "the notification service",
                hint: "install a notification daemon, as dunst or mako, or log in to a desktop".to_owned(),
            },
            tray: Words { who: "the tray", hint: tray.to_owned() },
            keyring: Words {
                who: "the keyring",
                hint: "install gnome-keyring, KWallet or KeePassXC and start Hearsay again, or set \
                       HEARSAY_MQTT_PASSWORD"
                    .to_owned(),
            },
        }
    }

    /// The same for all parts.
    fn all(self, part: impl Fn(Words) -> Part) -> Session {
        Session {
            keyring: part(self.keyring),
            notifications: part(self.notifications),
            tray: part(self.tray),
        }
    }
}

pub(super) fn look(surroundings: &Surroundings) -> Session {
    look_within(surroundings, PATIENCE)
}

/// Looks at the session, for `patience` at the longest.
pub(super) fn look_within(surroundings: &Surroundings, patience: Duration) -> Session {
    let told = Told::of(&surroundings.vars);
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(ask(&surroundings.vars, told, patience)),
        Err(error) => {
            told.all(|words| Part::new(PartState::Unknown, format!("{} cannot be asked: {error}", words.who)))
        }
    }
}

async fn ask(vars: &BTreeMap<String, String>, told: Told, patience: Duration) -> Session {
    let until = Instant::now() + patience;
    let bus = match timeout_at(until, connect(vars)).await {
        Ok(Ok(bus)) => bus,
        Ok(Err(error)) => {
            tracing::debug!(%error, "no session bus");
            return told.all(|words| {
                let message = format!("there is no session bus, so {} is not there", words.who);
                Part::new(PartState::Missing, message).with_hint(words.hint)
            });
        }
        Err(_elapsed) => {
            return told.all(|_| {
                Part::new(PartState::Unknown, "the session bus does not answer").with_hint("log in again")
            });
        }
    };
    let (notifications, tray, keyring) = tokio::join!(
        within(until, &told.notifications, notifications(&bus, &told.notifications)),
        within(until, &told.tray, tray(&bus, &told.tray)),
        within(until, &told.keyring, keyring(&bus, &told.keyring)),
    );
    Session { keyring, notifications, tray }
}

/// Connects as the libraries do that Hearsay uses for banners and passwords.
async fn connect(vars: &BTreeMap<String, String>) -> zbus::Result<Connection> {
    let address = vars.get("DBUS_SESSION_BUS_ADDRESS").filter(|address| !address.is_empty()).cloned();
    let address = address.unwrap_or_else(|| {
        let user = || format!("/run/user/{}", rustix::process::geteuid().as_raw());
        format!("unix:path={}/bus", vars.get("XDG_RUNTIME_DIR").cloned().unwrap_or_else(user))
    });
    connection::Builder::address(address.as_str())?.build().await
}

/// What `look` finds until then.
async fn within(until: Instant, words: &Words, look: impl Future<Output = zbus::Result<Part>>) -> Part {
    match timeout_at(until, look).await {
        Ok(Ok(part)) => part,
        Ok(Err(error)) => {
            let message =
                format!("{} is there and refuses to answer: {}", words.who, said(&error.to_string()));
            Part::new(PartState::Refused, message).with_hint("restart it, or log in again")
        }
        Err(_elapsed) => {
            let message = format!("{} is there and does not answer", words.who);
            Part::new(PartState::Unknown, message).with_hint("restart it, or log in again")
        }
    }
}

async fn notifications(bus: &Connection, words: &Words) -> zbus::Result<Part> {
    let Some(owner) = owner(bus, NOTIFICATIONS).await? else {
        return absent(
            bus,
            NOTIFICATIONS,
            words,
            "banners are shown by a service that starts with the first",
        )
        .await;
    };
    type Server = (String, String, String, String);
    let (name, _vendor, version, _spec): Server =
        call(bus, &owner, NOTIFICATIONS, "GetServerInformation").await?;
    let capabilities: Vec<String> = call(bus, &owner, NOTIFICATIONS, "GetCapabilities").await?;
    let server = format!("{} {}", said(&name), said(&version));
    let server = server.trim_end();
    Ok(if capabilities.iter().any(|capability| capability == "actions") {
        Part::new(PartState::Ready, format!("{server} shows banners"))
    } else {
        Part::new(PartState::Ready, format!("{server} shows banners, which cannot be clicked"))
            .with_hint("install a notification daemon that offers actions, as dunst or mako")
    })
}

async fn tray(bus: &Connection, words: &Words) -> zbus::Result<Part> {
    let Some(owner) = owner(bus, TRAY).await? else {
        return Ok(missing(words, "nobody shows a tray"));
    };
    let hosted: bool = property(bus, &owner, TRAY, (TRAY.name, "IsStatusNotifierHostRegistered")).await?;
    Ok(if hosted {
        Part::new(PartState::Ready, "an icon in the tray is shown")
    } else {
        missing(words, "icons for a tray are taken in, and nobody shows them")
    })
}

async fn keyring(bus: &Connection, words: &Words) -> zbus::Result<Part> {
    let Some(owner) = owner(bus, KEYRING).await? else {
        return absent(
            bus,
            KEYRING,
            words,
            "passwords are kept by a keyring that starts when one is asked for",
        )
        .await;
    };
    let asked = ("org.freedesktop.Secret.Service", "Collections");
    let _collections: Vec<OwnedObjectPath> = property(bus, &owner, KEYRING, asked).await?;
    Ok(Part::new(PartState::Ready, "passwords of brokers are looked up in your keyring"))
}

/// Nobody has that name: perhaps somebody would be started for it, which is said as `starts`.
async fn absent(bus: &Connection, place: Place, words: &Words, starts: &str) -> zbus::Result<Part> {
    let names = DBusProxy::new(bus).await?.list_activatable_names().await?;
    Ok(if names.iter().any(|name| name.as_str() == place.name) {
        Part::new(PartState::Ready, starts)
    } else {
        missing(words, &format!("{} is not there", words.who))
    })
}

fn missing(words: &Words, message: &str) -> Part {
    Part::new(PartState::Missing, message).with_hint(words.hint.clone())
}

async fn owner(bus: &Connection, place: Place) -> zbus::Result<Option<OwnedUniqueName>> {
    match DBusProxy::new(bus).await?.get_name_owner(BusName::try_from(place.name)?).await {
        Ok(owner) => Ok(Some(owner)),
        Err(fdo::Error::NameHasNoOwner(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn call<T>(bus: &Connection, owner: &OwnedUniqueName, place: Place, method: &str) -> zbus::Result<T>
where
    T: DeserializeOwned + Type,
{
    sent(bus, owner, place.path, (place.name, method), &()).await
}

async fn property<T>(
    bus: &Connection,
    owner: &OwnedUniqueName,
    place: Place,
    asked: (&str, &str),
) -> zbus::Result<T>
where
    T: TryFrom<OwnedValue>,
    T::Error: Into<zbus::Error>,
{
    let get = ("org.freedesktop.DBus.Properties", "Get");
    let value: OwnedValue = sent(bus, owner, place.path, get, &asked).await?;
    T::try_from(value).map_err(Into::into)
}

async fn sent<T>(
    bus: &Connection,
    owner: &OwnedUniqueName,
    path: &str,
    (interface, method): (&str, &str),
    body: &(impl serde::Serialize + DynamicType),
) -> zbus::Result<T>
where
    T: DeserializeOwned + Type,
{
    let answer = bus.call_method(Some(owner.as_str()), path, Some(interface), method, body).await?;
    answer.body().deserialize()
}

/// What a stranger says, as it may be shown.
fn said(text: &str) -> String {
    legible(&text.chars().take(NAME).collect::<String>())
}
