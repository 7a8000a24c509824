//! Sweeping the overlay when the person asks for it: what Kanbus's `overlay gc` and `overlay reconcile` do.
//!
//! Not here: letting go of what is caught up while a participant runs (`overlay`).
//!
//! Invariant: only files of entries are removed; whatever else stands on the shelves stays.

use std::time::SystemTime;

use hearsay_board::overlay::{Base, Entry};

use super::shelf::{self, Kind, SHELVES};
use super::{BaseFile, Overlay};
use crate::file::Stamp;

/// What a sweep has done, or would do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// How many issues something is heard of still.
    pub kept: usize,
    /// How many entries were removed because nothing in them is news.
    pub removed: usize,
    /// How many entries were removed because they could not be read.
    pub unreadable: usize,
    /// How many entries were written again with less in them.
    pub rewritten: usize,
}

impl Swept {
    /// Both together.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            kept: self.kept + other.kept,
            removed: self.removed + other.removed,
            unreadable: self.unreadable + other.unreadable,
            rewritten: self.rewritten + other.rewritten,
        }
    }
}

impl Overlay {
    /// How many entries stand on the shelves.
    pub(crate) fn files(&self) -> usize {
        self.stamps.len() - self.unread.len()
    }

    /// How many entries were removed since this was read.
    pub(crate) fn removed(&self) -> usize {
        self.removed
    }

    /// How many issues something is heard of.
    pub(crate) fn heard(&self) -> usize {
        self.entries.values().filter(|known| known.told.is_some()).count()
    }

    /// Removes the entries that cannot be read, and answers how many that were.
    pub(crate) fn remove_unreadable(&mut self, dry_run: bool) -> usize {
        let mut removed = 0;
        for (shelf, kind) in SHELVES {
            for name in self.list(shelf, kind) {
                if !self.unread.contains(&(shelf, kind, name.clone())) {
                    continue;
                }
                let directory = shelf::directory(&self.home, shelf, kind);
                match if dry_run { Ok(()) } else { shelf::remove(&self.home, &directory, &name) } {
                    Ok(()) => removed += 1,
                    Err(error) => tracing::warn!(%name, %error, "an entry stays"),
                }
            }
        }
        removed
    }

    /// Makes the snapshot of `id` the fields in which it differs from its file, or removes it where there are none.
    pub(crate) fn reconcile(&mut self, id: &str, base: &BaseFile, prune: bool, dry_run: bool) -> Swept {
        let mut swept = Swept::default();
        let BaseFile::Found(fields, changed, _) = base else { return swept };
        let base = Base { fields, changed: *changed };
        for (shelf, kind) in SHELVES.into_iter().filter(|(_, kind)| *kind == Kind::Snapshot) {
            let name: Box<str> = format!("{id}.json").into();
            let directory = shelf::directory(&self.home, shelf, kind);
            let Some(entry) = self.entries.get(id).and_then(|known| known.disk.snapshot.clone()) else {
                continue;
            };
            if !self.stamps.contains_key(&(shelf, kind, name.clone())) {
                continue;
            }
            let done = match entry.reconciled(base, prune) {
                Some(what) if what == entry.what => continue,
                Some(what) => {
                    swept.rewritten += 1;
                    what.to_json().map_err(std::io::Error::from).and_then(|bytes| match dry_run {
                        true => Ok(()),
                        false => shelf::write(
                            &self.home,
                            &directory,
                            &name,
                            &bytes,
                            SystemTime::from(entry.received),
                        )
                        .map(drop),
                    })
                }
                None => {
                    swept.removed += 1;
                    if dry_run { Ok(()) } else { shelf::remove(&self.home, &directory, &name) }
                }
            };
            match done {
                Ok(()) => drop(
                    self.stamps.insert((shelf, kind, name.clone()), Stamp::at(&directory.join(&*name)).ok()),
                ),
                Err(error) => tracing::warn!(id, %error, "an entry is left as it is"),
            }
        }
        if let Some(known) = self.entries.get_mut(id) {
            known.disk = Entry::default();
        }
        swept
    }
}
