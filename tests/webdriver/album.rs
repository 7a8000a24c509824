//! Pictures of what a person does to issues: every box, list, dialog and refusal of it, in both themes and both sizes, in
//! `target/screenshots/`. Of each it holds that it is in sight, and that what floats lies over nothing else that floats.
//!
//! Not here: pictures of what is only shown (`look`).

use hearsay_tests::record::path;
use hearsay_tests::wait::until;
use hearsay_tests::{Issue, Project};
use serde_json::json;

use crate::at_work::finish_as;
use crate::carry::{over, take};
use crate::desk::{INSPECTOR, MERGE, NOTICE, REFUSED};
use crate::door::Door;
use crate::look::{SIZES, paint, picture, project, size};
use crate::sample;
use crate::window::{CONTROL, ENTER, ESCAPE, Window, card};

const COMMENT: &str =
    "Measured **twice**, on both doors:\n\n- `p50` is 0.45 ms\n- `p99` is 3 ms\n\n> Good enough.";
const THEIRS: &str = "A save is **three events**.\n\nAn agent says so, and says it at some length, so that there is more \
    than one line of it to read.";

/// What is said where something lies outside of the window, or over what it may not lie over.
const MISPLACED: &str = "
  const shown = (selector) => [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility());
  const floating = '[data-testid=carried], dialog[open], [data-testid=bulk] .bar, [data-testid=bulk-results], .popup, [role=menu], '
    + '[data-testid=toast], [data-testid=snooze-menu], [data-testid=notice], .foot > [data-testid=refused], [data-testid=carry-guide]';
  const name = (one) => one.dataset.testid || one.className || one.tagName;
  const said = [];
  for (const one of shown(floating + ', [data-testid=crash], [data-testid=crash-sheet], [data-testid=inbox], [data-testid=settings] .page, [data-testid=refused], [data-testid=draft], textarea')) {
    const { left, right } = one.getBoundingClientRect();
    if (left < 0 || right > innerWidth) said.push(`${name(one)} is not in sight`);
  }
  for (const one of shown('[data-testid=carried], dialog[open], [data-testid=bulk], [data-testid=notice], [data-testid=toast], [data-testid=snooze-menu], .popup')) {
    const { top, bottom } = one.getBoundingClientRect();
    if (top < 0 || bottom > innerHeight) said.push(`${name(one)} is not in sight`);
  }
  const feet = shown('[data-testid=bulk] > *, [data-testid=notice], [data-testid=toast], .foot > [data-testid=refused], [data-testid=carry-guide]');
  feet.forEach((one, at) => feet.slice(at + 1).forEach((other) => {
    const [a, b] = [one.getBoundingClientRect(), other.getBoundingClientRect()];
    const apart = a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
    if (!apart) said.push(`${name(one)} lies over ${name(other)}`);
  }));
  for (const one of shown('dialog[open] button, [data-testid=bulk] button, [data-testid=notice] button, [data-testid=refused] button, [data-testid=crash] button, [data-testid=settings] button'))
    if (one.scrollWidth > one.clientWidth + 1) said.push(`${one.textContent.trim()} is cut off`);
  return said;";

/// One window in one theme and size, and the pictures taken of it.
struct Album<'a> {
    window: &'a Window,
    project: &'a Project,
    name: String,
    size: (i64, i64),
    round: usize,
}

impl Album<'_> {
    /// Takes a picture.
    fn take(&self, what: &str) {
        let png = placed(self.window, &format!("{}-{what}", self.name));
        assert_eq!(size(&png), self.size, "{what}");
    }
}

/// Takes a picture, and holds that whatever it shows is in sight and lies over nothing that it may not lie over.
pub(crate) fn placed(window: &Window, name: &str) -> Vec<u8> {
    let png = picture(window, name);
    assert_eq!(window.ask(MISPLACED), json!([]), "{name}");
    png
}

/// Every size with every theme.
pub(crate) fn looks() -> impl Iterator<Item = ((i64, i64), &'static str)> {
    SIZES.into_iter().flat_map(|size| ["light", "dark"].map(|theme| (size, theme)))
}

