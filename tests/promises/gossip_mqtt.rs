//! Brokers: Debian's mosquitto and the embedded one, and the relay between them and the local bus.

use std::net::{Ipv4Addr, SocketAddr};

use hearsay_tests::broker::{Client, Door, ENCODED, Mosquitto, PASSWORD, USER, free_port};
use hearsay_tests::envelope::mutated;
use hearsay_tests::wait::{DEADLINE, until};
use hearsay_tests::{Bus, Machine, Project, Running, Watching, peers};
use serde_json::Value;

use crate::party::retitled;

/// A project whose participant listens on the bus and on `broker`, let in as `change` has it.
fn listening(broker: &Mosquitto, change: impl FnOnce(Machine) -> Machine) -> (Project, Watching) {
    let url = broker.url();
    let project = Project::gossiping(3).on(|machine| change(machine.on_the_bus_and(&url)));
    let mut watching = project.watch();
    watching.listens(&["uds", "mqtt"]);
    (project, watching)
}

/// A broker of a machine of its own, which is not ended with any project.
fn broker(door: Door) -> Option<(Project, Mosquitto)> {
    let room = Project::empty();
    let broker = Mosquitto::start(room.machine(), door)?;
    Some((room, broker))
}

/// What is said at the broker is heard here, and what is said on the bus here is heard at the broker.
fn both_ways(broker: &Mosquitto, project: &Project, watching: &mut Watching) {
    let listener = broker.listen();
    let there = mutated(&retitled(1, "Said at the broker"));
    broker.say(&there);
    watching.hears("demo-1", |card| card["title"] == "Said at the broker");
    let here = mutated(&retitled(2, "Said on the bus"));
    Bus::connect(&project.machine().socket()).say(&here);
    watching.hears("demo-2", |card| card["title"] == "Said on the bus");
    assert_eq!(listener.hears(&there["id"]).1, 0, "first what was said there");
    assert_eq!(listener.hears(&here["id"]), (here.clone(), 0), "then what we relayed, as it was said");
    watching.settle();
}

#[test]
fn a_change_goes_both_ways_through_mosquitto() {
    let Some((_room, broker)) = broker(Door::Open) else { return };
    let (project, mut watching) = listening(&broker, |machine| machine);
    both_ways(&broker, &project, &mut watching);
}

#[test]
fn kanbus_is_heard_through_mosquitto_and_hears_what_is_said_here() {
    let Some(client) = peers::kanbus() else { return };
    let Some((_room, broker)) = broker(Door::Open) else { return };
    let (project, mut watching) = listening(&broker, |machine| machine);
    let colleague = project.clone_as("colleague").on(|machine| machine.on_the_broker(&broker.url()));
    colleague.kanbus(&client, &["update", "demo-1", "--title", "Said by Kanbus"]);
    watching.hears("demo-1", |card| card["title"] == "Said by Kanbus");

    let watch = colleague.start_kanbus(&client, &["gossip", "watch", "--print"]);
    let mut bus = Bus::connect(&project.machine().socket());
    let said = mutated(&retitled(2, "Said here"));
    let line = until("Kanbus to hear what is relayed", || {
        let copy = hearsay_tests::envelope::with(said.clone(), "id", hearsay_tests::envelope::fresh_id());
        bus.say(&copy);
        watch.line(std::time::Duration::from_millis(300)).map(|(_, line)| line)
    });
    let heard: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&heard["issue_id"], &heard["issue"]["title"]), (&"demo-2".into(), &"Said here".into()));
    watching.settle();
}

#[test]
fn a_broker_with_a_password_lets_in_who_knows_it_and_nobody_is_told() {
    let Some((_room, broker)) = broker(Door::Password) else { return };
    let (project, mut watching) = listening(&broker, |machine| machine);
    both_ways(&broker, &project, &mut watching);
    let apart = format!("mqtt://{}", broker.address());
    let own = |machine: Machine| {
        machine.on_the_bus_and(&apart).with("HEARSAY_MQTT_USER", USER).with("HEARSAY_MQTT_PASSWORD", PASSWORD)
    };
    let second = project.clone_as("second").on(own);
    let mut apart = second.watch();
    apart.listens(&["uds", "mqtt"]);
    for watching in [&mut watching, &mut apart] {
        let said = format!("{:?} {}", watching.follower.unit("link"), watching.running.errors());
        assert!(!said.contains(PASSWORD) && !said.contains(ENCODED), "{said}");
    }
}

/// Follows until the way to the broker is lost, and answers why.
fn why_lost(watching: &mut Watching) -> String {
    let way = |link: &Value| {
        let ways = link["ways"].as_array().cloned().unwrap_or_default();
        ways.into_iter().find(|way| way["kind"] == "mqtt")
    };
    let lost =
        |link: &Value| way(link).is_some_and(|way| way["state"] == "lost" && way["message"].is_string());
    let link = watching.link("the way to the broker to be lost", lost);
    way(&link).expect("it is lost")["message"].as_str().expect("a message").to_owned()
}

