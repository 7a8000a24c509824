//! Bad input: each is refused with a code, the rule's sentence and a hint, through every way in, and no file is touched.

use hearsay_tests::{Issue, Project, Server, record};
use serde_json::{Map, Value, json};

/// A project with an issue that stands above `demo-1`'s only possible parent, and a server of it.
fn served() -> (Project, Server) {
    let project = Project::with_issues(3);
    let below = Issue::new("demo-below", "An epic below a task").text();
    let below = below.replace("\"type\": \"task\"", "\"type\": \"epic\"");
    project.write(&record::path("demo-below"), below.replace("\"parent\": null", "\"parent\": \"demo-1\""));
    let server = project.caller().serve(project.root());
    (project, server)
}

/// Every file that a write may touch, and what it holds.
fn everything(project: &Project) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for home in ["project/issues", "project/events", "project-local/issues", "project-local/events"] {
        let entries = std::fs::read_dir(project.at(home)).into_iter().flatten().flatten();
        let paths = entries.map(|entry| entry.path());
        all.extend(paths.map(|path| (path.display().to_string(), std::fs::read(&path).unwrap_or_default())));
    }
    all.sort();
    all
}

/// Refuses each of `rows`, `METHOD path` and what is sent, with that status, code and sentence.
fn refuses(project: &Project, server: &Server, rows: &[(String, Value, (u16, &str, &str))]) {
    let before = everything(project);
    for (way, sent, (status, code, sentence)) in rows {
        let (method, path) = way.split_once(' ').expect("a method and a path");
        let answer = server.tell(method, path, sent);
        let said =
            format!("{way} {:.300} is answered {} {:.400}", sent.to_string(), answer.status, answer.body);
        let error = answer.json();
        assert_eq!((answer.status, &error["code"]), (*status, &json!(code)), "{said}");
        assert_eq!(error["message"], json!(sentence), "{said}");
        assert!(error["hint"].as_str().is_some_and(|hint| hint.len() > 5 && hint.ends_with('.')), "{said}");
        assert!(everything(project) == before, "nothing is written: {said}");
    }
}

/// The same edit of `id` through both doors.
fn both<'a>(
    id: &str,
    edit: Value,
    answer: (u16, &'a str, &'a str),
) -> [(String, Value, (u16, &'a str, &'a str)); 2] {
    let mut command: Map<String, Value> = edit.as_object().expect("an object").clone();
    command.insert("type".to_owned(), json!("set_fields"));
    command.insert("id".to_owned(), json!(id));
    [
        ("POST /api/commands".to_owned(), Value::Object(command), answer),
        (format!("PATCH /api/issues/{id}"), edit, answer),
    ]
}

/// The same command.
fn command<'a>(
    mut command: Value,
    kind: &str,
    answer: (u16, &'a str, &'a str),
) -> (String, Value, (u16, &'a str, &'a str)) {
    command["type"] = json!(kind);
    ("POST /api/commands".to_owned(), command, answer)
}

