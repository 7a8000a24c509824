//! Leases: who is at work on an issue, from envelopes and from events.

use hearsay_tests::broker::{Door, Mosquitto};
use hearsay_tests::envelope::{at, claim, lease, release, with};
use hearsay_tests::wait::until;
use hearsay_tests::{Board, Project, peers};
use serde_json::{Value, json};

use crate::party::Party;

const RESOURCE: &str = "router:issue:demo-1";

fn lease_of(board: &Board, id: &str) -> Value {
    board.card(id)["lease"].clone()
}

fn owner(board: &Board) -> Option<String> {
    lease_of(board, "demo-1")["owner"].as_str().map(str::to_owned)
}

/// Writes the event that `owner` claims the resource from then until then, as Kanbus writes it.
fn claimed(project: &Project, event_id: &str, owner: &str, [from, until]: [i64; 2]) {
    let from = at(from);
    let event = json!({
        "schema_version": 1, "event_id": event_id, "issue_id": RESOURCE, "event_type": "coordination.claim",
        "occurred_at": from, "actor_id": owner,
        "payload": {"owner": owner, "claim_id": owner, "lease_expires_at": at(until), "contention_window_s": 5},
    });
    project
        .replace(&format!("project/events/{}__{event_id}.json", from.replace(':', "-")), event.to_string());
}

#[test]
fn a_claim_that_is_heard_is_on_the_card_until_it_is_released() {
    let mut party = Party::new(3);
    let said = with(claim(RESOURCE, "codex-3", 300), "ts", at(0));
    party.say(&said);
    party.watching.until("the lease", |board| owner(board).as_deref() == Some("codex-3"));
    let board = party.settle();
    let expires = lease_of(&board, "demo-1")["expires_at"].as_str().expect("a time").to_owned();
    assert!(expires.as_str() > at(200).as_str() && expires.as_str() < at(400).as_str(), "{expires}");
    assert_eq!(lease_of(&board, "demo-0"), Value::Null);
    assert_eq!(board.card("demo-1")["heard"], Value::Null, "a lease is no change of the issue");
    assert_eq!(party.overlay().len(), 1, "{:?}", party.overlay());
    assert!(party.overlay()[0].starts_with("coordination/"));

    party.say(&lease(RESOURCE, "codex-3", 3_000));
    party.watching.until("the longer lease", |board| {
        lease_of(board, "demo-1")["expires_at"].as_str().is_some_and(|time| time > at(2_000).as_str())
    });
    party.settle();
    party.say(&release(RESOURCE, "codex-3"));
    party.watching.until("no lease", |board| lease_of(board, "demo-1").is_null());
    party.settle();
}

#[test]
fn nobody_else_renews_or_releases_a_lease() {
    let mut party = Party::new(2);
    party.say(&claim(RESOURCE, "codex-3", 300));
    party.watching.until("the lease", |board| owner(board).as_deref() == Some("codex-3"));
    let held = lease_of(&party.settle(), "demo-1");
    party.say(&lease(RESOURCE, "claude-4", 3_000));
    party.say(&release(RESOURCE, "claude-4"));
    assert_eq!(lease_of(&party.settle(), "demo-1"), held);
}

#[test]
fn a_lease_belongs_to_a_card_only_where_its_resource_names_the_issue() {
    let mut party = Party::new(2);
    for resource in
        ["router:package:demo-1", "the whole repository", "router:issue:demo-nowhere", "../../x", "demo-1 "]
    {
        party.say(&claim(resource, "codex-3", 300));
    }
    let board = party.settle();
    assert!(board.cards().iter().all(|id| lease_of(&board, id).is_null()), "{}", board.line());
    assert_eq!(board.cards().len(), 2, "a lease makes no ghost");
    party.say(&claim("issue:demo-0", "codex-3", 300));
    party.watching.until("the lease", |board| !lease_of(board, "demo-0").is_null());
    party.settle();
}

#[test]
fn a_lease_that_ran_out_is_told_from_none() {
    let mut party = Party::new(2);
    party.say(&with(claim(RESOURCE, "codex-3", 60), "ts", at(-120)));
    party.watching.until("the lease", |board| owner(board).as_deref() == Some("codex-3"));
    let board = party.settle();
    let expires = lease_of(&board, "demo-1")["expires_at"].as_str().expect("a time").to_owned();
    assert!(expires.as_str() < at(0).as_str(), "it is over: {expires}");
}

#[test]
fn a_claim_that_is_a_little_ahead_is_on_the_card_once_its_time_has_come() {
    let mut party = Party::new(3);
    claimed(&party.project, "ahead", "codex-3", [2, 600]);
    party.say(&with(claim("router:issue:demo-0", "claude-4", 300), "ts", at(3_000)));
    party.watching.until("what is heard, of now at the latest", |board| !lease_of(board, "demo-0").is_null());
    party.watching.until("the lease", |board| owner(board).as_deref() == Some("codex-3"));
    party.settle();
}

