//! Issues that are gone, for a moment or for good: a writer may put a file away before it writes it anew.
//!
//! Not here: what becomes of a change (`driver`).
//!
//! Invariant: an issue that comes back within [`HOLD`] has neither gone nor come.

use std::collections::VecDeque;
use std::time::Duration;

use hearsay_board::attention::once::HOLD;
use hearsay_board::attention::{Seen, Sight};
use tokio::time::Instant;

/// For how long it is waited whether an issue comes back: not as long as its coming is held.
const PATIENCE: Duration = HOLD.saturating_sub(Duration::from_millis(300));

/// Issues that went or came a moment ago.
#[derive(Debug, Default)]
pub(super) struct Absences {
    gone: VecDeque<(Instant, Box<Sight>)>,
    /// They may stand in the other place of their project still, until they go there.
    came: VecDeque<(Instant, Box<Sight>)>,
}

impl Absences {
    /// Keeps back what says that an issue is gone; answers what is to be told at once, if anything.
    pub(super) fn take(&mut self, seen: Seen, now: Instant) -> Option<Seen> {
        if let Seen::Event(event) = &seen {
            self.gone.iter_mut().for_each(|(_, gone)| gone.heed(event));
        }
        let Seen::Issue(sight) = seen else { return Some(seen) };
        self.came.retain(|(until, _)| *until > now);
        if sight.is_gone() {
            if let Some(at) = self.came.iter().position(|(_, came)| came.brings_back(&sight)) {
                // It has only gone elsewhere: told at once, the one takes back the other.
                self.came.remove(at);
                return Some(Seen::Issue(sight));
            }
            self.gone.push_back((now + PATIENCE, sight));
            return None;
        }
        match self.gone.iter().position(|(_, gone)| sight.brings_back(gone)) {
            Some(at) => {
                let (_, gone) = self.gone.remove(at)?;
                Some(Seen::Issue(Box::new(sight.instead_of(*gone)?)))
            }
            None => {
                if sight.is_new() {
                    self.came.push_back((now + PATIENCE, sight.clone()));
                }
                Some(Seen::Issue(sight))
            }
        }
    }

    /// What is gone for good at `now`.
    pub(super) fn due(&mut self, now: Instant) -> Vec<Seen> {
        let over = self.gone.iter().take_while(|(until, _)| *until <= now).count();
        self.gone.drain(..over).map(|(_, gone)| Seen::Issue(gone)).collect()
    }

    /// When [`Absences::due`] has something next.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.gone.front().map(|(until, _)| *until)
    }
}
