//! The real project with its 654 issues, and the real configurations of others.
//!
//! Where the shared data is not on this machine, generated issues stand in, and that is said.

use std::collections::BTreeMap;
use std::path::PathBuf;

use hearsay_board::{Config, Document};
use hearsay_tests::{Board, Issue, Project, peers};
use serde_json::Value;

const REAL_ISSUES: usize = 654;

/// The real project, or a generated one of the same size.
fn project() -> (Project, bool) {
    if let Some(project) = Project::real() {
        return (project, true);
    }
    peers::stands_in("the real project (HEARSAY_SHARED)");
    (Project::with_issues(REAL_ISSUES), false)
}

fn counted(board: &Board) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for note in board.cards().iter().flat_map(|card| board.notes(card)) {
        *counts.entry(note).or_default() += 1;
    }
    counts
}

#[test]
fn every_one_of_the_real_issues_is_a_card_and_nothing_is_a_problem_that_is_not_real() {
    let (project, real) = project();
    let mut watching = project.caller().watch(project.root());
    let board = watching.settle();
    assert_eq!(board.cards().len(), REAL_ISSUES);
    assert_eq!(board.problems(), [] as [Value; 0], "no problem that is not real");
    assert!(board.cards().iter().all(|card| board.card(card)["stage"] == "committed"));
    if real {
        assert_eq!(
            counted(&board),
            BTreeMap::from([("unknown_dependency".to_owned(), 39)]),
            "what is odd is said"
        );
    }
}

#[test]
fn a_change_of_every_real_issue_at_once_settles_to_what_a_fresh_reading_says() {
    let (project, _) = project();
    let mut watching = project.caller().watch(project.root());
    for id in watching.settle().cards() {
        let path = hearsay_tests::record::path(id);
        project.replace(&path, project.text(&path).replacen("\"priority\": ", "\"priority\": 1", 1));
    }
    assert_eq!(watching.settle().cards().len(), REAL_ISSUES);
    project.git(&["checkout", "-q", "--", "project"]);
    let board = watching.settle();
    assert!(board.cards().iter().all(|card| board.card(card)["stage"] == "committed"));
}

#[test]
fn parse_then_write_of_any_real_record_is_the_identity() {
    let (project, real) = project();
    let mut seen = 0;
    for dir in ["project/issues", "project/events"] {
        let entries = std::fs::read_dir(project.at(dir)).into_iter().flatten().flatten();
        for path in
            entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|ext| ext == "json"))
        {
            let bytes = std::fs::read(&path).unwrap();
            let document =
                Document::parse(bytes.clone()).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert_eq!(document.into_bytes(), bytes, "{}", path.display());
            seen += 1;
        }
    }
    assert!(seen >= if real { REAL_ISSUES } else { 100 }, "{seen} records were tried");
}

/// Configurations made up after what is odd about the real ones, by name.
const MADE_UP: [(&str, &str); 6] = [
    ("two keys and no final newline", "project_key: TWO-keys\nproject_directory: project"),
    ("projects as a list", "project_key: demo\nvirtual_projects: []\n"),
    ("bare statuses", "project_key: demo\nstatuses:\n- name: Doing-It\n- key: Done_Now\n"),
    ("variables", "project_key: demo\nname: '{{ NAME|default }}'\njira: {url: '{{ JIRA|none }}'}\n"),
    ("an older release", "project_key: demo\nexternal_projects: []\nshort_id_length: 6\nstatus_colors: {}\n"),
    ("a move to itself", "project_key: demo\nworkflows: {default: {open: [open, closed]}, bug: {}}\n"),
];

/// The real configurations, or the made-up ones, by name.
fn configurations() -> Vec<(String, String)> {
    let real = peers::real_configs();
    if real.is_empty() {
        peers::stands_in("the real configurations (HEARSAY_SHARED)");
        return MADE_UP.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
    }
    assert_eq!(real.len(), 24);
    let read = |path: &PathBuf| (path.display().to_string(), std::fs::read_to_string(path).unwrap());
    real.iter().map(read).chain(MADE_UP.map(|(name, text)| (name.to_owned(), text.to_owned()))).collect()
}

#[test]
fn every_real_configuration_opens() {
    for (name, text) in configurations() {
        let config = Config::parse(&text, None).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        let project = Project::empty();
        project.git(&["init", "-q", "-b", "main"]);
        project.write(".kanbus.yml", &text);
        let id = format!("{}-1", config.project_key);
        let issue = format!("{}/issues/{id}.json", config.project_directory);
        project.write(&issue, Issue::new(&id, "One").text());
        let board = project.caller().read(project.root());
        assert!(board.has_card(&id), "{name} shows its issue");
        // Further projects that the configuration names lie in other repositories, which are not here.
        let further = |problem: &Value| {
            let (code, path) = (&problem["code"], problem["path"].as_str().unwrap());
            let named =
                |other: &str| other.trim_start_matches("./").trim_end_matches('/') == path || other == path;
            (code == "missing" || code == "outside")
                && config.virtual_projects.iter().any(|other| named(&other.path))
        };
        let problems = board.problems();
        let errors: Vec<_> =
            problems.iter().filter(|problem| problem["severity"] == "error" && !further(problem)).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
}
