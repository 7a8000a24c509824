//! A crash: what it leaves, and that the next start offers it.

use std::fs;

use hearsay_tests::Desktop;
use hearsay_tests::wait::until;

use crate::album::{looks, placed};
use crate::at_work::data;
use crate::look::paint;
use crate::window::Window;
use crate::{desktop, sample};

const BANNER: &str = "[data-testid=crash]";
const SHEET: &str = "[data-testid=crash-sheet]";

#[test]
fn a_panic_leaves_a_report_that_the_next_start_offers_until_it_was_seen() {
    let project = sample::project();
    let root = project.root().to_string_lossy().into_owned();
    let crashing = project.machine().clone().with("HEARSAY_CRASH", "main");
    let Some(desktop) = Desktop::start(&crashing) else { return };
    let Some(mut app) = desktop.app(&[&root]) else { return };
    assert!(!app.ended().success(), "it crashed");
    drop(desktop);
    let left = || fs::read_dir(data(project.machine()).join("crash")).into_iter().flatten().flatten().count();
    until("a report", || (left() > 0).then_some(()));

    let Some(window) = desktop::open(&project, &[&root]) else { return };
    window.settle(&project);
    for ((width, height), theme) in looks() {
        window.resize(width, height);
        paint(&window, theme);
        window.reads(BANNER, "Hearsay ended unexpectedly");
        placed(&window, &format!("desktop-{theme}-{width}x{height}-crash"));
        window.push("crash-show");
        window.reads(SHEET, "HEARSAY_CRASH asks for it");
        placed(&window, &format!("desktop-{theme}-{width}x{height}-crash-sheet"));
        window.session.press(crate::window::ESCAPE);
        window.shows_no(SHEET);
    }
    window.push("crash-show");
    let text = window.reads(SHEET, "HEARSAY_CRASH asks for it");
    let home = project.home().to_string_lossy().into_owned();
    assert!(text.contains("crash") && !text.contains(&home), "{text}");
    window.session.press(crate::window::ESCAPE);
    window.shows_no(SHEET);
    dismiss(&window);
    drop(window);

    let Some(window) = desktop::open(&project, &[&root]) else { return };
    window.settle(&project);
    window.shows("[data-id='demo-3']");
    assert_eq!(window.count(BANNER), 0, "it is offered once");
}

fn dismiss(window: &Window) {
    window.push("crash-dismiss");
    window.shows_no(BANNER);
}
