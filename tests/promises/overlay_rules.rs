//! What an entry of the overlay means: Kanbus's own promises of realtime, and what Hearsay promises beyond them.

use hearsay_tests::envelope::{at, claim, deleted, fresh_id, mutated, mutated_as, now, with};
use hearsay_tests::overlay::{snapshot, snapshot_path, tombstone};
use hearsay_tests::wait::until;
use hearsay_tests::{Bus, Issue, Project, record};
use serde_json::{Value, json};

use crate::party::{Party, retitled};

/// The value of an issue's file.
fn value(issue: &Issue) -> Value {
    serde_json::from_str(&issue.text()).unwrap()
}

#[test]
fn a_repeated_id_is_heard_once() {
    let mut party = Party::new(3);
    let first = mutated(&retitled(1, "Said first"));
    party.say(&first);
    party.watching.hears("demo-1", |card| card["title"] == "Said first");
    let again = with(mutated(&retitled(1, "Said under the same id").changed(9)), "id", first["id"].clone());
    party.say(&again);
    assert_eq!(party.settle().card("demo-1")["title"], "Said first");
}

#[test]
fn a_broker_fans_out_to_the_subscribers_of_a_topic_and_to_nobody_else() {
    let party = Party::new(1);
    let socket = party.project.machine().socket();
    let mut ours: Vec<Bus> = (0..5).map(|_| Bus::listening(&socket)).collect();
    let mut other = Bus::connect(&socket);
    other.subscribe("projects/another/events");
    let mut speaker = Bus::connect(&socket);
    let said = mutated(&retitled(0, "For all who listen"));
    speaker.say(&said);
    let elsewhere = with(json!({}), "id", "for the other");
    speaker.publish("projects/another/events", &elsewhere);
    for bus in &mut ours {
        assert_eq!(bus.hears(&said["id"]), (said.clone(), 0), "as it was said");
    }
    assert_eq!(other.hears(&elsewhere["id"]).1, 0, "another topic is another's");
    // What is not asked for is not sent: the next thing here is what is asked for.
    let last = mutated(&retitled(0, "The last"));
    speaker.say(&last);
    assert!(ours.iter_mut().all(|bus| bus.hears(&last["id"]).1 == 0));
}

#[test]
fn a_newer_overlay_wins_over_the_base_and_an_older_one_does_not() {
    let mut party = Party::new(3);
    party.project.put(&Issue::numbered(1).titled("In the file").changed(30));
    party.watching.sees("demo-1", |card| card["title"] == "In the file");
    party.say(&mutated(&Issue::numbered(1).titled("Older").changed(29)));
    party.say(&mutated(&Issue::numbered(2).titled("Newer").changed(1)));
    let board = party.settle();
    assert_eq!(
        (&board.card("demo-1")["title"], &board.card("demo-1")["heard"]),
        (&"In the file".into(), &Value::Null)
    );
    assert_eq!(board.card("demo-2")["title"], "Newer");
    assert_eq!(party.overlay(), ["issues/demo-2.json"], "what is of no use is not kept");
}

#[test]
fn equal_times_are_caught_up_however_late_the_envelope_was_sent() {
    let mut party = Party::new(2);
    // As Kanbus says what it did in this very working tree: the file, then the envelope, some milliseconds later.
    let issue = Issue::numbered(1).titled("Done here").changed(7);
    party.project.put(&issue);
    party.say(&mutated(&issue));
    let card = party.settle().card("demo-1");
    assert_eq!((&card["title"], &card["heard"]), (&"Done here".into(), &Value::Null));
    assert!(party.overlay().is_empty(), "an entry is written only for what is not here yet");
}

#[test]
fn what_is_heard_before_its_file_is_written_here_is_forgotten_with_the_file() {
    let mut party = Party::new(2);
    let issue = retitled(1, "Said, then written");
    party.hears(&issue);
    until("the entry", || party.project.snapshot_of("demo-1"));
    party.project.put(&issue);
    assert_eq!(party.watching.is_fact("demo-1")["stage"], "written");
    until("the entry to be gone", || party.overlay().is_empty().then_some(()));
    party.settle();
}

