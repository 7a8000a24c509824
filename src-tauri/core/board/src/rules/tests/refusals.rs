//! What is refused, with which code and in whose words.

use super::*;

fn dependency(target: &str, kind: &str) -> Edit {
    Edit::AddDependency { target: target.to_owned(), kind: kind.to_owned() }
}

/// Refuses each of `rows` with that code and that sentence, and says what to do.
fn refuses(here: &mut Here, rows: impl IntoIterator<Item = (Edit, Code, &'static str)>) {
    for (wanted, code, message) in rows {
        let refusal = here.refused("k-one", &wanted);
        assert_eq!((refusal.code, refusal.message.as_str()), (code, message));
        assert!(refusal.hint.is_some_and(|hint| hint.ends_with('.')), "{message} comes with a hint");
    }
}

#[test]
fn a_field_is_refused_with_a_code_the_rule_s_sentence_and_a_hint() {
    let mut here = Here::new();
    let rows = [
        (Edit::Set(FieldSet::default()), Code::Invalid, "no updates requested"),
        (set(json!({"title": "  "})), Code::Invalid, "title is required"),
        (set(json!({"title": "a\nb"})), Code::Invalid, "the title has the control character U+000A in it"),
        (
            set(json!({"title": "t".repeat(1_001)})),
            Code::TooLarge,
            "the title has 1001 characters, more than the 1000 that are allowed",
        ),
        (set(json!({"title": "two"})), Code::Rule, "duplicate title: \"two\" already exists as k-two"),
        (
            set(json!({"description": "\u{1b}[31m"})),
            Code::Invalid,
            "the description has the control character U+001B in it",
        ),
        (
            set(json!({"description": "x".repeat(5 << 20)})),
            Code::TooLarge,
            "the description has 5242880 bytes, more than the 524288 that are allowed",
        ),
        (
            set(json!({"description": "```json\n{]\n```"})),
            Code::Invalid,
            "invalid json in code block at line 1: key must be a string at line 1 column 2",
        ),
        (set(json!({"type": "unheard-of"})), Code::Invalid, "unknown issue type"),
        (
            set(json!({"type": "initiative"})),
            Code::Rule,
            "invalid parent-child relationship: 'epic' cannot have child 'initiative'",
        ),
        (set(json!({"status": "unheard-of"})), Code::Invalid, "unknown status"),
        (
            set(json!({"status": "blocked"})),
            Code::Rule,
            "invalid transition from 'open' to 'blocked' for type 'task'",
        ),
        (set(json!({"priority": 7})), Code::Invalid, "invalid priority"),
        (set(json!({"priority": -1})), Code::Invalid, "invalid priority"),
        (
            set(json!({"assignee": "a\u{0}"})),
            Code::Invalid,
            "the assignee has the control character U+0000 in it",
        ),
        (set(json!({"parent": "k-gone"})), Code::NotFound, "not found"),
        (set(json!({"parent": "k-t"})), Code::Invalid, "ambiguous short id"),
        (
            set(json!({"parent": "k-two"})),
            Code::Rule,
            "invalid parent-child relationship: 'task' cannot have child 'task'",
        ),
        (set(json!({"add_labels": ["a, b"]})), Code::Invalid, "the label \"a, b\" has a comma in it"),
        (
            set(json!({"custom": {"project_label": "x"}})),
            Code::Invalid,
            "`custom.project_label` cannot be set",
        ),
        (set(json!({"custom": {" ": "x"}})), Code::Invalid, "a key of `custom` is empty"),
    ];
    refuses(&mut here, rows);
    assert_eq!(
        here.refused("k-epic", &set(json!({"status": "backlog"}))).message,
        "k-epic: status 'backlog' is not allowed for type 'epic' (allowed: closed, in_progress, open). Remediation: kbs update k-epic --status closed OR kbs move k-epic task"
    );
    assert_eq!(
        here.refused("k-epic", &set(json!({"type": "bug"}))).message,
        "invalid parent-child relationship: 'bug' cannot have child 'task'",
        "its children count as well"
    );
}

#[test]
fn control_characters_are_refused_wherever_they_stand() {
    let mut here = Here::new();
    let odd = |what: &'static str| (Code::Invalid, what);
    let rows = [
        (json!({"title": "bell\u{7}"}), odd("the title has the control character U+0007 in it")),
        (json!({"description": "a\rb"}), odd("the description has the control character U+000D in it")),
        (json!({"description": "a\u{85}"}), odd("the description has the control character U+0085 in it")),
        (json!({"type": "ta\u{0}sk"}), odd("the type has the control character U+0000 in it")),
        (json!({"status": "open\u{1b}"}), odd("the status has the control character U+001B in it")),
        (json!({"parent": "k-\u{1b}[2J"}), odd("the parent has the control character U+001B in it")),
        (json!({"add_labels": ["a\u{7f}"]}), odd("a label has the control character U+007F in it")),
        (json!({"custom": {"a\nb": 1}}), odd("a key of `custom` has the control character U+000A in it")),
        (json!({"custom": {"a": "\u{1}"}}), odd("`custom.a` has the control character U+0001 in it")),
        (json!({"custom": {"a": ["\u{2}"]}}), odd("`custom.a` has the control character U+0002 in it")),
        (json!({"custom": {"a": {"\n": 1}}}), odd("`custom.a` has the control character U+000A in it")),
    ];
    let rows = rows.map(|(fields, (code, message))| (set(fields), code, message));
    refuses(&mut here, rows);
}

#[test]
fn a_text_of_several_lines_is_none_with_control_characters() {
    let mut here = Here::new();
    let lines = "one\n\ttwo\r\nthree";
    here.done(
        "k-one",
        &set(json!({"description": lines, "custom": {"note": lines, "deep": [{"a": lines}]}})),
    );
    here.done("k-one", &comment(lines));
    assert_eq!(here.value("k-one", "description"), lines);
    assert_eq!(here.value("k-one", "custom")["note"], lines);
}

#[test]
fn a_comment_or_a_dependency_is_refused_with_a_code_the_rule_s_sentence_and_a_hint() {
    let mut here = Here::new();
    here.done("k-bug", &blocked_by("k-one"));
    let removal =
        |target: &str, kind: &str| Edit::RemoveDependency { target: target.into(), kind: kind.into() };
    let comment_of = |id: &str| Edit::DeleteComment { comment: id.into() };
    let rows = [
        (comment(" \n"), Code::Invalid, "comment text is required"),
        (
            comment(&"x".repeat(5 << 20)),
            Code::TooLarge,
            "the comment has 5242880 bytes, more than the 524288 that are allowed",
        ),
        (comment("a\u{8}"), Code::Invalid, "the comment has the control character U+0008 in it"),
        (comment_of("c\u{0}"), Code::Invalid, "the comment's id has the control character U+0000 in it"),
        (
            dependency("k-\u{1b}", "relates-to"),
            Code::Invalid,
            "the other issue has the control character U+001B in it",
        ),
        (comment_of("c"), Code::NotFound, "comment not found"),
        (comment_of(" "), Code::Invalid, "comment id is required"),
        (dependency("k-two", "blocks"), Code::Invalid, "invalid dependency type"),
        (dependency("k-gone", "relates-to"), Code::NotFound, "not found"),
        (dependency("k-t", "relates-to"), Code::Invalid, "ambiguous identifier, matches: k-top, k-two"),
        (dependency("k-epic", "blocked-by"), Code::Rule, "circular dependency: cannot block on parent"),
        (dependency("k-bug", "blocked-by"), Code::Rule, "cycle detected"),
        (dependency("k-one", "blocked-by"), Code::Rule, "cycle detected"),
        (removal("k-two", "blocks"), Code::Invalid, "invalid dependency type"),
        (removal("k-gone", "blocked-by"), Code::NotFound, "not found"),
    ];
    refuses(&mut here, rows);
    assert_eq!(
        here.refused("k-epic", &blocked_by("k-one")).message,
        "circular dependency: cannot block on child"
    );
}

#[test]
fn a_field_that_is_none_or_of_another_type_is_refused() {
    for (fields, message) in [
        (json!({"titel": "x"}), "`titel` is no field that can be set"),
        (json!({"id": "x"}), "`id` is no field that can be set"),
        (json!({"updated_at": "x"}), "`updated_at` is no field that can be set"),
        (json!({"\u{7}": "x"}), "`\\u{7}` is no field that can be set"),
        (json!({"labels": ["x"]}), "`labels` cannot be set"),
        (json!({"title": 7}), "`title` is not text"),
        (json!({"title": null}), "`title` is not text"),
        (json!({"status": ["open"]}), "`status` is not text"),
        (json!({"priority": "2"}), "`priority` is not a whole number"),
        (json!({"priority": 1.5}), "`priority` is not a whole number"),
        (json!({"assignee": 1}), "`assignee` is not text or null"),
        (json!({"parent": {}}), "`parent` is not text or null"),
        (json!({"custom": "x"}), "`custom` is not an object"),
    ] {
        let refusal = FieldSet::from_json(fields.as_object().unwrap()).unwrap_err();
        assert_eq!((refusal.code, refusal.message.as_str()), (Code::Invalid, message));
        assert!(refusal.hint.is_some());
    }
}

#[test]
fn a_parent_that_closes_a_loop_is_refused_even_where_the_hierarchy_lets_it_pass() {
    let mut here = Here::new();
    here.put("k-top", Source::Shared, &text("k-top", "Top", "task", None));
    here.put("k-epic", Source::Shared, &text("k-epic", "Epic", "epic", Some("k-top")));
    assert_eq!(
        here.refused("k-top", &set(json!({"parent": "k-epic"}))).message,
        "circular parent: k-top would stand below itself"
    );
    here.put("k-x", Source::Shared, &text("k-x", "X", "epic", Some("k-y")));
    here.put("k-y", Source::Shared, &text("k-y", "Y", "epic", Some("k-x")));
    here.done("k-one", &set(json!({"parent": "k-x"})));
}

#[test]
fn a_file_that_kanbus_could_not_read_is_not_written() {
    let mut here = Here::new();
    let good = text("k-one", "One", "task", None);
    for (bad, wanted, message) in [
        (
            good.replace("\"id\": \"k-one\"", "\"id\": 1"),
            set(json!({"title": "x"})),
            "the file does not say its `id`",
        ),
        (
            good.replace("\"labels\": []", "\"labels\": {}"),
            set(json!({"add_labels": ["x"]})),
            "`labels` is not a list",
        ),
        (good.replace("\"comments\": []", "\"comments\": 1"), comment("x"), "`comments` is not a list"),
        (
            good.replace("\"custom\": {}", "\"custom\": []"),
            set(json!({"custom": {"a": 1}})),
            "`custom` is not an object",
        ),
    ] {
        here.put("k-one", Source::Shared, &bad);
        let refusal = here.refused("k-one", &wanted);
        assert_eq!((refusal.code, refusal.message.as_str()), (Code::Unreadable, message));
    }
    here.config = Config::parse("workflows: {}\nstatuses: [{key: open}, {key: closed}]\n", None).unwrap();
    here.put("k-one", Source::Shared, &good);
    assert_eq!(
        here.refused("k-one", &set(json!({"status": "closed"}))).message,
        "default workflow not defined"
    );
    assert_eq!(
        here.refused("k-one", &Edit::Claim).message,
        "no status configured with semantic_category 'in_progress'"
    );
}

#[test]
fn a_long_chain_of_dependencies_is_no_danger() {
    let mut here = Here::new();
    for at in 0..20_000 {
        let id = format!("c-{at}");
        let link = format!("\"dependencies\": [{{\"target\": \"c-{}\", \"type\": \"blocked-by\"}}]", at + 1);
        let text = text(&id, &id, "task", None).replace("\"dependencies\": []", &link);
        here.put(&id, Source::Shared, &text);
    }
    here.done("k-one", &blocked_by("c-0"));
    here.put("c-20000", Source::Shared, &text("c-20000", "Last", "task", None));
    assert_eq!(here.refused("c-20000", &blocked_by("k-one")).message, "cycle detected");
}
