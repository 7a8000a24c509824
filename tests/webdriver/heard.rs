//! What is heard and not in the files: marked where it is shown, until the files say it.

use hearsay_tests::envelope::{deleted, just_now, mutated, with};
use hearsay_tests::record::path;
use hearsay_tests::wait::until;
use hearsay_tests::{Issue, Project, peers};
use serde_json::json;

use crate::door::Door;
use crate::hearing::{Hearing, heard};
use crate::sample;
use crate::window::{ESCAPE, Window, card};

const INSPECTOR: &str = "[data-testid=inspector]";
/// The sign of hearsay.
const MARK: &str = "[data-testid=heard-mark]";
/// What the file has where something else is heard.
const IN_THE_FILE: &str = "[data-testid=in-the-file]";
/// Every card of which something is heard.
const MARKED: &str = "[data-testid=card][data-heard]";

/// What is said by the signs in the first element that `selector` finds.
fn marks(window: &Window, selector: &str) -> Vec<String> {
    let titles = window.session.run(
        "const of = document.querySelector(arguments[0]);
         return [...of.querySelectorAll(arguments[1])].map((mark) => mark.title).sort();",
        &[json!(selector), json!(MARK)],
    );
    titles.as_array().into_iter().flatten().filter_map(|title| title.as_str().map(str::to_owned)).collect()
}

/// How `property` of the first element that `selector` finds is painted.
fn style(window: &Window, selector: &str, property: &str) -> String {
    let value = window.session.run(
        "return getComputedStyle(document.querySelector(arguments[0])).getPropertyValue(arguments[1]);",
        &[json!(selector), json!(property)],
    );
    value.as_str().unwrap_or_default().to_owned()
}

fn moves(window: &Window, id: &str, to: &str) {
    until(&format!("{id} in {to}"), || (window.column_of(id).as_deref() == Some(to)).then_some(()));
}

pub(crate) fn what_is_heard_is_marked_on_its_fields_until_the_file_says_it(door: Door) {
    let Some(mut hearing) = Hearing::open(door, sample::gossiping()) else { return };
    let before = hearing.project.text(&path("demo-3"));
    hearing.window.ask("window.sameAsBefore = true;");
    let fields = json!({
        "title": "Fold every lull", "status": "in_progress", "priority": 1,
        "agent": {"platform": "Codex", "model": "gpt", "name": "codex-3"},
    });
    let issue = hearing.hears("demo-3", fields);
    let (window, project) = (&hearing.window, &hearing.project);
    moves(window, "demo-3", "in_progress");
    let marked = heard("demo-3", "fields");
    let said = window.reads(&marked, "Fold every lull");
    assert!(said.contains("from codex-3"), "from whom: {said}");
    let signs = marks(window, &marked);
    assert_eq!(signs[1..], ["Heard title".to_owned(), "Heard: agent, status".to_owned()], "{signs:?}");
    assert_eq!(signs[0], "Heard priority", "a field that the card shows is marked where it is shown");
    assert_eq!(style(window, &marked, "border-top-style"), "dashed");
    window.counts_on(&format!("{marked} [data-testid=heard]"), "from codex-3");
    window.reads(&format!("{marked} [data-testid=refusal]"), "Kanbus refuses to change it here");
    assert_eq!(window.count(MARKED), 1, "no other card is");
    window.settle(project);
    assert_eq!(project.text(&path("demo-3")), before, "what is heard changes no file");

    hearing.write(&issue);
    window.shows_no(MARKED);
    assert_eq!(window.count(MARK) + window.count("[data-testid=refusal]"), 0, "nothing is left of the marks");
    let plain = card("demo-3");
    assert_eq!(style(window, &plain, "border-top-style"), "solid");
    window.shows(&format!("{plain} [title='not committed']"));
    window.reads(&plain, "Fold every lull");
    moves(window, "demo-3", "in_progress");
    window.settle(project);
    assert_eq!(window.ask("return window.sameAsBefore === true;"), json!(true), "without a reload");
}

