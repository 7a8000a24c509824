//! An event record: who did what to which issue, as Kanbus appends it to `events/`.
//!
//! The format is Kanbus's `EventRecord` (0.41). Not here: which events are newest (`hearsay-repo`), what they mean to
//! the person (`attention`).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use crate::document::SyntaxError;
use crate::lease::{Claim, ClaimKind};
use crate::moment::Moment;

/// The part of an event that the board needs: whose issue, and who.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRecord {
    /// The issue it is about.
    pub issue_id: Box<str>,
    /// Who did it, if it says so.
    pub actor: Option<String>,
    /// The agent's name or platform, if it names one.
    pub agent: Option<String>,
    /// What it does to a lease, where `issue_id` names what is leased.
    pub claim: Option<Box<Claim>>,
}

#[derive(Deserialize)]
struct Head {
    issue_id: Box<str>,
    actor_id: Option<String>,
    #[serde(default)]
    schema_version: Value,
    #[serde(default)]
    event_id: Value,
    #[serde(default)]
    event_type: Value,
    #[serde(default)]
    occurred_at: Value,
    #[serde(default)]
    payload: Payload,
}

#[derive(Deserialize, Default)]
struct Payload {
    #[serde(default)]
    agent: Value,
    #[serde(default)]
    owner: Value,
    #[serde(default)]
    claim_id: Value,
    #[serde(default)]
    lease_expires_at: Value,
    #[serde(default, deserialize_with = "named")]
    operation_sequence: Option<Value>,
    #[serde(default)]
    contention_window_s: Value,
}

/// A value that is there, `null` or not.
fn named<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl Head {
    /// The lease record that it is, if it is one that Kanbus reads.
    fn claim(&self) -> Option<Claim> {
        let kind = match self.event_type.as_str()? {
            "coordination.claim" => ClaimKind::Claim,
            "coordination.renew" => ClaimKind::Renew,
            "coordination.release" => ClaimKind::Release,
            _ => return None,
        };
        u32::try_from(self.schema_version.as_u64()?).ok()?;
        self.actor_id.as_ref()?;
        let at = Moment::parse(self.occurred_at.as_str()?)?;
        let until = self.payload.lease_expires_at.as_str().map(Moment::parse);
        let expires_at = match kind {
            ClaimKind::Release => None,
            ClaimKind::Claim => until.map(|until| until.unwrap_or_else(|| at.clone())),
            ClaimKind::Renew => until.flatten(),
        };
        let sequence = match &self.payload.operation_sequence {
            None => 0,
            Some(sequence) => sequence.as_u64().filter(|sequence| *sequence > 0)?,
        };
        Some(Claim {
            kind,
            resource: self.issue_id.clone(),
            owner: self.payload.owner.as_str()?.into(),
            claim_id: self.payload.claim_id.as_str()?.into(),
            event_id: self.event_id.as_str()?.into(),
            at,
            expires_at,
            sequence,
            contention_window_s: self.payload.contention_window_s.as_u64(),
        })
    }
}

impl EventRecord {
    /// Reads `bytes`.
    ///
    /// # Errors
    /// Where they are not an event.
    pub fn parse(bytes: &[u8]) -> Result<Self, SyntaxError> {
        let head: Head =
            serde_json::from_slice(bytes).map_err(|error| SyntaxError::from_json(bytes, &error))?;
        let (agent, claim) = (agent_name(&head.payload.agent), head.claim().map(Box::new));
        Ok(Self { issue_id: head.issue_id, actor: head.actor_id, agent, claim })
    }

    /// The issue an event is about, read without the rest.
    pub fn issue_id(bytes: &[u8]) -> Option<Box<str>> {
        #[derive(Deserialize)]
        struct Whose {
            issue_id: Box<str>,
        }
        serde_json::from_slice::<Whose>(bytes).ok().map(|whose| whose.issue_id)
    }
}

/// How an agent's metadata names it: `name`, else `platform`.
pub fn agent_name(agent: &Value) -> Option<String> {
    let text = |key: &str| agent.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    text("name").or_else(|| text("platform")).map(str::to_owned)
}

/// One line of an issue's history, as the doors show it.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct EventEntry {
    /// Who did it.
    pub actor_id: Option<String>,
    /// The agent that the event names.
    pub agent: Option<String>,
    /// The event's id.
    pub event_id: String,
    /// Kanbus's type, known or not.
    pub event_type: String,
    /// When, as the file says.
    pub occurred_at: Option<String>,
    /// Kanbus's own payload, by type.
    #[ts(type = "unknown")]
    pub payload: Value,
}

