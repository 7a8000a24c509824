//! What has been heard already, by id.
//!
//! Not here: the time, which is passed in, and what a repeated id means.
//!
//! Invariants:
//! - An id is remembered for [`MEMORY`], and never more than [`MOST`] of them; the oldest go first.
//! - Each question costs a constant amount, spread over all of them.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long an id is remembered: as in Kanbus.
pub const MEMORY: Duration = Duration::from_secs(3600);
/// How many are remembered at the most.
pub const MOST: usize = 100_000;

/// Ids that were seen.
#[derive(Debug, Default)]
pub struct Seen {
    ids: HashSet<Arc<str>>,
    /// The same ids, the oldest first.
    order: VecDeque<(Instant, Arc<str>)>,
}

impl Seen {
    /// Notes `id` at `now`, which never goes back. Answers whether it is new.
    pub fn note(&mut self, id: &str, now: Instant) -> bool {
        self.forget(now);
        if self.ids.contains(id) {
            return false;
        }
        if self.order.len() >= MOST {
            self.forget_oldest();
        }
        let id: Arc<str> = id.into();
        self.order.push_back((now, Arc::clone(&id)));
        self.ids.insert(id);
        true
    }

    /// Whether `id` has been noted.
    pub fn contains(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    /// How many ids are remembered.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    fn forget(&mut self, now: Instant) {
        while self.order.front().is_some_and(|(at, _)| now.saturating_duration_since(*at) > MEMORY) {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((_, id)) = self.order.pop_front() {
            self.ids.remove(&id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_new_once_an_hour() {
        let (mut seen, start) = (Seen::default(), Instant::now());
        assert!(seen.note("a", start));
        assert!(!seen.note("a", start + MEMORY), "an hour later it is still known");
        assert!(seen.note("a", start + MEMORY + Duration::from_secs(1)), "after that it is new again");
        assert_eq!(seen.len(), 1);
    }

    #[test]
    fn a_storm_of_fresh_ids_is_bounded_and_the_oldest_go_first() {
        let (mut seen, now) = (Seen::default(), Instant::now());
        for id in 0..MOST + 10 {
            assert!(seen.note(&id.to_string(), now));
        }
        assert_eq!((seen.len(), seen.ids.len()), (MOST, MOST));
        assert!(!seen.contains("9") && seen.contains("10"));
    }
}
