//! What Git does to a working tree, seen live.

use hearsay_tests::{Issue, Project, Watching};

/// A project with two branches: `main`, and `side` where half of the issues read differently, one is gone and one is
/// new. `main` is checked out.
fn two_branches(count: usize) -> Project {
    let project = Project::with_issues(count);
    project.git(&["checkout", "-q", "-b", "side"]);
    for at in (0..count).step_by(2) {
        project
            .put(&Issue::new(&format!("demo-{at}"), &format!("Issue {at}, on the side")).in_status("closed"));
    }
    project.remove("project/issues/demo-1.json");
    project.put(&Issue::new("demo-side", "Only on the side"));
    project.commit("the side");
    project.git(&["checkout", "-q", "main"]);
    project
}

fn branch(watching: &mut Watching) -> serde_json::Value {
    watching.settle().unit("git").unwrap()
}

#[test]
fn a_checkout_of_another_branch_settles_to_what_a_fresh_reading_says() {
    let project = two_branches(40);
    let mut watching = project.caller().watch(project.root());
    for _ in 0..3 {
        project.git(&["checkout", "-q", "side"]);
        let board = watching.settle();
        assert_eq!(board.unit("git").unwrap()["branch"], "side");
        assert_eq!(board.card("demo-0")["title"], "Issue 0, on the side");
        assert!(board.has_card("demo-side") && !board.has_card("demo-1"));
        assert!(
            board.cards().iter().all(|card| board.card(card)["stage"] == "committed"),
            "all of it is HEAD's"
        );
        project.git(&["checkout", "-q", "main"]);
        let board = watching.settle();
        assert_eq!(board.unit("git").unwrap()["branch"], "main");
        assert!(board.has_card("demo-1") && !board.has_card("demo-side"));
    }
}

#[test]
fn a_detached_head_has_no_branch() {
    let project = two_branches(4);
    let mut watching = project.caller().watch(project.root());
    project.git(&["checkout", "-q", "--detach", "side"]);
    let git = branch(&mut watching);
    assert!(git["branch"].is_null(), "{git}");
    assert_eq!(git["head"], project.git(&["rev-parse", "HEAD"]).trim());
}

#[test]
fn a_stash_and_its_return_settle_to_what_a_fresh_reading_says() {
    let project = Project::with_issues(20);
    let mut watching = project.caller().watch(project.root());
    project.put(&Issue::new("demo-0", "Not committed"));
    project.put(&Issue::new("demo-new", "New, not committed"));
    assert_eq!(watching.settle().card("demo-0")["stage"], "written");
    project.git(&["stash", "push", "-q", "--include-untracked"]);
    let board = watching.settle();
    assert_eq!(board.card("demo-0")["stage"], "committed");
    assert!(!board.has_card("demo-new"));
    project.git(&["stash", "pop", "-q"]);
    let board = watching.settle();
    assert_eq!(board.card("demo-0")["title"], "Not committed");
    assert!(board.has_card("demo-new"));
}

#[test]
fn a_commit_moves_the_stage_of_what_it_holds_and_nothing_else() {
    let project = Project::with_issues(20);
    let mut watching = project.caller().watch(project.root());
    for id in ["demo-0", "demo-1"] {
        project.put(&Issue::new(id, "Changed"));
    }
    watching.settle();
    let before = watching.follower.patches.len();
    project.git(&["add", "project/issues/demo-0.json"]);
    project.git(&["commit", "-q", "-m", "one of two"]);
    let board = watching.settle();
    assert_eq!(
        (&board.card("demo-0")["stage"], &board.card("demo-1")["stage"]),
        (&"committed".into(), &"written".into())
    );
    let mut moved: Vec<&String> = watching.follower.patches[before..].iter().flatten().collect();
    moved.sort();
    moved.dedup();
    assert_eq!(moved, ["card:demo-0", "git"], "only what the commit holds moves");
    project.git(&["reset", "-q", "--soft", "HEAD~1"]);
    assert_eq!(watching.settle().card("demo-0")["stage"], "written", "a commit taken back is not committed");
}

#[test]
fn the_first_commit_of_a_repository_is_seen() {
    let project = Project::empty();
    project.git(&["init", "-q", "-b", "main"]);
    project.write(".kanbus.yml", hearsay_tests::project::CONFIG);
    project.add_issues(3);
    let mut watching = project.caller().watch(project.root());
    let git = branch(&mut watching);
    assert_eq!(
        (&git["branch"], &git["head"]),
        (&"main".into(), &serde_json::Value::Null),
        "a branch, no commit"
    );
    project.commit("the first");
    assert_eq!(watching.settle().card("demo-2")["stage"], "committed");
}

