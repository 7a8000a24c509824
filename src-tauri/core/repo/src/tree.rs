//! The working tree as it was read last, and the observations that follow when parts of it are looked at again.
//!
//! Not here: when to look, which is the watcher's (`watch`), and threads other than those that read many files at
//! once.
//!
//! Invariants:
//! - Looking at what did not change says nothing new; looking at too much is only slow.
//! - After looking at everything that changed, the observations so far amount to those of a fresh [`WorkingTree`].

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::SystemTime;

use hearsay_board::{GitState, Observation, Problem, ProblemCode};

use crate::committed::Committed;
use crate::discovery::Repository;
use crate::events::EventLog;
use crate::folder::{Around, Folder};
use crate::layout::{Layout, Project};
use crate::parallel;
use crate::problem;

/// Hears how many issue files are read, and of how many.
pub type Progress<'a> = &'a (dyn Fn(usize, usize) + Sync);

/// Where the problems that are about Git as a whole are shown.
const GIT: &str = ".git";

/// A working tree as it was read last.
pub struct WorkingTree {
    repository: Repository,
    committed: Option<Committed>,
    layout: Layout,
    homes: Vec<(Folder, EventLog)>,
}

impl std::fmt::Debug for WorkingTree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WorkingTree").field("repository", &self.repository).finish_non_exhaustive()
    }
}

/// What is to be looked at again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// Issue files: the index of their directory, and their name.
    pub(crate) issues: BTreeSet<(usize, Box<str>)>,
    /// Event files, likewise.
    pub(crate) events: BTreeSet<(usize, Box<str>)>,
    /// A configuration, or a directory that holds projects.
    pub(crate) structure: bool,
    /// HEAD, a branch, an operation of Git's.
    pub(crate) git: bool,
    /// Everything, by comparing with what the directories say; why.
    pub(crate) compare: Option<&'static str>,
}

impl Touched {
    /// Everything, because of `cause`.
    pub fn everything(cause: &'static str) -> Self {
        Self { git: true, compare: Some(cause), ..Self::default() }
    }

    /// Whether there is nothing to look at.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// How many of the files named here are not named in `other`.
    pub(crate) fn unnamed_in(&self, other: &Self) -> usize {
        self.issues.difference(&other.issues).count() + self.events.difference(&other.events).count()
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.issues.extend(other.issues);
        self.events.extend(other.events);
        self.structure |= other.structure;
        self.git |= other.git;
        self.compare = self.compare.or(other.compare);
    }
}

impl WorkingTree {
    /// Reads where Git stands and the configurations of `repository`, and nothing else yet.
    pub fn new(repository: Repository) -> (Self, Vec<Observation>) {
        let mut tree = Self { repository, committed: None, layout: Layout::default(), homes: Vec::new() };
        let mut out = Vec::new();
        tree.look_at_git(&mut out);
        tree.lay_out_again(&mut out);
        (tree, out)
    }

    /// Where the repository lies.
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// Reads every issue file and the newest events. Answers what is to be looked at again: it may be half written.
    pub fn load(&mut self, now: SystemTime, progress: Progress<'_>, out: &mut Vec<Observation>) -> Touched {
        let differing = self.differing_issues();
        let mut torn = self.read_issues(differing, now, progress, out);
        torn.events = self.list_events(now, out);
        torn
    }

    /// Looks again at what was touched. Answers what is to be looked at once more, in a moment; its `structure` says
    /// that other directories matter now than before.
    pub fn look(&mut self, touched: Touched, now: SystemTime, out: &mut Vec<Observation>) -> Touched {
        let mut touched = touched;
        let git = (touched.git || touched.structure) && self.look_at_git(out);
        // Where a configuration is broken, HEAD's version stands in for it.
        let other = (touched.structure || git) && self.lay_out_again(out);
        if touched.structure || other {
            touched.issues.clear();
            touched.events.clear();
            touched.compare = touched.compare.or(Some("structure"));
        }
        let mut torn = Touched::default();
        if touched.compare.is_some() {
            touched.issues.append(&mut self.differing_issues());
            torn.events = self.list_events(now, out);
        }
        torn.issues = self.read_issues(touched.issues, now, &|_, _| (), out).issues;
        torn.events.extend(self.read_events(&touched.events, now, out));
        torn.structure = other;
        torn
    }

