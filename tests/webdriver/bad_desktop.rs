//! What a desktop does to the app that nobody wishes: files that go, a disk that is full, a word from another version.

use hearsay_tests::desktop::{Banners, Dunst};
use hearsay_tests::wait::until;
use hearsay_tests::{Desktop, Project};
use serde_json::json;

use crate::at_work::{AtWork, Desk, data, settings, settings_file, with_tray, word, write_settings};
use crate::window::Window;
use crate::{desktop, look, sample};

fn opened(project: &Project) -> Option<Window> {
    let window = desktop::open(project, &[&word(project.root())])?;
    window.settle(project);
    Some(window)
}

#[test]
fn a_repository_that_is_deleted_while_it_is_open_is_said_and_its_window_stays() {
    let project = sample::project();
    let Some(window) = opened(&project) else { return };
    std::fs::remove_dir_all(project.root()).expect("it is ours");
    until("words that say so", || {
        window
            .text("body")
            .filter(|text| text.contains("no longer") || text.contains("not there") || text.contains("gone"))
    });
    look::picture(&window, "desktop-repository-gone");
    assert_eq!(window.session.windows().len(), 1);
}

#[test]
fn a_repository_that_is_deleted_while_the_app_sits_in_the_tray_leaves_a_tray_that_opens_a_window() {
    let Some((tray, mut work)) = with_tray(Project::with_issues(2)) else { return };
    work.desk.close_window();
    std::fs::remove_dir_all(work.desk.project.root()).expect("it is ours");
    tray.offers("repo");
    tray.choose("Show Hearsay");
    let window = work.desk.shows("Hearsay");
    assert_eq!(window.pid, work.app.id());
    tray.choose("Quit Hearsay");
    assert!(work.app.ended().success(), "{}", work.app.errors());
}

#[test]
fn settings_that_cannot_be_read_are_said_and_kept_until_the_person_begins_anew() {
    let project = sample::project();
    let machine = project.machine().clone();
    let broken = "{\"version\": 1, \"notifications\": {";
    write_settings(&machine, broken);
    let Some(window) = opened(&project) else { return };
    window.push("go-settings");
    let said = window.reads("[data-testid=settings-trouble]", &word(&settings_file(&machine)));
    assert!(said.contains("as usual"), "{said}");
    assert_eq!(std::fs::read_to_string(settings_file(&machine)).expect("it is there"), broken);
    window.push("restore");
    window.shows_no("[data-testid=settings-trouble]");
    window.click("[data-testid=theme] input[value=dark]");
    until("the theme in the file", || (settings(&machine)["appearance"]["theme"] == "dark").then_some(()));
}

#[test]
fn where_the_app_may_keep_nothing_it_is_said_and_the_board_is_there() {
    let project = Project::with_issues(3);
    std::fs::create_dir_all(project.home().join("data")).expect("a home");
    // Where its directory should be lies a file.
    std::fs::write(data(project.machine()), "no directory").expect("a home");
    let Some(desk) = Desk::of(project) else { return };
    let Some(_dunst) = Dunst::start(&desk.desktop) else { return };
    let mut banners = Banners::of(&desk.desktop);
    let Some(window) = desktop::open_in(&desk.desktop, &[&desk.root()]) else { return };
    window.settle(&desk.project);
    desk.bob(&["close", "demo-1"]);
    assert_eq!(banners.take().title, "bob moved demo-1 to closed");
    window.push("go-inbox");
    window.reads("[data-testid=inbox-item]", "bob moved demo-1 to closed");
    let said = window.reads("[data-testid=inbox-trouble]", "The inbox");
    assert!(said.contains(&word(&data(desk.project.machine()))), "{said}");
}

#[test]
fn words_that_another_version_would_know_are_answered_readably() {
    let Some(work) = AtWork::on(Project::with_issues(2)) else { return };
    let output = work.desk.desktop.launch_again(&["--from-the-future"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !output.status.success() && said.contains("--from-the-future") && said.contains("Usage"),
        "{said}"
    );
    // A newer copy that knows the word hands it to the one that runs.
    let words = ["hearsay", "--from-the-future", "\u{202e}odd"];
    let bus = work.desk.desktop.connect();
    let (name, path) = ("dev.hearsay.app.SingleInstance", "/dev/hearsay/app/SingleInstance");
    bus.call_method(Some(name), path, Some("org.SingleInstance.DBus"), "ExecuteCallback", &(&words[..], "/"))
        .expect("the app that runs takes it");
    let shown = || work.desk.screen().frames().into_iter().filter(|frame| frame.shown).count();
    until("another window, that says so", || (shown() == 2).then_some(()));
}

#[test]
fn what_another_version_says_to_the_app_that_runs_is_answered_in_a_window() {
    let project = sample::project();
    let Some(desktop) = Desktop::start(project.machine()) else { return };
    let Some(window) = desktop::open_in(&desktop, &[]) else { return };
    window.shows("[data-testid=welcome]");
    let words = ["hearsay", "--from-the-future", "\u{202e}odd"];
    let (name, path) = ("dev.hearsay.app.SingleInstance", "/dev/hearsay/app/SingleInstance");
    let bus = desktop.connect();
    bus.call_method(Some(name), path, Some("org.SingleInstance.DBus"), "ExecuteCallback", &(&words[..], "/"))
        .expect("the app that runs takes it");
    let said = window.reads("[role=alert]", "runs already, and does not understand");
    assert!(said.contains("--from-the-future") && !said.contains('\u{202e}'), "{said}");
    assert!(said.contains("quit it and start it again"), "{said}");
}

#[test]
fn a_settings_file_of_a_later_release_keeps_what_this_one_does_not_know() {
    let project = sample::project();
    let machine = project.machine().clone();
    let later = json!({"version": 1, "appearance": {"theme": "light", "glow": 7}, "telepathy": {"on": true}});
    write_settings(&machine, &later.to_string());
    let Some(window) = opened(&project) else { return };
    window.push("go-settings");
    window.click("[data-testid=theme] input[value=dark]");
    let kept = until("the theme in the file", || {
        Some(settings(&machine)).filter(|kept| kept["appearance"]["theme"] == "dark")
    });
    assert_eq!((&kept["appearance"]["glow"], &kept["telepathy"]["on"]), (&json!(7), &json!(true)));
}
