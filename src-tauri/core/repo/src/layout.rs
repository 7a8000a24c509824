//! Which projects a repository has and where their files lie, as its configurations say.
//!
//! Not here: reading a configuration (`configuration`), and the files of a project (`folder`, `events`).
//!
//! Invariant: every directory that is named is inside the working tree, links resolved. What leads out is a problem.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use hearsay_board::{Config, Place, Problem, ProblemCode, Source as Holds};

use crate::configuration::{Configuration, Source};
use crate::discovery::{CONFIG, Repository};
use crate::problem;

/// More projects than this no board shows, and a stranger's configuration can name any number.
const MOST_PROJECTS: usize = 256;

/// What the configurations of a repository come to.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Layout {
    root: PathBuf,
    pub(crate) name: String,
    pub(crate) projects: Vec<Project>,
    pub(crate) folders: Vec<Home>,
    /// Where the directories of projects are to be that are not there, by label.
    pub(crate) missing: BTreeMap<Arc<str>, PathBuf>,
    /// Directories, there or awaited, whose own entries decide what this layout is.
    pub(crate) structure: BTreeSet<PathBuf>,
    /// The files that it was read from.
    pub(crate) configs: BTreeSet<PathBuf>,
    pub(crate) problems: Vec<Problem>,
}

/// A project of the board.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Project {
    pub(crate) label: Arc<str>,
    pub(crate) name: String,
    pub(crate) config: Arc<Config>,
    /// What keeps its configuration from being read as it stands.
    pub(crate) broken: Option<Arc<str>>,
}

/// A directory with `issues/` and `events/` in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Home {
    pub(crate) place: Place,
    /// The directory, canonical.
    pub(crate) dir: PathBuf,
    /// The directory, relative to the root, with `/` between its parts.
    pub(crate) shown: String,
}

impl Home {
    pub(crate) fn issues(&self) -> PathBuf {
        self.dir.join("issues")
    }

    pub(crate) fn events(&self) -> PathBuf {
        self.dir.join("events")
    }

    /// How a path below this one is shown, which is also where it stands in Git's tree.
    pub(crate) fn shown_below(&self, path: &str) -> String {
        if self.shown == "." { path.to_owned() } else { format!("{}/{path}", self.shown) }
    }
}

impl Layout {
    /// Reads the configurations of `repository`. Answers also whether one of them may be half written.
    pub(crate) fn read(repository: &Repository, source: Source<'_>) -> (Self, bool) {
        let (root, name) = (repository.root.clone(), repository.folder_name());
        let mut layout = Self { root, name, structure: repository.nurseries(), ..Self::default() };
        let mut torn = false;
        for dir in &repository.configs {
            layout.structure.insert(dir.clone());
            let read = Configuration::read(dir, &shown(&layout.root, &dir.join(CONFIG)), source);
            torn |= read.torn;
            layout.problems.extend(read.problems);
            for file in &read.files {
                layout.structure.extend(file.parent().map(Path::to_owned));
            }
            layout.configs.extend(read.files);
            if repository.configs.len() == 1
                && let Some(name) = &read.config.name
            {
                layout.name.clone_from(name);
            }
            layout.add_projects(dir, Arc::new(read.config), read.broken);
        }
        (layout, torn)
    }

    fn add_projects(&mut self, dir: &Path, config: Arc<Config>, broken: Option<Arc<str>>) {
        let ignored: Vec<PathBuf> =
            config.ignore_paths.iter().filter_map(|path| dir.join(path).canonicalize().ok()).collect();
        let own = (config.project_key.clone(), config.project_directory.clone(), None);
        let further = config
            .virtual_projects
            .iter()
            .map(|project| (project.label.clone(), project.path.clone(), project.display_name.clone()));
        if config.virtual_projects.len() > MOST_PROJECTS {
            let message = format!("Only the first {MOST_PROJECTS} virtual projects are shown.");
            let path = shown(&self.root, &dir.join(CONFIG));
            self.problems.push(problem::error(ProblemCode::Config, &path, message, None));
        }
        for (key, path, name) in std::iter::once(own).chain(further.take(MOST_PROJECTS)) {
            let label = self.free_label(&key, dir);
            let name = name.unwrap_or(key);
            let project =
                Project { label: label.clone(), name, config: config.clone(), broken: broken.clone() };
            self.projects.push(project);
            self.add_homes(dir, &label, &path, &ignored);
        }
    }

