//! An agent writes with Kanbus under a draft that a person has open: what merges, what is asked, and what is lost, which
//! is nothing.

use std::path::Path;

use hearsay_tests::record::path;
use hearsay_tests::{Project, peers};
use serde_json::json;

use crate::desk::{DRAFT, INSPECTOR, MERGE, NOTICE, TITLE, TITLE_TEXT, filed, is_filed};
use crate::door::Door;
use crate::window::{ENTER, ESCAPE, Window, card};

/// What the description is typed in.
const TEXT: &str = "textarea[data-testid=description-edit-text]";

pub(crate) fn what_an_agent_writes_under_an_open_draft_merges_where_it_is_another_field(door: Door) {
    let Some(client) = peers::kanbus() else { return };
    let project = Project::with_issues(3);
    let Some(window) = door.open(&project) else { return };
    window.open_issue("demo-1");
    window.type_title("Mine");
    project
        .kanbus(&client, &["update", "demo-1", "--status", "in_progress", "--description", "From an agent."]);
    window.moves("demo-1", "in_progress");
    window.reads(&format!("{INSPECTOR} .prose"), "From an agent.");
    assert_eq!(window.value(TITLE_TEXT), "Mine", "the draft stands as it was");
    window.session.press(ENTER);
    is_filed(&project, "demo-1", "title", &json!("Mine"));
    let said = window.reads(NOTICE, "Changed the title of demo-1");
    assert!(said.contains("somebody else's description, status"), "what merged is said: {said}");
    for (field, value) in [("status", "in_progress"), ("description", "From an agent.")] {
        assert_eq!(filed(&project, "demo-1", field), value, "theirs stays");
    }
    assert_eq!(window.count(MERGE), 0, "nothing is asked");
    window.shows_no(&format!("{TITLE_TEXT}, {DRAFT}"));

    window.push("undo");
    is_filed(&project, "demo-1", "title", &json!("Issue 1"));
    assert_eq!(filed(&project, "demo-1", "status"), "in_progress", "what is taken back is mine alone");
    window.settle(&project);
}

/// Types a title for `id`, has an agent write another, and saves: the merge view is up.
fn fight(window: &Window, project: &Project, client: &Path, id: &str) {
    window.open_issue(id);
    window.type_title(&format!("Mine of {id}"));
    let theirs = format!("Theirs of {id}");
    project.kanbus(client, &["update", id, "--title", &theirs]);
    window.reads(&card(id), &theirs);
    window.session.press(ENTER);
    let said = window.reads(MERGE, "Two versions of the same field");
    for words in ["Before", "Theirs", "Mine", &theirs, &format!("Mine of {id}")] {
        assert!(said.contains(words), "it shows {words:?}: {said}");
    }
    assert_eq!(
        window.count("[data-testid=merge-field][data-field=title] input:checked"),
        0,
        "nothing is chosen"
    );
    assert_eq!(filed(project, id, "title"), theirs.as_str(), "nothing is written");
}

/// The merge view is gone, and with it the draft.
fn is_decided(window: &Window, title: &str) {
    window.shows_no(&format!("{MERGE}, {TITLE_TEXT}, {DRAFT}"));
    window.reads(TITLE, title);
}

