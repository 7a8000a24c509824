//! A gossip envelope: what a Kanbus client says on the bus of one change.
//!
//! The format is Kanbus's `GossipEnvelope` (0.41). Not here: the bus (`hearsay-gossip`), and what a change means for a
//! card (`overlay`, `lease`).
//!
//! Invariants:
//! - An envelope is a stranger's: its size, its ids and its times are checked here, once.
//! - Its text is kept as it came, so that passing it on passes on what is not understood as well.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::document::{Document, SyntaxError};
use crate::lease::{Claim, ClaimKind};
use crate::moment::Moment;

/// The largest envelope that is read, in bytes: a line of Kanbus's own bus.
pub const LARGEST: usize = 1 << 20;
/// The longest id, label or owner, in bytes: Kanbus's bound for ids that become file names.
pub const LONGEST: usize = 200;

/// Why something on the bus is no envelope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// It is larger than [`LARGEST`].
    #[error("it has {0} bytes; {LARGEST} are the most")]
    TooLarge(usize),
    /// It is not JSON, or not an object.
    #[error(transparent)]
    Syntax(SyntaxError),
    /// A field is missing or holds what it cannot hold.
    #[error("`{0}` is missing, or is not what Kanbus writes there")]
    Field(&'static str),
    /// The snapshot is of another issue than the envelope says.
    #[error("the snapshot is of another issue than the envelope says")]
    OtherIssue,
}

/// One envelope.
#[derive(Debug, Clone, PartialEq)]
pub struct Envelope {
    /// Its own id: whoever has seen it has heard it.
    pub id: Box<str>,
    /// When it was sent, by the sender's clock.
    pub at: Moment,
    /// The label of the project, as the sender's configuration has it.
    pub project: Box<str>,
    /// The sender's `project_id`, if its configuration has one.
    pub project_identity: Option<Box<str>>,
    /// The process that sent it. Says nothing of who acted.
    pub producer: Box<str>,
    /// What it says.
    pub news: News,
    text: Box<str>,
}

/// What an envelope says.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// `issue.mutated`: an issue is now so.
    Mutated {
        /// Its id, fit for a file name.
        issue_id: Box<str>,
        /// The event that tells the change, if one does.
        event_id: Option<Box<str>>,
        /// The whole issue.
        issue: Map<String, Value>,
    },
    /// `issue.deleted`: an issue is gone.
    Deleted {
        /// Its id, fit for a file name.
        issue_id: Box<str>,
        /// The event that tells the change, if one does.
        event_id: Option<Box<str>>,
    },
    /// `coordination.*`: somebody holds something, or no longer.
    Coordination(Claim),
    /// A type that is not known here.
    Unknown,
}

/// What an envelope of our own says; the rest follows.
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    /// Its id.
    pub id: &'a str,
    /// When it is sent, RFC 3339.
    pub at: &'a str,
    /// The label of the project.
    pub project: &'a str,
    /// The `project_id` of the configuration, if it has one.
    pub project_identity: Option<&'a str>,
    /// This process.
    pub producer: &'a str,
    /// The issue.
    pub issue_id: &'a str,
    /// The event that tells the change, if one does.
    pub event_id: Option<&'a str>,
    /// The whole issue; `None` where it is deleted.
    pub issue: Option<&'a Map<String, Value>>,
}

/// Whether `id` may become a file name: Kanbus's own rule.
pub fn is_file_name(id: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    !id.is_empty()
        && id.len() <= LONGEST
        && !id.starts_with('.')
        && !id.contains("..")
        && id.bytes().all(allowed)
}

#[derive(Serialize, Deserialize)]
struct Wire<'a> {
    id: Option<Box<str>>,
    ts: Option<Box<str>>,
    project: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    project_identity: Option<Box<str>>,
    #[serde(rename = "type")]
    kind: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    issue_id: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event_id: Option<Box<str>>,
    producer_id: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    issue: Option<std::borrow::Cow<'a, Map<String, Value>>>,
    #[serde(default, skip_serializing)]
    resource: Option<Box<str>>,
    #[serde(default, skip_serializing)]
    owner: Option<Box<str>>,
    #[serde(default, skip_serializing)]
    claim_id: Option<Box<str>>,
    #[serde(default, skip_serializing)]
    lease_ttl_s: Option<u64>,
    #[serde(default, skip_serializing)]
    expires_at: Option<Box<str>>,
    #[serde(default, skip_serializing)]
    operation_sequence: Option<u64>,
}

