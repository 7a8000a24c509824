//! Issue files that are not as they should be: each is said, at its path, and the rest of the board is unharmed.

use std::process::Command;

use hearsay_tests::{Board, Issue, Project, record};
use serde_json::Value;

const OTHERS: usize = 4;

/// A committed project whose `demo-bad` holds `bytes`, both opened afresh and changed under a watch: what both say.
fn with_bad(bytes: &[u8]) -> Board {
    let project = Project::with_issues(OTHERS);
    let path = record::path("demo-bad");
    let mut watching = project.caller().watch(project.root());
    project.write(&path, bytes);
    let board = watching.settle();
    for at in 0..OTHERS {
        assert_eq!(
            board.card(&format!("demo-{at}"))["stage"],
            "committed",
            "the rest of the board is unharmed"
        );
    }
    board
}

/// The problem of a file that gives no card.
fn refused(bytes: &[u8], code: &str) -> Value {
    let board = with_bad(bytes);
    assert_eq!(board.cards().len(), OTHERS, "there is nothing to show of it");
    let problem = board.problem(&record::path("demo-bad"));
    assert_eq!(problem["code"], code, "{problem}");
    assert_eq!(problem["severity"], "error", "something is missing because of it");
    assert!(problem["message"].as_str().is_some_and(|message| message.len() > 20), "{problem}");
    problem
}

#[test]
fn an_issue_that_is_cut_short_is_a_problem_with_its_place() {
    let text = Issue::new("demo-bad", "Cut").text();
    let cut = &text[..text.find("\"priority\"").unwrap()];
    let problem = refused(cut.as_bytes(), "unreadable");
    assert_eq!(problem["line"], cut.lines().count() as u64, "the line where it ends: {problem}");
}

#[test]
fn text_that_is_not_json_is_a_problem_with_its_place() {
    let problem = refused(b"{\n  \"id\": \"demo-bad\",\n  nonsense\n}", "unreadable");
    assert_eq!((problem["line"].as_u64(), problem["column"].as_u64()), (Some(3), Some(3)), "{problem}");
    refused(b"", "unreadable");
    refused(b"[1, 2]", "unreadable");
    refused(b"{} {}", "unreadable");
}

#[test]
fn bytes_that_are_not_utf8_are_a_problem_with_their_place() {
    let problem = refused(b"{\n  \"id\": \"demo-bad\",\n  \"title\": \"caf\xe9\"\n}", "unreadable");
    assert_eq!((problem["line"].as_u64(), problem["column"].as_u64()), (Some(3), Some(16)), "{problem}");
}

#[test]
fn nesting_without_end_is_a_problem_and_no_crash() {
    let deep =
        format!("{{\"id\": \"demo-bad\", \"custom\": {}{}}}", "[".repeat(200_000), "]".repeat(200_000));
    let board = with_bad(deep.as_bytes());
    assert!(board.has_card("demo-bad") || board.problem(&record::path("demo-bad"))["code"] == "unreadable");
}

#[test]
fn an_issue_of_20_mb_is_a_problem() {
    let mut issue = Issue::new("demo-bad", "Large");
    issue.description = "x".repeat(20 << 20);
    let problem = refused(issue.text().as_bytes(), "too_large");
    assert!(problem["message"].as_str().unwrap().contains("MB"), "it says how large: {problem}");
}

#[test]
fn both_sides_of_a_merge_are_a_problem_of_their_own() {
    let text = Issue::new("demo-bad", "Ours").text();
    let title = "  \"title\": \"Ours\",\n";
    let both = format!("<<<<<<< HEAD\n{title}=======\n  \"title\": \"Theirs\",\n>>>>>>> side\n");
    let problem = refused(text.replace(title, &both).as_bytes(), "conflict_markers");
    assert_eq!(problem["line"], 3, "{problem}");
}

#[test]
fn values_of_wrong_types_are_shown_as_far_as_they_go() {
    let text = r#"{"id": "demo-bad", "title": ["not", "text"], "description": 7, "type": "task", "status": {"a": 1},
        "priority": "high", "labels": "one", "comments": 3, "dependencies": [1, {"target": "demo-0", "type": "blocked-by"}],
        "created_at": "yesterday", "updated_at": null}"#;
    let board = with_bad(text.as_bytes());
    assert_eq!(board.card("demo-bad")["kind"], "card", "it is a card still");
    assert!(board.notes("demo-bad").iter().any(|note| note == "wrong_type"), "{:?}", board.notes("demo-bad"));
    assert!(board.problems().is_empty(), "nothing is missing from the board");
}