#[test]
fn an_entry_whose_event_has_arrived_is_caught_up_whatever_its_issue_says() {
    let mut party = Party::new(2);
    let said = mutated(&retitled(1, "Told by an event").changed(600));
    party.say(&said);
    party.watching.hears("demo-1", |card| card["title"] == "Told by an event");
    let (path, text) = record::event("demo-1", "grace", 10, 1);
    let text = text.replace("00000001-0000-4000-8000-000000000000", said["event_id"].as_str().unwrap());
    party.project.replace(
        &path.replace("00000001-0000-4000-8000-000000000000", said["event_id"].as_str().unwrap()),
        text,
    );
    let card = party.watching.is_fact("demo-1");
    assert_eq!(card["title"], "Issue 1", "the working tree has the event, so it has what came of it");
    until("the entry to be gone", || party.overlay().is_empty().then_some(()));
    party.settle();
}

#[test]
fn fields_that_are_all_equal_are_caught_up_also_where_the_time_is_not() {
    let mut party = Party::new(2);
    party.hears(&retitled(1, "The same in the end"));
    // An editor that does not move `updated_at`.
    party.project.put(&Issue::numbered(1).titled("The same in the end"));
    assert_eq!(party.watching.is_fact("demo-1")["title"], "The same in the end");
    until("the entry to be gone", || party.overlay().is_empty().then_some(()));
    party.settle();
}

#[test]
fn the_view_tags_of_kanbus_are_no_change() {
    let mut party = Party::new(2);
    let mut issue = value(&Issue::numbered(1).changed(9));
    issue["custom"] = json!({"source": "shared", "project_label": "demo"});
    party.say(&mutated_as(&issue));
    assert_eq!(party.settle().card("demo-1")["heard"], Value::Null);
    issue["custom"]["severity"] = json!("S1");
    issue["updated_at"] = json!("2026-05-04T00:11:00Z");
    party.say(&mutated_as(&issue));
    let card = party.watching.hears("demo-1", |_| true);
    assert_eq!(card["heard"]["fields"], json!(["custom"]));
    party.settle();
}

#[test]
fn the_newest_of_what_is_heard_counts_whichever_comes_first() {
    let mut party = Party::new(2);
    for (title, minute) in [("Second", 20), ("First", 10), ("Third", 30), ("Second again", 20)] {
        party.say(&mutated(&retitled(1, title).changed(minute)));
    }
    assert_eq!(party.settle().card("demo-1")["title"], "Third");
}

#[test]
fn a_tombstone_never_hides_a_file_that_exists() {
    let mut party = Party::new(3);
    party.say(&deleted("demo-1"));
    let card = party.watching.hears("demo-1", |card| card["heard"]["deleted"] == true);
    assert_eq!(card["title"], "Issue 1");
    assert_eq!(party.settle().cards(), ["demo-0", "demo-1", "demo-2"]);
    // Also one that Kanbus left there, and one of the future.
    party.project.put_tombstone("demo-2", &with(tombstone("demo-2"), "ts", at(3_600)));
    party.watching.hears("demo-2", |card| card["heard"]["deleted"] == true);
    assert_eq!(party.settle().cards().len(), 3);
}

#[test]
fn a_tombstone_of_an_issue_that_changed_since_is_forgotten() {
    let mut party = Party::new(2);
    party.say(&with(deleted("demo-1"), "ts", "2026-05-03T00:00:00.000Z"));
    assert_eq!(party.settle().card("demo-1")["heard"], Value::Null);
    assert!(party.overlay().is_empty());
}

#[test]
fn a_ghost_that_is_heard_deleted_is_gone() {
    let mut party = Party::new(1);
    party.hears(&Issue::new("demo-ghost", "Soon gone"));
    assert_eq!(party.settle().card("demo-ghost")["stage"], "heard");
    party.say(&deleted("demo-ghost"));
    party.watching.until("the ghost to be gone", |board| !board.has_card("demo-ghost"));
    party.settle();
    assert!(
        party.project.snapshot_of("demo-ghost").is_none()
            || party.project.tombstone_of("demo-ghost").is_some()
    );
}

