//! Whose the event files of a project are: what goes or moves with an issue.
//!
//! Not here: the history of one issue as a person reads it (`history`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use hearsay_board::EventRecord;

use super::change::{EventFile, History, is_event};
use crate::error::WriteError;
use crate::file;
use crate::parallel;

/// The event files in `directory` of each of `ids`, with what they hold as far as that is no more than `most` bytes.
/// Each file is read: names do not say whose they are. One that tells nothing is nobody's, as Kanbus has it, and so is
/// one whose name no writer here would take.
pub(super) fn history_of(
    directory: &Path,
    home: &Path,
    ids: &BTreeSet<String>,
    most: usize,
) -> Result<BTreeMap<String, History>, WriteError> {
    let unreadable = |source| WriteError::Unreadable { path: directory.to_owned(), source };
    let mut names = Vec::new();
    match std::fs::read_dir(directory) {
        Ok(entries) => {
            for entry in entries {
                let name = entry.map_err(unreadable)?.file_name();
                names.extend(name.to_str().filter(|name| is_event(name)).map(str::to_owned));
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(unreadable(error)),
    }
    names.sort();
    let left = AtomicUsize::new(most);
    let whose = |name: &String, bytes: &mut Vec<u8>| {
        file::read(&directory.join(name), home, bytes).ok()?;
        let owner = EventRecord::issue_id(bytes).filter(|owner| ids.contains(&**owner))?;
        let less = |left: usize| left.checked_sub(bytes.len());
        let has_room = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok();
        Some((owner, has_room.then(|| bytes.clone())))
    };
    let owned: Vec<_> = parallel::map(&names, whose, &|_| ()).collect();
    let empty = || History { names: Vec::new(), files: Some(Vec::new()) };
    let mut found: BTreeMap<String, History> = ids.iter().map(|id| (id.clone(), empty())).collect();
    for (name, owned) in names.into_iter().zip(owned) {
        let Some((owner, bytes)) = owned else { continue };
        let Some(history) = found.get_mut(&*owner) else { continue };
        history.names.push(name.clone());
        // Half a history is none.
        history.files = history.files.take().zip(bytes).map(|(mut files, bytes)| {
            files.push(EventFile { name, bytes });
            files
        });
    }
    Ok(found)
}
