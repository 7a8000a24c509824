//! What hooks are told of a change: Kanbus's names of the events, and the `operation` of each as its Rust client has it.
//!
//! Not here: which hooks there are (`hearsay_board::config`), and what an edit comes to (`hearsay_board::rules`).
//!
//! Invariants:
//! - A change is the event of the Kanbus command that does the same. Only what no command of Kanbus's does is told
//!   besides, under a name of its own, and only where it is done.
//! - A change for which Kanbus has no event, as another text of a comment, is no occasion.

use hearsay_board::Source;
use hearsay_board::overlay::Fields;
use hearsay_board::rules::{Edit, FieldSet, NewIssue};
use serde_json::{Map, Value, json};

use super::issue::as_kanbus_has_it;

/// The status that Kanbus's `close` sets.
const CLOSED: &str = "closed";

/// A change that hooks may be for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Occasion {
    /// A new issue.
    Create(NewIssue),
    /// Other fields.
    Update(FieldSet),
    /// The person by that name takes an issue.
    Claim(String),
    /// A new comment with that text.
    Comment(String),
    /// A new link to another issue, or one less.
    Dependency { target: String, kind: String, remove: bool },
    /// An issue goes, with these below it, the deepest first, if it is to take them along.
    Delete { recursive: bool, descendants: Vec<String> },
    /// An issue goes between what is shared and what is local.
    Transfer(Source),
}

impl Occasion {
    /// The occasion that `edit` by the person `actor` is. What it undoes tells an undo: see [`Occasion::between`].
    pub(crate) fn of(edit: &Edit, actor: &str) -> Option<Self> {
        Some(match edit {
            Edit::Set(set) => Self::Update(set.clone()),
            Edit::Claim => Self::Claim(actor.to_owned()),
            Edit::Comment { text } => Self::Comment(text.clone()),
            Edit::AddDependency { target, kind } => {
                Self::Dependency { target: target.clone(), kind: kind.clone(), remove: false }
            }
            Edit::RemoveDependency { target, kind } => {
                Self::Dependency { target: target.clone(), kind: kind.clone(), remove: true }
            }
            Edit::Transfer { to } => Self::Transfer(*to),
            Edit::EditComment { .. } | Edit::DeleteComment { .. } | Edit::Undo(_) => return None,
        })
    }

    /// The occasion that leads from `before` to `after`.
    pub(crate) fn between(before: &Fields, after: &Fields) -> Option<Self> {
        let set = set_between(before, after);
        if !set.is_empty() {
            return Some(Self::Update(set));
        }
        let links = |of: &Fields, other: &Fields| {
            let known = list(other, "dependencies");
            list(of, "dependencies").iter().find(|link| !known.contains(link)).cloned()
        };
        let added = links(after, before).map(|link| (link, false));
        let (link, remove) = added.or_else(|| links(before, after).map(|link| (link, true)))?;
        let text = |key: &str| link[key].as_str().unwrap_or_default().to_owned();
        Some(Self::Dependency { target: text("target"), kind: text("type"), remove })
    }

    /// The occasion that bringing back the issue in `fields` to `source` is.
    pub(crate) fn restoring(fields: &Fields, source: Source) -> Self {
        let text = |key: &str| fields.get(key).and_then(Value::as_str).map(str::to_owned);
        Self::Create(NewIssue {
            title: text("title").unwrap_or_default(),
            description: text("description").unwrap_or_default(),
            issue_type: text("type"),
            priority: fields.get("priority").and_then(Value::as_i64),
            assignee: text("assignee"),
            parent: text("parent"),
            labels: texts(fields, "labels"),
            source,
            id: text("id"),
        })
    }

