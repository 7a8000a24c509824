//! Gossip envelopes as Kanbus 0.41 spells them, and the times that they carry.
//!
//! Not here: how they travel (`bus`, `broker`).

use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::project::IDENTITY;
use crate::record::Issue;

/// The topic of a project with the usual identity.
pub fn topic() -> String {
    format!("projects/{IDENTITY}/events")
}

/// An id that nobody else has.
pub fn fresh_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let started = SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.subsec_nanos() >> 16);
    format!("{:08x}-{:04x}-4000-8000-{number:012x}", process::id(), started & 0xffff)
}

/// Now, as Kanbus writes it.
pub fn now() -> String {
    at(0)
}

/// `seconds` from now, as Kanbus writes it.
pub fn at(seconds: i64) -> String {
    let distance = Duration::from_secs(seconds.unsigned_abs());
    let now = SystemTime::now();
    let time = if seconds < 0 { now - distance } else { now + distance };
    let time = Timestamp::try_from(time).expect("no test goes that far");
    format!("{time:.3}")
}

/// Now to the microsecond, as Kanbus writes it into issues.
pub fn just_now() -> String {
    let now = Timestamp::try_from(SystemTime::now()).expect("a time of this calendar");
    format!("{now:.6}")
}

/// The value of `issue` as somebody has it who changed it just now.
pub fn changed_now(issue: &Issue) -> Value {
    let mut value: Value = serde_json::from_str(&issue.text()).expect("an issue is JSON");
    value["updated_at"] = json!(just_now());
    value
}

/// Word that `issue` is now so, said now by somebody who said nothing before.
pub fn mutated(issue: &Issue) -> Value {
    mutated_as(&serde_json::from_str(&issue.text()).expect("an issue is JSON"))
}

/// The same for an issue of any shape that has an `id`.
pub fn mutated_as(issue: &Value) -> Value {
    let mut envelope = bare("issue.mutated");
    envelope["issue_id"] = issue["id"].clone();
    envelope["event_id"] = json!(fresh_id());
    envelope["issue"] = issue.clone();
    envelope
}

/// Word that `id` is gone.
pub fn deleted(id: &str) -> Value {
    let mut envelope = bare("issue.deleted");
    envelope["issue_id"] = json!(id);
    envelope["event_id"] = json!(fresh_id());
    envelope
}

/// Word that `owner` claims `resource` for `ttl_s` seconds.
pub fn claim(resource: &str, owner: &str, ttl_s: u64) -> Value {
    let mut envelope = coordination("coordination.claim", resource, owner);
    envelope["lease_ttl_s"] = json!(ttl_s);
    envelope
}

/// Word that the lease of `owner` on `resource` lasts `ttl_s` seconds from now.
pub fn lease(resource: &str, owner: &str, ttl_s: u32) -> Value {
    let mut envelope = coordination("coordination.lease", resource, owner);
    envelope["lease_ttl_s"] = json!(ttl_s);
    envelope["expires_at"] = json!(at(ttl_s.into()));
    envelope
}

/// Word that `owner` lets go of `resource`.
pub fn release(resource: &str, owner: &str) -> Value {
    coordination("coordination.release", resource, owner)
}

/// The same envelope with `field` holding `value`.
#[must_use]
pub fn with(mut envelope: Value, field: &str, value: impl Into<Value>) -> Value {
    envelope[field] = value.into();
    envelope
}

fn coordination(kind: &str, resource: &str, owner: &str) -> Value {
    let mut envelope = bare(kind);
    envelope["event_id"] = json!(fresh_id());
    envelope["resource"] = json!(resource);
    envelope["owner"] = json!(owner);
    envelope["claim_id"] = json!(format!("claim-of-{owner}"));
    envelope
}

fn bare(kind: &str) -> Value {
    json!({
        "id": fresh_id(), "ts": now(), "project": "demo", "project_identity": IDENTITY, "type": kind,
        "producer_id": fresh_id(), "origin_cluster_id": null,
    })
}
