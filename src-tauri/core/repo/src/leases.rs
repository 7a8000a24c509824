//! Who holds which issue of one project: the lease records among its newest events, and those that were heard.
//!
//! Not here: how records come to a lease (`hearsay_board::lease`).
//!
//! Invariants:
//! - What is heard lies in `.overlay/coordination/` as Kanbus has it, one envelope a file, named by hashes.
//! - A lease that has run out is shown for [`LINGER`] seconds more, and ends by itself.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::SystemTime;

use hearsay_board::envelope::News;
use hearsay_board::lease::{Claim, Held, issue_of, reduce};
use hearsay_board::overlay::TTL_S;
use hearsay_board::unit::Lease;
use hearsay_board::{Envelope, Observation};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::file::{self, Stamp};
use crate::hearing::HeardClaim;
use crate::layout::Home;
use crate::overlay::{Keeping, shelf};

/// For how many seconds a lease that has run out is still worth a word.
const LINGER: i64 = 3600;
/// How many envelopes are read at the most, and how many of one resource are kept.
const MOST: usize = 4096;

/// The leases of one project.
#[derive(Debug)]
pub(crate) struct Leases {
    home: Home,
    keeping: Keeping,
    /// By directory and name of their files.
    heard: BTreeMap<(Box<str>, Box<str>), Heard>,
    /// What is not written yet: directory, name, text.
    pending: Vec<(String, String, Box<str>)>,
    told: BTreeMap<Box<str>, Held>,
}

#[derive(Debug)]
struct Heard {
    stamp: Option<Stamp>,
    /// `None` for what is no lease record.
    claim: Option<Claim>,
}

impl Leases {
    pub(crate) fn new(home: Home, keeping: Keeping) -> Self {
        Self { home, keeping, heard: BTreeMap::new(), pending: Vec::new(), told: BTreeMap::new() }
    }

    /// Takes in what was heard.
    pub(crate) fn hear(&mut self, heard: HeardClaim) {
        let HeardClaim { claim, envelope, text } = heard;
        let (directory, name) = (sha256(&claim.resource), format!("{}.json", sha256(&envelope)));
        let key = (directory.as_str().into(), name.as_str().into());
        if self.heard.len() >= MOST || self.heard.contains_key(&key) {
            return;
        }
        self.heard.insert(key, Heard { stamp: None, claim: Some(claim) });
        if self.keeping != Keeping::Nothing {
            self.pending.push((directory, name, text));
        }
    }

    /// Reads what is new of what was heard.
    pub(crate) fn list_again(&mut self) {
        let root = shelf::coordination(&self.home);
        let mut known = std::mem::take(&mut self.heard);
        let mut bytes = Vec::new();
        for directory in names(&root) {
            let path = root.join(&*directory);
            if path.canonicalize().ok().as_ref() != Some(&path) {
                continue;
            }
            for name in names(&path).into_iter().filter(|name| name.ends_with(".json")) {
                let file = path.join(&*name);
                let stamp = Stamp::at(&file).ok();
                let key = (directory.clone(), name);
                let old = known.remove(&key).filter(|old| old.stamp == stamp && stamp.is_some());
                let heard = old.unwrap_or_else(|| Heard { stamp, claim: self.read(&file, &key, &mut bytes) });
                if self.heard.len() < MOST {
                    self.heard.insert(key, heard);
                }
            }
        }
        // What is not written yet is not gone.
        let is_pending = |key: &(Box<str>, Box<str>)| {
            self.pending.iter().any(|(directory, name, _)| **directory == *key.0 && **name == *key.1)
        };
        let only_heard = known.into_iter().filter(|(key, heard)| {
            heard.stamp.is_none() && (self.keeping == Keeping::Nothing || is_pending(key))
        });
        let only_heard: Vec<_> = only_heard.collect();
        self.heard.extend(only_heard);
    }