    /// Its event.
    pub(crate) fn event(&self) -> &'static str {
        match self {
            Self::Create(_) => "issue.create",
            Self::Update(set) if closes(set) => "issue.close",
            Self::Update(_) | Self::Claim(_) => "issue.update",
            Self::Comment(_) => "issue.comment",
            Self::Dependency { .. } => "issue.dependency",
            Self::Delete { .. } => "issue.delete",
            Self::Transfer(Source::Shared) => "issue.promote",
            Self::Transfer(Source::Local) => "issue.localize",
        }
    }

    /// What is told before it is done to the issue `id`, which is as `before` has it.
    pub(crate) fn before(&self, id: &str, before: Option<&Fields>) -> Map<String, Value> {
        let mut told = self.asked(id);
        match self {
            Self::Create(_) => return told,
            Self::Delete { descendants, .. } => {
                told.insert("candidate_descendants".to_owned(), json!(descendants));
            }
            _ => {}
        }
        told.insert("before_issue".to_owned(), issue(before));
        told
    }

    /// What is told once it is done to the issue `id`, which was as `before` has it and is as `after` has it.
    pub(crate) fn after(
        &self,
        id: &str,
        (before, after): (Option<&Fields>, Option<&Fields>),
    ) -> Map<String, Value> {
        if let Self::Create(new) = self {
            let told = json!({"issue": issue(after), "local": new.source == Source::Local});
            return members(told);
        }
        let mut told = self.asked(id);
        told.insert("before_issue".to_owned(), issue(before));
        match self {
            Self::Delete { descendants, .. } => {
                let gone: Vec<&str> = descendants.iter().map(String::as_str).chain([id]).collect();
                told.insert("deleted_issue_ids".to_owned(), json!(gone));
                return told;
            }
            Self::Update(_) | Self::Claim(_) => {
                // Kanbus says them beforehand alone: afterwards they stand in the issue.
                told.remove("title");
                told.remove("description");
            }
            _ => {}
        }
        told.insert("after_issue".to_owned(), issue(after));
        told
    }

    /// What is asked for.
    fn asked(&self, id: &str) -> Map<String, Value> {
        members(match self {
            Self::Create(new) => json!({
                "title": new.title,
                "issue_type": new.issue_type,
                "priority": new.priority,
                "assignee": new.assignee,
                "parent": new.parent,
                "labels": new.labels,
                "description": Some(&new.description).filter(|text| !text.is_empty()),
                "local": new.source == Source::Local,
            }),
            Self::Update(set) if closes(set) => json!({"identifier": id}),
            Self::Update(set) if moves(set) => {
                json!({"identifier": id, "issue_type": set.issue_type, "status": set.status})
            }
            Self::Update(set) => update(id, set, false),
            Self::Claim(actor) => {
                let set = FieldSet { assignee: Some(Some(actor.clone())), ..FieldSet::default() };
                update(id, &set, true)
            }
            Self::Comment(text) => json!({"identifier": id, "text": text}),
            Self::Dependency { target, kind, remove } => {
                json!({"identifier": id, "dependency_type": kind, "target": target, "remove": remove})
            }
            Self::Delete { recursive, .. } => json!({"identifier": id, "recursive": recursive}),
            Self::Transfer(_) => json!({"identifier": id}),
        })
    }
}

/// What `kanbus update` tells. Null is what is not asked for; an empty text takes away.
fn update(id: &str, set: &FieldSet, claim: bool) -> Value {
    let or_empty = |named: &Option<Option<String>>| named.clone().map(Option::unwrap_or_default);
    let mut told = json!({
        "identifier": id,
        "title": set.title,
        "description": set.description,
        "status": set.status,
        "priority": set.priority,
        "assignee": or_empty(&set.assignee),
        "add_labels": set.add_labels,
        "remove_labels": set.remove_labels,
        "set_labels": null,
        "parent": or_empty(&set.parent),
        "claim": claim,
    });
    if let Some(issue_type) = &set.issue_type {
        told["issue_type"] = json!(issue_type);
    }
    if !set.custom.is_empty() {
        told["custom"] = json!(set.custom);
    }
    told
}

/// Whether it is what `kanbus close` does, and nothing else.
fn closes(set: &FieldSet) -> bool {
    let close = FieldSet { status: Some(CLOSED.to_owned()), ..FieldSet::default() };
    *set == close
}

/// Whether it is what `kanbus move` does, and nothing else.
fn moves(set: &FieldSet) -> bool {
    let rest = FieldSet { issue_type: None, status: None, ..set.clone() };
    set.issue_type.is_some() && rest.is_empty()
}

