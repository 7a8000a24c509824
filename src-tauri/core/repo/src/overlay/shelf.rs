//! Where the entries of one project lie, and reading, writing and removing one.
//!
//! There are two shelves: the one that Kanbus's own commands read as well, and one that only Hearsay reads. Not here:
//! what an entry means (`hearsay_board::overlay`), and which are worth keeping (`overlay`).
//!
//! Invariants:
//! - Nothing outside of `.overlay/` is written or removed, and no link on the way there is followed.
//! - An entry appears whole or not at all.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use hearsay_board::envelope::is_file_name;

use crate::layout::Home;

/// The directory of the overlay, in that of its project.
pub(crate) const OVERLAY: &str = ".overlay";
/// The directory of what only Hearsay reads, in that of the overlay.
const PRIVATE: &str = "hearsay";
/// The directory of what is heard of leases, in that of the overlay.
const COORDINATION: &str = "coordination";

/// Who reads an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Shelf {
    /// Kanbus and Hearsay.
    Shared,
    /// Hearsay alone.
    Private,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Snapshot,
    Tombstone,
}

/// Every directory of entries.
pub(crate) const SHELVES: [(Shelf, Kind); 4] = [
    (Shelf::Shared, Kind::Snapshot),
    (Shelf::Shared, Kind::Tombstone),
    (Shelf::Private, Kind::Snapshot),
    (Shelf::Private, Kind::Tombstone),
];

/// The directories of the overlay of `home`, there or not, each behind those it lies in.
pub(crate) fn directories(home: &Home) -> Vec<PathBuf> {
    let root = home.dir.join(OVERLAY);
    let mut all = vec![root.clone(), root.join(PRIVATE)];
    all.extend(SHELVES.map(|(shelf, kind)| directory(home, shelf, kind)));
    all
}

/// The directory of what is heard of leases.
pub(crate) fn coordination(home: &Home) -> PathBuf {
    home.dir.join(OVERLAY).join(COORDINATION)
}

/// The directory of the entries of one kind on one shelf.
pub(crate) fn directory(home: &Home, shelf: Shelf, kind: Kind) -> PathBuf {
    home.dir.join(below(shelf, kind))
}

/// That directory, relative to the project's.
pub(crate) fn below(shelf: Shelf, kind: Kind) -> String {
    let kind = match kind {
        Kind::Snapshot => "issues",
        Kind::Tombstone => "tombstones",
    };
    match shelf {
        Shelf::Shared => format!("{OVERLAY}/{kind}"),
        Shelf::Private => format!("{OVERLAY}/{PRIVATE}/{kind}"),
    }
}

/// The issue that the entry `name` is of, if it can be one's.
pub(crate) fn id_of(name: &str) -> Option<&str> {
    name.strip_suffix(".json").filter(|id| is_file_name(id))
}

/// Writes `bytes` as the file `name` in `directory` of `home`, as of `modified`. Directories on the way are made.
pub(crate) fn write(
    home: &Home,
    directory: &Path,
    name: &str,
    bytes: &[u8],
    modified: SystemTime,
) -> io::Result<()> {
    make(home, directory)?;
    let passing = directory.join(format!(".{}.{}.tmp", name.trim_end_matches(".json"), std::process::id()));
    let written =
        fill(&passing, bytes, modified).and_then(|()| std::fs::rename(&passing, directory.join(name)));
    if written.is_err() {
        // What could not be put in its place is nobody's.
        let _ = std::fs::remove_file(&passing);
    }
    written
}

/// Makes `directory` and those on the way from `home`. Whoever put a link there wants us to write somewhere else.
fn make(home: &Home, directory: &Path) -> io::Result<()> {
    let elsewhere = || io::Error::other("a link on the way leads elsewhere");
    let way = directory.strip_prefix(&home.dir).ok().ok_or_else(elsewhere)?;
    let mut path = home.dir.clone();
    for part in way.components() {
        path.push(part);
        match std::fs::create_dir(&path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ if !std::fs::symlink_metadata(&path)?.is_dir() => return Err(elsewhere()),
            _ => {}
        }
    }
    Ok(())
}

fn fill(path: &Path, bytes: &[u8], modified: SystemTime) -> io::Result<()> {
    let mut file: File = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
    file.write_all(bytes)?;
    // The time of the file is when it was heard, whenever it is written.
    file.set_modified(modified)
}

/// Removes the file at `path`; that it is not there is as good.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
