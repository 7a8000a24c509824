//! What becomes of the desktop app when its windows are closed.

use hearsay_tests::{Desktop, Project};

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
