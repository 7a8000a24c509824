//! Buses that go away and come back: the board says so, files keep flowing, and what is said afterwards is heard.
//!
//! How quickly is asked of the middle of many rounds: this machine may be busy with something else in some of them.

use std::time::{Duration, Instant};

use hearsay_tests::broker::{Door, Mosquitto};
use hearsay_tests::envelope::mutated;
use hearsay_tests::wait::until;
use hearsay_tests::{Bus, Issue, Project, Running, Watching, peers};
use rustix::process::Signal;
use serde_json::Value;

use crate::party::{Party, hears_again, retitled};

/// How soon the board says that a bus is lost, where the transport can know it.
const SAID: Duration = Duration::from_secs(2);
/// How soon something is heard after a bus of this machine has returned: the cap of the backoff, and a second.
const HEARD: Duration = Duration::from_secs(2);

/// How often a bus goes away.
fn rounds() -> u32 {
    if peers::is_soak() { 100 } else { 20 }
}

/// The state of the way `kind`.
fn state(link: &Value, kind: &str) -> String {
    let ways = link["ways"].as_array().into_iter().flatten();
    let mut ways = ways.filter(|way| way["kind"] == kind);
    ways.next().and_then(|way| way["state"].as_str()).unwrap_or_default().to_owned()
}

fn is_hosting(link: &Value) -> bool {
    link["ways"].as_array().into_iter().flatten().any(|way| way["hosting"] == true)
}

/// The middle one of several durations.
fn middle(mut durations: Vec<Duration>) -> Duration {
    durations.sort();
    durations[durations.len() / 2]
}

/// Changes a file and sees it on the board.
fn files_flow(project: &Project, watching: &mut Watching, turn: u32) {
    let title = format!("Written in round {turn}");
    project.put(&Issue::numbered(0).titled(&title));
    watching.sees("demo-0", |card| card["title"] == title.as_str());
}

#[test]
fn a_broker_that_is_killed_and_restarted_is_missed_said_and_found_again() {
    let room = Project::empty();
    let Some(mut broker) = Mosquitto::start(room.machine(), Door::Open) else { return };
    let project = Project::gossiping(3).on(|machine| machine.on_the_bus_and(&broker.url()));
    let mut watching = project.watch();
    watching.listens(&["uds", "mqtt"]);
    let (mut said, mut heard) = (Vec::new(), Vec::new());
    for turn in 0..rounds() {
        let killed = Instant::now();
        broker.kill();
        let link = watching
            .link("the board to say that the broker is lost", |link| state(link, "mqtt") != "listening");
        said.push(killed.elapsed());
        assert_eq!(state(&link, "uds"), "listening", "the local bus is not harmed: {link}");
        files_flow(&project, &mut watching, turn);
        broker.restart();
        let returned = Instant::now();
        watching.listens(&["uds", "mqtt"]);
        let title = format!("Heard in round {turn}");
        broker.say(&mutated(&retitled(1, &title).changed(10 + turn)));
        watching.hears("demo-1", |card| card["title"] == title.as_str());
        heard.push(returned.elapsed());
    }
    watching.settle();
    assert!(middle(said.clone()) < SAID, "said soon: {said:?}");
    assert!(middle(heard.clone()) < HEARD, "heard soon: {heard:?}");
}

#[test]
fn a_bus_whose_host_is_killed_is_taken_over_by_another_participant() {
    let project = Project::gossiping(3);
    let mut host = project.watch();
    assert!(is_hosting(&host.listens(&["uds"])));
    let mut taken = Vec::new();
    for turn in 0..rounds() {
        let mut other = project.watch();
        assert!(!is_hosting(&other.listens(&["uds"])), "there is a host already");
        let killed = Instant::now();
        host.running.signal(Signal::KILL);
        host.running.ended();
        other.link("the other to host", |link| is_hosting(link) && state(link, "uds") == "listening");
        taken.push(killed.elapsed());
        files_flow(&project, &mut other, turn);
        let title = format!("Heard in round {turn}");
        hears_again(&project, &mut other, &retitled(1, &title).changed(10 + turn));
        host = other;
    }
    host.settle();
    assert!(middle(taken.clone()) < HEARD, "taken over soon: {taken:?}");
}

