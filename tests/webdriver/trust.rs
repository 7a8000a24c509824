//! What a repository asks for: shown, agreed to, taken back, and not done before.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};

use hearsay_tests::wait::until;
use hearsay_tests::{Machine, Project};
use serde_json::json;

use crate::door::Door;
use crate::hearing::{Hearing, LINK};
use crate::sample;
use crate::window::{ESCAPE, Window};

const BANNER: &str = "[data-testid=trust-banner]";
const SHEET: &str = "[data-testid=trust-sheet]";
const LINE: &str = "[data-testid=trust-line]";
const AGREE: &str = "Trust exactly this";

/// Somebody who listens where the repository says, and must hear nothing unasked.
struct Ear(TcpListener);

impl Ear {
    fn new() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        listener.set_nonblocking(true).expect("a listener that does not wait");
        Self(listener)
    }

    fn url(&self) -> String {
        format!("mqtt://{}", self.0.local_addr().expect("its address"))
    }

    /// Whether somebody has come.
    fn hears(&self) -> bool {
        match self.0.accept() {
            Ok(_) => true,
            Err(error) if error.kind() == ErrorKind::WouldBlock => false,
            Err(error) => panic!("{error}"),
        }
    }

    /// What the configuration says that names it.
    fn named(&self) -> String {
        format!("realtime:\n  broker: {}\n", self.url())
    }
}

/// A project whose own files say `more`, on a machine whose environment says nothing of gossip.
fn asking(more: &str) -> Project {
    sample::gossiping_with(more, Machine::as_configured)
}

/// Presses the button of the sheet that says `words`.
fn press(window: &Window, words: &str) {
    until(&format!("the button {words:?}"), || {
        let pressed = window.session.run(
            "const button = [...document.querySelectorAll(arguments[0] + ' footer button')]
               .find((button) => button.textContent.trim() === arguments[1]);
             button?.setAttribute('data-pressed', '');
             return button !== undefined;",
            &[json!(SHEET), json!(words)],
        );
        (pressed == json!(true)).then_some(())
    });
    window.click(&format!("{SHEET} footer button[data-pressed]"));
}

/// Something is heard, and the board settles: whatever the window contacts by then, it has contacted.
fn works(hearing: &mut Hearing, round: u32) {
    let title = format!("Heard in round {round}");
    hearing.hears_again("demo-3", json!({"title": title}));
    hearing.window.settle(&hearing.project);
}

pub(crate) fn what_a_repository_asks_for_is_done_once_the_person_agrees_and_not_before(door: Door) {
    let ear = Ear::new();
    let hooks = "hooks:\n  enabled: true\n  before:\n    issue.update:\n      - {id: gate, command: [./check, --strict], blocking: true}\n";
    let project = asking(&format!("{}{hooks}", ear.named()));
    let Some(mut hearing) = Hearing::open(door, project) else { return };
    let said = hearing.window.reads(BANNER, "This repository asks to contact 127.0.0.1 and run a program.");
    assert!(said.contains("Until you agree, none of it happens, and changes wait."), "{said}");
    works(&mut hearing, 0);

    let window = &hearing.window;
    window.click(&format!("{BANNER} button"));
    let said = window.reads(SHEET, "Trust repo with this?");
    assert!(said.contains(&ear.url()) && said.contains("./check --strict"), "word for word: {said}");
    let kinds = window.ask("return [...document.querySelectorAll('[data-testid=ask-group]')].map((group) => group.dataset.kind);");
    assert_eq!((kinds, window.count("[data-testid=ask]")), (json!(["broker", "blocking_hook"]), 2));
    window.session.press(ESCAPE);
    window.shows_no(SHEET);
    window.click(&format!("{BANNER} button"));
    press(window, "Not now");
    window.shows_no(SHEET);
    window.shows(BANNER);
    works(&mut hearing, 1);
    assert!(!ear.hears(), "looking is not agreeing");

    let window = &hearing.window;
    window.click(&format!("{BANNER} button"));
    press(window, AGREE);
    window.shows_no(SHEET);
    window.shows_no(BANNER);
    until("the broker to be contacted", || ear.hears().then_some(()));
    window.click(LINK);
    let said = window.reads(&format!("{LINE}[data-trusted=true]"), "Trusted");
    assert!(said.contains("It may contact 127.0.0.1 and run a program"), "{said}");
    window.reads("[data-testid=way][data-kind=mqtt]", &ear.url());
    assert_eq!(
        hearing.project.git(&["status", "--porcelain", ".kanbus.yml"]),
        "",
        "nothing of it is written there"
    );

    window.click(&format!("{LINE} .deeds button:nth-child(2)"));
    window.reads(&format!("{LINE}[data-trusted=false]"), "Not trusted");
    window.shows(BANNER);
    window.shows_no("[data-testid=way][data-kind=mqtt] .more.mono:not(:empty)");
    while ear.hears() {}
    works(&mut hearing, 2);
    assert!(!ear.hears(), "what is taken back is not done any more");
}

pub(crate) fn what_is_asked_for_anew_is_shown_before_it_is_agreed_to(door: Door) {
    let (first, second) = (Ear::new(), Ear::new());
    let Some(hearing) = Hearing::open(door, asking(&first.named())) else { return };
    let (window, project) = (&hearing.window, &hearing.project);
    window.click(&format!("{BANNER} button"));
    window.reads(SHEET, &first.url());
    sample::configure(project, &second.named());
    let said = window.reads(SHEET, "What it asks for has changed.");
    assert!(said.contains(&first.url()) && !said.contains(AGREE), "what is gone cannot be agreed to: {said}");
    press(window, "Show what it asks for now");
    let said = window.reads(SHEET, &second.url());
    assert!(!said.contains(&first.url()), "{said}");
    press(window, AGREE);
    window.shows_no(BANNER);
    until("the broker to be contacted", || second.hears().then_some(()));
    assert!(!first.hears(), "the one that was shown first is not contacted");
    sample::configure(project, &first.named());
    window.shows(BANNER);
    sample::configure(project, &second.named());
    window.shows_no(BANNER);
    assert!(!first.hears(), "a change asks again");
    window.settle(project);
}

/// Runs `hear trust` with `words` on the project of `hearing`.
fn run(hearing: &Hearing, words: &[&str]) {
    let root = hearing.project.root().to_string_lossy().into_owned();
    let output = hearing.project.caller().run(&[&["trust"], words, &[root.as_str()]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

pub(crate) fn a_trust_given_on_the_command_line_answers_the_question_in_the_window(door: Door) {
    let ear = Ear::new();
    let Some(mut hearing) = Hearing::open(door, asking(&ear.named())) else { return };
    hearing.window.shows(BANNER);
    works(&mut hearing, 0);
    assert!(!ear.hears());
    run(&hearing, &[]);
    hearing.window.shows_no(BANNER);
    until("the broker to be contacted", || ear.hears().then_some(()));
}

pub(crate) fn a_trust_taken_back_on_the_command_line_is_taken_back_in_the_window(door: Door) {
    let ear = Ear::new();
    let Some(mut hearing) = Hearing::open(door, asking(&ear.named())) else { return };
    run(&hearing, &[]);
    hearing.window.shows_no(BANNER);
    until("the broker to be contacted", || ear.hears().then_some(()));
    run(&hearing, &["--revoke"]);
    hearing.window.shows(BANNER);
    while ear.hears() {}
    works(&mut hearing, 0);
    assert!(!ear.hears(), "what is taken back is not done any more");
}
