//! Paths that are no repository, and repositories without a readable configuration.

use std::process::Output;

use hearsay_tests::{Project, peers};

/// Asserts that `hear` refused with `code`, a message that names `what`, and exit code 1.
fn refused(output: &Output, code: &str, what: &str) {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(output.stdout.is_empty(), "nothing but the error is said");
    assert!(said.starts_with(&format!("error[{code}]: ")), "{said}");
    assert!(said.contains(what), "it names {what}: {said}");
    assert!(said.lines().all(|line| line.starts_with("error[") || line.starts_with("hint: ")), "{said}");
}

#[test]
fn what_is_no_project_is_refused_with_a_hint_by_every_command() {
    let project = Project::empty();
    let root = project.root().to_string_lossy().into_owned();
    for command in ["board", "watch", "serve"] {
        let output = if command == "serve" {
            project.caller().run(&["serve", "--port", "0", &root])
        } else {
            project.caller().run(&[command, &root])
        };
        refused(&output, "not_found", &root);
        assert!(String::from_utf8_lossy(&output.stderr).contains("hint: "), "{command} says what to do");
        let nowhere = format!("{root}/nowhere");
        refused(&project.caller().run(&["board", &nowhere]), "not_found", &nowhere);
    }
}

#[test]
fn a_git_repository_without_a_configuration_is_refused() {
    let project = Project::empty();
    project.git(&["init", "-q", "-b", "main"]);
    project.add_issues(2);
    let root = project.root().to_string_lossy().into_owned();
    refused(&project.caller().run(&["board", &root]), "not_found", ".kanbus.yml");
}

#[test]
fn a_configuration_above_the_repository_is_somebody_elses() {
    let project = Project::empty();
    project.write("above/.kanbus.yml", "project_key: above\n");
    let inner = project.at("above/inner");
    std::fs::create_dir_all(&inner).unwrap();
    project.git_in(&inner, &["init", "-q", "-b", "main"]);
    refused(&project.caller().run(&["board", &inner.to_string_lossy()]), "not_found", ".kanbus.yml");
}

#[test]
fn a_broken_configuration_that_was_never_committed_gives_way_to_the_defaults() {
    let project = Project::empty();
    project.git(&["init", "-q", "-b", "main"]);
    project.add_issues(3);
    for (text, line) in [("project_key: demo\nstatuses: [\n", 2), ("- a\n- list\n", 1), ("a: b: c\n", 1)] {
        project.write(".kanbus.yml", text);
        let board = project.caller().read(project.root());
        let problem = board.problem(".kanbus.yml");
        assert_eq!(problem["code"], "config");
        assert!(
            problem["hint"].is_string() && problem["message"].as_str().unwrap().contains("defaults"),
            "{problem}"
        );
        assert_eq!(board.cards().len(), 3, "issues are shown all the same");
        if text != "- a\n- list\n" {
            assert!(
                problem["line"].as_u64() >= Some(line) && problem["column"].is_u64(),
                "it says where: {problem}"
            );
        }
    }
    project.write(".kanbus.yml", b"project_key: \xff\n");
    let problem = project.caller().read(project.root()).problem(".kanbus.yml");
    assert_eq!((problem["line"].as_u64(), problem["column"].as_u64()), (Some(1), Some(14)), "{problem}");
}

#[test]
fn keys_that_nobody_knows_are_named_and_refuse_nothing() {
    let project = Project::with_issues(2);
    let config = format!(
        "{}frobnicate: 1\nhooks:\n  before:\n    issue.list: [{{id: touch, command: [touch, '{}']}}]\n",
        hearsay_tests::project::CONFIG,
        project.at("ran").display()
    );
    project.write(".kanbus.yml", config);
    let board = project.caller().read(project.root());
    let problem = board.problem(".kanbus.yml");
    assert_eq!((&problem["code"], &problem["severity"]), (&"config_keys".into(), &"warning".into()));
    assert!(problem["message"].as_str().unwrap().contains("`frobnicate`"), "{problem}");
    assert_eq!(board.cards().len(), 2);
    assert!(!project.at("ran").exists(), "no hook is run");
}

#[test]
fn a_configuration_that_is_a_link_out_is_not_read() {
    let project = Project::with_issues(2);
    std::fs::write(project.outside("other.yml"), "project_key: xyzzy\nname: xyzzy\n").unwrap();
    project.remove(".kanbus.yml");
    std::os::unix::fs::symlink("../other.yml", project.at(".kanbus.yml")).unwrap();
    let board = project.caller().read(project.root());
    assert_eq!(board.problem(".kanbus.yml")["code"], "config");
    assert!(!board.line().contains("xyzzy"), "nothing of the other end is shown");
}

#[test]
fn a_repository_of_somebody_else_is_shown_without_what_git_says() {
    let project = Project::with_issues(2);
    if !rustix::process::geteuid().is_root() {
        return peers::not_run("the right to give files away").unwrap_or(());
    }
    let given = std::process::Command::new("chown").args(["-R", "65534"]).arg(project.root()).status();
    assert!(given.is_ok_and(|status| status.success()));
    let mut watching = project.caller().watch(project.root());
    let board = watching.settle();
    assert_eq!(board.cards().len(), 2);
    let problem = board.problem(".git");
    assert!(problem["hint"].as_str().is_some_and(|hint| hint.contains("safe.directory")), "{problem}");
}