impl Envelope {
    /// Reads `text`.
    ///
    /// # Errors
    /// Where it is no envelope that may be acted on.
    pub fn parse(text: &str) -> Result<Self, EnvelopeError> {
        if text.len() > LARGEST {
            return Err(EnvelopeError::TooLarge(text.len()));
        }
        // serde reads an array as a struct, field by field; Kanbus says no such thing.
        if text.trim_start().starts_with('[') {
            Document::parse(text.as_bytes().to_vec()).map_err(EnvelopeError::Syntax)?;
        }
        let mut wire: Wire<'_> = serde_json::from_str(text)
            .map_err(|error| EnvelopeError::Syntax(SyntaxError::from_json(text.as_bytes(), &error)))?;
        let at = wire.ts.as_deref().and_then(Moment::parse).ok_or(EnvelopeError::Field("ts"))?;
        let news = wire.news(&at)?;
        news.is_small(text.len())?;
        Ok(Self {
            id: short("id", wire.id.take())?,
            at,
            project: short("project", wire.project.take())?,
            project_identity: wire.project_identity.take(),
            producer: short("producer_id", wire.producer_id.take())?,
            news,
            text: text.trim().into(),
        })
    }

    /// Reads `bytes`.
    ///
    /// # Errors
    /// As for [`Envelope::parse`].
    pub fn parse_bytes(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let text = std::str::from_utf8(bytes)
            .map_err(|error| EnvelopeError::Syntax(SyntaxError::not_utf8(bytes, error.valid_up_to())))?;
        Self::parse(text)
    }

    /// Writes an envelope of our own, as Kanbus writes it.
    ///
    /// # Errors
    /// Where `draft` holds what no envelope may hold.
    pub fn write(draft: &Draft<'_>) -> Result<Self, EnvelopeError> {
        let kind = if draft.issue.is_some() { "issue.mutated" } else { "issue.deleted" };
        let wire = Wire {
            id: Some(draft.id.into()),
            ts: Some(draft.at.into()),
            project: Some(draft.project.into()),
            project_identity: draft.project_identity.map(Into::into),
            kind: Some(kind.into()),
            issue_id: Some(draft.issue_id.into()),
            event_id: draft.event_id.map(Into::into),
            producer_id: Some(draft.producer.into()),
            issue: draft.issue.map(std::borrow::Cow::Borrowed),
            resource: None,
            owner: None,
            claim_id: None,
            lease_ttl_s: None,
            expires_at: None,
            operation_sequence: None,
        };
        let text = serde_json::to_string(&wire)
            .map_err(|error| EnvelopeError::Syntax(SyntaxError::from_json(&[], &error)))?;
        Self::parse(&text)
    }

    /// The envelope as one line of JSON, as it came.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The issue it is about; `None` for news of something else.
    pub fn issue_id(&self) -> Option<&str> {
        match &self.news {
            News::Mutated { issue_id, .. } | News::Deleted { issue_id, .. } => Some(issue_id),
            News::Coordination(claim) => claim.issue_id(),
            News::Unknown => None,
        }
    }
}

impl News {
    /// A snapshot is written down as this program spells it, in which a number may be longer than it came: four times
    /// at most.
    fn is_small(&self, came: usize) -> Result<(), EnvelopeError> {
        let Self::Mutated { issue, .. } = self else { return Ok(()) };
        if came <= LARGEST / 4 {
            return Ok(());
        }
        let bytes = serde_json::to_vec(issue)
            .map_err(|error| EnvelopeError::Syntax(SyntaxError::from_json(&[], &error)))?;
        if bytes.len() > LARGEST { Err(EnvelopeError::TooLarge(bytes.len())) } else { Ok(()) }
    }
}