#[test]
fn a_pull_of_500_issues_settles_to_what_a_fresh_reading_says() {
    let project = Project::with_issues(600);
    let clone = project.outside("clone");
    project.git(&["clone", "-q", ".", &clone.to_string_lossy()]);
    for at in 0..500 {
        project.put(&Issue::new(&format!("demo-{at}"), &format!("Pulled {at}")).in_status("in_progress"));
    }
    project.commit("500 changes");
    let mut watching = project.caller().watch(&clone);
    project.git_in(&clone, &["pull", "-q", "--ff-only"]);
    let board = watching.settle();
    assert_eq!(board.cards().len(), 600);
    for at in [0, 250, 499] {
        assert_eq!(board.card(&format!("demo-{at}"))["title"], format!("Pulled {at}"));
    }
    assert!(board.cards().iter().all(|card| board.card(card)["stage"] == "committed"));
}

#[test]
fn a_rebase_that_stops_at_a_conflict_is_shown_and_its_end_too() {
    let project = Project::with_issues(10);
    project.git(&["checkout", "-q", "-b", "side"]);
    project.put(&Issue::new("demo-5", "As the side has it"));
    project.commit("side");
    project.git(&["checkout", "-q", "main"]);
    project.put(&Issue::new("demo-5", "As main has it"));
    project.commit("main");
    let mut watching = project.caller().watch(project.root());

    let rebase = project.try_git_in(project.root(), &["rebase", "side"]);
    assert!(!rebase.status.success(), "this rebase stops");
    let path = "project/issues/demo-5.json";
    watching
        .until("the problem of the conflict", |board| board.units.contains_key(&format!("problem:{path}")));
    let board = watching.settle();
    assert_eq!(board.unit("git").unwrap()["operation"], "rebase");
    let problem = board.problem(path);
    assert_eq!(problem["code"], "conflict_markers");
    assert!(problem["line"].is_u64() && problem["hint"].is_string(), "{problem}");
    assert_eq!(board.card("demo-5")["title"], "As the side has it", "HEAD is the side, and stands in");
    assert_eq!(board.cards().len(), 10, "the rest is unharmed");

    project.git(&["rebase", "--abort"]);
    let board = watching.settle();
    assert!(board.unit("git").unwrap()["operation"].is_null());
    assert!(board.problems().is_empty());
    assert_eq!(board.card("demo-5")["title"], "As main has it");
}

#[test]
fn a_merge_that_stops_at_a_conflict_is_shown_and_its_end_too() {
    let project = Project::with_issues(4);
    project.git(&["checkout", "-q", "-b", "side"]);
    project.put(&Issue::new("demo-1", "As the side has it"));
    project.commit("side");
    project.git(&["checkout", "-q", "main"]);
    project.put(&Issue::new("demo-1", "As main has it"));
    project.commit("main");
    let mut watching = project.caller().watch(project.root());
    assert!(!project.try_git_in(project.root(), &["merge", "side"]).status.success(), "this merge stops");
    assert_eq!(branch(&mut watching)["operation"], "merge");
    project.put(&Issue::new("demo-1", "As both have it"));
    project.commit("merged");
    let board = watching.settle();
    assert!(board.unit("git").unwrap()["operation"].is_null());
    assert_eq!(board.card("demo-1")["title"], "As both have it");
}

#[test]
fn an_issue_that_git_moves_has_the_new_id() {
    let project = Project::with_issues(4);
    let mut watching = project.caller().watch(project.root());
    project.git(&["mv", "project/issues/demo-1.json", "project/issues/demo-moved.json"]);
    let board = watching.settle();
    assert!(!board.has_card("demo-1"));
    assert!(
        board.notes("demo-moved").contains(&"id_mismatch".to_owned()),
        "the file still calls itself demo-1"
    );
    project.git(&["mv", "project/issues", "project/elsewhere"]);
    assert!(watching.settle().cards().is_empty(), "without issues/ there is no issue");
    project.git(&["mv", "project/elsewhere", "project/issues"]);
    assert_eq!(watching.settle().cards().len(), 4);
}

#[test]
fn a_project_that_goes_and_comes_back_settles_each_time() {
    let project = Project::with_issues(30);
    let mut watching = project.caller().watch(project.root());
    for turn in 0..12 {
        project.remove("project");
        let board = watching.settle();
        assert!(board.cards().is_empty());
        assert_eq!(board.problem("project")["code"], "missing", "the person is told what is not there");
        project.git(&["checkout", "-q", "--", "project"]);
        let board = watching.settle();
        assert_eq!(board.cards().len(), 30);
        assert!(board.problems().is_empty());
        project.put(&Issue::new("demo-7", &format!("Still heard {turn}")));
        assert_eq!(watching.settle().card("demo-7")["title"], format!("Still heard {turn}"));
    }
}
