//! Who holds which issue of one project: the lease records among its newest events, and those that were heard.
//!
//! Not here: how records come to a lease (`hearsay_board::lease`), which of them count (`kept`), and what they come to
//! beside the events (`outcome`).
//!
//! Invariants:
//! - What is heard lies in `.overlay/coordination/` as Kanbus has it, one envelope a file, named by hashes; where it is
//!   private, in `.overlay/hearsay/coordination/`. Both are read.
//! - Only records about issues are kept, and nothing that is somebody else's to remove is removed.

mod kept;
mod outcome;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use hearsay_board::envelope::News;
use hearsay_board::lease::{Claim, Held, Said};
use hearsay_board::unit::Lease;
use hearsay_board::{Envelope, Observation};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::file::{self, Stamp};
use crate::hearing::HeardClaim;
use crate::layout::Home;
use crate::overlay::Keeping;
use crate::overlay::shelf::{self, Shelf};
use outcome::Outcome;

/// Where a record lies: the shelf, the directory there, the name of its file.
type Key = (Shelf, Box<str>, Box<str>);

/// The leases of one project.
#[derive(Debug)]
pub(crate) struct Leases {
    home: Home,
    keeping: Keeping,
    /// What was heard since was said last who holds what.
    fresh: Vec<HeardClaim>,
    records: BTreeMap<Key, Record>,
    told: BTreeMap<Box<str>, Held>,
    until: Option<Timestamp>,
    is_crowded: bool,
    /// How long claims that are heard may be contended for, where the configuration says so.
    window_s: Option<u64>,
}

/// What was heard once.
#[derive(Debug)]
struct Record {
    /// `None` where there is no file yet.
    stamp: Option<Stamp>,
    received: Timestamp,
    /// `None` for what is no lease record of an issue.
    claim: Option<Claim>,
    /// What is to be written.
    unwritten: Option<Box<str>>,
}

impl Leases {
    pub(crate) fn new(home: Home, keeping: Keeping) -> Self {
        Self {
            home,
            keeping,
            fresh: Vec::new(),
            records: BTreeMap::new(),
            told: BTreeMap::new(),
            until: None,
            is_crowded: false,
            window_s: None,
        }
    }

    /// Has claims that are heard be contended for so long, as Kanbus has it.
    pub(crate) fn contended_for(&mut self, window_s: Option<u64>) {
        self.window_s = window_s;
        for claim in self.records.values_mut().filter_map(|record| record.claim.as_mut()) {
            claim.contention_window_s = window_s;
        }
    }

    /// Takes in what was heard, which counts from when it is said next who holds what.
    pub(crate) fn hear(&mut self, heard: HeardClaim) {
        if heard.claim.issue_id().is_some() {
            self.fresh.push(heard);
        }
    }

    fn take_in(&mut self, now: Timestamp) {
        for HeardClaim { claim, envelope, text } in std::mem::take(&mut self.fresh) {
            let (directory, name) = (sha256(&claim.resource), format!("{}.json", sha256(&envelope)));
            let key = |shelf| (shelf, directory.as_str().into(), name.as_str().into());
            if SHELVES.iter().any(|shelf| self.records.contains_key(&key(*shelf))) {
                continue;
            }
            let Some(Said { mut claim, text }) = Said::read(claim, &text, now) else { continue };
            claim.contention_window_s = self.window_s;
            let unwritten = (self.keeping != Keeping::Nothing).then_some(text);
            let record = Record { stamp: None, received: now, claim: Some(claim), unwritten };
            self.records.insert(key(self.shelf()), record);
        }
    }

    /// Where what is heard is written.
    fn shelf(&self) -> Shelf {
        match self.keeping {
            Keeping::Private => Shelf::Private,
            Keeping::Shared | Keeping::Nothing => Shelf::Shared,
        }
    }

    /// Whether what lies there is ours to remove. What is shared is swept as Kanbus sweeps it.
    fn sweeps(&self, shelf: Shelf) -> bool {
        match self.keeping {
            Keeping::Nothing => false,
            Keeping::Private => shelf == Shelf::Private,
            Keeping::Shared => true,
        }
    }

    /// Reads what is new of what was heard.
    pub(crate) fn list_again(&mut self) {
        let mut known = std::mem::take(&mut self.records);
        let (mut bytes, mut listed) = (Vec::new(), BTreeMap::new());
        for shelf in SHELVES {
            let root = shelf::coordination(&self.home, shelf);
            for directory in names(&root) {
                let path = root.join(&*directory);
                if !is_no_link(&path) {
                    continue;
                }
                for name in names(&path).into_iter().filter(|name| name.ends_with(".json")) {
                    let file = path.join(&*name);
                    // Taken before it is read: what is written meanwhile is another one, and is read again.
                    let stamp = Stamp::at(&file).ok();
                    let key = (shelf, directory.clone(), name);
                    let old = known.remove(&key).filter(|old| old.stamp == stamp && stamp.is_some());
                    let record = old.or_else(|| self.read(&file, &key, stamp?, &mut bytes));
                    listed.extend(record.map(|record| (key, record)));
                }
            }
        }
        // What is not written yet is not gone, unless somebody else has written it.
        let is_listed = |key: &Key| {
            SHELVES.iter().any(|shelf| listed.contains_key(&(*shelf, key.1.clone(), key.2.clone())))
        };
        known.retain(|key, record| {
            let is_only_heard = record.unwritten.is_some() || self.keeping == Keeping::Nothing;
            record.stamp.is_none() && is_only_heard && !is_listed(key)
        });
        self.records = known;
        self.records.extend(listed);
    }

