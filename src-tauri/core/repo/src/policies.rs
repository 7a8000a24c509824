//! The policies of a project, as they lie on disk.
//!
//! Not here: what a policy says (`hearsay_board::policy`).
//!
//! Invariant: a policy that cannot be read is an error, never left out.

use std::time::SystemTime;

use hearsay_board::policy::is_policy;
use hearsay_board::{Place, Source};

use crate::discovery::Repository;
use crate::error::RepoError;
use crate::file::{self, Unread};
use crate::workplace::laid_out;

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
    let (_, layout) = laid_out(repository, now);
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
    // A link out of the project leads to somebody else's rules, and to what is nobody's to quote.
    let is_own = directory.canonicalize().is_ok_and(|real| real.starts_with(&home.dir));
    if !is_own {
        return Err(failed(&directory, std::io::Error::other("it leads out of the project")));
    }
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(|error| failed(&directory, error))?.file_name();
        if !is_policy(&name.to_string_lossy()) {
            continue;
        }
        let no_text = |name| failed(&directory.join(name), std::io::Error::other("its name is not text"));
        names.push(name.into_string().map_err(no_text)?);
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
