//! Issue and event files as Kanbus spells them.

use serde_json::{Value, json};

/// An issue to write.
#[derive(Debug, Clone)]
pub struct Issue {
    /// The id, which is the stem of the file's name.
    pub id: String,
    /// The title.
    pub title: String,
    /// The description, in Markdown.
    pub description: String,
    /// The status key.
    pub status: String,
    /// The parent's id.
    pub parent: Option<String>,
    /// Targets and types of dependencies.
    pub dependencies: Vec<(String, String)>,
    /// Bodies of comments.
    pub comments: Vec<String>,
    /// Minutes after midnight at which it changed last.
    pub updated: u32,
}

impl Issue {
    /// An open task.
    pub fn new(id: &str, title: &str) -> Self {
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            description: format!("About {title}."),
            status: "open".to_owned(),
            parent: None,
            dependencies: Vec::new(),
            comments: Vec::new(),
            updated: 0,
        }
    }

    /// The same with another title.
    #[must_use]
    pub fn titled(&self, title: &str) -> Self {
        Self { title: title.to_owned(), ..self.clone() }
    }

    /// The same with another status.
    #[must_use]
    pub fn in_status(&self, status: &str) -> Self {
        Self { status: status.to_owned(), ..self.clone() }
    }

    /// The same, changed last so many minutes after midnight.
    #[must_use]
    pub fn changed(&self, minute: u32) -> Self {
        Self { updated: minute, ..self.clone() }
    }

    /// The issue of that number that a project made here begins with.
    pub fn numbered(number: usize) -> Self {
        Self::new(&format!("demo-{number}"), &format!("Issue {number}"))
    }

    /// The path of its file in a project called `project`.
    pub fn path(&self) -> String {
        path(&self.id)
    }

    /// The file's text: two-space pretty JSON in Kanbus's key order, no final newline.
    pub fn text(&self) -> String {
        let dependency = |(target, kind): &(String, String)| json!({"target": target, "type": kind});
        let comment = |(at, text): (usize, &String)| json!({"id": format!("c-{at}"), "author": "ada", "text": text, "created_at": time(self.updated)});
        let members: [(&str, Value); 16] = [
            ("id", json!(self.id)),
            ("title", json!(self.title)),
            ("description", json!(self.description)),
            ("type", json!("task")),
            ("status", json!(self.status)),
            ("priority", json!(2)),
            ("assignee", Value::Null),
            ("creator", json!("ada")),
            ("parent", json!(self.parent)),
            ("labels", json!([])),
            ("dependencies", self.dependencies.iter().map(dependency).collect()),
            ("comments", self.comments.iter().enumerate().map(comment).collect()),
            ("created_at", json!(time(0))),
            ("updated_at", json!(time(self.updated))),
            ("closed_at", if self.status == "closed" { json!(time(self.updated)) } else { Value::Null }),
            ("custom", json!({})),
        ];
        let member = |(key, value): &(&str, Value)| {
            let pretty = serde_json::to_string_pretty(value).expect("a value is JSON").replace('\n', "\n  ");
            format!("  \"{key}\": {pretty}")
        };
        format!("{{\n{}\n}}", members.iter().map(member).collect::<Vec<_>>().join(",\n"))
    }
}

/// The path of the issue file of `id` in a project called `project`.
pub fn path(id: &str) -> String {
    format!("project/issues/{id}.json")
}

/// A time of the day on which all of this happens.
/// So many minutes after midnight of the day on which everything here happens.
pub fn time(minutes: u32) -> String {
    format!("2026-05-04T{:02}:{:02}:00.123456Z", minutes / 60 % 24, minutes % 60)
}

/// An event file: its path and its text. `minute` orders it, `number` makes it the only one.
pub fn event(issue: &str, actor: &str, minute: u32, number: u32) -> (String, String) {
    let at = time(minute);
    let id = format!("{number:08x}-0000-4000-8000-000000000000");
    let text = json!({
        "schema_version": 1, "event_id": id, "issue_id": issue, "event_type": "state_transition",
        "occurred_at": at, "actor_id": actor, "payload": {"from_status": "open", "to_status": "in_progress"},
    });
    let path = format!("project/events/{}__{id}.json", at.replace(':', "-"));
    (path, serde_json::to_string_pretty(&text).expect("a value is JSON"))
}
