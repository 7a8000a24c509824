//! What the overlay of a working tree promises, on real directories.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hearsay_board::overlay::{Received, Snapshot, Tombstone};
use hearsay_board::{Board, Moment};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::bounds::MOST;
use super::*;
use crate::hearing::{Letterbox, Word};
use crate::touched::Touched;
use crate::tree::WorkingTree;

const ID: &str = "k-1";

struct Project {
    dir: tempfile::TempDir,
    tree: WorkingTree,
    board: Board,
    now: SystemTime,
}

fn issue(title: &str, updated: i64) -> Value {
    json!({
        "id": ID, "title": title, "description": "", "type": "task", "status": "open", "priority": 2,
        "assignee": null, "creator": null, "parent": null, "labels": [], "dependencies": [], "comments": [],
        "created_at": at(0).to_string(), "updated_at": at(updated).to_string(), "closed_at": null, "custom": {},
    })
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

impl Project {
    fn new(keeping: Keeping) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(".kanbus.yml"), "project_key: k\n").unwrap();
        for part in ["project/issues", "project/events"] {
            std::fs::create_dir_all(dir.path().join(part)).unwrap();
        }
        Self::open(dir, keeping)
    }

    fn open(dir: tempfile::TempDir, keeping: Keeping) -> Self {
        // Long after the files were written, so that none of them counts as half written.
        let now = SystemTime::now() + Duration::from_secs(5);
        let repository = crate::discover(dir.path()).unwrap();
        let overlays = Overlays { ttl_s: Some(0), keeping, ..Overlays::default() };
        let (mut tree, mut out) = WorkingTree::new(repository, overlays, now);
        tree.load(now, &|_, _| (), &mut out);
        let mut project = Self { dir, tree, board: Board::default(), now };
        project.tell(out);
        project
    }

    fn again(self, keeping: Keeping) -> Self {
        Self::open(self.dir, keeping)
    }

    fn tell(&mut self, out: Vec<Observation>) {
        out.into_iter().for_each(|observation| self.board.apply(observation).unwrap());
        self.board.settle().unwrap();
    }

    fn path(&self, path: &str) -> std::path::PathBuf {
        self.dir.path().join("project").join(path)
    }

    fn write(&self, path: &str, value: &Value) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, serde_json::to_vec_pretty(value).unwrap()).unwrap();
    }

    fn look(&mut self) {
        let mut out = Vec::new();
        self.tree.look(Touched::everything("test"), self.now, &mut out);
        self.tell(out);
    }

    fn hear(&mut self, entry: Entry) {
        self.hear_of(ID, entry);
    }

    fn hear_of(&mut self, id: &str, entry: Entry) {
        let (letterbox, mut out) = (Letterbox::default(), Vec::new());
        letterbox.put(&Arc::from("k"), Word::Issue { id: id.into(), entry });
        self.tree.hear(letterbox.take(), self.now, &mut out);
        self.tell(out);
    }

    fn save(&mut self) {
        let mut out = Vec::new();
        self.tree.save(self.now, &mut out);
        self.tell(out);
    }

    fn card(&self) -> Option<Value> {
        let units = serde_json::to_value(self.board.units().as_json()).unwrap();
        units.get(format!("card:{ID}")).cloned()
    }

    fn title(&self) -> String {
        self.card().map_or_else(String::new, |card| card["title"].as_str().unwrap().to_owned())
    }

    fn problems(&self) -> Vec<String> {
        let units = serde_json::to_value(self.board.units().as_json()).unwrap();
        let keys = units.as_object().unwrap().keys();
        keys.filter(|key| key.starts_with("problem:") && key.contains(".overlay")).cloned().collect()
    }

    fn json(&self) -> String {
        serde_json::to_string(&self.board.units().as_json()).unwrap()
    }
}

fn snapshot(issue: Value, sent: i64) -> Entry {
    let issue = issue.as_object().unwrap().clone();
    let what = Snapshot { at: Moment::of(at(sent)), event_id: Some("ev".into()), overrides: None, issue };
    Entry { snapshot: Some(Received { what, received: at(sent) }), tombstone: None }
}

