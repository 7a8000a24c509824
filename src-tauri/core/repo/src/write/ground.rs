//! The directories of one project: that of its shared issues, and `project-local` beside it.
//!
//! Not here: what the configurations say (`layout`), what is done in the directories (`stage`).
//!
//! Invariants:
//! - Every directory is inside the working tree, and inside the home that it belongs to.
//! - The configurations are read again when any of them has changed, and not otherwise: a write costs what it writes.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use hearsay_board::{Severity, Source};

use super::directory::Directory;
use crate::committed::Committed;
use crate::configuration;
use crate::discovery::{CONFIG, OVERRIDE, Repository};
use crate::error::WriteError;
use crate::file::Stamp;
use crate::layout::{self, Layout};

/// The name of the directory of private issues.
const LOCAL: &str = "project-local";
/// The directory of Kanbus's locks, in that of the shared issues.
const LOCKS: [&str; 2] = [".overlay", "locks"];
/// How long ago a configuration must have changed that its next change shows in its stamp.
const SETTLED: Duration = Duration::from_millis(20);
/// The file that says what Git passes over.
const IGNORED: &str = ".gitignore";
const ISSUES: &str = "issues";
const EVENTS: &str = "events";

/// Where the issues of a project lie.
#[derive(Debug, Clone)]
pub(super) struct Ground {
    root: PathBuf,
    shared: PathBuf,
    local: PathBuf,
    /// What keeps its configuration from being read as it stands.
    broken: Option<Arc<str>>,
}

/// The directories of one of the two.
#[derive(Debug)]
pub(super) struct Home {
    pub(super) issues: Option<Directory>,
    pub(super) events: Option<Directory>,
}

/// Where the issues of the projects of a repository lie, as far as that was asked for.
#[derive(Debug, Default)]
pub(super) struct Grounds {
    known: Mutex<HashMap<String, Known>>,
}

#[derive(Debug)]
struct Known {
    ground: Ground,
    /// The configurations, there or not, that it was found by.
    by: Vec<(PathBuf, Option<Stamp>)>,
}

impl Known {
    /// Whether another look would find the same.
    fn holds(&self) -> bool {
        self.by.iter().all(|(path, stamp)| Stamp::at(path).ok() == *stamp)
            && self.ground.shared.canonicalize().is_ok_and(|real| real == self.ground.shared)
    }
}

impl Grounds {
    /// That of the project `label` of `repository`, as the configurations say now.
    pub(super) fn find(
        &self,
        repository: &Repository,
        label: &str,
        now: SystemTime,
    ) -> Result<Ground, WriteError> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known().get(label).filter(|known| known.holds()) {
            return Ok(known.ground.clone());
        }
        let repository = repository.again();
        let files = repository.configs.iter().flat_map(|dir| [CONFIG, OVERRIDE].map(|name| dir.join(name)));
        let by: Vec<_> = files.map(|path| (path.clone(), Stamp::at(&path).ok())).collect();
        let (ground, is_sure) = Ground::read(&repository, label, now)?;
        // A link says nothing of what it leads to, and what changed a moment ago may change again unseen.
        let is_firm = |stamp: &Stamp| !stamp.is_link() && !stamp.is_younger_than(SETTLED, now);
        if is_sure && by.iter().filter_map(|(_, stamp)| stamp.as_ref()).all(is_firm) {
            known().insert(label.to_owned(), Known { ground: ground.clone(), by });
        }
        Ok(ground)
    }
}

impl Ground {
    /// Of the project `label`. Answers also whether it follows from the configurations as they are, and nothing else.
    fn read(repository: &Repository, label: &str, now: SystemTime) -> Result<(Self, bool), WriteError> {
        let committed = Committed::open(&repository.root).ok();
        let source = configuration::Source { root: &repository.root, committed: committed.as_ref(), now };
        let (layout, torn) = Layout::read(repository, source);
        let dir = |source| {
            let mut homes = layout.folders.iter();
            let home = homes.find(|home| &*home.place.project == label && home.place.source == source);
            home.map(|home| home.dir.clone())
        };
        let no_such = || match layout.missing.get(label) {
            Some(path) => WriteError::Gone { path: path.clone() },
            None => WriteError::NotFound { id: label.to_owned() },
        };
        let shared = dir(Source::Shared).ok_or_else(no_such)?;
        let beside = shared.parent().filter(|parent| parent.starts_with(&repository.root));
        let beside = beside.map(|parent| parent.join(LOCAL));
        let local = dir(Source::Local).or_else(|| beside.clone()).ok_or_else(no_such)?;
        let project = layout.projects.iter().find(|project| &*project.label == label);
        let broken = project.and_then(|project| project.broken.clone());
        let is_whole = layout.problems.iter().all(|problem| problem.severity != Severity::Error);
        let is_sure = !torn && is_whole && Some(&local) == beside.as_ref();
        Ok((Self { root: repository.root.clone(), shared, local, broken }, is_sure))
    }