#[test]
fn an_empty_object_is_a_card_that_says_what_it_lacks() {
    let board = with_bad(b"{}");
    assert_eq!(board.card("demo-bad")["id"], "demo-bad", "the name of the file is the id");
    assert!(board.notes("demo-bad").iter().any(|note| note == "missing_field"));
}

#[test]
fn an_id_unlike_the_name_of_its_file_is_said_and_the_name_counts() {
    let board = with_bad(Issue::new("demo-other", "Misnamed").text().as_bytes());
    assert!(board.has_card("demo-bad") && !board.has_card("demo-other"));
    assert_eq!(board.notes("demo-bad"), ["id_mismatch"]);
    let problem = board.problem(&record::path("demo-bad"));
    assert_eq!((&problem["code"], &problem["severity"]), (&"identity".into(), &"warning".into()));
}

#[test]
fn a_status_that_no_column_has_a_missing_dependency_and_a_missing_parent_are_said() {
    let mut issue = Issue::new("demo-bad", "Odd").in_status("someday");
    issue.dependencies =
        vec![("demo-nowhere".into(), "blocked-by".into()), ("demo-0".into(), "haunts".into())];
    issue.parent = Some("demo-nobody".into());
    let board = with_bad(issue.text().as_bytes());
    let mut notes = board.notes("demo-bad");
    notes.sort();
    assert_eq!(notes, ["missing_dependency", "missing_parent", "unknown_dependency", "unknown_status"]);
    assert_eq!(board.card("demo-bad")["status"], "someday", "shown, not dropped");
}

#[test]
fn parents_that_form_a_circle_are_said_by_each_of_them_until_it_is_broken() {
    let project = Project::with_issues(OTHERS);
    let mut watching = project.caller().watch(project.root());
    let child = |of: usize, parent: usize| {
        let mut issue = Issue::new(&format!("demo-{of}"), &format!("Issue {of}"));
        issue.parent = Some(format!("demo-{parent}"));
        project.put(&issue);
    };
    child(0, 1);
    child(1, 2);
    child(2, 0);
    child(3, 3);
    let board = watching.settle();
    for at in 0..OTHERS {
        assert_eq!(board.notes(&format!("demo-{at}")), ["parent_cycle"]);
    }
    project.put(&Issue::new("demo-2", "No parent any more"));
    let board = watching.settle();
    assert!(
        board.notes("demo-0").is_empty() && board.notes("demo-1").is_empty(),
        "the circle is broken for all"
    );
}

#[test]
fn an_id_that_is_shared_and_local_is_two_cards_that_say_so() {
    let project = Project::with_issues(OTHERS);
    let mut watching = project.caller().watch(project.root());
    project.write("project-local/issues/demo-1.json", Issue::new("demo-1", "The private one").text());
    let board = watching.settle();
    assert_eq!(board.card("demo-1")["source"], "shared", "the shared one has the plain key");
    assert_eq!(board.card("demo/local/demo-1")["title"], "The private one");
    assert!(board.notes("demo/local/demo-1").contains(&"duplicate_id".to_owned()));
    project.remove("project/issues/demo-1.json");
    let board = watching.settle();
    assert_eq!(board.card("demo-1")["title"], "The private one", "alone it has the plain key");
    assert!(board.notes("demo-1").is_empty());
}

#[test]
fn a_directory_and_a_pipe_named_like_issues_are_problems_and_block_nobody() {
    let project = Project::with_issues(OTHERS);
    let mut watching = project.caller().watch(project.root());
    std::fs::create_dir(project.at("project/issues/demo-dir.json")).unwrap();
    let pipe = project.at("project/issues/demo-pipe.json");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let board = watching.settle();
    for name in ["demo-dir", "demo-pipe"] {
        assert_eq!(board.problem(&record::path(name))["code"], "not_a_file", "{name}");
    }
    assert_eq!(board.cards().len(), OTHERS);
    std::fs::remove_file(&pipe).unwrap();
    project.remove("project/issues/demo-dir.json");
    assert!(watching.settle().problems().is_empty());
}

#[test]
fn files_that_are_no_issues_are_passed_over() {
    let project = Project::with_issues(OTHERS);
    for name in ["DO_NOT_EDIT", "notes.txt", ".hidden.json", "demo-0.json.bak", ".demo-0.json.swp"] {
        project.write(&format!("project/issues/{name}"), "not JSON");
    }
    let board = project.caller().read(project.root());
    assert_eq!(board.cards().len(), OTHERS);
    assert!(board.problems().is_empty());
}
