//! Many writers at once: whatever was acknowledged is in the files, or was overwritten by what was acknowledged later.
//!
//! Not here: how that is told (`accounts`), and writers that are killed (`trouble`, and the tests of `hearsay-repo`).

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hearsay_tests::growth::Chance;
use hearsay_tests::http::Answer;
use hearsay_tests::server::Door;
use hearsay_tests::wait::{DEADLINE, until};
use hearsay_tests::{Feed, Follower, Project, Stream, peers, record};
use serde_json::{Value, json};

use crate::accounts::{Edit, Held, Kind, Save, check, issue};

/// How many issues everybody writes.
const ISSUES: u64 = 20;
/// How many are people, who edit what they see, and programs, which know of no base.
const CALLERS: [u64; 2] = [3, 3];
/// How many are Kanbus's own command, again and again.
const CLIENTS: u64 = 2;
/// Within which time it is to be shown what an editor has saved over.
const SHOWN: Duration = Duration::from_secs(1);

/// How many edits there are in all.
fn edits() -> u64 {
    if peers::is_soak() { 2_000 } else { 400 }
}

/// Eight writers of one project, and what they were told.
struct Crowd<'a> {
    project: &'a Project,
    door: Door,
    /// What may be answered to a write that is then tried again.
    passing: &'a [&'a str],
    acknowledged: Mutex<Vec<Edit>>,
    /// How many are still at it.
    writing: AtomicUsize,
}

impl<'a> Crowd<'a> {
    fn new(project: &'a Project, door: Door, passing: &'a [&'a str]) -> Self {
        Self { project, door, passing, acknowledged: Mutex::default(), writing: AtomicUsize::new(0) }
    }

    /// Has all of them write, and does `meanwhile`. Answers what was acknowledged.
    fn write(&self, meanwhile: impl FnOnce()) -> Vec<Edit> {
        let client = peers::kanbus();
        // Kanbus takes long to start: it has a share that it gets done meanwhile.
        let theirs = if client.is_some() { edits() / 10 / CLIENTS } else { 0 };
        let callers = CALLERS[0] + CALLERS[1];
        let ours = (edits() - theirs * CLIENTS) / callers;
        std::thread::scope(|scope| {
            for who in 0..callers + CLIENTS {
                let client = client.clone();
                self.writing.fetch_add(1, Ordering::SeqCst);
                scope.spawn(move || {
                    let at_work = AtWork(&self.writing);
                    match client {
                        _ if who < CALLERS[0] => self.repeat(who, ours, |edit| self.person(edit)),
                        _ if who < callers => self.repeat(who, ours, |edit| self.program(edit)),
                        Some(client) => self.repeat(who, theirs, |edit| self.kanbus(&client, edit)),
                        None => {}
                    }
                    drop(at_work);
                });
            }
            meanwhile();
        });
        let acknowledged = std::mem::take(&mut *self.acknowledged.lock().expect("nobody panicked"));
        assert!(acknowledged.len() as u64 >= ours * callers, "everybody gets done");
        acknowledged
    }

    fn is_writing(&self) -> bool {
        self.writing.load(Ordering::SeqCst) > 0
    }

    fn repeat(&self, who: u64, count: u64, write: impl Fn(&Edit) -> bool) {
        let mut chance = Chance(100 + who);
        for turn in 0..count {
            let edit = Edit::draw(&mut chance, ISSUES, (who, turn));
            if write(&edit) {
                let told = Edit { told: Instant::now(), ..edit };
                self.acknowledged.lock().expect("nobody panics").push(told);
            }
        }
    }

    fn is_written(&self, answer: &Answer) -> bool {
        let passing = || self.passing.contains(&answer.json()["code"].as_str().unwrap_or_default());
        assert!(answer.status == 200 || passing(), "{}", answer.body);
        answer.status == 200
    }

    /// Writes as a person does: on what is shown, and over what others have written meanwhile.
    fn person(&self, edit: &Edit) -> bool {
        let (path, word) = (format!("/api/issues/{}", edit.id), &edit.word);
        let shown = until("the issue to be shown", || {
            let answer = self.door.tell("GET", &path, &Value::Null);
            (answer.status == 200).then(|| answer.json())
        });
        let (mut base, mut was) = (shown["base"].clone(), shown["issue"]["title"].clone());
        until("a person's edit to be acknowledged", || {
            let answer = match edit.kind {
                Kind::Comment => self.door.tell("POST", &format!("{path}/comments"), &json!({"text": word})),
                Kind::Label => {
                    self.door.tell("PATCH", &path, &json!({"base": base, "labels": {"add": [word]}}))
                }
                Kind::Title => {
                    let edit = json!({"base": base, "set": {"title": word}, "was": {"title": was}});
                    self.door.tell("PATCH", &path, &edit)
                }
            };
            if answer.status == 409 && edit.kind == Kind::Title {
                let said = answer.json();
                (base, was) = (said["base"].clone(), said["fields"]["title"]["theirs"].clone());
                return None;
            }
            self.is_written(&answer).then_some(true)
        })
    }

    /// Writes as a program does that knows of no base; what is refused for a moment is tried again.
    fn program(&self, Edit { id, kind, word, .. }: &Edit) -> bool {
        let command = match kind {
            Kind::Comment => json!({"type": "comment", "id": id, "text": word}),
            Kind::Label => json!({"type": "set_fields", "id": id, "set": {}, "labels": {"add": [word]}}),
            Kind::Title => json!({"type": "set_fields", "id": id, "set": {"title": word}}),
        };
        until("a program's edit to be acknowledged", || {
            self.is_written(&self.door.tell("POST", "/api/commands", &command)).then_some(true)
        })
    }

    /// Writes with Kanbus's own command, which says so where it could not.
    fn kanbus(&self, client: &Path, Edit { id, kind, word, .. }: &Edit) -> bool {
        let words: Vec<&str> = match kind {
            Kind::Comment => vec!["comment", id, word],
            Kind::Label => vec!["update", id, "--add-label", word],
            Kind::Title => vec!["update", id, "--title", word],
        };
        self.project.try_kanbus(client, &words).status.success()
    }
}

/// One of those who are writing; also one who panics is so no longer.
struct AtWork<'a>(&'a AtomicUsize);

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[test]
fn whatever_eight_writers_were_told_is_written_is_in_the_files_with_its_events() {
    let project = Project::with_issues(usize::try_from(ISSUES).unwrap());
    let server = project.caller().serve(project.root());
    let mut watching = project.watch();
    let crowd = Crowd::new(&project, server.door(), &["locked", "git_busy"]);
    let acknowledged = crowd.write(|| {
        // Whoever reads meanwhile never finds a torn file.
        while crowd.is_writing() {
            let Some(message) = watching.running.next(Duration::from_millis(100)) else { continue };
            watching.follower.apply(&message);
            (0..ISSUES).for_each(|number| drop(issue(&project, &format!("demo-{number}"))));
        }
    });
    check(&project, ISSUES, &acknowledged, &[]);
    watching.settle();
}

