//! Answering through the working tree: what is done through the API is in the files, and what may not be is not.

use hearsay_tests::envelope::{mutated, with};
use hearsay_tests::{Bus, Issue, Project, Server, peers, record};
use serde_json::{Value, json};

/// A project with three issues and a server of it.
fn served() -> (Project, Server) {
    let project = Project::with_issues(3);
    let server = project.caller().serve(project.root());
    (project, server)
}

fn file(project: &Project, id: &str) -> Value {
    serde_json::from_str(&project.text(&record::path(id))).expect("an issue is JSON")
}

/// The events of `id`, by type.
fn events(project: &Project, id: &str) -> Vec<Value> {
    let entries = std::fs::read_dir(project.at("project/events")).into_iter().flatten().flatten();
    let read = |path| serde_json::from_str(&std::fs::read_to_string(path).expect("an event")).expect("JSON");
    let mut events: Vec<Value> = entries.map(|entry| read(entry.path())).collect();
    events.retain(|event| event["issue_id"] == id);
    events.sort_by_key(|event| event["occurred_at"].to_string());
    events
}

#[test]
fn a_field_that_is_set_is_in_the_file_with_its_event_and_nothing_else_changes() {
    let (project, server) = served();
    let detail = server.get("/api/issues/demo-1").json();
    let answer = server.tell(
        "PATCH",
        "/api/issues/demo-1",
        &json!({"base": detail["base"], "set": {"title": "Set here"}, "was": {"title": "Issue 1"}}),
    );
    assert_eq!(answer.status, 200, "{}", answer.body);
    let done = answer.json();
    assert_eq!((&done["issue"]["title"], &done["merged"]), (&json!("Set here"), &json!([])));
    let now = server.get("/api/issues/demo-1").json();
    assert_eq!(now["base"], done["base"]);
    let changed = project.git(&["diff", "--numstat", "--", "project/issues"]);
    assert_eq!(changed.trim(), "2\t2\tproject/issues/demo-1.json", "the title and updated_at");
    let events = events(&project, "demo-1");
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["event_type"], "field_updated");
    assert_eq!(events[0]["payload"], json!({"changes": {"title": {"from": "Issue 1", "to": "Set here"}}}));
    assert_eq!(events[0]["actor_id"], "ada");
}

#[test]
fn everything_a_person_can_do_is_done_and_can_be_taken_back() {
    let (project, server) = served();
    let before: Vec<String> =
        (0..3).map(|number| project.text(&record::path(&format!("demo-{number}")))).collect();
    let without_time = |text: &str| {
        let mut issue: Value = serde_json::from_str(text).unwrap();
        issue["updated_at"].take();
        issue
    };
    let mut undone = Vec::new();
    for command in [
        json!({"type": "set_fields", "id": "demo-0", "set": {"status": "in_progress", "priority": 1}}),
        json!({"type": "set_fields", "id": "demo-0", "set": {}, "labels": {"add": ["one", "two"]}}),
        json!({"type": "set_fields", "id": "demo-0", "set": {"status": "closed"}}),
        json!({"type": "claim", "id": "demo-1"}),
        json!({"type": "comment", "id": "demo-1", "text": "Said here."}),
        json!({"type": "add_dependency", "id": "demo-2", "target": "demo-0", "kind": "blocked-by"}),
        json!({"type": "set_fields", "id": "demo-2", "set": {"custom": {"estimate": 3}, "assignee": "bob"}}),
        json!({"type": "move", "id": "demo-2", "to": "local"}),
    ] {
        let done = server.command(&command);
        undone.push(done["undo"].as_str().unwrap_or_else(|| panic!("{command}: {done}")).to_owned());
    }
    assert!(file(&project, "demo-0")["closed_at"].is_string());
    assert_eq!(file(&project, "demo-1")["assignee"], "ada");
    assert_eq!(file(&project, "demo-1")["comments"][0]["text"], "Said here.");
    assert!(project.at("project-local/issues/demo-2.json").is_file());
    for token in undone.iter().rev() {
        server.command(&json!({"type": "undo", "token": token}));
    }
    for (number, before) in before.iter().enumerate() {
        let now = project.text(&record::path(&format!("demo-{number}")));
        assert_eq!(without_time(&now), without_time(before), "demo-{number} is as it was");
    }
    let again = server.tell("POST", "/api/commands", &json!({"type": "undo", "token": undone[0]}));
    assert_eq!((again.status, &again.json()["code"]), (404, &json!("not_found")), "once is enough");
}