#[test]
fn a_broker_that_does_not_let_us_in_is_said_with_why_and_the_rest_works() {
    let Some((_room, broker)) = broker(Door::Password) else { return };
    let wrong = format!("mqtt://{USER}:nobody-may-see-this@{}", broker.address());
    let project = Project::gossiping(3).on(|machine| machine.on_the_bus_and(&wrong));
    let mut watching = project.watch();
    let why = why_lost(&mut watching);
    assert!(why.len() > 10 && !why.contains("nobody-may-see-this"), "{why}");
    watching.listens(&["uds"]);
    Bus::connect(&project.machine().socket()).say(&mutated(&retitled(1, "Heard all the same")));
    watching.hears("demo-1", |card| card["title"] == "Heard all the same");
    watching.settle();
    assert!(!watching.running.errors().contains("nobody-may-see-this"));
}

#[test]
fn a_broker_behind_tls_is_heard_where_its_authority_is_known_and_nowhere_else() {
    let Some((_room, broker)) = broker(Door::Tls) else { return };
    let authority = broker.authority();
    let known = |machine: Machine| machine.with("HEARSAY_MQTT_CA", &authority.to_string_lossy());
    let (project, mut watching) = listening(&broker, known);
    both_ways(&broker, &project, &mut watching);

    let stranger = Project::gossiping(1).on(|machine| machine.on_the_bus_and(&broker.url()));
    let mut watching = stranger.watch();
    let why = why_lost(&mut watching);
    assert!(why.to_lowercase().contains("certificate"), "it says what is wrong: {why}");
}

/// The embedded broker on a port of its own.
fn embedded(project: &Project) -> (Running, SocketAddr) {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
    let mut command = project.caller().command();
    let mut running = Running::start(command.args(["broker", "--mqtt", &address.to_string()]));
    until("the embedded broker to listen", || {
        assert!(!running.is_over(), "hear broker ends: {}", running.errors());
        std::net::TcpStream::connect(address).ok()
    });
    (running, address)
}

#[test]
fn the_embedded_broker_serves_mosquittos_clients_and_kanbus() {
    let project = Project::gossiping(3);
    let (running, address) = embedded(&project);
    let Some(peer) = Client::new(project.machine(), address) else { return };
    let listener = peer.listen();
    let said = mutated(&retitled(0, "From one to the other"));
    peer.say(&said);
    assert_eq!(listener.hears(&said["id"]), (said.clone(), 0));

    let url = format!("mqtt://{address}");
    let project = project.on(|machine| machine.on_the_bus_and(&url));
    let mut watching = project.watch();
    watching.listens(&["uds", "mqtt"]);
    peer.say(&mutated(&retitled(1, "Said by mosquitto_pub")));
    watching.hears("demo-1", |card| card["title"] == "Said by mosquitto_pub");
    let said = mutated(&retitled(2, "Said on the bus"));
    Bus::connect(&project.machine().socket()).say(&said);
    listener.hears(&said["id"]);
    if let Some(client) = peers::kanbus() {
        let colleague = project.clone_as("colleague").on(|machine| machine.on_the_broker(&url));
        colleague.kanbus(&client, &["update", "demo-0", "--title", "Said by Kanbus"]);
        watching.hears("demo-0", |card| card["title"] == "Said by Kanbus");
    }
    watching.settle();
    assert_eq!(running.stop().code(), Some(0), "it ends when asked");
}

#[test]
fn what_is_said_on_the_bus_reaches_the_broker_once_and_the_reverse() {
    let Some((_room, broker)) = broker(Door::Open) else { return };
    let (project, mut watching) = listening(&broker, |machine| machine);
    // A second participant with the same two ways: only the host relays.
    let mut second = project.watch();
    second.listens(&["uds", "mqtt"]);
    let (listener, mut bus) = (broker.listen(), Bus::listening(&project.machine().socket()));
    let mut speaker = Bus::connect(&project.machine().socket());
    for turn in 0..20 {
        let here = mutated(&retitled(1, &format!("On the bus {turn}")).changed(10 + turn));
        let there = mutated(&retitled(2, &format!("At the broker {turn}")).changed(10 + turn));
        speaker.say(&here);
        broker.say(&there);
        // Whatever came twice would come between.
        let mut both = [listener.heard(DEADLINE), listener.heard(DEADLINE)]
            .map(|said| said.expect("said")["id"].clone());
        both.sort_by_key(|id| *id != here["id"]);
        assert_eq!(both, [here["id"].clone(), there["id"].clone()], "turn {turn} at the broker");
        let mut both =
            [bus.heard(DEADLINE), bus.heard(DEADLINE)].map(|said| said.expect("said")["id"].clone());
        both.sort_by_key(|id| *id != here["id"]);
        assert_eq!(both, [here["id"].clone(), there["id"].clone()], "turn {turn} on the bus");
    }
    for watching in [&mut watching, &mut second] {
        watching.hears("demo-1", |card| card["title"] == "On the bus 19");
        watching.hears("demo-2", |card| card["title"] == "At the broker 19");
        watching.settle();
    }
}

