//! Issues and events as Kanbus writes them, told from the story's acts.
//!
//! Not here: the story itself.
//!
//! Invariants: an issue's file is what its events lead to; keys stand in Kanbus's order; files end without a
//! newline.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Serialize;
use serde_json::{Value, json};

use super::stamp::{Moment, uuid};
use super::story::KEY;
use super::tale::{Act, Actor, Deed, Tale};

#[derive(Debug, Clone, Serialize)]
struct Agent {
    platform: &'static str,
    model: &'static str,
    name: &'static str,
}

#[derive(Debug, Serialize)]
struct Dependency {
    target: String,
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Debug, Serialize)]
struct Comment {
    id: String,
    author: &'static str,
    text: &'static str,
    created_at: String,
    comment_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<Agent>,
}

#[derive(Debug, Serialize)]
struct Issue {
    id: String,
    title: &'static str,
    description: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    status: &'static str,
    priority: u8,
    assignee: Option<&'static str>,
    creator: Option<&'static str>,
    parent: Option<String>,
    labels: &'static [&'static str],
    dependencies: Vec<Dependency>,
    comments: Vec<Comment>,
    created_at: String,
    updated_at: String,
    closed_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<Agent>,
    right_now_summary: Option<()>,
    right_now_updated_at: Option<()>,
    custom: BTreeMap<(), ()>,
}

#[derive(Debug, Serialize)]
struct Event {
    schema_version: u8,
    event_id: String,
    issue_id: String,
    event_type: &'static str,
    occurred_at: String,
    actor_id: &'static str,
    payload: Payload,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Payload {
    Created {
        title: &'static str,
        description: &'static str,
        issue_type: &'static str,
        status: &'static str,
        priority: u8,
        assignee: Option<&'static str>,
        parent: Option<String>,
        labels: &'static [&'static str],
        #[serde(skip_serializing_if = "Option::is_none")]
        agent: Option<Agent>,
    },
    Moved {
        from_status: &'static str,
        to_status: &'static str,
    },
    Changed {
        changes: BTreeMap<&'static str, Value>,
    },
    Commented {
        comment_id: String,
        comment_author: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        agent: Option<Agent>,
    },
    Depends {
        dependency_type: &'static str,
        target_id: String,
    },
}

/// All issues and events up to a moment.
#[derive(Debug)]
pub(super) struct Project {
    issues: Vec<Issue>,
    events: Vec<Event>,
}

impl Project {
    /// Tells the story as of `until`; the ages in it are counted back from `now`.
    pub(super) fn tell(tales: &[Tale], now: Moment, until: Moment) -> Self {
        let mut project = Self { issues: Vec::new(), events: Vec::new() };
        for tale in tales {
            let born = now.minutes_before(tale.age);
            if born > until {
                continue;
            }
            let mut issue = open(tale, born);
            project.events.push(event(tale, 0, born, tale.by, created(tale, &issue)));
            for (index, deed) in tale.deeds.iter().enumerate() {
                let at = now.minutes_before(deed.age);
                if at <= until {
                    let payload = apply(&mut issue, tale, index + 1, deed, at);
                    project.events.push(event(tale, index + 1, at, deed.by, payload));
                }
            }
            project.issues.push(issue);
        }
        project
    }

    /// Paths from the root, and texts.
    pub(super) fn files(&self) -> Result<Vec<(String, String)>> {
        let mut files = Vec::new();
        for issue in &self.issues {
            let path = format!("project/issues/{}.json", issue.id);
            files.push((path, serde_json::to_string_pretty(issue)?));
        }
        for event in &self.events {
            let time = event.occurred_at.replace(':', "-");
            let path = format!("project/events/{time}__{}.json", event.event_id);
            files.push((path, serde_json::to_string_pretty(event)?));
        }
        Ok(files)
    }
}

fn id_of(slug: &str) -> String {
    format!("{KEY}-{}", uuid(slug))
}

fn open(tale: &Tale, born: Moment) -> Issue {
    Issue {
        id: id_of(tale.slug),
        title: tale.title,
        description: tale.description,
        kind: tale.kind,
        status: tale.status,
        priority: tale.priority,
        assignee: None,
        creator: Some(tale.by.name),
        parent: tale.parent.map(id_of),
        labels: tale.labels,
        dependencies: Vec::new(),
        comments: Vec::new(),
        created_at: born.issue(),
        updated_at: born.issue(),
        closed_at: None,
        agent: agent(tale.by),
        right_now_summary: None,
        right_now_updated_at: None,
        custom: BTreeMap::new(),
    }
}

fn created(tale: &Tale, issue: &Issue) -> (&'static str, Payload) {
    let payload = Payload::Created {
        title: issue.title,
        description: issue.description,
        issue_type: issue.kind,
        status: issue.status,
        priority: issue.priority,
        assignee: None,
        parent: issue.parent.clone(),
        labels: issue.labels,
        agent: agent(tale.by),
    };
    ("issue_created", payload)
}

