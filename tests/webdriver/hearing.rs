//! A window on a project whose local bus it shares with somebody who speaks.
//!
//! Not here: what becomes of what is said (`heard`, `lease`), and how the link is told of (`link`).

use hearsay_tests::envelope::{just_now, mutated_as};
use hearsay_tests::record::path;
use hearsay_tests::wait::until;
use hearsay_tests::{Bus, Project};
use serde_json::Value;

use crate::door::Door;
use crate::window::{Window, card};

/// What says in words how changes arrive.
pub(crate) const LINK: &str = "button[data-testid=link-state]";
/// The same where nothing is wrong.
pub(crate) const WELL: &str = "button[data-testid=link-state][data-tone=well]";

/// A window that listens, and somebody who speaks. The window ends before the project.
#[derive(Debug)]
pub(crate) struct Hearing {
    pub(crate) window: Window,
    bus: Bus,
    pub(crate) project: Project,
}

impl Hearing {
    /// Opens `project` and waits until it listens on the local bus; `None` where this machine lacks a tool.
    pub(crate) fn open(door: Door, project: Project) -> Option<Self> {
        let window = door.open(&project)?;
        window.reads(WELL, "the local bus");
        // It only speaks: whoever listens and does not read is let go.
        let bus = Bus::connect(&project.machine().socket());
        Some(Self { window, bus, project })
    }

    /// Says it on the bus.
    pub(crate) fn say(&mut self, envelope: &Value) {
        self.bus.say(envelope);
    }

    /// Says that the issue `id` now has `fields`, and waits until its card is marked. Answers the issue as it is heard.
    pub(crate) fn hears(&mut self, id: &str, fields: Value) -> Value {
        let issue = changed(&self.project, id, fields);
        self.say(&mutated_as(&issue));
        self.window.shows(&heard(id, "fields"));
        issue
    }

    /// The same on whatever bus there is, until it is heard: what is said once between two hosts may be said to nobody.
    pub(crate) fn hears_again(&mut self, id: &str, fields: Value) {
        let title = fields["title"].as_str().expect("it is known by its title").to_owned();
        let issue = changed(&self.project, id, fields);
        let socket = self.project.machine().socket();
        self.bus = until(&format!("{title:?} to be heard"), || {
            let bus = Bus::try_say(&socket, &mutated_as(&issue))?;
            self.window.text(&heard(id, "fields")).filter(|text| text.contains(&title)).map(|_| bus)
        });
    }

    /// Writes what was heard into its file.
    pub(crate) fn write(&self, issue: &Value) {
        let id = issue["id"].as_str().expect("an issue has an id");
        self.project.replace(&path(id), format!("{issue:#}"));
    }
}

/// The issue `id` of `project` as somebody has it who changed `fields` just now.
pub(crate) fn changed(project: &Project, id: &str, fields: Value) -> Value {
    let mut issue: Value = serde_json::from_str(&project.text(&path(id))).expect("an issue is JSON");
    let Value::Object(fields) = fields else { panic!("fields are named: {fields}") };
    for (field, value) in fields {
        issue[field] = value;
    }
    issue["updated_at"] = just_now().into();
    issue
}

/// A selector of the card `id` where it is marked as heard in that way: `fields`, `only` or `deleted`.
pub(crate) fn heard(id: &str, kind: &str) -> String {
    format!("{}[data-heard={kind}]", card(id))
}