pub(crate) fn the_same_field_raises_the_merge_view_and_each_of_its_ways_does_what_it_says(door: Door) {
    let Some(client) = peers::kanbus() else { return };
    let project = Project::with_issues(6);
    let Some(window) = door.open(&project) else { return };

    fight(&window, &project, &client, "demo-0");
    let theirs = project.text(&path("demo-0"));
    window.push("merge-cancel");
    window.shows_no(MERGE);
    assert_eq!(window.value(TITLE_TEXT), "Mine of demo-0", "cancelled, the draft is kept");
    assert_eq!(project.text(&path("demo-0")), theirs, "cancelled, nothing is written");
    window.push("title-save");
    window.shows(MERGE);
    window.session.press(ESCAPE);
    window.shows_no(MERGE);
    assert_eq!(window.value(TITLE_TEXT), "Mine of demo-0", "Esc is the same");
    window.push("title-save");
    window.push("merge-reload");
    is_decided(&window, "Theirs of demo-0");
    window.settle(&project);
    assert_eq!(project.text(&path("demo-0")), theirs, "reloaded, theirs stays to the byte");

    fight(&window, &project, &client, "demo-1");
    window.push("merge-overwrite");
    is_filed(&project, "demo-1", "title", &json!("Mine of demo-1"));
    is_decided(&window, "Mine of demo-1");

    fight(&window, &project, &client, "demo-2");
    window.shows("[data-testid=merge-save][aria-disabled=true]");
    window.push("merge-theirs");
    window.shows("[data-testid=merge-save][aria-disabled=false]");
    window.push("merge-save");
    is_decided(&window, "Theirs of demo-2");
    assert_eq!(filed(&project, "demo-2", "title"), "Theirs of demo-2", "per field, theirs");

    fight(&window, &project, &client, "demo-3");
    window.push("merge-mine");
    window.push("merge-save");
    is_filed(&project, "demo-3", "title", &json!("Mine of demo-3"));
    is_decided(&window, "Mine of demo-3");
    window.settle(&project);

    // Whoever decides decides between the two that are shown: a third version is asked about anew.
    fight(&window, &project, &client, "demo-4");
    project.kanbus(&client, &["update", "demo-4", "--title", "A third one"]);
    window.reads(&card("demo-4"), "A third one");
    window.push("merge-overwrite");
    window.reads(&format!("{MERGE} [data-testid=merge-field]"), "A third one");
    assert_eq!(filed(&project, "demo-4", "title"), "A third one", "nothing that nobody saw is overwritten");
    window.push("merge-overwrite");
    is_filed(&project, "demo-4", "title", &json!("Mine of demo-4"));
    is_decided(&window, "Mine of demo-4");
    window.settle(&project);
}

pub(crate) fn a_draft_is_there_after_a_restart_and_overwrites_nothing_that_came_meanwhile(door: Door) {
    let Some(client) = peers::kanbus() else { return };
    let project = Project::with_issues(3);
    let Some(window) = door.open(&project) else { return };
    window.open_issue("demo-1");
    window.type_title("Mine");
    window.session.press(ESCAPE);
    window.reads(&format!("{DRAFT}[data-field=title]"), "Draft: Mine");
    window.click("[data-testid=edit-description] button");
    window.types(TEXT, " And more.");
    window.push("description-leave");
    window.shows(&format!("{DRAFT}[data-field=description]"));
    window.types("textarea[data-testid=comment-box-text]", "To be said.");
    window.shows(&format!("{DRAFT}[data-field=comment]"));
    window.shows(&format!("{} [data-testid=card-draft]", card("demo-1")));
    let before = project.text(&path("demo-1"));

    let Some(window) = door.again(window, &project) else { return };
    assert_eq!(project.text(&path("demo-1")), before, "a draft is in no file");
    window.shows(&format!("{} [data-testid=card-draft]", card("demo-1")));
    project.kanbus(&client, &["update", "demo-1", "--title", "Theirs"]);
    window.open_issue("demo-1");
    window.reads(TITLE, "Theirs");
    let note = window.reads(&format!("{DRAFT}[data-field=title]"), "The file has changed since you began.");
    assert!(note.contains("Draft: Mine"), "{note}");
    assert_eq!(window.value("textarea[data-testid=comment-box-text]"), "To be said.");

    window.click(&format!("{DRAFT}[data-field=description] [data-testid=draft-continue]"));
    assert_eq!(window.value(TEXT), "About Issue 1. And more.");
    window.push("description-save");
    is_filed(&project, "demo-1", "description", &json!("About Issue 1. And more."));
    window.shows_no(&format!("{DRAFT}[data-field=description]"));
    window.click(&format!("{DRAFT}[data-field=title] [data-testid=draft-continue]"));
    window.push("title-save");
    window.reads(MERGE, "Theirs");
    assert_eq!(filed(&project, "demo-1", "title"), "Theirs", "it knows what it began with");
    window.push("merge-overwrite");
    is_filed(&project, "demo-1", "title", &json!("Mine"));
    window.push("comment-send");
    window.shows_no(DRAFT);

    let Some(window) = door.again(window, &project) else { return };
    assert_eq!(window.count("[data-testid=card-draft]"), 0, "what was written is no draft any more");
}
