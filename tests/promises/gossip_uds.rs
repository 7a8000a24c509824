//! The local bus, with the real Kanbus client at the other end.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use hearsay_tests::envelope::{fresh_id, mutated, now, topic};
use hearsay_tests::overlay::snapshot_path;
use hearsay_tests::project::IDENTITY;
use hearsay_tests::wait::{DEADLINE, until};
use hearsay_tests::{Bus, Issue, Project, Running, peers};
use serde_json::{Value, json};

use crate::party::{Party, retitled};

/// A second clone, in which Kanbus works.
fn with_a_colleague(party: &Party) -> Option<(Project, std::path::PathBuf)> {
    let client = peers::kanbus()?;
    Some((party.project.clone_as("colleague"), client))
}

#[test]
fn what_kanbus_does_elsewhere_is_heard_and_becomes_fact_with_the_pull() {
    let mut party = Party::new(3);
    let Some((colleague, client)) = with_a_colleague(&party) else { return };
    colleague.kanbus(&client, &["update", "demo-1", "--title", "Reworded", "--status", "in_progress"]);
    let card = party.watching.hears("demo-1", |card| card["status"] == "in_progress");
    assert_eq!(card["stage"], "heard");
    assert_eq!(card["heard"]["fields"], json!(["status", "title"]), "the fields that changed, and no other");
    assert_eq!(card["heard"]["deleted"], false);
    assert!(card["heard"]["at"].as_str().is_some_and(|at| at.ends_with('Z')), "{card}");
    let board = party.settle();
    assert_eq!(board.card("demo-1")["title"], "Reworded", "a fresh process hears it from the overlay");
    assert_eq!(party.overlay(), ["issues/demo-1.json"], "one entry, and no other");

    colleague.push();
    party.project.pull();
    assert_eq!(party.watching.is_fact("demo-1")["title"], "Reworded");
    until("the entry to be gone", || party.overlay().is_empty().then_some(()));
    assert_eq!(party.settle().card("demo-1")["stage"], "committed");
    assert_eq!(
        party.project.git(&["status", "--porcelain"]),
        "",
        "nothing outside of the overlay has changed"
    );
}

#[test]
fn an_issue_that_is_made_elsewhere_is_a_ghost_until_it_arrives() {
    let mut party = Party::new(1);
    let Some((colleague, client)) = with_a_colleague(&party) else { return };
    colleague.kanbus(&client, &["create", "Nobody here has it yet", "--no-agent-provenance"]);
    party.watching.until("a ghost", |board| board.cards().len() == 2);
    let board = party.settle();
    let id = board.cards().into_iter().find(|id| *id != "demo-0").expect("it was made").to_owned();
    let card = board.card(&id);
    assert_eq!((&card["stage"], &card["title"]), (&"heard".into(), &"Nobody here has it yet".into()));
    assert_eq!(board.problems(), [] as [Value; 0]);
    colleague.push();
    party.project.pull();
    party.watching.is_fact(&id);
    until("the entry to be gone", || party.overlay().is_empty().then_some(()));
    assert_eq!(party.settle().card(&id)["stage"], "committed");
}

#[test]
fn an_issue_that_is_deleted_elsewhere_is_marked_and_stays_until_it_is_gone_here() {
    let mut party = Party::new(2);
    let Some((colleague, client)) = with_a_colleague(&party) else { return };
    colleague.kanbus(&client, &["delete", "demo-1", "--yes"]);
    let card = party.watching.hears("demo-1", |card| card["heard"]["deleted"] == true);
    assert_eq!(
        (&card["title"], &card["stage"]),
        (&"Issue 1".into(), &"heard".into()),
        "the file is there still"
    );
    assert!(party.settle().has_card("demo-1"), "so a fresh reading shows it as well");
    assert_eq!(party.overlay(), ["tombstones/demo-1.json"]);
    colleague.push();
    party.project.pull();
    party.watching.until("the card to be gone", |board| !board.has_card("demo-1"));
    // What was said before the end and comes late does not bring it back, neither here nor for Kanbus.
    assert_eq!(party.overlay(), ["tombstones/demo-1.json"]);
    party.say(&mutated(&Issue::numbered(1).titled("Late").changed(5)));
    assert!(!party.settle().has_card("demo-1"));
    assert!(!party.project.kanbus(&client, &["list"]).contains("Late"));
}