#[test]
fn of_many_participants_exactly_one_hosts_whoever_is_killed() {
    let project = Project::gossiping(2);
    let mut all: Vec<Watching> = (0..5).map(|_| project.watch()).collect();
    while all.len() > 1 {
        let links: Vec<Value> = all.iter_mut().map(|watching| watching.listens(&["uds"])).collect();
        let hosts: Vec<usize> = (0..all.len()).filter(|at| is_hosting(&links[*at])).collect();
        assert_eq!(hosts.len(), 1, "{links:?}");
        let mut host = all.remove(hosts[0]);
        host.running.signal(Signal::KILL);
        host.running.ended();
        // Every link speaks of the one that is gone until it has noticed.
        let left = all.len();
        until("one of those that are left to host, and the others to join it", || {
            let title = format!("Heard by {left}");
            let issue = retitled(1, &title).changed(100 - u32::try_from(left).ok()?);
            let _bus = Bus::try_say(&project.machine().socket(), &mutated(&issue))?;
            all.iter_mut()
                .all(|watching| {
                    while let Some(message) =
                        hearsay_tests::Feed::next(&mut watching.running, Duration::from_millis(50))
                    {
                        watching.follower.apply(&message);
                    }
                    watching.follower.board.card("demo-1")["title"] == title.as_str()
                })
                .then_some(())
        });
    }
    all[0].settle();
}

/// `hear broker` on the usual socket.
fn broker(project: &Project) -> Running {
    let socket = project.machine().socket();
    let mut command = project.caller().command();
    let running = Running::start(command.arg("broker").arg("--socket").arg(&socket));
    drop(Bus::connect(&socket));
    running
}

#[test]
fn a_participant_joins_a_broker_in_the_foreground_and_hosts_once_that_is_gone() {
    let project = Project::gossiping(3);
    let alone = broker(&project);
    let mut watching = project.watch();
    assert!(!is_hosting(&watching.listens(&["uds"])));
    assert_eq!(alone.stop().code(), Some(0), "it ends when asked");
    watching.link("the participant to host", |link| is_hosting(link) && state(link, "uds") == "listening");
    hears_again(&project, &mut watching, &retitled(1, "Heard after"));
    watching.settle();
}

#[test]
fn a_socket_that_kanbus_takes_for_its_own_broker_is_followed_there_and_back() {
    let Some(client) = peers::kanbus() else { return };
    let mut party = Party::new(3);
    for turn in 0..3 {
        // It unlinks the socket of a host that lives, and listens in its place.
        let kanbus = party.project.start_kanbus(&client, &["gossip", "broker"]);
        party.watching.link("the participant to join the new host", |link| {
            !is_hosting(link) && state(link, "uds") == "listening"
        });
        files_flow(&party.project, &mut party.watching, turn);
        party.hears_again(&retitled(1, &format!("Said through Kanbus {turn}")).changed(10 + turn));
        drop(kanbus);
        party.watching.link("the participant to host again", |link| {
            is_hosting(link) && state(link, "uds") == "listening"
        });
        party.hears_again(&retitled(2, &format!("Said through us {turn}")).changed(10 + turn));
    }
    party.settle();
}

#[test]
fn a_socket_that_somebody_unlinks_is_there_again() {
    let mut party = Party::new(3);
    for turn in 0..5 {
        std::fs::remove_file(party.project.machine().socket()).unwrap();
        party.hears_again(&retitled(1, &format!("After it was unlinked {turn}")).changed(10 + turn));
        files_flow(&party.project, &mut party.watching, turn);
    }
    std::fs::remove_dir_all(party.project.machine().runtime().join("kanbus")).unwrap();
    party.hears_again(&retitled(1, "After the directory went").changed(90));
    party.settle();
}

#[test]
fn without_any_broker_that_is_said_and_everything_else_works() {
    let nobody = format!("mqtt://127.0.0.1:{}", hearsay_tests::broker::free_port());
    let project = Project::gossiping(2).on(|machine| machine.on_the_broker(&nobody));
    let mut watching = project.watch();
    let link = watching
        .link("the link to say why", |link| state(link, "mqtt") == "lost" && link["message"].is_string());
    assert_eq!(link["state"], "lost", "{link}");
    files_flow(&project, &mut watching, 0);
    watching.settle();
    assert!(watching.running.stop().success());

    let off = Project::gossiping(2).on(|machine| {
        machine.with("KANBUS_REALTIME_BROKER", "off").with("KANBUS_REALTIME_TRANSPORT", "mqtt")
    });
    let mut watching = off.watch();
    watching.link("the link to be off", |link| link["state"] == "off");
    files_flow(&off, &mut watching, 0);
    watching.settle();
}
