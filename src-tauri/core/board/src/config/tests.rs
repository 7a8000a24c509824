//! What a configuration promises.

use super::*;

fn parse(text: &str) -> Config {
    Config::parse(text, None).unwrap()
}

#[test]
fn an_empty_file_means_kanbus_s_defaults() {
    for text in ["", "# nothing\n", "project_directory: project\nproject_key: kanbus\n"] {
        let config = parse(text);
        let columns: Vec<_> = config.columns.iter().map(|column| column.key.as_str()).collect();
        assert_eq!(columns, ["backlog", "open", "in_progress", "blocked", "closed"]);
        assert_eq!((config.project_key.as_str(), config.project_directory.as_str()), ("kanbus", "project"));
        assert_eq!(config.priorities.len(), 5);
        assert_eq!((config.faults, config.unknown_keys), (vec![], vec![]));
    }
}

#[test]
fn statuses_may_lack_what_newer_releases_require() {
    let config = parse(
        "statuses:\n- name: Ready to ship\n- key: Shipped\n- key: x\n  category: Mine\ncategories:\n- name: Mine\n  color: blue\n",
    );
    let [ready, shipped, mine] = &config.columns[..] else { panic!("three columns: {:?}", config.columns) };
    assert_eq!((ready.key.as_str(), ready.semantic), ("Ready to ship", Semantic::Todo));
    assert_eq!((shipped.name.as_str(), shipped.semantic), ("Shipped", Semantic::Done));
    assert_eq!((mine.color.as_deref(), mine.semantic), (Some("blue"), Semantic::InProgress));
}

#[test]
fn what_is_not_understood_is_named_and_the_rest_is_used() {
    let config = parse(
        "project_key: {{ KEY|default }}\nshort_id_length: 6\norchestration: {}\nvirtual_projects: []\nstatuses: 3\npriorities: {high: 1}\n",
    );
    assert_eq!(config.unknown_keys, ["orchestration", "short_id_length"]);
    assert_eq!(config.project_key, "{{ KEY|default }}", "a template is text");
    assert_eq!(config.columns.len(), 5, "defaults stand in for what cannot be used");
    assert_eq!(config.faults.len(), 2, "{:?}", config.faults);
}

#[test]
fn a_broken_file_says_where() {
    let error = Config::parse("a: 1\nb: [1,\nc: }\n", None).unwrap_err();
    assert!(error.line >= Some(2), "{error:?}");
    assert!(!error.message.contains('\n'), "one sentence, not a picture: {error:?}");
    assert!(Config::parse("- a\n", None).is_err());
}

#[test]
fn an_override_replaces_keys_and_adds_virtual_projects() {
    let config = Config::parse(
        "project_key: a\nvirtual_projects: {x: {path: ../x}}\n",
        Some("project_key: b\nvirtual_projects: {y: {path: ../y, display_name: Why}}\n"),
    )
    .unwrap();
    assert_eq!(config.project_key, "b");
    let labels: Vec<_> = config.virtual_projects.iter().map(|project| project.label.as_str()).collect();
    assert_eq!(labels, ["x", "y"]);
}

#[test]
fn a_status_rule_beats_a_category_rule_and_done_sorts_by_recent_update() {
    let config = parse(
        "sort_order:\n  open: priority-first\n  closed: fifo\n  odd: [{field: nothing, direction: asc}]\n  categories:\n    To do: recently-updated\n    In progress: [{field: id, direction: desc}]\n",
    );
    let fields = |status: &str| {
        config.rules(status).iter().map(|rule| (rule.field, rule.direction)).collect::<Vec<_>>()
    };
    use {Direction::*, Field::*};
    assert_eq!(fields("open"), [(Priority, Asc), (CreatedAt, Asc), (Id, Asc)]);
    assert_eq!(fields("backlog"), [(UpdatedAt, Desc), (Id, Asc)]);
    assert_eq!(fields("in_progress"), [(Id, Desc)]);
    assert_eq!(fields("closed"), [(UpdatedAt, Desc), (Id, Asc)], "done sorts by recent update, always");
    assert_eq!(fields("nowhere"), [(CreatedAt, Asc), (Id, Asc)], "oldest first where nothing is said");
    assert_eq!(config.faults.len(), 1, "{:?}", config.faults);
}

#[test]
fn how_long_claims_are_contended_for_is_read_as_kanbus_reads_it() {
    let window =
        |text: &str| parse(&format!("coordination:\n  contention_window: {text}\n")).contention_window_s;
    assert_eq!([window("7s"), window("2m"), window("1h")], [Some(7), Some(120), Some(3_600)]);
    for text in ["7", "0s", "07s", "s", "+7s", "1.5s", "7 s", "[7s]", "99999999999999999999s", "\"\""] {
        assert_eq!(window(text), None, "{text}");
    }
    assert_eq!(parse("").contention_window_s, None);
}

#[test]
fn a_type_has_its_own_workflow_or_the_default_one() {
    let silent = parse("");
    assert_eq!(silent.workflows.of("bug").unwrap()["open"], ["in_progress", "closed", "backlog"]);
    assert_eq!(silent.workflows.of("epic").unwrap()["open"], ["in_progress", "closed"]);
    assert_eq!(silent.workflows.label("task", "open", "in_progress"), Some("Start work"));
    assert_eq!(silent.workflows.label("epic", "open", "in_progress"), Some("Start"));
    assert_eq!(silent.workflows.label("epic", "open", "backlog"), None);
    assert!(silent.events);
    let config = parse(
        "workflows:\n  default: {Ready-Now: [Ready-Now, 7], 7: done}\n  bug:\n  odd: 3\ntransition_labels: []\ninitial_status: Ready-Now\ndefault_priority: '1'\nassignee: bob\nevents: false\n",
    );
    assert_eq!(config.workflows.of("task").unwrap()["Ready-Now"], ["Ready-Now", "7"]);
    assert_eq!(config.workflows.of("task").unwrap()["7"], ["done"], "one alone stands for a list");
    assert_eq!(config.workflows.of("bug"), Some(&Workflow::new()));
    assert_eq!(config.faults, ["`workflows.odd` is not a mapping"]);
    let expected = Defaults { status: "Ready-Now".into(), priority: 1, assignee: Some("bob".into()) };
    assert_eq!((config.defaults, config.events), (expected, false));
}

#[test]
fn a_child_stands_one_below_its_parent_or_outside_of_the_hierarchy() {
    let config = parse("");
    let children = |parent: &str| config.child_types(parent).collect::<Vec<_>>();
    assert_eq!(children("epic"), ["task", "bug", "story", "chore"]);
    assert_eq!(children("sub-task"), [] as [&str; 0], "nothing stands below the last one");
    assert_eq!(children("bug"), [] as [&str; 0]);
    assert_eq!(config.hierarchy().collect::<Vec<_>>(), ["initiative", "epic", "task", "sub-task"]);
}