    /// Compares with what the directories say, and names what differs. Costs a `stat` for every issue file.
    pub(crate) fn compare(&mut self) -> Touched {
        let mut found = Touched { issues: self.differing_issues(), ..Touched::default() };
        for (index, (_, events)) in self.homes.iter_mut().enumerate() {
            found.events.extend(events.compare().into_iter().map(|name| (index, name)));
        }
        found
    }

    fn differing_issues(&self) -> BTreeSet<(usize, Box<str>)> {
        let homes = self.homes.iter().enumerate();
        homes
            .flat_map(|(index, (folder, _))| folder.compare().into_iter().map(move |name| (index, name)))
            .collect()
    }

    fn list_events(&mut self, now: SystemTime, out: &mut Vec<Observation>) -> BTreeSet<(usize, Box<str>)> {
        let mut torn = BTreeSet::new();
        for (index, (_, events)) in self.homes.iter_mut().enumerate() {
            torn.extend(events.list_again(now, out).into_iter().map(|name| (index, name)));
        }
        torn
    }

    /// How many issue files are known.
    pub fn len(&self) -> usize {
        self.homes.iter().map(|(folder, _)| folder.len()).sum()
    }

    /// Whether no issue file is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Directories whose own entries decide which projects there are.
    pub(crate) fn structure(&self) -> &BTreeSet<PathBuf> {
        &self.layout.structure
    }

    /// Directories of issues and of events, by index.
    pub(crate) fn homes(&self) -> impl Iterator<Item = (PathBuf, PathBuf)> {
        self.layout.folders.iter().map(|home| (home.issues(), home.events()))
    }

    /// Directories in which Git keeps what matters here, and whether what is below them counts.
    pub(crate) fn git_directories(&self) -> Vec<(PathBuf, bool)> {
        match &self.committed {
            Some(committed) => committed.watched(),
            // A repository that is being made is not one yet.
            None => vec![(self.repository.root.join(GIT), false)],
        }
    }

    fn read_issues(
        &mut self,
        names: BTreeSet<(usize, Box<str>)>,
        now: SystemTime,
        progress: Progress<'_>,
        out: &mut Vec<Observation>,
    ) -> Touched {
        let mut names = names;
        for (index, (folder, _)) in self.homes.iter().enumerate() {
            if names.iter().any(|(at, _)| *at == index) {
                names.extend(folder.links().map(|name| (index, name)));
            }
        }
        let names: Vec<(usize, Box<str>)> =
            names.into_iter().filter(|(index, _)| *index < self.homes.len()).collect();
        let total = names.len();
        let homes = &self.homes;
        let look = |(index, name): &(usize, Box<str>), bytes: &mut Vec<u8>| homes[*index].0.look(name, bytes);
        let looks = parallel::map(&names, look, &|done| progress(done, total));
        out.reserve(total);
        let mut torn = Touched::default();
        let mut around = Around { committed: self.committed.as_ref(), now, out };
        for ((index, name), look) in names.into_iter().zip(looks) {
            if !self.homes[index].0.take(look, &mut around) {
                torn.issues.insert((index, name));
            }
        }
        torn
    }

    fn read_events(
        &mut self,
        names: &BTreeSet<(usize, Box<str>)>,
        now: SystemTime,
        out: &mut Vec<Observation>,
    ) -> BTreeSet<(usize, Box<str>)> {
        let mut torn = BTreeSet::new();
        for (index, (_, events)) in self.homes.iter_mut().enumerate() {
            let own: Vec<&str> =
                names.iter().filter(|(at, _)| *at == index).map(|(_, name)| &**name).collect();
            if !own.is_empty() {
                torn.extend(events.look(&own, now, out).into_iter().map(|name| (index, name)));
            }
        }
        torn
    }

