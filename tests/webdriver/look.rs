//! Pictures for people: each door in both themes and both sizes, in `target/screenshots/`.

use std::fs;
use std::path::PathBuf;

use hearsay_tests::envelope::{claim, deleted, mutated};
use hearsay_tests::record::{event, path};
use hearsay_tests::wait::until;
use hearsay_tests::{Issue, Machine, Project};
use serde_json::json;

use crate::door::Door;
use crate::hearing::{Hearing, LINK, heard};
use crate::sample;
use crate::window::{ESCAPE, Window};

pub(crate) const SIZES: [(i64, i64); 2] = [(1440, 900), (1000, 700)];
/// A picture of anything takes more than one of nothing.
const LEAST: usize = 20_000;

fn pictures() -> PathBuf {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots");
    fs::create_dir_all(&dir).expect("target is ours");
    dir
}

/// The sample with an issue to read and two files that cannot be.
pub(crate) fn project() -> Project {
    let project = sample::project();
    let mut issue = Issue::new("demo-3", "Fold the events of one lull into one patch");
    issue.description = "A save is **three events** or more. Fold them:\n\n1. the first one starts a lull,\n2. whatever \
        follows within `20 ms` belongs to it,\n3. one patch says all of it.\n\n```rust\nlet lull = \
        Duration::from_millis(20);\n```\n\n> Nobody sees half of a change.\n\nSee [the notes](https://example.invalid)."
        .to_owned();
    issue.comments = vec!["Measured: p50 is *0.45 ms*.".to_owned(), "Then 20 ms is plenty.".to_owned()];
    issue.parent = Some("demo-1".to_owned());
    issue.dependencies = vec![("demo-7".to_owned(), "blocked-by".to_owned())];
    issue.updated = 5;
    project.put(&issue);
    for at in 0..4 {
        let (path, text) = event("demo-3", "ada", at, at);
        project.write(&path, text);
    }
    project.write(&path("demo-8"), "{\n  \"id\": \"demo-8\",\n  \"title\": oops\n}");
    project.write(&path("demo-77"), "{\"id\": ");
    project
}

/// Presses the button of the theme until the page is painted in it.
pub(crate) fn paint(window: &Window, theme: &str) {
    until(&format!("the {theme} theme"), || {
        let chosen = window
            .ask("return document.querySelector('[aria-label^=\"Theme:\"]').getAttribute('aria-label');");
        if chosen.as_str().is_some_and(|label| label.starts_with(&format!("Theme: {theme}"))) {
            return Some(());
        }
        window.click("[aria-label^='Theme:']");
        None
    });
    let painted = window.ask("return document.documentElement.dataset.theme;");
    assert_eq!(painted, json!(theme), "what is chosen is what is painted");
}

/// Takes a picture once nothing moves any more: once two in a row are the same.
pub(crate) fn picture(window: &Window, name: &str) -> Vec<u8> {
    let mut before = Vec::new();
    let still = until("the page to stand still", || {
        let moving =
            window.ask("return document.getAnimations().some((move) => move.playState === 'running');");
        let png = window.session.screenshot();
        let same = moving == json!(false) && png == before;
        before = png;
        same.then(|| before.clone())
    });
    fs::write(pictures().join(format!("{name}.png")), &still).expect("target is ours");
    still
}

/// Width and height as a PNG says them.
pub(crate) fn size(png: &[u8]) -> (i64, i64) {
    let number = |at: usize| i64::from(u32::from_be_bytes(png[at..at + 4].try_into().expect("four bytes")));
    (number(16), number(20))
}

pub(crate) fn both_themes_in_both_sizes_leave_a_picture(door: Door) {
    let project = project();
    let Some(window) = door.open(&project) else { return };
    for (width, height) in SIZES {
        window.resize(width, height);
        let mut taken = Vec::new();
        for theme in ["light", "dark"] {
            paint(&window, theme);
            let name = format!("{}-{theme}-{width}x{height}", door.name());
            let board = picture(&window, &name);
            window.click_card("demo-3");
            window.reads("[data-testid=inspector]", "Then 20 ms is plenty.");
            let opened = picture(&window, &format!("{name}-inspector"));
            window.session.press(ESCAPE);
            window.shows_no("[data-testid=inspector]");
            window.session.press("?");
            window.reads("dialog, [role=dialog]", "Column to the right");
            let help = picture(&window, &format!("{name}-help"));
            window.session.press(ESCAPE);
            window.shows_no("dialog[open], div[role=dialog]");
            taken.extend([board, opened, help]);
        }
        for png in &taken {
            assert_eq!(size(png), (width, height));
            assert!(png.len() > LEAST, "a picture of {} bytes shows nothing", png.len());
        }
        let pairs = (0..taken.len()).flat_map(|one| (0..one).map(move |other| (one, other)));
        for (one, other) in pairs {
            assert!(taken[one] != taken[other], "themes and the inspector can be told apart");
        }
    }
}

/// The sample with everything that can be heard of a card, and a repository that asks for trust.
fn hearsay(door: Door) -> Option<Hearing> {
    let more = "realtime:\n  broker: mqtts://broker.example:8883\nhooks:\n  enabled: true\n  before:\n    issue.update:\n      \
        - {id: gate, command: [./scripts/check-policy.sh, --strict], blocking: true}\n";
    let mut hearing = Hearing::open(door, sample::gossiping_with(more, Machine::as_configured))?;
    let agent = json!({"platform": "Codex", "model": "gpt", "name": "codex-3"});
    hearing.hears(
        "demo-3",
        json!({
            "title": "Fold every lull", "status": "in_progress", "priority": 1, "assignee": "ada",
            "labels": ["watch", "gossip"], "description": "All of **one** lull.", "agent": agent,
        }),
    );
    hearing.hears("demo-7", json!({"description": "Only the text is another one."}));
    hearing.say(&deleted("demo-4"));
    hearing.say(&mutated(&Issue::new("demo-ghost", "Nobody has pushed this yet")));
    hearing.say(&claim("router:issue:demo-3", "codex-3", 86_400));
    hearing.say(&claim("router:issue:demo-5", "continuous-integration-runner-7.eu-west-1", 86_400));
    hearing.say(&claim("router:issue:demo-6", "claude-4", 1));
    for shown in [heard("demo-4", "deleted"), heard("demo-ghost", "only"), "[data-expired=true]".to_owned()] {
        hearing.window.shows(&shown);
    }
    Some(hearing)
}

pub(crate) fn hearsay_in_both_themes_in_both_sizes_leaves_a_picture(door: Door) {
    let Some(hearing) = hearsay(door) else { return };
    let window = &hearing.window;
    for (width, height) in SIZES {
        window.resize(width, height);
        for theme in ["light", "dark"] {
            paint(window, theme);
            let name = format!("{}-{theme}-{width}x{height}-heard", door.name());
            let board = picture(window, &name);
            assert_eq!(size(&board), (width, height));
            window.click_card("demo-3");
            window.reads("[data-testid=inspector]", "All of one lull.");
            picture(window, &format!("{name}-inspector"));
            window.session.press(ESCAPE);
            window.shows_no("[data-testid=inspector]");
            window.click(LINK);
            window.shows("[data-testid=link-panel]");
            picture(window, &format!("{name}-link"));
            window.session.press(ESCAPE);
            window.click("[data-testid=trust-banner] button");
            window.shows("[data-testid=trust-sheet]");
            picture(window, &format!("{name}-trust"));
            window.session.press(ESCAPE);
            window.shows_no("[data-testid=trust-sheet]");
        }
    }
}
