//! What the desktop is asked to open, when it starts and while it runs: a path, a document, a link.

use hearsay_tests::Project;
use hearsay_tests::wait::until;

use crate::window::Window;
use crate::{desktop, look, sample};

const QUESTION: &str = "[data-testid=opening-question]";

/// A document that lies beside the repository and says `text`.
fn document(project: &Project, text: &str) -> String {
    let path = project.outside("board.kanbus");
    std::fs::write(&path, text).expect("room beside the repository");
    path.to_string_lossy().into_owned()
}

fn naming(project: &Project) -> String {
    format!(r#"{{"hearsay":1,"path":"{}","issue":"demo-3"}}"#, project.root().display())
}

fn shows_issue(window: &Window, title: &str) {
    window.reads("[data-testid=inspector] h2", title);
}

#[test]
fn a_document_that_names_a_repository_elsewhere_asks_once() {
    let project = sample::project();
    let document = document(&project, &naming(&project));
    let Some(window) = desktop::open(&project, &[&document]) else { return };
    let said = window.reads(QUESTION, "Open this repository?");
    assert!(said.contains(&*project.root().to_string_lossy()) && said.contains(&document), "{said}");
    look::picture(&window, "desktop-asked");
    window.click(&format!("{QUESTION} .no"));
    window.shows_no(QUESTION);
    assert_eq!(window.count("[data-testid=board]"), 0, "nothing is opened without a yes");
    drop(window);

    let Some(window) = desktop::open(&project, &[&document]) else { return };
    window.click(&format!("{QUESTION} .open"));
    window.settle(&project);
    shows_issue(&window, "Fold the events of one lull into one patch");
    drop(window);

    let Some(window) = desktop::open(&project, &[&document]) else { return };
    window.settle(&project);
}

#[test]
fn what_is_no_document_and_a_link_that_leads_elsewhere_are_refused_in_words() {
    let project = sample::project();
    let document = document(&project, "not JSON");
    let Some(window) = desktop::open(&project, &[&document]) else { return };
    window.reads("[role=alert]", "it is no document of Hearsay");
    desktop::open_again(&project, &["hearsay://open?path=/home/../etc"]);
    window.reads("[role=alert]", "leads upwards");
    assert_eq!(window.session.windows().len(), 1, "what is refused takes the window that shows nothing");
    let link = format!("hearsay://open?path={}", project.root().display());
    desktop::open_again(&project, &[&link]);
    window.reads(QUESTION, "A link asks for it");
    window.click(&format!("{QUESTION} .no"));
    window.shows_no(QUESTION);
    desktop::open_again(&project, &[&link]);
    window.reads(QUESTION, "A link asks for it");
}

#[test]
fn a_second_launch_brings_what_is_asked_for_to_the_app_that_runs() {
    let project = sample::project();
    let root = project.root().to_string_lossy().into_owned();
    let Some(window) = desktop::open(&project, &[&root]) else { return };
    window.settle(&project);
    desktop::open_again(&project, &[&format!("hearsay://open?path={root}&issue=demo-3")]);
    shows_issue(&window, "Fold the events of one lull into one patch");
    desktop::open_again(&project, &["--overlay", "shared", &root]);
    desktop::open_again(&project, &[]);
    assert_eq!(window.session.windows().len(), 1, "a repository has one window");

    let other = project.clone_as("other");
    let first = window.session.windows();
    desktop::open_again(&project, &[&other.root().to_string_lossy()]);
    let second = until("a second window", || {
        window.session.windows().into_iter().find(|handle| !first.contains(handle))
    });
    window.session.turn_to(&second);
    window.reads("h1", "other");
}

#[test]
fn what_no_document_and_no_link_may_name_is_refused_in_words_one_after_the_other() {
    let project = sample::project();
    let Some(window) = desktop::open(&project, &[]) else { return };
    window.shows("[data-testid=welcome]");
    let document =
        |path: &str| document(&project, &serde_json::json!({"hearsay": 1, "path": path}).to_string());
    for (path, words) in [
        ("//server/share", "network share"),
        (r"\\server\share", "network share"),
        (r"\\.\COM1", "network share or a device"),
        ("../elsewhere", "leads upwards"),
        ("file:///etc", "is an address and no path"),
        ("a\u{7}b", "no path needs"),
    ] {
        desktop::open_again(&project, &[&document(path)]);
        answered(&window, &format!("the document's {path:?}"), words);
    }
    let pipe = project.outside("pipe.kanbus");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.is_ok_and(|status| status.success()), "a pipe can be made");
    desktop::open_again(&project, &[&pipe.to_string_lossy()]);
    answered(&window, "a pipe", "no document of Hearsay");
    for (link, words) in [
        ("hearsay://open?path=%5C%5Cserver%5Cshare", "network share"),
        ("hearsay://open?path=hearsay://open?path=/srv", "is an address and no path"),
        ("hearsay://open?path=file:///etc", "is an address and no path"),
        ("hearsay://run?path=/srv", "something else than to open a board"),
    ] {
        desktop::open_again(&project, &[link]);
        answered(&window, link, words);
    }
    assert_eq!(window.session.windows().len(), 1, "what is refused takes the window that shows nothing");
    desktop::open_again(&project, &[&document("/dev/zero")]);
    answered(&window, "a device", "is not in a Kanbus repository");
    assert_eq!(window.count("[data-testid=board]"), 0);
}

/// Waits for `words`, agreeing to the question where one is asked before it is looked at what there is.
fn answered(window: &Window, what: &str, words: &str) {
    until(&format!("{what} to be answered with {words:?}"), || {
        if window.count(QUESTION) > 0 {
            window.click(&format!("{QUESTION} .open"));
        }
        window.text("[role=alert]").filter(|said| said.contains(words))
    });
}
