//! What is taken back, and what must not be lost by it; and that one edit harms nobody else's data.

use std::collections::BTreeMap;

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

/// Every event file there, by name.
fn events(project: &Project, home: &str) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(project.at(home).join("events")).into_iter().flatten().flatten();
    let named = entries.map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()));
    named.map(|(name, path)| (name, std::fs::read(path).expect("an event"))).collect()
}

#[test]
fn what_was_deleted_comes_back_with_its_history_to_the_byte() {
    let (project, server) = served();
    let epic = server.tell("POST", "/api/issues", &json!({"title": "An epic", "type": "epic"})).json();
    let epic = epic["id"].as_str().expect("an id").to_owned();
    let child = server.tell("POST", "/api/issues", &json!({"title": "Below", "parent": epic})).json();
    server.command(&json!({"type": "comment", "id": child["id"], "text": "Said here."}));
    // As nobody here would write it.
    let odd = "{ \"schema_version\":1,\"event_id\":\"odd\",\"issue_id\":\"demo-1\", \"event_type\":\"state_transition\",\"occurred_at\":\"2026-01-01T00:00:00.000Z\",\"actor_id\":\"x\",\"payload\":{\"from_status\":\"open\",\"to_status\":\"open\"}}\n\n";
    project.write("project/events/2026-01-01T00-00-00.000Z__odd.json", odd);
    for (id, descendants) in [(json!("demo-1"), false), (json!(epic), true)] {
        let before = events(&project, "project");
        let gone = server.command(&json!({"type": "delete", "id": id, "descendants": descendants}));
        assert!(gone["guidance"].is_null(), "{gone}");
        assert!(events(&project, "project").len() <= before.len(), "the events go with the issue");
        let back = server.command(&json!({"type": "undo", "token": gone["undo"]}));
        assert!(back["guidance"].is_null(), "{back}");
        let after = events(&project, "project");
        let missing: Vec<_> = before.iter().filter(|(name, bytes)| after.get(*name) != Some(bytes)).collect();
        assert!(missing.is_empty(), "{missing:?}");
        // That can be taken back too, and then again.
        let again = server.command(&json!({"type": "undo", "token": back["undo"]}));
        server.command(&json!({"type": "undo", "token": again["undo"]}));
        let after = events(&project, "project");
        assert!(before.iter().all(|(name, bytes)| after.get(name) == Some(bytes)));
    }
    if let Some(client) = hearsay_tests::peers::kanbus() {
        assert!(project.kanbus(&client, &["list"]).contains("An epic"));
    }
}

#[test]
fn history_that_is_too_much_to_keep_is_said_when_it_goes_and_when_the_issue_comes_back_without() {
    let (project, server) = served();
    let text = project.text(&record::path("demo-1"));
    for number in 0..5 {
        let event = json!({"schema_version": 1, "event_id": format!("large-{number}"), "issue_id": "demo-1",
            "event_type": "field_updated", "occurred_at": "2026-01-01T00:00:00.000Z", "actor_id": "x",
            "payload": {"changes": {"description": {"from": "x".repeat(4 << 20), "to": ""}}}});
        project.write(
            &format!("project/events/2026-01-01T00-00-00.000Z__large-{number}.json"),
            event.to_string(),
        );
    }
    let gone = server.command(&json!({"type": "delete", "id": "demo-1"}));
    assert!(gone["guidance"].to_string().contains("The events of demo-1 are more than is kept"), "{gone}");
    let back = server.command(&json!({"type": "undo", "token": gone["undo"]}));
    assert!(back["guidance"].to_string().contains("back without its 5 events"), "{back}");
    assert_eq!(project.text(&record::path("demo-1")), text);
}

