//! What hooks are told by Kanbus and by us of the same changes.
//!
//! Kanbus's two clients tell the same under different names; the names of the one that runs here, Python's, are put
//! beside those of Rust's, which are followed.

use hearsay_tests::peers;
use serde_json::{Value, json};

use super::{recording, records, trusted};

/// The same change by both: Kanbus's words with bars between them, and ours.
fn changes() -> Vec<(&'static str, Value)> {
    let fields = json!({"title": "Anew", "status": "in_progress", "priority": 1, "assignee": "bob"});
    let labels = json!({"add": ["one", "two"], "remove": []});
    vec![
        (
            "update|demo-0|--title|Anew|--status|in_progress|--priority|1|--assignee|bob|--add-label|one|--add-label|two",
            json!({"type": "set_fields", "id": "demo-0", "set": fields, "labels": labels}),
        ),
        (
            "update|demo-0|--description|Told at length.|--remove-label|one",
            json!({"type": "set_fields", "id": "demo-0", "set": {"description": "Told at length."},
                "labels": {"add": [], "remove": ["one"]}}),
        ),
        (
            "update|demo-0|--title|Anew",
            json!({"type": "set_fields", "id": "demo-0", "set": {"title": "Anew"}}),
        ),
        ("update|demo-2|--claim", json!({"type": "claim", "id": "demo-2"})),
        ("comment|demo-2|Said.", json!({"type": "comment", "id": "demo-2", "text": "Said."})),
        (
            "dep|demo-2|blocked-by|demo-1",
            json!({"type": "add_dependency", "id": "demo-2", "target": "demo-1", "kind": "blocked-by"}),
        ),
        (
            "dep|demo-2|remove|blocked-by|demo-1",
            json!({"type": "remove_dependency", "id": "demo-2", "target": "demo-1", "kind": "blocked-by"}),
        ),
        ("close|demo-1", json!({"type": "set_fields", "id": "demo-1", "set": {"status": "closed"}})),
        ("move|demo-2|bug", json!({"type": "set_fields", "id": "demo-2", "set": {"type": "bug"}})),
        ("localize|demo-2", json!({"type": "move", "id": "demo-2", "to": "local"})),
        ("promote|demo-2", json!({"type": "move", "id": "demo-2", "to": "shared"})),
        (
            "create|Fresh|--type|bug|--priority|3|--label|x|--description|Why.|--assignee|eve",
            json!({"type": "create", "issue": {"title": "Fresh", "type": "bug", "priority": 3, "labels": ["x"],
                "description": "Why.", "assignee": "eve"}}),
        ),
        ("create|Bare|--local", json!({"type": "create", "issue": {"title": "Bare", "source": "local"}})),
        ("delete|demo-2|--yes", json!({"type": "delete", "id": "demo-2"})),
        ("delete|demo-0|--yes|--recursive", json!({"type": "delete", "id": "demo-0", "descendants": true})),
    ]
}

