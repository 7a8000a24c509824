//! What others do is told once, with who and what; what the person does themselves is not told.
//!
//! Not here: what Git does to many issues at once (`attention_git`), the inbox (`inbox`), what is held back (`hushed`).

use hearsay_tests::{Follower, Issue, Listening, Project, peers, record};
use serde_json::{Value, json};

fn set(id: &str, set: Value) -> Value {
    json!({"type": "set_fields", "id": id, "set": set})
}

#[test]
fn a_change_by_another_is_told_once_although_it_is_heard_written_and_has_an_event() {
    let Some(client) = peers::kanbus() else { return };
    let project = Project::gossiping(3);
    let mut listening = Listening::to(&project);
    listening.unit("link", "the link to listen", |link| link["ways"][0]["state"] == "listening");
    let title = "Issue 1";
    project.kanbus_as("grace", &client, &["update", "demo-1", "--status", "in_progress"]);
    let (changes, notices) = listening.told(&project);
    assert_eq!((changes.len(), notices.len()), (1, 1), "{changes:#?} {notices:#?}");
    let (change, notice) = (&changes[0], &notices[0]);
    assert_eq!(change["by"], json!({"who": "grace", "rung": "actor", "sure": "said"}));
    assert_eq!((&change["what"]["kind"], &change["what"]["to"]), (&json!("moved"), &json!("in_progress")));
    assert_eq!(change["subject"]["title"], title);
    assert_eq!((&notice["class"], &notice["hushed"]), (&json!("inbox"), &Value::Null));
    let line = &notice["line"];
    assert_eq!(
        (&line["who"], &line["agent"], &line["card"]),
        (&json!("grace"), &json!(false), &json!("demo-1"))
    );
    assert_eq!(
        (&line["said"], &line["detail"]),
        (&json!("grace moved demo-1 to in_progress"), &json!(title))
    );
    listening.counts(1, 1);
    let top = &listening.follower.unit("inbox").unwrap()["top"];
    assert_eq!(top.as_array().unwrap().len(), 1);
    assert_eq!(&top[0], line, "what is on top is what was told");
    let items = listening.items();
    assert_eq!((items.len(), &items[0]["unread"], &items[0]["lines"]), (1, &json!(1), &json!([line])));
}

#[test]
fn whatever_kanbus_does_as_another_is_told_once_each() {
    let Some(client) = peers::kanbus() else { return };
    let project = Project::gossiping(3);
    let mut listening = Listening::to(&project);
    let mut watching = project.watch();
    let steps: [(&[&str], &[&str]); 8] = [
        (&["update", "demo-1", "--title", "Another"], &["grace edited demo-1"]),
        (&["comment", "demo-1", "Half of it."], &["grace commented demo-1"]),
        (&["comment", "demo-1", "What do you say, @ada?"], &["grace mentioned demo-1"]),
        (&["update", "demo-1", "--assignee", "ada"], &["grace assigned demo-1"]),
        (&["update", "demo-1", "--priority", "0"], &["grace priority demo-1"]),
        (&["dep", "demo-1", "blocked-by", "demo-2"], &["grace blocked demo-1"]),
        (&["close", "demo-1"], &["grace moved demo-1"]),
        (&["delete", "demo-2", "--yes"], &["grace deleted demo-2"]),
    ];
    let mut told = Vec::new();
    for (words, expected) in steps {
        project.kanbus_as("grace", &client, words);
        let lines = listening.lines(&project);
        assert_eq!(lines, expected, "after kanbus {}", words.join(" "));
        told.extend(lines);
    }
    watching.until_all("the last of it", |follower| {
        follower.changes.iter().any(|change| change["what"]["kind"] == "deleted")
    });
    let by_watch = watching.follower.changes.iter().filter(|change| change["by"]["who"] == "grace").count();
    assert_eq!(by_watch, told.len(), "`hear watch` tells the same");
}