    /// The label `key`; where that is taken, with the directory of its configuration, and a number if need be.
    fn free_label(&self, key: &str, dir: &Path) -> Arc<str> {
        let taken = |label: &str| self.projects.iter().any(|project| &*project.label == label);
        let with_dir = format!("{key}@{}", shown(&self.root, dir));
        let numbered = (2..).map(|number| format!("{with_dir}#{number}"));
        let mut labels = [key.to_owned(), with_dir.clone()].into_iter().chain(numbered);
        labels.find(|label| !taken(label)).unwrap_or(with_dir).into()
    }

    fn add_homes(&mut self, dir: &Path, label: &Arc<str>, path: &str, ignored: &[PathBuf]) {
        let wanted = normal(&dir.join(path));
        if !wanted.starts_with(&self.root) {
            return self.problems.push(leads_out(path, label));
        }
        self.watch_down_to(&wanted);
        match wanted.canonicalize() {
            Ok(home) if ignored.contains(&home) => {}
            Ok(home) if !home.starts_with(&self.root) => self.problems.push(leads_out(path, label)),
            Ok(home) => {
                self.watch_down_to(&home);
                let local = home.parent().map(|parent| parent.join("project-local"));
                self.add_home(home, Place { project: label.clone(), source: Holds::Shared });
                if let Some(local) = local.and_then(|local| local.canonicalize().ok()) {
                    self.add_home(local, Place { project: label.clone(), source: Holds::Local });
                }
            }
            Err(_) => {
                self.problems.push(problem::error(
                    ProblemCode::Missing,
                    &shown(&self.root, &wanted),
                    format!("The directory of the project “{label}” is not there."),
                    Some("Restore it with git, or make it with `kbs init`."),
                ));
                self.missing.insert(label.clone(), wanted);
            }
        }
    }

    fn add_home(&mut self, dir: PathBuf, place: Place) {
        let escapes = |part: &str| dir.join(part).canonicalize().is_ok_and(|part| !part.starts_with(&dir));
        let shown = shown(&self.root, &dir);
        for part in ["issues", "events"] {
            if escapes(part) || !dir.starts_with(&self.root) {
                return self.problems.push(leads_out(&format!("{shown}/{part}"), &place.project));
            }
        }
        if self.folders.iter().any(|home| home.dir == dir) {
            return;
        }
        self.structure.insert(dir.clone());
        self.problems.extend(unlistable(&dir.join("events"), &format!("{shown}/events")));
        match unlistable(&dir.join("issues"), &format!("{shown}/issues")) {
            Some(problem) => self.problems.push(problem),
            None => self.folders.push(Home { place, dir, shown }),
        }
    }

    /// Every directory from the root down to `wanted`: one that is missing may come.
    fn watch_down_to(&mut self, wanted: &Path) {
        let inside = wanted.ancestors().take_while(|dir| dir.starts_with(&self.root));
        self.structure.extend(inside.map(Path::to_owned));
    }
}

/// Says that the directory at `path` may not be listed, if that is so.
fn unlistable(path: &Path, shown: &str) -> Option<Problem> {
    let error = std::fs::read_dir(path).err().filter(|error| error.kind() != ErrorKind::NotFound)?;
    let hint = Some("Check who owns it and its mode.");
    Some(problem::error(
        ProblemCode::Permission,
        shown,
        format!("The directory cannot be listed: {error}."),
        hint,
    ))
}

/// `path` without `.` and `..`, as far as can be said without looking.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(normal.pop()),
            part => normal.push(part),
        }
    }
    normal
}

/// `path` relative to `root`, with `/` between its parts; the whole path where it is not inside.
pub(crate) fn shown(root: &Path, path: &Path) -> String {
    let parts = path.strip_prefix(root).unwrap_or(path).components();
    let parts: Vec<_> = parts.map(|part| part.as_os_str().to_string_lossy()).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

fn leads_out(path: &str, label: &str) -> Problem {
    problem::error(
        ProblemCode::Outside,
        path,
        format!("The project “{label}” lies outside of this working tree; nothing is read there."),
        Some("Open the repository that it is in."),
    )
}
