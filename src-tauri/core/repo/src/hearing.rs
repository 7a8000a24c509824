//! What was heard and is not taken in yet: the way from gossip into the watch's thread.
//!
//! Not here: gossip itself (`hearsay-gossip`), and what becomes of what is heard (`overlay`, `leases`).
//!
//! Invariants:
//! - Whoever hears never waits for the watch: what comes faster than it is taken in is folded, newest per issue.
//! - What waits is bounded; what has no room is counted.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hearsay_board::lease::Claim;
use hearsay_board::overlay::Entry;

/// How many issues, and how many claims, wait at the most.
const MOST: usize = 4096;

/// What was heard.
#[derive(Debug, Clone)]
pub enum Word {
    /// Something of an issue.
    Issue {
        /// The issue, fit for a file name.
        id: Box<str>,
        /// What.
        entry: Entry,
    },
    /// Something of a lease.
    Claim(HeardClaim),
}

/// What was heard of a lease.
#[derive(Debug, Clone)]
pub struct HeardClaim {
    /// What.
    pub claim: Claim,
    /// The envelope's id.
    pub envelope: Box<str>,
    /// The envelope as it came.
    pub text: Box<str>,
}

/// What waits to be taken in.
#[derive(Debug, Default)]
pub struct Waiting {
    pub(crate) issues: HashMap<(Arc<str>, Box<str>), Entry>,
    pub(crate) claims: Vec<(Arc<str>, HeardClaim)>,
}

impl Waiting {
    pub(crate) fn is_empty(&self) -> bool {
        self.issues.is_empty() && self.claims.is_empty()
    }
}

/// The box that what is heard is put into.
#[derive(Debug, Default)]
pub(crate) struct Letterbox {
    waiting: Mutex<Waiting>,
    refused: AtomicU64,
}

impl Letterbox {
    /// Puts in what was heard of the project `project`. Answers whether the box was empty before.
    pub(crate) fn put(&self, project: &Arc<str>, word: Word) -> bool {
        let mut waiting = self.lock();
        let was_empty = waiting.is_empty();
        match word {
            Word::Issue { id, entry } => {
                let key = (project.clone(), id);
                if let Some(known) = waiting.issues.get_mut(&key) {
                    known.hear(entry);
                } else if waiting.issues.len() < MOST {
                    waiting.issues.insert(key, entry);
                } else {
                    self.refused.fetch_add(1, Ordering::Relaxed);
                }
            }
            Word::Claim(claim) if waiting.claims.len() < MOST => {
                waiting.claims.push((project.clone(), claim));
            }
            Word::Claim(_) => {
                self.refused.fetch_add(1, Ordering::Relaxed);
            }
        }
        was_empty && !waiting.is_empty()
    }

    pub(crate) fn take(&self) -> Waiting {
        std::mem::take(&mut *self.lock())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Nothing that holds the lock can leave the box half filled.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
