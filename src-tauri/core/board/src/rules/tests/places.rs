//! Issues that come, go and move.

use super::*;

fn new(title: &str) -> NewIssue {
    NewIssue { title: title.to_owned(), ..NewIssue::default() }
}

#[test]
fn a_new_issue_is_written_as_kanbus_writes_it() {
    let mut here = Here::new();
    let wanted = NewIssue {
        description: " Why. ".into(),
        parent: Some("k-one".into()),
        issue_type: Some("sub-task".into()),
        labels: vec![" a ".into(), "A".into(), "b".into()],
        ..new(" New one ")
    };
    let created = here.with(|context| create(&wanted, context)).unwrap();
    assert_eq!(created.id, "kanbus-uuid-1");
    assert_eq!(
        created.document.text(),
        format!(
            "{{\n  \"id\": \"kanbus-uuid-1\",\n  \"title\": \"New one\",\n  \"description\": \"Why.\",\n  \"type\": \"sub-task\",\n  \"status\": \"open\",\n  \"priority\": 2,\n  \"assignee\": null,\n  \"creator\": null,\n  \"parent\": \"k-one\",\n  \"labels\": [\n    \"a\",\n    \"b\"\n  ],\n  \"dependencies\": [],\n  \"comments\": [],\n  \"created_at\": \"{NOW}\",\n  \"updated_at\": \"{NOW}\",\n  \"closed_at\": null,\n  \"right_now_summary\": null,\n  \"right_now_updated_at\": null,\n  \"custom\": {{}}\n}}"
        )
    );
    let event = created.event.unwrap();
    assert_eq!((event.event_type, event.issue_id.as_str()), ("issue_created", "kanbus-uuid-1"));
    assert_eq!(
        serde_json::to_string(&event.payload).unwrap(),
        r#"{"title":"New one","description":"Why.","issue_type":"sub-task","status":"open","priority":2,"assignee":null,"parent":"k-one","labels":["a","b"]}"#
    );
}

#[test]
fn a_new_issue_is_what_the_configuration_says() {
    let mut here = Here::new();
    here.config =
        Config::parse("project_key: x\ninitial_status: backlog\ndefault_priority: 4\nassignee: bob\n", None)
            .unwrap();
    let created = here.with(|context| create(&new("New"), context)).unwrap();
    let held = |key: &str| record::value(&created.document, key);
    assert_eq!(
        (held("status"), held("priority"), held("assignee")),
        (json!("backlog"), json!(4), json!("bob"))
    );
    here.config.project_key = "../x".into();
    let refusal = here.with(|context| create(&new("New"), context)).unwrap_err();
    assert_eq!(refusal.message, "'../x-uuid-3' cannot be an id", "an id is the name of a file");
}

#[test]
fn a_new_issue_is_refused_as_kanbus_refuses_it() {
    let mut here = Here::new();
    for (wanted, message) in [
        (new(" "), "title is required"),
        (new("one"), "duplicate title: \"one\" already exists as k-one"),
        (NewIssue { issue_type: Some("x".into()), ..new("New") }, "unknown issue type"),
        (NewIssue { priority: Some(9), ..new("New") }, "invalid priority"),
        (NewIssue { parent: Some("k-gone".into()), issue_type: Some("x".into()), ..new("New") }, "not found"),
        (NewIssue { parent: Some("k-t".into()), ..new("New") }, "ambiguous short id"),
        (NewIssue { parent: Some("k-one".into()), source: Source::Local, ..new("New") }, "not found"),
        (
            NewIssue { parent: Some("k-top".into()), ..new("New") },
            "invalid parent-child relationship: 'initiative' cannot have child 'task'",
        ),
        (NewIssue { id: Some("k-own".into()), ..new("New") }, "requested id 'k-own' already exists"),
        (NewIssue { id: Some(".k".into()), ..new("New") }, "'.k' cannot be an id"),
        (
            NewIssue { parent: Some("k\u{7}".into()), ..new("New") },
            "the parent has the control character U+0007 in it",
        ),
        (
            NewIssue { issue_type: Some("k\u{7}".into()), ..new("New") },
            "the type has the control character U+0007 in it",
        ),
        (NewIssue { labels: vec!["a,b".into()], ..new("New") }, "the label \"a,b\" has a comma in it"),
    ] {
        let refusal = here.with(|context| create(&wanted, context)).unwrap_err();
        assert_eq!(refusal.message, message);
    }
    here.with(|context| create(&NewIssue { source: Source::Local, ..new("One") }, context)).unwrap();
    here.config = Config::parse("initial_status: backlog\n", None).unwrap();
    let epic = NewIssue { issue_type: Some("epic".into()), ..new("New") };
    let refusal = here.with(|context| create(&epic, context)).unwrap_err();
    assert_eq!(
        refusal.message,
        "status 'backlog' is not allowed for type 'epic' (allowed: closed, in_progress, open). Remediation: use --type task"
    );
    let taken = here.with(|context| {
        context.fresh = Box::leak(Box::new(|| "same".to_owned()));
        context.config = Box::leak(Box::new(Config { project_key: "k".into(), ..Config::default() }));
        create(&new("New"), context)
    });
    assert_eq!(taken.unwrap().id, "k-same");
}

