//! Live units: what only a running process knows, outside of the board and its tag.
//!
//! Not here: anything that follows from files (`hearsay_board::unit`).

use std::collections::BTreeMap;

use hearsay_repo::watch::Mode;
use serde::Serialize;
use ts_rs::TS;

/// Live units by key.
pub type LiveUnits = BTreeMap<&'static str, LiveUnit>;

/// Something that only this process knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LiveUnit {
    /// `watch`: how changes of files are noticed.
    Watch(Watch),
}

/// How changes of files are noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Watch {
    /// Why it is not as it should be.
    pub message: Option<String>,
    /// How.
    pub mode: WatchMode,
    /// Since when, RFC 3339.
    pub since: String,
}

/// The ways in which changes are noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WatchMode {
    /// The system says so.
    Native,
    /// By looking every now and then.
    Polling,
    /// The system should say so and did not, at least once.
    Blind,
}

impl Watch {
    /// From what the watch says of itself.
    pub fn new(mode: Mode, since: String) -> Self {
        let (mode, message) = match mode {
            Mode::Native => (WatchMode::Native, None),
            Mode::Polling(why) => (WatchMode::Polling, Some(why)),
            Mode::Blind(what) => (WatchMode::Blind, Some(what)),
        };
        Self { message, mode, since }
    }
}
