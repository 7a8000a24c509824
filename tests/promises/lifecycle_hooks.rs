//! Lifecycle hooks run on our writes as they run on Kanbus's: told the same, in the same place and environment, refusing
//! in the same words; and never before they are trusted.

mod told;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use hearsay_tests::wait::until;
use hearsay_tests::{Issue, Project, Server, peers, record};
use serde_json::{Value, json};

/// What only one of the two processes has, or a shell sets by itself.
const NOT_SAID: [&str; 6] = ["PYTHONUNBUFFERED", "_", "SHLVL", "PWD", "OLDPWD", "LINES"];
const EVENTS: [&str; 8] = [
    "issue.create",
    "issue.update",
    "issue.close",
    "issue.delete",
    "issue.comment",
    "issue.dependency",
    "issue.promote",
    "issue.localize",
];

/// A project with three issues whose configuration says `hooks`.
fn project(hooks: &str) -> Project {
    let project = Project::with_issues(3);
    project.put(&Issue { parent: Some("demo-0".to_owned()), ..Issue::numbered(1) });
    project.replace(".kanbus.yml", format!("{}hooks:\n{hooks}", hearsay_tests::project::CONFIG));
    project
}

/// A program of the project.
fn script(project: &Project, name: &str, text: &str) {
    project.write(name, format!("#!/bin/sh\n{text}\n"));
    fs::set_permissions(project.at(name), fs::Permissions::from_mode(0o755)).expect("it is ours");
}

