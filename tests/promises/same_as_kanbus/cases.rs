//! The edits that are tried, in Kanbus's words and in ours.
//!
//! The words stand in one text, with bars between them.

use std::collections::BTreeMap;

use hearsay_board::Source;
use hearsay_board::rules::{Agent, Edit, FieldSet, NewIssue};
use serde_json::{Value, json};

/// What the rules do.
#[derive(Debug)]
pub(super) enum Act {
    Edit(&'static str, Edit),
    Create(NewIssue),
    Delete(&'static str, bool),
}

pub(super) struct Case {
    pub(super) kanbus: Vec<&'static str>,
    pub(super) act: Act,
    pub(super) agent: Option<Agent>,
}

/// Every edit.
pub(super) fn all() -> Vec<Case> {
    let lots = [updates(), parents(), statuses(), moves(), comments(), dependencies(), places(), creations()];
    lots.into_iter().flatten().collect()
}

fn case((words, act): (&'static str, Act)) -> Case {
    let mut kanbus: Vec<&str> = words.split('|').collect();
    let mut agent = None;
    if kanbus.last() == Some(&"SIGNED") {
        kanbus.pop();
        kanbus.extend(["--agent-platform", "Claude Code", "--agent-model", "m 1", "--agent-name", "Eve"]);
        agent = Agent::described(Some("Claude Code"), Some("m 1"), Some("Eve"), BTreeMap::new()).unwrap();
    }
    Case { kanbus, act, agent }
}

/// An edit of the issue that the second word names.
fn edit(words: &'static str, edit: Edit) -> Case {
    let id = words.split('|').nth(1).unwrap();
    case((words, Act::Edit(id, edit)))
}

/// Setting fields, and adding and removing labels.
fn set((words, fields): (&'static str, Value)) -> Case {
    let mut fields = fields.as_object().unwrap().clone();
    let mut labels = |key: &str| {
        let labels = fields.remove(key).unwrap_or_else(|| json!([]));
        serde_json::from_value::<Vec<String>>(labels).unwrap()
    };
    let (add_labels, remove_labels) = (labels("add"), labels("remove"));
    let fields = FieldSet { add_labels, remove_labels, ..FieldSet::from_json(&fields).unwrap() };
    edit(words, Edit::Set(fields))
}

fn updates() -> Vec<Case> {
    let gherkin = "a\n```gherkin\nx\n```";
    [
        ("update|demo-one|--title| Another title ", json!({"title": " Another title "})),
        ("update|demo-one|--title|THE DEMO-ONE", json!({"title": "THE DEMO-ONE"})),
        ("update|demo-one|--title|Ünï \"quoted\" \\ 日本", json!({"title": "Ünï \"quoted\" \\ 日本"})),
        ("update|demo-one|--title| the DEMO-two", json!({"title": " the DEMO-two"})),
        ("update|demo-own|--title|The demo-two", json!({"title": "The demo-two"})),
        ("update|demo-one|--description|Two\n\n- lines\n", json!({"description": "Two\n\n- lines\n"})),
        ("update|demo-one|--description|  ", json!({"description": "  "})),
        ("update|demo-one|--description|About it.", json!({"description": "About it."})),
        ("update|demo-one|--description|a\n```gherkin\nx\n```", json!({"description": gherkin})),
        ("update|demo-one|--description|```json\n[1]\n```", json!({"description": "```json\n[1]\n```"})),
        ("update|demo-one|--description|```yaml\na: [\n```", json!({"description": "```yaml\na: [\n```"})),
        ("update|demo-one|--priority|0", json!({"priority": 0})),
        ("update|demo-one|--priority|2", json!({"priority": 2})),
        ("update|demo-one|--priority|1|SIGNED", json!({"priority": 1})),
        ("update|demo-signed|--priority|1|SIGNED", json!({"priority": 1})),
        ("update|demo-one|--assignee|eve", json!({"assignee": "eve"})),
        ("update|demo-one|--assignee|bob", json!({"assignee": "bob"})),
        ("update|demo-one|--add-label| new |--add-label|ALPHA", json!({"add": [" new ", "ALPHA"]})),
        ("update|demo-bug|--add-label|first", json!({"add": ["first"]})),
        ("update|demo-one|--remove-label|beta", json!({"remove": ["beta"]})),
        ("update|demo-one|--remove-label|gone", json!({"remove": ["gone"]})),
        ("update|demo-one|--add-label|x|--remove-label|X", json!({"add": ["x"], "remove": ["X"]})),
        ("update|demo-one|--remove-label|alpha|--remove-label|beta", json!({"remove": ["alpha", "beta"]})),
        (
            "update|demo-one|--title|All|--description|at|--status|closed|--priority|1|--add-label|once",
            json!({"title": "All", "description": "at", "status": "closed", "priority": 1, "add": ["once"]}),
        ),
    ]
    .map(set)
    .into()
}

fn parents() -> Vec<Case> {
    [
        ("update|demo-bug|--parent|demo-epic", json!({"parent": "demo-epic"})),
        ("update|demo-bug|--parent|epic", json!({"parent": "epic"})),
        ("update|demo-one|--parent|demo-epic", json!({"parent": "demo-epic"})),
        ("update|demo-bug|--parent|demo-s", json!({"parent": "demo-s"})),
        ("update|demo-bug|--parent|demo-gone", json!({"parent": "demo-gone"})),
        ("update|demo-bug|--parent|demo-own", json!({"parent": "demo-own"})),
        ("update|demo-one|--parent|demo-top", json!({"parent": "demo-top"})),
        ("update|demo-epic|--parent|demo-one", json!({"parent": "demo-one"})),
        ("update|demo-one|--parent|demo-one", json!({"parent": "demo-one"})),
    ]
    .map(set)
    .into()
}

fn statuses() -> Vec<Case> {
    let mut cases: Vec<Case> = [
        ("update|demo-one|--status|in_progress", json!({"status": "in_progress"})),
        ("update|demo-one|--status|closed", json!({"status": "closed"})),
        ("update|demo-one|--status|open", json!({"status": "open"})),
        ("update|demo-shut|--status|open", json!({"status": "open"})),
        ("update|demo-shut|--status|in_progress", json!({"status": "in_progress"})),
        ("update|demo-story|--status|closed", json!({"status": "closed"})),
        ("update|demo-epic|--status|in_progress", json!({"status": "in_progress"})),
        ("update|demo-one|--status|blocked", json!({"status": "blocked"})),
        ("update|demo-one|--status|unheard-of", json!({"status": "unheard-of"})),
        ("update|demo-epic|--status|blocked", json!({"status": "blocked"})),
        ("close|demo-two", json!({"status": "closed"})),
    ]
    .map(set)
    .into();
    let claims = ["update|demo-one|--claim", "update|demo-two|--claim", "update|demo-shut|--claim"];
    cases.extend(claims.map(|words| edit(words, Edit::Claim)));
    cases
}

fn moves() -> Vec<Case> {
    [
        ("move|demo-bug|story", json!({"type": "story"})),
        ("move|demo-bug|bug", json!({"type": "bug"})),
        ("move|demo-bug|chore|--status|closed", json!({"type": "chore", "status": "closed"})),
        ("move|demo-bug|unheard-of", json!({"type": "unheard-of"})),
        ("move|demo-one|bug", json!({"type": "bug"})),
        ("move|demo-sub|epic", json!({"type": "epic"})),
    ]
    .map(set)
    .into()
}

fn comments() -> Vec<Case> {
    let said = [
        ("comment|demo-one|Third.", "Third."),
        ("comment|demo-bug|**Bold**\nand \"more\"", "**Bold**\nand \"more\""),
        ("comment|demo-own|Private.", "Private."),
        ("comment|demo-bug|```json\n{\n```", "```json\n{\n```"),
        ("comment|demo-bug|Signed.|SIGNED", "Signed."),
    ];
    let said = said.map(|(words, text)| edit(words, Edit::Comment { text: text.into() }));
    let reworded = [
        ("comment|update|demo-one|C1|Reworded.", "C1"),
        ("comment|update|demo-one|c|Reworded.", "c"),
        ("comment|update|demo-one|x|Reworded.", "x"),
    ];
    let reworded = reworded.map(|(words, comment)| {
        let edit = Edit::EditComment { comment: comment.into(), text: "Reworded.".into(), was: None };
        case((words, Act::Edit("demo-one", edit)))
    });
    // The Python client has no word for it, only a function.
    let delete = "-c|from pathlib import Path\nfrom kanbus.issue_comment import delete_comment\ndelete_comment(Path.cwd(), 'demo-one', 'c1')";
    let deleted = case((delete, Act::Edit("demo-one", Edit::DeleteComment { comment: "c1".into() })));
    said.into_iter().chain(reworded).chain([deleted]).collect()
}

fn dependencies() -> Vec<Case> {
    let added = [
        ("dep|demo-one|blocked-by|demo-bug", "blocked-by", "demo-bug"),
        ("dep|demo-one|blocked-by|own", "blocked-by", "own"),
        ("dep|demo-one|relates-to|demo-epic", "relates-to", "demo-epic"),
        ("dep|demo-one|relates-to|demo-two", "relates-to", "demo-two"),
        ("dep|demo-bug|blocked-by|demo-story", "blocked-by", "demo-story"),
        ("dep|demo-bug|blocked-by|demo-bug", "blocked-by", "demo-bug"),
        ("dep|demo-bug|blocks|demo-one", "blocks", "demo-one"),
        ("dep|demo-bug|blocked-by|demo-gone", "blocked-by", "demo-gone"),
    ];
    let added = added.map(|(words, kind, target)| {
        edit(words, Edit::AddDependency { target: target.into(), kind: kind.into() })
    });
    let removed = [
        ("dep|demo-one|remove|relates-to|demo-two", "relates-to", "demo-two"),
        ("dep|demo-one|remove|relates-to|two", "relates-to", "two"),
        ("dep|demo-one|remove|blocks|demo-two", "blocks", "demo-two"),
        ("dep|demo-one|remove|blocked-by|demo-gone", "blocked-by", "demo-gone"),
    ];
    let removed = removed.map(|(words, kind, target)| {
        edit(words, Edit::RemoveDependency { target: target.into(), kind: kind.into() })
    });
    added.into_iter().chain(removed).collect()
}

fn places() -> Vec<Case> {
    let mut cases: Vec<Case> = [
        ("delete|demo-one|--yes", Act::Delete("demo-one", false)),
        ("delete|demo-epic|--yes|--recursive", Act::Delete("demo-epic", true)),
        ("delete|demo-own|--yes", Act::Delete("demo-own", false)),
        ("delete|demo-gone|--yes", Act::Delete("demo-gone", false)),
    ]
    .map(case)
    .into();
    // Not one with a key that Kanbus does not know: Kanbus loses it on the way, and we do not.
    cases.push(edit("localize|demo-bug", Edit::Transfer { to: Source::Local }));
    cases.push(edit("localize|demo-own", Edit::Transfer { to: Source::Local }));
    cases.push(edit("promote|demo-own", Edit::Transfer { to: Source::Shared }));
    cases
}

fn creations() -> Vec<Case> {
    let new = |title: &str| NewIssue { title: title.into(), ..NewIssue::default() };
    let text = |text: &str| Some(text.to_owned());
    let below = |parent: &str| NewIssue { parent: text(parent), ..new("x") };
    let full = NewIssue {
        issue_type: text("bug"),
        priority: Some(0),
        assignee: text("eve"),
        parent: text("demo-epic"),
        labels: vec!["x".into(), "y".into()],
        description: "Why.".into(),
        ..new("A bug")
    };
    let many = "create|A|bug|--type|bug|--priority|0|--assignee|eve|--parent|demo-epic|--label|x|--label|y|--description|Why.";
    let rows = [
        (many, full),
        ("create|A new task", new("A new task")),
        ("create|Mine|--local", NewIssue { source: Source::Local, ..new("Mine") }),
        ("create|Named|--id|demo-named", NewIssue { id: text("demo-named"), ..new("Named") }),
        ("create|Named|--id|demo-own", NewIssue { id: text("demo-own"), ..new("Named") }),
        ("create|THE demo-one", new("THE demo-one")),
        ("create|x|--type|y", NewIssue { issue_type: text("y"), ..new("x") }),
        ("create|x|--priority|7", NewIssue { priority: Some(7), ..new("x") }),
        ("create|x|--parent|demo-top", below("demo-top")),
        ("create|x|--parent|gone", below("gone")),
        ("create|x|--local|--parent|demo-epic", NewIssue { source: Source::Local, ..below("demo-epic") }),
        ("create|  ", new("  ")),
        ("create|Signed|SIGNED", new("Signed")),
    ];
    rows.map(|(words, new)| case((words, Act::Create(new)))).into()
}
