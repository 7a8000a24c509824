//! Writing down what is heard.
//!
//! Not here: what is worth it (`overlay`), how a file is written (`shelf`).
//!
//! Invariant: of one issue there is at most one entry of a kind that was written here, on one shelf.

use std::io;

use hearsay_board::overlay::{Entry, Snapshot};
use jiff::Timestamp;

use super::shelf::{self, Kind, Shelf};
use super::{Keeping, Key, Overlay};

/// Whether `snapshot` goes where Kanbus reads it. One entry that it cannot read makes its commands fail, and one of some
/// fields alone it takes for older than its file and removes.
pub(super) fn is_for_all(keeping: Keeping, snapshot: &Snapshot) -> bool {
    keeping == Keeping::Shared && snapshot.overrides.is_none() && snapshot.is_kanbus_s()
}

impl Overlay {
    /// Whether something is heard that is not written yet.
    pub(crate) fn is_unsaved(&self) -> bool {
        self.keeps() && !self.unsaved.is_empty()
    }

    /// Writes down what is not written yet. What cannot be written waits, and that is said.
    pub(crate) fn save(&mut self) {
        if !self.keeps() {
            return;
        }
        let mut failed: Option<String> = None;
        for id in std::mem::take(&mut self.unsaved) {
            let Some(known) = self.entries.get_mut(&id) else { continue };
            let pending = std::mem::take(&mut known.pending);
            let saved = self.save_one(&id, &pending);
            // It is there still: nothing above forgets it.
            let Some(known) = self.entries.get_mut(&id) else { continue };
            match saved {
                Ok(()) => drop(known.disk.hear(pending)),
                Err(error) => {
                    tracing::debug!(%id, %error, "what is heard is not written down");
                    failed.get_or_insert_with(|| error.to_string());
                    known.pending = pending;
                    self.unsaved.insert(id);
                }
            }
        }
        self.trouble.unwritten = failed;
    }

    fn save_one(&mut self, id: &str, pending: &Entry) -> io::Result<()> {
        let name: Box<str> = format!("{id}.json").into();
        if let Some(entry) = &pending.snapshot {
            let shelf = self.shelf_of(is_for_all(self.overlays.keeping, &entry.what));
            self.put((shelf, Kind::Snapshot, name.clone()), &entry.what.to_json()?, entry.received)?;
        }
        if let Some(entry) = &pending.tombstone {
            let shelf = self.shelf_of(self.overlays.keeping == Keeping::Shared);
            let text = entry.what.to_json(&self.home.place.project, id)?;
            self.put((shelf, Kind::Tombstone, name), &text, entry.received)?;
        }
        Ok(())
    }

    fn shelf_of(&self, for_all: bool) -> Shelf {
        if for_all { Shelf::Shared } else { Shelf::Private }
    }

    fn put(&mut self, key: Key, bytes: &[u8], received: Timestamp) -> io::Result<()> {
        let (shelf, kind, name) = &key;
        let directory = shelf::directory(&self.home, *shelf, *kind);
        let stamp = shelf::write(&self.home, &directory, name, bytes, received.into())?;
        // What stood there could not be read, and that has been said: it is to be looked at again.
        let stamp = Some(stamp).filter(|_| !self.unread.contains(&key));
        let other = (shelf.other(), *kind, name.clone());
        if self.stamps.contains_key(&other) {
            shelf::remove(&self.home, &shelf::directory(&self.home, other.0, *kind), name)?;
            self.stamps.remove(&other);
        }
        self.stamps.insert(key, stamp);
        Ok(())
    }
}