#[test]
fn an_agent_is_told_by_its_name() {
    let Some(client) = peers::kanbus() else { return };
    let project = Project::gossiping(2);
    let mut listening = Listening::to(&project);
    let agent = ["--agent-name", "codex-3", "--agent-platform", "Codex", "--agent-model", "m"];
    project.kanbus(&client, &[&["comment", "demo-1", "Done with half."], &agent[..]].concat());
    project.kanbus(&client, &[&["create", "By an agent"], &agent[..]].concat());
    let (changes, notices) = listening.told(&project);
    let said: Vec<&Value> = changes.iter().map(|change| &change["what"]["kind"]).collect();
    assert_eq!(said, ["commented", "created"], "{changes:#?}");
    for (change, notice) in changes.iter().zip(&notices) {
        assert_eq!((&change["by"]["who"], &change["by"]["sure"]), (&json!("codex-3"), &json!("said")));
        assert_eq!((&notice["line"]["who"], &notice["line"]["agent"]), (&json!("codex-3"), &json!(true)));
    }
    let text = "Issue 1 — Done with half.";
    assert_eq!(notices[0]["line"]["detail"], text);
}

#[test]
fn what_the_same_login_does_by_kanbus_is_told_as_nobodys_in_particular() {
    let Some(client) = peers::kanbus() else { return };
    let project = Project::gossiping(2);
    let mut listening = Listening::to(&project);
    project.kanbus(&client, &["update", "demo-1", "--status", "in_progress"]);
    let (changes, notices) = listening.told(&project);
    assert_eq!(changes.len(), 1, "{changes:#?}");
    assert_eq!(changes[0]["by"], json!({"who": null, "rung": "nobody", "sure": "unknown"}));
    assert_eq!((&notices[0]["line"]["sure"], &notices[0]["line"]["who"]), (&json!("unknown"), &Value::Null));
    assert_eq!(notices[0]["line"]["said"], "Somebody moved demo-1 to in_progress");
}

/// Does everything that a person can do to issues, by `server`.
fn edits(listening: &Listening) {
    let server = &listening.server;
    let created =
        server.command(&json!({"type": "create", "issue": {"title": "Mine", "description": "@ada"}}));
    let id = created["id"].as_str().expect("an id").to_owned();
    let moved = server.command(&set(&id, json!({"status": "in_progress", "priority": 0, "title": "Ours"})));
    server.command(&json!({"type": "undo", "token": moved["undo"]}));
    server.command(&json!({"type": "claim", "id": "demo-1"}));
    server.command(&json!({"type": "comment", "id": "demo-1", "text": "For @ada."}));
    let comment = server.get("/api/issues/demo-1").json()["issue"]["comments"][0]["id"].clone();
    let text = "Otherwise.";
    server.command(&json!({"type": "edit_comment", "id": "demo-1", "comment": comment, "text": text}));
    server.command(&json!({"type": "delete_comment", "id": "demo-1", "comment": comment}));
    let link = |kind: &str| json!({"type": kind, "id": "demo-1", "target": "demo-2", "kind": "blocked-by"});
    server.command(&link("add_dependency"));
    server.command(&link("remove_dependency"));
    server.command(&json!({"type": "set_fields", "id": "demo-1", "labels": {"add": ["x"]}}));
    server.command(&json!({"type": "move", "id": id, "to": "local"}));
    server.command(&json!({"type": "move", "id": id, "to": "shared"}));
    let gone = server.command(&json!({"type": "delete", "id": id}));
    server.command(&json!({"type": "undo", "token": gone["undo"]}));
    server.command(&json!({"type": "delete", "id": "demo-2"}));
    let commands = [set("demo-3", json!({"status": "closed"})), set("demo-4", json!({"status": "blocked"}))];
    server.command(&json!({"type": "bulk", "commands": commands}));
}