/// Does `what` in each theme and size.
fn in_each(door: Door, what: impl Fn(&Album<'_>)) {
    in_each_of(door, project(), what);
}

/// The same with that project.
fn in_each_of(door: Door, project: Project, what: impl Fn(&Album<'_>)) {
    let Some(window) = door.open(&project) else { return };
    for (round, (size, theme)) in looks().enumerate() {
        window.resize(size.0, size.1);
        paint(&window, theme);
        let name = format!("{}-{theme}-{}x{}", door.name(), size.0, size.1);
        what(&Album { window: &window, project: &project, name, size, round });
    }
}

/// Brings the focus from the button of the theme to the board, where single letters are keys.
fn come_to_the_board(window: &Window) {
    window.session.press("/");
    window.shows("#filter:focus");
    window.session.press(ESCAPE);
    until("a card with the focus", || window.focused());
}

pub(crate) fn an_issue_that_is_edited_in_both_themes_in_both_sizes_leaves_a_picture(door: Door) {
    in_each(door, |album| {
        let window = album.window;
        window.open_issue("demo-3");
        edits(album);
        comments(album);
        merges(album);
        window.session.press(ESCAPE);
        window.shows_no(INSPECTOR);
    });
}

fn edits(album: &Album<'_>) {
    let window = album.window;
    window.type_title("Bump git2");
    album.take("edit-title");
    window.session.press(ENTER);
    window.reads(REFUSED, "already exists as demo-9");
    album.take("edit-refused");
    window.push("title-discard");
    window.shows_no(REFUSED);
    for field in ["status", "labels"] {
        window.push(&format!("edit-{field}"));
        window.shows(&format!("[data-testid=edit-{field}-list] input:focus"));
        album.take(&format!("edit-{field}"));
        window.session.press(ESCAPE);
        window.shows_no(&format!("[data-testid=edit-{field}-list]"));
    }
    window.push("issue-menu");
    window.shows("[data-testid=menu-delete]");
    album.take("edit-menu");
    window.session.press(ESCAPE);
    window.shows_no("[data-testid=menu-delete]");
}

fn comments(album: &Album<'_>) {
    let window = album.window;
    window.types("textarea[data-testid=comment-box-text]", COMMENT);
    album.take("comment");
    window.push("comment-box-preview");
    window.reads("[data-testid=comment-box] strong", "twice");
    album.take("comment-preview");
    window.push("comment-box-write");
    window.push("comment-discard");
    window.shows_no("[data-testid=draft]");
}

fn merges(album: &Album<'_>) {
    let Album { window, project, round, .. } = album;
    let file = path("demo-3");
    let before = project.text(&file);
    window.type_title("Fold all that comes in one lull into one patch");
    let theirs = format!("Fold the events of lull {round} into one patch");
    project.replace(&file, before.replace("Fold the events of one lull into one patch", &theirs));
    window.reads(&card("demo-3"), &theirs);
    window.session.press(ENTER);
    window.reads(MERGE, &theirs);
    window.push("merge-mine");
    album.take("merge");
    window.push("merge-cancel");
    window.push("title-discard");
    project.replace(&file, &before);
    window.reads(&format!("{INSPECTOR} h2"), "Fold the events of one lull");

    window.click("[data-testid=edit-description] button");
    let text = "textarea[data-testid=description-edit-text]";
    window.shows(&format!("{text}:focus"));
    window.session.press(" Measure it first.");
    until("what was typed to stand there", || window.value(text).ends_with("first.").then_some(()));
    album.take("edit-description");
    let mut other: serde_json::Value = serde_json::from_str(&before).expect("an issue is JSON");
    other["description"] = json!(format!("{THEIRS} Round {round}."));
    project.replace(&file, serde_json::to_string_pretty(&other).expect("a value is JSON"));
    window.reads("[data-testid=overtaken]", "The file has changed since you began.");
    window.push("description-save");
    window.reads(MERGE, "An agent says so");
    album.take("merge-text");
    window.push("merge-cancel");
    window.push("description-discard");
    window.shows_no("[data-testid=description-edit-text], [data-testid=draft]");
    project.replace(&file, &before);
}

pub(crate) fn the_dialogs_in_both_themes_in_both_sizes_leave_a_picture(door: Door) {
    in_each(door, |album| {
        let window = album.window;
        come_to_the_board(window);
        window.session.press("c");
        window.types("input[data-testid=create-title]", "Bump git2");
        window.types("textarea[data-testid=create-description-text]", COMMENT);
        window.push("create-local");
        window.push("create-parent");
        window.shows("[data-testid=create-parent-list] input:focus");
        album.take("create-list");
        window.session.press(ESCAPE);
        window.push("create-local");
        window.push("create-save");
        window.reads(REFUSED, "already exists as demo-9");
        album.take("create");
        window.push("create-discard");
        window.session.press(ESCAPE);
        window.shows_no("dialog");

        window.open_issue("demo-1");
        window.push("issue-menu");
        window.push("menu-delete");
        window.reads("dialog[data-testid=delete]", "below go with it");
        album.take("delete");
        window.push("delete-cancel");
        window.session.press(ESCAPE);
        window.shows_no(INSPECTOR);
    });
}

pub(crate) fn the_inbox_and_the_settings_in_both_themes_in_both_sizes_leave_a_picture(door: Door) {
    in_each_of(door, sample::project(), |album| {
        let Album { window, project, round, .. } = album;
        come_to_the_board(window);
        window.session.press("gi");
        if *round == 0 {
            window.shows("[data-testid=inbox-empty]");
            album.take("inbox-empty");
            things_happen(project);
        }
        window.reads("[data-testid=inbox]", "mentions you on demo-6");
        window.reads("[data-testid=inbox]", "demo-9 cannot be read");
        window.reads("[data-testid=inbox]", "codex-3 moved demo-5 to closed");
        album.take("inbox");
        window.session.press("j");
        window.session.press("z");
        window.shows("[data-testid=snooze-menu]");
        album.take("inbox-snooze");
        window.session.press(ESCAPE);
        window.shows_no("[data-testid=snooze-menu]");
        window.push("go-settings");
        window.shows("[data-testid=settings-shortcuts]");
        let parts = window.count("[data-testid=settings] nav button");
        assert!(parts >= 8, "{parts} parts");
        for part in 1..=parts {
            window.click(&format!("[data-testid=settings] nav button:nth-child({part})"));
            album.take(&format!("settings-{part}"));
        }
        window.push("go-board");
        window.shows("[data-testid=board]");
    });
}

/// Something of each class, by others.
fn things_happen(project: &Project) {
    finish_as(project, "codex-3", &Issue::new("demo-5", "Écrire les clés avec des caractères non latins"));
    let mut issue: serde_json::Value =
        serde_json::from_str(&project.text(&path("demo-6"))).expect("an issue is JSON");
    let text =
        "@ada, is a thousand enough, or do you want all ten thousand of them before this may be called done?";
    issue["comments"] =
        json!([{"id": "c-1", "author": "grace.hopper", "text": text, "created_at": "2026-05-04T09:00:00Z"}]);
    issue["updated_at"] = json!("2026-05-04T09:00:00Z");
    project.replace(&path("demo-6"), serde_json::to_string_pretty(&issue).expect("a value is JSON"));
    project.replace(&path("demo-9"), "{\"id\": \"demo-9\", oops");
}

pub(crate) fn cards_that_are_changed_in_both_themes_in_both_sizes_leave_a_picture(door: Door) {
    in_each(door, |album| {
        come_to_the_board(album.window);
        carries(album);
        selects(album);
    });
}

fn carries(album: &Album<'_>) {
    let window = album.window;
    take(window, "demo-5");
    let at = over(window, "in_progress", "to In progress");
    album.take("carry");
    over(window, "parked", "has no way from Ready to parked");
    album.take("carry-barred");
    window.session.press(ESCAPE);
    window.shows_no("[data-testid=carried]");
    window.session.mouse(at, Some("pointerUp"));
    assert_eq!(window.count(INSPECTOR), 0, "a drag is no click");
    window.session.press("j");
    window.session.press("m");
    window.shows("[data-testid=carry-guide]");
    album.take("carry-keys");
    window.session.press(ESCAPE);
    window.shows_no("[data-testid=carry-guide]");
}

fn selects(album: &Album<'_>) {
    let Album { window, project, .. } = album;
    let focused = until("a card with the focus", || window.focused());
    window.session.press("x");
    window.session.press("J");
    window.reads("[data-testid=bulk-count]", "2 selected");
    album.take("bulk");
    for list in ["status", "labels"] {
        window.push(&format!("bulk-{list}"));
        window.shows(&format!("[data-testid=bulk-{list}-list] input:focus"));
        album.take(&format!("bulk-{list}"));
        window.session.press(ESCAPE);
        window.shows_no(&format!("[data-testid=bulk-{list}-list]"));
    }
    window.push("bulk-assignee");
    window.shows("[data-testid=bulk-assignee-list] input:focus");
    window.session.press("barbara.liskov");
    window.session.press(ENTER);
    window.reads(NOTICE, "issues to barbara.liskov");
    album.take("bulk-done");
    // It goes by itself after a while, and what stands above it comes down then, from under the pointer.
    until("the notice to be gone", || {
        let dismiss = window.session.find(&format!("{NOTICE} [aria-label=Dismiss]"));
        let _dismissed = dismiss.map(|dismiss| window.session.try_click(&dismiss));
        (window.count(NOTICE) == 0).then_some(())
    });

    let head = project.git(&["rev-parse", "HEAD"]);
    project.write(".git/MERGE_HEAD", head);
    window.push("bulk-status");
    window.click("[data-testid=bulk-status-list] [data-testid=option]");
    window.reads("[data-testid=bulk-results]", "Git is busy: merge");
    window.session.chord(CONTROL, 'z');
    window.reads(REFUSED, "Git is busy: merge");
    album.take("bulk-refused");
    project.remove(".git/MERGE_HEAD");
    window.push("try-again");
    window.shows_no(REFUSED);
    window.session.press(ESCAPE);
    window.shows_no("[data-testid=bulk]");
    assert!(window.count(&card(&focused)) > 0);
}