impl Wire<'_> {
    fn news(&mut self, at: &Moment) -> Result<News, EnvelopeError> {
        match self.kind.as_deref().ok_or(EnvelopeError::Field("type"))? {
            "issue.mutated" => {
                let issue = self.issue.take().ok_or(EnvelopeError::Field("issue"))?.into_owned();
                let issue_id = self.issue_id()?;
                match issue.get("id").and_then(Value::as_str) {
                    Some(inner) if *inner == *issue_id => {
                        Ok(News::Mutated { issue_id, event_id: self.event_id.take(), issue })
                    }
                    Some(_) => Err(EnvelopeError::OtherIssue),
                    None => Err(EnvelopeError::Field("issue.id")),
                }
            }
            "issue.deleted" => {
                Ok(News::Deleted { issue_id: self.issue_id()?, event_id: self.event_id.take() })
            }
            "coordination.claim" => self.claim(ClaimKind::Claim, at),
            "coordination.lease" => self.claim(ClaimKind::Renew, at),
            "coordination.release" => self.claim(ClaimKind::Release, at),
            _ => Ok(News::Unknown),
        }
    }

    fn issue_id(&mut self) -> Result<Box<str>, EnvelopeError> {
        self.issue_id.take().filter(|id| is_file_name(id)).ok_or(EnvelopeError::Field("issue_id"))
    }

    /// As Kanbus's `coordination_gossip_envelope_is_valid`.
    fn claim(&mut self, kind: ClaimKind, at: &Moment) -> Result<News, EnvelopeError> {
        let ttl = self.lease_ttl_s.filter(|ttl| *ttl > 0);
        let expires_at = match kind {
            ClaimKind::Claim => {
                let ttl = ttl.ok_or(EnvelopeError::Field("lease_ttl_s"))?;
                Some(at.after(ttl).ok_or(EnvelopeError::Field("lease_ttl_s"))?)
            }
            ClaimKind::Renew => {
                let expires_at = self.expires_at.as_deref().and_then(Moment::parse);
                Some(expires_at.ok_or(EnvelopeError::Field("expires_at"))?)
            }
            ClaimKind::Release => None,
        };
        if self.operation_sequence == Some(0) {
            return Err(EnvelopeError::Field("operation_sequence"));
        }
        Ok(News::Coordination(Claim {
            kind,
            resource: short("resource", self.resource.take())?,
            owner: short("owner", self.owner.take())?,
            claim_id: short("claim_id", self.claim_id.take())?,
            event_id: short("event_id", self.event_id.take())?,
            at: at.clone(),
            expires_at,
            sequence: self.operation_sequence.unwrap_or_default(),
            contention_window_s: None,
        }))
    }
}