#[test]
fn an_event_of_a_lease_counts_before_what_was_heard_of_it() {
    let mut party = Party::new(2);
    claimed(&party.project, "the-event", "codex-3", [-30, 900]);
    party.watching.until("the lease", |board| owner(board).as_deref() == Some("codex-3"));
    let held = lease_of(&party.settle(), "demo-1");
    let heard = with(claim(RESOURCE, "codex-3", 60), "claim_id", "codex-3");
    party.say(&with(heard, "event_id", "the-event"));
    assert_eq!(lease_of(&party.settle(), "demo-1"), held);
}

#[test]
fn a_flood_of_claims_keeps_no_lease_from_being_shown() {
    let mut party = Party::new(2);
    for number in 0..4_200 {
        let flood = with(claim(&format!("x-{number}"), "eve", 100_000_000), "pad", "p".repeat(2_000));
        party.say(&flood);
        if number % 300 == 0 {
            party.fence();
        }
    }
    party.say(&claim(RESOURCE, "codex-3", 300));
    party.watching.until("the lease", |board| owner(board).as_deref() == Some("codex-3"));
    party.settle();
    let kept = party.project.overlay();
    let bytes: usize = kept.values().map(|content| content.len()).sum();
    assert!(kept.len() < 1_100 && bytes < 1 << 20, "{} files, {bytes} bytes", kept.len());
}

#[test]
fn a_lease_that_was_released_is_not_back_once_the_release_is_old() {
    let mut party = Party::new(2);
    let (day, week) = (86_400, 7 * 86_400);
    party.say(&with(claim(RESOURCE, "codex-3", week), "ts", at(-day - 9_000)));
    party.say(&with(release(RESOURCE, "codex-3"), "ts", at(-day - 3_600)));
    assert_eq!(lease_of(&party.settle(), "demo-1"), Value::Null);
    assert_eq!(party.overlay().len(), 2, "{:?}", party.overlay());
    party.project.write("project/.overlay/coordination/touched", "");
    assert_eq!(lease_of(&party.settle(), "demo-1"), Value::Null, "nor once it is read again");
}

#[test]
fn leases_that_are_kept_private_lie_where_kanbus_does_not_read() {
    let mut party = Party::with(Project::gossiping(2), &["--overlay", "private"]);
    party.say(&claim(RESOURCE, "codex-3", 300));
    party.watching.until("the lease", |board| owner(board).as_deref() == Some("codex-3"));
    party.settle();
    let kept = party.overlay();
    assert!(kept.len() == 1 && kept[0].starts_with("hearsay/coordination/"), "{kept:?}");
    // And what somebody who shares them hears is heard here as well.
    let mut other = party.project.watch();
    party.say(&release(RESOURCE, "codex-3"));
    party.watching.until("no lease", |board| owner(board).is_none());
    other.until("no lease there either", |board| owner(board).is_none());
    party.settle();
}

#[test]
fn claims_that_are_not_as_they_should_be_are_nobodys() {
    let mut party = Party::new(2);
    for (field, value) in [
        ("owner", Value::Null),
        ("claim_id", Value::Null),
        ("event_id", Value::Null),
        ("resource", "".into()),
        ("lease_ttl_s", 0.into()),
        ("lease_ttl_s", u64::MAX.into()),
        ("lease_ttl_s", "long".into()),
        ("operation_sequence", 0.into()),
        ("project_identity", "another-project".into()),
        ("ts", at(-8 * 86_400).into()),
    ] {
        party.say(&with(claim(RESOURCE, "codex-3", 300), field, value));
    }
    assert_eq!(lease_of(&party.settle(), "demo-1"), Value::Null);
    assert_eq!(party.watching.follower.board.problems(), [] as [Value; 0]);
}

#[test]
fn what_kanbus_claims_in_this_working_tree_and_elsewhere_is_on_the_card() {
    let Some(client) = peers::kanbus() else { return };
    let mut party = Party::new(3);
    let here = ["coordination", "claim", "--resource", RESOURCE, "--owner", "codex-3", "--claim-id", "c1"];
    party.project.kanbus(&client, &here);
    party.watching.until("the lease from the event", |board| owner(board).as_deref() == Some("codex-3"));
    party.settle();
    let release =
        ["coordination", "release", "--resource", RESOURCE, "--owner", "codex-3", "--claim-id", "c1"];
    party.project.kanbus(&client, &release);
    party.watching.until("no lease", |board| owner(board).is_none());
    party.settle();

    // Over a broker, as Kanbus speaks of leases nowhere else.
    let room = Project::empty();
    let Some(broker) = Mosquitto::start(room.machine(), Door::Open) else { return };
    let project = Project::gossiping(3).on(|machine| machine.on_the_bus_and(&broker.url()));
    project.configure("coordination:\n  providers: [mqtt, git]\n");
    project.commit("leases over a broker");
    let mut watching = project.watch();
    watching.listens(&["uds", "mqtt"]);
    let colleague = project.clone_as("colleague").on(|machine| machine.on_the_broker(&broker.url()));
    colleague.kanbus(&client, &here);
    watching.until("the lease that is heard", |board| owner(board).as_deref() == Some("codex-3"));
    watching.settle();
    colleague.kanbus(&client, &release);
    watching.until("no lease any more", |board| owner(board).is_none());
    watching.settle();
    colleague.push();
    project.pull();
    watching.settle();
    until("the card to say the same from the events", || {
        owner(&project.caller().read(project.root())).is_none().then_some(())
    });
}
