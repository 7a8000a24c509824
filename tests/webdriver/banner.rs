//! Banners: which changes raise one, how many, in which words, and what a click on one shows.

use hearsay_tests::{Issue, Project};
use serde_json::json;

use crate::at_work::{AtWork, finish_as, with_tray};
use crate::desk::is_filed;
use crate::window::ENTER;
use crate::{at_work, desktop};

#[test]
fn what_a_colleague_does_with_kanbus_is_one_banner_and_a_click_on_it_shows_the_issue() {
    let project = Project::gossiping(3);
    let Some(mut work) = AtWork::on(project) else { return };
    work.desk.bob(&["close", "demo-1"]);
    let banner = work.raises("bob moved demo-1 to closed", "Issue 1");
    assert_eq!(banner.app, "Hearsay");
    work.clicks(&banner, "demo-1 Issue 1 — repo");
    // What was heard, and then written, is committed now.
    work.desk.project.commit("closed");
    work.desk.bob(&["comment", "demo-2", "Is that so, @ada?", "--no-agent-provenance"]);
    let banner = work.raises("bob mentions you on demo-2", "Issue 2 — Is that so, @ada?");
    work.clicks(&banner, "demo-2 Issue 2 — repo");
    work.raised_no_more();
}

#[test]
fn a_click_on_a_banner_opens_a_window_at_the_issue_after_the_last_was_closed_to_the_tray() {
    let Some((_tray, mut work)) = with_tray(Project::with_issues(3)) else { return };
    work.desk.close_window();
    work.desk.bob(&["close", "demo-1"]);
    let banner = work.raises("bob moved demo-1 to closed", "Issue 1");
    assert!(work.app.outcome().is_none(), "{}", work.app.errors());
    assert_eq!(work.desk.screen().frames().iter().filter(|frame| frame.shown).count(), 0);
    work.dunst.click(&banner);
    let window = work.desk.shows("demo-1 Issue 1 — repo");
    assert_eq!(window.pid, work.app.id());
    work.raised_no_more();
}

#[test]
fn what_the_person_does_in_the_window_or_by_hear_serve_raises_nothing() {
    let Some(desk) = at_work::Desk::of(Project::with_issues(4)) else { return };
    let Some(_dunst) = hearsay_tests::desktop::Dunst::start(&desk.desktop) else { return };
    let mut banners = hearsay_tests::desktop::Banners::of(&desk.desktop);
    let Some(window) = desktop::open_in(&desk.desktop, &[&desk.root()]) else { return };
    window.settle(&desk.project);
    window.session.press("j");
    window.focuses("demo-0");
    window.session.press("m");
    window.session.press("ll");
    window.session.press(ENTER);
    is_filed(&desk.project, "demo-0", "status", &json!("closed"));
    let server = desk.project.caller().serve(desk.project.root());
    server.command(&json!({"type": "set_fields", "id": "demo-1", "set": {"status": "closed"}}));
    window.settle(&desk.project);
    server.command(&json!({"type": "comment", "id": "demo-2", "text": "A note to myself, @ada."}));
    window.settle(&desk.project);
    desk.bob(&["close", "demo-3"]);
    assert_eq!(banners.take().title, "bob moved demo-3 to closed");
    assert_eq!(banners.rest().len(), 0);
    assert_eq!(window.text("[data-testid=unread]").as_deref(), Some("1"));
}

#[test]
fn two_hundred_changes_by_a_checkout_are_one_banner_of_one_line() {
    let project = Project::with_issues(200);
    project.git(&["checkout", "-q", "-b", "other"]);
    for at in 0..200 {
        finish(&project, "bob", at);
    }
    project.commit("all done");
    project.git(&["checkout", "-q", "main"]);
    let Some(mut work) = AtWork::on(project) else { return };
    work.desk.project.git(&["checkout", "-q", "other"]);
    let banner = work.raises("Git changed 200 issues", "200 moved");
    work.clicks(&banner, "repo — Hearsay");
    work.desk.bob(&["comment", "demo-2", "@ada, look.", "--no-agent-provenance"]);
    work.raises("bob mentions you on demo-2", "Issue 2 — @ada, look.");
    work.raised_no_more();
}

