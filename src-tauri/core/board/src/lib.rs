//! The board as pure data: Kanbus's records, the rules that make cards of them, and the units, tags and patches
//! that ship them.
//!
//! Not here: files, Git, sockets, clocks. Everything that depends on the world is passed in.
//!
//! Invariants:
//! - No I/O and no clock: the same inputs give the same units, to the byte.
//! - What is not understood in a record is kept; what is odd is said, never dropped.
//! - The cost of a change follows the change and what hangs on it, never the size of the board.
#![deny(missing_docs)]

pub mod attention;
pub mod board;
pub mod card;
pub mod config;
pub mod document;
pub mod envelope;
pub mod event;
pub mod issue;
pub mod key;
pub mod lease;
pub mod observation;
pub mod overlay;
pub mod policy;
pub mod rank;
pub mod rules;
pub mod unit;
pub mod units;

mod holder;
mod meta;
mod moment;
mod neighbours;
mod relations;
mod titles;

pub use board::{Board, Holder, Place};
pub use config::{Config, ConfigError};
pub use document::{Document, SyntaxError};
pub use envelope::Envelope;
pub use event::EventRecord;
pub use issue::Issue;
pub use moment::Moment;
pub use neighbours::Neighbours;
pub use observation::Observation;
pub use unit::{By, Card, GitState, Problem, ProblemCode, Severity, Source, Stage};
pub use units::{Patch, Tag, Units};
