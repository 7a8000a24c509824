//! Several cards at once: selected by keys, changed, carried and deleted together, and taken back in one step.

use hearsay_tests::record::path;
use hearsay_tests::wait::until;
use hearsay_tests::{Issue, Project};
use serde_json::{Value, json};

use crate::busy::begin_merge;
use crate::carry::{over, take};
use crate::desk::{NOTICE, filed, is_filed};
use crate::door::Door;
use crate::window::{CONTROL, ENTER, ESCAPE, Window, card};

const THREE: [&str; 3] = ["demo-0", "demo-1", "demo-2"];
const COUNT: &str = "[data-testid=bulk-count]";
const BULK: &str = "[data-testid=bulk]";

/// Selects the first three cards by keys.
fn select_three(window: &Window) {
    for (key, id) in [("j", "demo-0"), ("x", "demo-0"), ("J", "demo-1"), ("J", "demo-2")] {
        window.session.press(key);
        window.focuses(id);
    }
    window.reads(COUNT, "3 selected");
    assert_eq!(selected(window), json!(THREE));
}

/// The cards that look selected, in the order of the board.
fn selected(window: &Window) -> Value {
    window.ask(
        "return [...document.querySelectorAll('[data-testid=card][data-selected]')].map((card) => card.dataset.id);",
    )
}

/// Waits until the files of all three have `value` in `field`.
fn are_filed(project: &Project, field: &str, value: &Value) {
    for id in THREE {
        is_filed(project, id, field, value);
    }
}

/// How many events there are of each of the three.
fn events(project: &Project) -> [usize; 3] {
    let entries = std::fs::read_dir(project.at("project/events")).into_iter().flatten().flatten();
    let texts: Vec<String> =
        entries.map(|entry| std::fs::read_to_string(entry.path()).expect("an event")).collect();
    THREE.map(|id| texts.iter().filter(|text| text.contains(&format!("\"{id}\""))).count())
}

pub(crate) fn three_selected_cards_change_together_and_each_change_is_one_step_to_take_back(door: Door) {
    let project = Project::with_issues(5);
    let Some(window) = door.open(&project) else { return };
    let others = ["demo-3", "demo-4"].map(|id| project.text(&path(id)));
    select_three(&window);

    window.session.press("s");
    window.click("[data-testid=bulk-status-list] [data-value=in_progress]");
    are_filed(&project, "status", &json!("in_progress"));
    THREE.iter().for_each(|id| window.moves(id, "in_progress"));
    window.reads(NOTICE, "Moved 3 issues to In Progress");
    window.reads(COUNT, "3 selected");
    window.settle(&project);
    assert_eq!(events(&project), [1, 1, 1], "each has its own event");
    window.push("undo");
    are_filed(&project, "status", &json!("open"));
    window.reads(NOTICE, "Took back: Moved 3 issues to In Progress");
    THREE.iter().for_each(|id| window.moves(id, "open"));

    window.session.press("t");
    window.shows("[data-testid=bulk-labels-list] input:focus");
    window.session.press("together");
    window.reads("[data-testid=bulk-labels-list]", "Add “together”");
    window.session.press(ENTER);
    are_filed(&project, "labels", &json!(["together"]));
    window.shows("[data-testid=bulk-labels-list] [data-value=together][aria-selected=true]");
    window.session.press(ESCAPE);
    window.shows_no("[data-testid=bulk-labels-list]");
    window.reads(COUNT, "3 selected");

    window.push("bulk-assignee");
    window.shows("[data-testid=bulk-assignee-list] input:focus");
    window.session.press("grace");
    window.session.press(ENTER);
    are_filed(&project, "assignee", &json!("grace"));
    window.shows_no("[data-testid=bulk-assignee-list]");
    window.settle(&project);

    window.session.chord(CONTROL, 'z');
    are_filed(&project, "assignee", &Value::Null);
    assert_eq!(filed(&project, "demo-0", "labels"), json!(["together"]), "one step is one change");
    window.reads(NOTICE, "Took back: Assigned 3 issues to grace");
    window.session.chord(CONTROL, 'z');
    are_filed(&project, "labels", &json!([]));
    window.settle(&project);
    assert_eq!(["demo-3", "demo-4"].map(|id| project.text(&path(id))), others, "nobody else was touched");

    window.session.press(ESCAPE);
    window.shows_no(BULK);
    assert_eq!(selected(&window), json!([]), "Esc lets go of the selection");
}

/// Three cards of which the first two have the label without which nobody may start.
fn asked() -> Project {
    let project = Project::with_issues(3);
    for number in 0..2 {
        let issue = Issue::numbered(number);
        project.replace(
            &issue.path(),
            issue.text().replace("\"labels\": []", "\"labels\": [\n    \"asked\"\n  ]"),
        );
    }
    project.write(
        "project/policies/house.policy",
        "Feature: House\n  Scenario: Nobody starts unasked\n    When transitioning to \"in_progress\"\n    \
         Then the issue must have label \"asked\"\n",
    );
    project.commit("a policy");
    project
}

