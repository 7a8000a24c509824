//! The board without a mouse.

use hearsay_tests::Issue;
use hearsay_tests::wait::until;

use crate::door::Door;
use crate::sample;
use crate::window::{ENTER, ESCAPE};

const INSPECTOR: &str = "[data-testid=inspector]";

pub(crate) fn the_keys_walk_the_board_and_open_what_has_the_focus(door: Door) {
    let project = sample::project();
    let Some(window) = door.open(&project) else { return };
    let steps = [
        ("j", "demo-1"),
        ("j", "demo-2"),
        ("j", "demo-2"),
        ("l", "demo-4"),
        ("k", "demo-3"),
        ("h", "demo-1"),
        ("l", "demo-3"),
        ("l", "demo-7"),
        ("l", "demo-11"),
        ("h", "demo-7"),
    ];
    for (key, id) in steps {
        window.session.press(key);
        window.focuses(id);
    }
    window.session.press(ENTER);
    window.reads(INSPECTOR, "Retry half-written JSON");
    window.reads(INSPECTOR, "About Retry half-written JSON");
    window.session.press(ESCAPE);
    window.shows_no(INSPECTOR);
    window.focuses("demo-7");

    let issue = Issue::new("demo-7", "Retry half-written JSON");
    project.put(&issue.in_status("review"));
    until("the card to move", || (window.column_of("demo-7").as_deref() == Some("review")).then_some(()));
    window.focuses("demo-7");
    window.session.press("l");
    window.focuses("demo-3");
    window.session.press("/");
    window.session.press("lull");
    window.shows_no("[data-id='demo-8']");
    window.shows("[data-id='demo-3']");
    window.session.press(ESCAPE);
    window.shows("[data-id='demo-8']");
    window.session.press("?");
    window.reads("dialog, [role=dialog]", "Column to the right");
    window.session.press(ESCAPE);
    window.shows_no("dialog[open], div[role=dialog]");
}
