//! Inverses, and merging with what others have done.

use proptest::prelude::*;

use super::*;

/// The text without the line that every write moves.
fn settled(document: &Document) -> String {
    document.text().lines().filter(|line| !line.contains("\"updated_at\"")).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_inverse_of_an_edit_brings_back_what_stood_there() {
    let mut here = Here::new();
    let odd = text("k-one", "One", "task", Some("k-epic"))
        .replace("\"One\"", "\"\\u004fne\"")
        .replace("\"priority\": 2", "\"priority\": 2.0e0")
        .replace("  \"assignee\": null,\n", "")
        .replace("\"custom\": {}", "\"custom\": {\n    \"z\": 1.50,\n    \"a\": [ ]\n  }");
    here.put("k-one", Source::Shared, &odd);
    here.done("k-one", &set(json!({"add_labels": ["a", "b", "c"]})));
    here.done("k-one", &comment("first"));
    here.done("k-one", &comment("second"));
    here.done("k-one", &blocked_by("k-bug"));
    let undone = |here: &mut Here, wanted: Edit| {
        let before = settled(here.document("k-one"));
        let edited = here.done("k-one", &wanted);
        assert_ne!(settled(here.document("k-one")), before, "{wanted:?}");
        let back = here.done("k-one", &edited.inverse);
        assert_eq!(settled(here.document("k-one")), before, "{wanted:?}");
        assert_eq!(back.events.len(), edited.events.len(), "what comes back is told: {wanted:?}");
        let again = here.done("k-one", &back.inverse);
        assert_eq!(settled(&again.document), settled(&edited.document), "and what is undone can be redone");
        here.done("k-one", &again.inverse);
        edited
    };
    for wanted in [
        set(json!({"title": "Other", "priority": 1, "assignee": "bob", "parent": null, "description": ""})),
        set(json!({"status": "closed"})),
        set(json!({"type": "bug", "custom": {"z": 2, "a": null, "m": {"x": []}}})),
        set(json!({"add_labels": ["d"], "remove_labels": ["a", "C"]})),
        Edit::Claim,
        comment("third"),
        Edit::EditComment { comment: "uuid-2".into(), text: "other".into(), was: None },
        Edit::RemoveDependency { target: "k-bug".into(), kind: "blocked-by".into() },
        Edit::AddDependency { target: "k-two".into(), kind: "relates-to".into() },
    ] {
        undone(&mut here, wanted);
    }
    let first = here.value("k-one", "comments")[0]["id"].as_str().unwrap().to_owned();
    undone(&mut here, Edit::DeleteComment { comment: first });
    here.done("k-one", &set(json!({"status": "closed"})));
    let reopened = undone(&mut here, set(json!({"status": "open"})));
    assert_eq!(reopened.changed, ["status", "closed_at"], "no workflow leads back, and it comes back");
}

#[test]
fn an_undo_takes_nothing_from_anybody_else() {
    let mut here = Here::new();
    let mine = here.done("k-one", &set(json!({"title": "Mine", "priority": 1, "add_labels": ["mine"]})));
    here.done("k-one", &set(json!({"assignee": "bob", "add_labels": ["theirs"]})));
    here.done("k-one", &mine.inverse);
    let held = |here: &Here| ["title", "priority", "assignee", "labels"].map(|key| here.value("k-one", key));
    assert_eq!(held(&here), [json!("One"), json!(2), json!("bob"), json!(["theirs"])]);

    let mine = here.done("k-one", &set(json!({"title": "Mine", "priority": 1})));
    here.done("k-one", &set(json!({"title": "Theirs"})));
    let refusal = here.refused("k-one", &mine.inverse);
    let sides = Sides { base: json!("Mine"), theirs: json!("Theirs"), mine: json!("One") };
    assert_eq!(refusal.code, Code::Conflict);
    assert_eq!(refusal.conflict.unwrap().fields, BTreeMap::from([("title".to_owned(), sides)]));

    let said = here.done("k-one", &comment("mine"));
    let id = here.value("k-one", "comments")[0]["id"].as_str().unwrap().to_owned();
    here.done("k-one", &Edit::EditComment { comment: id.clone(), text: "theirs".into(), was: None });
    let refusal = here.refused("k-one", &said.inverse);
    assert!(refusal.conflict.unwrap().fields.contains_key(&format!("comments.{id}")));
}

#[test]
fn closed_at_comes_back_with_the_status_alone() {
    let mut here = Here::new();
    here.done("k-one", &set(json!({"status": "closed"})));
    let reopened = here.done("k-one", &set(json!({"status": "open"})));
    let closed_at = |here: &Here| here.value("k-one", "closed_at");
    here.done("k-one", &set(json!({"status": "closed"})));
    let theirs = closed_at(&here);
    let undone = here.done("k-one", &reopened.inverse);
    assert_eq!((closed_at(&here), undone.changed.len()), (theirs, 0), "somebody has closed it again, later");
    let closed = here.done("k-two", &set(json!({"status": "closed"})));
    let text = here.document("k-two").text().replace("10:00:04", "11:00:00");
    here.put("k-two", Source::Shared, &text);
    here.done("k-two", &closed.inverse);
    assert_eq!(
        (here.value("k-two", "status"), here.value("k-two", "closed_at")),
        (json!("open"), Value::Null)
    );
}

#[test]
fn an_undo_does_not_meet_what_has_come_since() {
    let mut here = Here::new();
    let renamed = here.done("k-one", &set(json!({"title": "Other"})));
    here.done("k-two", &set(json!({"title": "one"})));
    assert_eq!(
        here.refused("k-one", &renamed.inverse).message,
        "duplicate title: \"One\" already exists as k-two"
    );
    let moved = here.done("k-bug", &set(json!({"parent": "k-epic"})));
    let freed = here.done("k-bug", &moved.inverse);
    here.files.remove(&("k-epic".to_owned(), Source::Shared));
    assert_eq!(here.refused("k-bug", &freed.inverse).message, "not found");
    here.done("k-bug", &blocked_by("k-own"));
    let removal = Edit::RemoveDependency { target: "k-own".into(), kind: "blocked-by".into() };
    let removed = here.done("k-bug", &removal);
    here.put("k-own", Source::Shared, &text("k-own", "Own", "task", None));
    here.done("k-own", &blocked_by("k-bug"));
    assert_eq!(here.refused("k-bug", &removed.inverse).message, "cycle detected");
}

#[test]
fn a_type_or_a_parent_comes_back_only_where_it_still_fits() {
    let mut here = Here::new();
    let sentence = |parent: &str, child: &str| {
        format!("invalid parent-child relationship: '{parent}' cannot have child '{child}'")
    };
    let freed = here.done("k-one", &set(json!({"parent": null})));
    let typed = here.done("k-two", &set(json!({"type": "bug"})));
    here.done("k-top", &set(json!({"parent": null})));
    for id in ["k-one", "k-two"] {
        // Its parent is another kind of issue meanwhile, which somebody has written into the file.
        let epic = here.document("k-epic").text().replace("\"epic\"", "\"task\"");
        here.put("k-epic", Source::Shared, &epic);
        let inverse = if id == "k-one" { &freed.inverse } else { &typed.inverse };
        let refusal = here.refused(id, inverse);
        assert_eq!((refusal.code, refusal.message), (Code::Rule, sentence("task", "task")));
    }
    here.files.remove(&("k-epic".to_owned(), Source::Shared));
    for (id, inverse) in [("k-one", &freed.inverse), ("k-two", &typed.inverse)] {
        let refusal = here.refused(id, inverse);
        assert_eq!((refusal.code, refusal.message.as_str()), (Code::NotFound, "not found"));
        assert_eq!(refusal.hint.unwrap(), "Its parent `k-epic` is not there any more.");
    }
    // What has come below it since counts as well.
    let mut here = Here::new();
    let typed = here.done("k-bug", &set(json!({"type": "task"})));
    here.put("k-sub", Source::Shared, &text("k-sub", "Sub", "sub-task", Some("k-bug")));
    assert_eq!(here.refused("k-bug", &typed.inverse).message, sentence("bug", "sub-task"));
    here.config = Config::parse("types: [task]\n", None).unwrap();
    here.files.remove(&("k-sub".to_owned(), Source::Shared));
    assert_eq!(here.refused("k-bug", &typed.inverse).message, "unknown issue type");
}

#[test]
fn what_was_against_the_rules_before_an_edit_comes_back_with_its_undo() {
    let mut here = Here::new();
    here.put("k-one", Source::Shared, &text("k-one", "Two", "task", Some("k-top")));
    here.put("k-two", Source::Shared, &text("k-two", "Two", "task", Some("k-gone")));
    for (id, fields) in [
        ("k-one", json!({"parent": null, "title": "Another"})),
        ("k-one", json!({"parent": null, "type": "initiative"})),
        ("k-two", json!({"parent": "k-epic"})),
    ] {
        let before = settled(here.document(id));
        let edited = here.done(id, &set(fields));
        here.done(id, &edited.inverse);
        assert_eq!(settled(here.document(id)), before);
    }
    let edited = here.done("k-one", &set(json!({"parent": null, "title": "Another"})));
    here.put("k-top", Source::Shared, &text("k-top", "Top", "story", None));
    assert_eq!(
        here.refused("k-one", &edited.inverse).message,
        "invalid parent-child relationship: 'story' cannot have child 'task'",
        "but not what has come since"
    );
}

/// The text with the time of every write made one.
fn timeless(document: &Document) -> String {
    let mut document = document.clone();
    document.replace("updated_at", &"then").unwrap();
    document.text().to_owned()
}

/// Other ways to write the same issue.
fn layouts() -> [String; 5] {
    let pretty = text("k-one", "One", "task", Some("k-epic"))
        .replace("\"labels\": []", "\"labels\": [\n    \"a\",\n    \"b\",\n    \"c\"\n  ]");
    let pretty = pretty.replace("\"custom\": {}", "\"custom\": {\"z\": 1, \"a\" : [ ]}");
    let line = pretty.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    let bare = line.replace("\"assignee\": null, ", "").replace("\"comments\": [], ", "");
    let bare = bare.replace("\"dependencies\": [], ", "\"dependencies\": null, ");
    let compact = serde_json::from_str::<Value>(&pretty).unwrap().to_string();
    [compact, line.replace(", ", " ,  ").replace("[]", "[  ]"), line, bare, pretty.replace("  ", "\t")]
}

#[test]
fn an_undo_is_exact_to_the_byte_however_the_file_is_written() {
    for layout in layouts() {
        let mut here = Here::new();
        here.put("k-one", Source::Shared, &layout);
        let mut undone = |wanted: &[Edit]| {
            let before = timeless(here.document("k-one"));
            let done: Vec<Edited> = wanted.iter().map(|wanted| here.done("k-one", wanted)).collect();
            for edited in done.iter().rev() {
                assert!(!edited.changed.is_empty(), "{wanted:?}");
                here.done("k-one", &edited.inverse);
            }
            assert_eq!(timeless(here.document("k-one")), before, "{wanted:?}");
        };
        let relate = |target: &str| Edit::AddDependency { target: target.into(), kind: "relates-to".into() };
        let all = [
            set(json!({"title": "Other", "priority": 1, "description": "d", "parent": null})),
            set(json!({"assignee": "bob", "type": "bug"})),
            set(json!({"remove_labels": ["a"]})),
            set(json!({"remove_labels": ["b", "c"], "add_labels": ["d"]})),
            set(json!({"custom": {"z": null, "a": null}})),
            set(json!({"custom": {"z": [1, {"b": 2}], "m": "x", "a": 3}})),
            comment("one"),
            comment("two"),
            relate("k-two"),
            relate("k-bug"),
            Edit::RemoveDependency { target: "k-two".into(), kind: "relates-to".into() },
            Edit::Claim,
        ];
        for one in all.iter().filter(|one| !matches!(one, Edit::RemoveDependency { .. })) {
            undone(std::slice::from_ref(one));
        }
        undone(&all);
    }
}

#[test]
fn white_space_comes_back_around_what_others_have_changed() {
    let mut here = Here::new();
    let line = layouts()[2].clone();
    here.put("k-one", Source::Shared, &line);
    let edited = here.done("k-one", &set(json!({"remove_labels": ["a", "b"], "custom.z": null})));
    here.done("k-one", &set(json!({"add_labels": ["theirs"], "custom.theirs": 1})));
    here.done("k-one", &edited.inverse);
    assert_eq!(here.value("k-one", "labels"), json!(["a", "b", "c", "theirs"]));
    assert_eq!(here.value("k-one", "custom"), json!({"z": 1, "a": [], "theirs": 1}));
}

#[test]
fn what_undoes_an_edit_weighs_about_as_much_as_what_it_changed() {
    let mut here = Here::new();
    here.done("k-one", &set(json!({"description": "x".repeat(100_000)})));
    let small = here.done("k-one", &comment("small"));
    assert!(small.inverse.weight() < 5_000, "{}", small.inverse.weight());
    let large = here.done("k-one", &set(json!({"description": ""})));
    assert!((100_000..120_000).contains(&large.inverse.weight()), "{}", large.inverse.weight());
}

#[test]
fn fields_that_one_side_touched_merge_and_others_are_shown() {
    let mut here = Here::new();
    let base = here.document("k-one").clone();
    here.done("k-one", &set(json!({"title": "Theirs", "status": "closed", "custom": {"k": 1}})));
    let theirs = here.document("k-one").clone();
    let merged = |base: Option<&Document>, was: Value, mine: Value| {
        let Edit::Set(mine) = set(mine) else { unreachable!() };
        merge(Seen { base, was: was.as_object() }, &theirs, &mine)
    };
    let changed = ["title", "status", "closed_at", "custom.k"];
    assert_eq!(
        merged(Some(&base), Value::Null, json!({"priority": 1, "add_labels": ["x"]})).unwrap(),
        changed
    );
    assert_eq!(
        merged(Some(&base), Value::Null, json!({"title": "Theirs "})).unwrap(),
        changed,
        "both say the same"
    );
    let sides = |base: Value, theirs: Value, mine: Value| Sides { base, theirs, mine };
    let refusal =
        merged(Some(&base), Value::Null, json!({"title": "Mine", "priority": 1, "custom.k": 2})).unwrap_err();
    assert_eq!(refusal.code, Code::Conflict);
    assert_eq!(
        refusal.conflict.unwrap().fields,
        BTreeMap::from([
            ("custom.k".to_owned(), sides(Value::Null, json!(1), json!(2))),
            ("title".to_owned(), sides(json!("One"), json!("Theirs"), json!("Mine"))),
        ])
    );
    let was = json!({"priority": 2, "title": "One"});
    assert_eq!(
        merged(None, was.clone(), json!({"priority": 1})).unwrap(),
        ["title"],
        "the values seen stand in for a base"
    );
    assert!(merged(None, was, json!({"title": "Mine"})).is_err());
    assert!(
        merged(None, Value::Null, json!({"priority": 1})).is_err(),
        "whoever has seen nothing overwrites nothing"
    );

    here.done("k-one", &comment("base"));
    let edit = |text: &str, was: &str| Edit::EditComment {
        comment: "uuid".into(),
        text: text.into(),
        was: Some(was.into()),
    };
    here.done("k-one", &edit("theirs", "base"));
    let refusal = here.refused("k-one", &edit("mine", "base"));
    let (_, found) = refusal.conflict.unwrap().fields.pop_first().unwrap();
    assert_eq!(found, sides(json!("base"), json!("theirs"), json!("mine")));
}

proptest! {
    #[test]
    fn any_edit_can_be_undone_or_is_refused(
        steps in prop::collection::vec((0_usize..9, 0_usize..4), 1..8),
        title in "[ -~]{1,12}",
        layout in 0_usize..6,
    ) {
        let mut here = Here::new();
        if let Some(layout) = layouts().get(layout) {
            here.put("k-one", Source::Shared, layout);
        }
        for (kind, at) in steps {
            let comments: Vec<String> =
                comments::all(here.document("k-one")).unwrap().into_iter().map(|comment| comment.id).collect();
            let comment_id = comments.get(at).cloned().unwrap_or_default();
            let target = ["k-bug", "k-two", "k-epic", "k-own"][at].to_owned();
            let wanted = match kind {
                0 => set(json!({"title": format!("{title}{at}")})),
                1 => set(json!({"status": (["open", "in_progress", "blocked", "closed"][at])})),
                2 => set(json!({"add_labels": [(["a", "b", "c", "d"][at])]})),
                3 => set(json!({"remove_labels": [(["a", "b", "c", "d"][at])], "priority": at})),
                4 => comment(&title.replace(' ', "x")),
                5 => Edit::EditComment { comment: comment_id, text: format!("{title}x"), was: None },
                6 => Edit::DeleteComment { comment: comment_id },
                7 => Edit::AddDependency { target, kind: "relates-to".into() },
                _ => Edit::RemoveDependency { target, kind: "relates-to".into() },
            };
            let before = timeless(here.document("k-one"));
            let Ok(edited) = here.edit("k-one", &wanted) else { continue };
            if edited.changed.is_empty() {
                prop_assert_eq!(timeless(&edited.document), before);
                continue;
            }
            let edited = here.done("k-one", &wanted);
            let back = here.edit("k-one", &edited.inverse).unwrap();
            prop_assert_eq!(timeless(&back.document), before);
        }
    }
}