#[test]
fn the_persons_own_edits_are_told_neither_by_the_process_that_wrote_them_nor_by_another_of_theirs() {
    let project = Project::gossiping(5);
    let mut one = Listening::to(&project);
    let mut other = Listening::to(&project);
    one.unit("link", "the link to listen", |link| link["ways"][0]["state"] == "listening");
    other.unit("link", "the link to listen", |link| link["ways"][0]["state"] == "listening");
    edits(&one);
    assert_eq!(one.lines(&project), [] as [String; 0], "by whom it was written");
    let own = |line: &String| !line.contains("demo-marker");
    let lines: Vec<String> = other.lines(&project).into_iter().filter(own).collect();
    assert_eq!(lines, [] as [String; 0], "by another process of the same person");
    let ledger =
        std::fs::read_to_string(project.home().join("data/dev.hearsay.app/own-writes.ndjson")).unwrap();
    assert!(
        ledger.lines().count() > 15 && ledger.lines().all(|line| serde_json::from_str::<Value>(line).is_ok())
    );
}

#[test]
fn what_another_does_after_an_own_edit_of_the_same_issue_is_told() {
    let Some(client) = peers::kanbus() else { return };
    let project = Project::gossiping(2);
    let mut listening = Listening::to(&project);
    listening.server.command(&set("demo-1", json!({"status": "in_progress"})));
    project.kanbus_as("grace", &client, &["update", "demo-1", "--status", "open"]);
    listening.server.command(&set("demo-1", json!({"status": "in_progress"})));
    project.kanbus_as("grace", &client, &["close", "demo-1"]);
    assert_eq!(listening.lines(&project), ["grace moved demo-1", "grace moved demo-1"]);
}

#[test]
fn nothing_is_told_of_what_was_there_at_start() {
    let project = Project::with_issues(30);
    for number in 0..30 {
        project.put(&Issue::numbered(number).in_status("in_progress").changed(number as u32));
        let (path, text) = record::event(&format!("demo-{number}"), "grace", 10, number as u32);
        project.write(&path, text);
    }
    for _ in 0..2 {
        let mut listening = Listening::to(&project);
        assert_eq!(listening.lines(&project), [] as [String; 0]);
        assert_eq!(listening.items(), [] as [Value; 0]);
    }
}

#[test]
fn an_issue_that_goes_from_shared_to_local_and_back_has_neither_gone_nor_come() {
    let Some(client) = peers::kanbus() else { return };
    let project = Project::gossiping(3);
    // What lies in a directory when that is first seen was there before.
    project.write("project-local/issues/AGENTS.md", "Notes for agents are no issue.\n");
    let mut listening = Listening::to(&project);
    for words in [["localize", "demo-1"], ["promote", "demo-1"], ["localize", "demo-1"]] {
        project.kanbus_as("grace", &client, &words);
        assert_eq!(listening.lines(&project), ["grace edited demo-1"], "after kanbus {words:?}");
    }
    listening.counts(0, 0);
    project.kanbus_as("grace", &client, &["delete", "demo-1", "--yes"]);
    assert_eq!(listening.lines(&project), ["grace deleted demo-1"], "which is told, as it is another thing");
}

#[test]
fn a_file_that_is_put_away_and_written_anew_has_neither_gone_nor_come() {
    let project = Project::with_issues(3);
    let mut listening = Listening::to(&project);
    let path = project.at(&record::path("demo-1"));
    let backup = path.with_extension("json~");
    let card = |follower: &Follower| follower.board.units.contains_key("card:demo-1");
    for status in ["in_progress", "closed"] {
        std::fs::rename(&path, &backup).unwrap();
        listening.until("the card to go", |follower| !card(follower));
        project.put(&Issue::numbered(1).in_status(status).changed(9));
        std::fs::remove_file(&backup).unwrap();
        assert_eq!(listening.lines(&project), ["- moved demo-1"], "to {status}");
    }
    std::fs::rename(&path, &backup).unwrap();
    listening.until("the card to go", |follower| !card(follower));
    std::fs::rename(&backup, &path).unwrap();
    assert_eq!(listening.lines(&project), [] as [String; 0], "it is as it was");
}
