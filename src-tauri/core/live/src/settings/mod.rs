//! What the person has chosen, for all repositories: how it looks, who they are, what is worth a banner.
//!
//! One file in their settings, shared by every door. Not here: what they agreed to for one repository (`trust`), what a
//! window remembers of itself (the doors), and what a choice means.
//!
//! Invariants:
//! - A file that cannot be read is said, never overwritten; meanwhile what was known counts, and where nothing was, nobody
//!   is spoken to and nothing raised.
//! - What a later release has written is kept.
//! - A change is taken as a whole or refused with what is wrong in it.

mod kept;
mod patch;

use std::collections::BTreeMap;

use hearsay_board::attention::quiet::QuietHours;
use hearsay_board::attention::{Hush, Mute, RuleError, Rules};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

pub(crate) use kept::Kept;

/// The version of the file.
pub const VERSION: u64 = 1;

/// What the person has chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Settings {
    /// How it looks.
    pub appearance: Appearance,
    /// Who they are.
    pub identity: Identity,
    /// What is worth a banner, and when.
    pub notifications: Notifications,
    /// How gossip is heard.
    pub realtime: Realtime,
    /// The keys of actions that are not to have their usual ones, by action.
    pub shortcuts: BTreeMap<String, Vec<String>>,
    /// What happens in the tray.
    pub tray: Tray,
    /// The version of the file.
    #[ts(type = "number")]
    pub version: u64,
    /// What a later release has written.
    #[serde(flatten)]
    #[ts(skip)]
    rest: BTreeMap<String, Value>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            appearance: Appearance::default(),
            identity: Identity::default(),
            notifications: Notifications::default(),
            realtime: Realtime::default(),
            shortcuts: BTreeMap::new(),
            tray: Tray::default(),
            version: VERSION,
            rest: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// What counts where it cannot be known what the person has chosen: nobody is spoken to, and nothing raised.
    pub(crate) fn cautious() -> Self {
        let mut settings = Self::default();
        settings.notifications.enabled = false;
        settings.realtime.listen = false;
        settings.realtime.overlay = Readers::Private;
        settings
    }
}

/// How it looks.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Appearance {
    /// Which theme.
    pub theme: Theme,
    #[serde(flatten)]
    #[ts(skip)]
    rest: BTreeMap<String, Value>,
}

/// The themes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// Who the person is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Identity {
    /// Names under which they sign beside that of the environment (`KANBUS_USER`, else `USER`).
    pub names: Vec<String>,
    #[serde(flatten)]
    #[ts(skip)]
    rest: BTreeMap<String, Value>,
}

/// What is worth a banner, and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Notifications {
    /// Whether any banner is raised. The inbox counts all the same.
    pub enabled: bool,
    /// Of what none is wanted.
    #[ts(type = "Array<Mute>")]
    pub mutes: Vec<Mute>,
    /// Until when none is raised, RFC 3339.
    #[serde(with = "hearsay_board::attention::stamp::maybe")]
    #[ts(type = "string | null")]
    pub paused_until: Option<Timestamp>,
    /// When in the week none is wanted.
    #[ts(type = "QuietHours")]
    pub quiet: QuietHours,
    /// The person's rules, one a line.
    pub rules: String,
    #[serde(flatten)]
    #[ts(skip)]
    rest: BTreeMap<String, Value>,
}

impl Default for Notifications {
    fn default() -> Self {
        Self {
            enabled: true,
            mutes: Vec::new(),
            paused_until: None,
            quiet: QuietHours::default(),
            rules: String::new(),
            rest: BTreeMap::new(),
        }
    }
}

impl Notifications {
    /// The same as what holds banners back.
    pub(crate) fn hush(&self) -> Hush {
        Hush { mutes: self.mutes.clone(), paused_until: self.paused_until, quiet: self.quiet.clone() }
    }

    /// The rules in it.
    pub(crate) fn rules(&self) -> Result<Rules, RuleError> {
        Rules::parse(&self.rules)
    }
}

/// How gossip is heard. Counts for repositories that are opened from then on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Realtime {
    /// Whether anybody is listened to.
    pub listen: bool,
    /// Who reads what is heard.
    pub overlay: Readers,
    #[serde(flatten)]
    #[ts(skip)]
    rest: BTreeMap<String, Value>,
}

impl Default for Realtime {
    fn default() -> Self {
        Self { listen: true, overlay: Readers::default(), rest: BTreeMap::new() }
    }
}

/// Who reads what is heard.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Readers {
    /// Kanbus's commands as well.
    #[default]
    Shared,
    /// Hearsay alone.
    Private,
}

/// What happens in the tray.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Tray {
    /// Whether the app stays there when its last window is closed.
    pub close_to_tray: bool,
    #[serde(flatten)]
    #[ts(skip)]
    rest: BTreeMap<String, Value>,
}
