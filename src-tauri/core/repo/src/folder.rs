//! The issue files of one directory: what each said when it was read last, and what follows when that changes.
//!
//! Not here: when to look (`watch`, `tree`).
//!
//! Invariants:
//! - A file that cannot be read shows as HEAD has it, or not at all: never as it was before. So a fresh process and
//!   a long-running one agree.
//! - A file that was written a moment ago and does not parse is taken for half written; nothing is said of it yet.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::fs::DirEntry;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use hearsay_board::{Holder, Issue, Observation, Problem, ProblemCode, Source, Stage, SyntaxError};

use crate::committed::Committed;
use crate::file::{self, LARGEST, ObjectId, Stamp, Unread};
use crate::layout::Home;
use crate::problem;

/// How long after its last change a file that does not parse is taken for half written.
pub(crate) const PATIENCE: Duration = Duration::from_millis(600);

/// The issue files of one directory.
#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) home: Home,
    path: PathBuf,
    files: HashMap<Box<str>, Known>,
    /// Those of them that are links: another file's change may be theirs.
    links: BTreeSet<Box<str>>,
}

/// A file as it was read last.
#[derive(Debug)]
struct Known {
    /// `None` where the file went while it was read.
    stamp: Option<Stamp>,
    content: Content,
    has_problem: bool,
    /// Whether the system failed, which says nothing of the file: it may be read the next time.
    failed: bool,
}

#[derive(Debug)]
enum Content {
    Issue { blob: ObjectId, with_lf: Option<ObjectId> },
    Unreadable,
}

/// What reading one file came to.
#[derive(Debug)]
pub(crate) struct Look {
    name: Box<str>,
    found: Result<Found, Miss>,
}

#[derive(Debug)]
struct Found {
    stamp: Stamp,
    issue: Issue,
    blob: ObjectId,
    with_lf: Option<ObjectId>,
}

#[derive(Debug)]
enum Miss {
    Unread(Unread, Option<Stamp>),
    Syntax(SyntaxError, Stamp),
}

/// What taking in a file needs from around it.
pub(crate) struct Around<'a> {
    /// What HEAD has.
    pub(crate) committed: Option<&'a Committed>,
    /// The time that files' own times are compared with.
    pub(crate) now: SystemTime,
    /// Where to say what is so.
    pub(crate) out: &'a mut Vec<Observation>,
}

/// Whether a directory entry is an issue file at all: `issues/` holds notes for agents and passing files as well.
pub(crate) fn is_record(name: &str) -> bool {
    name.ends_with(".json") && !name.starts_with('.')
}

fn id(name: &str) -> &str {
    name.strip_suffix(".json").unwrap_or(name)
}

impl Folder {
    pub(crate) fn new(home: Home) -> Self {
        Self { path: home.issues(), home, files: HashMap::new(), links: BTreeSet::new() }
    }

    /// Where the directory stands in Git's tree; `None` where Git does not have it.
    pub(crate) fn tree(&self) -> Option<String> {
        (self.home.place.source == Source::Shared).then(|| self.home.shown_below("issues"))
    }

