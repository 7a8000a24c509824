//! From any path to the repository it is in: its root, its Git, its configuration files.
//!
//! As Kanbus 0.41: the nearest `.kanbus.yml` upwards; else those found below the root of the working tree. Not here:
//! what the configurations say (`layout`).

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::error::RepoError;

/// The name of a configuration file.
pub(crate) const CONFIG: &str = ".kanbus.yml";
/// The name of the file whose keys override it.
pub(crate) const OVERRIDE: &str = ".kanbus.override.yml";

/// How deep below the root configurations are looked for, and in how many directories at the most.
const DEPTH: usize = 5;
const DIRECTORIES: usize = 20_000;

/// Directories in which no configuration is looked for: Kanbus's own list.
const PASSED_OVER: [&str; 11] = [
    ".git",
    ".mypy_cache",
    ".pytest_cache",
    ".venv",
    "__pycache__",
    "build",
    "dist",
    "node_modules",
    "project",
    "project-local",
    "target",
];

/// Where a repository lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// The root of the working tree; without Git the directory of the configuration.
    pub root: PathBuf,
    /// The directories that hold a `.kanbus.yml`, in the order of their paths.
    pub configs: Vec<PathBuf>,
    /// Whether they were looked for below the root, because there was none upwards: then more may come.
    pub(crate) searched: bool,
}

impl Repository {
    /// The same, with the configurations that there are below the root now, where that is how they were found.
    pub(crate) fn again(&self) -> Self {
        let found = if self.searched { below(&self.root) } else { Vec::new() };
        // Where none is left, the old ones say best what is missing.
        Self { configs: if found.is_empty() { self.configs.clone() } else { found }, ..self.clone() }
    }

    /// Directories in which a configuration may come to be, beside those that are there.
    pub(crate) fn nurseries(&self) -> BTreeSet<PathBuf> {
        let mut nurseries = BTreeSet::new();
        if self.searched {
            for directory in self.configs.iter().flat_map(|config| config.ancestors()) {
                if directory.starts_with(&self.root) && nurseries.insert(directory.to_owned()) {
                    nurseries.extend(searchable(directory));
                }
            }
        }
        nurseries
    }

    /// The text of the file `name` in the root; `None` where there is none that may be read.
    pub fn text(&self, name: &str) -> Option<String> {
        let mut bytes = Vec::new();
        crate::file::read(&self.root.join(name), &self.root, &mut bytes).ok()?;
        String::from_utf8(bytes).ok()
    }

    /// The name of the root directory.
    pub fn folder_name(&self) -> String {
        self.root
            .file_name()
            .map_or_else(|| "repository".to_owned(), |name| name.to_string_lossy().into_owned())
    }
}

/// Finds the repository that `path` is, or is inside of.
///
/// # Errors
/// Where there is nothing at `path`, or no configuration belongs to it.
pub fn discover(path: &Path) -> Result<Repository, RepoError> {
    let start = path.canonicalize().map_err(|source| match source.kind() {
        ErrorKind::NotFound => RepoError::NoSuchPath { path: path.to_owned(), source },
        _ => RepoError::Io { path: path.to_owned(), source },
    })?;
    let worktree = start.ancestors().find(|dir| dir.join(".git").exists());
    let upwards = start.ancestors().find(|dir| dir.join(CONFIG).is_file());
    // A configuration above the working tree belongs to somebody else's repository.
    let nearest = upwards.filter(|dir| worktree.is_none_or(|root| dir.starts_with(root)));
    let configs = match (nearest, worktree) {
        (Some(dir), _) => vec![dir.to_owned()],
        (None, Some(root)) => below(root),
        (None, None) => Vec::new(),
    };
    let Some(first) = configs.first() else { return Err(RepoError::NoConfig { path: path.to_owned() }) };
    Ok(Repository { root: worktree.unwrap_or(first).to_owned(), configs, searched: nearest.is_none() })
}

/// The directories in `dir` in which configurations are looked for. One we may not list holds none that we may read.
fn searchable(dir: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let searched = entries.filter(|entry| {
        entry.file_type().is_ok_and(|kind| kind.is_dir())
            && !PASSED_OVER.iter().any(|name| entry.file_name() == *name)
    });
    searched.map(|entry| entry.path())
}

/// Directories with a configuration below `root`, in the order of their paths. Links are not followed.
fn below(root: &Path) -> Vec<PathBuf> {
    let (mut found, mut waiting, mut seen) = (Vec::new(), vec![(root.to_owned(), 0)], 0);
    while let Some((dir, depth)) = waiting.pop() {
        seen += 1;
        if seen > DIRECTORIES {
            tracing::warn!(root = %root.display(), "too many directories; some are not searched for {CONFIG}");
            break;
        }
        if dir.join(CONFIG).is_file() {
            found.push(dir.clone());
        }
        if depth < DEPTH {
            waiting.extend(searchable(&dir).map(|dir| (dir, depth + 1)));
        }
    }
    found.sort();
    found
}
