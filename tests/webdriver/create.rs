//! The dialog for a new issue: what is refused there, what comes of it, and what is kept when it is left.

use std::collections::BTreeSet;

use hearsay_tests::Project;
use hearsay_tests::wait::until;
use serde_json::{Value, json};

use crate::desk::{INSPECTOR, NOTICE, REFUSED, TITLE, filed, is_refused};
use crate::door::Door;
use crate::sample;
use crate::window::{CONTROL, ENTER, ESCAPE, Window, card};

const DIALOG: &str = "dialog[data-testid=create]";
const NAME: &str = "input[data-testid=create-title]";
const TEXT: &str = "textarea[data-testid=create-description-text]";

/// Opens the dialog by its key; it is ready for a title.
fn begin(window: &Window) {
    window.session.press("c");
    window.shows(&format!("{NAME}:focus"));
}

/// Types another title over the one that is there.
fn name(window: &Window, title: &str) {
    window.click(NAME);
    window.session.chord(CONTROL, 'a');
    window.session.press(title);
    until(&format!("{title:?} to stand there"), || (window.value(NAME) == title).then_some(()));
}

/// Chooses `value` in the list of the dialog's `field`.
fn choose(window: &Window, field: &str, value: &str) {
    window.push(&format!("create-{field}"));
    window.click(&format!("[data-testid=create-{field}-list] [data-value='{value}']"));
}

/// The names of the issue files.
fn files(project: &Project) -> BTreeSet<String> {
    let entries = std::fs::read_dir(project.at("project/issues")).expect("a directory").flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.ends_with(".json")).collect()
}

/// The id of the one issue that is not in `before`.
fn created(project: &Project, before: &BTreeSet<String>) -> String {
    until("a new issue", || {
        let new: Vec<String> = files(project).difference(before).cloned().collect();
        match &new[..] {
            [] => None,
            [one] => Some(one.trim_end_matches(".json").to_owned()),
            several => panic!("one was asked for: {several:?}"),
        }
    })
}

pub(crate) fn a_new_issue_has_what_was_chosen_and_has_the_focus(door: Door) {
    let project = sample::project();
    let Some(window) = door.open(&project) else { return };
    let before = files(&project);
    begin(&window);
    window.reads(DIALOG, "It begins as Ready.");
    name(&window, "Hear what is created");
    window.types(TEXT, "With **words**.");
    choose(&window, "type", "bug");
    choose(&window, "priority", "1");
    choose(&window, "parent", "demo-1");
    choose(&window, "assignee", "ada");
    choose(&window, "labels", "core");
    window.push("create-save");
    let id = created(&project, &before);
    window.shows_no(DIALOG);
    for (field, value) in [
        ("title", json!("Hear what is created")),
        ("description", json!("With **words**.")),
        ("type", json!("bug")),
        ("priority", json!(1)),
        ("parent", json!("demo-1")),
        ("assignee", json!("ada")),
        ("labels", json!(["core"])),
        ("status", json!("open")),
    ] {
        assert_eq!(filed(&project, &id, field), value, "{field}");
    }
    window.shows(&format!("{INSPECTOR}[data-key='card:{id}']"));
    window.reads(TITLE, "Hear what is created");
    window.reads(NOTICE, "Created “Hear what is created”");
    window.session.press(ESCAPE);
    window.shows_no(INSPECTOR);
    window.focuses(&id);
    window.settle(&project);

    begin(&window);
    assert_eq!(window.value(NAME), "", "what was created is no draft any more");
    window.session.press(ESCAPE);
    window.shows_no(DIALOG);
    window.push("undo");
    window.shows_no(&card(&id));
    assert_eq!(files(&project), before, "taken back, it is gone");
    window.settle(&project);
}

pub(crate) fn a_title_of_spaces_and_one_that_is_taken_are_refused_where_they_were_typed(door: Door) {
    let project = Project::with_issues(3);
    let Some(window) = door.open(&project) else { return };
    let before = files(&project);
    begin(&window);
    window.shows("[data-testid=create-save][aria-disabled=true]");
    name(&window, "   ");
    window.session.press(ENTER);
    is_refused(&window, "create", &["Title is required", "Say in a few words what is to be done."]);
    name(&window, "issue 2");
    window.push("create-save");
    is_refused(
        &window,
        "create",
        &["\"issue 2\" already exists as demo-2", "Say in the title what is different."],
    );
    assert_eq!(window.value(NAME), "issue 2", "what was typed is still there");
    assert_eq!(files(&project), before, "nothing was written");
    name(&window, "Issue 2, heard by another");
    window.session.press(ENTER);
    let id = created(&project, &before);
    window.shows_no(&format!("{DIALOG}, {REFUSED}"));
    assert_eq!(filed(&project, &id, "title"), "Issue 2, heard by another");
    assert_eq!(filed(&project, &id, "parent"), Value::Null);
    window.settle(&project);
}

pub(crate) fn what_was_typed_for_a_new_issue_is_kept_until_it_is_created_or_thrown_away(door: Door) {
    let project = Project::with_issues(3);
    let Some(window) = door.open(&project) else { return };
    let before = files(&project);
    begin(&window);
    name(&window, "Half of a thought");
    window.types(TEXT, "And the other half.");
    choose(&window, "type", "bug");
    window.push("create-priority");
    window.shows("[data-testid=create-priority-list] input:focus");
    window.session.press(ESCAPE);
    window.shows_no("[data-testid=create-priority-list]");
    assert_eq!(window.count(DIALOG), 1, "Esc closes the top layer only");
    window.session.press(ESCAPE);
    window.shows_no(DIALOG);

    let is_kept = |window: &Window| {
        assert_eq!([NAME, TEXT].map(|at| window.value(at)), ["Half of a thought", "And the other half."]);
        window.reads("[data-testid=create-type]", "bug");
    };
    begin(&window);
    is_kept(&window);
    window.push("create-cancel");
    window.shows_no(DIALOG);
    let Some(window) = door.again(window, &project) else { return };
    begin(&window);
    is_kept(&window);
    assert_eq!(files(&project), before, "a draft is in no file");
    window.push("create-discard");
    until("an empty dialog", || ([NAME, TEXT].map(|at| window.value(at)) == ["", ""]).then_some(()));
    window.session.press(ESCAPE);
    window.shows_no(DIALOG);
    begin(&window);
    assert_eq!(window.value(NAME), "", "what was thrown away is gone");
}