pub(crate) fn where_some_of_several_are_refused_the_rest_is_done_and_it_is_said_which_and_why(door: Door) {
    let project = asked();
    let Some(window) = door.open(&project) else { return };
    let before = project.text(&path("demo-2"));
    select_three(&window);
    window.push("bulk-status");
    window.click("[data-testid=bulk-status-list] [data-value=in_progress]");
    let said = window.reads("[data-testid=bulk-results]", "2 of 3 were changed");
    for words in ["demo-2", "issue does not have label \"asked\"", "house.policy"] {
        assert!(said.contains(words), "it says {words:?}: {said}");
    }
    assert_eq!(window.count("[data-testid=bulk-result]"), 1, "only what was refused is named: {said}");
    for id in ["demo-0", "demo-1"] {
        is_filed(&project, id, "status", &json!("in_progress"));
        window.moves(id, "in_progress");
    }
    window.moves("demo-2", "open");
    assert_eq!(project.text(&path("demo-2")), before, "what is refused is not touched");
    window.reads(NOTICE, "Moved 2 issues to In Progress");
    window.settle(&project);
    window.push("undo");
    for id in ["demo-0", "demo-1"] {
        is_filed(&project, id, "status", &json!("open"));
    }
    window.settle(&project);
    assert_eq!(project.text(&path("demo-2")), before, "nor when the rest is taken back");
}

pub(crate) fn several_cards_that_are_refused_during_a_merge_are_written_anyway_together(door: Door) {
    let project = Project::with_issues(3);
    begin_merge(&project);
    let Some(window) = door.open(&project) else { return };
    let before = THREE.map(|id| project.text(&path(id)));
    select_three(&window);
    window.push("bulk-status");
    window.click("[data-testid=bulk-status-list] [data-value=in_progress]");
    window.reads("[data-testid=bulk-results]", "0 of 3 were changed");
    assert_eq!(window.count("[data-testid=bulk-result][data-code=git_busy]"), 3);
    window.push("bulk-again");
    window.reads("[data-testid=bulk-results]", "0 of 3 were changed");
    assert_eq!(THREE.map(|id| project.text(&path(id))), before, "to try again is not to write anyway");
    THREE.iter().for_each(|id| window.moves(id, "open"));
    window.push("bulk-anyway");
    are_filed(&project, "status", &json!("in_progress"));
    window.shows_no("[data-testid=bulk-results]");
    window.reads(NOTICE, "Moved 3 issues to In Progress");
    window.settle(&project);
}

pub(crate) fn three_selected_cards_are_carried_by_the_mouse_to_where_all_of_them_may_go(door: Door) {
    let project = Project::with_issues(4);
    let Some(window) = door.open(&project) else { return };
    let before = THREE.map(|id| project.text(&path(id)));
    select_three(&window);
    take(&window, "demo-1");
    window.reads("[data-testid=carried]", "3 issues");
    let at = over(&window, "blocked", "Not all of them may go to Blocked");
    window.session.mouse(at, Some("pointerUp"));
    window.shows_no("[data-testid=carried]");
    assert_eq!(THREE.map(|id| project.text(&path(id))), before, "where they may not go they are not put");

    take(&window, "demo-1");
    let at = over(&window, "in_progress", "Start work: to In Progress");
    window.session.mouse(at, Some("pointerUp"));
    are_filed(&project, "status", &json!("in_progress"));
    THREE.iter().for_each(|id| window.moves(id, "in_progress"));
    window.reads(NOTICE, "Moved 3 issues to In Progress");
    assert_eq!(window.count("[data-testid=inspector]"), 0, "a drag is no click");
    assert_eq!(window.column_of("demo-3").as_deref(), Some("open"), "what is not selected stays");
    window.push("undo");
    are_filed(&project, "status", &json!("open"));
    window.settle(&project);
}

pub(crate) fn selected_cards_are_deleted_together_once_it_is_agreed_to(door: Door) {
    let project = Project::with_issues(4);
    let Some(window) = door.open(&project) else { return };
    let before = THREE.map(|id| project.text(&path(id)));
    select_three(&window);
    window.push("bulk-delete");
    window.reads("dialog[data-testid=delete]", "Delete 3 issues?");
    assert_eq!(window.count("[data-testid=delete-item]"), 3);
    window.push("delete-yes");
    THREE.iter().for_each(|id| window.shows_no(&card(id)));
    until("the files to be gone", || THREE.iter().all(|id| !project.at(&path(id)).exists()).then_some(()));
    window.shows_no(BULK);
    window.reads(NOTICE, "Deleted 3 issues");
    assert!(project.at(&path("demo-3")).exists(), "what is not selected stays");
    window.settle(&project);
    window.push("undo");
    THREE.iter().for_each(|id| window.shows(&card(id)));
    window.settle(&project);
    assert_eq!(THREE.map(|id| project.text(&path(id))), before, "all of them come back to the byte");
}
