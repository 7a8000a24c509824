//! What crosses from one bus to the other, with buses that are pretended.

use super::*;
use crate::endpoint::Broker;
use crate::settings::Channel;
use serde_json::json;
use std::sync::Mutex;

const TOPIC: &str = "projects/p/events";

struct Scene {
    owner: Owner,
    to_uds: mpsc::Receiver<Outgoing>,
    to_mqtt: mpsc::Receiver<Outgoing>,
    heard: Arc<Mutex<Vec<String>>>,
    _directory: Option<tempfile::TempDir>,
}

impl Scene {
    async fn new() -> Self {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
        let scene = Self::beside(&directory.path().join("bus.sock"));
        Self { _directory: Some(directory), ..scene }
    }

    fn beside(socket: &std::path::Path) -> Self {
        let channel = Channel {
            topic: TOPIC.to_owned(),
            identity: Some("p".to_owned()),
            labels: vec!["kbs".to_owned()],
        };
        let settings = Settings {
            channels: vec![channel],
            socket: Some(socket.to_path_buf()),
            broker: Some(Broker::auto(None)),
            ..Settings::default()
        };
        let options =
            Options { producer: "us".to_owned(), hosts: true, clock: SystemTime::now, autostart: None };
        let heard = Arc::new(Mutex::new(Vec::new()));
        let list = Arc::clone(&heard);
        let sink = Box::new(move |report| {
            if let Report::Heard(heard) = report {
                list.lock().unwrap().push(heard.envelope.id.to_string());
            }
        });
        let mut owner = Owner::new(settings, options, Arc::default(), sink);
        let (to_uds, to_mqtt) = (owner.uds.pretend(), owner.mqtt.pretend());
        Self { owner, to_uds, to_mqtt, heard, _directory: None }
    }

    fn up(&mut self, bus: Bus) {
        self.owner.on_event(bus, Event::Up);
    }

    fn said(&mut self, bus: Bus, text: &str) {
        let event = Event::Said { topic: TOPIC.to_owned(), bytes: text.as_bytes().to_vec() };
        self.owner.on_event(bus, event);
    }

    /// What would go out on each bus.
    fn sent(&mut self) -> (Vec<String>, Vec<String>) {
        let all = |receiver: &mut mpsc::Receiver<Outgoing>| {
            std::iter::from_fn(|| receiver.try_recv().ok()).map(|outgoing| outgoing.text.into()).collect()
        };
        (all(&mut self.to_uds), all(&mut self.to_mqtt))
    }
}

fn envelope(id: &str, producer: &str, kind: &str) -> String {
    json!({
        "id": id, "ts": "2026-01-01T00:00:00Z", "project": "kbs", "project_identity": "p", "type": kind,
        "issue_id": format!("of-{id}"), "producer_id": producer, "unheard_of": 1.50,
    })
    .to_string()
}

fn none() -> Vec<String> {
    Vec::new()
}

#[tokio::test]
async fn each_envelope_crosses_once_as_it_came_and_never_comes_back() {
    let mut scene = Scene::new().await;
    scene.up(Bus::Uds);
    scene.up(Bus::Mqtt);
    let (local, remote) = (envelope("1", "kbs", "issue.deleted"), envelope("2", "far", "issue.sung"));
    scene.said(Bus::Uds, &local);
    scene.said(Bus::Mqtt, &local);
    scene.said(Bus::Mqtt, &remote);
    scene.said(Bus::Uds, &remote);
    scene.said(Bus::Uds, &local);
    assert_eq!(scene.sent(), (vec![remote], vec![local]), "unknown types too, byte for byte");
    assert_eq!(*scene.heard.lock().unwrap(), ["1", "2"], "and each is heard once");
}

#[tokio::test]
async fn one_process_alone_relays_and_the_next_one_sends_nothing_back() {
    let mut first = Scene::new().await;
    let socket = first._directory.as_ref().unwrap().path().join("bus.sock");
    let mut second = Scene::beside(&socket);
    for scene in [&mut first, &mut second] {
        scene.up(Bus::Uds);
        scene.up(Bus::Mqtt);
    }
    let text = envelope("1", "kbs", "issue.deleted");
    for scene in [&mut first, &mut second] {
        scene.said(Bus::Uds, &text);
    }
    assert_eq!(first.sent(), (none(), vec![text.clone()]));
    assert_eq!(second.sent(), (none(), none()));
    first.owner.relay = None;
    second.owner.on_tick();
    second.said(Bus::Mqtt, &text);
    assert_eq!(second.sent(), (none(), none()), "the echo of what the first has relayed");
    let next = envelope("2", "far", "issue.deleted");
    second.said(Bus::Mqtt, &next);
    assert_eq!(second.sent(), (vec![next], none()));
}

#[tokio::test]
async fn what_is_our_own_goes_to_the_local_bus_else_to_the_broker_else_it_waits() {
    let mut scene = Scene::new().await;
    let own = |id| Envelope::parse(&envelope(id, "us", "issue.deleted")).unwrap();
    let text = |id| envelope(id, "us", "issue.deleted");
    scene.owner.publish(&own("1"));
    assert_eq!(scene.sent(), (none(), none()));
    scene.up(Bus::Mqtt);
    assert_eq!(scene.sent(), (none(), vec![text("1")]));
    scene.owner.publish(&own("2"));
    assert_eq!(scene.sent(), (none(), vec![text("2")]));
    scene.up(Bus::Uds);
    scene.owner.publish(&own("3"));
    assert_eq!(scene.sent(), (vec![text("3")], none()));
    scene.said(Bus::Uds, &text("3"));
    assert_eq!(scene.sent(), (none(), vec![text("3")]), "the bus gives it back, and the relay passes it on");
    assert_eq!(*scene.heard.lock().unwrap(), none());
}