fn set_between(before: &Fields, after: &Fields) -> FieldSet {
    let text = |fields: &Fields, key: &str| fields.get(key).and_then(Value::as_str).map(str::to_owned);
    let changed =
        |key: &str| before.get(key).unwrap_or(&Value::Null) != after.get(key).unwrap_or(&Value::Null);
    let set = |key: &str| changed(key).then(|| text(after, key).unwrap_or_default());
    let named = |key: &str| changed(key).then(|| text(after, key));
    let (old, new) = (texts(before, "labels"), texts(after, "labels"));
    let without = |all: &[String], those: &[String]| {
        all.iter().filter(|label| !those.contains(label)).cloned().collect::<Vec<_>>()
    };
    FieldSet {
        title: set("title"),
        description: set("description"),
        issue_type: set("type"),
        status: set("status"),
        priority: after.get("priority").and_then(Value::as_i64).filter(|_| changed("priority")),
        assignee: named("assignee"),
        parent: named("parent"),
        custom: custom_between(before, after),
        add_labels: without(&new, &old),
        remove_labels: without(&old, &new),
    }
}

fn custom_between(before: &Fields, after: &Fields) -> std::collections::BTreeMap<String, Value> {
    let none = Map::new();
    let of = |fields: &'_ Fields| fields.get("custom").and_then(Value::as_object).cloned();
    let (old, new) = (of(before).unwrap_or_else(|| none.clone()), of(after).unwrap_or(none));
    let set = new.iter().filter(|(key, value)| old.get(*key) != Some(value));
    let gone = old.keys().filter(|key| !new.contains_key(*key)).map(|key| (key.clone(), Value::Null));
    set.map(|(key, value)| (key.clone(), value.clone())).chain(gone).collect()
}

fn list<'a>(fields: &'a Fields, key: &str) -> &'a [Value] {
    fields.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn texts(fields: &Fields, key: &str) -> Vec<String> {
    list(fields, key).iter().filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

fn issue(fields: Option<&Fields>) -> Value {
    fields.map(as_kanbus_has_it).unwrap_or_default()
}

fn members(object: Value) -> Map<String, Value> {
    match object {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(fields: Value) -> FieldSet {
        FieldSet::from_json(fields.as_object().unwrap()).unwrap()
    }

    #[test]
    fn a_change_is_the_event_of_the_command_that_does_the_same() {
        let event = |fields| Occasion::Update(set(fields)).event();
        assert_eq!(event(json!({"status": "closed"})), "issue.close");
        assert_eq!(event(json!({"status": "closed", "title": "x"})), "issue.update");
        assert_eq!(event(json!({"status": "done"})), "issue.update");
        assert_eq!(Occasion::Transfer(Source::Shared).event(), "issue.promote");
        assert_eq!(Occasion::Transfer(Source::Local).event(), "issue.localize");
        let edit = Edit::DeleteComment { comment: "c".to_owned() };
        assert_eq!(Occasion::of(&edit, "ada"), None, "Kanbus has no event for it");
    }

    #[test]
    fn what_is_not_asked_for_is_null_and_what_is_taken_away_is_empty() {
        let told = Occasion::Update(set(json!({"assignee": null, "custom.x": 1}))).before("demo-1", None);
        assert_eq!((&told["assignee"], &told["parent"]), (&json!(""), &Value::Null));
        assert_eq!(told["custom"], json!({"x": 1}));
        assert!(!told.contains_key("issue_type") && told["before_issue"].is_null());
        let told = Occasion::Update(set(json!({"type": "bug"}))).before("demo-1", None);
        assert_eq!(
            Value::Object(told),
            json!({"identifier": "demo-1", "issue_type": "bug", "status": null, "before_issue": null})
        );
    }

    #[test]
    fn what_leads_from_one_issue_to_another_is_told_as_the_command_that_would_do_it() {
        let fields = |value: Value| value.as_object().unwrap().clone();
        let before = fields(json!({"title": "a", "labels": ["x"], "parent": "demo-0", "custom": {"k": 1}}));
        let after = fields(json!({"title": "a", "labels": ["y"], "status": "open", "comments": [1]}));
        let mut expected = set(json!({"status": "open", "parent": null, "custom.k": null}));
        (expected.add_labels, expected.remove_labels) = (vec!["y".to_owned()], vec!["x".to_owned()]);
        assert_eq!(Occasion::between(&before, &after), Some(Occasion::Update(expected)));
        let linked = fields(json!({"dependencies": [{"target": "demo-2", "type": "blocked-by"}]}));
        let (target, kind) = ("demo-2".to_owned(), "blocked-by".to_owned());
        let bare = Fields::new();
        let unlink = Occasion::Dependency { target, kind, remove: true };
        assert_eq!(Occasion::between(&linked, &bare), Some(unlink));
        assert_eq!(Occasion::between(&bare, &fields(json!({"comments": [{"id": "c"}]}))), None);
    }
}