    /// Looks where Git stands. Answers whether HEAD has moved, or Git has come or gone.
    fn look_at_git(&mut self, out: &mut Vec<Observation>) -> bool {
        let before = self.committed.as_ref().map(Committed::state);
        if !self.repository.root.join(GIT).exists() {
            self.committed = None;
            let message = "There is no Git here; what is committed is not known.";
            let problem = problem::warning(ProblemCode::Git, GIT, message, Some("Make one with `git init`."));
            out.push(Observation::Problem { path: GIT.to_owned(), problem: Some(Box::new(problem)) });
        } else if let Err(error) = self.refresh_committed(out) {
            out.push(git_problem(&error));
        } else {
            out.push(Observation::Problem { path: GIT.to_owned(), problem: None });
        }
        let after = self.committed.as_ref().map(Committed::state);
        let came_or_went = before.is_some() != after.is_some();
        if came_or_went {
            self.homes.iter().for_each(|(folder, _)| folder.restage_all(self.committed.as_ref(), out));
        }
        let head = |git: &Option<GitState>| git.as_ref().and_then(|git| git.head.clone());
        let moved = head(&before) != head(&after);
        out.push(Observation::Git(after));
        moved || came_or_went
    }

    fn refresh_committed(&mut self, out: &mut Vec<Observation>) -> Result<(), git2::Error> {
        let root = &self.repository.root;
        let Some(committed) = &mut self.committed else {
            let mut committed = Committed::open(root)?;
            for (folder, _) in &self.homes {
                folder.tree().map_or(Ok(()), |tree| committed.track(&tree))?;
            }
            self.committed = Some(committed);
            return Ok(());
        };
        for (path, name) in committed.refresh(root)? {
            let folder = self.homes.iter().find(|(folder, _)| folder.tree().as_deref() == Some(&path));
            if let Some((folder, _)) = folder {
                folder.restage(&name, Some(committed), out);
            }
        }
        Ok(())
    }

    /// Reads the configurations again. Answers whether they come to something else than before.
    pub(crate) fn lay_out_again(&mut self, out: &mut Vec<Observation>) -> bool {
        self.repository = self.repository.again();
        let layout = Layout::read(&self.repository, self.committed.as_ref());
        let other = layout != self.layout;
        if other {
            for (folder, events) in &mut self.homes {
                if !layout.folders.contains(&folder.home) {
                    folder.clear(out);
                    events.clear(out);
                }
            }
            self.adopt(layout, out);
        }
        other
    }

    /// Takes `layout` for the present one, and keeps what is known of directories that are in both.
    fn adopt(&mut self, layout: Layout, out: &mut Vec<Observation>) {
        let mut old = std::mem::take(&mut self.homes);
        for home in &layout.folders {
            let kept = old.iter().position(|(folder, _)| folder.home == *home).map(|at| old.swap_remove(at));
            self.homes.push(kept.unwrap_or_else(|| (Folder::new(home.clone()), EventLog::new(home.clone()))));
        }
        for (folder, _) in &self.homes {
            if let (Some(tree), Some(committed)) = (folder.tree(), &mut self.committed)
                && let Err(error) = committed.track(&tree)
            {
                out.push(git_problem(&error));
            }
        }
        let gone = |problem: &&Problem| !layout.problems.iter().any(|other| other.path == problem.path);
        for problem in self.layout.problems.iter().filter(gone) {
            out.push(Observation::Problem { path: problem.path.clone(), problem: None });
        }
        for problem in &layout.problems {
            out.push(Observation::Problem {
                path: problem.path.clone(),
                problem: Some(Box::new(problem.clone())),
            });
        }
        let projects = layout.projects.iter().cloned();
        out.push(Observation::Projects {
            name: layout.name.clone(),
            projects: projects.map(|Project { label, name, config }| (label, name, config)).collect(),
        });
        self.layout = layout;
    }
}

fn git_problem(error: &git2::Error) -> Observation {
    let message = format!("Git cannot say what is committed: {}.", error.message());
    let hint = (error.code() == git2::ErrorCode::Owner)
        .then_some("Tell Git that you trust the directory: git config --global --add safe.directory PATH");
    let problem = problem::warning(ProblemCode::Git, GIT, message, hint);
    Observation::Problem { path: GIT.to_owned(), problem: Some(Box::new(problem)) }
}
