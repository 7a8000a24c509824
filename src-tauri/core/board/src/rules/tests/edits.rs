//! Setting fields.

use super::*;

#[test]
fn a_one_field_change_is_a_one_field_diff() {
    let mut here = Here::new();
    let before = here.document("k-one").text().to_owned();
    let edited = here.done("k-one", &set(json!({"title": "  Another  "})));
    let expected = before.replace("\"One\"", "\"Another\"").replace(
        "\"updated_at\": \"2026-05-01T00:00:00Z\"",
        "\"updated_at\": \"2026-05-04T10:00:00.123456789Z\"",
    );
    assert_eq!(edited.document.text(), expected);
    assert_eq!(edited.changed, ["title"]);
    assert_eq!(
        payloads(&edited.events),
        [("field_updated", json!({"changes": {"title": {"from": "One", "to": "Another"}}}))]
    );
}

#[test]
fn an_event_is_written_as_kanbus_writes_it() {
    let mut here = Here::new();
    let event =
        here.done("k-one", &set(json!({"parent": null, "status": "closed", "title": "T"}))).events.remove(1);
    assert_eq!(event.file_name(), "2026-05-04T10-00-00.123Z__uuid-2.json");
    assert_eq!(
        event.text().unwrap(),
        "{\n  \"schema_version\": 1,\n  \"event_id\": \"uuid-2\",\n  \"issue_id\": \"k-one\",\n  \"event_type\": \"field_updated\",\n  \"occurred_at\": \"2026-05-04T10:00:00.123Z\",\n  \"actor_id\": \"ada\",\n  \"payload\": {\n    \"changes\": {\n      \"title\": {\n        \"from\": \"One\",\n        \"to\": \"T\"\n      },\n      \"parent\": {\n        \"from\": \"k-epic\",\n        \"to\": null\n      }\n    }\n  }\n}"
    );
}

#[test]
fn closing_sets_closed_at_and_reopening_clears_it() {
    let mut here = Here::new();
    let closed = here.done("k-one", &set(json!({"status": "closed"})));
    assert_eq!(closed.changed, ["status", "closed_at"]);
    assert_eq!(here.value("k-one", "closed_at"), NOW);
    let transition = json!({"from_status": "open", "to_status": "closed"});
    assert_eq!(payloads(&closed.events), [("state_transition", transition)]);
    here.done("k-one", &set(json!({"status": "open"})));
    assert_eq!(here.value("k-one", "closed_at"), Value::Null);
}

#[test]
fn done_is_not_closed() {
    let mut here = Here::new();
    here.config = Config::parse(
        "statuses: [{key: open}, {key: done}]\nworkflows: {default: {open: [done], done: [open]}}\n",
        None,
    )
    .unwrap();
    assert_eq!(here.done("k-one", &set(json!({"status": "done"}))).changed, ["status"]);
}

#[test]
fn what_changes_nothing_leaves_everything_as_it_is() {
    let mut here = Here::new();
    here.done("k-one", &set(json!({"add_labels": ["a"], "custom": {"k": 1}, "assignee": "ada"})));
    here.done("k-one", &blocked_by("k-bug"));
    let before = here.document("k-one").clone();
    for same in [
        set(json!({"title": "ONE "})),
        set(json!({"description": " About.\n"})),
        set(
            json!({"type": " task ", "status": "open", "priority": 2, "assignee": "ada", "parent": "k-epic"}),
        ),
        set(json!({"add_labels": ["A", " "], "remove_labels": ["b"]})),
        set(json!({"custom": {"k": 1, "gone": null}})),
        blocked_by("k-bug"),
        Edit::RemoveDependency { target: "k-two".into(), kind: "relates-to".into() },
    ] {
        let edited = here.edit("k-one", &same).unwrap();
        assert_eq!(edited.document, before, "{same:?}");
        assert_eq!((edited.events.len(), edited.changed.len()), (0, 0), "{same:?}");
    }
}

#[test]
fn a_title_that_is_not_written_is_remarked_upon() {
    let mut here = Here::new();
    let remarks =
        |here: &mut Here, title: &str| here.edit("k-one", &set(json!({"title": title}))).unwrap().remarks;
    let said = "The title stays \"One\": for Kanbus other capitals are no other title.";
    assert_eq!(remarks(&mut here, " ONE "), [said]);
    assert_eq!(remarks(&mut here, " One "), [""; 0]);
    assert_eq!(remarks(&mut here, "Another"), [""; 0]);
    let edited = here.edit("k-one", &set(json!({"title": "ONE", "priority": 1}))).unwrap();
    assert_eq!((edited.changed, edited.remarks), (vec!["priority".to_owned()], vec![said.to_owned()]));
}

#[test]
fn a_claim_sets_assignee_and_the_first_status_under_way() {
    let mut here = Here::new();
    let edited = here.done("k-one", &Edit::Claim);
    assert_eq!(
        (here.value("k-one", "assignee"), here.value("k-one", "status")),
        (json!("ada"), json!("in_progress"))
    );
    let kinds: Vec<_> = edited.events.iter().map(|event| event.event_type).collect();
    assert_eq!(kinds, ["state_transition", "field_updated"]);
}

