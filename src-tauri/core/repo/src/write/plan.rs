//! What else is to be done once a change of several files has come, as it is written down before.
//!
//! A change of one issue needs no plan: its staged events say all. Not here: when a plan counts (`repair`).
//!
//! Invariants:
//! - A plan names issues and events of its own project only, by plain names.
//! - One that Git may carry, beside the shared issues, names nothing of `project-local`: nobody else's commit touches
//!   what is private.

use hearsay_board::Source;
use serde_json::{Value, json};

use super::change::{is_event, is_plain};

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Plan {
    /// Issues go, the first of them first: it is what the others wait for.
    Remove(Vec<Member>),
    /// The issue moves.
    Move {
        /// Where it goes.
        to: Source,
        /// The name of the bytes that move, as a Git blob.
        before: String,
        /// The events that go along.
        along: Vec<String>,
    },
}

/// An issue that goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) source: Source,
    pub(super) id: String,
    /// The name of the bytes that were judged, as a Git blob: no others go.
    pub(super) before: String,
    /// The events that go with it.
    pub(super) gone: Vec<String>,
}

impl Plan {
    pub(super) fn to_json(&self) -> Vec<u8> {
        let value = match self {
            Self::Remove(members) => {
                let member = |member: &Member| {
                    let Member { source, id, before, gone } = member;
                    json!({ "source": word(*source), "id": id, "before": before, "gone": gone })
                };
                json!({ "remove": members.iter().map(member).collect::<Vec<_>>() })
            }
            Self::Move { to, before, along } => {
                json!({ "move": { "to": word(*to), "before": before, "along": along } })
            }
        };
        value.to_string().into_bytes()
    }

    /// What `bytes` say that lie at home in `source`; `None` for what is half written, or says what it may not.
    pub(super) fn parse(bytes: &[u8], source: Source) -> Option<Self> {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        if let Some(members) = value.get("remove") {
            let members: Option<Vec<Member>> = members.as_array()?.iter().map(member).collect();
            return members
                .filter(|members| source == Source::Local || members.iter().all(|one| one.source == source))
                .map(Self::Remove);
        }
        // A move has to do with both, so its plan is private.
        let value = value.get("move").filter(|_| source == Source::Local)?;
        let before = value.get("before")?.as_str()?.to_owned();
        Some(Self::Move { to: source_of(value.get("to"))?, before, along: names(value.get("along"))? })
    }
}

fn member(value: &Value) -> Option<Member> {
    let id = value.get("id")?.as_str().filter(|id| is_plain(id))?.to_owned();
    let before = value.get("before")?.as_str()?.to_owned();
    Some(Member { source: source_of(value.get("source"))?, id, before, gone: names(value.get("gone"))? })
}

fn names(value: Option<&Value>) -> Option<Vec<String>> {
    let name = |value: &Value| value.as_str().filter(|name| is_event(name)).map(str::to_owned);
    value?.as_array()?.iter().map(name).collect()
}

fn word(source: Source) -> &'static str {
    match source {
        Source::Shared => "shared",
        Source::Local => "local",
    }
}

fn source_of(value: Option<&Value>) -> Option<Source> {
    match value?.as_str()? {
        "shared" => Some(Source::Shared),
        "local" => Some(Source::Local),
        _ => None,
    }
}
