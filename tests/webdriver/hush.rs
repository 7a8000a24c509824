//! What keeps banners back: mutes, pauses, quiet hours, and a person who is looking. The inbox counts all the same.

use hearsay_tests::Project;
use serde_json::{Value, json};

use crate::at_work::{AtWork, Desk, choose, settings, with_tray};

/// What asks `@ada` to look at the issue `id`.
fn call(work: &AtWork, id: &str) {
    work.desk.bob(&["comment", id, "@ada, look.", "--no-agent-provenance"]);
}

/// The app of somebody who has chosen these notifications.
fn with_notifications(count: usize, notifications: &Value) -> Option<AtWork> {
    let settings = json!({"notifications": notifications});
    Desk::with_settings(Project::with_issues(count), &settings)?.at_work()
}

#[test]
fn what_is_muted_or_snoozed_raises_nothing_and_is_counted() {
    let issue = |id: &str| json!({"issue": {"project": "demo", "id": id}});
    let mutes = json!([
        {"of": issue("demo-0")},
        {"of": issue("demo-1"), "until": "2999-01-01T00:00:00Z"},
        {"of": {"agent": "codex-3"}},
    ]);
    let notifications = json!({"mutes": mutes, "rules": "type:task status:blocked -> notice"});
    let Some(mut work) = with_notifications(4, &notifications) else { return };
    call(&work, "demo-0");
    work.desk.bob(&["close", "demo-1"]);
    let agent = ["--agent-platform", "Codex", "--agent-model", "gpt", "--agent-name", "codex-3"];
    work.desk.bob(&[&["comment", "demo-2", "@ada, done."][..], &agent].concat());
    work.desk.shows("(3) repo — Hearsay");
    call(&work, "demo-3");
    work.raises("bob mentions you on demo-3", "Issue 3 — @ada, look.");
    work.raised_no_more();
    work.desk.shows("(4) repo — Hearsay");
}

#[test]
fn in_quiet_hours_there_is_a_banner_only_of_what_interrupts() {
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let quiet = json!({"quiet": {"spans": [{"days": days, "from": "00:00", "to": "00:00"}]}});
    let Some(mut work) = with_notifications(4, &quiet) else { return };
    work.desk.bob(&["close", "demo-0"]);
    call(&work, "demo-1");
    work.desk.shows("(2) repo — Hearsay");
    work.desk.project.write("project/issues/demo-2.json", "{\"id\": \"demo-2\", oops");
    let banner = work.banners.take();
    assert_eq!(banner.title, "demo-2 cannot be read");
    work.raised_no_more();
    work.desk.shows("(3) repo — Hearsay");
}

#[test]
fn a_pause_from_the_tray_is_in_the_settings_and_ends_there_too() {
    let Some((tray, mut work)) = with_tray(Project::with_issues(4)) else { return };
    tray.choose("Pause notifications");
    tray.offers("Resume notifications");
    let machine = work.desk.project.machine().clone();
    let kept = settings(&machine);
    assert!(kept["notifications"]["paused_until"].is_string(), "{kept}");
    assert_eq!(kept["tray"]["close_to_tray"], true, "what else was chosen stays: {kept}");
    work.desk.bob(&["close", "demo-0"]);
    work.desk.shows("(1) repo — Hearsay");
    tray.offers("Inbox (1 unread)");
    tray.choose("Resume notifications");
    tray.offers("Pause notifications");
    work.desk.bob(&["close", "demo-1"]);
    work.raises("bob moved demo-1 to closed", "Issue 1");
    // Whoever pauses elsewhere pauses here.
    choose(&machine, &json!({"notifications": {"paused_until": "2999-01-01T00:00:00Z"}}));
    tray.offers("Resume notifications");
    work.desk.bob(&["close", "demo-2"]);
    work.desk.shows("(3) repo — Hearsay");
    choose(&machine, &json!({}));
    tray.offers("Pause notifications");
    work.desk.bob(&["close", "demo-3"]);
    work.raises("bob moved demo-3 to closed", "Issue 3");
    work.raised_no_more();
}

#[test]
fn what_somebody_is_looking_at_raises_nothing_and_what_is_out_of_sight_does() {
    let Some(desk) = Desk::of(Project::with_issues(300)) else { return };
    let Some(_manager) = desk.desktop.manage_windows() else { return };
    let Some(mut work) = desk.at_work() else { return };
    let screen = work.desk.screen();
    let window = screen.shows("repo — Hearsay");
    screen.has_focus(&window);
    call(&work, "demo-0");
    work.desk.shows("(1) repo — Hearsay");
    call(&work, "demo-290");
    work.raises("bob mentions you on demo-290", "Issue 290 — @ada, look.");
    screen.minimise(&window);
    screen.shows_none();
    call(&work, "demo-1");
    let banner = work.raises("bob mentions you on demo-1", "Issue 1 — @ada, look.");
    work.dunst.click(&banner);
    screen.has_focus(&work.desk.shows("demo-1 Issue 1 — repo"));
    call(&work, "demo-1");
    call(&work, "demo-291");
    work.raises("bob mentions you on demo-291", "Issue 291 — @ada, look.");
    work.raised_no_more();
}
