//! Where projects lie in a repository, and what happens when that changes while somebody watches.

use hearsay_tests::project::CONFIG;
use hearsay_tests::{Issue, Project};
use serde_json::Value;

#[test]
fn a_configuration_that_is_edited_broken_and_mended_settles_each_time() {
    let project = Project::with_issues(5);
    let mut watching = project.caller().watch(project.root());
    let columns = |board: &hearsay_tests::Board| -> Vec<String> {
        let meta = board.unit("meta").unwrap();
        let columns = meta["columns"].as_array().unwrap().iter();
        columns.map(|column| column["key"].as_str().unwrap().to_owned()).collect()
    };
    let usual = columns(&watching.settle());
    let statuses = "statuses:\n  - {name: Open, key: open}\n  - {name: Review, key: review}\n";
    project.replace(".kanbus.yml", format!("{CONFIG}{statuses}"));
    assert_eq!(columns(&watching.settle()), ["open", "review"], "columns follow the configuration");

    project.write(".kanbus.yml", format!("{CONFIG}statuses:\n  - {{name: Open\n  key: [\n"));
    let board = watching.settle();
    let problem = board.problem(".kanbus.yml");
    assert_eq!(problem["code"], "config");
    assert!(problem["line"].as_u64() >= Some(3) && problem["column"].is_u64(), "it says where: {problem}");
    assert_eq!(columns(&board), usual, "the committed configuration stands in");
    assert_eq!(board.cards().len(), 5, "and the issues are there");

    project.write(".kanbus.yml", CONFIG);
    let board = watching.settle();
    assert!(board.problems().is_empty());
    assert_eq!(columns(&board), usual);
}

#[test]
fn a_configuration_that_stays_broken_follows_what_is_committed() {
    let project = Project::with_issues(2);
    project.write(".kanbus.yml", format!("{CONFIG}statuses:\n  - {{name: Later, key: later}}\n"));
    project.commit("other columns");
    let mut watching = project.caller().watch(project.root());
    project.write(".kanbus.yml", "project_key: [\n");
    assert_eq!(watching.settle().unit("meta").unwrap()["columns"][0]["key"], "later");
    project.git(&["reset", "-q", "--soft", "HEAD~1"]);
    assert_ne!(watching.settle().unit("meta").unwrap()["columns"][0]["key"], "later", "HEAD is another");
}

#[test]
fn a_configuration_that_goes_and_comes_back_leaves_the_watch_standing() {
    let project = Project::with_issues(3);
    let mut watching = project.caller().watch(project.root());
    project.remove(".kanbus.yml");
    watching
        .until("the problem of the configuration", |board| board.units.contains_key("problem:.kanbus.yml"));
    project.git(&["checkout", "-q", "--", ".kanbus.yml"]);
    let board = watching.settle();
    assert!(board.problems().is_empty());
    assert_eq!(board.cards().len(), 3);
}

#[test]
fn an_override_beside_the_configuration_counts() {
    let project = Project::with_issues(2);
    let mut watching = project.caller().watch(project.root());
    project.write(".kanbus.override.yml", "name: By another name\n");
    assert_eq!(watching.settle().unit("meta").unwrap()["name"], "By another name");
    project.remove(".kanbus.override.yml");
    assert_ne!(watching.settle().unit("meta").unwrap()["name"], "By another name");
}

#[test]
fn a_project_directory_that_appears_later_is_watched_from_then_on() {
    let project = Project::empty();
    project.git(&["init", "-q", "-b", "main"]);
    project.write(".kanbus.yml", "project_key: demo\nproject_directory: deep/down/project\n");
    project.commit("a configuration");
    let mut watching = project.caller().watch(project.root());
    assert_eq!(watching.settle().problem("deep/down/project")["code"], "missing");
    let text = Issue::new("demo-1", "Late").text();
    project.write("deep/down/project/issues/demo-1.json", &text);
    let board = watching.settle();
    assert!(board.has_card("demo-1") && board.problems().is_empty());
    project.replace("deep/down/project/issues/demo-1.json", text.replace("Late", "Later"));
    assert_eq!(watching.settle().card("demo-1")["title"], "Later");
    project.remove("deep/down");
    assert_eq!(watching.settle().problem("deep/down/project")["code"], "missing");
}