#[tokio::test]
async fn what_could_not_cross_waits_for_the_other_bus_but_a_claim_does_not() {
    let mut scene = Scene::new().await;
    scene.up(Bus::Uds);
    scene.up(Bus::Mqtt);
    scene.owner.on_event(Bus::Mqtt, Event::Down("cut".to_owned()));
    let text = envelope("1", "kbs", "issue.deleted");
    let claim = json!({
        "id": "c", "ts": "2026-01-01T00:00:00Z", "project": "kbs", "type": "coordination.claim", "event_id": "e",
        "producer_id": "them", "resource": "router:issue:kbs-1", "owner": "o", "claim_id": "1", "lease_ttl_s": 60,
    });
    scene.said(Bus::Uds, &text);
    scene.said(Bus::Uds, &claim.to_string());
    scene.up(Bus::Mqtt);
    let room = scene.owner.mqtt.room().await;
    scene.owner.mqtt.send_waiting(room);
    assert_eq!(scene.sent(), (none(), vec![text]));
    assert_eq!(*scene.heard.lock().unwrap(), ["1", "c"], "both are heard here");
}

#[tokio::test]
async fn an_envelope_of_a_project_that_is_unknown_here_is_relayed_and_not_heard() {
    let mut scene = Scene::new().await;
    scene.up(Bus::Uds);
    scene.up(Bus::Mqtt);
    let text = envelope("1", "kbs", "issue.deleted").replace("\"kbs\"", "\"elsewhere\"");
    scene.said(Bus::Uds, &text);
    scene.said(Bus::Uds, "no envelope");
    assert_eq!(scene.sent(), (none(), vec![text]));
    let state = scene.owner.state();
    assert_eq!((state.heard, state.dropped_unknown, state.refused), (0, 1, 1));
    assert!(state.relaying);
}

#[tokio::test]
async fn a_wall_clock_that_jumps_ahead_tells_that_the_machine_was_asleep() {
    let mut scene = Scene::new().await;
    assert!(!scene.owner.was_asleep());
    scene.owner.ticked.1 -= Duration::from_secs(60);
    assert!(scene.owner.was_asleep());
    assert!(!scene.owner.was_asleep(), "once");
}

/// An envelope of so many bytes.
fn sized(id: &str, producer: &str, bytes: usize) -> String {
    let text = envelope(id, producer, "issue.deleted");
    let filler = "x".repeat(bytes - text.len() - r#","filler":"""#.len());
    text.replacen('{', &format!(r#"{{"filler":"{filler}","#), 1)
}

#[tokio::test]
async fn what_is_too_large_for_the_local_bus_is_counted_and_not_sent_whoever_says_it() {
    let mut scene = Scene::new().await;
    scene.up(Bus::Uds);
    scene.up(Bus::Mqtt);
    let largest = hearsay_board::envelope::LARGEST;
    scene.said(Bus::Mqtt, &sized("1", "far", largest));
    scene.owner.publish(&Envelope::parse(&sized("2", "us", largest - 20)).unwrap());
    assert_eq!(scene.sent(), (none(), none()));
    assert_eq!(scene.owner.state().unsent, 2);
    let fits = sized("3", "far", largest - 100);
    scene.said(Bus::Mqtt, &fits);
    assert_eq!(scene.sent(), (vec![fits], none()), "what fits goes on");
    assert_eq!(*scene.heard.lock().unwrap(), ["1", "3"], "and all is heard here");
}

#[tokio::test]
async fn waking_without_a_bus_loses_nothing_that_was_handed_over() {
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    let (mut scene, elsewhere) = (Scene::new().await, Scene::new().await);
    let place = |scene: &Scene| scene._directory.as_ref().unwrap().path().join("bus.sock");
    let (socket, theirs) = (place(&scene), place(&elsewhere));
    for scene in [&scene, &elsewhere] {
        scene.owner.hosting.as_ref().unwrap().0.abort();
    }
    let work = async {
        let _heard = scene.owner.uds.start();
        scene.up(Bus::Uds);
        for id in ["1", "2", "3"] {
            scene.owner.publish(&Envelope::parse(&envelope(id, "us", "issue.deleted")).unwrap());
        }
        scene.owner.on_event(Bus::Uds, Event::Down("gone".to_owned()));
        scene.owner.wake();
        // A bus with somebody who listens, before the link finds it.
        let (tell, mut told) = watch::channel(Hosting::No);
        let _host = tokio::spawn(host::run(theirs.clone(), tell));
        told.wait_for(|hosting| *hosting == Hosting::Yes).await.unwrap();
        let mut listener = BufReader::new(tokio::net::UnixStream::connect(&theirs).await.unwrap());
        for op in ["sub", "pub"] {
            let request = format!("{{\"op\":\"{op}\",\"topic\":\"{TOPIC}\"}}\n");
            listener.write_all(request.as_bytes()).await.unwrap();
        }
        let mut line = String::new();
        listener.read_line(&mut line).await.unwrap();
        std::os::unix::fs::symlink(&theirs, &socket).unwrap();
        for id in ["1", "2", "3"] {
            line.clear();
            listener.read_line(&mut line).await.unwrap();
            assert!(line.contains(&format!("\"id\":\"{id}\"")), "{line}");
        }
    };
    tokio::time::timeout(Duration::from_secs(20), work).await.expect("all of it is said");
}
