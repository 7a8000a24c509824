//! Debian's `dunst`: who shows banners, and where a person clicks them.
//!
//! Not here: what it was asked to show (`banners`).

use std::collections::HashMap;
use std::fs;

use zbus::blocking::Proxy;
use zbus::blocking::proxy::Builder;
use zbus::proxy::CacheProperties;
use zbus::zvariant::{OwnedValue, Value};

use super::{Banner, Desktop};
use crate::group::Group;
use crate::peers;
use crate::wait::until;

/// The name of whoever shows banners.
const NAME: &str = "org.freedesktop.Notifications";
/// Where it is asked.
const PATH: &str = "/org/freedesktop/Notifications";
/// What `dunstctl` asks through.
const CONTROL: &str = "org.dunstproject.cmd0";

/// Nothing goes by itself, the oldest stands first, and nothing is forgotten.
const SETTINGS: &str = "[global]
    follow = none
    idle_threshold = 0
    sort = no
    notification_limit = 0
    history_length = 100000
    sticky_history = yes
    show_age_threshold = -1
    markup = full
[urgency_low]
    timeout = 0
[urgency_normal]
    timeout = 0
[urgency_critical]
    timeout = 0
";

/// A banner as it stood on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// By what it is known.
    pub id: i32,
    /// Who raised it.
    pub app: String,
    /// The first line.
    pub title: String,
    /// What stood below it.
    pub body: String,
    /// All of it, as it was laid out: marks that are no marks are escaped.
    pub laid_out: String,
}

/// A running `dunst`.
#[derive(Debug)]
pub struct Dunst {
    group: Group,
    daemon: Proxy<'static>,
    control: Proxy<'static>,
}

impl Dunst {
    /// Starts it in that session, and waits until it shows banners.
    pub fn start(desktop: &Desktop) -> Option<Self> {
        let program = peers::program("dunst", "dunst")?;
        let home = desktop.machine().home();
        let settings = home.join("dunstrc");
        fs::write(&settings, SETTINGS).expect("a home to write to");
        let mut command = desktop.command(program);
        let group = Group::start(command.arg("-conf").arg(settings), home.join("dunst.log"));
        desktop.knows(NAME, true);
        let connection = desktop.connect();
        // A cache would tell what was so when it was filled.
        let proxy = |interface: &'static str| -> zbus::Result<Proxy<'static>> {
            let builder = Builder::new(&connection).destination(NAME)?.path(PATH)?.interface(interface)?;
            builder.cache_properties(CacheProperties::No).build()
        };
        let (daemon, control) = (proxy(NAME).expect("it is there"), proxy(CONTROL).expect("it is dunst"));
        Some(Self { group, daemon, control })
    }

    fn count(&self, what: &str) -> u32 {
        let property = self.control.get_property::<u32>(what);
        property.unwrap_or_else(|error| panic!("dunst: {error}; {}", self.group.errors()))
    }

    /// How many banners are on the screen.
    pub fn displayed(&self) -> u32 {
        self.count("displayedLength")
    }

    /// How many wait until it is no longer paused.
    pub fn waiting(&self) -> u32 {
        self.count("waitingLength")
    }

    /// Waits until so many banners are on the screen.
    pub fn displays(&self, count: u32) {
        until(&format!("{count} banners, not {}", self.displayed()), || {
            (self.displayed() == count).then_some(())
        });
    }

    /// The person wants to see none for now, or wants to again.
    pub fn pause(&self, paused: bool) {
        self.control.set_property("paused", paused).expect("dunst can be paused");
    }

    /// Clicks `banner` once it is on the screen; what is older and still there is closed before, unclicked.
    pub fn click(&self, banner: &Banner) {
        until(&format!("{:?} on the screen", banner.title), || (self.displayed() > 0).then_some(()));
        let id = banner.id.expect("it is known by an id");
        for older in 1..id {
            // One that is gone already is as good.
            let _ = self.daemon.call_method("CloseNotification", &older);
        }
        // dunst takes a place for an answer, of which 1.9 knows the first alone: the oldest.
        self.control.call_method("NotificationAction", &0_u32).expect("a banner to click");
    }

    /// Closes all banners as a person does, and answers all that were ever shown, the oldest first.
    pub fn shown(&self) -> Vec<Shown> {
        self.control.call_method("NotificationCloseAll", &()).expect("dunst closes them");
        self.displays(0);
        let listed = self.control.call_method("NotificationListHistory", &()).expect("dunst lists them");
        let listed: Vec<HashMap<String, OwnedValue>> = listed.body().deserialize().expect("a list");
        let text =
            |shown: &HashMap<String, OwnedValue>, name: &str| match shown.get(name).map(|value| &**value) {
                Some(Value::Str(text)) => text.to_string(),
                _ => String::new(),
            };
        let id = |one: &HashMap<String, OwnedValue>| one.get("id").and_then(|id| i32::try_from(id).ok());
        let shown = |one: &HashMap<String, OwnedValue>| Shown {
            id: id(one).unwrap_or_default(),
            app: text(one, "appname"),
            title: text(one, "summary"),
            body: text(one, "body"),
            laid_out: text(one, "message"),
        };
        let mut all: Vec<Shown> = listed.iter().map(shown).collect();
        all.sort_by_key(|shown| shown.id);
        all
    }

    /// It is killed: from now on nobody shows banners.
    pub fn die(mut self) {
        self.group.kill();
    }
}
