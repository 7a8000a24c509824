//! A board that is open while its files change: it follows, without a reload, to the very tag of a fresh reading.

use hearsay_tests::wait::until;
use hearsay_tests::{Issue, Project, peers};
use serde_json::json;

use crate::door::Door;
use crate::sample;
use crate::window::Window;

const FLOOD: u32 = 3000;

/// Marks the page, so that a reload would show.
fn mark(window: &Window) {
    window.ask("window.sameAsBefore = true;");
}

fn is_marked(window: &Window) -> bool {
    window.ask("return window.sameAsBefore === true;") == json!(true)
}

fn moves(window: &Window, id: &str, to: &str) {
    until(&format!("{id} in {to}"), || (window.column_of(id).as_deref() == Some(to)).then_some(()));
}

pub(crate) fn a_file_that_is_replaced_moves_its_card_without_a_reload(door: Door) {
    let project = sample::project();
    let Some(window) = door.open(&project) else { return };
    mark(&window);
    let issue = Issue::new("demo-3", "Fold the events of one lull into one patch");
    for status in ["in_progress", "review", "parked", "open"] {
        project.put(&issue.in_status(status));
        moves(&window, "demo-3", status);
        window.settle(&project);
    }
    project.put(&issue.titled("Fold everything"));
    window.reads("[data-id='demo-3']", "Fold everything");
    window.settle(&project);
    project.remove(&issue.path());
    window.shows_no("[data-id='demo-3']");
    window.settle(&project);
    project.git(&["checkout", "-q", "--", "project"]);
    moves(&window, "demo-3", "open");
    window.settle(&project);
    assert!(is_marked(&window), "the page is the one that was opened");
}

pub(crate) fn what_kanbus_writes_moves_its_card(door: Door) {
    let Some(client) = peers::kanbus() else { return };
    let project = Project::empty();
    project.git(&["init", "-q", "-b", "main"]);
    project.kanbus(&client, &["init"]);
    project.kanbus(&client, &["create", "Hear the bus"]);
    let Some(window) = door.open(&project) else { return };
    let board = window.settle(&project);
    let id = board.cards().first().copied().expect("one issue was created").to_owned();
    mark(&window);
    moves(&window, &id, "open");
    project.kanbus(&client, &["update", &id, "--status", "in_progress"]);
    moves(&window, &id, "in_progress");
    window.settle(&project);
    window.click_card(&id);
    window.reads("[data-testid=inspector]", "Hear the bus");
    project.kanbus(&client, &["comment", &id, "Heard it."]);
    window.reads("[data-testid=inspector]", "Heard it.");
    for said in ["state_transition", "comment_added"] {
        window.shows(&format!("[data-testid=history-entry][data-type={said}]"));
    }
    window.settle(&project);
    assert!(is_marked(&window), "the page is the one that was opened");
}

pub(crate) fn three_thousand_changes_end_where_a_fresh_board_does(door: Door) {
    let project = Project::with_issues(300);
    let Some(window) = door.open(&project) else { return };
    mark(&window);
    // The page is busy with itself meanwhile, so that the feed has to wait for it.
    window.ask("setTimeout(() => { const end = Date.now() + 2000; while (Date.now() < end); });");
    for at in 0..FLOOD {
        let mut issue = Issue::new(&format!("demo-{}", at % 300), &format!("Change {at}"));
        issue.updated = at / 300;
        project.put(&issue.in_status(["open", "in_progress"][at as usize % 2]));
    }
    let board = window.settle(&project);
    assert_eq!(board.cards().len(), 300);
    let count = |key: &str| {
        let column = window.columns().into_iter().find(|column| column.key == key);
        column.map(|column| column.count)
    };
    assert_eq!([count("open"), count("in_progress")], [Some("150".to_owned()), Some("150".to_owned())]);
    window.reads("[data-id='demo-0']", "Change 2700");
    window.reads("[data-testid=link-state]", "Hosting the local bus");
    assert!(is_marked(&window), "the page is the one that was opened");
}
