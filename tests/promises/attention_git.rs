//! What Git does to many issues at once is one line; what is committed, pulled or picked one by one is not swallowed.

use hearsay_tests::{Issue, Listening, Project, peers};
use serde_json::{Value, json};

/// A project with so many issues on `main`, all of them otherwise on `side`. `main` is checked out.
fn two_branches(count: usize) -> Project {
    let project = Project::with_issues(count);
    project.git(&["checkout", "-q", "-b", "side"]);
    for number in 0..count {
        project.put(&Issue::numbered(number).in_status("closed").changed(5));
    }
    project.commit("the side");
    project.git(&["checkout", "-q", "main"]);
    project
}

/// The line about many, once it counts `times`.
fn many(listening: &mut Listening, times: u64) -> Value {
    let of_many = |item: &&Value| item["about"] == "many" && item["unread"] == times;
    let item = hearsay_tests::wait::until(&format!("{times} lines about many"), || {
        listening.items().iter().find(of_many).cloned()
    });
    let lines = item["lines"].as_array().expect("lines");
    lines.last().expect("a line").clone()
}

#[test]
fn a_checkout_that_changes_200_issues_is_one_line_and_so_is_the_way_back() {
    let project = two_branches(200);
    let mut listening = Listening::to(&project);
    for (turn, branch) in (1..).zip(["side", "main", "side"]) {
        project.git(&["checkout", "-q", branch]);
        let line = many(&mut listening, turn);
        assert_eq!(line["said"], "Git changed 200 issues", "turn {turn}: {:#?}", listening.items());
        let detail = line["detail"].as_str().unwrap();
        // A file that is looked at when Git has just taken it away comes with no status to compare.
        assert!(detail.ends_with(" moved") && !detail.contains(','), "none has come or gone: {detail}");
        assert_eq!(
            (&line["class"], &line["who"], &line["card"]),
            (&json!("notice"), &Value::Null, &Value::Null)
        );
        assert_eq!(listening.lines(&project), [] as [String; 0], "no change is told beside it");
    }
    listening.counts(1, 3);
}

#[test]
fn a_pull_a_merge_a_rebase_and_a_reset_of_many_are_one_line_each() {
    let project = Project::with_issues(60);
    let clone = project.clone_as("clone");
    let mut listening = Listening::to(&clone);
    let all = |status: &str, minute: u32| {
        (0..50).for_each(|number| project.put(&Issue::numbered(number).in_status(status).changed(minute)));
        project.push();
    };
    all("in_progress", 1);
    clone.pull();
    assert_eq!(many(&mut listening, 1)["said"], "Git changed 50 issues");
    assert_eq!(listening.lines(&clone), [] as [String; 0], "a pull");

    all("closed", 2);
    clone.git(&["fetch", "-q"]);
    clone.git(&["merge", "-q", "--no-ff", "origin/main"]);
    assert_eq!(many(&mut listening, 2)["said"], "Git changed 50 issues");
    assert_eq!(listening.lines(&clone), [] as [String; 0], "a merge");

    all("open", 3);
    clone.put(&Issue::numbered(55).in_status("in_progress").changed(4));
    assert_eq!(listening.lines(&clone), ["- moved demo-55"]);
    clone.git(&["commit", "-q", "-a", "-m", "only here"]);
    clone.git(&["pull", "-q", "--rebase", "origin", "main"]);
    // It is taken back for a moment.
    let said = many(&mut listening, 3)["said"].clone();
    assert!(["Git changed 50 issues", "Git changed 51 issues"].iter().any(|text| said == *text), "{said}");
    assert_eq!(listening.lines(&clone), [] as [String; 0], "a rebase");

    clone.git(&["reset", "-q", "--hard", "HEAD~1"]);
    let line = many(&mut listening, 4);
    assert!(line["said"].as_str().unwrap().starts_with("Git changed "), "{line}");
    assert_eq!(listening.lines(&clone), [] as [String; 0], "a reset");
}

