//! What a watch is told at its start, and what it has to say.
//!
//! Not here: when it says it (`watch`).

use std::time::SystemTime;

use hearsay_board::Observation;

use crate::news::News;
use crate::overlay::Overlays;

/// How changes are noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// The system says so.
    Native,
    /// By looking every now and then; why.
    Polling(String),
    /// A source that should have said so did not; what was found out without it.
    Blind(String),
}

/// What the thread has to say.
#[derive(Debug)]
pub enum Report {
    /// Issue files are being read: how many of how many.
    Reading(usize, usize),
    /// What has happened; what follows from it is so with the next report.
    Happened(Vec<News>),
    /// What is so now. The first report of this kind is the whole working tree.
    Observed(Vec<Observation>),
    /// How changes are noticed from now on.
    Watching(Mode),
    /// Nothing is noticed any more. Where nobody has ended the watch, that is a fault.
    Ended,
}

/// Settings of a watch.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The time that files' own times are compared with.
    pub clock: fn() -> SystemTime,
    /// Whether to use what the system offers; else everything is polled.
    pub native: bool,
    /// What the person's own settings say of overlays.
    pub overlays: Overlays,
}
