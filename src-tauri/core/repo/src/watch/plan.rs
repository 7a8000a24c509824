//! Which directories are watched, and what a change in each of them touches.
//!
//! Not here: watching them (`watch`), looking at what is touched (`tree`).

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use notify::RecursiveMode;

use crate::committed::{Committed, INDEX_LOCK};
use crate::discovery::{CONFIG, OVERRIDE};
use crate::folder::is_record;
use crate::touched::Touched;
use crate::tree::WorkingTree;

/// The file that says what Git passes over.
const IGNORED: &str = ".gitignore";

/// What a change in a watched directory touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Issues(usize),
    Events(usize),
    /// Entries of the overlay.
    Entries(usize),
    /// What is heard of leases, and so is what is below.
    Leases(usize),
    /// On the way to those.
    Overlay,
    Structure,
    Git,
    /// Git's, and so is what is below.
    GitBelow,
    /// Where there may be a Git before long: which of the files that it is made of comes last, nobody knows.
    GitInTheMaking,
}

impl Role {
    fn counts_below(&self) -> bool {
        matches!(self, Self::GitBelow | Self::Leases(_))
    }
}

/// The directories that matter, there or awaited.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Whether a new directory may hold a configuration.
    searched: bool,
    configs: BTreeSet<PathBuf>,
    roles: HashMap<PathBuf, Vec<Role>>,
}

impl Plan {
    /// The plan for `tree` as it is laid out now.
    pub(super) fn of(tree: &WorkingTree) -> Self {
        let configs = tree.configs().clone();
        let mut plan = Self { searched: tree.repository().searched, configs, roles: HashMap::new() };
        let mut add = |path: PathBuf, role| plan.roles.entry(path).or_default().push(role);
        for directory in tree.structure() {
            add(directory.clone(), Role::Structure);
        }
        for (index, (issues, events)) in tree.homes().enumerate() {
            add(issues, Role::Issues(index));
            add(events, Role::Events(index));
        }
        for (index, directory, entries) in tree.overlays() {
            add(directory, if entries { Role::Entries(index) } else { Role::Overlay });
        }
        for (index, directory) in tree.coordination() {
            add(directory, Role::Leases(index));
        }
        for (directory, below) in tree.git_directories() {
            let role = match (tree.has_git(), below) {
                (false, _) => Role::GitInTheMaking,
                (true, true) => Role::GitBelow,
                (true, false) => Role::Git,
            };
            add(directory, role);
        }
        plan
    }

    /// The directories to watch, there or not, each behind those it lies in.
    pub(super) fn watches(&self) -> Vec<(&Path, RecursiveMode)> {
        let mode = |roles: &[Role]| match roles.iter().any(Role::counts_below) {
            true => RecursiveMode::Recursive,
            false => RecursiveMode::NonRecursive,
        };
        let mut watches: Vec<_> =
            self.roles.iter().map(|(path, roles)| (path.as_path(), mode(roles))).collect();
        watches.sort_unstable_by_key(|(path, _)| *path);
        watches
    }

    /// Adds to `touched` what a change at `path` touches.
    pub(super) fn classify(&self, path: &Path, touched: &mut Touched) {
        // An event of a watched directory itself: it went, or its mode changed.
        if let Some(roles) = self.roles.get(path) {
            touched.structure |=
                roles.iter().any(|role| !matches!(role, Role::Git | Role::GitBelow | Role::GitInTheMaking));
        }
        touched.config |= self.configs.contains(path);
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return };
        for (depth, directory) in path.ancestors().skip(1).enumerate() {
            for role in self.roles.get(directory).into_iter().flatten() {
                match role {
                    Role::GitBelow => touched.git |= Committed::concerns(name),
                    Role::Leases(index) => {
                        touched.leases.insert(*index);
                    }
                    _ if depth > 0 => {}
                    Role::Entries(index) if is_record(name) => {
                        touched.entries.insert((*index, name.strip_suffix(".json").unwrap_or(name).into()));
                    }
                    Role::Entries(_) => {}
                    Role::Overlay => touched.structure |= self.leads_to_watched(path),
                    Role::Issues(index) if is_record(name) => {
                        touched.issues.insert((*index, name.into()));
                    }
                    Role::Events(index) if is_record(name) => {
                        touched.events.insert((*index, name.into()));
                    }
                    Role::Issues(_) | Role::Events(_) => {}
                    Role::Structure => {
                        touched.config |= matches!(name, CONFIG | OVERRIDE | IGNORED);
                        touched.structure |= self.is_structural(path, name);
                    }
                    Role::GitInTheMaking => touched.git = true,
                    Role::Git => {
                        touched.index_held |= name == INDEX_LOCK;
                        touched.git |= Committed::concerns(name);
                        touched.structure |= self.leads_to_watched(path);
                    }
                }
            }
        }
    }

    /// Whether an entry of a directory that holds projects can change where the projects lie: a directory on the way
    /// to one that is watched or awaited.
    fn is_structural(&self, path: &Path, name: &str) -> bool {
        matches!(name, "project-local" | "issues" | "events" | ".git")
            || self.leads_to_watched(path)
            || (self.searched && path.is_dir())
    }

    /// Whether a directory that is watched or awaited is, or lies below, `path`: there may be another one now.
    fn leads_to_watched(&self, path: &Path) -> bool {
        self.roles.keys().any(|directory| directory.starts_with(path))
    }
}
