//! Reading the entries of a project from their shelves.
//!
//! Not here: what is only heard, and what an entry comes to (`overlay`).
//!
//! Invariant: an entry that cannot be read is a problem, and is never removed because of it.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::Path;
use std::time::SystemTime;

use hearsay_board::overlay::{Entry, EntryError, Snapshot, Tombstone};
use hearsay_board::{Observation, ProblemCode};
use jiff::Timestamp;

use super::Overlay;
use super::shelf::{self, Kind, SHELVES, Shelf};
use crate::file::{self, Stamp, Unread};
use crate::folder::{PATIENCE, is_record};
use crate::problem;

impl Overlay {
    /// Compares with the directories: the issues whose entries are new, other, or gone.
    pub(crate) fn compare(&self) -> BTreeSet<Box<str>> {
        let mut differing = BTreeSet::new();
        if !self.is_enabled() {
            return differing;
        }
        let mut seen = BTreeSet::new();
        for (shelf, kind) in SHELVES {
            for name in self.list(shelf, kind) {
                let stamp = Stamp::at(&shelf::directory(&self.home, shelf, kind).join(&*name)).ok();
                let key = (shelf, kind, name);
                if self.stamps.get(&key) != Some(&stamp) {
                    differing.insert(stem(&key.2).into());
                }
                seen.insert(key);
            }
        }
        let gone = self.stamps.keys().filter(|key| !seen.contains(*key));
        differing.extend(gone.map(|(_, _, name)| Box::from(stem(name))));
        differing
    }

    /// Whether an entry of `id` is other than when it was read or written last.
    pub(crate) fn differs(&self, id: &str) -> bool {
        let name: Box<str> = format!("{id}.json").into();
        SHELVES.into_iter().any(|(shelf, kind)| {
            let stamp = Stamp::at(&shelf::directory(&self.home, shelf, kind).join(&*name)).ok();
            let known = self.stamps.get(&(shelf, kind, name.clone()));
            known.copied().flatten() != stamp
        })
    }

    /// The names of entries. There may be as many as there are issue files: both lie in the working tree.
    pub(super) fn list(&self, shelf: Shelf, kind: Kind) -> BTreeSet<Box<str>> {
        let directory = shelf::directory(&self.home, shelf, kind);
        if leads_elsewhere(&directory) {
            return BTreeSet::new();
        }
        let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().to_str().map(Box::<str>::from));
        names.filter(|name| is_record(name)).collect()
    }

    /// Reads the entries of `id` again. Answers `false` where they are to be read once more: they may be half written,
    /// and what was known of them stays until then.
    pub(crate) fn read(&mut self, id: &str, now: SystemTime, out: &mut Vec<Observation>) -> bool {
        if !self.is_enabled() {
            return true;
        }
        let (mut disk, mut whole) = (Entry::default(), true);
        for (shelf, kind) in SHELVES {
            match self.read_one((shelf, kind), id, now, out) {
                Ok(Some(entry)) => drop(disk.hear(entry)),
                Ok(None) => {}
                Err(Torn) => whole = false,
            }
        }
        if whole && (!disk.is_empty() || self.has(id)) {
            let keeps = self.keeps();
            let known = self.entries.entry(id.into()).or_default();
            let before = std::mem::replace(&mut known.disk, disk);
            // Another participant that had heard less wrote over it.
            let newer = before.newer_than(&known.disk);
            if keeps && !newer.is_empty() && known.pending.hear(newer) {
                self.unsaved.insert(id.into());
            }
            // Another that had heard more has written it already.
            let more = known.disk.clone().newer_than(&known.pending);
            known.pending.snapshot.take_if(|_| more.snapshot.is_some());
            known.pending.tombstone.take_if(|_| more.tombstone.is_some());
        }
        whole
    }

    fn read_one(
        &mut self,
        (shelf, kind): (Shelf, Kind),
        id: &str,
        now: SystemTime,
        out: &mut Vec<Observation>,
    ) -> Result<Option<Entry>, Torn> {
        let name = format!("{id}.json");
        let directory = shelf::directory(&self.home, shelf, kind);
        let path = directory.join(&name);
        let shown = self.home.shown_below(&format!("{}/{name}", shelf::below(shelf, kind)));
        let key = (shelf, kind, name.into_boxed_str());
        let mut bytes = Vec::new();
        // Taken before it is read: what is written meanwhile is another one, and is read again.
        let before = Stamp::at(&path).ok();
        // What lies elsewhere is none of ours; that the directory does is said of the directory.
        let read = match leads_elsewhere(&directory) {
            true => Err(Unread::Io(ErrorKind::NotFound.into())),
            false => file::read(&path, &self.home.dir, &mut bytes),
        };
        let why = match read {
            Ok(_) if shelf::id_of(&key.2).is_none() => "its name is no issue's".to_owned(),
            Ok(stamp) => match parse(kind, id, &bytes, stamp.modified()) {
                Ok(entry) => {
                    self.unread.remove(&key);
                    self.stamps.insert(key, Some(stamp));
                    self.trouble.say(shown, None, out);
                    return Ok(Some(entry));
                }
                Err(_) if stamp.is_younger_than(PATIENCE, now) => return Err(Torn),
                Err(error) => error.to_string(),
            },
            Err(unread) if unread.is_absent() => {
                self.stamps.remove(&key);
                self.unread.remove(&key);
                self.trouble.say(shown, None, out);
                return Ok(None);
            }
            Err(unread) => problem::unread("", &unread).message,
        };
        self.unread.insert(key.clone());
        self.stamps.insert(key, before);
        let message =
            format!("What is heard of an issue cannot be read here: {}.", why.trim_end_matches('.'));
        let hint = match path.is_dir() {
            true => "Remove the directory; Kanbus may fail on it.",
            false => "It is a copy; `hear overlay gc` removes it. Kanbus may fail on it.",
        };
        let problem = problem::warning(ProblemCode::Overlay, &shown, message, Some(hint));
        self.trouble.say(shown, Some(problem), out);
        Ok(None)
    }
}

/// The file may be half written.
struct Torn;

fn stem(name: &str) -> &str {
    name.strip_suffix(".json").unwrap_or(name)
}

/// Whether `directory` is there and is reached over a link.
fn leads_elsewhere(directory: &Path) -> bool {
    directory.canonicalize().is_ok_and(|real| real != directory)
}

fn parse(kind: Kind, id: &str, bytes: &[u8], received: Timestamp) -> Result<Entry, EntryError> {
    Ok(match kind {
        Kind::Snapshot => Entry { snapshot: Some(Snapshot::parse(bytes, id, received)?), ..Entry::default() },
        Kind::Tombstone => {
            Entry { tombstone: Some(Tombstone::parse(bytes, id, received)?), ..Entry::default() }
        }
    })
}