/// What Python's client tells, under the names of Rust's; what only one of them tells is left out on both sides.
fn alike(invocation: &Value) -> Value {
    let mut told = invocation.clone();
    let (event, phase) =
        (told["event"].as_str().unwrap().to_owned(), told["phase"].as_str().unwrap().to_owned());
    let operation = told["operation"].as_object_mut().unwrap();
    for (python, rust) in [("comment_text", "text"), ("deleted_ids", "gone"), ("deleted_issue_ids", "gone")] {
        if let Some(value) = operation.remove(python) {
            operation.insert(rust.to_owned(), value);
        }
    }
    if event != "issue.create"
        && let Some(issue) = operation.remove("issue")
    {
        operation.insert("after_issue".to_owned(), issue);
    }
    if let Some(action) = operation.remove("action") {
        operation.insert("remove".to_owned(), json!(action == "remove"));
    }
    if let Some(Value::Object(changes)) = operation.remove("changes") {
        operation.extend(changes);
    }
    let id = operation.get("identifier").cloned();
    if let (Some(Value::Array(mut below)), Some(id)) = (operation.remove("candidate_descendants"), id) {
        below.push(id);
        operation.insert("gone".to_owned(), Value::Array(below));
    }
    let not_by_both: &[&str] = match (event.as_str(), phase.as_str()) {
        ("issue.update", "before") => &["claim"],
        // Python's client says what was asked for beforehand alone, and the issue before it nowhere.
        (_, "after") => &[
            "before_issue",
            "status",
            "priority",
            "assignee",
            "add_labels",
            "remove_labels",
            "set_labels",
            "parent",
            "claim",
            "issue_type",
            "text",
            "comment_id",
            "local",
        ],
        _ => &["comment_length"],
    };
    operation.retain(|key, _| !not_by_both.contains(&key.as_str()));
    if matches!(event.as_str(), "issue.comment" | "issue.dependency") {
        operation
            .retain(|key, _| key != "before_issue" && (key != "after_issue" || event == "issue.comment"));
    }
    // `kanbus move` says what there was before in Rust alone.
    if operation.contains_key("issue_type") {
        operation.remove("before_issue");
    }
    // No description is an empty one to Python's.
    operation.retain(|key, value| key != "description" || value != "");
    told["mode"].as_object_mut().unwrap().remove("runtime");
    even_out(&mut told);
    told
}

/// Ids and times made the same, and what is empty left out.
fn even_out(value: &mut Value) {
    match value {
        Value::String(text) => {
            let bare = text.strip_prefix("demo-").unwrap_or(text);
            let is_uuid = bare.len() == 36 && bare.chars().all(|c| c == '-' || c.is_ascii_hexdigit());
            if is_uuid {
                *text = "<an id>".to_owned();
            } else if text.parse::<jiff::Timestamp>().is_ok() {
                *text = "<a time>".to_owned();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(even_out),
        Value::Object(members) => {
            // Kanbus writes its own view of an issue into it.
            members.retain(|key, _| !["source", "project_label"].contains(&key.as_str()));
            members.values_mut().for_each(even_out);
            members.retain(|_, value| {
                let is_empty = value.as_array().is_some_and(Vec::is_empty)
                    || value.as_object().is_some_and(serde_json::Map::is_empty);
                !value.is_null() && !is_empty
            });
        }
        _ => {}
    }
}

#[test]
fn a_hook_is_told_the_same_of_the_same_change_in_the_same_place_and_environment() {
    let Some(client) = peers::kanbus() else { return };
    let (theirs, ours) = (recording(), recording());
    let server = trusted(&ours);
    let mut seen = (0, 0);
    for (words, command) in changes() {
        theirs.kanbus(&client, &words.split('|').collect::<Vec<_>>());
        server.command(&command);
        let (mut by_kanbus, mut by_us) =
            (records(&theirs).split_off(seen.0), records(&ours).split_off(seen.1));
        seen = (seen.0 + by_kanbus.len(), seen.1 + by_us.len());
        assert_eq!(by_us.len(), 2, "{words}: before and after");
        let runtime = &by_us[0].invocation["mode"]["runtime"];
        assert_eq!(runtime, "rust", "it is Rust's operation");
        for told in by_kanbus.iter_mut().chain(&mut by_us) {
            told.invocation = alike(&told.invocation);
        }
        for (ours, theirs) in by_us.iter().zip(&by_kanbus) {
            assert_eq!(ours.invocation, theirs.invocation, "{words}");
        }
        assert!(
            by_us == by_kanbus,
            "{words}: the environment or the place are others: {by_us:?} {by_kanbus:?}"
        );
    }
    let told = &records(&ours)[0];
    assert_eq!(told.words.trim(), "1|two words");
    assert_eq!((&*told.environment["OF"], &*told.environment["FROM_THE_FILE"]), ("x", "1"));
    assert!(told.place.trim_end().ends_with("/tools"));
}
