//! Waiting for something to become so.

use std::time::{Duration, Instant};

/// How long anything may take before a test gives up. Generous: two cores build, test and link at once.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// How often a condition is looked at that nobody announces.
const STEP: Duration = Duration::from_millis(2);

/// Waits until `condition` gives a value.
///
/// # Panics
/// At the deadline; `what` says what was waited for.
pub fn until<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(value) = condition() {
            return value;
        }
        assert!(started.elapsed() < DEADLINE, "waited {DEADLINE:?} for {what}");
        std::thread::sleep(STEP);
    }
}