    /// Whether there is a file of the issue `id`, readable or not.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.files.contains_key(format!("{id}.json").as_str())
    }

    /// Whether `stamp` is that of the file `name` as it was read last.
    pub(crate) fn knows(&self, name: &str, stamp: &Stamp) -> bool {
        self.files.get(name).is_some_and(|known| known.stamp.as_ref() == Some(stamp))
    }

    /// The names that are links.
    pub(crate) fn links(&self) -> impl Iterator<Item = Box<str>> {
        self.links.iter().cloned()
    }

    /// Reads and parses one file. `bytes` is scratch space.
    pub(crate) fn look(&self, name: &str, bytes: &mut Vec<u8>) -> Look {
        let path = self.path.join(name);
        let found = match file::read(&path, &self.home.dir, bytes) {
            Ok(stamp) => match Issue::parse(bytes) {
                Ok(issue) => {
                    let (blob, with_lf) = (file::blob_id(bytes), file::blob_id_with_lf(bytes));
                    Ok(Found { stamp, issue, blob, with_lf })
                }
                Err(error) => Err(Miss::Syntax(error, stamp)),
            },
            Err(unread) => Err(Miss::Unread(unread, Stamp::at(&path).ok())),
        };
        Look { name: name.into(), found }
    }

    /// Takes in what reading a file came to. Answers `false` where it is to be read again: it may be half written.
    pub(crate) fn take(&mut self, look: Look, around: &mut Around<'_>) -> bool {
        let Look { name, found } = look;
        let failed = matches!(found, Err(Miss::Unread(Unread::Io(_), _)));
        let (stamp, problem) = match found {
            Ok(found) => {
                self.take_found(name, found, around);
                return true;
            }
            Err(Miss::Unread(unread, _)) if unread.is_absent() => {
                self.forget(&name, around.out);
                return true;
            }
            Err(Miss::Syntax(_, stamp)) if stamp.is_younger_than(PATIENCE, around.now) => return false,
            Err(Miss::Syntax(error, stamp)) => (Some(stamp), problem::syntax(&self.shown(&name), &error)),
            Err(Miss::Unread(unread, stamp)) => (stamp, problem::unread(&self.shown(&name), &unread)),
        };
        around.out.push(self.committed_version(&name, around.committed));
        let known = Known { stamp, content: Content::Unreadable, has_problem: true, failed };
        let old = self.know(&name, known);
        self.tell_problem(&name, old, Some(problem), around.out);
        true
    }

    fn take_found(&mut self, name: Box<str>, found: Found, around: &mut Around<'_>) {
        let Found { stamp, issue, blob, with_lf } = found;
        let known = Content::Issue { blob, with_lf };
        let stage = self.stage(&name, &known, around.committed);
        let stranger = issue.id.as_deref().filter(|inner| *inner != id(&name)).map(|inner| {
            problem::warning(
                ProblemCode::Identity,
                &self.shown(&name),
                format!("The file calls itself “{inner}”, its name says “{}”; the name counts.", id(&name)),
                Some("Rename the file, or mend the `id` in it."),
            )
        });
        let has_problem = stranger.is_some();
        let old = self.know(&name, Known { stamp: Some(stamp), content: known, has_problem, failed: false });
        self.tell_problem(&name, old, stranger, around.out);
        let content = file::short(&blob);
        let holder = Box::new(Holder { place: self.home.place.clone(), issue, content, stage });
        around.out.push(Observation::Issue { id: id(&name).into(), holder });
    }

    /// The Git name of what the file `name` holds, if it could be read.
    pub(crate) fn blob(&self, name: &str) -> Option<&ObjectId> {
        match &self.files.get(name)?.content {
            Content::Issue { blob, .. } => Some(blob),
            Content::Unreadable => None,
        }
    }

    fn know(&mut self, name: &str, known: Known) -> Option<Known> {
        if known.stamp.is_some_and(|stamp| stamp.is_link()) {
            self.links.insert(name.into());
        } else {
            self.links.remove(name);
        }
        self.files.insert(name.into(), known)
    }

    fn forget(&mut self, name: &str, out: &mut Vec<Observation>) {
        self.links.remove(name);
        if let Some(old) = self.files.remove(name) {
            self.tell_problem(name, Some(old), None, out);
            out.push(Observation::Gone { id: id(name).into(), place: self.home.place.clone() });
        }
    }

    fn tell_problem(
        &self,
        name: &str,
        old: Option<Known>,
        problem: Option<Problem>,
        out: &mut Vec<Observation>,
    ) {
        if problem.is_some() || old.is_some_and(|old| old.has_problem) {
            out.push(Observation::Problem { path: self.shown(name), problem: problem.map(Box::new) });
        }
    }

    /// Forgets every file.
    pub(crate) fn clear(&mut self, out: &mut Vec<Observation>) {
        let names: Vec<Box<str>> = self.files.keys().cloned().collect();
        for name in names {
            self.forget(&name, out);
        }
    }

    /// Says again how far `name` has come, after HEAD has moved.
    pub(crate) fn restage(&self, name: &str, committed: Option<&Committed>, out: &mut Vec<Observation>) {
        let Some(known) = self.files.get(name) else { return };
        out.push(match known.content {
            Content::Unreadable => self.committed_version(name, committed),
            Content::Issue { .. } => Observation::Stage {
                id: id(name).into(),
                place: self.home.place.clone(),
                stage: self.stage(name, &known.content, committed),
            },
        });
    }

    /// Says again how far every file has come, after Git has come or gone.
    pub(crate) fn restage_all(&self, committed: Option<&Committed>, out: &mut Vec<Observation>) {
        self.files.keys().for_each(|name| self.restage(name, committed, out));
    }

    fn stage(&self, name: &str, content: &Content, committed: Option<&Committed>) -> Stage {
        let head = self.tree().and_then(|tree| committed?.blob(&tree, name));
        match content {
            Content::Unreadable => Stage::Unreadable,
            Content::Issue { blob, with_lf }
                if head.is_some() && (head == Some(blob) || head == with_lf.as_ref()) =>
            {
                Stage::Committed
            }
            Content::Issue { .. } => Stage::Written,
        }
    }

    /// What to show of a file that cannot be read: what HEAD has of it, or nothing.
    fn committed_version(&self, name: &str, committed: Option<&Committed>) -> Observation {
        let (id, place) = (id(name).into(), self.home.place.clone());
        let path = self.tree().map(|tree| format!("{tree}/{name}"));
        let bytes = path.and_then(|path| committed?.read(&path, LARGEST));
        match bytes.and_then(|bytes| Some((file::short(&file::blob_id(&bytes)), Issue::parse(&bytes).ok()?)))
        {
            Some((content, issue)) => {
                let holder = Holder { place, issue, content, stage: Stage::Unreadable };
                Observation::Issue { id, holder: Box::new(holder) }
            }
            None => Observation::Gone { id, place },
        }
    }

    /// The names of files that the system could not read.
    pub(crate) fn failed(&self) -> impl Iterator<Item = Box<str>> {
        self.files.iter().filter(|(_, known)| known.failed).map(|(name, _)| name.clone())
    }

    /// Compares with the directory: the names of files that are new, other, or gone.
    pub(crate) fn compare(&self) -> Vec<Box<str>> {
        let (mut differing, mut seen) = (Vec::new(), 0);
        for entry in self.entries() {
            let name = entry.file_name();
            let Some(name) = name.to_str().filter(|name| is_record(name)) else { continue };
            let Some(known) = self.files.get(name) else {
                differing.push(name.into());
                continue;
            };
            seen += 1;
            let stamp = entry.metadata().ok().map(|metadata| Stamp::of(&metadata));
            if known.stamp != stamp {
                differing.push(name.into());
            }
        }
        if seen < self.files.len() {
            let there: HashSet<OsString> = self.entries().map(|entry| entry.file_name()).collect();
            differing.extend(self.files.keys().filter(|name| !there.contains(OsStr::new(&***name))).cloned());
        }
        differing
    }

    /// The directory's entries; none where it is not there, or may not be listed.
    fn entries(&self) -> impl Iterator<Item = DirEntry> + use<> {
        std::fs::read_dir(&self.path).into_iter().flatten().flatten()
    }

    fn shown(&self, name: &str) -> String {
        self.home.shown_below(&format!("issues/{name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hearsay_board::Place;

    #[test]
    fn a_file_that_the_system_could_not_read_is_looked_at_again_by_the_patrol() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("issues")).unwrap();
        std::fs::write(dir.path().join("issues/k-1.json"), "{}").unwrap();
        let place = Place { project: "k".into(), source: Source::Shared };
        let mut folder = Folder::new(Home { dir: dir.path().to_owned(), place, shown: "project".to_owned() });
        let (mut bytes, mut out) = (Vec::new(), Vec::new());
        let stamp = Stamp::at(&dir.path().join("issues/k-1.json")).ok();
        let exhausted = Unread::Io(std::io::Error::from_raw_os_error(24));
        let failed = Look { name: "k-1.json".into(), found: Err(Miss::Unread(exhausted, stamp)) };
        let now = SystemTime::now() + PATIENCE;
        folder.take(failed, &mut Around { committed: None, now, out: &mut out });
        assert_eq!(folder.compare(), Vec::<Box<str>>::new(), "the file is as it was");
        assert_eq!(folder.failed().collect::<Vec<_>>(), ["k-1.json".into()]);
        let look = folder.look("k-1.json", &mut bytes);
        folder.take(look, &mut Around { committed: None, now, out: &mut out });
        assert_eq!(folder.failed().count(), 0);
    }
}
