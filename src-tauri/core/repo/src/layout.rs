//! Which projects a repository has and where their files lie, as its configurations say.
//!
//! Not here: the files themselves (`folder`, `events`).
//!
//! Invariants:
//! - Every directory that is named is inside the working tree, links resolved. What leads out is a problem.
//! - A configuration that cannot be read stands in for itself as HEAD has it, else as Kanbus's defaults: a fresh
//!   process and a long-running one agree on what the board is.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use hearsay_board::{Config, ConfigError, Place, Problem, ProblemCode, Source};

use crate::committed::Committed;
use crate::discovery::{CONFIG, OVERRIDE, Repository};
use crate::file::{self, LARGEST};
use crate::problem;

/// What the configurations of a repository come to.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Layout {
    root: PathBuf,
    pub(crate) name: String,
    pub(crate) projects: Vec<Project>,
    pub(crate) folders: Vec<Home>,
    /// Directories, there or awaited, whose own entries decide what this layout is.
    pub(crate) structure: BTreeSet<PathBuf>,
    pub(crate) problems: Vec<Problem>,
}

/// A project of the board.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Project {
    pub(crate) label: Arc<str>,
    pub(crate) name: String,
    pub(crate) config: Arc<Config>,
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
}

impl Layout {
    /// Reads the configurations of `repository`.
    pub(crate) fn read(repository: &Repository, committed: Option<&Committed>) -> Self {
        let (root, name) = (repository.root.clone(), repository.folder_name());
        let mut layout = Self { root, name, structure: repository.nurseries(), ..Self::default() };
        for dir in &repository.configs {
            layout.structure.insert(dir.clone());
            let config = layout.config(dir, committed);
            if repository.configs.len() == 1
                && let Some(name) = &config.name
            {
                layout.name.clone_from(name);
            }
            layout.add_projects(dir, Arc::new(config));
        }
        layout
    }

    fn config(&mut self, dir: &Path, committed: Option<&Committed>) -> Config {
        let (path, shown) = (dir.join(CONFIG), shown(&self.root, &dir.join(CONFIG)));
        let read = text(&path, &self.root).and_then(|text| {
            let overriding = optional_text(&dir.join(OVERRIDE), &self.root)?;
            Config::parse(&text, overriding.as_deref())
        });
        match read {
            Ok(config) => {
                self.problems.extend(what_is_odd(&shown, &config));
                config
            }
            Err(error) => {
                let before =
                    committed.and_then(|committed| committed.read(&shown, LARGEST)).and_then(|bytes| {
                        let text = String::from_utf8(bytes).ok()?;
                        Config::parse(&text, None).ok()
                    });
                self.problems.push(broken(&shown, &error, before.is_some()));
                before.unwrap_or_default()
            }
        }
    }

    fn add_projects(&mut self, dir: &Path, config: Arc<Config>) {
        let ignored: Vec<PathBuf> =
            config.ignore_paths.iter().filter_map(|path| dir.join(path).canonicalize().ok()).collect();
        let own = (config.project_key.clone(), config.project_directory.clone(), None);
        let further = config
            .virtual_projects
            .iter()
            .map(|project| (project.label.clone(), project.path.clone(), project.display_name.clone()));
        for (key, path, name) in std::iter::once(own).chain(further) {
            let label = self.free_label(&key, dir);
            let name = name.unwrap_or(key);
            self.projects.push(Project { label: label.clone(), name, config: config.clone() });
            self.add_homes(dir, &label, &path, &ignored);
        }
    }

    /// The label `key`; where another configuration has taken it, with the directory that this one stands in.
    fn free_label(&self, key: &str, dir: &Path) -> Arc<str> {
        let taken = self.projects.iter().any(|project| &*project.label == key);
        if taken { format!("{key}@{}", shown(&self.root, dir)).into() } else { key.into() }
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
                let local = home.parent().map(|parent| parent.join("project-local"));
                self.add_home(home, Place { project: label.clone(), source: Source::Shared });
                if let Some(local) = local.and_then(|local| local.canonicalize().ok()) {
                    self.add_home(local, Place { project: label.clone(), source: Source::Local });
                }
            }
            Err(_) => self.problems.push(problem::error(
                ProblemCode::Missing,
                &shown(&self.root, &wanted),
                format!("The directory of the project “{label}” is not there."),
                Some("Restore it with git, or make it with `kbs init`."),
            )),
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

fn text(path: &Path, within: &Path) -> Result<String, ConfigError> {
    let mut bytes = Vec::new();
    let said = |message: String| ConfigError { message, line: None, column: None };
    file::read(path, within, &mut bytes).map_err(|unread| said(problem::unread("", &unread).message))?;
    String::from_utf8(bytes).map_err(|error| {
        let at = hearsay_board::SyntaxError::not_utf8(error.as_bytes(), error.utf8_error().valid_up_to());
        ConfigError { message: "not UTF-8".to_owned(), line: Some(at.line), column: Some(at.column) }
    })
}

fn optional_text(path: &Path, within: &Path) -> Result<Option<String>, ConfigError> {
    if path.exists() { text(path, within).map(Some) } else { Ok(None) }
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

fn broken(path: &str, error: &ConfigError, committed: bool) -> Problem {
    let shown = if committed { "The committed version is used." } else { "Kanbus's defaults are used." };
    let message = format!("The configuration cannot be read: {}. {shown}", error.message);
    Problem {
        line: error.line,
        column: error.column,
        ..problem::error(ProblemCode::Config, path, message, Some("Mend it at that place, and save."))
    }
}

fn what_is_odd(path: &str, config: &Config) -> Option<Problem> {
    let unknown = config.unknown_keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
    if !config.faults.is_empty() {
        let faults = config.faults.join("; ");
        let also = if unknown.is_empty() { String::new() } else { format!("; not understood: {unknown}") };
        return Some(problem::warning(
            ProblemCode::Config,
            path,
            format!("Parts of the configuration cannot be used, defaults stand in: {faults}{also}."),
            None,
        ));
    }
    (!unknown.is_empty()).then(|| {
        let message = format!("The configuration has keys that are not understood: {unknown}.");
        problem::warning(
            ProblemCode::ConfigKeys,
            path,
            message,
            Some("Kanbus refuses keys that it does not know."),
        )
    })
}
