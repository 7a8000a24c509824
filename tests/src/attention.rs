//! `hear serve` with somebody who listens: what is told of what others do, the inbox and the settings.
//!
//! That nothing was told is shown by a marker: a change that is made later and does arrive.

use std::path::Path;

use serde_json::{Value, json};

use crate::caller::Caller;
use crate::follower::Follower;
use crate::project::Project;
use crate::record::Issue;
use crate::server::{Server, Stream};
use crate::wait::until;

/// How the ids of markers begin.
const MARKER: &str = "demo-marker";

/// A running `hear serve`, and what a listener of it holds.
#[derive(Debug)]
pub struct Listening {
    /// The process.
    pub server: Server,
    /// What the listener holds.
    pub follower: Follower,
    stream: Stream,
    markers: u32,
}

impl Listening {
    /// Serves `path` for `caller`, and listens from the first full board on.
    pub fn new(caller: &Caller, path: &Path) -> Self {
        let server = caller.serve(path);
        let stream = server.stream("/api/board/stream?mode=delta");
        let mut listening = Self { server, follower: Follower::default(), stream, markers: 0 };
        listening.until("the inbox and the settings", |follower| {
            follower.unit("inbox").is_some() && follower.unit("settings").is_some()
        });
        listening
    }

    /// The same for whoever works on `project`.
    pub fn to(project: &Project) -> Self {
        Self::new(&project.caller(), project.root())
    }

    /// Listens until what is held satisfies `condition`.
    pub fn until(&mut self, what: &str, condition: impl Fn(&Follower) -> bool) {
        self.follower.until_all(&mut self.stream, what, condition);
    }

    /// Listens until the live unit `key` satisfies `condition`, and answers it.
    pub fn unit(&mut self, key: &str, what: &str, condition: impl Fn(&Value) -> bool) -> Value {
        self.until(what, |follower| follower.unit(key).is_some_and(|unit| condition(&unit)));
        self.follower.unit(key).expect("it was there just now")
    }

    /// Listens until the inbox counts so many unread items and changes in them.
    pub fn counts(&mut self, items: u64, changes: u64) {
        self.unit("inbox", &format!("the inbox to count {items} items and {changes} changes"), |inbox| {
            (&inbox["counts"]["items"], &inbox["counts"]["changes"]) == (&json!(items), &json!(changes))
        });
    }

    /// Listens until somebody is told of a change of `id`, and answers the notice of it.
    pub fn notice(&mut self, id: &str) -> Value {
        let is_of = |notice: &&Value| notice["line"]["about"]["issue"]["id"] == id;
        self.until(&format!("a notice of {id}"), |follower| follower.notices.iter().any(|n| is_of(&n)));
        self.follower.notices.iter().find(is_of).expect("it was there just now").clone()
    }

    /// The changes and the notices since this was asked last. Whatever was done before has arrived then.
    ///
    /// While Git works this waits for its end.
    pub fn told(&mut self, project: &Project) -> (Vec<Value>, Vec<Value>) {
        // That an issue is gone is told after a while, and so is what files tell: the second marker comes after both.
        (0..2).for_each(|_| self.marker(project));
        let (mut changes, mut notices) =
            (std::mem::take(&mut self.follower.changes), std::mem::take(&mut self.follower.notices));
        let is_marker = |id: &Value| id.as_str().is_some_and(|id| id.starts_with(MARKER));
        changes.retain(|change| !is_marker(&change["subject"]["id"]));
        notices.retain(|notice| !is_marker(&notice["line"]["about"]["issue"]["id"]));
        (changes, notices)
    }

    /// Makes a marker and waits until it is told.
    fn marker(&mut self, project: &Project) {
        self.markers += 1;
        let id = format!("{MARKER}-{}-{}", self.server.port, self.markers);
        project.put(&Issue::new(&id, "A marker"));
        let about = self.notice(&id)["line"]["about"].clone();
        // Where the inbox cannot be kept that is said, and done.
        let done = json!({"type": "inbox", "about": about, "to": {"is": "done"}});
        self.server.tell("POST", "/api/commands", &done);
    }

    /// What was told since, a line a change: who, which kind, which issue.
    pub fn lines(&mut self, project: &Project) -> Vec<String> {
        self.told(project).0.iter().map(line).collect()
    }

    /// Everything in the inbox, without what is done.
    pub fn items(&self) -> Vec<Value> {
        let answer = self.server.get("/api/inbox");
        assert_eq!(answer.status, 200, "{}", answer.body);
        let items = answer.json()["items"].as_array().expect("a list").clone();
        items.into_iter().filter(|item| item["state"]["is"] != "done").collect()
    }

    /// The item of the issue `id`, done or not, if there is one.
    pub fn item(&self, id: &str) -> Option<Value> {
        let items = self.server.get("/api/inbox").json()["items"].as_array().expect("a list").clone();
        items.into_iter().find(|item| item["about"]["issue"]["id"] == id)
    }

    /// Waits until the item of `id` satisfies `condition`, and answers it.
    pub fn has_item(&self, id: &str, what: &str, condition: impl Fn(&Value) -> bool) -> Value {
        until(&format!("{id} to be {what} in the inbox"), || self.item(id).filter(|item| condition(item)))
    }

    /// Marks an item of the inbox.
    pub fn mark(&self, about: &Value, to: &Value) {
        self.server.command(&json!({"type": "inbox", "about": about, "to": to}));
    }

    /// Changes settings.
    pub fn set(&self, set: &Value) {
        self.server.command(&json!({"type": "change_settings", "set": set}));
    }
}

/// What the inbox calls the issue `id`.
pub fn about(id: &str) -> Value {
    json!({"issue": {"project": "demo", "id": id}})
}

/// A change in few words.
fn line(change: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let (who, kind, id) = (&change["by"]["who"], &change["what"]["kind"], &change["subject"]["id"]);
    format!("{} {} {}", text(who), text(kind), text(id))
}
