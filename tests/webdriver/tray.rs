//! The tray: what it tells, where it leads, and how the app ends from there.

use std::fs;
use std::path::{Path, PathBuf};

use hearsay_tests::Project;
use hearsay_tests::desktop::TrayHost;
use hearsay_tests::wait::until;

use crate::at_work::{data, with_tray, word};

/// The picture of the icon, as it is now.
fn picture(tray: &TrayHost) -> Vec<u8> {
    until("the picture of the icon", || {
        let icon = tray.icon();
        let named = Path::new(&icon.icon);
        let beside = PathBuf::from(&icon.theme).join(format!("{}.png", icon.icon));
        fs::read(named).or_else(|_| fs::read(beside)).ok().filter(|png| !png.is_empty())
    })
}

#[test]
fn the_tray_tells_the_link_and_what_needs_the_person_and_leads_there() {
    let Some((tray, mut work)) = with_tray(Project::with_issues(4)) else { return };
    let plain = picture(&tray);
    for words in ["Hosting the local bus", "Nothing needs you", "Inbox", "Quit Hearsay"] {
        tray.offers(words);
    }
    work.desk.close_window();
    work.desk.bob(&["comment", "demo-1", "@ada, look.", "--no-agent-provenance"]);
    work.raises("bob mentions you on demo-1", "Issue 1 — @ada, look.");
    tray.offers("Inbox (1 unread)");
    until("another picture", || (picture(&tray) != plain).then_some(()));
    tray.choose("bob mentions you on demo-1");
    let window = work.desk.shows("demo-1 Issue 1 — repo");
    assert_eq!(window.pid, work.app.id());
    tray.offers("Nothing needs you");
    until("the picture as before", || (picture(&tray) == plain).then_some(()));
    work.raised_no_more();
}

#[test]
fn quitting_from_the_tray_ends_the_app_with_and_without_a_window() {
    let Some((tray, mut work)) = with_tray(Project::with_issues(2)) else { return };
    tray.choose("Quit Hearsay");
    assert!(work.app.ended().success(), "{}", work.app.errors());
    tray.is_empty();
    let Some(mut app) = work.desk.open() else { return };
    tray.offers("the local bus");
    work.desk.close_window();
    tray.choose("Quit Hearsay");
    assert!(app.ended().success(), "{}", app.errors());
    tray.is_empty();
}

#[test]
fn a_repository_is_opened_from_the_tray_in_a_window_of_its_own() {
    let project = Project::with_issues(2);
    let other = project.clone_as("other");
    let Some((tray, work)) = with_tray(project) else { return };
    assert!(work.desk.desktop.launch_again(&[&word(other.root())]).status.success());
    let window = work.desk.shows("other — Hearsay");
    tray.offers("other: Listening on the local bus");
    let screen = work.desk.screen();
    screen.close(&window);
    screen.lacks("other");
    tray.offers("Hosting the local bus");
    tray.choose("other");
    work.desk.shows("other — Hearsay");
    assert!(data(work.desk.project.machine()).join("recent.json").is_file());
}