#[test]
fn an_issue_is_made_deleted_with_what_is_below_and_brought_back() {
    let (project, server) = served();
    let epic = server.tell("POST", "/api/issues", &json!({"title": "An epic", "type": "epic"})).json();
    let epic = epic["id"].as_str().expect("an id").to_owned();
    let child = json!({"title": "Below", "parent": epic});
    let child = server.tell("POST", "/api/issues", &child).json()["id"].as_str().unwrap().to_owned();
    assert_eq!(file(&project, &child)["parent"], epic.as_str());
    let text = project.text(&record::path(&epic));
    let gone = server.command(&json!({"type": "delete", "id": epic, "descendants": true}));
    assert!(!project.at(&record::path(&epic)).exists() && !project.at(&record::path(&child)).exists());
    server.command(&json!({"type": "undo", "token": gone["undo"]}));
    assert_eq!(project.text(&record::path(&epic)), text, "as it was, to the byte");
    assert_eq!(file(&project, &child)["parent"], epic.as_str());
    if let Some(client) = peers::kanbus() {
        let listed = project.kanbus(&client, &["list"]);
        assert!(listed.contains("An epic") && listed.contains("Below"), "{listed}");
    }
}

#[test]
fn what_others_changed_merges_and_the_same_field_is_a_conflict_that_writes_nothing() {
    let (project, server) = served();
    let base = server.get("/api/issues/demo-1").json()["base"].clone();
    let theirs = Issue::numbered(1).titled("Theirs").changed(9);
    project.put(&theirs);
    let merged = server.tell(
        "PATCH",
        "/api/issues/demo-1",
        &json!({"base": base, "set": {"priority": 0}, "was": {"priority": 2}}),
    );
    assert_eq!(merged.status, 200, "{}", merged.body);
    assert_eq!(merged.json()["merged"], json!(["title"]));
    assert_eq!(file(&project, "demo-1")["title"], "Theirs");
    let before = project.text(&record::path("demo-1"));
    let conflict = server.tell(
        "PATCH",
        "/api/issues/demo-1",
        &json!({"base": base, "set": {"title": "Mine"}, "was": {"title": "Issue 1"}}),
    );
    let said = conflict.json();
    assert_eq!((conflict.status, &said["code"]), (409, &json!("conflict")));
    assert_eq!(said["fields"], json!({"title": {"base": "Issue 1", "theirs": "Theirs", "mine": "Mine"}}));
    assert_eq!(project.text(&record::path("demo-1")), before, "nothing is written");
    // Overwriting is the same edit on what was shown.
    let over = json!({"base": said["base"], "set": {"title": "Mine"}, "was": {"title": "Theirs"}});
    assert_eq!(server.tell("PATCH", "/api/issues/demo-1", &over).status, 200);
    assert_eq!(file(&project, "demo-1")["title"], "Mine");
}

