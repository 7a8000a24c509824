//! The overlay of one project: what is heard of its issues, in memory and on disk.
//!
//! Not here: how an entry merges with a file (`hearsay_board::overlay`), leases (`leases`), when to look (`watch`).
//!
//! Invariants:
//! - What is on disk and what is only heard merge the same way, so that a fresh process says the same once all is
//!   written.
//! - An entry is written only for what the working tree does not have, and removed as soon as it does.
//! - Where nothing may be written, nothing is removed either; what is caught up is merely not shown.

mod reading;
pub(crate) mod shelf;
pub(crate) mod sweep;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use hearsay_board::overlay::{Base, Entry, Fields, Merged, Rules, TTL_S};
use hearsay_board::{Observation, Place, Problem, ProblemCode, Source};
use jiff::Timestamp;

use crate::file::Stamp;
use crate::layout::Home;
use crate::problem;
use shelf::{Kind, SHELVES, Shelf};

/// Of more than so many issues of a project nothing new is heard: that is a flood.
const MOST: usize = 4096;

/// Whether what is heard is written down, and for whom.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Keeping {
    /// Nothing is written, and nothing removed.
    #[default]
    Nothing,
    /// For Kanbus's own commands as well.
    Shared,
    /// For Hearsay alone.
    Private,
}

/// What the person's own settings say of overlays, over what the configurations say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Overlays {
    /// Whether what is heard is kept at all.
    pub enabled: Option<bool>,
    /// For how many seconds.
    pub ttl_s: Option<u64>,
    /// Whether it is written down.
    pub keeping: Keeping,
}

/// The file of an issue, as the overlay needs it.
#[derive(Debug)]
pub(crate) enum BaseFile {
    Absent,
    /// It may be half written: it is looked at again in a moment.
    Torn,
    /// It cannot be read: nothing can be said of it.
    Unreadable,
    /// What it says, when it changed, and whether it is shared or local.
    Found(Fields, Timestamp, Source),
}

/// What merging depends on beside the entries.
pub(crate) struct Around<'a> {
    pub(crate) now: Timestamp,
    /// Whether the working tree has the event of that id.
    pub(crate) happened: &'a dyn Fn(&str) -> bool,
    /// Where to say what is so.
    pub(crate) out: &'a mut Vec<Observation>,
}

/// Where an entry lies: its shelf, its kind, and the name of its file.
type Key = (Shelf, Kind, Box<str>);
/// An entry that was written, and how its file is since.
type Written = (Key, Option<Stamp>);

/// The entries of one project.
#[derive(Debug)]
pub(crate) struct Overlay {
    pub(crate) home: Home,
    pub(crate) overlays: Overlays,
    entries: BTreeMap<Box<str>, Known>,
    stamps: BTreeMap<Key, Option<Stamp>>,
    /// Those that cannot be read.
    unread: BTreeSet<Key>,
    /// Paths of which a problem has been said.
    troubled: BTreeSet<String>,
    /// How many entries were removed.
    removed: usize,
}

/// What is known of one issue.
#[derive(Debug, Default)]
struct Known {
    /// As the files have it.
    disk: Entry,
    /// What is not written yet.
    pending: Entry,
    /// The file as it was while the snapshot was ahead of it.
    before: Option<Fields>,
    /// Where it has been told last, if anything has.
    told: Option<Place>,
    /// When it ends by itself.
    until: Option<Timestamp>,
}

impl Known {
    fn total(&self) -> Entry {
        let mut total = self.disk.clone();
        total.hear(self.pending.clone());
        total
    }
}

impl Overlay {
    pub(crate) fn new(home: Home, overlays: Overlays) -> Self {
        Self {
            home,
            overlays,
            entries: BTreeMap::new(),
            stamps: BTreeMap::new(),
            unread: BTreeSet::new(),
            troubled: BTreeSet::new(),
            removed: 0,
        }
    }

    fn is_enabled(&self) -> bool {
        self.overlays.enabled.unwrap_or(true)
    }

    fn keeps(&self) -> bool {
        self.overlays.keeping != Keeping::Nothing
    }