#[test]
fn type_and_custom_appear_in_no_event() {
    let mut here = Here::new();
    let edited = here.done("k-one", &set(json!({"type": "bug", "custom.z": {"a": [1]}, "custom.b": 2})));
    assert_eq!(
        (edited.events.len(), edited.changed),
        (0, vec!["type".into(), "custom.b".into(), "custom.z".into()])
    );
    let text = here.document("k-one").text();
    assert!(
        text.contains(
            "\"custom\": {\n    \"b\": 2,\n    \"z\": {\n      \"a\": [\n        1\n      ]\n    }\n  }"
        ),
        "{text}"
    );
}

#[test]
fn a_type_that_does_not_fit_below_the_parent_fits_where_the_parent_goes() {
    let mut here = Here::new();
    here.done("k-one", &set(json!({"parent": null, "type": "initiative"})));
    assert_eq!(
        (here.value("k-one", "parent"), here.value("k-one", "type")),
        (Value::Null, json!("initiative"))
    );
}

#[test]
fn without_events_there_are_none() {
    let mut here = Here::new();
    here.config.events = false;
    assert_eq!(here.done("k-one", &set(json!({"status": "closed"}))).events, []);
    let created = here
        .with(|context| create(&NewIssue { title: "New".into(), ..NewIssue::default() }, context))
        .unwrap();
    assert_eq!(created.event, None);
    assert_eq!(here.done("k-one", &Edit::Transfer { to: Source::Local }).events, []);
    assert_eq!(
        here.with(|context| delete(("k-bug", Source::Shared), false, context)).unwrap()[0].event,
        None
    );
}

#[test]
fn two_writes_at_the_same_time_have_different_times() {
    let mut here = Here::new();
    let now = here.now;
    here.done("k-one", &set(json!({"priority": 1})));
    here.now = now;
    let second = here.edit("k-one", &set(json!({"priority": 3}))).unwrap();
    assert_eq!(record::text(&second.document, "updated_at").unwrap(), "2026-05-04T10:00:00.123457789Z");
}

#[test]
fn an_agent_signs_what_is_not_signed() {
    let agent = |name: Option<&str>| {
        Agent::described(Some("Codex"), Some("m"), name, BTreeMap::from([("speed".into(), json!(1))]))
            .unwrap()
    };
    let mut here = Here::new();
    here.actor.agent = agent(None);
    let edited = here.done("k-one", &set(json!({"priority": 1})));
    assert_eq!(edited.changed, ["priority", "agent"]);
    let text = here.document("k-one").text();
    assert!(
        text.contains("\"closed_at\": null,\n  \"agent\": {\n    \"platform\": \"codex\",\n    \"model\": \"m\",\n    \"settings\": {\n      \"speed\": 1\n    }\n  },\n  \"custom\""),
        "{text}"
    );
    here.actor.agent = agent(Some("Bob"));
    here.done("k-one", &set(json!({"priority": 2})));
    assert_eq!(here.value("k-one", "agent")["name"], "Bob");
    let refusal = here.refused("k-one", &set(json!({"priority": 3})));
    assert_eq!(refusal.message, "agent metadata is already set");
    here.done("k-one", &set(json!({"type": "bug"})));
    let comment = here.done("k-one", &comment("Done."));
    assert_eq!(payloads(&comment.events)[0].1["agent"]["name"], "Bob");
    let created = here
        .with(|context| create(&NewIssue { title: "New".into(), ..NewIssue::default() }, context))
        .unwrap();
    assert_eq!(payloads(&created.event.into_iter().collect::<Vec<_>>())[0].1["agent"]["platform"], "codex");
}

#[test]
fn what_may_become_of_an_issue_is_what_the_rules_let_pass() {
    let mut here = Here::new();
    let (document, issue) = here.files[&("k-one".to_owned(), Source::Shared)].clone();
    let legal = legal("k-one", &issue, &here.config, &here.files);
    let moves: Vec<_> = legal.statuses.iter().map(|to| (to.status.as_str(), to.label.as_deref())).collect();
    assert_eq!(
        moves,
        [("backlog", Some("Back to backlog")), ("in_progress", Some("Start work")), ("closed", Some("Drop"))]
    );
    assert_eq!(legal.types, ["bug", "story", "chore"], "its parent is an epic");
    assert_eq!(legal.parents, [] as [&str; 0], "there is no other epic");
    let try_each = |here: &mut Here, field: &str, all: Vec<String>, legal: Vec<String>| {
        for value in all {
            let is_same = record::text(&document, field).as_deref() == Some(&value);
            let passes = here.edit("k-one", &set(json!({field: value}))).is_ok();
            assert_eq!(passes, is_same || legal.contains(&value), "{field} {value}");
        }
    };
    let all = here.config.columns.iter().map(|column| column.key.clone()).collect();
    try_each(&mut here, "status", all, legal.statuses.into_iter().map(|to| to.status).collect());
    let all = here.config.types.iter().map(|kind| kind.key.clone()).collect();
    try_each(&mut here, "type", all, legal.types);
    assert!(!may_be_parent("k-one", &issue, "k-two", &here.config, &here.files));
    let (_, bug) = here.files[&("k-bug".to_owned(), Source::Shared)].clone();
    assert_eq!(
        super::legal("k-bug", &bug, &here.config, &here.files).parents,
        ["k-epic", "k-one", "k-top", "k-two"]
    );
    assert!(may_be_parent("k-bug", &bug, "k-epic", &here.config, &here.files));
}
