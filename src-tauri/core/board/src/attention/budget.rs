//! How many banners there may be: so many in ten minutes, and one digest of what is more.
//!
//! Not here: what is in them (`grouping`).
//!
//! Invariant: within any [`SPAN`] there are at most [`MOST`] banners and one digest.

use std::collections::VecDeque;
use std::time::Duration;

/// The most banners within [`SPAN`].
pub(super) const MOST: usize = 6;
/// The time over which they are counted.
pub(super) const SPAN: Duration = Duration::from_secs(600);

/// What was raised of late.
#[derive(Debug, Default)]
pub(super) struct Budget {
    banners: VecDeque<Duration>,
    digest: Option<Duration>,
}

impl Budget {
    /// From when on there may be a banner.
    pub(super) fn banner_at(&self) -> Duration {
        let oldest = self.banners.front().filter(|_| self.banners.len() == MOST);
        oldest.map_or(Duration::ZERO, |oldest| *oldest + SPAN)
    }

    /// From when on there may be a digest.
    pub(super) fn digest_at(&self) -> Duration {
        self.digest.map_or(Duration::ZERO, |last| last + SPAN)
    }

    /// Takes a banner at `now`, if there may be one.
    pub(super) fn take_banner(&mut self, now: Duration) -> bool {
        if now < self.banner_at() {
            return false;
        }
        if self.banners.len() == MOST {
            self.banners.pop_front();
        }
        self.banners.push_back(now);
        true
    }

    /// Takes a digest at `now`, if there may be one.
    pub(super) fn take_digest(&mut self, now: Duration) -> bool {
        let free = self.digest_at() <= now;
        if free {
            self.digest = Some(now);
        }
        free
    }
}
