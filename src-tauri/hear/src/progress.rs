//! How far a repository is read, for a person at a terminal, once that takes longer than a second.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(1);

/// A line on standard error that says how far the reading is.
#[derive(Debug)]
pub(crate) struct Progress {
    started: Instant,
    on_terminal: bool,
}

impl Progress {
    pub(crate) fn start() -> Self {
        Self { started: Instant::now(), on_terminal: std::io::stderr().is_terminal() }
    }

    pub(crate) fn show(&self, done: usize, total: usize) {
        if self.on_terminal && self.started.elapsed() > PATIENCE {
            let end = if done == total { "\r\x1b[K" } else { "" };
            // Progress that cannot be shown is no failure.
            let _ = write!(std::io::stderr(), "\rreading {done} of {total} issues{end}");
        }
    }
}
