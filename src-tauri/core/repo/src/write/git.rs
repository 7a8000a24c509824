//! Whether Git is at work in the working tree: then what is written now may be in its way, or it in ours.
//!
//! Not here: what Git has committed (`committed`).

use std::path::Path;
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

/// Waits until Git lets go of its index, and refuses where something is under way that only the person can end.
pub(super) fn wait(root: &Path, manner: &Manner) -> Result<(), WriteError> {
    // Only the place is asked for; nothing that the repository says is read. One without Git is never busy.
    let Ok(git) = git2::Repository::discover_path(root, &[] as &[&Path]) else { return Ok(()) };
    let has = |name: &str| git.join(name).symlink_metadata().is_ok();
    if !manner.anyway && SIGNS.into_iter().any(has) {
        // What exactly it means, Git's own library says.
        let state = Committed::open(root).ok().and_then(|committed| committed.state().operation);
        if let Some(what) = state {
            return Err(WriteError::GitBusy { what });
        }
    }
    let deadline = Instant::now() + manner.git_patience;
    while has("index.lock") {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(WriteError::GitBusy { what: "index".to_owned() });
        }
        std::thread::sleep(PAUSE.min(left));
    }
    Ok(())
}
