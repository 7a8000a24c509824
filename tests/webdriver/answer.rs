//! What a person changes in an open issue: it is in its file, it can be taken back, or it is said why it was not done.

use hearsay_tests::record::path;
use hearsay_tests::wait::until;
use hearsay_tests::{Issue, Project};
use serde_json::{Value, json};

use crate::desk::{DRAFT, INSPECTOR, NOTICE, REFUSED, TITLE, TITLE_TEXT, filed, is_filed, is_refused};
use crate::door::Door;
use crate::window::{CONTROL, ENTER, ESCAPE, card};

/// The lines that a diff of the committed project adds, without what they are set to.
fn added(project: &Project) -> Vec<String> {
    let diff = project.git(&["diff", "-U0", "--", "project/issues"]);
    let lines = diff.lines().filter(|line| line.starts_with('+') && !line.starts_with("+++"));
    lines.map(|line| line[1..].split(':').next().unwrap_or_default().trim().to_owned()).collect()
}

pub(crate) fn a_title_edited_in_place_is_in_the_file_and_undo_takes_it_back(door: Door) {
    let project = Project::with_issues(3);
    let Some(window) = door.open(&project) else { return };
    window.open_issue("demo-1");
    window.type_title("Hear it sooner");
    assert_eq!(filed(&project, "demo-1", "title"), "Issue 1", "what is typed is a draft");
    window.session.press(ENTER);
    is_filed(&project, "demo-1", "title", &json!("Hear it sooner"));
    assert_eq!(added(&project), ["\"title\"", "\"updated_at\""], "nothing else of the file is another");
    window.reads(TITLE, "Hear it sooner");
    window.reads(&card("demo-1"), "Hear it sooner");
    window.shows_no(&format!("{TITLE_TEXT}, {DRAFT}"));
    window.settle(&project);

    window.reads(NOTICE, "Changed the title of demo-1");
    window.push("undo");
    is_filed(&project, "demo-1", "title", &json!("Issue 1"));
    window.reads(TITLE, "Issue 1");
    window.reads(&card("demo-1"), "Issue 1");
    window.reads(NOTICE, "Took back");
    window.push("redo");
    is_filed(&project, "demo-1", "title", &json!("Hear it sooner"));
    window.reads(NOTICE, "Undo");

    window.session.press(ESCAPE);
    window.shows_no(INSPECTOR);
    window.session.chord(CONTROL, 'z');
    is_filed(&project, "demo-1", "title", &json!("Issue 1"));
    window.settle(&project);
}

/// The comments of the file, by author and text.
fn comments(project: &Project) -> Vec<(String, String)> {
    let comments = filed(project, "demo-1", "comments");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    comments
        .as_array()
        .into_iter()
        .flatten()
        .map(|comment| (text(&comment["author"]), text(&comment["text"])))
        .collect()
}

fn has_comments(project: &Project, texts: &[&str]) {
    until(&format!("the comments {texts:?}"), || {
        let written = comments(project);
        written.iter().map(|(_, text)| text.as_str()).eq(texts.iter().copied()).then_some(())
    });
}

pub(crate) fn a_comment_is_written_edited_and_deleted(door: Door) {
    let project = Project::with_issues(3);
    let mut issue = Issue::numbered(1);
    issue.comments = vec!["Said before.".to_owned()];
    project.put(&issue);
    let Some(window) = door.open(&project) else { return };
    window.open_issue("demo-1");
    let sending = "textarea[data-testid=comment-box-text]";
    window.types(sending, "Heard *twice*.");
    window.shows(&format!("{DRAFT}[data-field=comment]"));
    window.push("comment-box-preview");
    window.reads("[data-testid=comment-box] em", "twice");
    window.push("comment-box-write");
    assert_eq!(comments(&project).len(), 1, "what is typed is a draft");
    window.push("comment-send");
    has_comments(&project, &["Said before.", "Heard *twice*."]);
    assert!(!comments(&project)[1].0.is_empty(), "it has an author: {:?}", comments(&project));
    let shown = "[data-testid=comment]:nth-of-type(2)";
    window.reads(&format!("{shown} em"), "twice");
    window.shows_no(DRAFT);
    assert_eq!(window.value(sending), "", "what was sent does not stand there any more");

    window.click("[data-testid=comment-edit] button");
    let editing = "textarea[data-testid=comment-editor-text]";
    window.types(editing, " And again.");
    window.session.chord(CONTROL, ENTER.chars().next().expect("a key"));
    has_comments(&project, &["Said before. And again.", "Heard *twice*."]);
    window.reads("[data-testid=comment]", "And again.");

    window.click(&format!("{shown} [data-testid=comment-delete] button"));
    assert_eq!(comments(&project).len(), 2, "it asks first");
    window.push("comment-delete-yes");
    has_comments(&project, &["Said before. And again."]);
    window.shows_no(shown);
    window.settle(&project);
}

pub(crate) fn a_duplicate_title_is_refused_where_it_was_typed_and_the_board_says_what_the_file_has(
    door: Door,
) {
    let project = Project::with_issues(3);
    let Some(window) = door.open(&project) else { return };
    window.open_issue("demo-1");
    let before = project.text(&path("demo-1"));
    window.watch_card("demo-1");
    window.type_title("Issue 2");
    window.session.press(ENTER);
    is_refused(
        &window,
        "demo-1/title",
        &["\"Issue 2\" already exists as demo-2", "Say in the title what is different."],
    );
    until("the card to say what the file has", || {
        (window.looks() == json!([["open", "Issue 1"], ["open", "Issue 2"], ["open", "Issue 1"]]))
            .then_some(())
    });
    assert_eq!(project.text(&path("demo-1")), before, "nothing was written");
    window.settle(&project);
    assert_eq!(window.value(TITLE_TEXT), "Issue 2", "what was typed is still there");

    window.types(TITLE_TEXT, ", heard by another");
    window.session.press(ENTER);
    is_filed(&project, "demo-1", "title", &json!("Issue 2, heard by another"));
    window.shows_no(&format!("{REFUSED}, {DRAFT}"));
    window.settle(&project);
}

pub(crate) fn a_move_that_a_policy_refuses_is_said_with_the_policy_and_the_card_goes_back(door: Door) {
    let project = Project::with_issues(3);
    project.write(
        "project/policies/house.policy",
        "Feature: House\n  Scenario: Nobody starts unasked\n    When transitioning to \"in_progress\"\n    \
         Then the issue must have label \"asked\"\n",
    );
    let Some(window) = door.open(&project) else { return };
    let before = project.text(&path("demo-0"));
    window.watch_card("demo-0");
    window.session.press("j");
    window.focuses("demo-0");
    window.session.press("L");
    is_refused(&window, "foot", &["issue does not have label \"asked\"", "house.policy"]);
    until("the card to go back", || {
        (window.looks() == json!([["open", "Issue 0"], ["in_progress", "Issue 0"], ["open", "Issue 0"]]))
            .then_some(())
    });
    assert_eq!(project.text(&path("demo-0")), before, "nothing was written");
    window.shows_no("[data-testid=card-draft]");
    window.push("dismiss-refusal");
    window.shows_no(REFUSED);
    window.settle(&project);
}