#[test]
fn private_issues_that_appear_later_are_shown_as_local() {
    let project = Project::with_issues(2);
    let mut watching = project.caller().watch(project.root());
    project.write("project-local/issues/demo-mine.json", Issue::new("demo-mine", "Mine").text());
    assert_eq!(watching.settle().card("demo-mine")["source"], "local");
    project.write("project-local/issues/demo-mine.json", Issue::new("demo-mine", "Mine still").text());
    assert_eq!(watching.settle().card("demo-mine")["title"], "Mine still");
    project.remove("project-local");
    assert!(!watching.settle().has_card("demo-mine"));
}

#[test]
fn several_projects_of_one_repository_share_a_board() {
    let project = Project::with_issues(2);
    let more =
        "virtual_projects:\n  web: {path: web/project, display_name: The web}\n  api: {path: api/project}\n";
    project.write(".kanbus.yml", format!("{CONFIG}{more}"));
    project.write("web/project/issues/web-1.json", Issue::new("web-1", "On the web").text());
    project.write("api/project/issues/api-1.json", Issue::new("api-1", "Behind it").text());
    project.write("api/project/issues/web-1.json", Issue::new("web-1", "The same id").text());
    project.write("web/project-local/issues/web-2.json", Issue::new("web-2", "Private").text());
    project.commit("three projects");
    let mut watching = project.caller().watch(project.root());
    let board = watching.settle();
    assert_eq!(board.cards(), ["api-1", "demo-0", "demo-1", "web-1", "web-2", "web/web-1"]);
    assert_eq!(board.card("web-1")["project"], "api", "the first by label has the plain key");
    assert_eq!(board.card("web-2")["source"], "local");
    assert!(board.notes("web/web-1").contains(&"duplicate_id".to_owned()));
    assert_eq!(board.unit("meta").unwrap()["projects"].as_array().unwrap().len(), 3);

    project.remove("api/project/issues/web-1.json");
    assert_eq!(watching.settle().card("web-1")["project"], "web", "the plain key passes on");
    project.write("api/project/issues/api-1.json", Issue::new("api-1", "Changed").text());
    assert_eq!(watching.settle().card("api-1")["title"], "Changed");
    project.write(".kanbus.yml", CONFIG);
    assert_eq!(watching.settle().cards(), ["demo-0", "demo-1"], "projects that are no longer named are gone");
    project.write(".kanbus.yml", format!("{CONFIG}{more}"));
    assert_eq!(watching.settle().cards().len(), 5);
}

#[test]
fn a_linked_worktree_has_its_own_branch_and_its_own_files() {
    let project = Project::with_issues(6);
    let linked = project.outside("linked");
    project.git(&["worktree", "add", "-q", "-b", "feature/deep", &linked.to_string_lossy()]);
    let mut watching = project.caller().watch(&linked);
    assert_eq!(watching.settle().unit("git").unwrap()["branch"], "feature/deep");
    let issue = Issue::new("demo-2", "In the worktree");
    std::fs::write(linked.join(issue.path()), issue.text()).unwrap();
    assert_eq!(watching.settle().card("demo-2")["stage"], "written");
    project.git_in(&linked, &["commit", "-q", "-a", "-m", "in the worktree"]);
    assert_eq!(watching.settle().card("demo-2")["stage"], "committed");
    assert_eq!(project.caller().read(project.root()).card("demo-2")["title"], "Issue 2", "main is as it was");
    project.git_in(&linked, &["checkout", "-q", "-b", "other"]);
    assert_eq!(watching.settle().unit("git").unwrap()["branch"], "other");
}

#[test]
fn any_path_inside_a_repository_opens_it() {
    let project = Project::with_issues(3);
    project.write("src/deep/code.rs", "fn main() {}\n");
    let whole = project.caller().board(project.root());
    for inside in ["src/deep", "src/deep/code.rs", "project/issues", "project/issues/demo-0.json", ".git"] {
        assert_eq!(project.caller().board(&project.at(inside)), whole, "{inside}");
    }
    let from_inside =
        project.caller().command().arg("board").current_dir(project.at("src")).output().unwrap();
    assert_eq!(
        String::from_utf8(from_inside.stdout).unwrap(),
        whole,
        "without a path, the current directory"
    );
}

