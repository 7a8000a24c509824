//! What changed between two states of an issue.
//!
//! Not here: what only an event tells, as an agent's question.
//!
//! Invariant: what both states have alike is no change, however it is spelled.

use super::comment::{Comment, new_comments};
use super::{Scene, What};
use crate::attention::content::Content;
use crate::issue::{Dependency, Issue};
use crate::moment::Moment;

/// What happened to an issue that was `before` and is `after`; `None` where it is not there.
pub fn between(before: Option<&Issue>, after: Option<&Issue>, scene: &Scene<'_>) -> Vec<What> {
    match (before, after) {
        (None, None) => Vec::new(),
        (Some(_), None) => vec![What::Deleted],
        (None, Some(after)) => created(after, scene),
        (Some(before), Some(after)) if Content::of(before) == Content::of(after) => Vec::new(),
        (Some(before), Some(after)) => changed(before, after, scene),
    }
}

/// An issue that comes with comments is one change: nobody has missed what was said before.
fn created(issue: &Issue, scene: &Scene<'_>) -> Vec<What> {
    let mentions_me = scene.description_mentions_me();
    vec![What::Created { top: scene.is_top(issue.priority), mentions_me }]
}

fn changed(before: &Issue, after: &Issue, scene: &Scene<'_>) -> Vec<What> {
    let owned = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
    let mut changes = Vec::new();
    if before.status != after.status {
        changes.push(scene.moved(owned(&before.status), owned(&after.status)));
    }
    if before.assignee != after.assignee {
        changes.push(What::Assigned { from: owned(&before.assignee), to: owned(&after.assignee) });
    }
    if before.priority != after.priority {
        let top = scene.is_top(after.priority);
        changes.push(What::Priority { from: before.priority, to: after.priority, top });
    }
    dependencies(before, after, scene, &mut changes);
    comments(before, after, scene, &mut changes);
    let fields = fields(before, after);
    let updated = |issue: &Issue| issue.updated_at.as_ref().map(Moment::instant);
    // Nothing else can have moved the time but the text, which is not held here.
    if !fields.is_empty() || changes.is_empty() && updated(before) != updated(after) {
        changes.push(What::Edited { fields });
    }
    changes
}

fn dependencies(before: &Issue, after: &Issue, scene: &Scene<'_>, changes: &mut Vec<What>) {
    let missing = |from: &'_ Issue, dependency: &Dependency| !from.dependencies.contains(dependency);
    for gone in before.dependencies.iter().filter(|dependency| missing(after, dependency)) {
        changes.push(scene.dependency(false, &gone.kind, &gone.target));
    }
    for new in after.dependencies.iter().filter(|dependency| missing(before, dependency)) {
        changes.push(scene.dependency(true, &new.kind, &new.target));
    }
}

fn comments(before: &Issue, after: &Issue, scene: &Scene<'_>, changes: &mut Vec<What>) {
    let new = after.comments.saturating_sub(before.comments);
    let mut known: Vec<Comment> = scene
        .document
        .map(|document| new_comments(document, before.comments, scene.me).take(new).collect())
        .unwrap_or_default();
    known.resize_with(new, Comment::default);
    changes.extend(known.into_iter().map(|comment| scene.commented(comment)));
}