#[test]
fn what_the_bus_cannot_carry_is_heard_all_the_same_and_cuts_nobody_off() {
    let Some((_room, broker)) = broker(Door::Open) else { return };
    let (project, mut watching) = listening(&broker, |machine| machine);
    let mut bus = Bus::listening(&project.machine().socket());
    let up = |link: &Value| link["ways"][0]["kind"] == "uds" && link["ways"][0]["state"] == "listening";
    let since = watching.link("the bus", up)["ways"][0]["since"].clone();
    let mut large = mutated(&retitled(1, "Too large for the bus"));
    large["padding"] = "x".repeat((1 << 20) - large.to_string().len() - 30).into();
    broker.say(&large);
    watching.hears("demo-1", |card| card["title"] == "Too large for the bus");
    // What stands on a line of its own there would be a request of its own here.
    let mut broken = mutated(&retitled(2, "Of several lines"));
    let smuggled = mutated(&retitled(0, "Smuggled in"));
    broken["more"] = serde_json::json!(["HERE"]);
    let request =
        serde_json::json!({"op": "pub", "topic": hearsay_tests::envelope::topic(), "msg": smuggled});
    let text = broken.to_string().replace("\"HERE\"", &format!("\n{request}\n"));
    Client::new(project.machine(), broker.address()).expect("there is one").say_bytes(text.as_bytes());
    broken["more"] = serde_json::json!([request]);
    assert_eq!(bus.hears(&broken["id"]), (broken.clone(), 0), "as it was said, and nothing else");
    watching.hears("demo-2", |card| card["title"] == "Of several lines");
    let last = mutated(&retitled(1, "The last word").changed(9));
    broker.say(&last);
    assert_eq!(bus.hears(&last["id"]).1, 0, "nothing was smuggled in");
    watching.hears("demo-1", |card| card["title"] == "The last word");
    let link = watching.link("the bus", up);
    assert_eq!(link["ways"][0]["since"], since, "it was never cut off");
    watching.settle();
}

#[test]
fn a_broker_that_announces_itself_is_found_without_being_named() {
    let Some((_room, broker)) = broker(Door::Open) else { return };
    let project = Project::gossiping(2).on(Machine::as_configured);
    let announced = serde_json::json!({
        "kind": "mosquitto", "endpoint": broker.url(), "pid": std::process::id(), "started_by": "kbs",
        "started_at": hearsay_tests::envelope::now(), "log_path": "/dev/null", "conf_path": "/dev/null", "ttl_s": 86_400,
    });
    let path = project.machine().broker_json();
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, announced.to_string()).unwrap();
    let mut watching = project.watch();
    watching.listens(&["uds", "mqtt"]);
    both_ways(&broker, &project, &mut watching);
}

#[test]
fn autostart_starts_a_broker_and_announces_it_in_broker_json() {
    if peers::program("mosquitto", "mosquitto").is_none() {
        return;
    }
    let url = format!("mqtt://127.0.0.1:{}", free_port());
    let project = Project::gossiping(2)
        .on(|machine| machine.on_the_bus_and(&url).with("KANBUS_REALTIME_AUTOSTART", "1"));
    let mut watching = project.watch();
    watching.listens(&["uds", "mqtt"]);
    let text = std::fs::read_to_string(project.machine().broker_json()).expect("it announces itself");
    let announced: Value = serde_json::from_str(&text).unwrap();
    for (key, is_right) in [
        ("kind", announced["kind"] == "mosquitto"),
        (
            "endpoint",
            announced["endpoint"].as_str().is_some_and(|endpoint| endpoint.starts_with("mqtt://127.0.0.1:")),
        ),
        ("pid", announced["pid"].as_u64().is_some_and(|pid| pid > 1)),
        ("started_by", announced["started_by"].is_string()),
        ("started_at", announced["started_at"].as_str().is_some_and(|time| time.ends_with('Z'))),
        ("log_path", announced["log_path"].is_string()),
        ("conf_path", announced["conf_path"].is_string()),
        ("ttl_s", announced["ttl_s"].is_u64()),
    ] {
        assert!(is_right, "{key}: {announced}");
    }
    if let Some(client) = peers::kanbus() {
        // Kanbus finds it there without being told.
        let colleague = project.clone_as("colleague").on(|machine| machine.on_the_broker("auto"));
        let watch = colleague.start_kanbus(&client, &["gossip", "watch", "--print"]);
        let mut bus = Bus::connect(&project.machine().socket());
        until("Kanbus to hear over the broker that was started", || {
            bus.say(&mutated(&retitled(1, "Heard over it")));
            watch.line(std::time::Duration::from_millis(300))
        });
    }
    let address = announced["endpoint"].as_str().unwrap().trim_start_matches("mqtt://").to_owned();
    assert!(watching.running.stop().success());
    until("the broker to end with who started it", || {
        std::net::TcpStream::connect(&address).is_err().then_some(())
    });
}
