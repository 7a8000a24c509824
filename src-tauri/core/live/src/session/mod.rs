//! What the person's session offers Hearsay: banners, a tray, a keyring; and what to do where one is missing.
//!
//! Not here: showing a banner or a tray icon (the desktop door), and asking the keyring for a password
//! (`hearsay-gossip`).
//!
//! Invariants:
//! - Looking starts nothing: whoever does not run is asked nothing.
//! - Looking ends after [`PATIENCE`], whoever hangs; one that hangs takes nothing from what is said of the others.

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;

use serde::Serialize;
use ts_rs::TS;

use crate::Surroundings;

/// How long all of a session may take to answer.
#[cfg(target_os = "linux")]
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(2);

/// What the person's session offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Session {
    /// Whether passwords of brokers can be kept.
    pub keyring: Part,
    /// Whether banners are shown, and can be clicked.
    pub notifications: Part,
    /// Whether an icon in the tray is shown.
    pub tray: Part,
}

/// One thing that a session may offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(rename = "SessionPart")]
pub struct Part {
    /// What to do about it, where something can be done.
    pub hint: Option<String>,
    /// How it is, in one sentence.
    pub message: String,
    /// How it is.
    pub state: PartState,
}

/// How it is with one part of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "SessionPartState")]
pub enum PartState {
    /// It can be used.
    Ready,
    /// Nobody offers it.
    Missing,
    /// Somebody offers it, and not to us.
    Refused,
    /// It cannot be known.
    Unknown,
}

impl Part {
    fn new(state: PartState, message: impl Into<String>) -> Self {
        Self { hint: None, message: message.into(), state }
    }

    fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

impl Session {
    /// Looks at the session that `surroundings` lead to. Waits for others, [`PATIENCE`] at the longest: nothing for
    /// the thread of a window or of a runtime.
    pub fn look(surroundings: &Surroundings) -> Self {
        #[cfg(target_os = "linux")]
        return linux::look(surroundings);
        #[cfg(not(target_os = "linux"))]
        return elsewhere::look(surroundings);
    }
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests;