#[test]
fn what_may_not_be_is_refused_with_a_code_a_sentence_and_a_hint_and_the_file_is_untouched() {
    let (project, server) = served();
    server.command(&json!({"type": "set_fields", "id": "demo-2", "set": {"status": "in_progress"}}));
    let before = project.git(&["status", "--porcelain"]);
    let text = project.text(&record::path("demo-1"));
    let long = "x".repeat(5 << 20);
    for (command, status, code) in [
        (json!({"type": "set_fields", "id": "demo-9", "set": {"title": "X"}}), 404, "not_found"),
        (json!({"type": "set_fields", "id": "demo-1", "set": {"colour": "red"}}), 400, "invalid"),
        (json!({"type": "set_fields", "id": "demo-1", "set": {"priority": "high"}}), 400, "invalid"),
        (json!({"type": "set_fields", "id": "demo-1", "set": {"title": "   "}}), 400, "invalid"),
        (json!({"type": "set_fields", "id": "demo-1", "set": {"title": "bell\u{7}"}}), 400, "invalid"),
        (json!({"type": "set_fields", "id": "demo-1", "set": {"status": "nowhere"}}), 400, "invalid"),
        (json!({"type": "set_fields", "id": "demo-2", "set": {"status": "backlog"}}), 422, "rule"),
        (json!({"type": "set_fields", "id": "demo-1", "set": {"title": "Issue 2"}}), 422, "rule"),
        (
            json!({"type": "set_fields", "id": "demo-1", "set": {}, "labels": {"add": ["a,b"]}}),
            400,
            "invalid",
        ),
        (json!({"type": "set_fields", "id": "demo-1", "set": {"parent": "demo-1"}}), 422, "rule"),
        (json!({"type": "set_fields", "id": "demo-1", "set": {"description": long}}), 413, "too_large"),
        (json!({"type": "delete_comment", "id": "demo-1", "comment": "none"}), 404, "not_found"),
        (json!({"type": "comment", "id": "demo-1", "text": " "}), 400, "invalid"),
        (json!({"type": "no_such_thing", "id": "demo-1"}), 400, "invalid"),
    ] {
        let answer = server.tell("POST", "/api/commands", &command);
        let said = format!("{:.300} is answered {} {:.300}", command.to_string(), answer.status, answer.body);
        assert_eq!((answer.status, &answer.json()["code"]), (status, &json!(code)), "{said}");
        assert!(answer.json()["message"].as_str().is_some_and(|message| message.len() > 5), "{said}");
        assert_eq!(project.text(&record::path("demo-1")), text, "{said}");
    }
    assert_eq!(project.git(&["status", "--porcelain"]), before, "nothing else changes");
}

#[test]
fn several_at_once_are_each_done_by_themselves_and_taken_back_together() {
    let (project, server) = served();
    let set = |id: &str| json!({"type": "set_fields", "id": id, "set": {"priority": 0}});
    let done =
        server.command(&json!({"type": "bulk", "commands": [set("demo-0"), set("demo-9"), set("demo-2")]}));
    let results = done["results"].as_array().expect("results");
    assert!(results[0]["done"].is_object() && results[2]["done"].is_object(), "{done}");
    assert_eq!(results[1]["error"]["code"], "not_found");
    assert_eq!(
        (&file(&project, "demo-0")["priority"], &file(&project, "demo-2")["priority"]),
        (&json!(0), &json!(0))
    );
    server.command(&json!({"type": "undo", "token": done["undo"]}));
    assert_eq!(
        (&file(&project, "demo-0")["priority"], &file(&project, "demo-2")["priority"]),
        (&json!(2), &json!(2))
    );
}

#[test]
fn what_is_written_here_is_told_on_the_bus_and_is_nobodys_hearsay_here() {
    let project = Project::gossiping(2);
    let server = project.caller().serve(project.root());
    let mut watching = project.watch();
    watching.listens(&["uds"]);
    let mut bus = Bus::listening(&project.machine().socket());
    let done = server.command(&json!({"type": "set_fields", "id": "demo-1", "set": {"title": "Told"}}));
    let said = bus.heard(hearsay_tests::wait::DEADLINE).expect("an envelope");
    assert_eq!(
        (&said["type"], &said["issue_id"], &said["issue"]["title"]),
        (&json!("issue.mutated"), &json!("demo-1"), &json!("Told"))
    );
    assert_eq!(said["event_id"], events(&project, "demo-1")[0]["event_id"]);
    assert_eq!(said["issue"]["updated_at"], done["issue"]["updated_at"]);
    watching.sees("demo-1", |card| card["title"] == "Told" && card["heard"].is_null());
    watching.settle();
    server.command(&json!({"type": "delete", "id": "demo-0"}));
    let mut heard = |kind: &str, id: &str| {
        let said = bus.heard(hearsay_tests::wait::DEADLINE).expect("an envelope");
        assert_eq!((&said["type"], &said["issue_id"]), (&json!(kind), &json!(id)));
        said
    };
    heard("issue.deleted", "demo-0");
    // As with Kanbus: what becomes private is gone for others, and what is shared again is there.
    let moved = server.command(&json!({"type": "move", "id": "demo-1", "to": "local"}));
    heard("issue.deleted", "demo-1");
    server.command(&json!({"type": "undo", "token": moved["undo"]}));
    assert_eq!(heard("issue.mutated", "demo-1")["issue"]["title"], "Told");
    watching.sees("demo-1", |card| card["source"] == "shared" && card["heard"].is_null());
    watching.settle();
}

