//! Kanbus's own locks: an exclusive `flock` on `.overlay/locks/<id>.lock` of the shared project, for local issues too.
//!
//! Not here: what is done under a lock (`write`).
//!
//! Invariants:
//! - Locks of several issues are taken in the order of their ids, so that no two writers wait for each other.
//! - No more are held than leave the process files to open.
//! - Nobody waits longer than told. A lock file that was removed meanwhile locks nobody out, and is not relied upon.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::time::{Duration, Instant};

use super::directory::Directory;
use super::ground::Ground;
use crate::error::WriteError;

/// How long after a lock was found taken it is tried again: at first, and at the most.
const PAUSE: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(16));
/// How many are held at once: each is an open file, and others in the process open files meanwhile.
pub(super) const MOST: usize = if cfg!(target_os = "macos") { 100 } else { 500 };
/// How often a lock is taken anew whose file was removed meanwhile.
const TRIES: usize = 8;

/// The locks of some issues. Dropping them lets go of them.
#[derive(Debug)]
pub(super) struct Locks {
    _files: Vec<File>,
}

impl Locks {
    /// Takes those of `ids`, all of them before `deadline`, or none.
    pub(super) fn take(
        ground: &Ground,
        ids: &BTreeSet<String>,
        deadline: Instant,
    ) -> Result<Self, WriteError> {
        if ids.len() > MOST {
            return Err(WriteError::TooMany { count: ids.len(), most: MOST });
        }
        let mut files = Vec::with_capacity(ids.len());
        for id in ids {
            files.push(take(ground, id, deadline)?);
        }
        Ok(Self { _files: files })
    }
}

fn take(ground: &Ground, id: &str, deadline: Instant) -> Result<File, WriteError> {
    let name = format!("{id}.lock");
    for _ in 0..TRIES {
        let directory = ground.locks()?;
        let file = directory.lock_file(&name)?;
        wait(&file, &directory, id, deadline)?;
        // Whoever deletes `.overlay/` takes the file from under us: somebody else may lock another one there.
        if directory.is_in_its_place().is_ok() && directory.is_file(&file, &name)? {
            return Ok(file);
        }
    }
    Err(WriteError::Locked { id: id.to_owned() })
}

fn wait(file: &File, directory: &Directory, id: &str, deadline: Instant) -> Result<(), WriteError> {
    let mut pause = PAUSE.0;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(source)) => {
                return Err(WriteError::at(directory.path_of(&format!("{id}.lock")), source));
            }
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(WriteError::Locked { id: id.to_owned() });
        }
        // The system wakes who waits for a lock without end only, and a thread that waits so cannot be called off.
        std::thread::sleep(pause.min(left));
        pause = (pause * 2).min(PAUSE.1);
    }
}