fn trusted(project: &Project) -> Server {
    let output = project.caller().run(&["trust", &project.root().to_string_lossy()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    project.caller().serve(project.root())
}

fn update(title: &str) -> Value {
    json!({"type": "set_fields", "id": "demo-2", "set": {"title": title}})
}

/// What the server says to it, which is no.
fn refused(server: &Server, command: &Value) -> Value {
    let answer = server.tell("POST", "/api/commands", command);
    assert_ne!(answer.status, 200, "{command}: {}", answer.body);
    answer.json()
}

/// What Kanbus says to it, which is no.
fn refused_by_kanbus(project: &Project, client: &std::path::Path, words: &[&str]) -> String {
    let output = project.try_kanbus(client, words);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success(), "kanbus {words:?}: {said}");
    let (_, sentence) = said.split_once("Error: ").unwrap_or_else(|| panic!("{said}"));
    sentence.trim_end().to_owned()
}

/// Hooks that write down what they are told, for every event.
fn recording() -> Project {
    let of = |phase: &str| {
        let hooks = EVENTS.map(|event| {
            format!(
                "    {event}: [{{id: {phase}, command: [./record, two words], cwd: tools, env: {{OF: x}}}}]\n"
            )
        });
        format!("  {phase}:\n{}", hooks.concat())
    };
    let project = project(&format!("{}{}", of("before"), of("after")));
    fs::create_dir(project.outside("records")).unwrap();
    let text = "at=../../records/$(ls ../../records | wc -l)\n\
        mkdir $at && cat >$at/told && env >$at/env && pwd >$at/where && echo \"$#|$1\" >$at/words";
    script(&project, "tools/record", text);
    project.write(".env", "FROM_THE_FILE=1\nOF=never\n");
    project
}

/// What a hook was told, and where it was.
#[derive(Debug, PartialEq)]
struct Told {
    invocation: Value,
    environment: BTreeMap<String, String>,
    place: String,
    words: String,
}

fn records(project: &Project) -> Vec<Told> {
    let room = project.root().parent().unwrap().to_string_lossy().into_owned();
    let dir = project.outside("records");
    let count = fs::read_dir(&dir).unwrap().count();
    let read = |number: usize, name: &str| {
        let text = fs::read_to_string(dir.join(format!("{number}/{name}"))).expect("a record is whole");
        text.replace(&room, "ROOM")
    };
    (0..count)
        .map(|number| Told {
            invocation: serde_json::from_str(&read(number, "told")).unwrap(),
            environment: read(number, "env")
                .lines()
                .filter_map(|line| line.split_once('='))
                .filter(|(name, _)| !NOT_SAID.contains(name))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            place: read(number, "where"),
            words: read(number, "words"),
        })
        .collect()
}

#[test]
fn what_undoes_a_change_is_a_change_and_what_kanbus_has_no_hook_for_has_none() {
    let project = recording();
    let server = trusted(&project);
    let events = |from: usize| -> Vec<String> {
        let told = records(&project).split_off(from);
        told.iter().map(|told| told.invocation["event"].as_str().unwrap().to_owned()).collect()
    };
    for (command, event) in [
        (update("Anew"), "issue.update"),
        (json!({"type": "delete", "id": "demo-2"}), "issue.create"),
        (json!({"type": "create", "issue": {"title": "Fresh"}}), "issue.delete"),
        (json!({"type": "move", "id": "demo-2", "to": "local"}), "issue.promote"),
        (
            json!({"type": "add_dependency", "id": "demo-2", "target": "demo-1", "kind": "relates-to"}),
            "issue.dependency",
        ),
    ] {
        let done = server.command(&command);
        let from = records(&project).len();
        server.command(&json!({"type": "undo", "token": done["undo"]}));
        assert_eq!(events(from), [event, event], "taking back {command}");
    }
    let done = server.command(&json!({"type": "comment", "id": "demo-2", "text": "Said."}));
    let comment = done["issue"]["comments"][0]["id"].as_str().unwrap().to_owned();
    let from = records(&project).len();
    server.command(&json!({"type": "edit_comment", "id": "demo-2", "comment": comment, "text": "Other."}));
    server.command(&json!({"type": "delete_comment", "id": "demo-2", "comment": comment}));
    assert_eq!(events(from), Vec::<String>::new());
}

#[test]
fn a_blocking_hook_that_fails_refuses_in_kanbus_s_words_and_nothing_is_written() {
    let Some(client) = peers::kanbus() else { return };
    for (why, text) in [
        ("no ticket\nin the title", "echo no ticket >&2; echo in the title >&2; exit 1"),
        ("exit code 3", "echo not this; exit 3"),
        ("exit code -9", "kill -9 $$"),
        ("timed out after 300ms", "sleep 600 & sleep 600"),
    ] {
        let project = project(
            "  before:
    issue.update: [{id: gate, command: [./gate], timeout_ms: 300}, {id: late, command: [touch, ran]}]
  after:
    issue.update: [{id: note, command: [touch, ran]}]
",
        );
        script(&project, "gate", text);
        let server = trusted(&project);
        let before = project.text(&record::path("demo-2"));
        let theirs = refused_by_kanbus(&project, &client, &["update", "demo-2", "--title", "Anew"]);
        let ours = refused(&server, &update("Anew"));
        assert_eq!(theirs, format!("blocking hook 'gate' failed for issue.update: {why}"));
        assert_eq!((&ours["message"], &ours["code"]), (&json!(theirs), &json!("policy")));
        assert_eq!(project.text(&record::path("demo-2")), before);
        assert!(!project.at("project/events").exists() && !project.at("ran").exists());
    }
}

#[test]
fn other_hooks_refuse_nothing_and_what_they_say_is_passed_on() {
    let Some(client) = peers::kanbus() else { return };
    let project = project(
        "  default_timeout_ms: 300
  before:
    issue.update: [{id: tell, command: [./fail], blocking: false}]
  after:
    issue.update: [{id: note, command: [./fail], blocking: true}, {id: slow, command: [sleep, '600']}]
",
    );
    script(&project, "fail", "echo sorry >&2; exit 1");
    let server = trusted(&project);
    let output = project.try_kanbus(&client, &["update", "demo-2", "--title", "Theirs"]);
    assert!(output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    let theirs: Vec<&str> = said.lines().filter(|line| line.starts_with("Hook warning")).collect();
    let done = until("the board to have it", || {
        let answer = server.tell("POST", "/api/commands", &update("Ours"));
        (answer.status == 200).then(|| answer.json())
    });
    assert_eq!(done["guidance"], json!(theirs));
    assert_eq!(theirs.len(), 3);
    assert_eq!(theirs[2], "Hook warning (issue.update/after/slow): timed out after 300ms");
}

#[test]
fn a_hook_may_call_kanbus_about_the_very_issue_and_both_changes_are_there() {
    let Some(client) = peers::kanbus() else { return };
    let project = project("  before: {issue.update: [{id: note, command: [./note], timeout_ms: 120000}]}\n");
    script(&project, "note", &format!("'{}' comment demo-2 'By a hook.' >&2", client.display()));
    let server = trusted(&project);
    let done = server.command(&update("Anew"));
    let issue: Value = serde_json::from_str(&project.text(&record::path("demo-2"))).unwrap();
    assert_eq!((&issue["title"], &issue["comments"][0]["text"]), (&json!("Anew"), &json!("By a hook.")));
    assert_eq!(done["issue"], issue);
}

#[test]
fn no_hook_runs_that_is_not_trusted_and_a_change_that_it_could_have_refused_is_not_made() {
    let blocking = "  before: {issue.update: [{id: gate, command: [touch, ran]}]}\n";
    let project = project(blocking);
    let server = project.caller().serve(project.root());
    let before = project.text(&record::path("demo-2"));
    let answer = refused(&server, &update("Anew"));
    assert_eq!(answer["code"], "untrusted");
    assert!(answer["message"].as_str().unwrap().contains("before issue.update: touch ran"), "{answer}");
    assert!(answer["hint"].as_str().unwrap().contains("hear trust"), "{answer}");
    assert_eq!(project.text(&record::path("demo-2")), before);
    assert!(!project.at("ran").exists());
    // What no hook is for is nobody's to refuse.
    server.command(&json!({"type": "comment", "id": "demo-2", "text": "Said."}));
    drop(server);

    let server = trusted(&project);
    server.command(&update("Anew"));
    assert!(project.at("ran").exists());
    project.remove("ran");
    // The same command with another environment is another program.
    let other = blocking.replace("[touch, ran]", "[touch, ran], env: {PATH: /tmp}");
    project.replace(".kanbus.yml", format!("{}hooks:\n{other}", hearsay_tests::project::CONFIG));
    until("to be asked again", || {
        let answer = server.tell("POST", "/api/commands", &update("Once more")).json();
        (answer["code"] == "untrusted").then_some(())
    });
}

#[test]
fn a_change_that_untrusted_hooks_could_not_have_refused_is_made_without_them_and_that_is_said() {
    let project = project(
        "  before: {issue.update: [{id: tell, command: [touch, ran], blocking: false}]}
  after: {issue.update: [{id: note, command: [touch, ran]}]}
",
    );
    let server = project.caller().serve(project.root());
    let done = server.command(&update("Anew"));
    let said = done["guidance"][0].as_str().unwrap();
    assert!(
        said.starts_with("hooks were not run") && said.contains("after issue.update: touch ran"),
        "{said}"
    );
    assert!(!project.at("ran").exists());
}

#[test]
fn hooks_that_are_switched_off_neither_run_nor_refuse() {
    let hooks = "  before: {issue.update: [{id: gate, command: ['false']}]}\n";
    let off = project(hooks).on(|machine| machine.with("KANBUS_NO_HOOKS", " Yes "));
    let server = off.caller().serve(off.root());
    assert!(server.command(&update("Anew")).get("guidance").is_none());
    let off = project(&format!("  enabled: false\n{hooks}"));
    off.caller().serve(off.root()).command(&update("Anew"));
}
