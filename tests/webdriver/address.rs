//! What only a browser meets: the address with the token, the console, and a server that goes away.

use hearsay_tests::wait::until;
use hearsay_tests::{Project, http};
use serde_json::Value;

use crate::door::Door;
use crate::sample;

#[test]
fn the_token_is_traded_for_a_cookie_and_leaves_the_address() {
    let project = Project::with_issues(3);
    let Some(mut window) = Door::Browser.open(&project) else { return };
    let server = window.server.take().expect("it comes from a server");
    let home = format!("http://{}/", server.host());
    assert_eq!(window.session.url(), home, "nothing of the token is left to copy");
    assert_eq!(window.ask("return document.cookie;"), "", "no script reads the cookie");
    let history =
        window.ask("return [document.referrer, performance.getEntriesByType('navigation')[0].name].join();");
    assert!(!history.to_string().contains("token="), "the page does not know it either: {history}");
    window.session.go(&home);
    window.settle(&project);
    let bare = http::ask(server.port, "GET", "/", &[("Host", &server.host())]);
    assert_eq!(bare.status, 401, "whoever has neither gets nothing");
}

#[test]
fn a_lost_link_is_said_in_words_and_the_last_board_stays() {
    let project = sample::project();
    let Some(mut window) = Door::Browser.open(&project) else { return };
    window.reads("[data-testid=link-state]", "Hosting the local bus");
    let server = window.server.take().expect("it comes from a server");
    let (port, token) = (server.port.to_string(), server.token.clone());
    assert!(server.running.stop().success(), "the server ends when asked");
    window.reads("[data-testid=link-state]", "Live link lost 0:0");
    window.reads("[data-testid=link-state]", "still showing the last board");
    assert_eq!(window.columns()[1].count, "5", "the last board stays");

    project.remove("project/issues/demo-3.json");
    let mut command = project.caller().command();
    command.args(["serve", "--port", &port, "--token", &token]).arg(project.root());
    window.server = Some(hearsay_tests::Server::new(hearsay_tests::Running::start(&mut command)));
    window.reads("[data-testid=link-state]", "Hosting the local bus");
    window.shows_no("[data-id='demo-3']");
    window.settle(&project);
}

#[test]
fn the_console_stays_empty() {
    let project = sample::project();
    let Some(window) = Door::Browser.open(&project) else { return };
    window.click_card("demo-3");
    window.reads("[data-testid=inspector]", "About Fold the events");
    assert_eq!(window.session.console(), [] as [Value; 0], "no error, no violation, no word");
    window.ask("console.error('heard');");
    until("the log to be one that is kept", || {
        window
            .session
            .console()
            .iter()
            .any(|entry| entry["message"].to_string().contains("heard"))
            .then_some(())
    });
}