#[test]
fn what_was_moved_since_is_taken_back_where_it_is_now() {
    let (project, server) = served();
    let set = json!({"type": "set_fields", "id": "demo-1", "set": {"title": "Mine", "priority": 0}});
    let done = server.command(&set);
    server.command(&json!({"type": "move", "id": "demo-1", "to": "local"}));
    server.command(&json!({"type": "undo", "token": done["undo"]}));
    let local = project.text("project-local/issues/demo-1.json");
    assert!(local.contains("\"Issue 1\"") && local.contains("\"priority\": 2"), "{local}");
    assert!(!project.at(&record::path("demo-1")).exists());
    // Another issue that has come to have its id is not meant.
    let done = server.command(&json!({"type": "set_fields", "id": "demo-2", "set": {"priority": 0}}));
    let text = project.text(&record::path("demo-2")).replace("2026", "2025");
    project.write("project-local/issues/demo-2.json", &text);
    project.remove(&record::path("demo-2"));
    let (status, said) = command(&server, &json!({"type": "undo", "token": done["undo"]}));
    assert_eq!((status, &said["code"]), (503, &json!("unavailable")), "{said}");
    assert!(!said["hint"].to_string().contains("heard") && said["hint"].is_string(), "{said}");
    assert_eq!(project.text("project-local/issues/demo-2.json"), text);
}

#[test]
fn only_what_is_not_kept_is_not_found_and_what_is_missing_can_come_back() {
    let (project, server) = served();
    let done = server.command(&json!({"type": "set_fields", "id": "demo-1", "set": {"priority": 0}}));
    let undo = json!({"type": "undo", "token": done["undo"]});
    let file = record::path("demo-1");
    let text = project.text(&file);
    // Made anew under the same id, in the same place.
    let other = text.replace("\"created_at\": \"2026", "\"created_at\": \"2025");
    assert_ne!(other, text);
    project.replace(&file, &other);
    for _ in 0..2 {
        let (status, said) = command(&server, &undo);
        assert_eq!((status, &said["code"]), (503, &json!("unavailable")), "{said}");
        assert_eq!(said["message"], json!("demo-1 is not there any more"), "{said}");
        assert_eq!(project.text(&file), other);
        project.remove(&file);
        let (status, said) = command(&server, &undo);
        assert_eq!((status, &said["code"]), (503, &json!("unavailable")), "{said}");
        project.write(&file, &other);
    }
    project.replace(&file, &text);
    server.command(&undo);
    assert!(project.text(&file).contains("\"priority\": 2"));
    let (status, said) = command(&server, &undo);
    assert_eq!((status, &said["code"]), (404, &json!("not_found")), "{said}");
}

#[test]
fn a_run_of_many_waits_for_git_once_and_is_answered_for_each() {
    let (project, server) = served();
    let set = |turn: usize| json!({"type": "set_fields", "id": format!("demo-{}", turn % 3), "set": {"title": format!("Turn {turn}")}});
    let bulk = json!({"type": "bulk", "commands": (0..20).map(set).collect::<Vec<_>>()});
    let done = server.command(&bulk);
    let undo = json!({"type": "undo", "token": done["undo"]});
    // Nobody takes it away. Each waiting by itself, the twenty are longer about it than anybody listens.
    project.write(".git/index.lock", "");
    let (status, said) = command(&server, &bulk);
    let results = said["results"].as_array().expect("an answer for each");
    assert_eq!((status, results.len()), (200, 20), "{said}");
    assert!(results.iter().all(|one| one["error"]["code"] == "git_busy"), "{said}");
    let (status, said) = command(&server, &undo);
    assert_eq!((status, &said["code"]), (503, &json!("git_busy")), "{said}");
    project.remove(".git/index.lock");
    server.command(&undo);
    assert!(project.text(&record::path("demo-1")).contains("\"title\": \"Issue 1\""));
}

#[test]
fn what_a_rule_forbids_by_now_is_not_taken_back_but_what_was_deleted_comes_back_with_a_word() {
    let (project, server) = served();
    let epic = server.tell("POST", "/api/issues", &json!({"title": "An epic", "type": "epic"})).json();
    let id = |made: &Value| made["id"].as_str().expect("an id").to_owned();
    let epic = id(&epic);
    let child = id(&server.tell("POST", "/api/issues", &json!({"title": "Below", "parent": epic})).json());
    let freed = server.command(&json!({"type": "set_fields", "id": child, "set": {"parent": null}}));
    let retyped = server.command(&json!({"type": "set_fields", "id": epic, "set": {"type": "task"}}));
    let (status, said) = command(&server, &json!({"type": "undo", "token": freed["undo"]}));
    let sentence = "invalid parent-child relationship: 'task' cannot have child 'task'";
    assert_eq!((status, &said["message"]), (422, &json!(sentence)), "{said}");
    server.command(&json!({"type": "undo", "token": retyped["undo"]}));
    server.command(&json!({"type": "undo", "token": freed["undo"]}));
    let text = project.text(&record::path(&child));
    assert!(text.contains(&epic), "now it can be");
    let gone = server.command(&json!({"type": "delete", "id": child}));
    server.command(&json!({"type": "delete", "id": epic}));
    let back = server.command(&json!({"type": "undo", "token": gone["undo"]}));
    assert!(back["guidance"].to_string().contains("is not there any more"), "{back}");
    assert_eq!(project.text(&record::path(&child)), text, "to the byte all the same");
}

