//! What writing promises, on real directories.

mod crowd;
mod kanbus;
mod killed;
mod plain;
mod together;
mod trouble;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use hearsay_board::{Place, Source};
use serde_json::{Value, json};

use super::*;

/// A moment, because what other tests start holds copies of our descriptors until it runs.
const QUICK: Manner =
    Manner { patience: Duration::from_secs(1), git_patience: Duration::ZERO, anyway: false };
const PATIENT: Manner =
    Manner { patience: Duration::from_secs(60), git_patience: Duration::ZERO, anyway: false };

/// How often something is tried: as `usual`, or in a soak `long`.
fn count(usual: usize, long: usize) -> usize {
    if std::env::var("HEARSAY_COUNTS").is_ok_and(|counts| counts == "soak") { long } else { usual }
}

/// A project on a disk, with one writer.
struct Project {
    dir: tempfile::TempDir,
    writer: Writer,
}

fn place(source: Source) -> Place {
    Place { project: "k".into(), source }
}

fn writer(root: &Path) -> Writer {
    Writer::new(crate::discover(root).unwrap(), SystemTime::now)
}

impl Project {
    fn new() -> Self {
        Self::at(tempfile::tempdir().unwrap())
    }

    /// Where nothing is ever synced, for tests that write thousands of times.
    fn in_memory() -> Self {
        let memory = Path::new("/dev/shm");
        Self::at(if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap())
    }

    fn at(dir: tempfile::TempDir) -> Self {
        std::fs::write(dir.path().join(".kanbus.yml"), "project_key: k\n").unwrap();
        for part in ["project/issues", "project/events"] {
            std::fs::create_dir_all(dir.path().join(part)).unwrap();
        }
        Self { writer: writer(dir.path()), dir }
    }

    fn with(issues: &[(Source, &str)]) -> Self {
        Self::in_memory().and(issues)
    }

    fn and(self, issues: &[(Source, &str)]) -> Self {
        for (source, id) in issues {
            self.append(*source, id, &format!("{id}-made")).unwrap();
        }
        self
    }

    fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    fn file(&self, source: Source, id: &str) -> PathBuf {
        self.home(source).join("issues").join(format!("{id}.json"))
    }

    fn home(&self, source: Source) -> PathBuf {
        self.path(if source == Source::Shared { "project" } else { "project-local" })
    }

    fn append(&self, source: Source, id: &str, mark: &str) -> Result<Written, WriteError> {
        append(&self.writer, (source, id), mark, QUICK)
    }

    /// The next write that takes the lock of `id`.
    fn touch(&self, id: &str) {
        let target = Target { place: &place(Source::Shared), id };
        let kept = self.writer.write(target, QUICK, |_| Ok::<_, WriteError>(Change::Keep));
        kept.unwrap();
    }

    /// The marks in the issue's file; `None` where there is none.
    fn marks(&self, source: Source, id: &str) -> Option<Vec<String>> {
        std::fs::read(self.file(source, id)).ok().map(|bytes| marks(&bytes))
    }

    /// The marks of the issue's events there.
    fn told(&self, source: Source, id: &str) -> BTreeSet<String> {
        let mut told = BTreeSet::new();
        for entry in std::fs::read_dir(self.home(source).join("events")).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|end| end == "json") {
                let event: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
                if event["issue_id"] == id {
                    told.insert(event["event_id"].as_str().unwrap().to_owned());
                }
            }
        }
        told
    }

    /// Every name that is nobody's record, lock files apart.
    fn left(&self) -> Vec<PathBuf> {
        let homes = [Source::Shared, Source::Local].map(|source| self.home(source));
        let parts = homes.iter().flat_map(|home| [home.join("issues"), home.join("events")]);
        let entries = parts.flat_map(|part| std::fs::read_dir(part).into_iter().flatten().flatten());
        let paths = entries.map(|entry| entry.path());
        paths.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with('.')).collect()
    }

    /// Every file, and what it holds.
    fn everything(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let (mut all, mut waiting) = (Vec::new(), vec![self.dir.path().to_owned()]);
        while let Some(directory) = waiting.pop() {
            for entry in std::fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true if path.ends_with("locks") => {}
                    true => waiting.push(path),
                    false => all.push((path.clone(), std::fs::read(path).unwrap())),
                }
            }
        }
        all.sort();
        all
    }
}

fn marks(bytes: &[u8]) -> Vec<String> {
    let issue: Value = serde_json::from_slice(bytes).unwrap();
    let marks = issue["custom"]["marks"].as_array().unwrap().iter();
    marks.map(|mark| mark.as_str().unwrap().to_owned()).collect()
}

fn event(id: &str, mark: &str, kind: &str) -> EventFile {
    let event = json!({
        "schema_version": 1, "event_id": mark, "issue_id": id, "event_type": kind,
        "occurred_at": "2026-01-01T00:00:00.000000Z", "actor_id": "somebody", "payload": {},
    });
    EventFile {
        name: format!("2026-01-01T00-00-00.000000Z__{mark}.json"),
        bytes: serde_json::to_vec_pretty(&event).unwrap(),
    }
}

/// The issue with one more mark, at a time that no other write has.
fn marked(bytes: Option<&[u8]>, id: &str, mark: &str) -> Vec<u8> {
    let fresh = || {
        json!({
            "id": id, "title": format!("About {id}"), "description": "", "type": "task", "status": "open",
            "priority": 2, "assignee": null, "creator": null, "parent": null, "labels": [], "dependencies": [],
            "comments": [], "created_at": "2026-01-01T00:00:00.000000Z",
            "updated_at": "2026-01-01T00:00:00.000000Z", "closed_at": null, "custom": {"marks": []},
        })
    };
    let mut issue = bytes.map_or_else(fresh, |bytes| serde_json::from_slice(bytes).unwrap());
    issue["custom"]["marks"].as_array_mut().unwrap().push(mark.into());
    let now = jiff::Timestamp::now();
    issue["updated_at"] = format!("{now:.9}").into();
    serde_json::to_vec_pretty(&issue).unwrap()
}

/// Adds `mark` to the issue's file, with an event that tells of it.
fn append(writer: &Writer, issue: (Source, &str), mark: &str, manner: Manner) -> Result<Written, WriteError> {
    let (source, id) = issue;
    writer.write(Target { place: &place(source), id }, manner, |current| {
        let bytes = marked(current.map(|current| &*current.bytes), id, mark);
        Ok(Change::Write { bytes, events: vec![event(id, mark, "field_updated")] })
    })
}
