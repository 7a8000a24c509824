//! What an event record tells.
//!
//! The payloads are Kanbus's (0.41). Not here: who is behind it (`attribution`).
//!
//! Invariant: an event of a type that is not known, or whose payload is odd, tells nothing and fails nothing.

use serde_json::Value;

use super::comment::{Comment, comment};
use super::{Scene, What};
use crate::event::EventEntry;

/// The issue that an event with this `issue_id` is about: the router's and the leases' name it in their own way.
pub fn issue_of(issue_id: &str) -> Option<&str> {
    crate::lease::issue_of(issue_id)
}

/// What happened, by `event`.
pub fn told(event: &EventEntry, scene: &Scene<'_>) -> Vec<What> {
    let payload = &event.payload;
    let text = |key: &str| payload.get(key).and_then(Value::as_str).map(str::to_owned);
    let edited = |field: &str| What::Edited { fields: vec![field.to_owned()] };
    let link = |added| {
        let (kind, target) = (text("dependency_type")?, text("target_id")?);
        Some(scene.dependency(added, &kind, &target))
    };
    match event.event_type.as_str() {
        "issue_created" => vec![created(payload, scene)],
        "issue_deleted" => vec![What::Deleted],
        "state_transition" => vec![scene.moved(text("from_status"), text("to_status"))],
        "field_updated" => fields(&payload["changes"], scene),
        "comment_added" => vec![scene.commented(added(event, text("comment_id"), scene))],
        "comment_updated" | "comment_deleted" => vec![edited("comments")],
        "dependency_added" => link(true).into_iter().collect(),
        "dependency_removed" => link(false).into_iter().collect(),
        "issue_localized" | "issue_promoted" => vec![edited("location")],
        "coordination.claim" | "coordination.renew" => vec![What::Leased { owner: text("owner") }],
        "coordination.release" => vec![What::Leased { owner: None }],
        "router.conversation" if payload["action"] == "awaiting_reply" => vec![awaiting(event, scene)],
        _ => Vec::new(),
    }
}

fn created(payload: &Value, scene: &Scene<'_>) -> What {
    let description = payload["description"].as_str();
    let mentions_me = description.is_some_and(|text| scene.me.is_mentioned_in(text));
    What::Created { top: scene.is_top(payload["priority"].as_i64()), mentions_me }
}

fn added(event: &EventEntry, id: Option<String>, scene: &Scene<'_>) -> Comment {
    let known = id.as_deref().zip(scene.document).and_then(|(id, document)| comment(document, id, scene.me));
    known.unwrap_or_else(|| Comment {
        agent: event.agent.clone(),
        author: event.payload["comment_author"].as_str().map(str::to_owned),
        id,
        ..Comment::default()
    })
}

fn fields(changes: &Value, scene: &Scene<'_>) -> Vec<What> {
    let Some(changes) = changes.as_object() else { return Vec::new() };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let mentions = |value: &Value| value.as_str().is_some_and(|text| scene.me.is_mentioned_in(text));
    let (mut told, mut others) = (Vec::new(), Vec::new());
    for (field, change) in changes {
        let (from, to) = (&change["from"], &change["to"]);
        match field.as_str() {
            "assignee" => told.push(What::Assigned { from: text(from), to: text(to) }),
            "priority" => {
                let (from, to) = (from.as_i64(), to.as_i64());
                told.push(What::Priority { from, to, top: scene.is_top(to) });
            }
            "description" if mentions(to) && !mentions(from) => told.push(What::Mentioned { comment: None }),
            other => others.push(other.to_owned()),
        }
    }
    if !others.is_empty() {
        told.push(What::Edited { fields: others });
    }
    told
}