    /// The issues of which something is heard.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(|id| &**id)
    }

    pub(crate) fn has(&self, id: &str) -> bool {
        self.entries.contains_key(id)
    }

    /// The issues of which something is heard that the event `event_id` tells.
    pub(crate) fn told_by(&self, event_id: &str) -> Option<&str> {
        let names = |known: &Known| {
            known.disk.event_ids().chain(known.pending.event_ids()).any(|named| named == event_id)
        };
        self.entries.iter().find(|(_, known)| names(known)).map(|(id, _)| &**id)
    }

    /// Takes in what was heard of `id`. Answers whether that is news.
    pub(crate) fn hear(&mut self, id: &str, entry: Entry) -> bool {
        if !self.is_enabled() || (!self.has(id) && self.entries.len() >= MOST) {
            return false;
        }
        let known = self.entries.entry(id.into()).or_default();
        let mut total = known.total();
        total.hear(entry.clone()) && known.pending.hear(entry)
    }

    /// Says what is heard of `id` over its file as it is now, and lets go of what has been caught up.
    pub(crate) fn merge(&mut self, id: &str, base: &BaseFile, around: &mut Around<'_>) {
        let (enabled, keeps) = (self.is_enabled(), self.keeps());
        if matches!(base, BaseFile::Torn) {
            return;
        }
        let Some(known) = self.entries.get_mut(id) else { return };
        let ttl_s = self.overlays.ttl_s.unwrap_or(TTL_S);
        let rules = Rules { now: around.now, ttl_s, happened: around.happened };
        let (fields, place) = match base {
            BaseFile::Found(fields, changed, source) => (Some((fields, *changed)), *source),
            BaseFile::Absent | BaseFile::Torn | BaseFile::Unreadable => (None, Source::Shared),
        };
        let over = fields.map(|(fields, changed)| Base { fields, changed });
        let place = Place { source: place, ..self.home.place.clone() };
        let mut merged = Merged::default();
        if enabled && !matches!(base, BaseFile::Unreadable) {
            merged = known.total().merge(over, rules);
            if !merged.keep_snapshot
                && keeps
                && let (Some(before), Some(base)) = (known.before.take(), over)
                && let Some(left) = known.total().rebase(&before, base, rules)
            {
                known.pending.hear(Entry { snapshot: Some(left), tombstone: None });
                merged = known.total().merge(over, rules);
            }
            known.before = fields.filter(|_| merged.keep_snapshot).map(|(fields, _)| fields.clone());
        }
        known.until = merged.until;
        let mut heard = merged.heard.take();
        if let Some(heard) = &mut heard {
            let to_be_shared = self.overlays.keeping == Keeping::Shared && known.pending.is_kanbus_s();
            heard.refuses &= lies_shared(&self.stamps, id) || to_be_shared;
        }
        let now_told = heard.as_ref().map(|_| place.clone());
        if let Some(old) = std::mem::replace(&mut known.told, now_told)
            && (old != place || heard.is_none())
        {
            around.out.push(Observation::Heard { id: id.into(), place: old, heard: None });
        }
        if heard.is_some() {
            around.out.push(Observation::Heard { id: id.into(), place, heard });
        }
        if !matches!(base, BaseFile::Unreadable) {
            self.let_go(id, &merged);
        }
    }

    /// Forgets, and where that is ours to do removes, what `merged` does not keep.
    fn let_go(&mut self, id: &str, merged: &Merged) {
        let keeps = self.keeps();
        let Some(known) = self.entries.get_mut(id) else { return };
        for (kind, keep) in [(Kind::Snapshot, merged.keep_snapshot), (Kind::Tombstone, merged.keep_tombstone)]
        {
            if keep {
                continue;
            }
            match kind {
                Kind::Snapshot => known.pending.snapshot = None,
                Kind::Tombstone => known.pending.tombstone = None,
            }
            if !keeps {
                continue;
            }
            for shelf in [Shelf::Shared, Shelf::Private] {
                let key = (shelf, kind, format!("{id}.json").into_boxed_str());
                let Some(stamp) = self.stamps.get(&key) else { continue };
                let path = shelf::directory(&self.home, shelf, kind).join(&*key.2);
                // Somebody else may have heard more meanwhile; then it is read before it is judged.
                if Stamp::at(&path).ok() != *stamp {
                    continue;
                }
                match shelf::remove(&path) {
                    Ok(()) => {
                        self.stamps.remove(&key);
                        self.removed += 1;
                    }
                    Err(error) => tracing::warn!(path = %path.display(), %error, "an entry stays"),
                }
            }
            match kind {
                Kind::Snapshot => known.disk.snapshot = None,
                Kind::Tombstone => known.disk.tombstone = None,
            }
        }
        if known.disk.is_empty() && known.pending.is_empty() && known.told.is_none() {
            self.entries.remove(id);
        }
    }

    /// Whether something is heard that is not written yet.
    pub(crate) fn is_unsaved(&self) -> bool {
        self.keeps() && self.entries.values().any(|known| !known.pending.is_empty())
    }

    /// Writes down what is not written yet.
    pub(crate) fn save(&mut self) {
        if !self.keeps() {
            return;
        }
        let unsaved = self.entries.iter_mut().filter(|(_, known)| !known.pending.is_empty());
        for (id, known) in unsaved {
            let pending = std::mem::take(&mut known.pending);
            match save_one(&self.home, self.overlays.keeping, id, &pending) {
                // What stood there could not be read, and that has been said: it is to be looked at again.
                Ok(saved) => self.stamps.extend(saved.into_iter().map(|(key, stamp)| {
                    let stamp = stamp.filter(|_| !self.unread.contains(&key));
                    (key, stamp)
                })),
                Err(error) => tracing::warn!(id = &**id, %error, "what is heard is not written down"),
            }
            known.disk.hear(pending);
        }
    }

    /// When the next entry ends by itself.
    pub(crate) fn until(&self) -> Option<Timestamp> {
        self.entries.values().filter_map(|known| known.until).min()
    }

    /// The issues of which an entry has ended by itself.
    pub(crate) fn ended(&self, now: Timestamp) -> Vec<Box<str>> {
        let ended = self.entries.iter().filter(|(_, known)| known.until.is_some_and(|until| until <= now));
        ended.map(|(id, _)| id.clone()).collect()
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self, out: &mut Vec<Observation>) {
        for (id, known) in std::mem::take(&mut self.entries) {
            out.extend(known.told.map(|place| Observation::Heard { id, place, heard: None }));
        }
        let troubled = std::mem::take(&mut self.troubled);
        out.extend(troubled.into_iter().map(|path| Observation::Problem { path, problem: None }));
        self.stamps.clear();
        self.unread.clear();
    }

    /// The directories that are watched, there or not.
    pub(crate) fn directories(&self) -> Vec<(PathBuf, bool)> {
        let of_entries = |path: &PathBuf| {
            SHELVES.iter().any(|(shelf, kind)| shelf::directory(&self.home, *shelf, *kind) == *path)
        };
        shelf::directories(&self.home).into_iter().map(|path| (path.clone(), of_entries(&path))).collect()
    }

    /// The path of the overlay, as it is shown.
    pub(crate) fn shown(&self) -> String {
        self.home.shown_below(shelf::OVERLAY)
    }

    /// That Git would commit the overlay.
    pub(crate) fn is_not_ignored(&self) -> Problem {
        let path = self.shown();
        let hint = format!("Add the line `{path}/` to .gitignore.");
        let message = "Git does not ignore the overlay, which is a passing copy of what others say.";
        problem::warning(ProblemCode::Overlay, &path, message, Some(&hint))
    }
}

