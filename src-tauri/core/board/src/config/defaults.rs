//! What Kanbus 0.41 assumes where `.kanbus.yml` is silent.

use serde_json::{Map, Value, json};

/// Workflow, status left, status come to, and what that is called.
const MOVES: [(&str, &str, &str, &str); 16] = [
    ("default", "backlog", "open", "Start discovery"),
    ("default", "backlog", "closed", "Drop"),
    ("default", "open", "in_progress", "Start work"),
    ("default", "open", "closed", "Drop"),
    ("default", "open", "backlog", "Back to backlog"),
    ("default", "in_progress", "open", "Pause"),
    ("default", "in_progress", "blocked", "Block"),
    ("default", "in_progress", "closed", "Complete"),
    ("default", "blocked", "in_progress", "Unblock"),
    ("default", "blocked", "closed", "Drop"),
    ("default", "closed", "open", "Reopen"),
    ("epic", "open", "in_progress", "Start"),
    ("epic", "open", "closed", "Complete"),
    ("epic", "in_progress", "open", "Pause"),
    ("epic", "in_progress", "closed", "Complete"),
    ("epic", "closed", "open", "Reopen"),
];

pub(super) fn workflows() -> Map<String, Value> {
    let mut workflows = Map::new();
    for (name, from, to, _) in MOVES {
        let moves = workflows.entry(name).or_insert_with(|| json!({}));
        let Some(targets) = moves[from].as_array_mut() else {
            moves[from] = json!([to]);
            continue;
        };
        targets.push(Value::from(to));
    }
    workflows
}

pub(super) fn transition_labels() -> Map<String, Value> {
    let mut workflows = Map::new();
    for (name, from, to, label) in MOVES {
        workflows.entry(name).or_insert_with(|| json!({}))[from][to] = Value::from(label);
    }
    workflows
}

pub(super) fn statuses() -> Vec<Value> {
    [
        ("backlog", "Backlog", "To do", "todo", true),
        ("open", "Discovery", "To do", "todo", false),
        ("in_progress", "In Progress", "In progress", "in_progress", false),
        ("blocked", "Blocked", "In progress", "in_progress", true),
        ("closed", "Done", "Done", "done", true),
    ]
    .map(|(key, name, category, semantic, collapsed)| {
        json!({"key": key, "name": name, "category": category, "semantic_category": semantic, "collapsed": collapsed})
    })
    .to_vec()
}

pub(super) fn categories() -> Vec<(String, Option<String>)> {
    [("To do", "grey"), ("In progress", "blue"), ("Done", "green")]
        .map(|(name, color)| (name.to_owned(), Some(color.to_owned())))
        .to_vec()
}

pub(super) fn priorities() -> Map<String, Value> {
    [("critical", "red"), ("high", "bright_red"), ("medium", "yellow"), ("low", "blue"), ("trivial", "white")]
        .into_iter()
        .enumerate()
        .map(|(value, (name, color))| (value.to_string(), json!({"name": name, "color": color})))
        .collect()
}

pub(super) fn hierarchy() -> Vec<String> {
    ["initiative", "epic", "task", "sub-task"].map(str::to_owned).to_vec()
}

pub(super) fn types() -> Vec<String> {
    ["bug", "story", "chore"].map(str::to_owned).to_vec()
}

pub(super) fn type_colors() -> Map<String, Value> {
    [
        ("initiative", "bright_blue"),
        ("epic", "magenta"),
        ("task", "blue"),
        ("sub-task", "bright_cyan"),
        ("bug", "red"),
        ("story", "yellow"),
        ("chore", "green"),
        ("event", "bright_blue"),
    ]
    .into_iter()
    .map(|(key, color)| (key.to_owned(), Value::from(color)))
    .collect()
}
