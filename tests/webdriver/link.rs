//! How changes arrive, in words: the bar, the panel below it, and the meter of how fresh it is.

use hearsay_tests::Project;
use hearsay_tests::broker::{Door as Entrance, Mosquitto};
use hearsay_tests::envelope::mutated_as;
use rustix::process::Signal;
use serde_json::json;

use crate::door::Door;
use crate::hearing::{Hearing, LINK, WELL, changed, heard};
use crate::sample;
use crate::window::{ESCAPE, Window, card};

const PANEL: &str = "[data-testid=link-panel]";
const FRESHNESS: &str = "[data-testid=freshness]";

/// A way in the panel that is in that state.
fn way(kind: &str, state: &str) -> String {
    format!("{PANEL} [data-testid=way][data-kind={kind}][data-state={state}]")
}

/// The bar where it says that something is not as it should be.
fn tone(tone: &str) -> String {
    format!("{LINK}[data-tone={tone}]")
}

/// Changes a file and sees it on the board.
fn files_flow(project: &Project, window: &Window, title: &str) {
    let issue = changed(project, "demo-9", json!({"title": title}));
    project.replace("project/issues/demo-9.json", format!("{issue:#}"));
    window.reads(&card("demo-9"), title);
}

pub(crate) fn the_bar_and_its_panel_say_how_gossip_comes_and_how_fresh_it_is(door: Door) {
    let Some(mut hearing) = Hearing::open(door, sample::gossiping()) else { return };
    assert_eq!(hearing.window.text(LINK).as_deref(), Some("Hosting the local bus"), "nothing was heard yet");
    hearing.window.click(LINK);
    let socket = hearing.project.machine().socket();
    let uds = hearing.window.reads(&way("uds", "listening"), &socket.to_string_lossy());
    assert!(uds.starts_with("Local bus hosting"), "{uds}");
    hearing.window.reads(&way("files", "native"), "A change shows as soon as it is written");
    hearing.window.reads(FRESHNESS, "nothing heard yet");
    assert_eq!(hearing.window.count(&format!("{PANEL} [data-testid=trust-line]")), 0, "it asks for nothing");

    hearing.hears("demo-3", json!({"title": "Heard"}));
    let window = &hearing.window;
    let fresh = window.reads(FRESHNESS, "Half arrived within");
    assert!(fresh.contains("last heard") && fresh.contains("19 of 20 within"), "{fresh}");
    let figures = window.ask(
        "return [...document.querySelectorAll('[data-testid=freshness] dd')].map((of) => of.textContent);",
    );
    let figures: Vec<&str> = figures.as_array().into_iter().flatten().filter_map(|of| of.as_str()).collect();
    let is_span = |figure: &&str| figure.ends_with(" ms") || figure.ends_with(" s");
    assert!(
        figures.len() == 2 && figures.iter().all(is_span),
        "the middle and the nineteenth of twenty: {figures:?}"
    );
    window.counts_on(WELL, "Hosting the local bus, heard");
    window.counts_on(FRESHNESS, "last heard");
    assert_eq!(
        window.ask("return document.activeElement.dataset.testid;"),
        "link-panel",
        "the panel has the focus"
    );
    window.session.press(ESCAPE);
    window.shows_no(PANEL);
    assert_eq!(
        window.ask("return document.activeElement.dataset.testid;"),
        "link-state",
        "the focus is back"
    );
    window.settle(&hearing.project);
}

pub(crate) fn an_envelope_that_is_refused_is_counted_in_the_panel(door: Door) {
    let Some(mut hearing) = Hearing::open(door, sample::gossiping()) else { return };
    hearing.window.click(LINK);
    hearing.window.shows(&way("uds", "listening"));
    assert_eq!(hearing.window.count("[data-testid=refused]"), 0, "nothing is said of none");
    hearing.say(&json!({"no": "envelope"}));
    hearing.window.reads("[data-testid=refused]", "1 envelope was refused because of what it holds.");
    hearing.say(&json!({"no": "envelope either"}));
    hearing.window.reads("[data-testid=refused]", "2 envelopes were refused because of what they hold.");
    assert_eq!(hearing.window.count("[data-heard], [data-testid=problem]"), 0, "and that is all");
    hearing.hears("demo-3", json!({"title": "Heard all the same"}));
    hearing.window.settle(&hearing.project);
}