    fn read(&self, path: &std::path::Path, key: &(Box<str>, Box<str>), bytes: &mut Vec<u8>) -> Option<Claim> {
        file::read(path, &self.home.dir, bytes).ok()?;
        let envelope = Envelope::parse_bytes(bytes).ok()?;
        let News::Coordination(claim) = envelope.news else { return None };
        let named = sha256(&claim.resource) == *key.0 && format!("{}.json", sha256(&envelope.id)) == *key.1;
        named.then_some(claim)
    }

    /// Whether something is heard that is not written yet.
    pub(crate) fn is_unsaved(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Writes down what is not written yet.
    pub(crate) fn save(&mut self, now: SystemTime) {
        let root = shelf::coordination(&self.home);
        for (directory, name, text) in std::mem::take(&mut self.pending) {
            let path = root.join(&directory);
            match shelf::write(&self.home, &path, &name, text.as_bytes(), now) {
                Ok(()) => {
                    if let Some(heard) = self.heard.get_mut(&(directory.into(), name.as_str().into())) {
                        heard.stamp = Stamp::at(&path.join(&name)).ok();
                    }
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
        self.sweep(now);
        let heard = self.heard.values().filter_map(|heard| heard.claim.clone());
        let mut resources: HashMap<Box<str>, Vec<Claim>> = HashMap::new();
        for claim in heard.chain(events.cloned()) {
            let claims = resources.entry(claim.resource.clone()).or_default();
            if !claims.iter().any(|other| other.event_id == claim.event_id && other.kind == claim.kind) {
                claims.push(claim);
            }
        }
        let mut leases: BTreeMap<Box<str>, Held> = BTreeMap::new();
        for (resource, claims) in resources {
            let Some((id, held)) = issue_of(&resource).zip(reduce(&claims, now)) else { continue };
            let until = |held: &Held| held.expires_at.instant();
            if end(&held).is_some_and(|end| end > now)
                && leases.get(id).is_none_or(|other| until(other) < until(&held))
            {
                leases.insert(id.into(), held);
            }
        }
        let project: &Arc<str> = &self.home.place.project;
        for id in self.told.keys().filter(|id| !leases.contains_key(*id)) {
            out.push(Observation::Lease { id: id.clone(), project: project.clone(), lease: None });
        }
        for (id, held) in leases.iter().filter(|(id, held)| self.told.get(*id) != Some(*held)) {
            let expires_at = held.expires_at.to_utc_text().into_owned();
            let lease = Some(Lease { expires_at, owner: held.owner.to_string() });
            out.push(Observation::Lease { id: id.clone(), project: project.clone(), lease });
        }
        self.told = leases;
    }

    /// Removes, where that is ours to do, envelopes that no longer count: Kanbus's own rule.
    fn sweep(&mut self, now: Timestamp) {
        let root = shelf::coordination(&self.home);
        let keeping = self.keeping;
        self.heard.retain(|(directory, name), heard| {
            let Some(claim) = &heard.claim else { return true };
            let ttl = SignedDuration::from_secs(i64::try_from(TTL_S).unwrap_or(i64::MAX));
            let old = claim.at.instant().checked_add(ttl).is_ok_and(|end| end < now);
            let over = claim.expires_at.as_ref().is_none_or(|until| until.instant() < now);
            if !(old && over) {
                return true;
            }
            if keeping != Keeping::Nothing
                && let Err(error) = shelf::remove(&root.join(&**directory).join(&**name))
            {
                tracing::warn!(%error, "an envelope of a lease stays");
            }
            keeping == Keeping::Nothing
        });
    }

    /// When what is said changes by itself.
    pub(crate) fn until(&self) -> Option<Timestamp> {
        self.told.values().filter_map(end).min()
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
        self.heard.clear();
    }
}

/// When a lease is no longer worth a word.
fn end(held: &Held) -> Option<Timestamp> {
    held.expires_at.instant().checked_add(SignedDuration::from_secs(LINGER)).ok()
}

fn names(directory: &std::path::Path) -> Vec<Box<str>> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten().take(MOST);
    entries.filter_map(|entry| entry.file_name().to_str().map(Box::from)).collect()
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
