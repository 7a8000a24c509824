//! Labels, comments and dependencies: added and removed.

use super::*;

#[test]
fn labels_are_added_once_and_removed_whatever_their_capitals() {
    let mut here = Here::new();
    let edited =
        here.done("k-one", &set(json!({"add_labels": [" One ", "two", "ONE"], "remove_labels": ["TWO"]})));
    assert_eq!(here.value("k-one", "labels"), json!(["One"]));
    let changes = json!({"changes": {"labels": {"from": [], "to": ["One"]}}});
    assert_eq!(payloads(&edited.events), [("field_updated", changes)]);
}

#[test]
fn a_comment_is_written_as_kanbus_writes_it() {
    let mut here = Here::new();
    let edited = here.done("k-one", &comment("Half of it.\n"));
    assert!(here.document("k-one").text().contains(
        "\"comments\": [\n    {\n      \"id\": \"uuid-1\",\n      \"author\": \"ada\",\n      \"text\": \"Half of it.\\n\",\n      \"created_at\": \"2026-05-04T10:00:00.123456789Z\",\n      \"comment_type\": \"default\"\n    }\n  ],"
    ));
    let payload = json!({"comment_id": "uuid-1", "comment_author": "ada"});
    assert_eq!(payloads(&edited.events), [("comment_added", payload.clone())]);

    let change = Edit::EditComment {
        comment: "UUID".into(),
        text: "All of it.".into(),
        was: Some("Half of it.\n".into()),
    };
    let mut changed = payload.clone();
    changed["changed_fields"] = json!(["text"]);
    assert_eq!(payloads(&here.done("k-one", &change).events), [("comment_updated", changed)]);
    let again = here.edit("k-one", &change).unwrap();
    assert_eq!(again.changed, [] as [&str; 0], "what it says already is no change");

    let gone = here.done("k-one", &Edit::DeleteComment { comment: "uuid-1".into() });
    assert_eq!(payloads(&gone.events), [("comment_deleted", payload)]);
    assert_eq!(here.value("k-one", "comments"), json!([]));
}

/// Three comments as an older release wrote them, without ids.
fn old_comments(here: &mut Here) {
    let comment = |text: &str| json!({"author": "bob", "text": text, "created_at": "2026-01-01T00:00:00.5Z", "mood": 1.0});
    let comments = json!(["a", "b", "a"].map(comment));
    let text =
        text("k-one", "One", "task", None).replace("\"comments\": []", &format!("\"comments\": {comments}"));
    here.put("k-one", Source::Shared, &text);
}

#[test]
fn a_comment_without_an_id_has_the_one_that_kanbus_derives() {
    let mut here = Here::new();
    old_comments(&mut here);
    let ids: Vec<String> =
        comments::all(here.document("k-one")).unwrap().into_iter().map(|comment| comment.id).collect();
    // Python: uuid.uuid5(uuid.NAMESPACE_OID, "k-one:0:2026-01-01T00:00:00.500+00:00:bob")
    assert_eq!(ids[0], "5276f232-9d50-5d97-9880-e9a274ed9501");
    let change = Edit::EditComment { comment: ids[2].clone(), text: "c".into(), was: None };
    let edited = here.done("k-one", &change);
    assert_eq!(payloads(&edited.events)[0].1["comment_id"], ids[2].as_str());
    let text = here.document("k-one").text();
    assert!(
        text.contains(&format!("{{\"id\": \"{}\",\"author\"", ids[2])),
        "the comment that is changed says its id: {text}"
    );
    assert_eq!(text.matches("mood").count(), 3);
    let gone = here.done("k-one", &Edit::DeleteComment { comment: ids[0].clone() });
    assert_eq!(payloads(&gone.events).len(), 1);
    assert_eq!(payloads(&gone.events)[0].1["comment_id"], ids[0].as_str());
    assert_eq!(here.value("k-one", "comments").as_array().unwrap().len(), 2);
}

#[test]
fn a_dependency_is_added_by_any_name_of_its_target() {
    let mut here = Here::new();
    here.put("k-abcdefgh-1", Source::Shared, &text("k-abcdefgh-1", "Long", "bug", None));
    for name in ["k-abcdefgh-1", "k-abcdef", "abcdef", "k-abcdefg"] {
        let edited = here.edit("k-one", &blocked_by(name)).unwrap();
        let payload = json!({"dependency_type": "blocked-by", "target_id": "k-abcdefgh-1"});
        assert_eq!(payloads(&edited.events), [("dependency_added", payload)], "{name}");
    }
    here.done("k-one", &blocked_by("abcdef"));
    let removal = Edit::RemoveDependency { target: "abcdef".into(), kind: "blocked-by".into() };
    assert_eq!(payloads(&here.done("k-one", &removal).events)[0].0, "dependency_removed");
    assert_eq!(here.value("k-one", "dependencies"), json!([]));
}

#[test]
fn a_dependency_that_should_not_be_there_can_be_removed() {
    let mut here = Here::new();
    let odd = "\"dependencies\": [{\"type\": \"blocks\", \"target\": \"k-gone\", \"note\": 1}]";
    let before = text("k-one", "One", "task", None);
    here.put("k-one", Source::Shared, &before.replace("\"dependencies\": []", odd));
    here.done("k-one", &Edit::RemoveDependency { target: "k-gone".into(), kind: "blocks".into() });
    assert_eq!(here.value("k-one", "dependencies"), json!([]));
}
