//! The rules of `hearsay-board` beside the real Kanbus client: the same edit gives the same issue, the same events and
//! the same refusals; and on real issues an edit changes its own lines alone.
//!
//! Where Kanbus's Rust and Python clients differ, the rules follow the Rust one, and the edit is not tried here.

mod cases;
mod issues;
mod real;

use std::collections::BTreeSet;
use std::path::Path;

use hearsay_board::rules::{self, Actor, Context, Edit, EventDraft};
use hearsay_board::{Config, Document, Source};
use hearsay_tests::project::CONFIG;
use hearsay_tests::{Project, peers};
use serde_json::Value;

use cases::{Act, Case};
use issues::{Files, Issues, directory, start, write};

/// What the rules make of the start: the files that are there then, or the refusal's sentence.
fn ours(start: &Issues, files: &Files, config: &Config, case: &Case) -> Result<Files, String> {
    let actor = Actor { name: "ada".to_owned(), agent: case.agent.clone() };
    let mut count = 0;
    let mut fresh = || {
        count += 1;
        format!("{count:08x}-0000-4000-8000-000000000000")
    };
    let now = "2026-05-04T10:00:00.123456Z".parse().unwrap();
    let mut context = Context { config, around: start, now, actor: &actor, fresh: &mut fresh };
    let mut files = files.clone();
    let issue_path = |source, id: &str| format!("{}/issues/{id}.json", directory(source));
    let write_events = |files: &mut Files, source, events: &[EventDraft]| {
        for event in events {
            files
                .insert(format!("{}/events/{}", directory(source), event.file_name()), event.text().unwrap());
        }
    };
    let said = |refusal: rules::Refusal| refusal.message;
    match &case.act {
        Act::Edit(id, wanted) => {
            let from = start.place(id);
            let (current, _) = &start.0[&((*id).to_owned(), from)];
            let edited = rules::edit(current, wanted, &mut context).map_err(said)?;
            let to = edited.to.unwrap_or(from);
            files.remove(&issue_path(from, id));
            files.insert(issue_path(to, id), edited.document.text().to_owned());
            write_events(&mut files, to, &edited.events);
        }
        Act::Create(new) => {
            let created = rules::create(new, &mut context).map_err(said)?;
            files.insert(issue_path(new.source, &created.id), created.document.text().to_owned());
            write_events(&mut files, new.source, created.event.as_slice());
        }
        Act::Delete(id, recursive) => {
            let lies = |source: &Source| files.contains_key(&issue_path(*source, id));
            let source = [Source::Shared, Source::Local].into_iter().find(lies).unwrap_or(Source::Shared);
            for doomed in rules::delete((id, source), *recursive, &mut context).map_err(said)? {
                files.remove(&issue_path(doomed.source, &doomed.id));
                write_events(&mut files, doomed.source, doomed.event.as_slice());
            }
        }
    }
    Ok(files)
}

/// What Kanbus makes of it.
fn theirs(project: &Project, files: &Files, client: &Path, case: &Case) -> Result<Files, String> {
    write(project, files);
    // What the client has no word for is done by its library.
    let library = client.with_file_name("python");
    let program = if case.kanbus[0] == "-c" { &library } else { client };
    let output = project.try_kanbus(program, &case.kanbus);
    if output.status.success() {
        return Ok(issues::files(project));
    }
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(issues::files(project), *files, "who refuses writes nothing: {:?}", case.kanbus);
    let said = text.lines().find_map(|line| line.strip_prefix("Error: "));
    Err(said.unwrap_or_else(|| panic!("{:?}: {text}", case.kanbus)).to_owned())
}

/// A file: its path, its keys in order, its content.
type Record = (String, Vec<String>, Value);

/// The files as records, with every id and time that the start does not have made the same.
fn comparable(files: &Files, start: &Files) -> Vec<Record> {
    let known: String = start.values().map(String::as_str).collect();
    let mut records = Vec::new();
    for (path, text) in files {
        let mut value: Value = serde_json::from_str(text).unwrap();
        let mut path = path.clone();
        if let (Some(at), Some(id)) = (value["occurred_at"].as_str(), value["event_id"].as_str()) {
            let name = format!("{}__{id}.json", at.replace(':', "-"));
            assert!(path.ends_with(&name), "{path} is named after its time and its id");
            assert_eq!(at.len(), "2026-05-04T10:00:00.123Z".len(), "an event's time has milliseconds");
            path = path.replace(&name, value["event_type"].as_str().unwrap());
        } else if !start.contains_key(&path) {
            let id = value["id"].as_str().unwrap();
            path = path.replace(id, &alike(id, &known).unwrap_or_else(|| id.to_owned()));
        }
        even_out(&mut value, &known);
        // Kanbus writes its own view of an issue into it; that is not a change of it.
        if let Some(custom) = value.get_mut("custom").and_then(Value::as_object_mut) {
            custom.retain(|key, _| !["source", "project_label"].contains(&key.as_str()));
        }
        let document = Document::parse(text.clone().into_bytes()).unwrap();
        // The Python client puts `agent` last, the Rust one in its place.
        let keys = document.keys().filter(|key| *key != "agent").map(str::to_owned).collect();
        records.push((path, keys, value));
    }
    records.sort_by_key(|(path, _, value)| (path.clone(), value.to_string()));
    records
}

