//! Envelopes that are not as they should be: none crashes anything, writes outside of the overlay, or hides an issue.

use std::collections::BTreeMap;
use std::path::PathBuf;

use hearsay_tests::broker::{Client, Door, Mosquitto};
use hearsay_tests::bus::said;
use hearsay_tests::envelope::{
    at, changed_now, deleted, fresh_id, just_now, mutated, mutated_as, topic, with,
};
use hearsay_tests::snapshot::{Entry, snapshot};
use hearsay_tests::wait::until;
use hearsay_tests::{Bus, Issue, Project};
use serde_json::{Value, json};

use crate::party::{Party, retitled};

const ISSUES: usize = 4;

/// Everything in and beside the repository but the overlay, and the machine's home.
fn outside(project: &Project) -> BTreeMap<PathBuf, Entry> {
    let mut entries = snapshot(project.room());
    let (home, overlay) = (project.home(), project.at("project/.overlay"));
    entries.retain(|path, _| !path.starts_with(&home) && !path.starts_with(&overlay));
    entries
}

/// Sends what is bad by `send` and asserts that it changed nothing.
fn changes_nothing(what: &str, send: impl FnOnce(&Party)) {
    let mut party = Party::new(ISSUES);
    let before = (party.settle().units.len(), outside(&party.project));
    send(&party);
    let board = party.settle();
    assert_eq!(board.cards().len(), ISSUES, "{what}: {:?}", board.cards());
    for number in 0..ISSUES {
        let card = board.card(&format!("demo-{number}"));
        assert_eq!((&card["heard"], &card["stage"]), (&Value::Null, &"committed".into()), "{what}: {card}");
    }
    assert_eq!(party.overlay(), [] as [String; 0], "{what}: nothing is kept");
    assert!((board.units.len(), outside(&party.project)) == before, "{what}: nothing outside is written");
    assert!(party.watching.running.stop().success(), "{what}: it lives and ends well");
}

/// Says an envelope on a connection of its own, and waits until the host has taken it in.
fn tell(party: &Party, envelope: &Value) {
    let mut bus = Bus::connect(&party.project.machine().socket());
    bus.say(envelope);
    bus.sync();
}

/// Sends a line on a connection of its own, and waits until the host has taken it in.
fn send(party: &Party, line: &[u8]) {
    let mut bus = Bus::connect(&party.project.machine().socket());
    bus.line(line);
    bus.sync();
}

#[test]
fn lines_that_are_no_json_or_no_operation_change_nothing() {
    let cut = said(&topic(), &mutated(&retitled(1, "Cut")));
    let lines: Vec<Vec<u8>> = vec![
        b"nonsense".to_vec(),
        b"".to_vec(),
        b"   ".to_vec(),
        b"null".to_vec(),
        b"[1, 2]".to_vec(),
        b"{}".to_vec(),
        cut.as_bytes()[..cut.len() / 2].to_vec(),
        b"\xff\xfe{\"op\":\"pub\"}".to_vec(),
        b"{\"op\":\"pub\",\"topic\":7,\"msg\":{}}".to_vec(),
        b"{\"op\":\"sing\",\"topic\":\"x\"}".to_vec(),
        format!("{{\"op\":\"pub\",\"topic\":{:?}}}", topic()).into_bytes(),
        format!("{{\"op\":\"pub\",\"topic\":{:?},\"msg\":\"text\"}}", topic()).into_bytes(),
        format!("{{\"op\":\"pub\",\"topic\":{:?},\"msg\":[1]}}", topic()).into_bytes(),
        vec![0; 1000],
    ];
    changes_nothing("lines", |party| lines.iter().for_each(|line| send(party, line)));
}

#[test]
fn a_line_of_ten_megabytes_ends_its_own_connection_alone() {
    changes_nothing("10 MB", |party| {
        let mut issue: Value = serde_json::from_str(&retitled(1, "Large").text()).unwrap();
        issue["description"] = json!("x".repeat(10 << 20));
        let line = said(&topic(), &mutated_as(&issue));
        let mut bus = Bus::connect(&party.project.machine().socket());
        // The host may close before it has been told everything.
        let _ = bus.send(format!("{line}\n").as_bytes());
        assert!(bus.is_closed(), "whoever says that much is not listened to");
    });
}

#[test]
fn nesting_ten_thousand_deep_changes_nothing() {
    changes_nothing("nesting", |party| {
        let line = said(&topic(), &with(mutated(&retitled(1, "Deep")), "DEEP", 1));
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        send(party, line.replace("\"DEEP\":1", &format!("\"deep\":{deep}")).as_bytes());
        send(party, deep.as_bytes());
    });
}

