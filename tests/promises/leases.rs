//! Leases: who is at work on an issue, from envelopes and from events.

use hearsay_tests::broker::{Door, Mosquitto};
use hearsay_tests::envelope::{at, claim, lease, release, with};
use hearsay_tests::wait::until;
use hearsay_tests::{Board, Project, peers};
use serde_json::Value;

use crate::party::Party;

const RESOURCE: &str = "router:issue:demo-1";

fn lease_of(board: &Board, id: &str) -> Value {
    board.card(id)["lease"].clone()
}

fn owner(board: &Board) -> Option<String> {
    lease_of(board, "demo-1")["owner"].as_str().map(str::to_owned)
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
