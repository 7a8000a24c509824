//! What a write is judged by beside the issue itself: the policies of its project, and what a file once held.
//!
//! Not here: what a policy says (`hearsay_board::policy`).
//!
//! Invariant: a policy that cannot be read is an error, never left out.

use std::time::SystemTime;

use hearsay_board::policy::is_policy;
use hearsay_board::{Place, Source};

use crate::committed::Committed;
use crate::configuration::Source as Configured;
use crate::discovery::Repository;
use crate::error::RepoError;
use crate::file::{self, Unread};
use crate::layout::Layout;

/// The directory of policies, in that of the shared project.
const POLICIES: &str = "policies";
/// More of them are nobody's work.
const MOST: usize = 1000;

/// The policies that count for issues in `place`: the names of their files and what these hold.
///
/// # Errors
/// Where they cannot be read.
pub fn policies(
    repository: &Repository,
    place: &Place,
    now: SystemTime,
) -> Result<Vec<(String, Vec<u8>)>, RepoError> {
    let repository = repository.again();
    let committed = Committed::open(&repository.root).ok();
    let source = Configured { root: &repository.root, committed: committed.as_ref(), now };
    let (layout, _) = Layout::read(&repository, source);
    let mut homes = layout.folders.into_iter();
    let home = homes.find(|home| home.place.project == place.project && home.place.source == Source::Shared);
    let Some(home) = home else { return Ok(Vec::new()) };
    let directory = home.dir.join(POLICIES);
    let failed = |path: &std::path::Path, source| RepoError::Io { path: path.to_owned(), source };
    let entries = match std::fs::read_dir(&directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(&directory, error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(|error| failed(&directory, error))?.file_name();
        names.extend(name.into_string().ok().filter(|name| is_policy(name)));
    }
    names.sort_unstable();
    if names.len() > MOST {
        let source = std::io::Error::other(format!("more than {MOST} policies"));
        return Err(failed(&directory, source));
    }
    let read = |name: String| {
        let (path, mut bytes) = (directory.join(&name), Vec::new());
        match file::read(&path, &home.dir, &mut bytes) {
            Ok(_) => Ok((name, bytes)),
            Err(Unread::Io(source)) => Err(failed(&path, source)),
            Err(unread) => {
                let why = crate::problem::unread("", &unread).message;
                Err(failed(&path, std::io::Error::other(why)))
            }
        }
    };
    names.into_iter().map(read).collect()
}

/// What the Git blob with that id holds, if the repository has it and it is no larger than what is read of files.
pub fn blob(repository: &Repository, id: &str) -> Option<Vec<u8>> {
    let git = git2::Repository::open(&repository.root).ok()?;
    let blob = git.find_blob(git2::Oid::from_str(id).ok()?).ok()?;
    (blob.size() as u64 <= file::LARGEST).then(|| blob.content().to_vec())
}