#[test]
fn a_new_issue_is_read_from_what_a_door_is_sent() {
    let read = |fields: Value| NewIssue::from_json(fields.as_object().unwrap());
    let fields = json!({
        "title": "T", "type": "bug", "priority": 1, "labels": ["a"], "source": "local", "id": "k-x", "parent": null,
        "assignee": "bob",
    });
    let expected = NewIssue {
        issue_type: Some("bug".into()),
        priority: Some(1),
        labels: vec!["a".into()],
        source: Source::Local,
        id: Some("k-x".into()),
        assignee: Some("bob".into()),
        ..new("T")
    };
    assert_eq!(read(fields), Ok(expected));
    for (fields, message) in [
        (json!({"titel": "T"}), "`titel` is no field that can be set"),
        (json!({"labels": "a"}), "`labels` is not a list of text"),
        (json!({"source": "elsewhere"}), "`source` is not shared or local"),
        (json!({"id": 1}), "`id` is not text"),
        (json!({"status": "closed"}), "a new issue has neither a status of its own nor custom fields"),
    ] {
        let refusal = read(fields).unwrap_err();
        assert_eq!((refusal.code, refusal.message.as_str()), (Code::Invalid, message));
    }
}

#[test]
fn deleting_leaves_one_event_or_takes_everything_below_along() {
    let mut here = Here::new();
    let alone = here.with(|context| delete(("k-epic", Source::Shared), false, context)).unwrap();
    let [doomed] = &alone[..] else { panic!("{alone:?}") };
    let event = doomed.event.as_ref().unwrap();
    assert_eq!(event.event_type, "issue_deleted");
    assert_eq!(
        serde_json::to_string(&event.payload).unwrap(),
        r#"{"title":"Epic","issue_type":"epic","status":"open"}"#
    );
    here.put("k-child", Source::Local, &text("k-child", "Child", "sub-task", Some("k-one")));
    here.put("k-top", Source::Shared, &text("k-top", "Top", "initiative", Some("k-child")));
    let all = here.with(|context| delete(("k-top", Source::Shared), true, context)).unwrap();
    let ids: Vec<_> = all.iter().map(|doomed| doomed.id.as_str()).collect();
    assert_eq!(ids, ["k-child", "k-one", "k-two", "k-epic", "k-top"], "the deepest first, each once");
    assert!(all.iter().all(|doomed| doomed.event.is_none()));
    assert_eq!(all[0].source, Source::Local);
    let refusal = here.with(|context| delete(("k-gone", Source::Shared), true, context)).unwrap_err();
    assert_eq!((refusal.code, refusal.message.as_str()), (Code::NotFound, "not found"));
}

#[test]
fn what_was_deleted_comes_back_as_it_was() {
    let mut here = Here::new();
    let document = here.document("k-one").clone();
    let refusal =
        here.with(|context| restore(document.clone(), ("k-one", Source::Shared), context)).unwrap_err();
    assert_eq!(refusal.message, "requested id 'k-one' already exists");
    here.files.remove(&("k-one".to_owned(), Source::Shared));
    let restored =
        here.with(|context| restore(document.clone(), ("k-one", Source::Shared), context)).unwrap();
    assert_eq!((&restored.document, restored.remarks.len()), (&document, 0));
    assert_eq!(restored.event.unwrap().event_type, "issue_created");
    here.put("k-else", Source::Shared, &text("k-else", " ONE", "task", None));
    let restored = here.with(|context| restore(document, ("k-one", Source::Shared), context)).unwrap();
    let twin =
        "k-one is back, though Kanbus would refuse it: duplicate title: \"One\" already exists as k-else.";
    assert_eq!(restored.remarks, [twin]);
    // Its file may not say what it is called.
    let odd = Document::parse(b"{\"id\": 1}".to_vec()).unwrap();
    let restored = here.with(|context| restore(odd, ("ödd", Source::Shared), context)).unwrap();
    assert_eq!((restored.id.as_str(), restored.event.unwrap().issue_id.as_str()), ("ödd", "ödd"));
}

#[test]
fn what_does_not_fit_any_more_comes_back_with_a_remark() {
    let mut here = Here::new();
    let document = here.document("k-one").clone();
    here.files.remove(&("k-one".to_owned(), Source::Shared));
    here.put("k-sub", Source::Shared, &text("k-sub", "Sub", "epic", Some("k-one")));
    here.put("k-epic", Source::Shared, &text("k-epic", "Epic", "task", None));
    let back = |here: &mut Here| {
        here.with(|context| restore(document.clone(), ("k-one", Source::Shared), context)).unwrap()
    };
    let relation = |parent: &str, child: &str| {
        format!(
            "k-one is back, though Kanbus would refuse it: invalid parent-child relationship: '{parent}' cannot have child '{child}'."
        )
    };
    assert_eq!(back(&mut here).remarks, [relation("task", "epic"), relation("task", "task")]);
    here.files.remove(&("k-sub".to_owned(), Source::Shared));
    here.files.remove(&("k-epic".to_owned(), Source::Shared));
    let restored = back(&mut here);
    assert_eq!(restored.remarks, ["k-one is back. Its parent `k-epic` is not there any more."]);
    assert_eq!(restored.document, document);
}

#[test]
fn an_issue_moves_out_of_the_project_and_back() {
    let mut here = Here::new();
    let out = here.done("k-one", &Edit::Transfer { to: Source::Local });
    assert_eq!((out.to, out.inverse.clone()), (Some(Source::Local), Edit::Transfer { to: Source::Shared }));
    let moved = |from: &str, to: &str| json!({"from_location": from, "to_location": to});
    assert_eq!(payloads(&out.events), [("issue_localized", moved("shared", "local"))]);
    let refusal = here.refused("k-one", &Edit::Transfer { to: Source::Local });
    assert_eq!(refusal.message, "issue is not in shared project");
    let back = here.done("k-one", &out.inverse);
    assert_eq!(payloads(&back.events), [("issue_promoted", moved("local", "shared"))]);
    assert_eq!(here.refused("k-one", &out.inverse).message, "issue is not in project-local");
    here.put("k-one", Source::Local, &text("k-one", "Twin", "task", None));
    assert_eq!(here.refused("k-one", &Edit::Transfer { to: Source::Local }).message, "already exists");
}
