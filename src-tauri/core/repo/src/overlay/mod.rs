//! The overlay of one project: what is heard of its issues, in memory and on disk.
//!
//! Not here: how an entry merges with a file (`hearsay_board::overlay`), leases (`leases`), when to look (`watch`).
//!
//! Invariants:
//! - What is on disk and what is only heard merge the same way, so that a fresh process says the same once all is
//!   written.
//! - An entry is written only for what the working tree does not have, and removed as soon as it does.
//! - Where nothing may be written, nothing is removed either; what is caught up is merely not shown.

mod bounds;
mod held;
mod reading;
pub(crate) mod shelf;
pub(crate) mod sweep;
mod trouble;
mod writing;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use hearsay_board::overlay::{Base, Entry, Fields, Heard, Merged, Rules, TTL_S};
use hearsay_board::{Observation, Place, Source};
use jiff::Timestamp;

use crate::file::Stamp;
use crate::layout::Home;
use bounds::{Load, Share};
use shelf::{Kind, SHELVES, Shelf};
use trouble::Trouble;

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
    /// It cannot be read: nothing can be said of it.
    Unreadable,
    /// What it says, when it changed, and whether it is shared or local.
    Found(Fields, Timestamp, Source),
}

impl BaseFile {
    /// What entries are merged with.
    fn over(&self) -> Option<Base<'_>> {
        match self {
            Self::Found(fields, changed, _) => Some(Base { fields, changed: *changed }),
            Self::Absent | Self::Unreadable => None,
        }
    }
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

/// The entries of one project.
#[derive(Debug)]
pub(crate) struct Overlay {
    pub(crate) home: Home,
    pub(crate) overlays: Overlays,
    entries: BTreeMap<Box<str>, Known>,
    /// Those of which something is not written yet.
    unsaved: BTreeSet<Box<str>>,
    /// When each ends by itself.
    ends: BTreeSet<(Timestamp, Box<str>)>,
    stamps: BTreeMap<Key, Option<Stamp>>,
    /// Those that cannot be read.
    unread: BTreeSet<Key>,
    trouble: Trouble,
    load: Load,
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
    /// What it counts for among all that is heard.
    share: Share,
}

impl Known {
    fn total(&self) -> Cow<'_, Entry> {
        if self.pending.is_empty() {
            return Cow::Borrowed(&self.disk);
        }
        if self.disk.is_empty() {
            return Cow::Borrowed(&self.pending);
        }
        let mut total = self.disk.clone();
        total.hear(self.pending.clone());
        Cow::Owned(total)
    }
}

impl Known {
    /// What the entry comes to over `base`. Where the file has moved past a part of it, the rest is written anew.
    fn merge(&mut self, base: Option<Base<'_>>, keeps: bool, rules: Rules<'_>) -> Merged {
        let mut merged = self.total().merge(base, rules);
        if !merged.keep_snapshot
            && keeps
            && let (Some(before), Some(base)) = (self.before.take(), base)
            && let Some(left) = self.total().rebase(&before, base, rules)
        {
            self.pending.hear(Entry { snapshot: Some(left), tombstone: None });
            merged = self.total().merge(Some(base), rules);
        }
        self.before = base.filter(|_| merged.keep_snapshot).map(|base| base.fields.clone());
        merged
    }

    /// Says what is heard, where that is other than what was said.
    fn tell(&mut self, id: &str, place: Place, heard: Option<Box<Heard>>, out: &mut Vec<Observation>) {
        let now_told = heard.as_ref().map(|_| place.clone());
        if let Some(old) = std::mem::replace(&mut self.told, now_told)
            && (old != place || heard.is_none())
        {
            out.push(Observation::Heard { id: id.into(), place: old, heard: None });
        }
        if heard.is_some() {
            out.push(Observation::Heard { id: id.into(), place, heard });
        }
    }
}

impl Overlay {
    pub(crate) fn new(home: Home, overlays: Overlays) -> Self {
        Self {
            home,
            overlays,
            entries: BTreeMap::new(),
            unsaved: BTreeSet::new(),
            ends: BTreeSet::new(),
            stamps: BTreeMap::new(),
            unread: BTreeSet::new(),
            trouble: Trouble::default(),
            load: Load::default(),
            removed: 0,
        }
    }

    fn is_enabled(&self) -> bool {
        self.overlays.enabled.unwrap_or(true)
    }

    fn keeps(&self) -> bool {
        self.overlays.keeping != Keeping::Nothing
    }

    fn ttl_s(&self) -> u64 {
        self.overlays.ttl_s.unwrap_or(TTL_S)
    }