    fn read(&self, path: &Path, key: &Key, stamp: Stamp, bytes: &mut Vec<u8>) -> Option<Record> {
        let read = match file::read(path, &self.home.dir, bytes) {
            Err(unread) if unread.is_absent() => return None,
            read => read.ok(),
        };
        let received = read.map_or_else(|| stamp.modified(), |read| read.modified());
        let claim = read.and_then(|_| {
            let envelope = Envelope::parse_bytes(bytes).ok()?;
            let News::Coordination(claim) = &envelope.news else { return None };
            let named =
                sha256(&claim.resource) == *key.1 && format!("{}.json", sha256(&envelope.id)) == *key.2;
            let said = Said::read(claim.clone(), envelope.text(), received)?;
            let said = Claim { contention_window_s: self.window_s, ..said.claim };
            (named && claim.issue_id().is_some()).then_some(said)
        });
        Some(Record { stamp: Some(stamp), received, claim, unwritten: None })
    }

    /// Whether something is heard that is not written yet.
    pub(crate) fn is_unsaved(&self) -> bool {
        self.records.values().any(|record| record.unwritten.is_some())
    }

    /// Writes down what is not written yet.
    pub(crate) fn save(&mut self, now: SystemTime) {
        for ((shelf, directory, name), record) in &mut self.records {
            let Some(text) = record.unwritten.take() else { continue };
            let path = shelf::coordination(&self.home, *shelf).join(&**directory);
            // The time of the file is when it was heard; where the clock was set back, none is from the future.
            let modified = SystemTime::from(record.received).min(now);
            match shelf::write(&self.home, &path, name, text.as_bytes(), modified) {
                Ok(stamp) => {
                    // Where the file says another time, it is read again as anybody else would read it.
                    record.stamp = Some(stamp).filter(|stamp| stamp.modified() == record.received);
                }
                Err(error) => tracing::warn!(%error, "what is heard of a lease is not written down"),
            }
        }
    }

    /// Says who holds what, as far as that is other than was said last.
    pub(crate) fn tell<'a>(
        &mut self,
        events: impl Iterator<Item = &'a Claim>,
        now: Timestamp,
        out: &mut Vec<Observation>,
    ) {
        self.take_in(now);
        let events: Vec<&Claim> = events.filter(|claim| claim.issue_id().is_some()).collect();
        let Outcome { leases, until, is_crowded, over } = Outcome::of(&self.records, &events, now);
        if is_crowded && !self.is_crowded {
            let project = &*self.home.place.project;
            tracing::warn!(project, "more is heard of leases than is kept: the oldest gives way");
        }
        self.let_go(over);
        let project: &Arc<str> = &self.home.place.project;
        for id in self.told.keys().filter(|id| !leases.contains_key(*id)) {
            out.push(Observation::Lease { id: id.clone(), project: project.clone(), lease: None });
        }
        for (id, held) in leases.iter().filter(|(id, held)| self.told.get(*id) != Some(*held)) {
            let expires_at = held.expires_at.to_utc_text().into_owned();
            let lease = Some(Lease { expires_at, owner: held.owner.to_string() });
            out.push(Observation::Lease { id: id.clone(), project: project.clone(), lease });
        }
        (self.told, self.until, self.is_crowded) = (leases, until, is_crowded);
    }

    /// Forgets, and where that is ours to do removes, records that no longer count.
    fn let_go(&mut self, over: Vec<Key>) {
        let mut directories = BTreeSet::new();
        for key in over {
            let is_written = self.records.get(&key).is_some_and(|record| record.stamp.is_some());
            if !is_written {
                self.records.remove(&key);
                continue;
            }
            if !self.sweeps(key.0) {
                continue;
            }
            let directory = shelf::coordination(&self.home, key.0).join(&*key.1);
            match shelf::remove(&self.home, &directory, &key.2) {
                Ok(()) => {
                    self.records.remove(&key);
                    directories.insert(directory);
                }
                Err(error) => tracing::warn!(%error, "a record of a lease stays"),
            }
        }
        for directory in directories.iter().filter(|directory| is_no_link(directory)) {
            // Where something is left in it, it stays.
            let _ = std::fs::remove_dir(directory);
        }
    }

    /// When what is said changes by itself.
    pub(crate) fn until(&self) -> Option<Timestamp> {
        self.until
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self, out: &mut Vec<Observation>) {
        let project = &self.home.place.project;
        let told = std::mem::take(&mut self.told);
        out.extend(told.into_keys().map(|id| Observation::Lease {
            id,
            project: project.clone(),
            lease: None,
        }));
        self.records.clear();
        self.fresh.clear();
        self.until = None;
    }
}

/// Where records lie. The shared ones come first: where two envelopes say the same, Kanbus's own counts.
const SHELVES: [Shelf; 2] = [Shelf::Shared, Shelf::Private];

/// Whether the directory at `path` is where it says.
fn is_no_link(path: &Path) -> bool {
    path.canonicalize().is_ok_and(|real| real == path)
}

/// There may be as many as there are issue files: both lie in the working tree.
fn names(directory: &Path) -> Vec<Box<str>> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str().map(Box::from)).collect()
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
