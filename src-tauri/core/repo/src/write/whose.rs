//! Whose the event files of a project are: what goes or moves with an issue.
//!
//! Not here: the history of one issue as a person reads it (`history`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use hearsay_board::EventRecord;

use crate::error::WriteError;
use crate::file;
use crate::folder::is_record;
use crate::parallel;

/// The names of the event files in `directory` of each of `ids`, in their order. Each file is read: names do not say
/// whose they are. One that tells nothing is nobody's, as Kanbus has it.
pub(super) fn events_of(
    directory: &Path,
    home: &Path,
    ids: &BTreeSet<String>,
) -> Result<BTreeMap<String, Vec<String>>, WriteError> {
    let unreadable = |source| WriteError::Unreadable { path: directory.to_owned(), source };
    let mut names = Vec::new();
    match std::fs::read_dir(directory) {
        Ok(entries) => {
            for entry in entries {
                let name = entry.map_err(unreadable)?.file_name();
                names.extend(name.to_str().filter(|name| is_record(name)).map(str::to_owned));
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(unreadable(error)),
    }
    names.sort();
    let whose = |name: &String, bytes: &mut Vec<u8>| {
        file::read(&directory.join(name), home, bytes).ok()?;
        EventRecord::issue_id(bytes)
    };
    let owners: Vec<_> = parallel::map(&names, whose, &|_| ()).collect();
    let mut found: BTreeMap<String, Vec<String>> = ids.iter().map(|id| (id.clone(), Vec::new())).collect();
    for (name, owner) in names.into_iter().zip(owners) {
        if let Some(names) = owner.and_then(|owner| found.get_mut(&*owner)) {
            names.push(name);
        }
    }
    Ok(found)
}