#[test]
fn what_is_written_here_over_a_heard_value_leaves_the_rest_of_it_heard() {
    let mut party = Party::new(2);
    party.hears(&retitled(1, "Heard title").in_status("in_progress"));
    until("the entry", || party.project.snapshot_of("demo-1"));
    // Somebody writes the status here, later than what was heard; nobody here has the title.
    party.project.put(&Issue::numbered(1).in_status("blocked").changed(40));
    let card = party.watching.hears("demo-1", |card| card["status"] == "blocked");
    assert_eq!((&card["title"], &card["heard"]["fields"]), (&"Heard title".into(), &json!(["title"])));
    // Kanbus would take it for older than the file, and remove it.
    let path = "hearsay/issues/demo-1.json";
    let entry = until("an entry of the rest", || party.project.overlay().remove(path));
    let entry: Value = serde_json::from_str(&entry).unwrap();
    assert_eq!(entry["overrides"], json!({"title": "Heard title"}));
    assert_eq!(party.overlay(), [path]);
    if let Some(client) = hearsay_tests::peers::kanbus() {
        party.project.kanbus(&client, &["list"]);
    }
    assert_eq!(party.settle().card("demo-1")["title"], "Heard title");
}

#[test]
fn overrides_count_field_by_field() {
    let mut party = Party::new(2);
    let entry = with(snapshot(&retitled(1, "Of no weight")), "overrides", json!({"priority": 0}));
    party.project.put_snapshot("demo-1", &entry);
    let card = party.watching.hears("demo-1", |_| true);
    assert_eq!((&card["title"], &card["priority"]), (&"Issue 1".into(), &0.into()));
    assert_eq!(card["heard"]["fields"], json!(["priority"]));
    party.settle();
}

#[test]
fn an_entry_ends_when_its_time_is_over_and_the_card_says_so_by_itself() {
    let project = Project::gossiping(2);
    project.configure("overlay:\n  ttl_s: 3\n");
    project.commit("three seconds");
    let mut party = Party::of(project);
    party.hears(&retitled(1, "For three seconds"));
    assert_eq!(party.watching.is_fact("demo-1")["title"], "Issue 1");
    until("the entries to be gone", || party.project.overlay().is_empty().then_some(()));
    party.watching.settle();
}