/// An envelope as we write it ourselves.
fn our_own(issue: &hearsay_tests::Issue) -> Value {
    let issue: Value = serde_json::from_str(&issue.text()).unwrap();
    let draft = hearsay_board::envelope::Draft {
        id: &fresh_id(),
        at: &now(),
        project: "demo",
        project_identity: Some(IDENTITY),
        producer: &fresh_id(),
        issue_id: issue["id"].as_str().unwrap(),
        event_id: Some(&fresh_id()),
        issue: issue.as_object(),
    };
    let envelope = hearsay_board::envelope::Envelope::write(&draft).expect("our own envelope");
    serde_json::from_str(envelope.text()).unwrap()
}

/// `kanbus gossip watch --print`, once it is known to listen.
fn kanbus_watch(project: &Project, client: &Path, bus: &mut Bus) -> Running {
    let watch = project.start_kanbus(client, &["gossip", "watch", "--print"]);
    let probe = mutated(&hearsay_tests::Issue::new("demo-fence", "Whether Kanbus listens"));
    until("kanbus gossip watch to listen", || {
        bus.say(&probe);
        watch.line(std::time::Duration::from_millis(200))
    });
    watch
}

#[test]
fn our_envelope_arrives_at_kanbus_and_its_overlay_agrees_with_ours() {
    let mut party = Party::new(3);
    let Some((colleague, client)) = with_a_colleague(&party) else { return };
    let watch = kanbus_watch(&colleague, &client, &mut party.bus);
    let said = our_own(&retitled(2, "Said by us"));
    party.say(&said);
    let (_, line) = watch.line(DEADLINE).expect("Kanbus prints what it hears");
    let heard: Value = serde_json::from_str(&line).unwrap();
    for field in ["id", "ts", "project", "project_identity", "type", "issue_id", "event_id", "producer_id"] {
        assert_eq!(heard[field], said[field], "{field}");
    }
    assert_eq!(heard["issue"]["title"], "Said by us", "the whole issue");
    party.watching.hears("demo-2", |card| card["title"] == "Said by us");
    party.settle();

    let (ours, theirs) = until("both overlays", || {
        Some((party.project.snapshot_of("demo-2")?, colleague.snapshot_of("demo-2")?))
    });
    for field in ["overlay_ts", "overlay_event_id", "overrides"] {
        assert_eq!(ours[field], theirs[field], "{field}");
    }
    let both = |entry: &Value| -> Value {
        // Kanbus adds fields that it knows and nobody said.
        let mut issue = entry["issue"].clone();
        issue.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        issue
    };
    assert_eq!(both(&ours), both(&theirs));
    let listed = colleague.kanbus(&client, &["list"]);
    assert!(listed.contains("Said by us"), "Kanbus shows it as well: {listed}");
    let listed = party.project.kanbus(&client, &["list"]);
    assert!(listed.contains("Said by us"), "also from the entry that we wrote: {listed}");
}

#[test]
fn a_participant_that_comes_later_joins_and_both_hear() {
    let mut party = Party::new(2);
    let mut second = party.project.watch();
    let link = second.listens(&["uds"]);
    let hosting = |link: &Value| link["ways"].as_array().unwrap().iter().any(|way| way["hosting"] == true);
    assert!(!hosting(&link), "one hosts, the other joins: {link}");
    assert!(hosting(&party.watching.listens(&["uds"])));
    party.hears(&retitled(1, "Heard by both"));
    second.hears("demo-1", |card| card["title"] == "Heard by both");
    let board = party.watching.settle();
    assert_eq!(second.settle().line(), board.line());
    let server = party.project.caller().serve(party.project.root());
    assert_eq!(server.get("/api/board").body.trim_end(), board.line(), "hear serve agrees");
}

#[test]
fn the_socket_and_its_directory_are_for_this_user_alone() {
    let party = Party::new(1);
    let socket = party.project.machine().socket();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&socket), 0o600);
    assert_eq!(mode(socket.parent().unwrap()), 0o700);
    assert!(party.watching.running.stop().success());
    assert!(Bus::try_connect(&socket).is_none(), "a host that goes takes its bus with it");
}