#[test]
fn configurations_below_a_git_root_are_found_from_it() {
    let project = Project::empty();
    project.git(&["init", "-q", "-b", "main"]);
    for (dir, key) in [("apps/one", "one"), ("apps/two", "two")] {
        project.write(&format!("{dir}/.kanbus.yml"), format!("project_key: {key}\n"));
        project.write(
            &format!("{dir}/project/issues/{key}-1.json"),
            Issue::new(&format!("{key}-1"), key).text(),
        );
    }
    project.write("node_modules/dep/.kanbus.yml", "project_key: not-ours\n");
    project.commit("two projects");
    let mut watching = project.caller().watch(project.root());
    assert_eq!(watching.settle().cards(), ["one-1", "two-1"], "both are on the board of the root");
    assert_eq!(
        project.caller().read(&project.at("apps/two")).cards(),
        ["two-1"],
        "the nearest upwards counts alone"
    );
    project.write("apps/two/project/issues/two-2.json", Issue::new("two-2", "New").text());
    assert!(watching.settle().has_card("two-2"));
}

#[test]
fn a_project_without_git_is_shown_and_said_to_be_without() {
    let project = Project::empty();
    project.write(".kanbus.yml", CONFIG);
    project.add_issues(3);
    let mut watching = project.caller().watch(project.root());
    let board = watching.settle();
    assert_eq!(board.cards().len(), 3);
    let problem = board.problem(".git");
    assert_eq!((&problem["code"], &problem["severity"]), (&"git".into(), &"warning".into()));
    assert!(board.unit("git").is_none());
    project.put(&Issue::new("demo-0", "Changed"));
    assert_eq!(watching.settle().card("demo-0")["stage"], "written");
}

#[test]
fn a_git_that_comes_later_is_seen() {
    let project = Project::empty();
    project.write(".kanbus.yml", CONFIG);
    project.add_issues(2);
    let mut watching = project.caller().watch(project.root());
    watching.settle();
    project.git(&["init", "-q", "-b", "main"]);
    project.commit("the first");
    let board = watching.settle();
    assert!(board.problems().is_empty());
    assert_eq!(board.card("demo-0")["stage"], "committed");
}

#[test]
fn a_git_that_was_looked_at_while_it_was_being_made_is_seen() {
    let project = Project::empty();
    project.write(".kanbus.yml", CONFIG);
    project.add_issues(2);
    let mut watching = project.caller().watch(project.root());
    watching.settle();
    // `git init` makes this directory last.
    let (objects, kept) = (project.at(".git/objects"), project.outside("objects"));
    project.git_in(project.room(), &["init", "-q", "-b", "main", "made"]);
    std::fs::rename(project.outside("made/.git/objects"), &kept).unwrap();
    std::fs::rename(project.outside("made/.git"), project.at(".git")).unwrap();
    let is_broken =
        |problem: &Value| problem["message"].as_str().is_some_and(|text| text.contains("cannot say"));
    watching.until("Git to be found wanting", |board| board.problems().iter().any(is_broken));
    std::fs::rename(kept, objects).unwrap();
    project.commit("the first");
    let board = watching.settle();
    assert!(board.problems().is_empty());
    assert_eq!(board.card("demo-0")["stage"], "committed");
}

#[test]
fn a_configuration_that_comes_later_below_the_root_is_seen() {
    let project = Project::empty();
    project.git(&["init", "-q", "-b", "main"]);
    let add = |key: &str| {
        let id = format!("{key}-1");
        project.write(&format!("apps/{key}/project/issues/{id}.json"), Issue::new(&id, key).text());
        project.write(&format!("apps/{key}/.kanbus.yml"), format!("project_key: {key}\n"));
    };
    add("one");
    let mut watching = project.caller().watch(project.root());
    assert_eq!(watching.settle().cards(), ["one-1"]);
    add("two");
    assert_eq!(watching.settle().cards(), ["one-1", "two-1"]);
}

#[test]
fn a_project_that_changes_its_label_takes_all_its_cards_with_it() {
    let project = Project::with_issues(2);
    project.write("project-local/issues/demo-1.json", Issue::new("demo-1", "Mine").text());
    let mut watching = project.caller().watch(project.root());
    assert!(watching.settle().has_card("demo/local/demo-1"));
    project.replace(".kanbus.yml", CONFIG.replace("demo", "other"));
    let board = watching.settle();
    assert!(board.has_card("other/local/demo-1") && !board.has_card("demo/local/demo-1"));
}
