//! A desktop that lacks something: a notification daemon, a tray, a keyring. It is said, with what to do, and the rest
//! goes on.

use hearsay_tests::desktop::{Banners, Daemon, Dunst};
use hearsay_tests::{Desktop, Project};
use serde_json::Value;

use crate::at_work::Desk;
use crate::desktop;
use crate::window::Window;

const RESULT: &str = "[data-testid=test-result]";

#[test]
fn that_nobody_shows_banners_is_said_once_and_whoever_comes_later_shows_them() {
    let project = Project::with_issues(4).on(|machine| machine.with("HEARSAY_LOG", "hearsay=debug"));
    let Some(desk) = Desk::of(project) else { return };
    let mut banners = Banners::of(&desk.desktop);
    let Some(_app) = desk.open() else { return };
    let said = "no banner can be shown";
    desk.bob(&["close", "demo-0"]);
    desk.shows("(1) repo — Hearsay");
    desk.logs(1, &[said, "WARN"]);
    desk.bob(&["close", "demo-1"]);
    desk.shows("(2) repo — Hearsay");
    desk.logs(1, &[said, "DEBUG"]);
    assert_eq!(desk.logged(&[said, "WARN"]), 1, "{}", desk.log());
    let Some(dunst) = Dunst::start(&desk.desktop) else { return };
    desk.bob(&["close", "demo-2"]);
    let banner = banners.take();
    assert_eq!(banner.title, "bob moved demo-2 to closed");
    dunst.click(&banner);
    desk.shows("demo-2 Issue 2 — repo");
    assert_eq!(banners.rest().len(), 0, "what came before is in the inbox");
}

#[test]
fn a_daemon_that_knows_no_clicks_gets_banners_without_any() {
    let Some(desk) = Desk::of(Project::with_issues(2)) else { return };
    let _daemon = Daemon::start(&desk.desktop, &["body"]);
    let mut banners = Banners::of(&desk.desktop);
    let Some(_app) = desk.open() else { return };
    desk.bob(&["close", "demo-0"]);
    let banner = banners.take();
    assert_eq!((banner.title.as_str(), banner.actions), ("bob moved demo-0 to closed", Vec::new()));
}

/// The settings of an app in that session.
fn settings(desktop: &Desktop, project: &Project) -> Option<Window> {
    let window = desktop::open_in(desktop, &[&project.root().to_string_lossy()])?;
    window.settle(project);
    window.push("go-settings");
    window.shows("[data-testid=settings-computer] [data-testid=part-state]");
    Some(window)
}

#[test]
fn a_test_banner_is_answered_by_its_click() {
    let project = Project::with_issues(2);
    let Some(desktop) = Desktop::start(project.machine()) else { return };
    let Some(dunst) = Dunst::start(&desktop) else { return };
    let mut banners = Banners::of(&desktop);
    let Some(window) = settings(&desktop, &project) else { return };
    window.shows("[data-testid=settings-notifications] [data-testid=part-state][data-state=ready]");
    window.push("test-notification");
    let banner = banners.take();
    assert!(window.reads(RESULT, "Click the banner").contains("Click"));
    dunst.click(&banner);
    window.shows(&format!("{RESULT}[data-state=clicked]"));
    window.reads(RESULT, "your click arrived");
    assert_eq!(banners.rest().len(), 0);
}

#[test]
fn what_the_session_lacks_is_named_alike_by_the_settings_their_test_and_hear_doctor() {
    let project = Project::with_issues(2);
    let Some(desktop) = Desktop::start(project.machine()) else { return };
    let Some(window) = settings(&desktop, &project) else { return };
    window.push("test-notification");
    window.shows(&format!("{RESULT}[data-state=missing]"));
    let tried = window.reads(RESULT, "No banner could be raised");
    assert!(tried.contains("install a notification daemon"), "{tried}");
    let shown = window.ask(
        "return [...document.querySelectorAll('[data-testid=part-state]')]
           .map((part) => [part.dataset.state, part.innerText.replace(/\\s+/g, ' ').trim()]);",
    );
    let shown: Vec<(String, String)> = serde_json::from_value(shown).expect("pairs of words");
    assert_eq!(shown.len(), 3, "{shown:?}");
    let output = desktop
        .command(hearsay_tests::peers::hear())
        .args(["doctor", "--json", &project.root().to_string_lossy()])
        .output()
        .expect("hear runs");
    let found: Value = serde_json::from_slice(&output.stdout).expect("findings are JSON");
    for check in ["notifications", "tray", "keyring"] {
        let finding = find(&found, check).unwrap_or_else(|| panic!("{check} in {found}"));
        let (message, hint) = (bare(&finding["message"]), bare(&finding["hint"]));
        let part = shown.iter().find(|(_, words)| words.to_lowercase().contains(&message.to_lowercase()));
        let (state, words) = part.unwrap_or_else(|| panic!("{message:?} in {shown:?}"));
        assert_eq!(state, "missing");
        assert!(
            !hint.is_empty() && words.to_lowercase().contains(&hint.to_lowercase()),
            "{hint:?} in {words}"
        );
    }
}

/// The finding of `check`, wherever it stands.
fn find<'a>(value: &'a Value, check: &str) -> Option<&'a Value> {
    match value {
        Value::Object(members) if members.get("check").is_some_and(|name| name == check) => Some(value),
        Value::Object(members) => members.values().find_map(|value| find(value, check)),
        Value::Array(values) => values.iter().find_map(|value| find(value, check)),
        _ => None,
    }
}

/// A sentence without its end.
fn bare(value: &Value) -> String {
    value.as_str().unwrap_or_default().trim_end_matches('.').to_owned()
}
