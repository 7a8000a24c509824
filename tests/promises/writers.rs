//! Many writers at once: whatever was acknowledged is in the files, or was overwritten by what was acknowledged later.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;

use hearsay_tests::growth::Chance;
use hearsay_tests::server::Door;
use hearsay_tests::wait::until;
use hearsay_tests::{Issue, Project, peers, record};
use serde_json::{Value, json};

/// How many issues everybody writes.
const ISSUES: u64 = 20;
/// How many write through the API.
const CALLERS: u64 = 6;
/// How many are Kanbus's own command, again and again.
const CLIENTS: u64 = 2;

/// How many edits there are in all.
fn edits() -> u64 {
    if peers::is_soak() { 2_000 } else { 400 }
}

/// What was acknowledged: texts of comments, labels, and titles, by issue.
#[derive(Debug, Default)]
struct Acknowledged {
    comments: BTreeSet<(String, String)>,
    labels: BTreeSet<(String, String)>,
    titles: BTreeMap<String, BTreeSet<String>>,
}

/// An edit of somebody's: which issue, what kind, and a word that nobody else uses.
fn draw(chance: &mut Chance, who: u64, turn: u64) -> (String, u64, String) {
    (format!("demo-{}", chance.below(ISSUES)), chance.below(3), format!("w{who}-{turn}"))
}

fn note(acknowledged: &Mutex<Acknowledged>, id: String, kind: u64, word: String) {
    let mut acknowledged = acknowledged.lock().expect("nobody panics");
    match kind {
        0 => drop(acknowledged.comments.insert((id, word))),
        1 => drop(acknowledged.labels.insert((id, word))),
        _ => drop(acknowledged.titles.entry(id).or_default().insert(word)),
    }
}

/// Writes through the API, as a program does that knows of no base; what is refused for a moment is tried again.
fn call(server: &Door, who: u64, count: u64, acknowledged: &Mutex<Acknowledged>) {
    let mut chance = Chance(100 + who);
    for turn in 0..count {
        let (id, kind, word) = draw(&mut chance, who, turn);
        let command = match kind {
            0 => json!({"type": "comment", "id": id, "text": word}),
            1 => json!({"type": "set_fields", "id": id, "set": {}, "labels": {"add": [word]}}),
            _ => json!({"type": "set_fields", "id": id, "set": {"title": word}}),
        };
        until("the edit to be acknowledged", || {
            let answer = server.tell("POST", "/api/commands", &command);
            let passing = ["locked", "git_busy"].iter().any(|code| answer.body.contains(code));
            assert!(answer.status == 200 || passing, "{command}: {}", answer.body);
            (answer.status == 200).then_some(())
        });
        note(acknowledged, id, kind, word);
    }
}

/// The same with Kanbus's own command, which says so where it could not.
fn command(project: &Project, client: &Path, who: u64, count: u64, acknowledged: &Mutex<Acknowledged>) {
    let mut chance = Chance(100 + who);
    for turn in 0..count {
        let (id, kind, word) = draw(&mut chance, who, turn);
        let words: Vec<&str> = match kind {
            0 => vec!["comment", &id, &word],
            1 => vec!["update", &id, "--add-label", &word],
            _ => vec!["update", &id, "--title", &word],
        };
        if project.try_kanbus(client, &words).status.success() {
            note(acknowledged, id, kind, word);
        }
    }
}

#[test]
fn whatever_eight_writers_were_told_is_written_is_in_the_files() {
    let project = Project::with_issues(usize::try_from(ISSUES).unwrap());
    let server = project.caller().serve(project.root());
    let mut watching = project.watch();
    let (client, acknowledged) = (peers::kanbus(), Mutex::new(Acknowledged::default()));
    // Kanbus takes long to start: it has a share that it gets done meanwhile.
    let theirs = if client.is_some() { edits() / 10 / CLIENTS } else { 0 };
    let ours = (edits() - theirs * CLIENTS) / CALLERS;
    std::thread::scope(|scope| {
        for who in 0..CALLERS {
            let (door, acknowledged) = (server.door(), &acknowledged);
            scope.spawn(move || call(&door, who, ours, acknowledged));
        }
        for who in CALLERS..CALLERS + CLIENTS {
            if let Some(client) = &client {
                let (project, acknowledged) = (&project, &acknowledged);
                scope.spawn(move || command(project, client, who, theirs, acknowledged));
            }
        }
    });
    let acknowledged = acknowledged.into_inner().expect("nobody panicked");
    let mut said = 0;
    for number in 0..ISSUES {
        let id = format!("demo-{number}");
        let issue: Value = serde_json::from_str(&project.text(&record::path(&id))).expect("no file is torn");
        let texts = |field: &str, of: fn(&Value) -> &Value| -> BTreeSet<String> {
            let all = issue[field].as_array().into_iter().flatten();
            all.map(|one| of(one).as_str().unwrap_or_default().to_owned()).collect()
        };
        let (comments, labels) = (texts("comments", |one| &one["text"]), texts("labels", |one| one));
        for (_, text) in acknowledged.comments.iter().filter(|(of, _)| *of == id) {
            assert!(comments.contains(text), "{id} has lost the comment {text}");
        }
        for (_, label) in acknowledged.labels.iter().filter(|(of, _)| *of == id) {
            assert!(labels.contains(label), "{id} has lost the label {label}");
        }
        let title = issue["title"].as_str().expect("a title").to_owned();
        if let Some(titles) = acknowledged.titles.get(&id) {
            assert!(titles.contains(&title), "{id} is called {title}, as nobody was told");
        }
        said += comments.len();
    }
    let events = std::fs::read_dir(project.at("project/events")).into_iter().flatten().flatten();
    let added = events.filter(|event| {
        let text = std::fs::read_to_string(event.path()).expect("an event");
        let event: Value = serde_json::from_str(&text).expect("no event is torn");
        event["event_type"] == "comment_added"
    });
    assert_eq!(added.count(), said, "each comment has its event, and each event its comment");
    watching.settle();
}

#[test]
fn what_an_editor_saves_over_one_of_our_writes_is_shown() {
    let project = Project::with_issues(2);
    let server = project.caller().serve(project.root());
    let mut watching = project.watch();
    for turn in 0..10 {
        let open = project.text(&record::path("demo-1"));
        let title = format!("Ours {turn}");
        server.command(&json!({"type": "set_fields", "id": "demo-1", "set": {"title": title}}));
        watching.sees("demo-1", |card| card["title"] == title.as_str());
        // An editor that had the file open saves what it has, in place and without a lock.
        let saved = open.replace("\"description\": \"", "\"description\": \"Edited. ");
        project.write(&record::path("demo-1"), &saved);
        let theirs = serde_json::from_str::<Value>(&saved).unwrap()["title"].clone();
        watching.sees("demo-1", |card| card["title"] == theirs);
    }
    project.put(&Issue::numbered(0).titled("Done"));
    watching.settle();
}
