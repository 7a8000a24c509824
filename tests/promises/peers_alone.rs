//! What the other promises take for granted of the peers, without Hearsay between them.

use hearsay_tests::broker::Door;
use hearsay_tests::envelope::{mutated, topic};
use hearsay_tests::hosts::Hosts;
use hearsay_tests::wait::{DEADLINE, until};
use hearsay_tests::{Bus, Issue, Mosquitto, Project, peers};
use serde_json::Value;

#[test]
fn kanbus_hears_what_our_client_says_on_its_own_bus_and_the_reverse() {
    let Some(client) = peers::kanbus() else { return };
    let project = Project::gossiping(1);
    let elsewhere = project.clone_as("elsewhere");
    let _host = project.start_kanbus(&client, &["gossip", "broker"]);
    let mut bus = Bus::listening(&project.machine().socket());
    let watch = elsewhere.start_kanbus(&client, &["gossip", "watch", "--print"]);
    let said = mutated(&Issue::new("demo-0", "Heard"));
    // Nobody tells when it has subscribed, so it is said until it is heard: ids are heard once.
    let line = until("kanbus to hear", || {
        bus.say(&said);
        watch.line(std::time::Duration::from_millis(200)).map(|(_, line)| line)
    });
    let heard: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&heard["id"], &heard["issue"]["title"]), (&said["id"], &"Heard".into()));
    let entry = until("its overlay", || elsewhere.snapshot_of("demo-0"));
    assert_eq!(entry["overlay_event_id"], said["event_id"]);

    project.kanbus(&client, &["update", "demo-0", "--title", "Said by Kanbus"]);
    let started = std::time::Instant::now();
    loop {
        let heard = bus.heard(DEADLINE.saturating_sub(started.elapsed())).expect("Kanbus says what it did");
        if heard["issue"]["title"] == "Said by Kanbus" {
            break assert_eq!(heard["issue"]["id"], "demo-0");
        }
    }
}

#[test]
fn mosquitto_passes_on_what_is_said_through_every_door() {
    let project = Project::gossiping(0);
    for door in [Door::Open, Door::Password, Door::Tls] {
        let Some(mut broker) = Mosquitto::start(project.machine(), door) else { return };
        for _ in 0..2 {
            let listener = broker.listen();
            let said = mutated(&Issue::new("demo-0", "Heard"));
            broker.say(&said);
            assert_eq!(listener.hears(&said["id"]), (said.clone(), 0), "{door:?}");
            broker.kill();
            broker.restart();
        }
    }
}

#[test]
fn kanbus_publishes_to_a_broker_that_the_environment_names() {
    let Some(client) = peers::kanbus() else { return };
    let project = Project::gossiping(1);
    let Some(broker) = Mosquitto::start(project.machine(), Door::Open) else { return };
    let project = project.on(|machine| machine.on_the_broker(&broker.url()));
    let listener = broker.listen();
    project.kanbus(&client, &["update", "demo-0", "--title", "Over MQTT"]);
    let heard = listener.heard(DEADLINE).expect("an envelope");
    assert_eq!((&heard["type"], &heard["issue"]["title"]), (&"issue.mutated".into(), &"Over MQTT".into()));
}

#[test]
fn a_message_crosses_the_cable_between_two_hosts_until_it_is_pulled() {
    let project = Project::gossiping(0);
    let Some(hosts) = Hosts::new() else { return };
    let (near, far) =
        (hosts.connect(project.machine().clone(), 0), hosts.connect(project.machine().clone(), 1));
    let Some(broker) = Mosquitto::start_at(&near, Door::Open, hosts.address(0)) else { return };
    let Some(client) = hearsay_tests::broker::Client::new(&far, broker.address()) else { return };
    let listener = client.listen();
    let said = mutated(&Issue::new("demo-0", topic().as_str()));
    broker.say(&said);
    listener.hears(&said["id"]);
    hosts.cut();
    hosts.mend();
    let said = mutated(&Issue::new("demo-0", "After"));
    client.say(&said);
    listener.hears(&said["id"]);
}
