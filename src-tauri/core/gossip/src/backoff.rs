//! How long to wait before trying again.
//!
//! Not here: what is tried, and what cuts the waiting short.
//!
//! Invariant: the wait doubles from the first to the longest and never exceeds it; half of it is chance, so that those who lost a bus
//! at the same moment do not come back at the same moment.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

/// How long to wait next.
#[derive(Debug, Clone)]
pub(crate) struct Backoff {
    first: Duration,
    longest: Duration,
    next: Duration,
    chance: RandomState,
}

impl Backoff {
    pub(crate) fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, next: first, chance: RandomState::new() }
    }

    /// How long to wait after another failure.
    pub(crate) fn wait(&mut self) -> Duration {
        let whole = self.next;
        self.next = (whole * 2).min(self.longest);
        let mut hasher = self.chance.build_hasher();
        hasher.write_u128(whole.as_nanos());
        self.chance = RandomState::new();
        let share = (hasher.finish() % 1024) as u32;
        whole / 2 + whole / 2 * share / 1024
    }

    /// It went well; start again from the first.
    pub(crate) fn reset(&mut self) {
        self.next = self.first;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_longest_and_start_again_after_success() {
        let ms = Duration::from_millis;
        let mut backoff = Backoff::new(ms(100), ms(1000));
        for whole in [100, 200, 400, 800, 1000, 1000] {
            let wait = backoff.wait();
            assert!((ms(whole) / 2..=ms(whole)).contains(&wait), "{wait:?} of {whole} ms");
        }
        backoff.reset();
        assert!(backoff.wait() <= ms(100));
    }
}