#[test]
fn ids_that_are_no_file_names_change_nothing() {
    let long = "x".repeat(10_000);
    for id in [
        "../../x",
        "../issues/demo-1",
        "/etc/x",
        "a\0b",
        ".hidden",
        "a..b",
        "a/b",
        "a\\b",
        "",
        "ä",
        long.as_str(),
    ] {
        changes_nothing(&format!("the id {id:.20?}"), |party| {
            let mut issue: Value = serde_json::from_str(&retitled(1, "Misnamed").text()).unwrap();
            issue["id"] = json!(id);
            tell(party, &mutated_as(&issue));
            tell(party, &deleted(id));
        });
    }
}

#[test]
fn envelopes_whose_own_fields_are_not_as_they_should_be_change_nothing() {
    let long = "x".repeat(10_000);
    let of_any = [
        ("id", json!(long)),
        ("id", json!("")),
        ("id", json!(7)),
        ("ts", json!("yesterday")),
        ("ts", json!(1_700_000_000)),
        ("ts", json!(at(-8 * 86_400))),
        ("ts", json!("1969-12-31T23:59:59.000Z")),
        ("type", Value::Null),
        ("type", json!("issue.sung")),
        ("issue_id", Value::Null),
        ("producer_id", Value::Null),
        ("project", Value::Null),
        ("project", json!("nobody-knows-this-label")),
        ("project_identity", json!("another-project")),
    ];
    let of_snapshots = [("issue", json!("text")), ("issue", Value::Null), ("issue_id", json!("demo-2"))];
    changes_nothing("fields", |party| {
        for (field, value) in &of_any {
            tell(party, &with(deleted("demo-3"), field, value.clone()));
        }
        for (field, value) in of_any.iter().chain(&of_snapshots) {
            tell(party, &with(mutated(&retitled(1, "Bad")), field, value.clone()));
        }
    });
}

#[test]
fn a_snapshot_of_another_issue_changes_neither() {
    changes_nothing("another issue", |party| {
        tell(party, &with(mutated(&retitled(1, "Of the other")), "issue_id", "demo-2"));
    });
}

#[test]
fn what_is_refused_is_counted_where_a_person_can_see_it() {
    let mut party = Party::new(ISSUES);
    let refused = |link: &Value| link["refused"].as_u64().unwrap_or_default();
    let before = refused(&party.watching.listens(&["uds"]));
    for id in ["../../x", ".hidden"] {
        tell(&party, &deleted(id));
    }
    party.watching.link("two to be refused", |link| refused(link) == before + 2);
    party.settle();
}

/// Writes the file of `issue` as somebody who changed it just now.
fn write_now(project: &Project, issue: &Issue) {
    project.replace(&issue.path(), format!("{:#}", changed_now(issue)));
}

#[test]
fn a_time_of_the_far_future_does_not_freeze_a_card() {
    let mut party = Party::new(ISSUES);
    let mut issue: Value = serde_json::from_str(&retitled(1, "From the year 9999").text()).unwrap();
    issue["updated_at"] = json!("9999-06-01T00:00:00.000Z");
    party.say(&with(mutated_as(&issue), "ts", "9999-06-01T00:00:00.000Z"));
    let card = party.watching.hears("demo-1", |card| card["title"] == "From the year 9999");
    assert!(
        card["heard"]["at"].as_str().is_some_and(|at| !at.starts_with("9999")),
        "it was heard now: {card}"
    );
    party.settle();
    write_now(&party.project, &Issue::numbered(1).titled("Written after"));
    party.watching.sees("demo-1", |card| card["title"] == "Written after");
    party.settle();
    write_now(&party.project, &Issue::numbered(1).titled("Written again"));
    party.watching.sees("demo-1", |card| card["title"] == "Written again");
    assert_eq!(party.settle().card("demo-1")["heard"], Value::Null);
}

#[test]
fn a_clock_that_is_a_day_wrong_on_one_side_does_not_freeze_a_card() {
    for (what, seconds) in [("a day ahead", 86_000), ("a day behind", -86_000)] {
        let mut party = Party::new(ISSUES);
        let colleague = party.project.clone_as("colleague");
        // The colleague's clock is wrong: in the file, in the envelope, and in what is pushed.
        let mut issue: Value = serde_json::from_str(&retitled(1, "By a wrong clock").text()).unwrap();
        issue["updated_at"] = json!(at(seconds));
        colleague.replace(&hearsay_tests::record::path("demo-1"), format!("{issue:#}"));
        party.say(&with(mutated_as(&issue), "ts", at(seconds)));
        party.watching.hears("demo-1", |card| card["title"] == "By a wrong clock");
        party.settle();
        colleague.push();
        party.project.pull();
        party.watching.is_fact("demo-1");
        assert_eq!(party.settle().card("demo-1")["stage"], "committed", "{what}");
        // Somebody here, whose clock is right, goes on.
        let mut here = issue.clone();
        here["title"] = json!("By the right clock");
        here["updated_at"] = json!(just_now());
        party.project.replace(&hearsay_tests::record::path("demo-1"), format!("{here:#}"));
        party
            .watching
            .until("what is written here", |board| board.card("demo-1")["title"] == "By the right clock");
        let board = party.settle();
        assert_eq!(board.card("demo-1")["heard"], Value::Null, "{what}");
        until("nothing to be kept", || party.overlay().is_empty().then_some(()));
    }
}