fn even_out(value: &mut Value, known: &str) {
    match value {
        Value::String(text) => {
            if let Some(alike) = alike(text, known) {
                *text = alike;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| even_out(item, known)),
        Value::Object(members) => members.values_mut().for_each(|member| even_out(member, known)),
        _ => {}
    }
}

/// What stands for a new id or a new time.
fn alike(text: &str, known: &str) -> Option<String> {
    if known.contains(&format!("\"{text}\"")) {
        return None;
    }
    if text.parse::<jiff::Timestamp>().is_ok() {
        return Some("<a time>".to_owned());
    }
    let bare = text.strip_prefix("demo-").unwrap_or(text);
    let is_uuid = bare.len() == 36 && bare.chars().all(|c| c == '-' || c.is_ascii_hexdigit());
    is_uuid.then(|| text.replace(bare, "<an id>"))
}

#[test]
fn the_same_edit_by_kanbus_and_by_us_gives_the_same_issue_the_same_events_and_the_same_refusal() {
    let Some(client) = peers::kanbus() else { return };
    let (start, config) = (start(), Config::parse(CONFIG, None).unwrap());
    let files = start.files();
    let cases = cases::all();
    assert!(cases.len() >= 60, "{} edits are tried", cases.len());
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    let mut faults: Vec<String> = std::thread::scope(|scope| {
        let lots = cases.chunks(cases.len().div_ceil(workers));
        let running: Vec<_> = lots
            .map(|lot| {
                let (start, files, config, client) = (&start, &files, &config, &client);
                scope.spawn(move || {
                    let project = Project::new();
                    let apart = |case| {
                        let theirs = theirs(&project, files, client, case);
                        apart(case, theirs, ours(start, files, config, case), files)
                    };
                    lot.iter().filter_map(apart).collect::<Vec<_>>()
                })
            })
            .collect();
        running.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    faults.sort();
    assert!(faults.is_empty(), "{} of {} differ:\n{}", faults.len(), cases.len(), faults.join("\n"));
}

/// How the two differ, if they do.
fn apart(
    case: &Case,
    theirs: Result<Files, String>,
    ours: Result<Files, String>,
    start: &Files,
) -> Option<String> {
    let words = case.kanbus.join(" ");
    match (theirs, ours) {
        (Ok(theirs), Ok(ours)) => {
            let (theirs, ours) = (comparable(&theirs, start), comparable(&ours, start));
            (theirs != ours).then(|| {
                let only = |left: &[Record], right: &[Record]| -> Vec<String> {
                    let left = left.iter().filter(|record| !right.contains(record));
                    left.map(|(path, keys, value)| format!("{path} {} {value}", keys.join(" "))).collect()
                };
                format!("{words}\n  kanbus {:#?}\n  ours {:#?}", only(&theirs, &ours), only(&ours, &theirs))
            })
        }
        (Err(theirs), Err(ours)) => {
            // What a parser says of a text behind the colon is its own.
            let head =
                |text: &str| text.split_inclusive(" at line 1: ").next().unwrap_or_default().to_owned();
            let same = theirs == ours || (theirs.contains("code block") && head(&theirs) == head(&ours));
            (!same).then(|| format!("{words}\n  kanbus refuses: {theirs}\n  we refuse: {ours}"))
        }
        (Ok(_), Err(ours)) => Some(format!("{words}\n  kanbus does it\n  we refuse: {ours}")),
        (Err(theirs), Ok(_)) => Some(format!("{words}\n  kanbus refuses: {theirs}\n  we do it")),
    }
}

/// What Kanbus finds wrong, a line each.
fn findings(project: &Project, client: &Path) -> BTreeSet<String> {
    let output = project.try_kanbus(client, &["validate"]);
    let text = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&text).lines().map(str::to_owned).collect()
}

#[test]
fn kanbus_reads_whatever_the_rules_write_and_finds_nothing_new() {
    let Some(client) = peers::kanbus() else { return };
    let (mut issues, config) = (start(), Config::parse(CONFIG, None).unwrap());
    let project = Project::new();
    write(&project, &issues.files());
    let before = findings(&project, &client);
    let mut written = issues.files();
    let mut tried = 0;
    // What goes leaves others pointing at nothing, by Kanbus's hand as by ours.
    let goes =
        |act: &Act| matches!(act, Act::Delete(..) | Act::Edit(_, Edit::Transfer { to: Source::Local }));
    for case in cases::all().into_iter().filter(|case| !goes(&case.act)) {
        let Ok(after) = ours(&issues, &written, &config, &case) else { continue };
        written = after;
        tried += 1;
        issues = Issues::default();
        for (path, text) in &written {
            let (dir, name) = path.rsplit_once('/').unwrap();
            let source = if dir.starts_with("project-local") { Source::Local } else { Source::Shared };
            if dir.ends_with("issues") {
                issues.put(name.trim_end_matches(".json"), source, text);
            }
        }
    }
    assert!(tried >= 30, "{tried} edits went through");
    write(&project, &written);
    let new: Vec<String> = findings(&project, &client).difference(&before).cloned().collect();
    assert_eq!(new, [] as [String; 0], "no new finding");
    let listed = project.kanbus(&client, &["list", "--limit", "0"]);
    for issue in issues.0.values().map(|(_, issue)| issue) {
        let title: String = issue.title.chars().take(6).collect();
        assert!(listed.contains(&title), "{title} is in\n{listed}");
    }
    project.kanbus(&client, &["show", "demo-one"]);
}