fn short(name: &'static str, text: Option<Box<str>>) -> Result<Box<str>, EnvelopeError> {
    text.filter(|text| !text.is_empty() && text.len() <= LONGEST).ok_or(EnvelopeError::Field(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn mutated() -> Value {
        json!({
            "id": "e-1", "ts": "2026-01-01T00:00:00.000Z", "project": "kbs", "project_identity": "p", "type": "issue.mutated",
            "issue_id": "kbs-1", "event_id": "ev", "producer_id": "them", "new_field": {"n": 1},
            "issue": {"id": "kbs-1", "title": "T", "custom": {"x": 1}},
        })
    }

    fn parse(value: &Value) -> Result<Envelope, EnvelopeError> {
        Envelope::parse(&value.to_string())
    }

    fn with(key: &str, value: Value) -> Value {
        let mut envelope = mutated();
        envelope[key] = value;
        envelope
    }

    #[test]
    fn an_envelope_is_passed_on_as_it_came() {
        let text = mutated().to_string();
        let envelope = Envelope::parse(&text).unwrap();
        assert_eq!(envelope.text(), text, "unknown fields stay");
        assert_eq!(envelope.issue_id(), Some("kbs-1"));
        assert_eq!(
            parse(&with("type", json!("issue.sung"))).unwrap().news,
            News::Unknown,
            "unknown types too"
        );
    }

    #[test]
    fn what_is_no_envelope_is_refused_with_the_field_that_is_wrong() {
        let long = "x".repeat(10_000);
        for (key, value, field) in [
            ("issue_id", json!("../../x"), "issue_id"),
            ("issue_id", json!("a\u{0}b"), "issue_id"),
            ("issue_id", json!(long), "issue_id"),
            ("issue_id", json!(".hidden"), "issue_id"),
            ("id", json!(long), "id"),
            ("id", json!(""), "id"),
            ("ts", json!("yesterday"), "ts"),
            ("producer_id", json!(null), "producer_id"),
            ("issue", json!(null), "issue"),
            ("type", json!(null), "type"),
        ] {
            assert_eq!(parse(&with(key, value)), Err(EnvelopeError::Field(field)), "{key}");
        }
        assert_eq!(parse(&with("issue", json!({"id": "kbs-2"}))), Err(EnvelopeError::OtherIssue));
        let deep = mutated()
            .to_string()
            .replace("{\"x\":1}", &format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000)));
        let array = r#" ["e", "2026-01-01T00:00:00Z", "kbs", null, "issue.deleted", "kbs-1", null, "us", null, null, null, null,
            null, null, null]"#;
        for text in ["", "null", "[]", array, "{\"id\":\"e", &deep] {
            assert!(matches!(Envelope::parse(text), Err(EnvelopeError::Syntax(_))), "{:.40}", text);
        }
        assert_eq!(Envelope::parse(&" ".repeat(LARGEST + 1)), Err(EnvelopeError::TooLarge(LARGEST + 1)));
    }

    #[test]
    fn a_snapshot_that_would_be_written_larger_than_an_envelope_is_refused() {
        let numbers = |count: usize| {
            let spelled = mutated()
                .to_string()
                .replace("{\"x\":1}", &format!("{{\"x\":[{}0]}}", "1e15,".repeat(count)));
            Envelope::parse(&spelled).map(drop)
        };
        assert_eq!(numbers(50_000), Ok(()));
        assert!(matches!(numbers(60_000), Err(EnvelopeError::TooLarge(bytes)) if bytes > LARGEST));
    }

    #[test]
    fn our_own_envelope_is_one_that_kanbus_reads() {
        let issue = mutated()["issue"].as_object().unwrap().clone();
        let draft = Draft {
            id: "e-2",
            at: "2026-01-01T00:00:00.000Z",
            project: "kbs",
            project_identity: Some("p"),
            producer: "us",
            issue_id: "kbs-1",
            event_id: Some("ev"),
            issue: Some(&issue),
        };
        let envelope = Envelope::write(&draft).unwrap();
        let value: Value = serde_json::from_str(envelope.text()).unwrap();
        assert_eq!((&value["type"], &value["issue"]), (&json!("issue.mutated"), &mutated()["issue"]));
        assert!(value.get("resource").is_none(), "Kanbus leaves out what is not there");
        let gone = Envelope::write(&Draft { issue: None, event_id: None, ..draft }).unwrap();
        assert_eq!(gone.news, News::Deleted { issue_id: "kbs-1".into(), event_id: None });
    }

    #[test]
    fn coordination_is_read_as_kanbus_validates_it() {
        let claim = json!({
            "id": "c", "ts": "2026-01-01T00:00:00Z", "project": "kbs", "type": "coordination.claim", "event_id": "ev",
            "producer_id": "them", "resource": "router:issue:kbs-1", "owner": "codex-3", "claim_id": "1", "lease_ttl_s": 60,
        });
        let envelope = parse(&claim).unwrap();
        assert_eq!(envelope.issue_id(), Some("kbs-1"));
        let News::Coordination(read) = envelope.news else { panic!("a claim") };
        assert_eq!(read.expires_at, Moment::parse("2026-01-01T00:01:00Z"));
        for key in ["resource", "owner", "claim_id", "event_id", "lease_ttl_s"] {
            let mut without = claim.clone();
            without.as_object_mut().unwrap().remove(key);
            assert_eq!(parse(&without), Err(EnvelopeError::Field(key)), "{key}");
        }
        let mut endless = claim;
        endless["lease_ttl_s"] = json!(u64::MAX);
        assert!(parse(&endless).is_err(), "a time that no calendar has");
    }
}