    /// The issues of which something is heard.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(|id| &**id)
    }

    pub(crate) fn has(&self, id: &str) -> bool {
        self.entries.contains_key(id)
    }

    /// The issues of which something is heard that the event `event_id` tells.
    pub(crate) fn told_by(&self, event_id: &str) -> impl Iterator<Item = &str> {
        let names = move |known: &Known| {
            known.disk.event_ids().chain(known.pending.event_ids()).any(|named| named == event_id)
        };
        self.entries.iter().filter(move |(_, known)| names(known)).map(|(id, _)| &**id)
    }

    /// Takes in what was heard of `id`, of which there is a file or not. Answers whether that is news.
    pub(crate) fn hear(&mut self, id: &str, has_file: bool, entry: Entry) -> bool {
        if !self.is_enabled() {
            return false;
        }
        let known = self.entries.get(id);
        let mut total = known.map(Known::total).unwrap_or_default().into_owned();
        if !total.hear(entry.clone()) {
            return false;
        }
        let (before, share) = (known.map(|known| known.share), Share::of(&total, has_file));
        if !self.load.has_room(before.unwrap_or_default(), share) {
            return false;
        }
        let known = self.entries.entry(id.into()).or_default();
        self.load.change(&mut known.share, share);
        self.unsaved.insert(id.into());
        known.pending.hear(entry)
    }

    /// The events that tell what is heard of `id`.
    pub(crate) fn events_of(&self, id: &str) -> impl Iterator<Item = &str> {
        let known = self.entries.get(id).into_iter();
        known.flat_map(|known| known.disk.event_ids().chain(known.pending.event_ids()))
    }

    /// Whether what is heard of `id` is ahead of `base`, whatever has happened.
    pub(crate) fn is_ahead_of(&self, id: &str, base: &BaseFile, now: Timestamp) -> bool {
        let rules = Rules { now, ttl_s: self.ttl_s(), happened: &|_| false };
        let is_ahead = |known: &Known| known.total().merge(base.over(), rules).heard.is_some();
        !matches!(base, BaseFile::Unreadable) && self.entries.get(id).is_some_and(is_ahead)
    }

    /// Says what is heard of `id` over its file as it is now, and lets go of what has been caught up.
    pub(crate) fn merge(&mut self, id: &str, base: &BaseFile, around: &mut Around<'_>) {
        let keeps = self.keeps();
        let rules = Rules { now: around.now, ttl_s: self.ttl_s(), happened: around.happened };
        let Some(known) = self.entries.get_mut(id) else { return };
        let source = match base {
            BaseFile::Found(_, _, source) => *source,
            BaseFile::Absent | BaseFile::Unreadable => Source::Shared,
        };
        let place = Place { source, ..self.home.place.clone() };
        let mut merged = match base {
            BaseFile::Unreadable => Merged::default(),
            _ => known.merge(base.over(), keeps, rules),
        };
        let mut heard = merged.heard.take();
        if let Some(heard) = &mut heard {
            let name = format!("{id}.json").into_boxed_str();
            let lies_shared = |kind| self.stamps.contains_key(&(Shelf::Shared, kind, name));
            // What is not written yet takes the place of what is.
            heard.refuses &= match (&known.pending, heard.mark.deleted) {
                (Entry { tombstone: Some(_), .. }, true) => self.overlays.keeping == Keeping::Shared,
                (Entry { snapshot: Some(entry), .. }, false) => {
                    writing::is_for_all(self.overlays.keeping, &entry.what)
                }
                (_, true) => lies_shared(Kind::Tombstone),
                (_, false) => lies_shared(Kind::Snapshot),
            };
        }
        known.tell(id, place, heard, around.out);
        self.end_at(id, merged.until);
        if matches!(base, BaseFile::Unreadable) {
            return;
        }
        self.let_go(id, &merged);
        self.unsaved.remove(id);
        if let Some(known) = self.entries.get_mut(id) {
            let share = Share::of(&known.total(), !matches!(base, BaseFile::Absent));
            self.load.change(&mut known.share, share);
            self.unsaved.extend((!known.pending.is_empty()).then(|| id.into()));
        }
    }

    /// Notes when what is heard of `id` ends by itself.
    fn end_at(&mut self, id: &str, until: Option<Timestamp>) {
        let Some(known) = self.entries.get_mut(id) else { return };
        if known.until == until {
            return;
        }
        let before = std::mem::replace(&mut known.until, until);
        before.map(|before| self.ends.remove(&(before, id.into())));
        self.ends.extend(until.map(|until| (until, id.into())));
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
                let Some(stamp) = self.stamps.get(&key).filter(|_| !self.unread.contains(&key)) else {
                    continue;
                };
                let directory = shelf::directory(&self.home, shelf, kind);
                // Somebody else may have heard more meanwhile; then it is read before it is judged.
                if Stamp::at(&directory.join(&*key.2)).ok() != *stamp {
                    continue;
                }
                match shelf::remove(&self.home, &directory, &key.2) {
                    Ok(()) => {
                        self.stamps.remove(&key);
                        self.removed += 1;
                    }
                    Err(error) => tracing::warn!(id, %error, "an entry stays"),
                }
            }
            match kind {
                Kind::Snapshot => known.disk.snapshot = None,
                Kind::Tombstone => known.disk.tombstone = None,
            }
        }
        if known.disk.is_empty() && known.pending.is_empty() && known.told.is_none() {
            self.load.change(&mut known.share, Share::default());
            self.end_at(id, None);
            self.entries.remove(id);
        }
    }

    /// When the next entry ends by itself.
    pub(crate) fn until(&self) -> Option<Timestamp> {
        self.ends.first().map(|(until, _)| *until)
    }

    /// The issues of which an entry has ended by itself.
    pub(crate) fn ended(&self, now: Timestamp) -> Vec<Box<str>> {
        self.ends.iter().take_while(|(until, _)| *until <= now).map(|(_, id)| id.clone()).collect()
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self, out: &mut Vec<Observation>) {
        for (id, known) in std::mem::take(&mut self.entries) {
            out.extend(known.told.map(|place| Observation::Heard { id, place, heard: None }));
        }
        self.trouble.clear(out);
        self.load = Load::default();
        self.unsaved.clear();
        self.ends.clear();
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
}

#[cfg(test)]
mod tests;
