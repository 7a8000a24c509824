//! What an issue comes to, in a few bytes: the same whether it was heard, written or committed.
//!
//! Not here: the hash of a file's bytes, which tells spellings apart that mean the same.
//!
//! Invariant: times count as instants, and what is no summary field counts only through `updated_at`.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::issue::Issue;
use crate::moment::Moment;

/// What an issue comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Content(u128);

impl Content {
    /// What is left of an issue that is gone.
    pub const GONE: Self = Self(0);

    /// What `issue` comes to.
    pub fn of(issue: &Issue) -> Self {
        let mut hasher = blake3::Hasher::new();
        let mut field = |text: Option<&str>| {
            // The length tells one field from the next, and none from an empty one.
            let length = text.map_or(u64::MAX, |text| text.len() as u64);
            hasher.update(&length.to_le_bytes()).update(text.unwrap_or_default().as_bytes());
        };
        field(Some(&issue.title));
        for text in [&issue.issue_type, &issue.status, &issue.assignee, &issue.parent] {
            field(text.as_deref());
        }
        field(issue.priority.map(|number| number.to_string()).as_deref());
        field(Some(&issue.comments.to_string()));
        for moment in [&issue.created_at, &issue.updated_at, &issue.closed_at] {
            let instant = moment.as_ref().map(Moment::instant);
            field(instant.map(|instant| instant.as_nanosecond().to_string()).as_deref());
        }
        field(Some(&issue.labels.len().to_string()));
        issue.labels.iter().for_each(|label| field(Some(label)));
        for dependency in &issue.dependencies {
            field(Some(&dependency.kind));
            field(Some(&dependency.target));
        }
        let mut half = [0; 16];
        half.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        Self(u128::from_le_bytes(half))
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl Serialize for Content {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        u128::from_str_radix(&text, 16).map(Self).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(text: &str) -> Content {
        Content::of(&Issue::parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn what_is_heard_and_what_is_written_come_to_the_same() {
        let heard = r#"{"id":"k-1","title":"T","status":"done","labels":["a"],"updated_at":"2026-01-01T00:00:00.500Z"}"#;
        let written = r#"{
            "status": "done", "title": "T", "id": "k-1", "assignee": null, "labels": ["a"],
            "custom": {"source": "shared"}, "updated_at": "2026-01-01T01:00:00.5+01:00"
        }"#;
        assert_eq!(content(heard), content(written));
        assert_ne!(content(heard), content(&heard.replace("done", "open")));
        assert_ne!(content(heard), content(&heard.replace(".500Z", ".501Z")));
        assert_ne!(content(heard), Content::GONE);
    }

    #[test]
    fn it_reads_back_as_it_was_written() {
        let one = content(r#"{"title":"T"}"#);
        let text = serde_json::to_string(&one).unwrap();
        assert_eq!(serde_json::from_str::<Content>(&text).unwrap(), one);
        assert!(serde_json::from_str::<Content>("\"no hash\"").is_err());
    }
}