#[test]
fn a_bad_edit_is_refused_through_every_door_and_the_file_is_untouched() {
    let (project, server) = served();
    server.command(&json!({"type": "set_fields", "id": "demo-2", "set": {"status": "in_progress"}}));
    let stale = server.get("/api/issues/demo-1").json()["base"].clone();
    server.command(&json!({"type": "set_fields", "id": "demo-1", "set": {"priority": 3}}));
    let set = |fields: Value| json!({"set": fields});
    let conflict = (409, "conflict", "somebody has changed the same meanwhile: priority");
    let long = "x".repeat(5 << 20);
    let rows = [
        ("demo-9", set(json!({"title": "X"})), (404, "not_found", "there is no issue demo-9 on the board")),
        ("demo-1", json!({"base": stale, "set": {"priority": 0}}), conflict),
        ("demo-1", json!({"base": "0".repeat(40), "set": {"priority": 0}}), conflict),
        ("demo-1", json!({"base": "none", "set": {"priority": 0}, "was": {"priority": 2}}), conflict),
        ("demo-1", set(json!({"colour": "red"})), (400, "invalid", "`colour` is no field that can be set")),
        ("demo-1", set(json!({"labels": ["x"]})), (400, "invalid", "`labels` cannot be set")),
        ("demo-1", set(json!({"priority": "high"})), (400, "invalid", "`priority` is not a whole number")),
        ("demo-1", set(json!({"title": ["x"]})), (400, "invalid", "`title` is not text")),
        ("demo-1", set(json!({"custom": 1})), (400, "invalid", "`custom` is not an object")),
        ("demo-1", set(json!({})), (400, "invalid", "no updates requested")),
        ("demo-1", set(json!({"status": "nowhere"})), (400, "invalid", "unknown status")),
        (
            "demo-2",
            set(json!({"status": "backlog"})),
            (422, "rule", "invalid transition from 'in_progress' to 'backlog' for type 'task'"),
        ),
        (
            "demo-1",
            set(json!({"description": long})),
            (413, "too_large", "the description has 5242880 bytes, more than the 524288 that are allowed"),
        ),
        (
            "demo-1",
            json!({"labels": {"add": ["a,b"]}}),
            (400, "invalid", "the label \"a,b\" has a comma in it"),
        ),
        (
            "demo-1",
            set(json!({"parent": "demo-below"})),
            (422, "rule", "circular parent: demo-1 would stand below itself"),
        ),
        ("demo-1", set(json!({"parent": "demo-gone"})), (404, "not_found", "not found")),
        ("demo-1", set(json!({"title": "   "})), (400, "invalid", "title is required")),
        (
            "demo-1",
            set(json!({"title": "issue 2"})),
            (422, "rule", "duplicate title: \"issue 2\" already exists as demo-2"),
        ),
    ];
    let rows: Vec<_> = rows.into_iter().flat_map(|(id, edit, answer)| both(id, edit, answer)).collect();
    refuses(&project, &server, &rows);
}

#[test]
fn control_characters_are_refused_wherever_text_is_written() {
    let (project, server) = served();
    let edits = [
        (json!({"set": {"title": "bell\u{7}"}}), "the title has the control character U+0007 in it"),
        (json!({"set": {"title": "two\nlines"}}), "the title has the control character U+000A in it"),
        (
            json!({"set": {"description": "\u{1b}[2J"}}),
            "the description has the control character U+001B in it",
        ),
        (
            json!({"set": {"description": "over\rwritten"}}),
            "the description has the control character U+000D in it",
        ),
        (json!({"set": {"type": "bug\u{0}"}}), "the type has the control character U+0000 in it"),
        (json!({"set": {"status": "closed\u{8}"}}), "the status has the control character U+0008 in it"),
        (json!({"set": {"assignee": "bob\u{9b}"}}), "the assignee has the control character U+009B in it"),
        (json!({"set": {"parent": "demo-0\u{7f}"}}), "the parent has the control character U+007F in it"),
        (json!({"labels": {"add": ["a\tb"]}}), "a label has the control character U+0009 in it"),
        (
            json!({"set": {"custom": {"a\u{1}": 1}}}),
            "a key of `custom` has the control character U+0001 in it",
        ),
        (json!({"set": {"custom": {"a": "\u{1}"}}}), "`custom.a` has the control character U+0001 in it"),
        (json!({"set": {"custom.a": [{"b": "\u{1}"}]}}), "`custom.a` has the control character U+0001 in it"),
        (json!({"set": {"custom.a": {"b\u{1}": 1}}}), "`custom.a` has the control character U+0001 in it"),
    ];
    let refused = |sentence| (400, "invalid", sentence);
    let mut rows: Vec<_> =
        edits.into_iter().flat_map(|(edit, sentence)| both("demo-1", edit, refused(sentence))).collect();
    let comment = refused("the comment has the control character U+001B in it");
    rows.push(command(json!({"id": "demo-1", "text": "\u{1b}]0;x"}), "comment", comment));
    rows.push(("POST /api/issues/demo-1/comments".to_owned(), json!({"text": "\u{1b}]0;x"}), comment));
    let other = refused("the other issue has the control character U+001B in it");
    let link = json!({"id": "demo-1", "target": "demo\u{1b}", "kind": "relates-to"});
    rows.push(command(link.clone(), "add_dependency", other));
    rows.push(command(link, "remove_dependency", other));
    for (issue, sentence) in [
        (json!({"title": "a\u{7}"}), "the title has the control character U+0007 in it"),
        (json!({"title": "New", "parent": "a\u{7}"}), "the parent has the control character U+0007 in it"),
        (json!({"title": "New", "labels": ["a\u{7}"]}), "a label has the control character U+0007 in it"),
        (
            json!({"title": "New", "assignee": "a\u{7}"}),
            "the assignee has the control character U+0007 in it",
        ),
        (
            json!({"title": "New", "description": "a\u{7}"}),
            "the description has the control character U+0007 in it",
        ),
        (json!({"title": "New", "id": "a\u{7}"}), "'a\\u{7}' cannot be an id"),
    ] {
        rows.push(("POST /api/issues".to_owned(), issue.clone(), refused(sentence)));
        rows.push(command(json!({"issue": issue}), "create", refused(sentence)));
    }
    refuses(&project, &server, &rows);
    // What is of several lines is none of it.
    let lines = "one\n\ttwo\r\nthree";
    let set = json!({"set": {"description": lines, "custom": {"note": lines}}});
    assert_eq!(server.tell("PATCH", "/api/issues/demo-1", &set).status, 200);
    assert_eq!(server.tell("POST", "/api/issues/demo-1/comments", &json!({"text": lines})).status, 200);
}