impl EventEntry {
    /// Reads `bytes`; what is not there is empty, so that an odd event is shown and not dropped.
    ///
    /// # Errors
    /// Where they are not a JSON object.
    pub fn parse(bytes: &[u8]) -> Result<Self, SyntaxError> {
        let mut fields: serde_json::Map<String, Value> =
            serde_json::from_slice(bytes).map_err(|error| SyntaxError::from_json(bytes, &error))?;
        let mut text = |key: &str| match fields.remove(key) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        let (actor_id, event_id, event_type, occurred_at) =
            (text("actor_id"), text("event_id"), text("event_type"), text("occurred_at"));
        let payload = fields.remove("payload").unwrap_or_default();
        Ok(Self {
            actor_id,
            agent: agent_name(&payload["agent"]),
            event_id: event_id.unwrap_or_default(),
            event_type: event_type.unwrap_or_default(),
            occurred_at,
            payload,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_says_whose_issue_and_who() {
        let event = EventRecord::parse(
            br#"{"schema_version":1,"event_id":"e","issue_id":"k-1","event_type":"new.kind","occurred_at":"x",
                "actor_id":"bob","payload":{"agent":{"platform":"Codex","model":"m"}}}"#,
        )
        .unwrap();
        assert_eq!(&*event.issue_id, "k-1");
        assert_eq!((event.actor.as_deref(), event.agent.as_deref()), (Some("bob"), Some("Codex")));
    }

    fn coordination(kind: &str, field: &str, value: Value) -> Option<Claim> {
        let mut event = json!({
            "schema_version": 1, "issue_id": "router:issue:k-1", "event_id": "e", "actor_id": "w",
            "event_type": format!("coordination.{kind}"), "occurred_at": "2026-01-01T00:00:00Z",
            "payload": {"owner": "w", "claim_id": "c", "ttl_s": 60, "lease_expires_at": "2026-01-01T00:01:00Z"},
        });
        match event.get(field).is_some() {
            true => event[field] = value,
            false => event["payload"][field] = value,
        }
        EventRecord::parse(event.to_string().as_bytes()).unwrap().claim.map(|claim| *claim)
    }

    #[test]
    fn an_event_of_a_lease_says_who_holds_what() {
        let claim = coordination("claim", "contention_window_s", json!(7)).unwrap();
        assert_eq!((claim.kind, claim.issue_id()), (ClaimKind::Claim, Some("k-1")));
        assert_eq!((claim.sequence, claim.contention_window_s), (0, Some(7)));
    }

    #[test]
    fn an_event_of_a_lease_whose_sequence_is_no_positive_integer_is_nobodys() {
        for kind in ["claim", "renew", "release"] {
            for sequence in [json!(0), json!(-2), json!(true), json!("5"), json!(1.5), json!(null)] {
                assert_eq!(
                    coordination(kind, "operation_sequence", sequence.clone()),
                    None,
                    "{kind} {sequence}"
                );
            }
            assert_eq!(coordination(kind, "operation_sequence", json!(4)).unwrap().sequence, 4);
        }
    }

    #[test]
    fn a_claim_whose_end_is_no_time_ends_when_it_begins() {
        let claim = coordination("claim", "lease_expires_at", json!("tomorrow")).unwrap();
        assert_eq!(claim.expires_at, Some(claim.at), "it takes part, as Kanbus has it");
        // These claim nothing and renew nothing; that time has passed by them is all they say.
        for (kind, end) in [("claim", json!(null)), ("renew", json!(null)), ("renew", json!("tomorrow"))] {
            assert_eq!(coordination(kind, "lease_expires_at", end).unwrap().expires_at, None, "{kind}");
        }
    }

    #[test]
    fn an_event_of_a_lease_that_kanbus_does_not_read_is_nobodys() {
        for (field, value) in [
            ("schema_version", json!("1")),
            ("schema_version", json!(-1)),
            ("event_id", json!(7)),
            ("occurred_at", json!("yesterday")),
            ("owner", json!(null)),
            ("claim_id", json!(3)),
        ] {
            assert_eq!(coordination("claim", field, value), None, "{field}");
        }
    }

    #[test]
    fn an_odd_event_is_shown_with_what_it_has() {
        let entry = EventEntry::parse(br#"{"issue_id":"k-1","payload":[1]}"#).unwrap();
        assert_eq!((entry.event_type.as_str(), entry.actor_id), ("", None));
    }
}
