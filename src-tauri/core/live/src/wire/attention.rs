//! What is worth the person's attention, as it crosses a door.
//!
//! Not here: what it means (`hearsay_board::attention`).

use hearsay_board::attention::inbox::{Counts, Item};
use hearsay_board::attention::rule::DryRun;
use hearsay_board::attention::{Class, Hushed, Line};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// `inbox`: what the inbox counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, TS)]
pub struct InboxUnit {
    /// What it counts.
    pub counts: Counts,
    /// Until when no banner is raised, RFC 3339; null where they are.
    pub paused_until: Option<String>,
    /// The newest line of each of the few items that need the person most.
    pub top: Vec<Line>,
    /// Why the inbox is not kept, where it is not.
    pub trouble: Option<String>,
}

/// `settings`: what the person has chosen.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct SettingsUnit {
    /// Under which names the person is known here: that of the environment first.
    pub me: Vec<String>,
    /// The file; null where there is no place for one.
    pub path: Option<String>,
    /// What they have chosen.
    pub settings: crate::settings::Settings,
    /// Why that is not what the file says, where it cannot be read.
    pub trouble: Option<String>,
}

/// The inbox as a whole.
#[derive(Debug, Serialize, TS)]
pub struct InboxList {
    /// What is unread first, then by class, the newest first.
    pub items: Vec<Item>,
}

/// A change that is worth the person's attention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Notice {
    /// Its class.
    pub class: Class,
    /// Why no banner is raised, where one would have been otherwise.
    pub hushed: Option<Hushed>,
    /// It in words.
    pub line: Line,
}

/// What is to become of an item of the inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum Mark {
    /// The person has looked.
    Read,
    /// They are done with it.
    Done,
    /// They want to look again.
    Unread,
    /// They want to be asked again later.
    Snoozed {
        /// When, RFC 3339.
        #[serde(with = "hearsay_board::attention::stamp")]
        #[ts(type = "string")]
        until: jiff::Timestamp,
    },
}

/// What rules would have made of the last day.
#[derive(Debug, Serialize, TS)]
pub struct Trial {
    /// The changes in words, the newest first, as `run.tried` has them.
    pub lines: Vec<Line>,
    /// What becomes of each.
    pub run: DryRun,
}