pub(crate) fn what_is_heard_lies_beside_what_the_file_says_in_an_open_issue(door: Door) {
    let Some(mut hearing) = Hearing::open(door, sample::gossiping()) else { return };
    hearing.window.click_card("demo-4");
    hearing.window.reads(INSPECTOR, "About Typo in the hint");
    assert_eq!(hearing.window.count(&format!("{INSPECTOR} {MARK}")), 0);
    let comment =
        json!({"id": "c-heard", "author": "grace", "text": "Seen *twice*.", "created_at": just_now()});
    let issue = hearing.hears(
        "demo-4",
        json!({
            "title": "Two typos", "status": "review", "assignee": "grace.hopper",
            "description": "There are **two** of them.", "comments": [comment],
        }),
    );
    let window = &hearing.window;
    let note = window.reads("[data-testid=heard-note][data-heard=fields]", "from grace");
    for field in ["assignee", "comments", "description", "status", "title"] {
        assert!(note.contains(field), "the note names {field}: {note}");
    }
    window.reads(&format!("{INSPECTOR} h2"), "Two typos");
    window.reads("[data-testid=title-in-the-file]", "Typo in the hint for a missing parent");
    for (field, shown, file) in [("status", "In review", "Ready"), ("assignee", "grace.hopper", "ada")] {
        let field = format!("{INSPECTOR} dd[data-field={field}]");
        let said = window.reads(&field, shown);
        assert!(said.ends_with(&format!("in the file: {file}")), "both: {said}");
        assert_eq!(marks(window, &field), ["Heard"]);
    }
    window.reads(&format!("{INSPECTOR} .prose strong"), "two");
    let comment = window.reads("[data-testid=comment][data-state=heard]", "Seen twice.");
    assert!(comment.contains("grace") && comment.contains("heard"), "{comment}");
    window.click(&format!("{INSPECTOR} details{IN_THE_FILE} summary"));
    window.reads(&format!("{INSPECTOR} details{IN_THE_FILE}"), "About Typo in the hint");
    window.settle(&hearing.project);

    hearing.write(&issue);
    window.shows_no("[data-testid=heard-note]");
    window.shows_no(&format!("{INSPECTOR} {MARK}, {IN_THE_FILE}"));
    window.reads("[data-testid=comment][data-state=same]", "Seen twice.");
    let said = window.reads(INSPECTOR, "There are two of them.");
    assert!(said.contains("not committed"), "it is a fact now: {said}");
    window.settle(&hearing.project);
}

pub(crate) fn an_issue_that_is_only_heard_is_a_ghost_until_its_file_comes(door: Door) {
    let Some(mut hearing) = Hearing::open(door, sample::gossiping()) else { return };
    let mut issue = Issue::new("demo-ghost", "Nobody has pushed this yet").in_status("review");
    issue.updated = 30;
    hearing.say(&mutated(&issue));
    let (window, project) = (&hearing.window, &hearing.project);
    let ghost = heard("demo-ghost", "only");
    window.reads(&ghost, "Nobody has pushed this yet");
    moves(window, "demo-ghost", "review");
    assert_eq!(marks(window, &ghost), ["Heard, there is no file yet"]);
    assert_eq!(style(window, &ghost, "border-top-style"), "dashed");
    assert_eq!(window.columns()[0].count, "3", "it is counted where it stands");
    window.click_card("demo-ghost");
    window.reads("[data-testid=heard-note][data-heard=only]", "There is no file yet.");
    window.reads(INSPECTOR, "About Nobody has pushed this yet.");
    assert_eq!(window.count(IN_THE_FILE), 0, "no file has anything");
    window.settle(project);
    assert!(!project.at(&path("demo-ghost")).exists());

    project.put(&issue);
    window.shows_no(MARKED);
    window.shows(&format!("{} [title='not committed']", card("demo-ghost")));
    window.shows_no("[data-testid=heard-note]");
    window.reads(INSPECTOR, "project/issues/demo-ghost.json");
    window.settle(project);
}