pub(crate) fn a_broker_that_is_lost_is_said_beside_a_bus_that_is_well(door: Door) {
    let room = Project::empty();
    let Some(mut broker) = Mosquitto::start(room.machine(), Entrance::Open) else { return };
    let project = sample::gossiping_with("", |machine| machine.on_the_bus_and(&broker.url()));
    let Some(mut hearing) = Hearing::open(door, project) else { return };
    hearing.window.reads(WELL, "the local bus and 127.0.0.1");
    hearing.window.click(LINK);
    hearing.window.reads(&way("mqtt", "listening"), &broker.url());
    broker.kill();
    hearing.window.reads(&tone("degraded"), "the local bus, 127.0.0.1 lost");
    hearing.window.reads(&way("mqtt", "lost"), "lost 0:");
    hearing.window.shows(&way("uds", "listening"));
    files_flow(&hearing.project, &hearing.window, "Written without a broker");
    hearing.hears("demo-3", json!({"title": "Heard without a broker"}));

    broker.restart();
    let (window, project) = (&hearing.window, &hearing.project);
    window.shows(&way("mqtt", "listening"));
    window.reads(WELL, "the local bus and 127.0.0.1");
    broker.say(&mutated_as(&changed(project, "demo-4", json!({"title": "Heard over the broker"}))));
    window.reads(&heard("demo-4", "fields"), "Heard over the broker");
    window.settle(project);
}

pub(crate) fn a_link_that_is_wholly_lost_is_said_with_its_age_while_files_go_on(door: Door) {
    let room = Project::empty();
    let Some(mut broker) = Mosquitto::start(room.machine(), Entrance::Open) else { return };
    let project = sample::gossiping_with("", |machine| machine.on_the_broker(&broker.url()));
    let Some(window) = door.open(&project) else { return };
    window.reads(WELL, "Listening on 127.0.0.1");
    broker.kill();
    window.reads(&tone("lost"), "Live link lost 0:");
    window.counts_on(&tone("lost"), ", still watching files");
    files_flow(&project, &window, "Written without a link");
    broker.restart();
    window.reads(WELL, "Listening on 127.0.0.1");
    broker.say(&mutated_as(&changed(&project, "demo-4", json!({"title": "Heard again"}))));
    window.reads(&heard("demo-4", "fields"), "Heard again");
    window.settle(&project);
}

pub(crate) fn a_bus_whose_host_is_killed_is_taken_over_and_the_bar_says_so(door: Door) {
    let project = sample::gossiping();
    let mut host = project.watch();
    host.listens(&["uds"]);
    let Some(window) = door.open(&project) else { return };
    window.reads(WELL, "Listening on the local bus");
    window.click(LINK);
    window.shows(&format!("{}[data-hosting=false]", way("uds", "listening")));
    host.running.signal(Signal::KILL);
    host.running.ended();
    window.reads(WELL, "Hosting the local bus");
    window.shows(&format!("{}[data-hosting=true]", way("uds", "listening")));
    files_flow(&project, &window, "Written after the host was gone");
    let mut bus = hearsay_tests::Bus::connect(&project.machine().socket());
    bus.say(&mutated_as(&changed(&project, "demo-4", json!({"title": "Heard by the new host"}))));
    window.reads(&heard("demo-4", "fields"), "Heard by the new host");
    window.settle(&project);
}

pub(crate) fn gossip_that_is_switched_off_is_said_and_files_go_on(door: Door) {
    let project = sample::gossiping_with("", |machine| machine.on_the_broker("off"));
    let Some(window) = door.open(&project) else { return };
    window.reads(&tone("off"), "Gossip is off, watching files");
    window.click(LINK);
    window.shows(&way("uds", "off"));
    window.shows(&way("files", "native"));
    files_flow(&project, &window, "Written in silence");
    window.settle(&project);
}
