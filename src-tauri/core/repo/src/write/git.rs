//! Whether Git is at work in the working tree: then what is written now may be in its way, or it in ours.
//!
//! Not here: what Git has committed (`committed`).

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::change::Manner;
use crate::committed::Committed;
use crate::error::WriteError;

/// How long after Git's index was found taken it is looked at again.
const PAUSE: Duration = Duration::from_millis(20);

/// What Git leaves in its directory while something is under way.
const SIGNS: [&str; 7] = [
    "MERGE_HEAD",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
    "BISECT_LOG",
    "rebase-merge",
    "rebase-apply",
    "sequencer",
];

/// Git's directory for a working tree, where it has one.
pub(super) struct Git<'a> {
    root: &'a Path,
    directory: Option<PathBuf>,
    anyway: bool,
    deadline: Instant,
}

impl<'a> Git<'a> {
    /// For the working tree at `root`, from now on as patient as `manner` says.
    pub(super) fn at(root: &'a Path, manner: &Manner) -> Self {
        // Only the place is asked for; nothing that the repository says is read. One without Git is never busy.
        let directory = git2::Repository::discover_path(root, &[] as &[&Path]).ok();
        Self { root, directory, anyway: manner.anyway, deadline: Instant::now() + manner.git_patience }
    }

    /// Waits until Git lets go of its index, and refuses where something is under way that only the person can end.
    pub(super) fn wait(&self) -> Result<(), WriteError> {
        while !self.is_free()? {
            let left = self.deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Self::busy());
            }
            std::thread::sleep(PAUSE.min(left));
        }
        Ok(())
    }

    /// Whether nobody holds its index now; refuses as [`Git::wait`] does.
    pub(super) fn is_free(&self) -> Result<bool, WriteError> {
        let Some(git) = &self.directory else { return Ok(true) };
        let has = |name: &str| git.join(name).symlink_metadata().is_ok();
        if !self.anyway && SIGNS.into_iter().any(has) {
            // What exactly it means, Git's own library says.
            let state = Committed::open(self.root).ok().and_then(|committed| committed.state().operation);
            if let Some(what) = state {
                return Err(WriteError::GitBusy { what });
            }
        }
        Ok(!has("index.lock"))
    }

    /// That its index is held.
    pub(super) fn busy() -> WriteError {
        WriteError::GitBusy { what: "index".to_owned() }
    }
}