fn files(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn what_is_heard_is_shown_at_once_written_soon_and_gone_when_the_file_has_it() {
    let mut project = Project::new(Keeping::Shared);
    project.write("issues/k-1.json", &issue("Old", 0));
    project.look();
    project.hear(snapshot(issue("Heard", 10), 11));
    assert_eq!(project.title(), "Heard");
    assert_eq!(files(&project.path(".overlay/issues")), Vec::<String>::new(), "not yet");
    assert!(project.tree.is_unsaved());
    project.save();
    assert_eq!(files(&project.path(".overlay/issues")), ["k-1.json"], "and nothing beside it");
    let before = project.json();
    let mut project = project.again(Keeping::Shared);
    assert_eq!(project.json(), before, "a fresh process says the same");
    project.write("issues/k-1.json", &issue("Heard", 10));
    project.look();
    assert_eq!(project.card().unwrap()["heard"], Value::Null);
    assert_eq!(files(&project.path(".overlay/issues")), Vec::<String>::new());
}

#[test]
fn a_card_keeps_what_is_heard_of_it_until_it_shows_what_is_written() {
    let mut project = Project::new(Keeping::Shared);
    project.write("issues/k-1.json", &issue("Old", 0));
    project.look();
    project.hear(snapshot(issue("Heard", 10), 11));
    project.save();
    project.write("issues/k-1.json", &issue("Heard", 10));
    // The file of the entry is looked at before that of the issue, as it happens while somebody pulls.
    let entry = Touched { entries: [(0, ID.into())].into(), ..Touched::default() };
    let mut out = Vec::new();
    let again = project.tree.look(entry, project.now, &mut out).again;
    project.tell(out);
    assert_eq!(project.title(), "Heard");
    assert_eq!(files(&project.path(".overlay/issues")), ["k-1.json"]);
    let mut out = Vec::new();
    project.tree.look(again, project.now, &mut out);
    project.tell(out);
    assert_eq!((project.title().as_str(), &project.card().unwrap()["heard"]), ("Heard", &Value::Null));
    assert_eq!(files(&project.path(".overlay/issues")), Vec::<String>::new());
}

#[test]
fn a_card_keeps_what_is_heard_of_it_while_its_event_is_here_and_its_file_is_to_come() {
    let mut project = Project::new(Keeping::Shared);
    project.write("issues/k-1.json", &issue("Old", 0));
    project.look();
    project.hear(snapshot(issue("Heard", 10), 11));
    let moment = std::mem::replace(&mut project.now, SystemTime::now());
    project.write("events/2023__ev.json", &json!({"issue_id": ID}));
    project.look();
    assert_eq!(project.title(), "Heard", "as Git checks out, the events come first");
    project.now = moment;
    project.look();
    assert_eq!(project.title(), "Old", "but it is not waited for what does not come");
}

#[test]
fn what_the_working_tree_has_already_is_never_written() {
    let mut project = Project::new(Keeping::Shared);
    project.write("issues/k-1.json", &issue("Here", 10));
    project.look();
    project.hear(snapshot(issue("Here", 10), 11));
    project.write("events/2023__ev.json", &json!({"issue_id": ID}));
    project.look();
    project.hear(snapshot(issue("Elsewhere", 20), 21));
    assert!(!project.tree.is_unsaved(), "the event it names is here");
    project.save();
    assert!(!project.path(".overlay").exists());
}

#[test]
fn who_had_heard_less_and_writes_over_it_is_put_right() {
    let mut project = Project::new(Keeping::Shared);
    project.write("issues/k-1.json", &issue("Old", 0));
    project.look();
    project.hear(snapshot(issue("Newer", 20), 21));
    project.save();
    let less = json!({"overlay_ts": at(11).to_string(), "overlay_event_id": "ev", "issue": issue("Newest but one", 10)});
    project.write(".overlay/issues/k-1.json", &less);
    project.look();
    assert_eq!(project.title(), "Newer");
    project.save();
    assert_eq!(project.again(Keeping::Nothing).title(), "Newer");
}

#[test]
fn what_is_waiting_to_be_written_gives_way_to_what_another_has_written() {
    let mut project = Project::new(Keeping::Shared);
    project.write("issues/k-1.json", &issue("Old", 0));
    project.look();
    project.hear(snapshot(issue("Newer", 10), 11));
    let more =
        json!({"overlay_ts": at(21).to_string(), "overlay_event_id": "ev", "issue": issue("Newest", 20)});
    project.write(".overlay/hearsay/issues/k-1.json", &more);
    project.look();
    project.save();
    assert_eq!(project.title(), "Newest");
    assert_eq!(project.again(Keeping::Nothing).title(), "Newest");
}

#[test]
fn who_only_reads_writes_and_removes_nothing() {
    let mut project = Project::new(Keeping::Nothing);
    project.write("issues/k-1.json", &issue("Old", 0));
    let record = json!({"overlay_ts": at(-5).to_string(), "issue": issue("Older", -5)});
    project.write(".overlay/issues/k-1.json", &record);
    project.look();
    assert_eq!(project.title(), "Old", "the entry is caught up");
    project.hear(snapshot(issue("Heard", 10), 11));
    project.save();
    assert_eq!(project.title(), "Heard");
    let on_disk: Value =
        serde_json::from_slice(&std::fs::read(project.path(".overlay/issues/k-1.json")).unwrap()).unwrap();
    assert_eq!(on_disk, record);
}

#[test]
fn a_private_overlay_and_what_kanbus_cannot_read_lie_where_kanbus_does_not_look() {
    let mut project = Project::new(Keeping::Private);
    project.hear(snapshot(issue("Ghost", 10), 11));
    project.save();
    assert_eq!(files(&project.path(".overlay")), ["hearsay"]);
    let mut project = project.again(Keeping::Shared);
    assert_eq!((project.title().as_str(), &project.card().unwrap()["stage"]), ("Ghost", &json!("heard")));
    let mut odd = issue("Odd", 20);
    odd["priority"] = json!("high");
    project.hear(snapshot(odd, 21));
    project.save();
    assert_eq!(files(&project.path(".overlay")), ["hearsay"]);
    let shown = project.json();
    assert_eq!(project.again(Keeping::Nothing).json(), shown);
}

#[test]
fn a_tombstone_marks_a_file_and_never_hides_it() {
    let mut project = Project::new(Keeping::Shared);
    project.write("issues/k-1.json", &issue("Here", 0));
    project.look();
    let what = Tombstone { at: Moment::of(at(10)), event_id: None, ttl_s: 0 };
    project.hear(Entry { snapshot: None, tombstone: Some(Received { what, received: at(10) }) });
    project.save();
    assert_eq!(project.card().unwrap()["heard"]["deleted"], true);
    assert_eq!(project.title(), "Here");
    std::fs::remove_file(project.path("issues/k-1.json")).unwrap();
    project.look();
    assert_eq!(project.card(), None);
    // It stays, and what was said before the end and comes late brings nothing back.
    project.hear(snapshot(issue("Late", 5), 6));
    project.save();
    assert_eq!(project.card(), None);
    assert_eq!(project.again(Keeping::Nothing).card(), None);
}

#[test]
fn an_end_that_is_heard_before_the_beginning_is_the_end() {
    let mut project = Project::new(Keeping::Shared);
    let what = Tombstone { at: Moment::of(at(10)), event_id: None, ttl_s: 0 };
    project.hear(Entry { snapshot: None, tombstone: Some(Received { what, received: at(10) }) });
    project.hear(snapshot(issue("Late", 5), 6));
    assert_eq!(project.card(), None);
    project.hear(snapshot(issue("Back", 20), 21));
    assert_eq!(project.title(), "Back");
}

#[test]
fn an_entry_that_cannot_be_read_is_a_problem_and_is_swept_when_asked_for() {
    let project = Project::new(Keeping::Shared);
    std::fs::create_dir_all(project.path(".overlay/issues/k-3.json")).unwrap();
    std::fs::write(project.path(".overlay/issues/k-1.json"), "garbage").unwrap();
    project.write(".overlay/issues/k-2.json", &json!({"overlay_ts": "x", "issue": {"id": "k-2"}}));
    project.write(".overlay/tombstones/..k.json", &json!({}));
    project.write("issues/k-1.json", &issue("Here", 0));
    let mut project = project.again(Keeping::Shared);
    assert_eq!(project.problems().len(), 3, "{:?}", project.problems());
    assert_eq!(project.title(), "Here", "the card is there all the same");
    let swept = project.tree.collect();
    assert_eq!(swept.unreadable, 2, "a directory is nobody's entry to remove");
    assert!(project.path(".overlay/issues/k-3.json").is_dir());
}

#[cfg(unix)]
#[test]
fn nothing_is_written_over_a_link_that_leads_out() {
    let (mut project, outside) = (Project::new(Keeping::Shared), tempfile::tempdir().unwrap());
    std::os::unix::fs::symlink(outside.path(), project.path(".overlay")).unwrap();
    project.hear(snapshot(issue("Ghost", 10), 11));
    project.save();
    assert_eq!(files(outside.path()), Vec::<String>::new());
    assert_eq!(project.title(), "Ghost");
}

#[cfg(unix)]
#[test]
fn nothing_outside_is_removed_or_read_over_a_link() {
    for link in [".overlay/issues", ".overlay/tombstones", ".overlay/hearsay"] {
        let (project, outside) = (Project::new(Keeping::Shared), tempfile::tempdir().unwrap());
        let stone = json!({"op": "delete", "project": "k", "id": ID, "event_id": null, "ts": at(-5).to_string(), "ttl_s": 1});
        let old = json!({"overlay_ts": at(-5).to_string(), "issue": issue("Older", -5)});
        for (path, record) in
            [("k-1.json", &stone), ("issues/k-1.json", &old), ("tombstones/k-1.json", &stone)]
        {
            let path = outside.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, record.to_string()).unwrap();
        }
        std::fs::create_dir_all(project.path(".overlay")).unwrap();
        std::os::unix::fs::symlink(outside.path(), project.path(link)).unwrap();
        project.write("issues/k-1.json", &issue("Here", 0));
        // An entry of the same name in its right place leads to the linked one as well.
        if link != ".overlay/tombstones" {
            project.write(".overlay/tombstones/k-1.json", &stone);
        }
        let mut project = project.again(Keeping::Shared);
        project.hear(snapshot(issue("Heard", 10), 11));
        project.save();
        project.write("issues/k-1.json", &issue("Heard", 10));
        project.look();
        project.tree.collect();
        assert_eq!(files(outside.path()), ["issues", "k-1.json", "tombstones"], "{link}");
        assert_eq!(files(&outside.path().join("issues")), ["k-1.json"], "{link}");
        assert!(project.problems().contains(&format!("problem:project/{link}")), "and it is said");
    }
}

