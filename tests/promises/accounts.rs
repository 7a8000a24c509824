//! What many writers were told, held against the files and the events.
//!
//! Each edit leaves a word that nobody else uses: a comment, a label, or the title. Not here: the writers (`writers`).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use hearsay_tests::growth::Chance;
use hearsay_tests::{Project, record};
use serde_json::{Value, json};

/// What an edit does: the first two add, the last sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Comment,
    Label,
    Title,
}

/// An edit: of which issue, what it adds or sets, when it began and when its writer was told that it is written.
#[derive(Debug, Clone)]
pub(crate) struct Edit {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) word: String,
    pub(crate) begun: Instant,
    pub(crate) told: Instant,
}

impl Edit {
    /// The next one of a writer.
    pub(crate) fn draw(chance: &mut Chance, issues: u64, (who, turn): (u64, u64)) -> Self {
        let id = format!("demo-{}", chance.below(issues));
        let kind =
            [Kind::Comment, Kind::Label, Kind::Title][usize::try_from(chance.below(3)).expect("small")];
        let now = Instant::now();
        Self { id, kind, word: format!("w{who}-{turn}"), begun: now, told: now }
    }
}

/// What an editor has saved, which asks nobody.
#[derive(Debug)]
pub(crate) struct Save {
    pub(crate) id: String,
    pub(crate) issue: Held,
    pub(crate) told: Instant,
}

/// The words that an issue file holds.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) title: String,
    pub(crate) labels: Vec<String>,
    /// Text by id.
    pub(crate) comments: BTreeMap<String, String>,
}

impl Held {
    pub(crate) fn of(issue: &Value) -> Self {
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let list = |field: &str| issue[field].as_array().expect("a list").clone();
        let comments = list("comments");
        let held = Self {
            title: text(&issue["title"]),
            labels: list("labels").iter().map(text).collect(),
            comments: comments.iter().map(|one| (text(&one["id"]), text(&one["text"]))).collect(),
        };
        let texts: BTreeSet<&String> = held.comments.values().collect();
        assert_eq!(texts.len(), comments.len(), "a comment is there twice: {issue}");
        assert_eq!(
            held.labels.iter().collect::<BTreeSet<_>>().len(),
            held.labels.len(),
            "a label twice: {issue}"
        );
        held
    }

    fn has(&self, edit: &Edit) -> bool {
        match edit.kind {
            Kind::Comment => self.comments.values().any(|text| *text == edit.word),
            Kind::Label => self.labels.contains(&edit.word),
            Kind::Title => self.title == edit.word,
        }
    }
}

/// What the file of `id` says.
pub(crate) fn issue(project: &Project, id: &str) -> Value {
    serde_json::from_str(&project.text(&record::path(id))).expect("no file is torn")
}

/// Every event of the project.
pub(crate) fn events(project: &Project) -> Vec<Value> {
    let entries = std::fs::read_dir(project.at("project/events")).expect("there were events").flatten();
    let events = entries.map(|entry| std::fs::read_to_string(entry.path()).expect("an event"));
    events.map(|text| serde_json::from_str(&text).expect("no event is torn")).collect()
}

/// Holds what was acknowledged against the file of `id`: all is there, but for what was overwritten later, by an edit that
/// was acknowledged or by what an editor has saved.
fn account(id: &str, held: &Held, acknowledged: &[Edit], saves: &[Save]) {
    let of_it = || acknowledged.iter().filter(|edit| edit.id == id);
    let gone_with = |edit: &Edit| {
        let mut saves = saves.iter().filter(|save| save.id == id && save.told > edit.begun);
        saves.any(|save| !save.issue.has(edit))
    };
    for edit in of_it().filter(|edit| edit.kind != Kind::Title) {
        assert!(held.has(edit) || gone_with(edit), "{id} has lost {edit:?}");
    }
    let titles = || of_it().filter(|edit| edit.kind == Kind::Title);
    let by_editor = saves.iter().filter(|save| save.id == id && save.issue.title == held.title);
    let by_editor = by_editor.map(|save| save.told).max();
    let by_others = titles().find(|edit| edit.word == held.title).map(|edit| edit.told);
    let last = by_editor.max(by_others);
    for later in titles() {
        let is_over = last.is_some_and(|last| later.begun <= last);
        assert!(is_over, "{id} is called {} after {later:?} was acknowledged", held.title);
    }
}

/// That each change of the file of `id` has its event, and where nobody saves without one, each event its change.
fn told(id: &str, held: &Held, events: &[Value], saves: &[Save]) {
    let of_it = || events.iter().filter(|event| event["issue_id"] == id);
    let added = of_it().filter(|event| event["event_type"] == "comment_added");
    let added: Vec<String> =
        added.map(|event| event["payload"]["comment_id"].as_str().expect("an id").to_owned()).collect();
    let said: BTreeSet<&String> = added.iter().collect();
    assert_eq!(said.len(), added.len(), "an event comes once");
    assert!(
        held.comments.keys().all(|comment| said.contains(comment)),
        "{id} has a comment without its event"
    );
    let gone_with = |comment: &String| {
        saves.iter().any(|save| save.id == id && !save.issue.comments.contains_key(comment))
    };
    let lost = added.iter().find(|comment| !held.comments.contains_key(*comment) && !gone_with(comment));
    assert_eq!(lost, None, "{id}: an event without its comment");
    let changes = |field: &str| -> Vec<(Value, Value)> {
        let changes =
            of_it().map(|event| &event["payload"]["changes"][field]).filter(|change| change.is_object());
        changes.map(|change| (change["from"].clone(), change["to"].clone())).collect()
    };
    let mut labelled: BTreeSet<String> = BTreeSet::new();
    for (from, to) in changes("labels") {
        let (from, to) = (from.as_array().expect("labels").clone(), to.as_array().expect("labels").clone());
        let new: Vec<&Value> = to.iter().filter(|label| !from.contains(label)).collect();
        assert!(new.len() == 1 && to.len() == from.len() + 1, "{id}: one label more: {from:?} {to:?}");
        assert!(labelled.insert(new[0].as_str().expect("a label").to_owned()), "an event comes once");
    }
    let labels: BTreeSet<String> = held.labels.iter().cloned().collect();
    assert!(labels.is_subset(&labelled), "{id} has a label without its event");
    let mut titles = changes("title");
    if saves.iter().any(|save| save.id == id) {
        return;
    }
    assert_eq!(labels, labelled, "{id}: an event without its label");
    // From the first title each change leads on to the next, and the last to what the file says.
    let mut title = json!(format!("Issue {}", &id["demo-".len()..]));
    while let Some(next) = titles.iter().position(|(from, _)| *from == title) {
        title = titles.swap_remove(next).1;
    }
    assert!(titles.is_empty(), "{id}: an event without its change of the title: {titles:?}, up to {title}");
    assert_eq!(title, held.title, "{id}: a change of the title without its event");
}

/// Holds the first `count` issues against what was acknowledged and what an editor has saved.
pub(crate) fn check(project: &Project, count: u64, acknowledged: &[Edit], saves: &[Save]) {
    let events = events(project);
    for number in 0..count {
        let id = format!("demo-{number}");
        let held = Held::of(&issue(project, &id));
        account(&id, &held, acknowledged, saves);
        told(&id, &held, &events, saves);
    }
    for part in ["project/issues", "project/events"] {
        let names = std::fs::read_dir(project.at(part)).expect("a directory").flatten();
        let left = names.map(|entry| entry.file_name()).find(|name| name.to_string_lossy().starts_with('.'));
        assert_eq!(left, None, "nothing is left over in {part}");
    }
}
