//! A small project to look at: a dozen issues over columns whose order is nobody's alphabet.

use hearsay_tests::project::IDENTITY;
use hearsay_tests::{Issue, Machine, Project};
use serde_json::{Value, json};

/// Columns in an order of their own, one of them collapsed. No column has the status `parked`.
const CONFIG: &str = "\
project_key: demo
project_directory: project
statuses:
  - {key: review, name: In review, category: In progress, color: magenta}
  - {key: open, name: Ready, category: To do}
  - {key: in_progress, name: In progress, category: In progress}
  - {key: closed, name: Done, category: Done, collapsed: true}
categories:
  - {name: To do, color: grey}
  - {name: In progress, color: blue}
  - {name: Done, color: green}
";

/// Id, title, status, type and priority of every committed issue.
const ISSUES: [(&str, &str, &str, &str, u8); 11] = [
    ("demo-1", "Hear a change before Git does", "review", "epic", 1),
    (
        "demo-2",
        "Watch directories instead of files, because an atomic rename changes the inode",
        "review",
        "task",
        2,
    ),
    ("demo-3", "Fold the events of one lull into one patch", "open", "task", 0),
    ("demo-4", "Typo in the hint for a missing parent", "open", "bug", 3),
    ("demo-5", "Écrire les clés avec des caractères non latins", "open", "story", 2),
    ("demo-6", "Scroll 10,000 cards like 100", "open", "task", 2),
    ("demo-7", "Retry half-written JSON before calling it unreadable", "in_progress", "bug", 0),
    ("demo-8", "Focus survives every update", "in_progress", "task", 1),
    ("demo-9", "Bump git2", "in_progress", "chore", 4),
    ("demo-10", "A slow subscriber gets a full board, never a gap", "closed", "task", 2),
    ("demo-11", "An idea from before the statuses were renamed", "parked", "task", 2),
];

/// The one issue that is not committed.
pub(crate) const UNCOMMITTED: &str = "demo-12";

/// The project, committed but for its last issue.
pub(crate) fn project() -> Project {
    let project = Project::new();
    project.write(".kanbus.yml", CONFIG);
    for (at, (id, title, status, kind, priority)) in ISSUES.into_iter().enumerate() {
        let mut issue = Issue::new(id, title).in_status(status);
        issue.updated = u32::try_from(at).expect("a dozen");
        if kind == "task" && id != "demo-11" {
            issue.parent = Some("demo-1".to_owned());
        }
        let labels: &[&str] = [&["watch", "core"][..], &["ui"], &[]][at % 3];
        let assignee = [json!("ada"), Value::Null, json!("grace.hopper")][at % 3].take();
        let fields = [
            ("type", json!(kind)),
            ("priority", json!(priority)),
            ("labels", json!(labels)),
            ("assignee", assignee),
            ("created_at", json!(created(at))),
        ];
        put(&project, &issue, fields);
    }
    project.commit("a dozen issues, but for one");
    let late = Issue::new(UNCOMMITTED, "Show what is written and not committed");
    put(&project, &late, [("type", json!("story")), ("created_at", json!(created(ISSUES.len())))]);
    project
}

/// The same on a machine with a local bus, with an identity, without which nothing is said of a project.
pub(crate) fn gossiping() -> Project {
    gossiping_with("", Machine::on_the_bus)
}

/// The same with `more` in its configuration, on another machine or with another environment.
pub(crate) fn gossiping_with(more: &str, machine: impl FnOnce(Machine) -> Machine) -> Project {
    let project = project().on(machine);
    configure(&project, more);
    project.git(&["commit", "-q", "-m", "an identity", ".kanbus.yml"]);
    project
}

/// Writes a configuration with an identity and whatever `more` says.
pub(crate) fn configure(project: &Project, more: &str) {
    project.replace(".kanbus.yml", format!("{CONFIG}project_id: {IDENTITY}\n{more}"));
}

/// One issue a minute, so that the oldest comes first.
fn created(minute: usize) -> String {
    format!("2026-05-04T08:{minute:02}:00Z")
}

/// Writes `issue` with other fields than an [`Issue`] knows.
fn put<const N: usize>(project: &Project, issue: &Issue, fields: [(&str, Value); N]) {
    let mut document: Value = serde_json::from_str(&issue.text()).expect("an issue is JSON");
    for (name, value) in fields {
        document[name] = value;
    }
    let text = serde_json::to_string_pretty(&document).expect("a value is JSON");
    project.replace(&issue.path(), text);
}
