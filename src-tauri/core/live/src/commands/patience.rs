//! How long the commands of one run wait for others.
//!
//! Not here: the waiting (`hearsay_repo::write`).
//!
//! Invariant: what was waited for in vain once is not waited for again in that run, however many commands it has.

use std::cell::Cell;
use std::time::Duration;

use hearsay_repo::WriteError;
use hearsay_repo::write::Manner;

use super::answer::Refused;

/// How long a person waits for an issue that somebody else is writing, and for Git.
const MOST: Duration = Duration::from_secs(5);

/// What is left of it.
#[derive(Debug)]
pub(super) struct Patience {
    locks: Cell<Duration>,
    git: Cell<Duration>,
}

impl Default for Patience {
    fn default() -> Self {
        Self { locks: Cell::new(MOST), git: Cell::new(MOST) }
    }
}

impl Patience {
    /// How a write is done with what is left.
    pub(super) fn manner(&self, anyway: bool) -> Manner {
        Manner { patience: self.locks.get(), git_patience: self.git.get(), anyway }
    }

    /// Notes what a command of the run came to.
    pub(super) fn heed<T>(&self, done: &Result<T, Refused>) {
        match done {
            Err(Refused::Write(WriteError::Locked { .. })) => self.locks.set(Duration::ZERO),
            // A merge and the like is said at once: nobody has waited for its end.
            Err(Refused::Write(WriteError::GitBusy { what })) if what == "index" => {
                self.git.set(Duration::ZERO);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_waited_for_in_vain_is_not_waited_for_again() {
        let left = |patience: &Patience| {
            let manner = patience.manner(false);
            (manner.patience, manner.git_patience)
        };
        let refused = |error| Err::<(), _>(Refused::Write(error));
        let patience = Patience::default();
        patience.heed(&Ok(()));
        patience.heed(&refused(WriteError::GitBusy { what: "merge".to_owned() }));
        patience.heed(&refused(WriteError::NotFound { id: "k-1".to_owned() }));
        assert_eq!(left(&patience), (MOST, MOST));
        patience.heed(&refused(WriteError::GitBusy { what: "index".to_owned() }));
        assert_eq!(left(&patience), (MOST, Duration::ZERO));
        patience.heed(&refused(WriteError::Locked { id: "k-1".to_owned() }));
        assert_eq!(left(&patience), (Duration::ZERO, Duration::ZERO));
    }
}