#[test]
fn what_is_only_heard_waits_for_its_file_and_an_edit_keeps_what_else_is_heard() {
    let project = Project::gossiping(2);
    let server = project.caller().serve(project.root());
    let mut watching = project.watch();
    watching.listens(&["uds"]);
    let mut bus = Bus::connect(&project.machine().socket());
    bus.say(&mutated(&Issue::new("demo-ghost", "Only heard").changed(5)));
    watching.hears("demo-ghost", |card| card["title"] == "Only heard");
    hearsay_tests::wait::until("the server to have heard it too", || {
        (server.get("/api/issues/demo-ghost").status == 200).then_some(())
    });
    let answer = server.tell(
        "POST",
        "/api/commands",
        &json!({"type": "comment", "id": "demo-ghost", "text": "Hello"}),
    );
    assert_eq!((answer.status, &answer.json()["code"]), (404, &json!("not_found")), "{}", answer.body);
    assert!(answer.json()["hint"].as_str().is_some_and(|hint| hint.contains("pulled")), "{}", answer.body);
    bus.say(&with(mutated(&Issue::numbered(1).titled("Heard title").changed(5)), "event_id", "elsewhere"));
    watching.hears("demo-1", |card| card["title"] == "Heard title");
    server.command(&json!({"type": "set_fields", "id": "demo-1", "set": {"priority": 0}}));
    let card = watching.hears("demo-1", |card| card["priority"] == 0);
    assert_eq!((&card["title"], &card["heard"]["fields"]), (&json!("Heard title"), &json!(["title"])));
    assert_eq!(file(&project, "demo-1")["title"], "Issue 1", "nothing heard is written");
}

#[test]
fn while_git_is_in_the_middle_of_something_a_write_waits_for_the_persons_word() {
    let (project, server) = served();
    project.git(&["checkout", "-q", "-b", "side"]);
    project.put(&Issue::numbered(0).titled("Side"));
    project.commit("side");
    project.git(&["checkout", "-q", "main"]);
    project.put(&Issue::numbered(0).titled("Main"));
    project.commit("main");
    assert!(!project.try_git_in(project.root(), &["merge", "-q", "side"]).status.success());
    let command = json!({"type": "set_fields", "id": "demo-1", "set": {"priority": 0}});
    let answer = server.tell("POST", "/api/commands", &command);
    assert_eq!((answer.status, &answer.json()["code"]), (503, &json!("git_busy")), "{}", answer.body);
    assert!(answer.json()["message"].as_str().is_some_and(|said| said.contains("merge")), "{}", answer.body);
    server.command(&with(command, "anyway", true));
    assert_eq!(file(&project, "demo-1")["priority"], 0);
}

#[test]
fn a_policy_refuses_with_its_own_sentence_and_one_that_is_not_understood_refuses_too() {
    let (project, server) = served();
    let policy = "Feature: Policies\n  Scenario: Claimed before it begins\n    When transitioning to \"in_progress\"\n    Then the issue must have field \"assignee\"\n";
    project.write("project/policies/claim.policy", policy);
    let begin = json!({"type": "set_fields", "id": "demo-1", "set": {"status": "in_progress"}});
    let answer = server.tell("POST", "/api/commands", &begin);
    assert_eq!((answer.status, &answer.json()["code"]), (422, &json!("policy")), "{}", answer.body);
    assert!(
        answer.json()["hint"].as_str().is_some_and(|hint| hint.contains("claim.policy")),
        "{}",
        answer.body
    );
    assert_eq!(file(&project, "demo-1")["status"], "open");
    let both =
        json!({"type": "set_fields", "id": "demo-1", "set": {"status": "in_progress", "assignee": "ada"}});
    server.command(&both);
    project.write("project/policies/odd.policy", "Feature: Odd\n  Scenario: Odd\n    Then pigs must fly\n");
    let answer = server.tell(
        "POST",
        "/api/commands",
        &json!({"type": "set_fields", "id": "demo-2", "set": {"priority": 0}}),
    );
    assert_eq!((answer.status, &answer.json()["code"]), (422, &json!("policy")), "{}", answer.body);
    assert!(answer.body.contains("odd.policy"), "{}", answer.body);
}
