//! Where it cannot be known what a project refuses, nothing is written, and it is said what to mend.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};

use hearsay_tests::project::CONFIG;
use hearsay_tests::wait::until;
use hearsay_tests::{Issue, Project, Server, record};
use serde_json::{Value, json};

/// What every way of writing is asked of.
fn writes() -> [Value; 6] {
    [
        json!({"type": "set_fields", "id": "demo-1", "set": {"title": "Anew"}}),
        json!({"type": "comment", "id": "demo-1", "text": "Said."}),
        json!({"type": "claim", "id": "demo-1"}),
        json!({"type": "create", "issue": {"title": "Fresh"}}),
        json!({"type": "delete", "id": "demo-1"}),
        json!({"type": "move", "id": "demo-1", "to": "local"}),
    ]
}

fn served(project: &Project) -> Server {
    project.caller().serve(project.root())
}

/// How the server refuses it.
fn refused(server: &Server, command: &Value) -> Value {
    let answer = server.tell("POST", "/api/commands", command);
    assert_ne!(answer.status, 200, "{command}: {}", answer.body);
    answer.json()
}

#[test]
fn a_configuration_that_cannot_be_read_lets_nothing_be_written_until_it_is_mended() {
    let project = Project::with_issues(3);
    let server = served(&project);
    let before = project.git(&["status", "--porcelain", "--", "project"]);
    for broken in [format!("{CONFIG}hooks: [\n"), format!("{CONFIG}workflows: 7\n")] {
        project.replace(".kanbus.yml", broken);
        for command in writes() {
            let said = refused(&server, &command);
            assert_eq!(said["code"], "unreadable", "{command}: {said}");
            assert!(said["message"].as_str().is_some_and(|text| text.contains(".kanbus.yml")), "{said}");
        }
        assert_eq!(project.git(&["status", "--porcelain", "--", "project"]), before);
    }
    project.replace(".kanbus.yml", CONFIG);
    until("the configuration to be read again", || {
        (server.tell("POST", "/api/commands", &writes()[0]).status == 200).then_some(())
    });
}

#[test]
fn policies_that_cannot_be_read_refuse_and_those_of_others_are_not_quoted() {
    let project = Project::with_issues(3);
    fs::create_dir(project.outside("theirs")).unwrap();
    fs::write(project.outside("theirs/secret.policy"), "Feature: secret words\n").unwrap();
    symlink(project.outside("theirs"), project.at("project/policies")).unwrap();
    let server = served(&project);
    let said = refused(&server, &writes()[0]);
    assert_eq!(said["code"], "unreadable", "{said}");
    assert!(said.to_string().contains("policies") && !said.to_string().contains("secret"), "{said}");

    fs::remove_file(project.at("project/policies")).unwrap();
    fs::create_dir(project.at("project/policies")).unwrap();
    let no_text = std::ffi::OsStr::from_bytes(b"gate\xff.policy");
    fs::write(project.at("project/policies").join(no_text), "Feature: nobody can name it\n").unwrap();
    assert_eq!(refused(&server, &writes()[0])["code"], "unreadable");
    assert!(project.text(&record::path("demo-1")).contains("\"Issue 1\""));
}

#[test]
fn what_leaves_a_tree_while_that_is_deleted_stays() {
    let project = Project::with_issues(3);
    let child = Issue { parent: Some("demo-0".to_owned()), ..Issue::numbered(1) };
    project.put(&child);
    // The hook comes between the question and the deed, as any other program may.
    project.replace(
        ".kanbus.yml",
        format!("{CONFIG}hooks:\n  before:\n    issue.delete: [{{id: leave, command: [./leave]}}]\n"),
    );
    let file = record::path("demo-1");
    let leave =
        format!("#!/bin/sh\nsed 's/\"parent\": \"demo-0\"/\"parent\": null/' {file} >new && mv new {file}\n");
    project.write("leave", leave);
    fs::set_permissions(project.at("leave"), fs::Permissions::from_mode(0o755)).unwrap();
    let trusted = project.caller().run(&["trust", &project.root().to_string_lossy()]);
    assert!(trusted.status.success());
    let server = served(&project);
    server.command(&json!({"type": "delete", "id": "demo-0", "descendants": true}));
    assert!(!project.at(&record::path("demo-0")).exists());
    assert!(project.text(&file).contains("\"parent\": null"), "the one that left is still there");
}
