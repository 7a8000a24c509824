//! Links and paths that lead out: nothing outside of the project's own directories is read, or written.

use std::fs;
use std::os::unix::fs::symlink;

use hearsay_tests::snapshot::snapshot;
use hearsay_tests::{Issue, Project, record};

const SECRET: &str = "xyzzy-nobody-may-see-this";

/// A project beside which a secret lies: an issue in a project of its own, outside.
fn beside_a_secret() -> Project {
    let project = Project::with_issues(3);
    let issues = project.outside("secret").join("issues");
    fs::create_dir_all(&issues).unwrap();
    fs::write(issues.join("demo-secret.json"), Issue::new("demo-secret", SECRET).text()).unwrap();
    fs::write(project.outside("secret.json"), Issue::new("demo-link", SECRET).text()).unwrap();
    project
}

#[test]
fn a_link_that_leads_out_of_the_project_is_a_problem_and_is_not_followed() {
    let project = beside_a_secret();
    let outside = snapshot(&project.outside("secret"));
    let mut watching = project.caller().watch(project.root());
    symlink(project.outside("secret.json"), project.at(&record::path("demo-link"))).unwrap();
    symlink("../../../secret/issues/demo-secret.json", project.at(&record::path("demo-relative"))).unwrap();
    symlink("/dev/zero", project.at(&record::path("demo-device"))).unwrap();
    symlink("nowhere.json", project.at(&record::path("demo-dangling"))).unwrap();
    let board = watching.settle();
    assert_eq!(board.problem(&record::path("demo-link"))["code"], "outside");
    assert_eq!(board.problem(&record::path("demo-relative"))["code"], "outside");
    assert_eq!(board.problem(&record::path("demo-device"))["code"], "outside");
    assert_eq!(board.problem(&record::path("demo-dangling"))["code"], "not_a_file");
    assert_eq!(board.cards().len(), 3, "the rest of the board is unharmed");
    assert!(!board.line().contains(SECRET), "nothing of the other end is shown");
    assert_eq!(snapshot(&project.outside("secret")), outside, "nothing outside is written");

    let server = project.caller().serve(project.root());
    for key in [
        "demo-link",
        "demo-relative",
        "../../secret/issues/demo-secret",
        "..%2F..%2Fsecret%2Fissues%2Fdemo-secret",
    ] {
        let answer = server.get(&format!("/api/issues/{key}"));
        assert_eq!(answer.status, 404, "{key}: {}", answer.body);
        assert!(!answer.body.contains(SECRET), "{key}");
    }
    project.remove(&record::path("demo-link"));
    project.put(&Issue::new("demo-link", "A file again"));
    assert_eq!(watching.settle().card("demo-link")["title"], "A file again");
}

#[test]
fn a_link_to_another_issue_of_the_project_shows_what_that_says() {
    let project = Project::with_issues(3);
    let mut watching = project.caller().watch(project.root());
    symlink("demo-1.json", project.at(&record::path("demo-alias"))).unwrap();
    assert_eq!(watching.settle().card("demo-alias")["title"], "Issue 1");
}

#[test]
fn a_link_shows_what_its_target_says_also_when_that_changes() {
    let project = Project::with_issues(3);
    let mut watching = project.caller().watch(project.root());
    symlink("demo-1.json", project.at(&record::path("demo-alias"))).unwrap();
    watching.settle();
    project.put(&Issue::new("demo-1", "Changed behind the link"));
    assert_eq!(watching.settle().card("demo-alias")["title"], "Changed behind the link");
}

#[test]
fn directories_that_lead_out_are_a_problem_and_are_not_read() {
    for (what, config) in [
        ("a path upwards", "project_key: demo\nproject_directory: ../../etc\n".to_owned()),
        ("an absolute path", "project_key: demo\nproject_directory: /etc\n".to_owned()),
        ("a path beside", "project_key: demo\nproject_directory: ../secret\n".to_owned()),
        ("a virtual project", "project_key: demo\nvirtual_projects:\n  s: {path: ../secret}\n".to_owned()),
    ] {
        let project = beside_a_secret();
        let outside = snapshot(&project.outside("secret"));
        project.write(".kanbus.yml", config);
        let mut watching = project.caller().watch(project.root());
        let board = watching.settle();
        let problems = board.problems();
        assert!(problems.iter().any(|problem| problem["code"] == "outside"), "{what}: {problems:?}");
        assert!(!board.line().contains(SECRET), "{what}: nothing outside is shown");
        assert_eq!(snapshot(&project.outside("secret")), outside, "{what}: nothing outside is written");
    }
}

#[test]
fn a_project_directory_that_is_a_link_out_is_a_problem_and_is_not_read() {
    let project = beside_a_secret();
    let mut watching = project.caller().watch(project.root());
    for (link, target) in [("project", "../secret"), ("project/issues", "../../secret/issues")] {
        project.remove(link);
        symlink(target, project.at(link)).unwrap();
        let board = watching.settle();
        let problems = board.problems();
        assert!(problems.iter().any(|problem| problem["code"] == "outside"), "{link}: {problems:?}");
        assert!(
            board.cards().is_empty() && !board.line().contains(SECRET),
            "{link}: nothing outside is shown"
        );
        fs::remove_file(project.at(link)).unwrap();
        project.git(&["checkout", "-q", "--", "project"]);
        assert_eq!(watching.settle().cards().len(), 3, "{link}: what is ours is back");
    }
}
