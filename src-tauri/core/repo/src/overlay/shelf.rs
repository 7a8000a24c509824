//! Where the entries of one project lie, and writing and removing one.
//!
//! There are two shelves: the one that Kanbus's own commands read as well, and one that only Hearsay reads. Not here:
//! what an entry means (`hearsay_board::overlay`), and which are worth keeping (`overlay`).
//!
//! Invariants:
//! - Nothing outside of `.overlay/` is written or removed, and no link on the way there is followed.
//! - An entry appears whole or not at all.

use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use hearsay_board::envelope::is_file_name;

use super::held::Held;
use crate::file::Stamp;
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

impl Shelf {
    /// The other one.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Shared => Self::Private,
            Self::Private => Self::Shared,
        }
    }
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

/// The directory of what is heard of leases on one shelf.
pub(crate) fn coordination(home: &Home, shelf: Shelf) -> PathBuf {
    let overlay = home.dir.join(OVERLAY);
    match shelf {
        Shelf::Shared => overlay.join(COORDINATION),
        Shelf::Private => overlay.join(PRIVATE).join(COORDINATION),
    }
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

/// Writes `bytes` as the file `name` in `directory` of `home`, as of `modified`. Directories on the way are made. Answers
/// the stamp of what was written.
pub(crate) fn write(
    home: &Home,
    directory: &Path,
    name: &str,
    bytes: &[u8],
    modified: SystemTime,
) -> io::Result<Stamp> {
    Held::open(home, directory, true)?.replace(name, bytes, modified)
}

/// Removes the file `name` from `directory` of `home`; that it is not there is as good.
pub(crate) fn remove(home: &Home, directory: &Path, name: &str) -> io::Result<()> {
    let removed = Held::open(home, directory, false).and_then(|held| held.remove(name));
    removed.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}
