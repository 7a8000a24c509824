//! The policies of a project, as they lie on disk.
//!
//! Not here: what a policy says (`hearsay_board::policy`).
//!
//! Invariant: a policy that cannot be read is an error, never left out.

use std::io::{self, ErrorKind};
use std::path::Path;

use hearsay_board::policy::is_policy;

use crate::error::WriteError;
use crate::file::{self, Unread};

/// The directory of policies, in that of the shared project.
const POLICIES: &str = "policies";
/// More of them are nobody's work.
const MOST: usize = 1000;

/// The policies of the project whose shared issues lie in `home`: the names of their files and what these hold.
pub(crate) fn read(home: &Path) -> Result<Vec<(String, Vec<u8>)>, WriteError> {
    let directory = home.join(POLICIES);
    let failed = |path: &Path, source| WriteError::Unreadable { path: path.to_owned(), source };
    let entries = match std::fs::read_dir(&directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(&directory, error)),
    };
    // A link out of the project leads to somebody else's rules, and to what is nobody's to quote.
    let is_own = directory.canonicalize().is_ok_and(|real| real.starts_with(home));
    if !is_own {
        return Err(failed(&directory, io::Error::other("it leads out of the project")));
    }
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(|error| failed(&directory, error))?.file_name();
        if !is_policy(&name.to_string_lossy()) {
            continue;
        }
        let no_text = |name| failed(&directory.join(name), io::Error::other("its name is not text"));
        names.push(name.into_string().map_err(no_text)?);
    }
    names.sort_unstable();
    if names.len() > MOST {
        return Err(failed(&directory, io::Error::other(format!("more than {MOST} policies"))));
    }
    let read = |name: String| {
        let (path, mut bytes) = (directory.join(&name), Vec::new());
        match file::read(&path, home, &mut bytes) {
            Ok(_) => Ok((name, bytes)),
            Err(Unread::Io(source)) => Err(failed(&path, source)),
            Err(unread) => Err(failed(&path, io::Error::other(crate::problem::unread("", &unread).message))),
        }
    };
    names.into_iter().map(read).collect()
}
