//! What the watch's thread has to do, and when.
//!
//! Not here: doing it (`watch`).

use std::time::{Duration, Instant};

use crate::touched::Touched;

/// When a half-written file is read again.
const AGAIN: Duration = Duration::from_millis(15);
/// How long the thread sleeps when nothing is due: until a signal, for all that matters.
pub(super) const IDLE: Duration = Duration::from_secs(86_400);

/// What the thread has to do, and when.
pub(super) struct Due {
    pub(super) touched: Touched,
    /// Until then what is touched waits, to be looked at together.
    pub(super) quiet_from: Instant,
    /// What may be half written, and when it is looked at again.
    pub(super) again: Touched,
    pub(super) again_at: Instant,
    /// Whether something waits that was heard.
    pub(super) heard: bool,
    /// When what was heard is written down.
    pub(super) save_at: Option<Instant>,
    /// When something that was heard ends by itself.
    pub(super) end_at: Option<Instant>,
}

impl Due {
    /// What is due after opening, which left `again` to be looked at once more.
    pub(super) fn after(again: Touched) -> Self {
        let now = Instant::now();
        Self {
            touched: Touched::default(),
            quiet_from: now,
            again,
            again_at: now + AGAIN,
            heard: false,
            save_at: None,
            end_at: None,
        }
    }

    /// What was touched has been looked at; what comes within `fold` is looked at together.
    pub(super) fn looked(&mut self, fold: Duration) {
        let now = Instant::now();
        self.quiet_from = now + fold;
        self.again_at = now + AGAIN;
    }

    pub(super) fn is_idle(&self) -> bool {
        self.touched.is_empty() && self.again.is_empty() && !self.heard
    }

    /// When there is something to do even if no signal comes; after `idle` at the latest.
    pub(super) fn at(&self, idle: Duration) -> Instant {
        let look = (self.heard || !self.touched.is_empty()).then_some(self.quiet_from);
        let again = (!self.again.is_empty()).then_some(self.again_at);
        let due = look.into_iter().chain(again).chain(self.save_at).chain(self.end_at);
        due.min().unwrap_or_else(|| Instant::now() + idle)
    }
}