#[cfg(unix)]
#[test]
fn a_link_in_the_place_of_a_passing_file_is_not_written_through() {
    let (mut project, outside) = (Project::new(Keeping::Shared), tempfile::tempdir().unwrap());
    let victim = outside.path().join("victim");
    std::fs::write(&victim, "somebody's").unwrap();
    std::fs::create_dir_all(project.path(".overlay/issues")).unwrap();
    let passing = project.path(&format!(".overlay/issues/.k-1.{}.0.tmp", std::process::id()));
    std::os::unix::fs::symlink(&victim, passing).unwrap();
    project.hear(snapshot(issue("Ghost", 10), 11));
    project.save();
    assert_eq!(std::fs::read_to_string(&victim).unwrap(), "somebody's");
    assert!(project.path(".overlay/issues/k-1.json").symlink_metadata().unwrap().is_file());
}

#[test]
fn what_cannot_be_written_is_said_and_waits() {
    let mut project = Project::new(Keeping::Shared);
    std::fs::write(project.path(".overlay"), "a file").unwrap();
    project.hear(snapshot(issue("Ghost", 10), 11));
    project.save();
    assert_eq!(project.problems(), ["problem:project/.overlay"]);
    assert!(project.tree.is_unsaved());
    std::fs::remove_file(project.path(".overlay")).unwrap();
    project.save();
    assert_eq!(project.problems(), Vec::<String>::new());
    let shown = project.json();
    assert_eq!(project.again(Keeping::Nothing).json(), shown, "a fresh process says the same");
}