/// The other fields that differ, by Kanbus's names. `closed_at` follows the status.
fn fields(before: &Issue, after: &Issue) -> Vec<String> {
    let pairs = [
        ("title", before.title != after.title),
        ("type", before.issue_type != after.issue_type),
        ("parent", before.parent != after.parent),
        ("labels", before.labels != after.labels),
        ("comments", before.comments > after.comments),
    ];
    pairs.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::super::{Kind, Obstacle, Reached};
    use super::*;
    use crate::attention::attribution::Me;
    use crate::config::Config;

    fn issue(changes: Value) -> (Issue, Map<String, Value>) {
        let mut issue = json!({
            "id": "k-1", "title": "T", "description": "", "type": "task", "status": "open", "priority": 2,
            "assignee": null, "parent": null, "labels": [], "dependencies": [], "comments": [],
            "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
        });
        for (key, value) in changes.as_object().unwrap() {
            issue[key] = value.clone();
        }
        let fields = issue.as_object().unwrap().clone();
        (Issue::parse(issue.to_string().as_bytes()).unwrap(), fields)
    }

    fn apart(before: Value, after: Value) -> Vec<What> {
        let ((before, _), (after, document)) = (issue(before), issue(after));
        let (config, me) = (Config::default(), Me::called(["ann"]));
        let is_open = |id: &str| id == "k-2";
        let scene = Scene { config: &config, me: &me, document: Some(&document), is_open: &is_open };
        between(Some(&before), Some(&after), &scene)
    }

    fn kinds(before: Value, after: Value) -> Vec<Kind> {
        apart(before, after).iter().map(What::kind).collect()
    }

    #[test]
    fn a_claim_is_a_move_and_an_assignment() {
        let after = json!({"status": "in_progress", "assignee": "bob", "updated_at": "2026-01-02T00:00:00Z"});
        assert_eq!(kinds(json!({}), after), [Kind::Moved, Kind::Assigned]);
    }

    #[test]
    fn a_move_says_what_it_reached() {
        let reached = |status: &str| match apart(json!({}), json!({"status": status})).remove(0) {
            What::Moved { reached, .. } => Some(reached),
            _ => None,
        };
        assert_eq!(reached("closed"), Some(Reached::Done));
        assert_eq!(reached("Code-Review"), Some(Reached::Review));
        assert_eq!(reached("in_progress"), Some(Reached::Elsewhere));
        assert_eq!(kinds(json!({}), json!({"status": "blocked"})), [Kind::Blocked]);
    }

    #[test]
    fn to_wait_for_an_open_issue_is_to_be_blocked() {
        let on = |target: &str, kind: &str| json!({"dependencies": [{"target": target, "type": kind}]});
        let blocked = apart(json!({}), on("k-2", "blocked-by"));
        assert_eq!(blocked, [What::Blocked { by: Obstacle::Issue("k-2".to_owned()) }]);
        assert_eq!(kinds(json!({}), on("k-3", "blocked-by")), [Kind::Dependency], "it is done");
        assert_eq!(kinds(json!({}), on("k-2", "relates-to")), [Kind::Dependency]);
        assert_eq!(kinds(on("k-2", "blocked-by"), json!({})), [Kind::Dependency]);
    }

    #[test]
    fn new_comments_are_told_one_by_one() {
        let one = json!({"id": "c1", "author": "bob", "text": "First"});
        let two =
            json!({"id": "c2", "author": "bob", "text": "@ann?\nPlease.", "agent": {"platform": "Codex"}});
        let told = apart(json!({"comments": [one]}), json!({"comments": [one, two, {"author": "eve"}]}));
        assert_eq!(told.iter().map(What::kind).collect::<Vec<_>>(), [Kind::Mentioned, Kind::Commented]);
        let What::Mentioned { comment: Some(comment) } = &told[0] else { panic!() };
        assert_eq!(
            (comment.text.as_deref(), comment.agent.as_deref()),
            (Some("@ann? Please."), Some("Codex"))
        );
        assert_eq!(kinds(json!({"comments": [one, two]}), json!({"comments": [one]})), [Kind::Edited]);
    }

    #[test]
    fn what_is_spelled_otherwise_is_no_change() {
        let after = json!({"updated_at": "2026-01-01T01:00:00+01:00", "custom": {"source": "shared"}});
        assert_eq!(kinds(json!({}), after), []);
    }

    #[test]
    fn a_text_that_was_edited_is_known_by_its_time_alone() {
        let later = "2026-01-02T00:00:00Z";
        assert_eq!(apart(json!({}), json!({"updated_at": later})), [What::Edited { fields: Vec::new() }]);
        assert_eq!(
            apart(json!({}), json!({"title": "U", "labels": ["a"], "updated_at": later})),
            [What::Edited { fields: vec!["title".to_owned(), "labels".to_owned()] }]
        );
    }

    #[test]
    fn an_issue_comes_and_goes() {
        let (config, me) = (Config::default(), Me::called(["ann"]));
        let (top, document) = issue(json!({"priority": 0, "description": "for @ann", "comments": [{}]}));
        let scene = Scene { config: &config, me: &me, document: Some(&document), is_open: &|_| false };
        let created = between(None, Some(&top), &scene);
        assert_eq!(created, [What::Created { top: true, mentions_me: true }], "its comments come with it");
        assert_eq!(between(Some(&top), None, &scene), [What::Deleted]);
        assert_eq!(between(None, None, &scene), []);
    }
}
