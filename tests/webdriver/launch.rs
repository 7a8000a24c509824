//! What only the desktop meets: the app started with a path, without one, and with a wrong one.

use std::path::Path;

use hearsay_tests::Project;
use hearsay_tests::wait::until;
use serde_json::json;

use crate::sample;
use crate::{desktop, look};

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[test]
fn without_a_path_the_welcome_offers_what_was_open_before() {
    let project = sample::project();
    let Some(window) = desktop::open(&project, &[]) else { return };
    window.reads("[data-testid=welcome]", "A live board for repositories");
    assert_eq!(window.count("[data-testid=welcome] li"), 0, "nothing was open before");
    drop(window);

    let Some(window) = desktop::open(&project, &[&shown(project.root())]) else { return };
    window.settle(&project);
    drop(window);

    let Some(window) = desktop::open(&project, &[]) else { return };
    let said = window.reads("[data-testid=welcome] li", &shown(project.root()));
    assert!(said.starts_with("repo"), "a recent repository is called by its name: {said}");
    look::picture(&window, "desktop-welcome");
    window.click("[data-testid=welcome] li button");
    window.settle(&project);
    assert_eq!(window.count("[data-testid=welcome]"), 0);
    window.reads("h1", "repo");
}

#[test]
fn any_path_inside_of_a_repository_opens_it() {
    let project = sample::project();
    let inside = shown(&project.at("project/issues"));
    let Some(window) = desktop::open(&project, &[&inside]) else { return };
    window.settle(&project);
    window.shows("[data-id='demo-3']");
}

#[test]
fn a_path_that_is_no_repository_is_refused_with_the_next_step() {
    let project = sample::project();
    let nothing = project.outside("nothing");
    std::fs::create_dir_all(&nothing).expect("room beside the repository");
    let Some(window) = desktop::open(&project, &[&shown(&nothing)]) else { return };
    let said = window.reads("[role=alert]", "is not in a Kanbus repository");
    assert!(said.contains(&shown(&nothing)) && said.contains("kbs init"), "which, and what to do: {said}");
    window.shows("[data-testid=welcome]");
    look::picture(&window, "desktop-refused");
    assert_eq!(window.count("[data-testid=board]"), 0);

    // The page tries again by itself after a while; what it said must outlast that.
    until("the page to have tried again", || {
        (window.ask("return performance.now() > 4500;") == json!(true)).then_some(())
    });
    window.reads("[role=alert]", "is not in a Kanbus repository");
}

#[test]
fn opening_another_repository_shows_nothing_of_the_one_before() {
    let (first, second) = (sample::project(), Project::with_issues(3));
    for project in [&second, &first] {
        // One home knows both.
        let Some(window) = desktop::open(&first, &[&shown(project.root())]) else { return };
        window.settle(project);
    }
    let Some(window) = desktop::open(&first, &[&shown(first.root())]) else { return };
    window.settle(&first);
    window.click("h1 button");
    window.reads("[role=menu]", &shown(second.root()));
    window.click("[role=menuitem]");
    window.settle(&second);
    let cards = until("its cards", || window.columns().into_iter().find(|column| column.key == "open"));
    assert_eq!(cards.cards, ["demo-0", "demo-1", "demo-2"]);
    window.shows_no("[data-id='demo-11']");
    first.remove("project/issues/demo-3.json");
    second.remove("project/issues/demo-2.json");
    window.shows_no("[data-id='demo-2']");
    window.settle(&second);
}