#[test]
fn an_issue_of_odd_values_is_heard_as_far_as_it_goes_and_kanbus_reads_on() {
    let mut party = Party::new(ISSUES);
    let odd = json!({"id": "demo-1", "title": ["not", "text"], "status": {"a": 1}, "priority": "high", "labels": 7,
        "comments": 3, "updated_at": "2026-05-04T09:00:00Z", "custom": [1]});
    party.say(&mutated_as(&odd));
    let ghost = json!({"id": "demo-odd", "updated_at": 7});
    party.say(&mutated_as(&ghost));
    let board = party.settle();
    assert!(board.has_card("demo-1"), "nothing is hidden");
    if let Some(client) = hearsay_tests::peers::kanbus() {
        let listed = party.project.kanbus(&client, &["list"]);
        assert!(listed.contains("Issue 0") && listed.contains("Issue 3"), "{listed}");
    }
}

#[test]
fn what_is_heard_lies_on_disk_as_small_as_it_came_and_a_fresh_process_reads_it() {
    let nested = |zeros: usize| format!("{}{}0{}", "[".repeat(110), "0,".repeat(zeros), "]".repeat(110));
    for (what, custom, is_heard) in [
        ("many lines of white space", nested(40_000), true),
        ("as much as there may be", nested(500_000), true),
        ("numbers that are spelled longer here", format!("[{}0]", "1e15,".repeat(150_000)), false),
    ] {
        let mut party = Party::new(2);
        let mut issue: Value = serde_json::from_str(&retitled(1, "Large").text()).unwrap();
        issue["custom"] = json!({"large": "HERE"});
        let line = said(&topic(), &mutated_as(&issue)).replace("\"HERE\"", &custom);
        send(&party, line.as_bytes());
        let board = party.settle();
        assert_eq!(board.card("demo-1")["title"] == "Large", is_heard, "{what}");
        let kept = party.project.overlay();
        let largest = kept.values().map(String::len).max().unwrap_or_default();
        assert!(largest < 2 * line.len(), "{what}: {largest} bytes for {}", line.len());
    }
}

#[test]
fn a_list_of_values_is_neither_an_envelope_nor_an_entry() {
    let issue: Value = serde_json::from_str(&retitled(1, "In a list").text()).unwrap();
    changes_nothing("an envelope in a list", |party| {
        let of = mutated_as(&issue);
        let mut list: Vec<Value> = [
            "id",
            "ts",
            "project",
            "project_identity",
            "type",
            "issue_id",
            "event_id",
            "producer_id",
            "issue",
        ]
        .map(|field| of[field].clone())
        .to_vec();
        list.resize(15, Value::Null);
        tell(party, &json!(list));
    });
    let mut party = Party::new(ISSUES);
    party
        .project
        .replace("project/.overlay/issues/demo-1.json", json!([just_now(), null, null, issue]).to_string());
    let card = |party: &mut Party| party.settle().card("demo-1")["heard"].clone();
    assert_eq!(card(&mut party), Value::Null);
}

#[test]
fn bad_messages_of_a_broker_change_nothing_and_leave_the_link_standing() {
    let room = Project::empty();
    let Some(broker) = Mosquitto::start(room.machine(), Door::Open) else { return };
    let Some(peer) = Client::new(room.machine(), broker.address()) else { return };
    let project = Project::gossiping(ISSUES).on(|machine| machine.on_the_bus_and(&broker.url()));
    let mut watching = project.watch();
    watching.listens(&["uds", "mqtt"]);
    for (turn, bytes) in [
        b"nonsense".to_vec(),
        Vec::new(),
        vec![0; 100],
        b"\xff\xff\xff".to_vec(),
        "[".repeat(100_000).into_bytes(),
        vec![b'x'; 10 << 20],
        mutated(&retitled(1, "Cut")).to_string().into_bytes()[..200].to_vec(),
        with(mutated(&retitled(1, "Elsewhere")), "project_identity", "another").to_string().into_bytes(),
    ]
    .into_iter()
    .enumerate()
    {
        peer.say_bytes(&bytes);
        // A message that is too large may cost the connection, which comes back.
        let said = retitled(2, &format!("Heard after {turn}")).changed(10 + u32::try_from(turn).unwrap());
        until("what is said after it to be heard", || {
            peer.say(&with(mutated(&said), "id", fresh_id()));
            while let Some(message) =
                hearsay_tests::Feed::next(&mut watching.running, std::time::Duration::from_millis(200))
            {
                watching.follower.apply(&message);
            }
            (watching.follower.board.card("demo-2")["title"] == said.title.as_str()).then_some(())
        });
    }
    let board = watching.settle();
    assert_eq!(board.card("demo-1")["heard"], Value::Null);
    assert_eq!(board.cards().len(), ISSUES);
}
