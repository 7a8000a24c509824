//! Two hosts with a broker between them: heard across the network, and fact after a push and a pull.

use std::time::{Duration, Instant};

use hearsay_tests::broker::{Door, Mosquitto};
use hearsay_tests::hosts::Hosts;
use hearsay_tests::wait::until;
use hearsay_tests::{Feed, Machine, Project, Watching, peers};
use serde_json::Value;

/// How long a transport that sends keep-alives every 30 seconds may take to notice that nobody is there.
const KEEP_ALIVE: Duration = Duration::from_secs(120);

/// A participant on each of two hosts, and the broker on the first.
struct Pair {
    near: (Project, Watching),
    far: (Project, Watching),
    network: Network,
}

/// What lies between them; both end with it.
struct Network {
    _broker: Mosquitto,
    hosts: Hosts,
}

fn pair() -> Option<Pair> {
    let hosts = Hosts::new()?;
    let project = Project::gossiping(3);
    let elsewhere = project.outside("far");
    let near = project.on(|machine| hosts.connect(machine, 0));
    let broker = Mosquitto::start_at(near.machine(), Door::Open, hosts.address(0))?;
    let near = near.on(|machine| machine.on_the_bus_and(&broker.url()));
    let far = near
        .clone_as("farther")
        .on(|_| hosts.connect(Machine::new(elsewhere), 1).on_the_bus_and(&broker.url()));
    let watch = |project: Project| {
        let mut watching = project.watch();
        watching.listens(&["uds", "mqtt"]);
        (project, watching)
    };
    Some(Pair { near: watch(near), far: watch(far), network: Network { _broker: broker, hosts } })
}

#[test]
fn a_change_on_one_host_is_heard_on_the_other_and_fact_after_a_push_and_a_pull() {
    let Some(client) = peers::kanbus() else { return };
    let Some(Pair { near: (near, mut here), far: (far, mut there), network: _network }) = pair() else {
        return;
    };
    // Kanbus speaks to the bus of its own host alone: the participant there passes it on.
    far.kanbus(&client, &["update", "demo-1", "--title", "Changed far away", "--status", "in_progress"]);
    let card = here.hears("demo-1", |card| card["title"] == "Changed far away");
    assert_eq!((&card["stage"], &card["status"]), (&"heard".into(), &"in_progress".into()));
    here.settle();
    let card = there.settle().card("demo-1");
    assert_eq!(
        (&card["heard"], &card["stage"]),
        (&Value::Null, &"written".into()),
        "where it was made it is fact"
    );
    assert!(far.overlay().is_empty(), "and nothing is kept of it: {:?}", far.overlay());

    far.push();
    near.pull();
    here.is_fact("demo-1");
    until("the entry to be gone", || near.overlay().is_empty().then_some(()));
    assert_eq!(here.settle().card("demo-1")["stage"], "committed");
    assert_eq!(there.settle().card("demo-1")["stage"], "committed");

    // And the other way.
    near.kanbus(&client, &["comment", "demo-1", "Seen."]);
    let card = there.hears("demo-1", |card| card["comments"] == 1);
    assert_eq!(
        (&card["heard"]["fields"], &card["heard"]["from"]),
        (&serde_json::json!(["comments"]), &"ada".into())
    );
    near.push();
    far.pull();
    there.is_fact("demo-1");
    assert_eq!(there.settle().card("demo-1")["stage"], "committed");
}

#[test]
fn what_is_said_after_the_cable_is_mended_is_heard_and_files_flow_all_the_while() {
    let Some(client) = peers::kanbus() else { return };
    let Some(Pair { near: (near, mut here), far: (far, mut there), network }) = pair() else { return };
    network.hosts.cut();
    near.put(&hearsay_tests::Issue::numbered(2).titled("Written while the cable was out"));
    here.sees("demo-2", |card| card["title"] == "Written while the cable was out");
    if peers::is_soak() {
        notices_that_nobody_is_there(&mut there);
    }
    network.hosts.mend();
    far.kanbus(&client, &["update", "demo-1", "--title", "Said after it was mended"]);
    here.hears("demo-1", |card| card["title"] == "Said after it was mended");
    here.settle();
}

/// Follows until the link says that the broker is not to be had, which only keep-alives can tell.
fn notices_that_nobody_is_there(watching: &mut Watching) {
    let lost = |link: &Value| {
        let ways = link["ways"].as_array().cloned().unwrap_or_default();
        ways.iter().any(|way| way["kind"] == "mqtt" && way["state"] != "listening")
    };
    let started = Instant::now();
    while !watching.follower.unit("link").is_some_and(|link| lost(&link)) {
        assert!(started.elapsed() < KEEP_ALIVE, "the link says that it is lost");
        if let Some(message) = watching.running.next(Duration::from_secs(1)) {
            watching.follower.apply(&message);
        }
    }
}