#[test]
fn a_read_only_watch_hears_and_neither_hosts_nor_writes() {
    let project = Project::gossiping(2);
    let mut reader = project.caller().watch_with(project.root(), &["--read-only"]);
    reader.link("a link that is not there", |link| link["state"] != "listening");
    assert!(!project.machine().socket().exists(), "it does not host");
    let client = peers::kanbus();
    let _host = client.map(|client| project.start_kanbus(&client, &["gossip", "broker"]));
    if _host.is_none() {
        return;
    }
    reader.listens(&["uds"]);
    let before = hearsay_tests::snapshot::snapshot(project.root());
    let mut bus = Bus::listening(&project.machine().socket());
    bus.say(&mutated(&retitled(1, "Heard by a reader")));
    reader.hears("demo-1", |card| card["title"] == "Heard by a reader");
    assert!(reader.running.stop().success());
    assert!(hearsay_tests::snapshot::snapshot(project.root()) == before, "and writes nothing");
}

#[test]
fn a_stale_socket_is_replaced_and_a_live_one_left_alone() {
    let project = Project::gossiping(1);
    let socket = project.machine().socket();
    std::fs::create_dir_all(socket.parent().unwrap()).unwrap();
    std::fs::set_permissions(socket.parent().unwrap(), std::fs::Permissions::from_mode(0o700)).unwrap();
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    let mut watching = project.watch();
    watching.listens(&["uds"]);
    assert!(Bus::try_connect(&socket).is_some(), "somebody answers again");
    assert!(watching.running.stop().success());

    let _ = std::fs::remove_file(&socket);
    let live = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let mut watching = project.watch();
    live.set_nonblocking(true).unwrap();
    // One connection only looks whether somebody lives there; another one speaks.
    let mut visitors = Vec::new();
    let line = until("somebody to speak", || {
        visitors.extend(live.accept().map(|(stream, _)| {
            stream.set_nonblocking(true).unwrap();
            (stream, Vec::new())
        }));
        visitors.iter_mut().find_map(|(stream, said)| {
            // There may be nothing to read yet.
            let _ = std::io::Read::read_to_end(stream, said);
            let line = said.split(|byte| *byte == b'\n').next()?;
            serde_json::from_slice::<Value>(line).ok()
        })
    });
    assert_eq!(line, json!({"op": "sub", "topic": topic()}), "it joins the one that is there");
    // Whoever lives and says nothing is no host, and is left alone all the same.
    watching.link("the link to say that nobody answers", |link| link["message"].is_string());
    while live.accept().is_ok() {}
    drop(Bus::try_connect(&socket));
    assert!(live.accept().is_ok(), "the socket is still the other's");
}

#[test]
fn a_configuration_without_an_identity_speaks_the_old_way() {
    let project = Project::with_issues(2).on(|machine| machine.on_the_bus());
    let mut watching = project.watch();
    watching.listens(&["uds"]);
    let mut bus = Bus::connect(&project.machine().socket());
    let mut old = mutated(&retitled(1, "Said the old way"));
    old.as_object_mut().unwrap().remove("project_identity");
    bus.publish("projects/demo/events", &old);
    watching.hears("demo-1", |card| card["title"] == "Said the old way");
    watching.settle();
    assert!(project.snapshot_of("demo-1").is_some(), "{}", snapshot_path("demo-1"));
}

#[test]
fn an_entry_holds_the_whole_issue_as_it_came() {
    let mut party = Party::new(1);
    let said = mutated(&retitled(0, "To the letter"));
    party.say(&said);
    party.watching.hears("demo-0", |card| card["title"] == "To the letter");
    party.settle();
    let entry = party.project.snapshot_of("demo-0").unwrap();
    assert_eq!(entry["issue"], said["issue"], "the whole issue, as it came");
}

#[test]
fn a_broker_for_a_place_that_is_not_fit_ends_and_says_why() {
    let project = Project::empty();
    let place = project.room().join("open");
    std::fs::create_dir(&place).unwrap();
    std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o777)).unwrap();
    let mut command = project.caller().command();
    let mut broker = Running::start(command.arg("broker").arg("--socket").arg(place.join("bus.sock")));
    assert_eq!(broker.ended().code(), Some(1));
    let said = until("the reason", || Some(broker.errors()).filter(|said| said.contains("hint: ")));
    assert!(
        said.contains("error[io]: the local bus cannot be hosted") && said.contains("mode 0700"),
        "{said}"
    );
    assert_eq!(std::fs::read_dir(&place).unwrap().count(), 0, "nothing is made there");
}
