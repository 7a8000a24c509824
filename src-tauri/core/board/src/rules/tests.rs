//! What the rules promise. That they are Kanbus's is promised beside Kanbus itself, in the end-to-end tests.

mod edits;
mod lists;
mod places;
mod refusals;
mod undoing;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::issue::Issue;

const NOW: &str = "2026-05-04T10:00:00.123456789Z";

/// A small project: an initiative, an epic below it, two tasks below that, and a bug on its own.
struct Here {
    config: Config,
    files: BTreeMap<(String, Source), (Document, Issue)>,
    actor: Actor,
    now: Timestamp,
    count: u32,
}

impl Around for BTreeMap<(String, Source), (Document, Issue)> {
    fn issue(&self, id: &str, source: Source) -> Option<&Issue> {
        self.get(&(id.to_owned(), source)).map(|(_, issue)| issue)
    }

    fn each(&self, visit: &mut dyn FnMut(Known<'_>)) {
        self.iter().for_each(|((id, source), (_, issue))| visit(Known { id, source: *source, issue }));
    }
}

fn text(id: &str, title: &str, kind: &str, parent: Option<&str>) -> String {
    let parent = serde_json::to_string(&parent).unwrap();
    format!(
        "{{\n  \"id\": \"{id}\",\n  \"title\": \"{title}\",\n  \"description\": \"About.\",\n  \"type\": \"{kind}\",\n  \"status\": \"open\",\n  \"priority\": 2,\n  \"assignee\": null,\n  \"creator\": null,\n  \"parent\": {parent},\n  \"labels\": [],\n  \"dependencies\": [],\n  \"comments\": [],\n  \"created_at\": \"2026-05-01T00:00:00Z\",\n  \"updated_at\": \"2026-05-01T00:00:00Z\",\n  \"closed_at\": null,\n  \"custom\": {{}},\n  \"from_the_future\": 1.50e1\n}}"
    )
}

impl Here {
    fn new() -> Self {
        let mut here = Self {
            config: Config::default(),
            files: BTreeMap::new(),
            actor: Actor { name: "ada".to_owned(), agent: None },
            now: NOW.parse().unwrap(),
            count: 0,
        };
        for (id, title, kind, parent) in [
            ("k-top", "Top", "initiative", None),
            ("k-epic", "Epic", "epic", Some("k-top")),
            ("k-one", "One", "task", Some("k-epic")),
            ("k-two", "Two", "task", Some("k-epic")),
            ("k-bug", "Bug", "bug", None),
        ] {
            here.put(id, Source::Shared, &text(id, title, kind, parent));
        }
        here.put("k-own", Source::Local, &text("k-own", "Own", "task", None));
        here
    }

    fn put(&mut self, id: &str, source: Source, text: &str) {
        let issue = Issue::parse(text.as_bytes()).unwrap();
        let document = Document::parse(text.into()).unwrap();
        self.files.insert((id.to_owned(), source), (document, issue));
    }

    fn document(&self, id: &str) -> &Document {
        let find = |source| self.files.get(&(id.to_owned(), source));
        &find(Source::Shared).or_else(|| find(Source::Local)).unwrap().0
    }

    fn with<T>(&mut self, act: impl FnOnce(&mut Context<'_>) -> T) -> T {
        let count = &mut self.count;
        let mut fresh = || {
            *count += 1;
            format!("uuid-{count}")
        };
        act(&mut Context {
            config: &self.config,
            around: &self.files,
            now: self.now,
            actor: &self.actor,
            fresh: &mut fresh,
        })
    }

    fn edit(&mut self, id: &str, wanted: &Edit) -> Result<Edited, Refusal> {
        let current = self.document(id).clone();
        self.with(|context| edit(&current, wanted, context))
    }

    /// Does it, and writes it down.
    fn done(&mut self, id: &str, wanted: &Edit) -> Edited {
        let edited = self.edit(id, wanted).unwrap_or_else(|refusal| panic!("{wanted:?}: {refusal}"));
        let (_, source) = *self
            .files
            .keys()
            .find(|(other, _)| other == id)
            .map(|(id, source)| (id, source))
            .as_ref()
            .unwrap();
        let (from, to) = (*source, edited.to.unwrap_or(*source));
        self.files.remove(&(id.to_owned(), from));
        self.put(id, to, edited.document.text());
        self.now += jiff::SignedDuration::from_secs(1);
        edited
    }

    fn refused(&mut self, id: &str, wanted: &Edit) -> Refusal {
        match self.edit(id, wanted) {
            Err(refusal) => refusal,
            Ok(edited) => panic!("{wanted:?} went through: {}", edited.document.text()),
        }
    }

    fn value(&self, id: &str, key: &str) -> Value {
        record::value(self.document(id), key)
    }
}

fn set(fields: Value) -> Edit {
    let mut fields = fields.as_object().unwrap().clone();
    let mut labels = |key: &str| {
        let labels = fields.remove(key).unwrap_or_else(|| json!([]));
        serde_json::from_value::<Vec<String>>(labels).unwrap()
    };
    let (add_labels, remove_labels) = (labels("add_labels"), labels("remove_labels"));
    Edit::Set(FieldSet { add_labels, remove_labels, ..FieldSet::from_json(&fields).unwrap() })
}

fn comment(text: &str) -> Edit {
    Edit::Comment { text: text.to_owned() }
}

fn blocked_by(target: &str) -> Edit {
    Edit::AddDependency { target: target.to_owned(), kind: "blocked-by".to_owned() }
}

fn payloads(events: &[EventDraft]) -> Vec<(&'static str, Value)> {
    events.iter().map(|event| (event.event_type, serde_json::to_value(&event.payload).unwrap())).collect()
}
