//! What becomes of the desktop app when its windows are closed, and how it comes back.

use hearsay_tests::desktop::{Banners, Dunst, TrayHost};
use hearsay_tests::{Desktop, Project};

use crate::at_work::{Desk, choose, in_the_tray, with_tray, word};

#[test]
fn without_a_tray_the_app_ends_with_its_last_window() {
    let project = Project::with_issues(3);
    let other = project.clone_as("other");
    let Some(desktop) = Desktop::start(project.machine()) else { return };
    let Some(mut app) = desktop.app(&[&project.root().to_string_lossy()]) else { return };
    let screen = desktop.screen();
    let first = screen.shows("repo");
    assert_eq!(first.pid, app.id());
    assert!(desktop.launch_again(&[&other.root().to_string_lossy()]).status.success());
    let second = screen.shows("other");
    screen.close(&first);
    screen.lacks("repo");
    assert!(app.outcome().is_none(), "another window is open");
    screen.close(&second);
    assert!(app.ended().success());
}

#[test]
fn where_nobody_shows_the_tray_the_app_ends_with_its_window_whatever_the_settings_say() {
    let Some(desk) = Desk::with_settings(Project::with_issues(2), &in_the_tray()) else { return };
    let Some(mut app) = desk.open() else { return };
    desk.close_window();
    assert!(app.ended().success(), "{}", app.errors());
    // Some desktops know of trays, and have none.
    let _watcher = TrayHost::watcher_alone(&desk.desktop);
    let Some(mut app) = desk.open() else { return };
    desk.close_window();
    assert!(app.ended().success(), "{}", app.errors());
}

#[test]
fn with_a_tray_the_app_ends_with_its_window_unless_the_person_wants_it_to_stay() {
    let Some(desk) = Desk::of(Project::with_issues(2)) else { return };
    let tray = TrayHost::start(&desk.desktop);
    let Some(mut app) = desk.open() else { return };
    tray.offers("the local bus");
    desk.close_window();
    assert!(app.ended().success(), "{}", app.errors());
}

#[test]
fn a_tray_that_dies_brings_a_window_back() {
    let Some((tray, mut work)) = with_tray(Project::with_issues(2)) else { return };
    work.desk.close_window();
    tray.die();
    let window = work.desk.shows("repo — Hearsay");
    assert_eq!(window.pid, work.app.id());
    work.desk.close_window();
    assert!(work.app.ended().success(), "without a tray it ends with its window");
}

#[test]
fn a_panel_that_starts_again_brings_no_window() {
    let Some((tray, mut work)) = with_tray(Project::with_issues(2)) else { return };
    work.desk.close_window();
    tray.die();
    let tray = TrayHost::start(&work.desk.desktop);
    tray.offers("the local bus");
    work.desk.bob(&["close", "demo-1"]);
    let banner = work.raises("bob moved demo-1 to closed", "Issue 1");
    assert!(!work.desk.screen().frames().iter().any(|frame| frame.shown), "nobody asked for a window");
    work.dunst.click(&banner);
    work.desk.shows("demo-1 Issue 1 — repo");
}

#[test]
fn a_second_launch_brings_a_window_of_the_app_that_sits_in_the_tray() {
    let project = Project::with_issues(2);
    let other = project.clone_as("other");
    let Some((_tray, work)) = with_tray(project) else { return };
    work.desk.close_window();
    assert!(work.desk.desktop.launch_again(&[&word(other.root())]).status.success());
    let window = work.desk.shows("other — Hearsay");
    assert_eq!(window.pid, work.app.id(), "it is the same process");
    work.desk.close_window();
    assert!(work.desk.desktop.launch_again(&[]).status.success());
    assert_eq!(work.desk.shows("Hearsay").pid, work.app.id());
}

#[test]
fn started_in_the_background_it_follows_what_was_open_last() {
    let Some((tray, mut work)) = with_tray(Project::with_issues(4)) else { return };
    tray.choose("Quit Hearsay");
    assert!(work.app.ended().success());
    tray.is_empty();
    let Some(app) = work.desk.desktop.app(&["--background"]) else { return };
    work.app = app;
    tray.offers("the local bus");
    work.desk.bob(&["close", "demo-1"]);
    let banner = work.raises("bob moved demo-1 to closed", "Issue 1");
    assert!(!work.desk.screen().frames().iter().any(|frame| frame.shown), "nobody asked for a window");
    work.dunst.click(&banner);
    assert_eq!(work.desk.shows("demo-1 Issue 1 — repo").pid, work.app.id());
    assert!(work.desk.desktop.launch_again(&["--background"]).status.success(), "it is there already");
}

#[test]
fn started_in_the_background_it_shows_a_window_where_it_may_not_stay_without() {
    let Some(desk) = Desk::of(Project::with_issues(2)) else { return };
    let Some(_dunst) = Dunst::start(&desk.desktop) else { return };
    let mut banners = Banners::of(&desk.desktop);
    let Some(mut app) = desk.open() else { return };
    desk.close_window();
    assert!(app.ended().success());
    for chosen in [serde_json::json!({}), in_the_tray()] {
        choose(desk.project.machine(), &chosen);
        let Some(mut app) = desk.desktop.app(&["--background"]) else { return };
        desk.shows("repo — Hearsay");
        desk.close_window();
        assert!(app.ended().success(), "{}", app.errors());
    }
    assert_eq!(banners.rest().len(), 0);
}