#[test]
fn a_commit_right_after_a_change_does_not_swallow_it() {
    let Some(client) = peers::kanbus() else { return };
    let project = Project::with_issues(4);
    let mut listening = Listening::to(&project);
    for (words, expected) in [
        (&["update", "demo-1", "--status", "in_progress"][..], "grace moved demo-1"),
        (&["comment", "demo-2", "Now."], "grace commented demo-2"),
        (&["close", "demo-3"], "grace moved demo-3"),
    ] {
        project.kanbus_as("grace", &client, words);
        project.commit("at once");
        assert_eq!(listening.lines(&project), [expected]);
    }
    project.kanbus_as("grace", &client, &["close", "demo-2"]);
    project.git(&["commit", "-q", "--amend", "-a", "-m", "amended"]);
    assert_eq!(listening.lines(&project), ["grace moved demo-2"]);
    assert!(listening.items().iter().all(|item| item["about"] != "many"), "Git changed nothing");
}

#[test]
fn a_merge_under_way_at_start_is_no_news_and_what_its_end_changes_is_one_line() {
    let project = Project::gossiping(6);
    project.git(&["checkout", "-q", "-b", "side"]);
    project.put(&Issue::numbered(1).titled("As the side has it"));
    (2..5).for_each(|number| project.put(&Issue::numbered(number).in_status("closed")));
    project.commit("side");
    project.git(&["checkout", "-q", "main"]);
    project.put(&Issue::numbered(1).titled("As main has it"));
    project.commit("main");
    assert!(!project.try_git_in(project.root(), &["merge", "side"]).status.success(), "this merge stops");
    let mut listening = Listening::to(&project);
    listening.unit("link", "the link to listen", |link| link["ways"][0]["state"] == "listening");
    listening.counts(0, 0);
    project.git(&["merge", "--abort"]);
    // The file with the conflict may be seen in between, when Git has taken it away and not yet written it.
    let said = many(&mut listening, 1)["said"].clone();
    assert!(["Git changed 3 issues", "Git changed 4 issues"].iter().any(|text| said == *text), "{said}");
    assert_eq!(listening.lines(&project), [] as [String; 0], "and nothing else");
    listening.counts(1, 1);
}

#[test]
fn what_another_does_right_after_a_checkout_is_told_once_it_is_over() {
    let Some(client) = peers::kanbus() else { return };
    let project = two_branches(20);
    let mut listening = Listening::to(&project);
    project.git(&["checkout", "-q", "side"]);
    many(&mut listening, 1);
    project.kanbus_as("grace", &client, &["update", "demo-7", "--title", "After it"]);
    assert_eq!(listening.lines(&project), ["grace edited demo-7"]);
}

#[test]
fn what_git_takes_back_or_brings_back_without_moving_head_is_one_line_each() {
    let project = Project::with_issues(40);
    let mut listening = Listening::to(&project);
    let edit = |status: &str| {
        (0..30).for_each(|number| project.put(&Issue::numbered(number).in_status(status).changed(7)));
    };
    edit("in_progress");
    assert_eq!(listening.lines(&project).len(), 30, "what somebody writes is told one by one");
    let ways: [&[&str]; 4] = [
        &["stash", "-q"],
        &["stash", "pop", "-q"],
        &["checkout", "-q", "--", "."],
        &["reset", "-q", "--hard"],
    ];
    for (turn, words) in (1..).zip(ways) {
        if words[0] == "reset" {
            edit("closed");
            assert_eq!(listening.lines(&project).len(), 30);
        }
        project.git(words);
        assert_eq!(many(&mut listening, turn)["said"], "Git changed 30 issues", "git {words:?}");
        assert_eq!(listening.lines(&project), [] as [String; 0], "git {words:?}");
    }
}

#[test]
fn what_another_deletes_while_git_holds_its_index_is_told_by_name() {
    let Some(client) = peers::kanbus() else { return };
    let project = Project::with_issues(4);
    let mut listening = Listening::to(&project);
    for id in ["demo-1", "demo-2"] {
        project.write("notes.txt", id);
        project.git(&["add", "notes.txt"]);
        project.kanbus_as("grace", &client, &["delete", id, "--yes"]);
        assert_eq!(listening.lines(&project), [format!("grace deleted {id}")]);
    }
    assert!(listening.items().iter().all(|item| item["about"] != "many"), "Git changed nothing");
}
