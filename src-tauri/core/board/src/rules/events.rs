//! The events of a change, as Kanbus writes them.
//!
//! Not here: where they are written (`hearsay-repo`). `type`, `custom` and `closed_at` appear in none.

use serde::Serialize;
use serde_json::Value;

use super::agent::Agent;
use super::comments;
use super::dependencies::link;
use super::difference::{Difference, ListWas};
use super::record::{id, value};
use super::refusal::Refusal;
use super::{Context, spelling};
use crate::document::Document;

/// An event to be written: the fields of Kanbus's record, in its order.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EventDraft {
    /// The version of the format.
    pub schema_version: u32,
    /// Its own id.
    pub event_id: String,
    /// The issue that it is about.
    pub issue_id: String,
    /// What happened; one of the closed set that Kanbus reads.
    pub event_type: &'static str,
    /// When, in milliseconds.
    pub occurred_at: String,
    /// Who did it.
    pub actor_id: String,
    /// What exactly.
    pub payload: Payload,
}

/// What exactly happened, in Kanbus's order of keys.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "the names are Kanbus's own")]
pub enum Payload {
    Created {
        title: Value,
        description: Value,
        issue_type: Value,
        status: Value,
        priority: Value,
        assignee: Value,
        parent: Value,
        labels: Value,
        #[serde(skip_serializing_if = "Option::is_none")]
        agent: Option<Agent>,
    },
    Deleted {
        title: String,
        issue_type: String,
        status: String,
    },
    Transition {
        from_status: Value,
        to_status: Value,
    },
    Fields {
        changes: Changes,
    },
    Comment {
        comment_id: String,
        comment_author: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        agent: Option<Agent>,
    },
    CommentText {
        comment_id: String,
        comment_author: String,
        changed_fields: [&'static str; 1],
    },
    Dependency {
        dependency_type: String,
        target_id: String,
    },
    Moved {
        from_location: &'static str,
        to_location: &'static str,
    },
}

/// The fields that changed; those that Kanbus tells of, in its order.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the names are Kanbus's own")]
pub struct Changes {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<FromTo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<FromTo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<FromTo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<FromTo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<FromTo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<FromTo>,
}

/// A field's old and new value.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the names are Kanbus's own")]
pub struct FromTo {
    pub from: Value,
    pub to: Value,
}

impl EventDraft {
    /// The name of its file.
    pub fn file_name(&self) -> String {
        format!("{}__{}.json", self.occurred_at.replace(':', "-"), self.event_id)
    }

    /// The text of its file: two-space pretty JSON, no final newline.
    ///
    /// # Errors
    /// None that an event can bring about.
    pub fn text(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }
}

/// An event of now.
pub(super) fn draft(
    issue_id: &str,
    event_type: &'static str,
    payload: Payload,
    context: &mut Context<'_>,
) -> EventDraft {
    EventDraft {
        schema_version: 1,
        event_id: (context.fresh)(),
        issue_id: issue_id.to_owned(),
        event_type,
        occurred_at: spelling::in_milliseconds(context.now),
        actor_id: context.actor.name.clone(),
        payload,
    }
}

/// What happened between two versions of an issue, where the configuration wants events.
pub(super) fn of_change(
    before: &Document,
    after: &Document,
    context: &mut Context<'_>,
) -> Result<Vec<EventDraft>, Refusal> {
    if !context.config.events {
        return Ok(Vec::new());
    }
    let own = id(after)?;
    let mut events = Vec::new();
    let mut push = |kind, payload| events.push(draft(&own, kind, payload, context));
    let (from, to) = (value(before, "status"), value(after, "status"));
    if from != to {
        push("state_transition", Payload::Transition { from_status: from, to_status: to });
    }
    let changes = changes(before, after);
    if changes != Changes::default() {
        push("field_updated", Payload::Fields { changes });
    }
    for list in &Difference::between(before, after)?.0.lists {
        match list.key {
            "dependencies" => of_dependencies(list, &mut push),
            "comments" => of_comments(list, (before, after), &mut push)?,
            _ => {}
        }
    }
    Ok(events)
}

fn changes(before: &Document, after: &Document) -> Changes {
    let change = |key: &str| {
        let (from, to) = (value(before, key), value(after, key));
        (from != to).then_some(FromTo { from, to })
    };
    Changes {
        title: change("title"),
        description: change("description"),
        assignee: change("assignee"),
        priority: change("priority"),
        labels: change("labels"),
        parent: change("parent"),
    }
}

fn of_dependencies(list: &ListWas, push: &mut impl FnMut(&'static str, Payload)) {
    let payload = |raw: &str| {
        let link = link(raw);
        Payload::Dependency { dependency_type: link.kind, target_id: link.target }
    };
    list.taken.iter().for_each(|(_, raw)| push("dependency_removed", payload(raw)));
    list.added.iter().for_each(|raw| push("dependency_added", payload(raw)));
}

fn of_comments(
    list: &ListWas,
    (before, after): (&Document, &Document),
    push: &mut impl FnMut(&'static str, Payload),
) -> Result<(), Refusal> {
    let (old, new) = (comments::all(before)?, comments::all(after)?);
    let whole = |comment: &comments::Comment<'_>| Payload::Comment {
        comment_id: comment.id.clone(),
        comment_author: comment.author.clone(),
        agent: comment.agent.clone(),
    };
    let taken = list.taken.iter().filter_map(|(at, _)| old.get(*at));
    taken.for_each(|comment| push("comment_deleted", whole(comment)));
    let added = list.added.iter().filter_map(|raw| new.iter().find(|comment| comment.raw == raw));
    added.for_each(|comment| push("comment_added", whole(comment)));
    for (id, before, _) in &list.edited {
        let author = old.iter().find(|comment| comment.raw == before).map(|comment| comment.author.clone());
        push(
            "comment_updated",
            Payload::CommentText {
                comment_id: id.clone(),
                comment_author: author.unwrap_or_default(),
                changed_fields: ["text"],
            },
        );
    }
    Ok(())
}

/// That an issue has come.
pub(super) fn of_creation(id: &str, document: &Document, context: &mut Context<'_>) -> Option<EventDraft> {
    if !context.config.events {
        return None;
    }
    let field = |key: &str| value(document, key);
    let payload = Payload::Created {
        title: field("title"),
        description: field("description"),
        issue_type: field("type"),
        status: field("status"),
        priority: field("priority"),
        assignee: field("assignee"),
        parent: field("parent"),
        labels: field("labels"),
        agent: Agent::read(field("agent")),
    };
    Some(draft(id, "issue_created", payload, context))
}
