//! Git is in the middle of something: what a person wants is refused in words, waits as a draft, and is written anyway
//! where they say so.

use hearsay_tests::Project;
use hearsay_tests::record::path;
use hearsay_tests::wait::until;
use serde_json::json;

use crate::desk::{DRAFT, NOTICE, REFUSED, TITLE, TITLE_TEXT, filed, is_filed, is_refused};
use crate::door::Door;
use crate::window::{ENTER, card};

/// What a busy Git is answered with.
const BUSY: [&str; 2] = ["Git is busy: merge", "write anyway"];

/// Leaves `project` in the middle of a merge that touches no issue.
pub(crate) fn begin_merge(project: &Project) {
    project.git(&["switch", "-q", "-c", "other"]);
    project.write("notes.md", "Of another branch.\n");
    project.commit("notes");
    project.git(&["switch", "-q", "main"]);
    project.git(&["merge", "-q", "--no-ff", "--no-commit", "other"]);
    assert!(project.at(".git/MERGE_HEAD").is_file(), "a merge is under way");
}

pub(crate) fn an_edit_during_a_merge_is_refused_and_its_draft_outlives_a_restart_until_it_is_written_anyway(
    door: Door,
) {
    let project = Project::with_issues(3);
    let Some(window) = door.open(&project) else { return };
    window.open_issue("demo-1");
    let before = project.text(&path("demo-1"));
    begin_merge(&project);
    window.type_title("Mine");
    window.session.press(ENTER);
    is_refused(&window, "demo-1/title", &BUSY);
    assert_eq!(project.text(&path("demo-1")), before, "nothing was written");
    assert_eq!(window.value(TITLE_TEXT), "Mine", "what was typed is still there");
    window.reads(&card("demo-1"), "Issue 1");
    window.shows(&format!("{} [data-testid=card-draft]", card("demo-1")));

    let Some(window) = door.again(window, &project) else { return };
    window.shows(&format!("{} [data-testid=card-draft]", card("demo-1")));
    window.open_issue("demo-1");
    window.reads(&format!("{DRAFT}[data-field=title]"), "Draft: Mine");
    window.click(&format!("{DRAFT}[data-field=title] [data-testid=draft-continue]"));
    window.push("title-save");
    is_refused(&window, "demo-1/title", &BUSY);
    assert_eq!(project.text(&path("demo-1")), before, "a restart is no leave to write");
    window.push("write-anyway");
    is_filed(&project, "demo-1", "title", &json!("Mine"));
    window.reads(TITLE, "Mine");
    window.shows_no(&format!("{REFUSED}, {DRAFT}, {TITLE_TEXT}, [data-testid=card-draft]"));
    assert!(project.at(".git/MERGE_HEAD").is_file(), "the merge is the person's to end");
    window.settle(&project);
}

pub(crate) fn a_card_that_is_moved_during_a_merge_goes_back_and_moves_once_the_merge_has_ended(door: Door) {
    let project = Project::with_issues(3);
    let Some(window) = door.open(&project) else { return };
    let before = project.text(&path("demo-0"));
    begin_merge(&project);
    window.watch_card("demo-0");
    window.session.press("j");
    window.focuses("demo-0");
    window.session.press("L");
    is_refused(&window, "foot", &BUSY);
    until("the card to go back", || {
        (window.looks() == json!([["open", "Issue 0"], ["in_progress", "Issue 0"], ["open", "Issue 0"]]))
            .then_some(())
    });
    assert_eq!(project.text(&path("demo-0")), before, "nothing was written");
    window.shows(&format!("{} [data-testid=card-draft]", card("demo-0")));
    window.push("try-again");
    is_refused(&window, "foot", &BUSY);
    assert_eq!(project.text(&path("demo-0")), before, "to try again is not to write anyway");

    project.git(&["commit", "-q", "-m", "merged"]);
    window.push("try-again");
    is_filed(&project, "demo-0", "status", &json!("in_progress"));
    window.moves("demo-0", "in_progress");
    window.shows_no(&format!("{REFUSED}, [data-testid=card-draft]"));
    window.settle(&project);
}

pub(crate) fn what_was_written_anyway_during_a_merge_is_taken_back_anyway(door: Door) {
    let project = Project::with_issues(3);
    begin_merge(&project);
    let Some(window) = door.open(&project) else { return };
    window.session.press("j");
    window.focuses("demo-0");
    window.session.press("L");
    is_refused(&window, "foot", &BUSY);
    window.push("write-anyway");
    is_filed(&project, "demo-0", "status", &json!("in_progress"));
    window.moves("demo-0", "in_progress");
    window.reads(NOTICE, "Moved demo-0 to In Progress");
    window.push("undo");
    is_refused(&window, "foot", &BUSY);
    assert_eq!(filed(&project, "demo-0", "status"), "in_progress", "to take back is to write");
    window.push("write-anyway");
    is_filed(&project, "demo-0", "status", &json!("open"));
    window.moves("demo-0", "open");
    window.shows_no(REFUSED);
    window.settle(&project);
}