/// Changes the issue and returns the event that says so.
fn apply(issue: &mut Issue, tale: &Tale, number: usize, deed: &Deed, at: Moment) -> (&'static str, Payload) {
    issue.updated_at = at.issue();
    match deed.act {
        Act::Move(to) => {
            let from = std::mem::replace(&mut issue.status, to);
            issue.closed_at = (to == "closed").then(|| at.issue());
            ("state_transition", Payload::Moved { from_status: from, to_status: to })
        }
        Act::Assign(to) => {
            let from = issue.assignee.replace(to);
            ("field_updated", changed("assignee", json!({"from": from, "to": to})))
        }
        Act::Priority(to) => {
            let from = std::mem::replace(&mut issue.priority, to);
            ("field_updated", changed("priority", json!({"from": from, "to": to})))
        }
        Act::Say(text) => {
            let id = uuid(&format!("{} comment {number}", tale.slug));
            let agent = agent(deed.by);
            issue.comments.push(Comment {
                id: id.clone(),
                author: deed.by.name,
                text,
                created_at: at.issue(),
                comment_type: "default",
                agent: agent.clone(),
            });
            let payload = Payload::Commented { comment_id: id, comment_author: deed.by.name, agent };
            ("comment_added", payload)
        }
        Act::Depend(kind, slug) => {
            issue.dependencies.push(Dependency { target: id_of(slug), kind });
            ("dependency_added", Payload::Depends { dependency_type: kind, target_id: id_of(slug) })
        }
    }
}

fn changed(field: &'static str, change: Value) -> Payload {
    Payload::Changed { changes: BTreeMap::from([(field, change)]) }
}

fn event(tale: &Tale, number: usize, at: Moment, by: Actor, what: (&'static str, Payload)) -> Event {
    let (event_type, payload) = what;
    Event {
        schema_version: 1,
        event_id: uuid(&format!("{} event {number}", tale.slug)),
        issue_id: id_of(tale.slug),
        event_type,
        occurred_at: at.event(),
        actor_id: by.name,
        payload,
    }
}

fn agent(by: Actor) -> Option<Agent> {
    let (platform, model) = by.agent?;
    Some(Agent { platform, model, name: by.name })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::{Duration, UNIX_EPOCH};

    use super::super::story::ISSUES;
    use super::*;

    fn project() -> Project {
        let now = Moment::of(UNIX_EPOCH + Duration::from_secs(1_795_000_000)).unwrap();
        Project::tell(ISSUES, now, now)
    }

    #[test]
    fn keys_stand_in_kanbus_order_and_the_file_ends_without_a_newline() {
        let files = project().files().unwrap();
        let (path, text) = &files[0];
        assert!(path.starts_with("project/issues/tide-"), "{path}");
        assert!(
            text.starts_with("{\n  \"id\": \"tide-") && text.ends_with("\n  \"custom\": {}\n}"),
            "{text}"
        );
        let keys: Vec<_> =
            text.lines().filter_map(|line| line.strip_prefix("  \"")?.split('"').next()).collect();
        let order = [
            "id",
            "title",
            "description",
            "type",
            "status",
            "priority",
            "assignee",
            "creator",
            "parent",
            "labels",
            "dependencies",
            "comments",
            "created_at",
            "updated_at",
            "closed_at",
            "right_now_summary",
            "right_now_updated_at",
            "custom",
        ];
        assert_eq!(keys, order);
    }

    #[test]
    fn the_story_shows_everything_a_board_can_show() {
        let project = project();
        let all = |field: fn(&Issue) -> String| project.issues.iter().map(field).collect::<BTreeSet<_>>();
        assert_eq!(all(|issue| issue.status.into()).len(), 5, "every status");
        assert_eq!(all(|issue| issue.priority.to_string()).len(), 5, "every priority");
        assert_eq!(all(|issue| issue.kind.into()).len(), 7, "every type");
        assert!(project.issues.iter().any(|issue| issue.agent.is_some()), "an agent's issue");
        assert!(project.issues.iter().any(|issue| !issue.dependencies.is_empty()), "a dependency");
        let ids: BTreeSet<_> = project.issues.iter().map(|issue| &issue.id).collect();
        assert_eq!(ids.len(), project.issues.len(), "every issue has an id of its own");
        let events: BTreeSet<_> = project.events.iter().map(|event| &event.event_id).collect();
        assert_eq!(events.len(), project.events.len(), "every event has an id of its own");
    }

    #[test]
    fn every_tale_is_told_in_order_and_names_only_issues_there_are() {
        for tale in ISSUES {
            let ages: Vec<_> =
                std::iter::once(tale.age).chain(tale.deeds.iter().map(|deed| deed.age)).collect();
            assert!(ages.is_sorted_by(|one, two| one > two), "{}: {ages:?}", tale.slug);
            let depends = tale.deeds.iter().filter_map(|deed| match deed.act {
                Act::Depend(_, slug) => Some(slug),
                _ => None,
            });
            for slug in depends.chain(tale.parent) {
                assert!(ISSUES.iter().any(|other| other.slug == slug), "{} names {slug}", tale.slug);
            }
        }
    }
}
