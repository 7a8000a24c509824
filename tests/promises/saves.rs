//! The ways in which programs save a file.

use std::fs::{File, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;

use hearsay_tests::project::CONFIG;
use hearsay_tests::{Caller, Issue, Project, record};
use rustix::process::Signal;

/// Truncates the file and writes the first half of its new text, as an editor does that saves in place.
fn begin_in_place(project: &Project, issue: &Issue) -> (File, String) {
    let text = issue.text();
    let (first, second) = text.split_at(text.len() / 2);
    let mut file = OpenOptions::new().write(true).truncate(true).open(project.at(&issue.path())).unwrap();
    file.write_all(first.as_bytes()).unwrap();
    file.flush().unwrap();
    (file, second.to_owned())
}

#[test]
fn an_editors_in_place_save_settles_to_what_a_fresh_reading_says() {
    let project = Project::with_issues(20);
    let mut watching = project.caller().watch(project.root());
    for turn in 0..10 {
        let issue = Issue::new("demo-3", &format!("Saved in place {turn}"));
        let (mut file, rest) = begin_in_place(&project, &issue);
        file.write_all(rest.as_bytes()).unwrap();
        drop(file);
        let board = watching.settle();
        assert_eq!(board.card("demo-3")["title"], issue.title);
        assert!(board.problems().is_empty(), "a save that is through is no problem");
    }
}

#[test]
fn an_atomic_rename_over_a_file_settles_to_what_a_fresh_reading_says() {
    let project = Project::with_issues(20);
    let mut watching = project.caller().watch(project.root());
    for turn in 0..30 {
        project.put(&Issue::new("demo-4", &format!("Renamed over {turn}")));
        assert_eq!(watching.settle().card("demo-4")["title"], format!("Renamed over {turn}"));
    }
    assert_eq!(watching.follower.fulls, 1, "patches alone brought the subscriber here");
    let only_this = |keys: &Vec<String>| keys == &["card:demo-4".to_owned()];
    assert!(watching.follower.patches.iter().all(only_this), "a patch carries what changed and nothing else");
}

#[test]
fn a_half_written_file_keeps_its_card_until_it_is_plain_that_it_stays_unreadable() {
    let project = Project::with_issues(5);
    let mut watching = project.caller().watch(project.root());
    project.put(&Issue::new("demo-1", "Written, not committed"));
    assert_eq!(watching.settle().card("demo-1")["stage"], "written");
    let before = watching.follower.patches.len();

    let (mut file, rest) = begin_in_place(&project, &Issue::new("demo-1", "Half"));
    let path = record::path("demo-1");
    watching.until("the problem of a file that stays cut short", |board| {
        board.units.contains_key(&format!("problem:{path}"))
    });
    let touching: Vec<_> = watching.follower.patches[before..]
        .iter()
        .filter(|keys| keys.contains(&"card:demo-1".to_owned()))
        .collect();
    assert_eq!(touching.len(), 1, "the card stayed as it was until the problem came");
    let board = watching.settle();
    assert_eq!(board.card("demo-1")["stage"], "unreadable");
    assert_eq!(board.card("demo-1")["title"], "Issue 1", "what is committed stands in");
    let problem = board.problem(&path);
    assert_eq!(problem["code"], "unreadable");
    assert!(problem["line"].as_u64() > Some(1) && problem["column"].is_u64(), "it says where: {problem}");

    file.write_all(rest.as_bytes()).unwrap();
    drop(file);
    let board = watching.settle();
    assert_eq!(board.card("demo-1")["title"], "Half", "the rest of the file mends it");
    assert!(board.problems().is_empty());
}

#[test]
fn a_file_that_may_not_be_read_shows_what_is_committed_until_it_may() {
    let project = Project::with_issues(5);
    let Some(caller) = Caller::ordinary(&project) else { return };
    let mut watching = caller.watch(project.root());
    let (path, file) = (record::path("demo-2"), project.at(&record::path("demo-2")));
    std::fs::set_permissions(&file, Permissions::from_mode(0o000)).unwrap();
    let board = watching.settle();
    assert_eq!(board.problem(&path)["code"], "permission");
    assert!(board.problem(&path)["hint"].is_string(), "it says what to do");
    assert_eq!(
        (&board.card("demo-2")["stage"], &board.card("demo-2")["title"]),
        (&"unreadable".into(), &"Issue 2".into())
    );
    assert_eq!(board.cards().len(), 5, "the rest is unharmed");

    std::fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    let board = watching.settle();
    assert!(board.problems().is_empty(), "a file that may be read again is no problem");
    assert_eq!(board.card("demo-2")["stage"], "committed");
}

#[test]
fn a_directory_that_may_not_be_listed_is_a_problem_until_it_may() {
    let project = Project::with_issues(5);
    let Some(caller) = Caller::ordinary(&project) else { return };
    let mut watching = caller.watch(project.root());
    std::fs::set_permissions(project.at("project/issues"), Permissions::from_mode(0o000)).unwrap();
    let board = watching.settle();
    assert_eq!(board.problem("project/issues")["code"], "permission");

    std::fs::set_permissions(project.at("project/issues"), Permissions::from_mode(0o755)).unwrap();
    let board = watching.settle();
    assert!(board.problems().is_empty());
    assert_eq!(board.cards().len(), 5);
}

#[test]
fn events_say_who_changed_an_issue_last_whichever_order_they_come_in() {
    let project = Project::with_issues(3);
    let mut watching = project.caller().watch(project.root());
    let write = |actor: &str, minute: u32| {
        let (path, text) = record::event("demo-0", actor, minute, minute);
        project.replace(&path, text);
        path
    };
    write("grace", 10);
    assert_eq!(watching.settle().card("demo-0")["by"]["name"], "grace");
    write("earlier", 5);
    assert_eq!(watching.settle().card("demo-0")["by"]["name"], "grace", "an older event changes nothing");
    let newest = write("linus", 20);
    assert_eq!(watching.settle().card("demo-0")["by"]["name"], "linus");
    project.remove(&newest);
    assert_eq!(watching.settle().card("demo-0")["by"]["name"], "grace", "without it the one before counts");
}

#[test]
fn a_broken_event_is_a_warning_and_takes_nothing_off_the_board() {
    let project = Project::with_issues(3);
    let mut watching = project.caller().watch(project.root());
    let (path, text) = record::event("demo-0", "grace", 10, 1);
    project.replace(&path, &text[..text.len() / 2]);
    watching.until("the problem of the event", |board| !board.problems().is_empty());
    let board = watching.settle();
    assert_eq!(board.problem(&path)["severity"], "warning");
    assert_eq!(board.cards().len(), 3);
    project.replace(&path, &text);
    let board = watching.settle();
    assert!(board.problems().is_empty());
    assert_eq!(board.card("demo-0")["by"]["name"], "grace");
}

/// More changes than the system keeps for a process that does not listen: each gives it four events or more.
const MORE_THAN_THE_SYSTEM_KEEPS: usize = 6_000;

#[test]
fn changes_that_the_system_could_not_report_are_found_by_comparing() {
    let limit = std::fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap();
    let changes = MORE_THAN_THE_SYSTEM_KEEPS.max(limit.trim().parse::<usize>().unwrap() / 3);
    let project = Project::with_issues(300);
    let mut watching = project.caller().watch(project.root());
    watching.settle();
    watching.running.signal(Signal::STOP);
    for turn in 0..changes {
        let id = turn % 250;
        project.put(&Issue::new(&format!("demo-{id}"), &format!("Turn {turn}")));
    }
    project.remove(&record::path("demo-299"));
    let (path, text) = record::event("demo-0", "grace", 10, 1);
    project.replace(&path, text);
    watching.running.signal(Signal::CONT);
    let board = watching.settle();
    assert!(!board.has_card("demo-299"));
    assert_eq!(board.card("demo-0")["by"]["name"], "grace");
}

/// What is touched while the projects are laid out anew is found by comparing, also where only the bytes are new.
#[test]
fn an_event_that_is_replaced_while_the_configuration_changes_is_seen() {
    let project = Project::with_issues(2);
    let (path, text) = record::event("demo-0", "grace", 10, 1);
    project.write(&path, text);
    let mut watching = project.caller().watch(project.root());
    for round in 0..20 {
        let id = format!("demo-{}", round % 2);
        project.write(".kanbus.yml", format!("{CONFIG}name: Round {round}\n"));
        project.replace(&path, record::event(&id, "ada", 10, 1).1);
        assert_eq!(watching.settle().card(&id)["by"]["name"], "ada", "round {round}");
    }
}

#[test]
fn an_event_that_is_written_anew_in_place_says_the_new_name() {
    let project = Project::with_issues(1);
    let mut watching = project.caller().watch(project.root());
    for actor in ["grace", "linus", "ada"] {
        let (path, text) = record::event("demo-0", actor, 10, 1);
        project.write(&path, text);
        assert_eq!(watching.settle().card("demo-0")["by"]["name"], actor);
    }
}
