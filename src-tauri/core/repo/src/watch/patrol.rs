//! The patrol: everything is compared, and what no watcher reported is said.
//!
//! Not here: when it goes (`hearsay-live`).

use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use super::due::Due;
use super::{Mode, Scout, Signal};
use crate::tree::WorkingTree;

/// How late the system may be with what a patrol has found already.
const LATE: Duration = Duration::from_millis(50);

impl Scout {
    /// Compares everything. What no watcher has reported, before or within a moment, some source was blind to.
    /// Answers whether to go on.
    pub(super) fn patrol(
        &mut self,
        tree: &mut WorkingTree,
        signals: &Receiver<Signal>,
        due: &mut Due,
    ) -> bool {
        let now = self.now();
        let found = tree.compare(now);
        due.touched.add(tree.failed());
        due.touched.git = true;
        due.touched.structure |= tree.is_laid_out_otherwise(now);
        let until = Instant::now() + LATE;
        while !found.is_empty() && Instant::now() < until {
            match signals.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(Signal::System(event)) => self.classify(event, &mut due.touched),
                Ok(Signal::Patrol | Signal::Heard) => {}
                Ok(Signal::Stop) => return false,
                Err(_) => break,
            }
        }
        let unreported = found.unnamed_in(&due.touched, &due.again);
        let explained = due.touched.compare.is_some() || due.touched.structure;
        match self.mode {
            Mode::Native if unreported > 0 && !explained => {
                tracing::warn!(unreported, "the patrol found changes that no watcher reported");
                let message = format!("{unreported} changes were found by comparing, not by watching");
                self.set_mode(Mode::Blind(message));
            }
            Mode::Blind(_) if unreported == 0 => self.set_mode(Mode::Native),
            _ => {}
        }
        due.touched.add(found);
        true
    }
}
