//! One issue beside the board: its text, its comments, its history, and nothing of it that acts.

use hearsay_tests::record::event;
use hearsay_tests::wait::until;
use hearsay_tests::{Issue, Project};
use serde_json::{Value, json};

use crate::door::Door;
use crate::sample;
use crate::window::{ESCAPE, Window};

const INSPECTOR: &str = "[data-testid=inspector]";
const EVENTS: u32 = 60;
/// What the page shows at once, and what a press of the button adds.
const PAGE: u64 = 50;

pub(crate) fn a_card_opens_with_its_text_its_comments_and_its_history(door: Door) {
    let project = sample::project();
    let mut issue = Issue::new("demo-3", "Fold the events of one lull into one patch");
    issue.description = "Fold **all** of it:\n\n- one\n- two\n\n```rust\nlet lull = 20;\n```".to_owned();
    issue.comments = vec!["First *thought*.".to_owned(), "Second thought.".to_owned()];
    project.put(&issue);
    for at in 0..EVENTS {
        let (path, text) = event("demo-3", "ada", at, at);
        project.write(&path, text);
    }
    let Some(window) = door.open(&project) else { return };
    assert_eq!(window.count(INSPECTOR), 0);
    window.click_card("demo-3");
    let text = window.reads(INSPECTOR, "Second thought.");
    for words in
        ["Fold the events of one lull", "demo-3", "Ready", "medium", "not committed", "First thought."]
    {
        assert!(text.contains(words), "the inspector says {words:?}: {text}");
    }
    let rendered = |tag: &str| window.text(&format!("{INSPECTOR} .prose {tag}")).unwrap_or_default();
    assert_eq!([rendered("strong"), rendered("li"), rendered("pre code")], ["all", "one", "let lull = 20;"]);
    window.reads("[data-testid=history-entry]", "ada");
    assert_eq!(window.count("[data-testid=history-entry]"), PAGE);
    window.click("ol + button");
    until("the whole history", || {
        (window.count("[data-testid=history-entry]") == u64::from(EVENTS)).then_some(())
    });
    assert_eq!(window.count("ol + button"), 0, "there is nothing earlier to show");

    project.put(&Issue { description: "All is folded.".to_owned(), updated: 70, ..issue });
    window.reads(INSPECTOR, "All is folded.");
    window.session.press(ESCAPE);
    window.shows_no(INSPECTOR);
    window.settle(&project);
}

/// An editor's save moves no time stamp of Kanbus, and may touch nothing that a card shows.
pub(crate) fn an_open_issue_follows_an_editor_that_changes_only_its_text(door: Door) {
    let project = Project::with_issues(2);
    let mut issue = Issue::new("demo-0", "Issue 0");
    issue.comments = vec!["A thought.".to_owned()];
    issue.description = "Before.".to_owned();
    project.put(&issue);
    let Some(window) = door.open(&project) else { return };
    window.click_card("demo-0");
    window.reads(INSPECTOR, "Before.");
    issue.description = "After.".to_owned();
    project.write(&issue.path(), issue.text());
    window.reads(INSPECTOR, "After.");
    issue.comments = vec!["A second thought.".to_owned()];
    project.write(&issue.path(), issue.text());
    window.reads(INSPECTOR, "A second thought.");
    window.settle(&project);
}

/// Attempts to run or load something, each of which would leave a trace in `window.ran` or in the page.
const HOSTILE: [&str; 8] = [
    "<script>window.ran = 'script'</script>",
    "<img src=x onerror=\"window.ran = 'image'\"> ![remote](http://127.0.0.1:9/track.png)",
    "[press](javascript:window.ran='link') <a href=\"javascript:window.ran='anchor'\">press</a>",
    "<svg onload=\"window.ran = 'svg'\"><style>* { display: none }</style></svg>",
    "<iframe srcdoc=\"<script>parent.ran = 'frame'</script>\"></iframe>",
    "<details open ontoggle=\"window.ran = 'toggle'\">x</details>",
    "<form action=\"http://127.0.0.1:9\"><button autofocus onfocus=\"window.ran = 'focus'\">x</button></form>",
    "<meta http-equiv=refresh content=\"0;url=http://127.0.0.1:9\"><base href=\"http://127.0.0.1:9\">",
];

pub(crate) fn nothing_in_an_issue_runs_or_loads(door: Door) {
    let project = Project::with_issues(1);
    let mut issue = Issue::new("demo-hostile", "<img src=x onerror=\"window.ran = 'title'\">");
    issue.description = HOSTILE.join("\n\n");
    issue.comments = HOSTILE.iter().map(|text| (*text).to_owned()).collect();
    issue.comments.push("And that was all.".to_owned());
    project.put(&issue);
    let Some(window) = door.open(&project) else { return };
    let address = window.session.url();
    listen(&window);
    window.reads("[data-id='demo-hostile']", "onerror");
    window.click_card("demo-hostile");
    window.reads(INSPECTOR, "And that was all.");
    window.reads(INSPECTOR, "window.ran = 'script'");
    for tag in ["script", "img", "iframe", "form", "style", "meta", "base", "svg", "object", "details"] {
        assert_eq!(window.count(&format!("{INSPECTOR} .prose {tag}")), 0, "no <{tag}> comes out of an issue");
    }
    let links = window
        .ask("return [...document.querySelectorAll('.prose a')].map((link) => link.getAttribute('href'));");
    assert!(!links.to_string().contains("javascript"), "no link runs anything: {links}");
    window.ask("document.querySelectorAll('.prose a').forEach((link) => link.click());");
    assert_eq!(window.ask("return window.ran ?? null;"), Value::Null, "nothing ran");
    assert_eq!(violations(&window), json!([]), "nothing so much as tried");
    assert_eq!(window.session.url(), address, "the page is where it was");
}

pub(crate) fn the_page_runs_no_script_but_its_own(door: Door) {
    let project = sample::project();
    let Some(window) = door.open(&project) else { return };
    listen(&window);
    window.click_card("demo-3");
    window.reads(INSPECTOR, "About Fold the events");
    assert_eq!(violations(&window), json!([]), "what the page does itself, it may do");
    let fonts = "return ['13px \"Inter Variable\"', '13px \"JetBrains Mono Variable\"'].map((font) => document.fonts.check(font));";
    until("the page's own fonts", || (window.ask(fonts) == json!([true, true])).then_some(()));
    window.ask(
        "const script = document.createElement('script');
         script.textContent = \"window.ran = 'inline'\";
         const image = new Image();
         image.src = 'http://127.0.0.1:9/track.png';
         document.body.append(script, image);",
    );
    until("the page's policy to refuse both", || {
        let told = violations(&window).to_string();
        (told.contains("script-src") && told.contains("img-src")).then_some(())
    });
    assert_eq!(window.ask("return window.ran ?? null;"), Value::Null, "an inline script does not run");
}

/// From now on the page notes what its policy refuses.
fn listen(window: &Window) {
    window.ask(
        "window.refused = [];
         document.addEventListener('securitypolicyviolation', (event) =>
           window.refused.push(`${event.effectiveDirective} ${event.blockedURI}`));",
    );
}

fn violations(window: &Window) -> Value {
    window.ask("return window.refused;")
}