#[test]
fn an_overlay_that_is_switched_off_is_neither_written_nor_shown() {
    let project = Project::gossiping(2);
    project.configure("overlay:\n  enabled: false\n");
    project.put_snapshot("demo-1", &snapshot(&retitled(1, "Of no weight")));
    let mut watching = project.watch();
    watching.listens(&["uds"]);
    let mut bus = Bus::listening(&project.machine().socket());
    bus.say(&mutated(&retitled(0, "Said all the same")));
    bus.sync();
    let board = watching.settle();
    assert_eq!(
        (&board.card("demo-0")["heard"], &board.card("demo-1")["heard"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(project.overlay().into_keys().collect::<Vec<_>>(), ["issues/demo-1.json"], "nothing is added");
}

#[test]
fn a_private_overlay_is_kept_from_kanbus() {
    let mut party = Party::with(Project::gossiping(3), &["--overlay", "private"]);
    party.hears(&retitled(1, "Between us"));
    party.say(&deleted("demo-2"));
    let board = party.settle();
    assert_eq!(board.card("demo-1")["title"], "Between us");
    assert_eq!(party.overlay(), ["hearsay/issues/demo-1.json", "hearsay/tombstones/demo-2.json"]);
    assert_eq!(board.notes("demo-1"), [] as [String; 0], "Kanbus does not know, so it refuses nothing");
    if let Some(client) = hearsay_tests::peers::kanbus() {
        party.project.kanbus(&client, &["comment", "demo-1", "Kanbus goes on."]);
        party.project.kanbus(&client, &["comment", "demo-2", "Here too."]);
    }
    party.settle();
}

#[test]
fn a_file_that_goes_while_something_is_heard_of_it_leaves_a_ghost() {
    let mut party = Party::new(2);
    party.hears(&retitled(1, "Heard of what was a file"));
    party.project.remove(&record::path("demo-1"));
    party
        .watching
        .until("a ghost", |board| board.has_card("demo-1") && board.card("demo-1")["stage"] == "heard");
    party.settle();
    party.project.git(&["checkout", "-q", "--", "project"]);
    party.watching.hears("demo-1", |card| card["heard"]["fields"] == json!(["title"]));
    party.settle();
}

#[test]
fn deleting_the_overlay_loses_nothing_but_what_was_heard() {
    let mut party = Party::new(3);
    party.hears(&retitled(1, "Heard"));
    party.say(&claim("router:issue:demo-2", "codex-3", 300));
    party.settle();
    party.project.remove("project/.overlay");
    let card = party.watching.is_fact("demo-1");
    assert_eq!((&card["title"], &card["stage"]), (&"Issue 1".into(), &"committed".into()));
    party.watching.until("the ghosts to be gone", |board| board.cards().len() == 3);
    party.watching.settle();
    party.hears(&retitled(1, "Heard again").changed(8));
    party.settle();
}

#[test]
fn what_another_program_puts_there_is_shown_and_taken_away() {
    let mut party = Party::new(2);
    party.project.put_snapshot("demo-1", &snapshot(&retitled(1, "Put there by Kanbus")));
    party.watching.hears("demo-1", |card| card["title"] == "Put there by Kanbus");
    party.settle();
    party.project.put_snapshot("demo-1", &snapshot(&Issue::numbered(1).changed(6)));
    assert_eq!(party.watching.is_fact("demo-1")["title"], "Issue 1");
    until("what is of no use to be gone", || party.overlay().is_empty().then_some(()));
    party.settle();
}

#[test]
fn an_older_branch_is_not_masked_by_what_was_said_of_a_newer_one() {
    let mut party = Party::new(2);
    party.project.git(&["checkout", "-q", "-b", "older"]);
    party.project.git(&["checkout", "-q", "main"]);
    let issue = Issue::numbered(1).titled("On the newer branch").changed(9);
    party.project.put(&issue);
    party.project.commit("newer");
    party.say(&mutated(&issue));
    party.settle();
    assert!(party.overlay().is_empty(), "the working tree has it");
    party.project.git(&["checkout", "-q", "older"]);
    party.watching.sees("demo-1", |card| card["title"] == "Issue 1");
    assert_eq!(party.settle().card("demo-1")["heard"], Value::Null);
}

#[test]
fn gc_removes_a_stale_snapshot_and_reconcile_what_is_equal() {
    let project = Project::gossiping(4);
    let fresh = || fresh_id();
    project.put_snapshot("demo-0", &snapshot(&Issue::numbered(0)));
    let old = with(snapshot(&retitled(1, "Of last week")), "overlay_ts", at(-8 * 86_400));
    project.put_snapshot("demo-1", &old);
    project.put_tombstone("demo-1", &with(tombstone("demo-1"), "ts", at(-8 * 86_400)));
    project.put_snapshot("demo-2", &with(snapshot(&retitled(2, "Still heard")), "overlay_event_id", fresh()));
    project.write(&snapshot_path("demo-3"), "garbage");
    let root = project.root().to_string_lossy().into_owned();
    let before = project.overlay();
    let run = |words: &[&str]| {
        let output = project.caller().run(&[words, &[root.as_str()]].concat());
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    run(&["overlay", "reconcile", "--prune", "--dry-run"]);
    assert_eq!(project.overlay(), before, "a rehearsal changes nothing");
    run(&["overlay", "gc"]);
    assert_eq!(project.overlay().into_keys().collect::<Vec<_>>(), ["issues/demo-2.json"]);
    run(&["overlay", "reconcile", "--prune"]);
    let entry = project.snapshot_of("demo-2").expect("it is still ahead");
    assert_eq!(entry["overrides"], json!({"title": "Still heard"}), "field by field");
    let board = project.caller().read(project.root());
    assert_eq!(board.card("demo-2")["title"], "Still heard");
    project.put(&retitled(2, "Still heard"));
    run(&["overlay", "reconcile", "--prune"]);
    assert!(project.overlay().is_empty(), "nothing is left of what the files say");
    assert!(now() > at(-60));
}