pub(crate) fn an_issue_that_is_heard_deleted_is_struck_through_and_stays_until_its_file_goes(door: Door) {
    let Some(mut hearing) = Hearing::open(door, sample::gossiping()) else { return };
    hearing.say(&deleted("demo-4"));
    let (window, project) = (&hearing.window, &hearing.project);
    let struck = heard("demo-4", "deleted");
    window.reads(&format!("{struck} [data-testid=heard]"), "heard deleted");
    assert_eq!(marks(window, &struck), ["Heard deleted, the file is still here"]);
    let line = style(window, &format!("{struck} .title"), "text-decoration-line");
    assert_eq!(line, "line-through", "it can be told without a colour");
    assert_eq!(window.columns()[1].count, "5", "a file that exists is never hidden");
    window.click_card("demo-4");
    window.reads("[data-testid=heard-note][data-heard=deleted]", "The file is still here");
    window.session.press(ESCAPE);
    window.settle(project);

    // Somebody changed it after it was said to be gone: it is not.
    let kept = crate::hearing::changed(project, "demo-4", json!({"title": "Kept after all"}));
    hearing.write(&kept);
    window.shows_no(MARKED);
    window.reads(&card("demo-4"), "Kept after all");
    window.settle(project);

    hearing.say(&deleted("demo-4"));
    let (window, project) = (&hearing.window, &hearing.project);
    window.shows(&struck);
    project.remove(&path("demo-4"));
    window.shows_no(&card("demo-4"));
    assert_eq!(window.columns()[1].count, "4");
    window.settle(project);
}

pub(crate) fn the_focus_stays_on_a_card_that_something_heard_moves(door: Door) {
    let Some(mut hearing) = Hearing::open(door, sample::gossiping()) else { return };
    for (key, id) in [("j", "demo-1"), ("l", "demo-3"), ("j", "demo-4")] {
        hearing.window.session.press(key);
        hearing.window.focuses(id);
    }
    let issue = hearing.hears("demo-4", json!({"status": "in_progress"}));
    moves(&hearing.window, "demo-4", "in_progress");
    hearing.window.focuses("demo-4");
    hearing.write(&issue);
    hearing.window.shows_no(MARKED);
    hearing.window.focuses("demo-4");
    hearing.say(&with(mutated(&Issue::new("demo-ghost", "A ghost above it")), "issue_id", "demo-ghost"));
    hearing.window.shows(&heard("demo-ghost", "only"));
    hearing.window.focuses("demo-4");
    hearing.window.settle(&hearing.project);
}

pub(crate) fn what_a_colleague_does_with_kanbus_is_heard_and_is_fact_with_the_pull(door: Door) {
    let Some(client) = peers::kanbus() else { return };
    let project = Project::gossiping(4);
    let colleague = project.clone_as("colleague");
    let Some(hearing) = Hearing::open(door, project) else { return };
    let (window, project) = (&hearing.window, &hearing.project);
    colleague.kanbus(&client, &["update", "demo-3", "--title", "Changed elsewhere"]);
    let marked = heard("demo-3", "fields");
    window.reads(&marked, "Changed elsewhere");
    window.reads(&format!("{marked} [data-testid=refusal]"), "Kanbus refuses");
    let refused = project.try_kanbus(&client, &["update", "demo-3", "--priority", "3"]);
    assert!(!refused.status.success(), "what is said on the card is so");
    colleague.kanbus(&client, &["create", "Made elsewhere", "--no-agent-provenance"]);
    window.reads("[data-testid=card][data-heard=only]", "Made elsewhere");
    window.settle(project);

    colleague.push();
    project.pull();
    window.shows_no(MARKED);
    window.reads(&card("demo-3"), "Changed elsewhere");
    assert_eq!(window.count("[title='not committed']") + window.count("[data-testid=refusal]"), 0);
    window.settle(project);
    project.kanbus(&client, &["update", "demo-3", "--priority", "3"]);
    window.shows(&format!("{} [title='not committed']", card("demo-3")));
    window.settle(project);
}
