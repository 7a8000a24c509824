//! The issues of a project as the rules see them, and the project that every edit begins with.

use std::collections::BTreeMap;
use std::fs;

use hearsay_board::rules::{Around, Known};
use hearsay_board::{Document, Issue, Source};
use hearsay_tests::Project;
use serde_json::{Value, json};

/// The issues of a project as the rules see them.
#[derive(Clone, Default)]
pub(super) struct Issues(pub(super) BTreeMap<(String, Source), (Document, Issue)>);

impl Around for Issues {
    fn issue(&self, id: &str, source: Source) -> Option<&Issue> {
        self.0.get(&(id.to_owned(), source)).map(|(_, issue)| issue)
    }

    fn each(&self, visit: &mut dyn FnMut(Known<'_>)) {
        self.0.iter().for_each(|((id, source), (_, issue))| visit(Known { id, source: *source, issue }));
    }
}

impl Issues {
    pub(super) fn put(&mut self, id: &str, source: Source, text: &str) {
        let issue = Issue::parse(text.as_bytes()).unwrap();
        self.0.insert((id.to_owned(), source), (Document::parse(text.into()).unwrap(), issue));
    }

    pub(super) fn place(&self, id: &str) -> Source {
        if self.issue(id, Source::Shared).is_some() { Source::Shared } else { Source::Local }
    }

    pub(super) fn read(project: &Project) -> Self {
        let mut issues = Self::default();
        for entry in fs::read_dir(project.at("project/issues")).unwrap().flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|ext| ext == "json") {
                let id = path.file_stem().unwrap().to_string_lossy().into_owned();
                issues.put(&id, Source::Shared, &fs::read_to_string(&path).unwrap());
            }
        }
        issues
    }

    /// The files that they stand in.
    pub(super) fn files(&self) -> Files {
        let path = |(id, source): &(String, Source)| format!("{}/issues/{id}.json", directory(*source));
        self.0.iter().map(|(key, (document, _))| (path(key), document.text().to_owned())).collect()
    }
}

pub(super) fn directory(source: Source) -> &'static str {
    match source {
        Source::Shared => "project",
        Source::Local => "project-local",
    }
}

/// The files under the two projects, by path.
pub(super) type Files = BTreeMap<String, String>;

pub(super) fn files(project: &Project) -> Files {
    let mut files = Files::new();
    for dir in ["project/issues", "project/events", "project-local/issues", "project-local/events"] {
        let entries = fs::read_dir(project.at(dir)).into_iter().flatten().flatten();
        for path in
            entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|ext| ext == "json"))
        {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            files.insert(format!("{dir}/{name}"), fs::read_to_string(&path).unwrap());
        }
    }
    files
}

pub(super) fn write(project: &Project, files: &Files) {
    for dir in ["project/issues", "project/events", "project-local", "project/.overlay"] {
        let path = project.at(dir);
        if path.exists() {
            fs::remove_dir_all(path).unwrap();
        }
    }
    files.iter().for_each(|(path, text)| project.write(path, text));
    fs::create_dir_all(project.at("project/events")).unwrap();
}

/// The project that every edit begins with: full files, as Kanbus writes them, and one key that it does not know.
pub(super) fn start() -> Issues {
    let base = |id: &str, kind: &str, parent: Value| {
        json!({
            "id": id, "title": format!("The {id}"), "description": "About it.", "type": kind, "status": "open",
            "priority": 2, "assignee": null, "creator": null, "parent": parent, "labels": [], "dependencies": [],
            "comments": [], "created_at": "2026-05-01T08:00:00.123456Z", "updated_at": "2026-05-02T08:00:00.123456Z",
            "closed_at": null, "right_now_summary": null, "right_now_updated_at": null, "custom": {},
        })
    };
    let changed = |mut issue: Value, fields: Value| {
        for (key, value) in fields.as_object().unwrap() {
            issue[key] = value.clone();
        }
        issue
    };
    let comment = |id: &str, text: &str| json!({"id": id, "author": "bob", "text": text, "created_at": "2026-05-01T09:00:00.000001Z", "comment_type": "default"});
    let link = |target: &str, kind: &str| json!({"target": target, "type": kind});
    let one = json!({
        "labels": ["alpha", "Beta"], "comments": [comment("c1-first", "First."), comment("c2-second", "Second.")],
        "dependencies": [link("demo-two", "relates-to")], "custom": {"k": 1}, "from_the_future": {"b": 1, "a": [1.5]},
        "assignee": "bob",
    });
    let signed = json!({"agent": {"platform": "codex", "model": "m", "name": "Bob"}});
    let shut = json!({"status": "closed", "closed_at": "2026-05-02T07:00:00Z"});
    let waiting = json!({"status": "blocked", "dependencies": [link("demo-bug", "blocked-by")]});
    let mut issues = Issues::default();
    for (source, issue) in [
        (Source::Shared, base("demo-top", "initiative", Value::Null)),
        (Source::Shared, base("demo-epic", "epic", json!("demo-top"))),
        (Source::Shared, changed(base("demo-one", "task", json!("demo-epic")), one)),
        (
            Source::Shared,
            changed(base("demo-two", "task", json!("demo-epic")), json!({"status": "in_progress"})),
        ),
        (Source::Shared, base("demo-sub", "sub-task", json!("demo-one"))),
        (Source::Shared, changed(base("demo-shut", "task", Value::Null), shut)),
        (Source::Shared, base("demo-bug", "bug", Value::Null)),
        (Source::Shared, changed(base("demo-story", "story", Value::Null), waiting)),
        (Source::Shared, changed(base("demo-signed", "task", Value::Null), signed)),
        (Source::Local, base("demo-own", "task", Value::Null)),
    ] {
        let id = issue["id"].as_str().unwrap().to_owned();
        issues.put(&id, source, &in_order(&issue));
    }
    issues
}

/// An issue in Kanbus's order of keys.
fn in_order(issue: &Value) -> String {
    let order = [
        "id",
        "title",
        "description",
        "type",
        "status",
        "priority",
        "assignee",
        "creator",
        "parent",
        "labels",
        "dependencies",
        "comments",
        "created_at",
        "updated_at",
        "closed_at",
        "agent",
        "right_now_summary",
        "right_now_updated_at",
        "custom",
        "from_the_future",
    ];
    let member = |key: &&str| {
        let text = serde_json::to_string_pretty(issue.get(*key)?).unwrap().replace('\n', "\n  ");
        Some(format!("  \"{key}\": {text}"))
    };
    format!("{{\n{}\n}}", order.iter().filter_map(member).collect::<Vec<_>>().join(",\n"))
}
