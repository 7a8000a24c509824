//! What was written here, and the board may not have seen yet.
//!
//! Not here: whether it has seen it (`owner`).
//!
//! Invariants:
//! - Whoever comes waits for everything that was written before, also while others wait for the same.
//! - Of an issue in its place the last write alone is waited for, and nobody waits longer than told.

use std::collections::BTreeMap;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use hearsay_board::Place;

use super::held;
use crate::owner::Awaited;

/// How often who waits looks whether the same was written again.
const LOOK: Duration = Duration::from_millis(20);

/// The writes that the board may not have seen, by where and of which issue.
#[derive(Debug, Default)]
pub(super) struct Unseen(Mutex<BTreeMap<(Place, String), Arc<Write>>>);

#[derive(Debug)]
struct Write {
    /// The blob id of what was written; `None` where the file is gone.
    base: Option<String>,
    /// When somebody first waited for it.
    since: OnceLock<Instant>,
}

impl Write {
    /// How much of `most` is left to whoever waits for it.
    fn left(&self, most: Duration) -> Duration {
        most.saturating_sub(self.since.get_or_init(Instant::now).elapsed())
    }
}

impl Unseen {
    /// Notes a write.
    pub(super) fn note(&self, id: &str, place: &Place, base: Option<String>) {
        let write = Arc::new(Write { base, since: OnceLock::new() });
        held(&self.0).insert((place.clone(), id.to_owned()), write);
    }

    /// Waits, no longer than `most`, until the board has seen what was written before. `ask` has it tell that; `None`
    /// where nobody would.
    pub(super) fn wait(&self, most: Duration, ask: impl Fn(Awaited) -> Option<()>) {
        let until = Instant::now() + most;
        let writes = held(&self.0).clone();
        for write in writes.values() {
            write.since.get_or_init(Instant::now);
        }
        for (key, mut write) in writes {
            while !self.is_over(&key, &write, most, &ask) && Instant::now() < until {
                match held(&self.0).get(&key) {
                    // Written again: what was there before, the board may never see.
                    Some(again) => write = again.clone(),
                    // Others have waited for it.
                    None => break,
                }
            }
        }
    }

    /// Waits for `write`, and forgets it. `false` where it is not the last of that issue any more.
    fn is_over(
        &self,
        key: &(Place, String),
        write: &Arc<Write>,
        most: Duration,
        ask: impl Fn(Awaited) -> Option<()>,
    ) -> bool {
        let ((place, id), (seen, told)) = (key, sync_channel(1));
        let is_last = |last: Option<&Arc<Write>>| last.is_some_and(|last| Arc::ptr_eq(last, write));
        let awaited = Awaited { id: id.clone(), place: place.clone(), base: write.base.clone(), seen };
        if ask(awaited).is_some() {
            loop {
                let left = write.left(most);
                match told.recv_timeout(left.min(LOOK)) {
                    Ok(()) => break,
                    Err(RecvTimeoutError::Timeout) if !left.is_zero() => {}
                    Err(_too_late) => {
                        tracing::debug!(id, "the board has not seen a write in time");
                        break;
                    }
                }
                if !is_last(held(&self.0).get(key)) {
                    return false;
                }
            }
        }
        let mut writes = held(&self.0);
        if is_last(writes.get(key)) {
            writes.remove(key);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use hearsay_board::Source;

    use super::*;

    /// Longer than any promise takes.
    const LONG: Duration = Duration::from_secs(30);

    fn place() -> Place {
        Place { project: "k".into(), source: Source::Shared }
    }

    fn written(base: &str) -> Unseen {
        let unseen = Unseen::default();
        unseen.note("k-1", &place(), Some(base.to_owned()));
        unseen
    }

    #[test]
    fn two_who_come_together_both_wait_for_what_was_written_before() {
        let unseen = written("a");
        let (asked, asking) = channel();
        std::thread::scope(|scope| {
            for asked in [asked.clone(), asked] {
                let unseen = &unseen;
                scope.spawn(move || unseen.wait(LONG, |awaited| asked.send(awaited).ok()));
            }
            let both = [(); 2].map(|()| asking.recv_timeout(LONG).expect("each of the two asks"));
            for awaited in &both {
                assert_eq!((awaited.id.as_str(), awaited.base.as_deref()), ("k-1", Some("a")));
                awaited.seen.send(()).expect("somebody waits");
            }
        });
        assert!(held(&unseen.0).is_empty(), "nobody waits for it again");
    }

    #[test]
    fn what_is_written_again_meanwhile_is_waited_for_instead() {
        let unseen = written("a");
        let (asked, asking) = channel();
        std::thread::scope(|scope| {
            scope.spawn(|| unseen.wait(LONG, |awaited| asked.send(awaited).ok()));
            let first = asking.recv_timeout(LONG).expect("it asks");
            unseen.note("k-1", &place(), Some("b".to_owned()));
            let second = asking.recv_timeout(LONG).expect("it asks again");
            assert_eq!((first.base.as_deref(), second.base.as_deref()), (Some("a"), Some("b")));
            second.seen.send(()).expect("somebody waits");
        });
        assert!(held(&unseen.0).is_empty());
    }

    #[test]
    fn what_the_board_never_sees_is_waited_for_once_and_no_longer_than_told() {
        let unseen = written("a");
        let kept = Mutex::new(Vec::new());
        unseen.wait(LOOK, |awaited| {
            held(&kept).push(awaited);
            Some(())
        });
        unseen.note("k-2", &place(), None);
        unseen.wait(LONG, |_closed| None);
        unseen.wait(LONG, |awaited| panic!("{awaited:?}"));
        assert_eq!(held(&kept).len(), 1);
    }
}
