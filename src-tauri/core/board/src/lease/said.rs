//! A lease record as it is heard: what Kanbus asks of it, what it comes to among the events, and what is kept of it.
//!
//! The rules are Kanbus's `coordination_gossip_envelope_is_valid` and `coordination_gossip_event` (0.41). Not here:
//! envelopes of any kind (`envelope`), and where records are kept (`hearsay-repo`).
//!
//! Invariants:
//! - What is kept is small, whatever came, and read again it comes to the same.
//! - Nothing that is heard is of later than when it was heard.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Claim, ClaimKind};
use crate::envelope::LONGEST;
use crate::moment::Moment;

/// What Kanbus reads of an envelope about a lease, in its order.
#[derive(Serialize, Deserialize)]
struct Record {
    id: Box<str>,
    ts: Box<str>,
    project: Box<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    project_identity: Option<Box<str>>,
    #[serde(rename = "type")]
    kind: Box<str>,
    event_id: Box<str>,
    producer_id: Box<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    origin_cluster_id: Option<Box<str>>,
    resource: Box<str>,
    owner: Box<str>,
    claim_id: Box<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lease_ttl_s: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operation_sequence: Option<u64>,
}

impl Record {
    fn is_valid(&self, kind: ClaimKind) -> bool {
        match kind {
            ClaimKind::Claim => self.lease_ttl_s.is_some_and(|ttl| ttl > 0) && self.expires_at.is_none(),
            ClaimKind::Renew => self.lease_ttl_s.is_some_and(|ttl| ttl > 0),
            ClaimKind::Release => self.lease_ttl_s.is_none() && self.expires_at.is_none(),
        }
    }

    fn is_small(&self) -> bool {
        let optional = [&self.project_identity, &self.origin_cluster_id, &self.expires_at];
        let required = [
            &self.id,
            &self.ts,
            &self.project,
            &self.kind,
            &self.event_id,
            &self.producer_id,
            &self.resource,
            &self.owner,
            &self.claim_id,
        ];
        let mut all = required.into_iter().chain(optional.into_iter().flatten());
        all.all(|text| text.len() <= LONGEST)
    }
}

/// A lease record that was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What it comes to.
    pub claim: Claim,
    /// What is kept of its envelope.
    pub text: Box<str>,
}

impl Said {
    /// What `claim`, read from the envelope `text`, comes to where it was `received` then; `None` where Kanbus does
    /// not take it.
    pub fn read(claim: Claim, text: &str, received: Timestamp) -> Option<Self> {
        // An array of the same values is no envelope.
        let record: Record =
            text.trim_start().starts_with('{').then(|| serde_json::from_str(text).ok()).flatten()?;
        if !record.is_valid(claim.kind) || !record.is_small() {
            return None;
        }
        let mut claim = claim;
        match claim.kind {
            ClaimKind::Claim => {
                claim.at = to_the_millisecond(&claim.at);
                claim.expires_at = claim.expires_at.as_ref().map(to_the_millisecond);
            }
            // It names the event of the claim that it renews, and has none of its own.
            ClaimKind::Renew => claim.event_id = format!("mqtt-{}", record.id).into(),
            ClaimKind::Release => {}
        }
        if claim.at.instant() > received {
            claim.at = Moment::of(received);
        }
        Some(Self { claim, text: serde_json::to_string(&record).ok()?.into() })
    }
}

/// As Kanbus writes a claim that it hears among its events.
fn to_the_millisecond(moment: &Moment) -> Moment {
    Moment::parse(&format!("{:.3}", moment.instant())).unwrap_or_else(|| moment.clone())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::envelope::{Envelope, News};

    fn read(envelope: &Value) -> Option<Said> {
        let read = Envelope::parse(&envelope.to_string()).ok()?;
        let News::Coordination(claim) = read.news.clone() else { return None };
        Said::read(claim, read.text(), "2026-01-01T00:00:10Z".parse().unwrap())
    }

    fn claim() -> Value {
        json!({
            "id": "c", "ts": "2026-01-01T00:00:00.123456Z", "project": "kbs", "type": "coordination.claim",
            "event_id": "ev", "producer_id": "them", "resource": "router:issue:kbs-1", "owner": "codex-3",
            "claim_id": "1", "lease_ttl_s": 60,
        })
    }

    fn with(field: &str, value: Value) -> Value {
        let mut envelope = claim();
        envelope[field] = value;
        envelope
    }

    #[test]
    fn what_is_heard_of_a_lease_comes_to_what_kanbus_makes_of_it() {
        let said = read(&claim()).unwrap().claim;
        assert_eq!(said.at.to_utc_text(), "2026-01-01T00:00:00.123Z");
        assert_eq!(said.expires_at.unwrap().to_utc_text(), "2026-01-01T00:01:00.123Z");
        let mut renewal = with("type", json!("coordination.lease"));
        renewal["expires_at"] = json!("2026-01-01T00:02:00.123456Z");
        let said = read(&renewal).unwrap().claim;
        assert_eq!((&*said.event_id, &*said.at.to_utc_text()), ("mqtt-c", "2026-01-01T00:00:00.123456Z"));
        let said = read(&with("ts", json!("2026-01-02T00:00:00Z"))).unwrap().claim;
        assert_eq!(said.at.to_utc_text(), "2026-01-01T00:00:10Z", "a sender's clock is not ours");
    }

    #[test]
    fn what_kanbus_does_not_take_is_not_heard() {
        assert_eq!(read(&with("expires_at", json!("2026-01-01T00:02:00Z"))), None);
        assert_eq!(read(&with("type", json!("coordination.release"))), None, "a release lasts no time");
        let mut renewal = with("type", json!("coordination.lease"));
        assert_eq!(read(&renewal), None);
        renewal["expires_at"] = json!("2026-01-01T00:02:00Z");
        assert!(read(&renewal).is_some());
        renewal["lease_ttl_s"] = json!(0);
        assert_eq!(read(&renewal), None);
    }

    #[test]
    fn what_is_kept_is_small_and_comes_to_the_same() {
        let said = read(&with("pad", json!("p".repeat(100_000)))).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&said.text).unwrap(), claim());
        assert_eq!(read(&serde_json::from_str(&said.text).unwrap()), Some(said));
        assert_eq!(read(&with("project_identity", json!("p".repeat(LONGEST + 1)))), None);
    }
}