/// The question is the newest comment: Kanbus writes it before it says that it waits.
fn awaiting(event: &EventEntry, scene: &Scene<'_>) -> What {
    let comments = scene.document.and_then(|document| document.get("comments")).and_then(Value::as_array);
    let last = comments.and_then(|comments| comments.last()).map(|last| Comment::read(last, scene.me));
    let provider = event.payload["provider"].as_str().map(str::to_owned);
    What::AwaitingReply {
        agent: event.agent.clone().or(provider),
        question: last.and_then(|comment| comment.text),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::super::Kind;
    use super::*;
    use crate::attention::attribution::Me;
    use crate::config::Config;

    fn told_by(kind: &str, payload: Value, document: Option<&Map<String, Value>>) -> Vec<What> {
        let record = json!({
            "schema_version": 1, "event_id": "e", "issue_id": "k-1", "event_type": kind,
            "occurred_at": "2026-01-01T00:00:00Z", "actor_id": "bob", "payload": payload,
        });
        let event = EventEntry::parse(record.to_string().as_bytes()).unwrap();
        let (config, me) = (Config::default(), Me::called(["ann"]));
        told(&event, &Scene { config: &config, me: &me, document, is_open: &|_| true })
    }

    #[test]
    fn every_type_that_kanbus_writes_tells_its_kind() {
        for (kind, payload, expected) in [
            ("issue_created", json!({"title": "T", "priority": 0}), vec![Kind::Created]),
            ("state_transition", json!({"from_status": "open", "to_status": "closed"}), vec![Kind::Moved]),
            ("state_transition", json!({"to_status": "blocked"}), vec![Kind::Blocked]),
            (
                "field_updated",
                json!({"changes": {
                    "assignee": {"from": null, "to": "ann"}, "priority": {"from": 2, "to": 0},
                    "title": {"from": "a", "to": "b"}, "labels": {"from": [], "to": ["a"]},
                }}),
                vec![Kind::Assigned, Kind::Priority, Kind::Edited],
            ),
            (
                "field_updated",
                json!({"changes": {"description": {"from": "", "to": "@ann"}}}),
                vec![Kind::Mentioned],
            ),
            ("comment_added", json!({"comment_id": "c", "comment_author": "bob"}), vec![Kind::Commented]),
            ("comment_updated", json!({"comment_id": "c"}), vec![Kind::Edited]),
            (
                "dependency_added",
                json!({"dependency_type": "relates-to", "target_id": "k-2"}),
                vec![Kind::Dependency],
            ),
            (
                "dependency_added",
                json!({"dependency_type": "blocked-by", "target_id": "k-2"}),
                vec![Kind::Blocked],
            ),
            ("issue_deleted", json!({}), vec![Kind::Deleted]),
            ("issue_promoted", json!({}), vec![Kind::Edited]),
            ("coordination.renew", json!({"owner": "codex-3"}), vec![Kind::Leased]),
            ("router.conversation", json!({"action": "awaiting_reply"}), vec![Kind::AwaitingReply]),
            ("router.conversation", json!({"action": "output"}), vec![]),
            ("router.attempt", json!({}), vec![]),
        ] {
            let told = told_by(kind, payload, None);
            assert_eq!(told.iter().map(What::kind).collect::<Vec<_>>(), expected, "{kind}");
        }
    }

    #[test]
    fn an_odd_event_tells_nothing_and_fails_nothing() {
        for kind in ["", "new.kind", "field_updated", "dependency_added"] {
            for payload in [json!(null), json!([1]), json!({"changes": 7}), json!({"target_id": {}})] {
                assert_eq!(told_by(kind, payload, None), [], "{kind}");
            }
        }
    }

    #[test]
    fn a_question_comes_with_its_words_and_its_agent() {
        let document = json!({"comments": [{"id": "c", "author": "Router", "text": "Which <key>?"}]});
        let payload = json!({"action": "awaiting_reply", "provider": "codex"});
        let told = told_by("router.conversation", payload, document.as_object());
        let (agent, question) = (Some("codex".to_owned()), Some("Which <key>?".to_owned()));
        assert_eq!(told, [What::AwaitingReply { agent, question }]);
        assert_eq!(issue_of("router:k-1"), Some("k-1"));
        assert_eq!(issue_of("router:package:../k"), None);
    }

    #[test]
    fn a_comment_is_read_where_the_issue_is_at_hand() {
        let document =
            json!({"comments": [{"id": "c", "author": "bob", "text": "@ann", "agent": {"platform": "P"}}]});
        let document = document.as_object();
        let told = told_by("comment_added", json!({"comment_id": "c"}), document);
        assert_eq!(told[0].kind(), Kind::Mentioned);
        assert_eq!(super::super::comment_agent(document.unwrap(), "c").as_deref(), Some("P"));
    }
}
