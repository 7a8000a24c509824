//! Issues that are gone, for a moment or for good: a writer may put a file away before it writes it anew.
//!
//! Not here: what becomes of a change (`driver`).
//!
//! Invariant: an issue that comes back within [`HOLD`] has neither gone nor come.

use std::collections::VecDeque;

use hearsay_board::attention::once::HOLD;
use hearsay_board::attention::{Seen, Sight};
use tokio::time::Instant;

/// Issues that went a moment ago.
#[derive(Debug, Default)]
pub(super) struct Absences(VecDeque<(Instant, Box<Sight>)>);

impl Absences {
    /// Keeps back what says that an issue is gone; answers what is to be told at once, if anything.
    pub(super) fn take(&mut self, seen: Seen, now: Instant) -> Option<Seen> {
        let Seen::Issue(sight) = seen else { return Some(seen) };
        if sight.is_gone() {
            self.0.push_back((now + HOLD, sight));
            return None;
        }
        match self.0.iter().position(|(_, gone)| sight.brings_back(gone)) {
            Some(at) => {
                let (_, gone) = self.0.remove(at)?;
                Some(Seen::Issue(Box::new(sight.instead_of(*gone)?)))
            }
            None => Some(Seen::Issue(sight)),
        }
    }

    /// What is gone for good at `now`.
    pub(super) fn due(&mut self, now: Instant) -> Vec<Seen> {
        let over = self.0.iter().take_while(|(until, _)| *until <= now).count();
        self.0.drain(..over).map(|(_, gone)| Seen::Issue(gone)).collect()
    }

    /// When [`Absences::due`] has something next.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.0.front().map(|(until, _)| *until)
    }
}
