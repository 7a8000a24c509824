//! Entries of a project's overlay, as Kanbus spells them.
//!
//! Not here: what an entry means for a card (`promises/overlay_rules.rs`).

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use crate::envelope::{fresh_id, now};
use crate::project::Project;
use crate::record::Issue;

/// Where Kanbus keeps what it heard, in a project called `project`.
pub const SHARED: &str = "project/.overlay";
/// Where Hearsay keeps it from Kanbus, if a person wants that.
pub const PRIVATE: &str = "project/.overlay/hearsay";

/// The path of the snapshot of `id`.
pub fn snapshot_path(id: &str) -> String {
    format!("{SHARED}/issues/{id}.json")
}

/// The path of the tombstone of `id`.
pub fn tombstone_path(id: &str) -> String {
    format!("{SHARED}/tombstones/{id}.json")
}

/// A snapshot of `issue`, heard now.
pub fn snapshot(issue: &Issue) -> Value {
    let issue: Value = serde_json::from_str(&issue.text()).expect("an issue is JSON");
    json!({"overlay_ts": now(), "overlay_event_id": fresh_id(), "overrides": null, "issue": issue})
}

/// Word, heard now, that `id` is gone.
pub fn tombstone(id: &str) -> Value {
    json!({"op": "delete", "project": "demo", "id": id, "event_id": fresh_id(), "ts": now(), "ttl_s": 86_400})
}

impl Project {
    /// Writes an entry into the snapshots of the overlay, as Kanbus does: in place.
    pub fn put_snapshot(&self, id: &str, entry: &Value) {
        self.write(&snapshot_path(id), format!("{entry:#}"));
    }

    /// The same for tombstones.
    pub fn put_tombstone(&self, id: &str, entry: &Value) {
        self.write(&tombstone_path(id), format!("{entry:#}"));
    }

    /// The snapshot of `id`, if there is one and it is written to its end.
    pub fn snapshot_of(&self, id: &str) -> Option<Value> {
        serde_json::from_str(&fs::read_to_string(self.at(&snapshot_path(id))).ok()?).ok()
    }

    /// The tombstone of `id`, if there is one and it is written to its end.
    pub fn tombstone_of(&self, id: &str) -> Option<Value> {
        serde_json::from_str(&fs::read_to_string(self.at(&tombstone_path(id))).ok()?).ok()
    }

    /// Everything that is heard and kept: paths within the overlay, without locks, and what they hold.
    pub fn overlay(&self) -> BTreeMap<String, String> {
        let (mut entries, mut waiting) = (BTreeMap::new(), vec![self.at(SHARED)]);
        while let Some(dir) = waiting.pop() {
            for entry in fs::read_dir(&dir).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    waiting.push(path);
                    continue;
                }
                let name =
                    path.strip_prefix(self.at(SHARED)).expect("it is below").to_string_lossy().into_owned();
                if !name.starts_with("locks/") {
                    entries.insert(name, fs::read_to_string(&path).unwrap_or_default());
                }
            }
        }
        entries
    }
}