#[test]
fn who_has_the_overlay_switched_off_leaves_it_to_others() {
    let project = Project::new(Keeping::Shared);
    let path = ".overlay/issues/k-1.json";
    project.write(path, &json!({"overlay_ts": at(-5).to_string(), "issue": issue("Older", -5)}));
    project.write("issues/k-1.json", &issue("Here", 0));
    std::fs::write(project.path(".overlay/issues/k-2.json"), "garbage").unwrap();
    let config = "project_key: k\noverlay:\n  enabled: false\n";
    std::fs::write(project.dir.path().join(".kanbus.yml"), config).unwrap();
    let mut project = project.again(Keeping::Shared);
    let touched = Touched { entries: [(0, ID.into()), (0, "k-2".into())].into(), ..Touched::default() };
    let mut out = Vec::new();
    project.tree.look(touched, project.now, &mut out);
    project.tell(out);
    assert!(project.path(path).exists());
    assert_eq!(project.problems(), Vec::<String>::new());
}

#[test]
fn garbage_beside_what_ends_stays_a_problem_until_it_is_gone() {
    let mut project = Project::new(Keeping::Shared);
    project.write("issues/k-1.json", &issue("Here", 0));
    project.look();
    std::fs::create_dir_all(project.path(".overlay/issues")).unwrap();
    std::fs::write(project.path(".overlay/issues/k-1.json"), "garbage").unwrap();
    let stone = json!({"op": "delete", "project": "k", "id": ID, "event_id": null, "ts": at(5).to_string(), "ttl_s": 0});
    project.write(".overlay/tombstones/k-1.json", &stone);
    project.look();
    assert_eq!(project.problems().len(), 1);
    project.write("issues/k-1.json", &issue("Here still", 10));
    project.look();
    assert!(project.path(".overlay/issues/k-1.json").exists(), "only a sweep removes it");
    assert_eq!(project.problems().len(), 1);
}