#[test]
fn a_bad_command_of_any_kind_is_refused_and_the_file_is_untouched() {
    let (project, server) = served();
    let gone = (404, "not_found", "there is no issue demo-9 on the board");
    let nobody = json!({"id": "demo-9", "text": "x", "comment": "x", "target": "x", "kind": "relates-to", "to": "local"});
    let only = |keys: &[&str]| {
        Value::Object(keys.iter().map(|key| ((*key).to_owned(), nobody[key].clone())).collect())
    };
    let rows = vec![
        command(only(&["id"]), "claim", gone),
        command(only(&["id"]), "delete", gone),
        command(only(&["id", "text"]), "comment", gone),
        command(only(&["id", "comment"]), "delete_comment", gone),
        command(only(&["id", "target", "kind"]), "add_dependency", gone),
        command(only(&["id", "to"]), "move", gone),
        command(
            json!({"id": "demo-1", "comment": "none"}),
            "delete_comment",
            (404, "not_found", "comment not found"),
        ),
        command(
            json!({"id": "demo-1", "text": " "}),
            "comment",
            (400, "invalid", "comment text is required"),
        ),
        command(
            json!({"id": "demo-1", "target": "demo-2", "kind": "blocks"}),
            "add_dependency",
            (400, "invalid", "invalid dependency type"),
        ),
        command(
            json!({"id": "demo-1", "to": "shared"}),
            "move",
            (422, "rule", "issue is not in project-local"),
        ),
        command(
            json!({"issue": {"title": "New"}, "project": "none\u{7}"}),
            "create",
            (404, "not_found", "there is no project none\\u{7}"),
        ),
        command(
            json!({"token": "none"}),
            "undo",
            (404, "not_found", "there is nothing to take back any more"),
        ),
        command(
            json!({"commands": [{"type": "bulk", "commands": []}]}),
            "bulk",
            (400, "invalid", "at most 1000 commands about issues go together"),
        ),
    ];
    refuses(&project, &server, &rows);
}

#[test]
fn while_git_rewrites_the_files_nobody_is_told_to_write_anyway() {
    let (project, server) = served();
    project.write(".git/index.lock", "");
    let set = json!({"type": "set_fields", "id": "demo-1", "set": {"priority": 0}, "anyway": true});
    let answer = server.tell("POST", "/api/commands", &set);
    let said = answer.json();
    assert_eq!((answer.status, &said["code"]), (503, &json!("git_busy")), "{said}");
    assert!(said["hint"].as_str().is_some_and(|hint| !hint.contains("anyway")), "{said}");
    project.remove(".git/index.lock");
    project.write(".git/CHERRY_PICK_HEAD", project.git(&["rev-parse", "HEAD"]));
    let set = json!({"type": "set_fields", "id": "demo-1", "set": {"priority": 0}});
    let said = server.tell("POST", "/api/commands", &set).json();
    assert!(said["hint"].as_str().is_some_and(|hint| hint.contains("write anyway")), "{said}");
}

#[test]
fn a_title_in_other_capitals_is_answered_with_what_became_of_it() {
    let (project, server) = served();
    let text = project.text(&record::path("demo-1"));
    let said = server.command(&json!({"type": "set_fields", "id": "demo-1", "set": {"title": "ISSUE 1"}}));
    assert!(said["guidance"].to_string().contains("The title stays"), "{said}");
    assert_eq!(project.text(&record::path("demo-1")), text, "as Kanbus does");
}