    /// Whether the configuration can be read as it stands: where not, nobody knows what it refuses.
    pub(super) fn stands(&self) -> Result<(), WriteError> {
        self.broken.clone().map_or(Ok(()), |why| Err(WriteError::BrokenConfig { why }))
    }

    /// The directory of the shared project.
    pub(super) fn shared(&self) -> &Path {
        &self.shared
    }

    /// Both directories of `source`, as far as they are there.
    pub(super) fn open(&self, source: Source) -> Result<Home, WriteError> {
        Ok(Home { issues: self.part(source, ISSUES, false)?, events: self.part(source, EVENTS, false)? })
    }

    /// The directory of the issues of `source`, made where there is none.
    pub(super) fn issues(&self, source: Source) -> Result<Directory, WriteError> {
        self.part(source, ISSUES, true)?.ok_or_else(|| self.gone(source))
    }

    /// The directory of their events, made where there is none.
    pub(super) fn events(&self, source: Source) -> Result<Directory, WriteError> {
        self.part(source, EVENTS, true)?.ok_or_else(|| self.gone(source))
    }

    /// That the directory of `source` is no longer there.
    pub(super) fn gone(&self, source: Source) -> WriteError {
        WriteError::Gone { path: self.home(source).to_owned() }
    }

    /// The directory of the locks of both.
    pub(super) fn locks(&self) -> Result<Directory, WriteError> {
        let gone = || self.gone(Source::Shared);
        let home = Directory::open(&self.shared)?.ok_or_else(gone)?;
        home.below(&LOCKS.iter().collect::<PathBuf>(), true)?.ok_or_else(gone)
    }

    /// Where the events of `source` lie, and the directory that no link may lead out of.
    pub(super) fn events_path(&self, source: Source) -> (PathBuf, &Path) {
        (self.home(source).join(EVENTS), self.home(source))
    }

    /// The path of an issue file as it is shown: relative to the root, with `/` between its parts.
    pub(super) fn shown(&self, source: Source, id: &str) -> String {
        layout::shown(&self.root, &self.home(source).join(ISSUES).join(format!("{id}.json")))
    }

    fn home(&self, source: Source) -> &Path {
        match source {
            Source::Shared => &self.shared,
            Source::Local => &self.local,
        }
    }

    fn part(&self, source: Source, name: &str, make: bool) -> Result<Option<Directory>, WriteError> {
        let path = self.home(source);
        let home = match Directory::open(path)? {
            Some(home) => home,
            None if make && source == Source::Local => self.make_local()?,
            None if make => return Err(self.gone(source)),
            None => return Ok(None),
        };
        // A link that stays inside the project's own directory is what the project says.
        let real = path.join(name).canonicalize().unwrap_or_else(|_| path.join(name));
        let elsewhere = || WriteError::NotADirectory { path: path.join(name) };
        let way = real.strip_prefix(path).ok().ok_or_else(elsewhere)?;
        home.below(way, make)
    }

    /// Makes the directory of private issues, once Git passes it over: as Kanbus does.
    fn make_local(&self) -> Result<Directory, WriteError> {
        let gone = || self.gone(Source::Local);
        let parent = Directory::open(self.local.parent().ok_or_else(gone)?)?.ok_or_else(gone)?;
        let shown = layout::shown(&self.root, &self.local);
        let committed = Committed::open(&self.root).ok();
        if committed.is_some_and(|committed| !committed.ignores(&shown)) {
            let there = parent.read(IGNORED)?;
            let mode = there.as_ref().map(|there| there.mode);
            let mut text = there.map(|there| there.bytes).unwrap_or_default();
            if text.last().is_some_and(|last| *last != b'\n') {
                text.push(b'\n');
            }
            text.extend_from_slice(format!("{LOCAL}/\n").as_bytes());
            let passing = format!(".{LOCAL}{IGNORED}.tmp");
            parent.remove(&passing)?;
            parent.create(&passing, &text, mode)?;
            parent.rename(&passing, &parent, IGNORED)?;
        }
        parent.down(LOCAL, true)?.ok_or_else(gone)
    }
}