#[test]
fn what_is_reconciled_stays_as_new_as_it_was() {
    let project = Project::new(Keeping::Shared);
    project.write("issues/k-1.json", &issue("New", 10));
    project.write(
        ".overlay/issues/k-1.json",
        &json!({"overlay_ts": at(-5).to_string(), "issue": issue("Old", -5)}),
    );
    let mut project = project.again(Keeping::Nothing);
    assert_eq!(project.tree.reconcile(true, false, project.now).removed, 1, "the file is newer");
    assert_eq!(project.again(Keeping::Nothing).title(), "New");
    let project = Project::new(Keeping::Shared);
    project.write("issues/k-1.json", &issue("Old", 0));
    project.write(
        ".overlay/issues/k-1.json",
        &json!({"overlay_ts": at(21).to_string(), "issue": issue("Heard", 20)}),
    );
    let mut project = project.again(Keeping::Nothing);
    assert_eq!(project.tree.reconcile(true, false, project.now).rewritten, 1);
    // An older state than what was heard arrives: that is still ahead.
    project.write("issues/k-1.json", &issue("Between", 10));
    assert_eq!(project.again(Keeping::Nothing).title(), "Heard");
}

#[test]
fn a_file_of_tomorrow_is_not_deaf() {
    let mut project = Project::new(Keeping::Shared);
    let tomorrow = Timestamp::try_from(project.now).unwrap() + jiff::SignedDuration::from_hours(24);
    let mut here = issue("Of tomorrow", 0);
    here["updated_at"] = json!(tomorrow.to_string());
    project.write("issues/k-1.json", &here);
    project.look();
    let now = Timestamp::try_from(project.now).unwrap();
    let mut heard = issue("Heard", 0);
    heard["updated_at"] = json!(now.to_string());
    let what = Snapshot {
        at: Moment::of(now),
        event_id: None,
        overrides: None,
        issue: heard.as_object().unwrap().clone(),
    };
    project.hear(Entry { snapshot: Some(Received { what, received: now }), tombstone: None });
    assert_eq!(project.title(), "Heard");
}

#[test]
fn one_event_frees_every_issue_that_names_it() {
    let mut project = Project::new(Keeping::Shared);
    for id in ["k-1", "k-2", "k-3"] {
        let mut issue = issue("Heard", 10);
        issue["id"] = json!(id);
        project.hear_of(id, snapshot(issue, 11));
    }
    project.save();
    project.write("events/2023__ev.json", &json!({"issue_id": ID}));
    let touched = Touched { events: [(0, "2023__ev.json".into())].into(), ..Touched::default() };
    let mut out = Vec::new();
    project.tree.look(touched, project.now, &mut out);
    project.tell(out);
    assert_eq!(files(&project.path(".overlay/issues")), Vec::<String>::new());
}

#[test]
fn a_flood_of_strange_issues_is_bounded() {
    let mut project = Project::new(Keeping::Shared);
    for number in 0..MOST + 100 {
        let id = format!("k-{number}");
        let mut issue = issue("Flood", 10);
        issue["id"] = json!(id);
        project.hear_of(&id, snapshot(issue, 11));
    }
    project.save();
    assert_eq!(files(&project.path(".overlay/issues")).len(), MOST);
    assert_eq!(project.problems(), ["problem:project/.overlay/issues"], "and that is said");
    // What is here is heard all the same.
    let mut here = issue("Here", 0);
    here["id"] = json!("k-here");
    project.write("issues/k-here.json", &here);
    project.look();
    here["updated_at"] = json!(at(5).to_string());
    here["title"] = json!("Heard");
    project.hear_of("k-here", snapshot(here, 6));
    assert!(project.json().contains("\"Heard\""));
    let shown = {
        project.save();
        project.json()
    };
    assert_eq!(project.again(Keeping::Nothing).json(), shown, "a fresh process says the same");
}

#[test]
fn a_write_on_top_of_hearsay_keeps_the_rest_of_it_in_the_overlay() {
    let mut project = Project::new(Keeping::Shared);
    project.write("issues/k-1.json", &issue("Old", 0));
    project.look();
    project.hear(snapshot(issue("Heard", 10), 11));
    project.save();
    let mut own = issue("Old", 20);
    own["status"] = json!("closed");
    project.write("issues/k-1.json", &own);
    project.look();
    let card = project.card().unwrap();
    assert_eq!(
        (&card["title"], &card["status"], &card["heard"]["fields"]),
        (&json!("Heard"), &json!("closed"), &json!(["title"]))
    );
    project.save();
    let shown = project.json();
    assert_eq!(project.again(Keeping::Nothing).json(), shown);
}
