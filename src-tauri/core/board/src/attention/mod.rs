//! Attention: what of all that happens is worth the person's, and in which words they are told.
//!
//! The way of a change: two states or an event say what it is (`change`), by whom (`attribution`); what this person did
//! is left out (`ledger`), what was told before as well (`once`); then what it means (`verdict`, by `class`, `rule` and
//! `hush`), and from there it is counted (`inbox`) and raised (`grouping`), in words (`line`, `banner`). `desk` walks it
//! that way.
//!
//! Not here: clocks, timers, files, and how a banner reaches a screen. Where time passes, the caller says how much.
//!
//! Invariants:
//! - A change is told once, never when it is the person's own, never for what was there at start.
//! - Whatever keeps a banner back, the inbox counts the change.
//! - However much happens, what is kept in memory is bounded, and what was left out is counted.

pub mod attribution;
pub mod banner;
pub mod change;
pub mod class;
pub mod content;
pub mod desk;
pub mod grouping;
pub mod hush;
pub mod inbox;
pub mod ledger;
pub mod line;
pub mod once;
pub mod quiet;
pub mod rule;
pub mod sight;
pub mod stamp;
pub mod subject;
pub mod text;
pub mod verdict;

mod budget;

#[cfg(test)]
mod tests;

pub use attribution::{Attribution, Clues, Me, Rung, Sure};
pub use banner::{Banner, Opens};
pub use change::{Change, Kind, Scene, Told, What};
pub use class::Class;
pub use content::Content;
pub use desk::{Desk, Now, Outcome, Wishes};
pub use grouping::{Form, Grouping, Raise};
pub use hush::{Hush, Hushed, Mute, Muted};
pub use inbox::Inbox;
pub use ledger::Ledger;
pub use line::{About, Line};
pub use once::{Once, Summary};
pub use quiet::QuietHours;
pub use rule::{RuleError, Rules};
pub use sight::{Before, EventSight, Seen, Sight, Telling};
pub use subject::Subject;
pub use verdict::{Context, Verdict};
