//! The dialog that asks before an issue is deleted, with everything below it.

use hearsay_tests::record::{event, path};
use hearsay_tests::wait::until;
use hearsay_tests::{Issue, Project};
use serde_json::json;

use crate::desk::{INSPECTOR, NOTICE};
use crate::door::Door;
use crate::window::{ESCAPE, Window, card};

const DIALOG: &str = "dialog[data-testid=delete]";
/// One above the next.
const LINE: [&str; 3] = ["demo-1", "demo-2", "demo-3"];

/// Opens the dialog for `demo-1`.
fn ask(window: &Window) {
    window.push("issue-menu");
    window.push("menu-delete");
    window.shows(DIALOG);
}

pub(crate) fn deleting_names_all_that_goes_with_it_and_taken_back_every_byte_is_there(door: Door) {
    let project = Project::with_issues(5);
    for (number, parent) in [(2, "demo-1"), (3, "demo-2")] {
        project.put(&Issue { parent: Some(parent.to_owned()), ..Issue::numbered(number) });
    }
    let (history, said) = event("demo-2", "ada", 1, 1);
    project.write(&history, &said);
    project.commit("one above the next");
    let Some(window) = door.open(&project) else { return };
    let before = LINE.map(|id| project.text(&path(id)));
    window.open_issue("demo-1");

    for leave in ["delete-cancel", ESCAPE] {
        ask(&window);
        let words = window.reads(DIALOG, "2 issues below go with it:");
        for title in
            ["Delete demo-1?", "Issue 1", "Issue 2", "Issue 3", "Their history goes as well", "Delete all 3"]
        {
            assert!(words.contains(title), "it names {title:?}: {words}");
        }
        let named = window.ask(
            "return [...document.querySelectorAll('[data-testid=delete-item]')].map((item) => item.dataset.id);",
        );
        assert_eq!(named, json!(LINE), "these and no other");
        window.shows("[data-testid=delete-cancel]:focus");
        if leave == ESCAPE {
            window.session.press(leave);
        } else {
            window.push(leave);
        }
        window.shows_no(DIALOG);
        assert_eq!(project.git(&["status", "--porcelain"]), "", "left, nothing has happened");
    }
    window.shows(INSPECTOR);

    ask(&window);
    window.push("delete-yes");
    LINE.iter().for_each(|id| window.shows_no(&card(id)));
    until("the files to be gone", || LINE.iter().all(|id| !project.at(&path(id)).exists()).then_some(()));
    assert!(!project.at(&history).exists(), "its history goes as well");
    for id in ["demo-0", "demo-4"] {
        assert!(project.at(&path(id)).exists(), "{id} was not above or below");
        window.shows(&card(id));
    }
    window.reads(NOTICE, "Deleted demo-1");
    window.settle(&project);

    window.push("undo");
    LINE.iter().for_each(|id| window.shows(&card(id)));
    window.settle(&project);
    assert_eq!(LINE.map(|id| project.text(&path(id))), before);
    assert_eq!(project.git(&["diff", "--name-only", "HEAD", "--", "project/issues"]), "");
    assert_eq!(project.text(&history), said, "so does its history");
}