#[test]
fn what_was_there_at_start_raises_nothing() {
    let project = Project::with_issues(60);
    // Fresh, and not committed.
    for at in 0..50 {
        finish(&project, "bob", at);
    }
    at_work::as_user(&project, "bob", &["comment", "demo-51", "@ada, look.", "--no-agent-provenance"]);
    let Some(mut work) = AtWork::on(project) else { return };
    work.desk.bob(&["close", "demo-55"]);
    work.raises("bob moved demo-55 to closed", "Issue 55");
    work.raised_no_more();
    work.desk.shows("(1) repo — Hearsay");
}

#[test]
fn fifteen_agents_that_finish_at_once_are_one_banner() {
    let Some(mut work) = AtWork::on(Project::with_issues(17)) else { return };
    for at in 0..15 {
        finish(&work.desk.project, &format!("codex-{at}"), at);
    }
    let banner = work.banners.take();
    assert!(banner.title.starts_with("15 ") && banner.title.ends_with(": 15 changes"), "{banner:?}");
    assert!(banner.body.contains("codex-0 moved demo-0 to closed: Issue 0"), "{banner:?}");
    assert!(banner.body.ends_with("and 11 more"), "{banner:?}");
    work.desk.shows("(15) repo — Hearsay");
    work.desk.bob(&["close", "demo-16"]);
    work.raises("bob moved demo-16 to closed", "Issue 16");
    work.raised_no_more();
}

#[test]
fn of_a_hundred_changes_there_are_six_banners_and_the_rest_waits_for_what_needs_the_person() {
    let Some(mut work) = AtWork::on(Project::with_issues(110)) else { return };
    for round in 0..6 {
        (round * 14..(round + 1) * 14).for_each(|at| finish(&work.desk.project, "codex-3", at));
        let banner = work.banners.take();
        assert_eq!(banner.title, "codex-3: 14 changes");
    }
    (84..100).for_each(|at| finish(&work.desk.project, "codex-3", at));
    work.desk.shows("(100) repo — Hearsay");
    // Something that interrupts does not wait, and brings along what does.
    work.desk.project.write("project/issues/demo-105.json", "{\"id\": \"demo-105\", oops");
    let banner = work.banners.take();
    assert_eq!(banner.title, "1 needs you, and 16 more changes");
    assert!(banner.body.starts_with("demo-105 cannot be read"), "{banner:?}");
    work.raised_no_more();
}

#[test]
fn a_title_of_ten_kilobytes_with_markup_and_marks_of_direction_is_a_short_plain_banner() {
    let project = Project::with_issues(2);
    let nasty = format!("<b>R&D</b> \u{202e}txt\u{7}\n<a href='x'>{}", "long ".repeat(2_000));
    project.put(&Issue::new("demo-9", &nasty));
    let Some(mut work) = AtWork::on(project) else { return };
    finish_as(&work.desk.project, "<i>eve</i>", &Issue::new("demo-9", &nasty));
    let banner = work.banners.take();
    let said = format!("{}\n{}", banner.title, banner.body);
    assert!(said.chars().count() < 600 && banner.title.chars().count() <= 100, "{said}");
    let odd = |c: char| {
        (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!said.chars().any(odd), "{said:?}");
    assert!(banner.title.contains("demo-9 to closed") && banner.body.contains("R"), "{said}");
    work.dunst.displays(1);
    let shown = work.dunst.shown().swap_remove(0);
    for mark in ["<b>R", "<i>eve", "<a href"] {
        assert!(!shown.laid_out.contains(mark), "nothing of it is laid out as markup: {}", shown.laid_out);
    }
}

/// `who` closes the issue of that number, in files as Kanbus writes them.
fn finish(project: &Project, who: &str, at: usize) {
    finish_as(project, who, &Issue::numbered(at));
}
