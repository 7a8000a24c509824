//! Cards that are carried to another column, by keys and by mouse: where they may go, and what comes of it.

use hearsay_tests::Project;
use hearsay_tests::record::path;
use hearsay_tests::wait::until;
use serde_json::{Value, json};

use crate::desk::{NOTICE, is_filed};
use crate::door::Door;
use crate::window::{ENTER, ESCAPE, Window, card};

/// What the columns are to the card that is carried.
fn standings(window: &Window) -> Value {
    window.ask(
        "return Object.fromEntries([...document.querySelectorAll('[data-testid=column]')]
           .map((column) => [column.dataset.key, column.dataset.standing ?? null]));",
    )
}

/// Where an open task may go by Kanbus's own workflow.
fn of_an_open_task() -> Value {
    json!({"backlog": "legal", "open": "own", "in_progress": "legal", "blocked": "barred", "closed": "legal"})
}

/// Waits until the card that is carried is over the column `key`.
fn is_over(window: &Window, key: &str) {
    window.shows(&format!("[data-testid=column][data-key={key}][data-over]"));
}

pub(crate) fn the_keys_carry_a_card_to_a_legal_column_and_to_no_other(door: Door) {
    let project = Project::with_issues(3);
    let Some(window) = door.open(&project) else { return };
    let before = project.text(&path("demo-0"));
    window.session.press("j");
    window.focuses("demo-0");
    window.session.press("m");
    window.reads("[data-testid=carry-said]", "It may go to Backlog, In Progress, Done");
    assert_eq!(standings(&window), of_an_open_task());
    for (key, over) in
        [("l", "in_progress"), ("l", "closed"), ("h", "in_progress"), ("h", "open"), ("h", "backlog")]
    {
        window.session.press(key);
        is_over(&window, over);
    }
    window.session.press(ESCAPE);
    window.shows_no("[data-testid=column][data-standing]");
    assert_eq!(project.text(&path("demo-0")), before, "put back is as it was");

    window.session.press("m");
    is_over(&window, "open");
    window.session.press("l");
    is_over(&window, "in_progress");
    window.reads("[data-testid=carry-guide]", "Start work: to In Progress");
    window.session.press(ENTER);
    is_filed(&project, "demo-0", "status", &json!("in_progress"));
    window.moves("demo-0", "in_progress");
    window.focuses("demo-0");
    window.reads(NOTICE, "Moved demo-0 to In Progress");
    window.settle(&project);

    window.session.press("H");
    is_filed(&project, "demo-0", "status", &json!("open"));
    window.moves("demo-0", "open");
    window.focuses("demo-0");
    window.reads(NOTICE, "Moved demo-0 to Discovery");
    window.push("undo");
    is_filed(&project, "demo-0", "status", &json!("in_progress"));
    window.settle(&project);
}

/// Takes the card `id` by mouse, so far that it is carried.
pub(crate) fn take(window: &Window, id: &str) {
    let (x, y) = window.middle(&card(id));
    window.session.mouse((x, y), Some("pointerDown"));
    window.session.mouse((x + 12, y + 4), None);
    window.shows("[data-testid=carried]");
}

/// Carries what was taken over the column `key`, where it reads `words`.
pub(crate) fn over(window: &Window, key: &str, words: &str) -> (i64, i64) {
    let at = window.middle(&format!("[data-testid=column][data-key={key}]"));
    window.session.mouse(at, None);
    is_over(window, key);
    window.reads("[data-testid=carried]", words);
    at
}

pub(crate) fn the_mouse_carries_a_card_to_a_legal_column_and_to_no_other(door: Door) {
    let project = Project::with_issues(3);
    let Some(window) = door.open(&project) else { return };
    let before = project.text(&path("demo-0"));
    take(&window, "demo-0");
    assert_eq!(standings(&window), of_an_open_task());
    let at = over(&window, "blocked", "The workflow of task has no way from Discovery to Blocked");
    window.session.mouse(at, Some("pointerUp"));
    window.shows_no("[data-testid=carried]");
    window.shows_no("[data-testid=column][data-standing]");
    assert_eq!(project.text(&path("demo-0")), before, "where it may not go it is not put");
    assert_eq!(window.column_of("demo-0").as_deref(), Some("open"));

    take(&window, "demo-0");
    let at = over(&window, "in_progress", "Start work: to In Progress");
    window.session.mouse(at, Some("pointerUp"));
    is_filed(&project, "demo-0", "status", &json!("in_progress"));
    window.moves("demo-0", "in_progress");
    window.reads(NOTICE, "Moved demo-0 to In Progress");
    assert_eq!(window.count("[data-testid=inspector]"), 0, "a drag is no click");
    window.settle(&project);

    take(&window, "demo-1");
    let at = over(&window, "closed", "Drop: to Done");
    window.session.mouse(at, Some("pointerUp"));
    is_filed(&project, "demo-1", "status", &json!("closed"));
    window.shows_no(&card("demo-1"));
    window.settle(&project);
}

pub(crate) fn a_status_that_is_not_legal_is_not_offered(door: Door) {
    let project = Project::with_issues(3);
    let Some(window) = door.open(&project) else { return };
    window.open_issue("demo-1");
    let offered = |window: &Window| {
        window.ask(
            "return [...document.querySelectorAll('[data-testid=edit-status-list] [data-testid=option]')]
               .map((option) => option.dataset.value);",
        )
    };
    window.push("edit-status");
    until("what is legal of an open task", || {
        (offered(&window) == json!(["backlog", "in_progress", "closed"])).then_some(())
    });
    window.click("[data-testid=option][data-value=in_progress]");
    is_filed(&project, "demo-1", "status", &json!("in_progress"));
    window.moves("demo-1", "in_progress");
    until("what is legal of a task under way", || {
        if window.count("[data-testid=edit-status-list]") == 0 {
            window.push("edit-status");
        }
        (offered(&window) == json!(["open", "blocked", "closed"])).then_some(())
    });
    window.session.press(ESCAPE);
    window.shows_no("[data-testid=edit-status-list]");
    window.settle(&project);
}

pub(crate) fn escape_puts_back_what_the_mouse_carries_for_the_rest_of_the_press(door: Door) {
    let project = Project::with_issues(3);
    let Some(window) = door.open(&project) else { return };
    let before = project.text(&path("demo-0"));
    take(&window, "demo-0");
    let (x, y) = over(&window, "in_progress", "Start work: to In Progress");
    window.session.press(ESCAPE);
    window.shows_no("[data-testid=carried]");
    window.session.mouse((x + 20, y + 20), None);
    window.session.mouse((x, y), Some("pointerUp"));
    assert_eq!(window.count("[data-testid=carried]"), 0);
    take(&window, "demo-1");
    let at = over(&window, "closed", "Drop: to Done");
    window.session.mouse(at, Some("pointerUp"));
    is_filed(&project, "demo-1", "status", &json!("closed"));
    window.settle(&project);
    assert_eq!(project.text(&path("demo-0")), before, "put back is as it was");
    assert_eq!(window.count("[data-testid=inspector]"), 0, "a drag is no click");
}