fn lies_shared(stamps: &BTreeMap<Key, Option<Stamp>>, id: &str) -> bool {
    let name: Box<str> = format!("{id}.json").into();
    [Kind::Snapshot, Kind::Tombstone]
        .into_iter()
        .any(|kind| stamps.contains_key(&(Shelf::Shared, kind, name.clone())))
}

/// Writes `pending`. Answers what was written, and how it is now.
fn save_one(home: &Home, keeping: Keeping, id: &str, pending: &Entry) -> std::io::Result<Vec<Written>> {
    let name: Box<str> = format!("{id}.json").into();
    let put = |shelf, kind, bytes: &[u8], received: Timestamp| {
        let directory = shelf::directory(home, shelf, kind);
        shelf::write(home, &directory, &name, bytes, received.into())?;
        let stamp = Stamp::at(&directory.join(&*name)).ok();
        std::io::Result::Ok(((shelf, kind, name.clone()), stamp))
    };
    let mut written = Vec::new();
    if let Some(entry) = &pending.snapshot {
        // One entry that Kanbus cannot read makes its commands fail.
        let for_all = keeping == Keeping::Shared && entry.what.is_kanbus_s();
        let shelf = if for_all { Shelf::Shared } else { Shelf::Private };
        written.push(put(shelf, Kind::Snapshot, &entry.what.to_json()?, entry.received)?);
    }
    if let Some(entry) = &pending.tombstone {
        let shelf = if keeping == Keeping::Shared { Shelf::Shared } else { Shelf::Private };
        written.push(put(
            shelf,
            Kind::Tombstone,
            &entry.what.to_json(&home.place.project, id)?,
            entry.received,
        )?);
    }
    Ok(written)
}

#[cfg(test)]
mod tests;