#[test]
fn a_file_of_one_line_is_as_it_was_once_an_edit_is_taken_back() {
    let (project, server) = served();
    let value: Value = serde_json::from_str(&project.text(&record::path("demo-1"))).unwrap();
    let mut value = value.as_object().unwrap().clone();
    value.insert("labels".to_owned(), json!(["a", "b"]));
    let members: Vec<String> = value.iter().map(|(key, value)| format!("{}: {value}", json!(key))).collect();
    let line = format!("{{{}}}\n", members.join(",  ")).replace("[\"a\",\"b\"]", "[ \"a\", \"b\" ]");
    let timeless = |text: &str| {
        let (before, rest) = text.split_once("\"updated_at\": \"").expect("a time");
        format!("{before}{}", rest.split_once('"').expect("an end").1)
    };
    project.replace(&record::path("demo-1"), &line);
    for (set, labels) in [
        (json!({"title": "Other", "status": "in_progress"}), json!({})),
        (json!({}), json!({"remove": ["a"]})),
        (json!({}), json!({"add": ["c"], "remove": ["b"]})),
        (json!({"custom": {"k": {"deep": [1]}}}), json!({})),
    ] {
        let done =
            server.command(&json!({"type": "set_fields", "id": "demo-1", "set": set, "labels": labels}));
        assert_ne!(timeless(&project.text(&record::path("demo-1"))), timeless(&line));
        server.command(&json!({"type": "undo", "token": done["undo"]}));
        assert_eq!(timeless(&project.text(&record::path("demo-1"))), timeless(&line));
    }
    let said = server.command(&json!({"type": "comment", "id": "demo-1", "text": "x"}));
    server.command(&json!({"type": "undo", "token": said["undo"]}));
    assert_eq!(timeless(&project.text(&record::path("demo-1"))), timeless(&line));
}

#[test]
fn what_is_gone_already_is_not_said_to_be_deleted() {
    let (_project, server) = served();
    server.command(&json!({"type": "delete", "id": "demo-1"}));
    let (status, said) = command(&server, &json!({"type": "delete", "id": "demo-1"}));
    assert_eq!((status, &said["code"]), (404, &json!("not_found")), "{said}");
    assert!(said["hint"].is_string() && said["undo"].is_null(), "{said}");
}

#[test]
fn what_no_program_reads_as_a_number_is_deleted_and_comes_back() {
    let (project, server) = served();
    let text = Issue::numbered(1).text().replace("\"custom\": {}", "\"custom\": {\n    \"n\": 1e400\n  }");
    project.replace(&record::path("demo-1"), &text);
    let gone = server.command(&json!({"type": "delete", "id": "demo-1"}));
    // The answer holds the number too, which no client here reads.
    let undo = json!({"type": "undo", "token": gone["undo"]});
    assert_eq!(server.tell("POST", "/api/commands", &undo).status, 200);
    assert_eq!(project.text(&record::path("demo-1")), text);
}

#[test]
fn a_file_that_does_not_say_its_own_name_comes_back_under_it() {
    let project = Project::with_issues(3);
    let text = Issue::numbered(9).titled("Misnamed").text();
    project.write("project/issues/demo misnamed.json", &text);
    let server = project.caller().serve(project.root());
    let gone = server.command(&json!({"type": "delete", "id": "demo misnamed"}));
    assert!(!project.at("project/issues/demo misnamed.json").exists());
    server.command(&json!({"type": "undo", "token": gone["undo"]}));
    assert_eq!(project.text("project/issues/demo misnamed.json"), text);
    assert!(!project.at(&record::path("demo-9")).exists());
}