/// A text editor: it has every issue open until somebody else changes one, and then saves what it has, in place.
struct Editor<'a> {
    project: &'a Project,
    follower: Follower,
    stream: Stream,
    saves: Vec<Save>,
    /// How long it took until it was shown.
    shown: Vec<Duration>,
}

impl Editor<'_> {
    /// Takes in what comes, as anybody who looks does.
    fn look(&mut self) {
        while let Some(message) = self.stream.next(Duration::from_millis(1)) {
            self.follower.apply(&message);
        }
    }

    /// Waits until somebody changes an issue that is open. Answers which, what was opened, and what it says now; nothing
    /// where nobody writes any more.
    fn changed(&mut self, is_writing: impl Fn() -> bool) -> Option<(String, Value, Value)> {
        let ids = || (0..ISSUES).map(|number| format!("demo-{number}"));
        let open: Vec<Value> = ids().map(|id| issue(self.project, &id)).collect();
        while is_writing() {
            self.look();
            let mut both = ids().zip(&open).map(|(id, open)| (issue(self.project, &id), id, open));
            if let Some((now, id, open)) = both.find(|(now, _, open)| now != *open) {
                return Some((id, open.clone(), now));
            }
        }
        None
    }

    /// Saves over what somebody else has written, and waits until whoever wrote through the API sees it.
    fn save(&mut self, is_writing: impl Fn() -> bool) {
        let Some((id, mut open, over)) = self.changed(is_writing) else { return };
        let mark = format!("editor-{}", self.saves.len());
        open["assignee"] = json!(mark);
        self.project.write(&record::path(&id), serde_json::to_string_pretty(&open).expect("JSON"));
        let told = Instant::now();
        let card = loop {
            let card = self.follower.board.card(&id);
            if card["assignee"] == mark.as_str() {
                self.shown.push(told.elapsed());
                break Some(card);
            }
            // Somebody who had read it before has written over the editor in turn.
            self.look();
            if issue(self.project, &id)["assignee"] != mark.as_str() {
                break None;
            }
            assert!(told.elapsed() < DEADLINE, "what {mark} has saved to {id} is never shown");
        };
        if let Some(card) = card.filter(|_| over["title"] != open["title"]) {
            assert_ne!(card["title"], over["title"], "what was overwritten is shown no longer");
        }
        self.saves.push(Save { id, issue: Held::of(&open), told });
    }
}

#[test]
fn what_an_editor_saves_over_eight_writers_is_shown_within_a_second_and_loses_nothing_else() {
    let project = Project::with_issues(usize::try_from(ISSUES).unwrap());
    let server = project.caller().serve(project.root());
    let mut stream = server.stream("/api/board/stream?mode=delta");
    let mut follower = Follower::default();
    follower.until(&mut stream, "the first full board", |_| true);
    let (saves, shown) = (Vec::new(), Vec::new());
    let mut editor = Editor { project: &project, follower, stream, saves, shown };
    let crowd = Crowd::new(&project, server.door(), &["locked", "git_busy", "unreadable"]);
    let acknowledged = crowd.write(|| {
        while crowd.is_writing() {
            editor.save(|| crowd.is_writing());
        }
    });
    check(&project, ISSUES, &acknowledged, &editor.saves);
    editor.shown.sort();
    let (count, in_time) = (editor.shown.len(), editor.shown.iter().filter(|shown| **shown < SHOWN).count());
    let [middle, slowest] = [count / 2, count - 1].map(|at| editor.shown[at]);
    println!(
        "{count} of {} saves were shown, after {middle:?} and at the most {slowest:?}",
        editor.saves.len()
    );
    assert!(count as u64 >= edits() / 40, "an editor among them");
    // A machine that does much else may keep one of them waiting.
    assert!(in_time * 10 >= count * 9, "only {in_time} of {count} within a second");
    project.watch().settle();
}
