//! What is taken back, and what must not be lost by it; and that one edit harms nobody else's data.

use hearsay_tests::{Issue, Project, Server, record};
use serde_json::{Value, json};

fn served() -> (Project, Server) {
    let project = Project::with_issues(3);
    let server = project.caller().serve(project.root());
    (project, server)
}

fn command(server: &Server, command: &Value) -> (u16, Value) {
    let answer = server.tell("POST", "/api/commands", command);
    (answer.status, answer.json())
}

#[test]
fn of_two_issues_with_one_id_the_one_that_is_meant_goes_and_comes_back() {
    let (project, server) = served();
    let local = "project-local/issues/demo-1.json";
    project.write(local, Issue::numbered(1).titled("The private one").text());
    let shared = project.text(&record::path("demo-1"));
    hearsay_tests::wait::until("both to be on the board", || {
        (server.get("/api/issues/demo%2Flocal%2Fdemo-1").status == 200).then_some(())
    });
    let done = server.command(&json!({"type": "delete", "id": "demo/local/demo-1"}));
    assert!(!project.at(local).exists() && project.text(&record::path("demo-1")) == shared);
    server.command(&json!({"type": "undo", "token": done["undo"]}));
    assert!(project.text(local).contains("The private one"));
    assert_eq!(project.text(&record::path("demo-1")), shared);
}

#[test]
fn what_cannot_be_taken_back_now_can_be_later() {
    let (project, server) = served();
    let text = project.text(&record::path("demo-1"));
    let gone = server.command(&json!({"type": "delete", "id": "demo-1"}));
    let set = |id: &str| json!({"type": "set_fields", "id": id, "set": {"priority": 0}});
    let bulk = server.command(&json!({"type": "bulk", "commands": [set("demo-0"), set("demo-2")]}));
    let head = project.git(&["rev-parse", "HEAD"]);
    project.write(".git/MERGE_HEAD", head);
    for done in [&gone, &bulk] {
        let (status, said) = command(&server, &json!({"type": "undo", "token": done["undo"]}));
        assert_eq!((status, &said["code"]), (503, &json!("git_busy")), "{said}");
    }
    project.remove(".git/MERGE_HEAD");
    for done in [&bulk, &gone] {
        server.command(&json!({"type": "undo", "token": done["undo"]}));
    }
    assert_eq!(project.text(&record::path("demo-1")), text);
    assert!(project.text(&record::path("demo-2")).contains("\"priority\": 2"));
}

#[test]
fn what_others_put_into_a_new_issue_is_not_lost_by_taking_it_back() {
    let (project, server) = served();
    let made = server.tell("POST", "/api/issues", &json!({"title": "New"})).json();
    let id = made["id"].as_str().expect("an id").to_owned();
    server.command(&json!({"type": "comment", "id": id, "text": "Somebody's words"}));
    let (status, said) = command(&server, &json!({"type": "undo", "token": made["undo"]}));
    assert_eq!((status, &said["code"]), (409, &json!("conflict")), "{said}");
    assert!(project.text(&record::path(&id)).contains("Somebody's words"));
    let alone = server.tell("POST", "/api/issues", &json!({"title": "Alone"})).json();
    server.command(&json!({"type": "undo", "token": alone["undo"]}));
    assert!(!project.at(&record::path(alone["id"].as_str().unwrap())).exists());
}

#[test]
fn a_bulk_of_hundreds_is_taken_back_whole() {
    let (project, server) = served();
    let set =
        |turn: usize| json!({"type": "set_fields", "id": "demo-1", "set": {"title": format!("Turn {turn}")}});
    let commands: Vec<Value> = (0..300).map(set).collect();
    let done = server.command(&json!({"type": "bulk", "commands": commands}));
    server.command(&json!({"type": "undo", "token": done["undo"]}));
    assert!(project.text(&record::path("demo-1")).contains("\"title\": \"Issue 1\""));
}

#[test]
fn what_no_program_reads_as_a_number_survives_an_edit_beside_it() {
    let (project, server) = served();
    let text = Issue::numbered(1)
        .text()
        .replace("\"custom\": {}", "\"custom\": {\n    \"keep\": \"me\",\n    \"n\": 1e400\n  }");
    assert!(text.contains("1e400"));
    project.replace(&record::path("demo-1"), &text);
    // The answer holds the number too, which no client here reads.
    let set = json!({"type": "set_fields", "id": "demo-1", "set": {"custom.z": 1}});
    assert_eq!(server.tell("POST", "/api/commands", &set).status, 200);
    let now = project.text(&record::path("demo-1"));
    assert!(now.contains("\"keep\": \"me\"") && now.contains("1e400") && now.contains("\"z\": 1"), "{now}");
}

#[test]
fn more_than_a_person_means_is_refused_before_it_costs_anybody_anything() {
    let (project, server) = served();
    let keys: serde_json::Map<String, Value> = (0..2_000).map(|at| (format!("k{at}"), json!(at))).collect();
    let labels: Vec<String> = (0..2_000).map(|at| format!("l{at}")).collect();
    for wanted in [
        json!({"type": "set_fields", "id": "demo-1", "set": {"custom": keys}}),
        json!({"type": "set_fields", "id": "demo-1", "set": {}, "labels": {"add": labels}}),
        json!({"type": "create", "issue": {"title": "Many", "labels": labels}}),
    ] {
        let (status, said) = command(&server, &wanted);
        assert_eq!((status, &said["code"]), (413, &json!("too_large")), "{said}");
    }
    // No issue grows until nobody reads it any more.
    let text = "x".repeat(400_000);
    let grown = (0..4).map(|at| json!({"type": "comment", "id": "demo-1", "text": format!("{at}{text}")}));
    let statuses: Vec<u16> = grown.map(|one| command(&server, &one).0).collect();
    assert_eq!(statuses, [200, 200, 413, 413]);
    assert!(project.text(&record::path("demo-1")).len() < 1 << 20);
}
