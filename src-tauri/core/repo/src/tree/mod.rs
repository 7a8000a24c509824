//! The working tree as it was read last, and the observations that follow when parts of it are looked at again.
//!
//! Not here: when to look, which is the watcher's (`watch`), and threads other than those that read many files at
//! once.
//!
//! Invariants:
//! - Looking at what did not change says nothing new; looking at too much is only slow.
//! - After looking at everything that changed, the observations so far amount to those of a fresh [`WorkingTree`].

mod heard;
mod news;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use hearsay_board::{GitState, Observation, Problem, ProblemCode};

use crate::committed::Committed;
use crate::configuration::Source;
use crate::discovery::Repository;
use crate::events::EventLog;
use crate::folder::{Around, Folder};
use crate::layout::{Layout, Project};
use crate::news::News;
use crate::overlay::Overlays;
use crate::parallel;
use crate::problem;
use crate::touched::{Outcome, Touched};
use heard::Hearsay;

/// Hears how many issue files are read, and of how many.
pub type Progress<'a> = &'a (dyn Fn(usize, usize) + Sync);

/// Where the problems that are about Git as a whole are shown.
const GIT: &str = ".git";

/// What a look at Git comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum GitChange {
    None,
    /// HEAD is another commit.
    Moved,
    /// There is a Git now and was none, or the reverse.
    CameOrWent,
}

/// What reading the configurations again comes to.
#[derive(Debug, Clone, Copy, Default)]
struct LaidOut {
    other: bool,
    torn: bool,
}

/// A working tree as it was read last.
pub struct WorkingTree {
    repository: Repository,
    committed: Option<Committed>,
    layout: Layout,
    homes: Vec<(Folder, EventLog)>,
    overlays: Overlays,
    /// Whether HEAD came where it stands by commits of what was written here.
    came_by_commits: bool,
    news: Vec<News>,
    /// By the label of the project.
    hearsay: BTreeMap<Arc<str>, Hearsay>,
}

impl std::fmt::Debug for WorkingTree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WorkingTree").field("repository", &self.repository).finish_non_exhaustive()
    }
}

impl WorkingTree {
    /// Reads where Git stands and the configurations of `repository`, and nothing else yet.
    pub fn new(repository: Repository, overlays: Overlays, now: SystemTime) -> (Self, Vec<Observation>) {
        let mut tree = Self {
            repository,
            committed: None,
            layout: Layout::default(),
            homes: Vec::new(),
            overlays,
            came_by_commits: true,
            news: Vec::new(),
            hearsay: BTreeMap::new(),
        };
        let mut out = Vec::new();
        tree.look_around(now, &mut out);
        (tree, out)
    }

    /// Looks again where Git stands and what the configurations say. Answers whether either is other than before.
    pub(crate) fn look_around(&mut self, now: SystemTime, out: &mut Vec<Observation>) -> bool {
        let git = self.look_at_git(out);
        let layout = self.lay_out_again(now, out);
        git != GitChange::None || layout.other
    }

    /// Where the repository lies.
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// Reads every issue file and the newest events.
    pub fn load(&mut self, now: SystemTime, progress: Progress<'_>, out: &mut Vec<Observation>) -> Outcome {
        let differing = self.differing_issues();
        let mut again = Touched { config: self.lay_out_again(now, out).torn, ..Touched::default() };
        again.issues = self.read_issues(differing, now, progress, out);
        again.events = self.list_events(now, out);
        again.add(self.look_at_hearsay(&Touched::everything("opening"), now, out));
        self.look_at_overlays(out);
        Outcome { again, rearm: false }
    }

    /// Looks again at what was touched.
    pub fn look(&mut self, touched: Touched, now: SystemTime, out: &mut Vec<Observation>) -> Outcome {
        let mut touched = touched;
        let first = out.len();
        let git = if touched.git || touched.structure { self.look_at_git(out) } else { GitChange::None };
        // Where a configuration is broken, HEAD's version stands in for it.
        let laid_out = if touched.config || touched.structure || git != GitChange::None {
            self.lay_out_again(now, out)
        } else {
            LaidOut::default()
        };
        if laid_out.other {
            // The directories that the names belong to may be others now.
            touched.issues.clear();
            touched.events.clear();
            touched.entries.clear();
            touched.leases.clear();
        }
        if touched.structure || laid_out.other {
            touched.compare = touched.compare.or(Some("structure"));
        }
        let mut again = Touched { config: laid_out.torn, ..Touched::default() };
        if touched.compare.is_some() {
            touched.issues.append(&mut self.differing_issues());
            again.events = self.list_events(now, out);
        }
        again.issues = self.read_issues(touched.issues.clone(), now, &|_, _| (), out);
        if touched.index_held {
            self.tell_what_git_made(&out[first..]);
        } else if git == GitChange::Moved && !self.came_by_commits {
            self.news.push(News::HeadMoved);
        }
        again.index_held = touched.index_held && !again.is_empty();
        again.events.extend(self.read_events(&touched, now, out));
        again.add(self.look_at_hearsay(&touched, now, out));
        if touched.git || touched.config || touched.structure || touched.compare.is_some() {
            self.look_at_overlays(out);
        }
        let rearm = touched.structure || laid_out.other || git == GitChange::CameOrWent;
        Outcome { again, rearm }
    }

    /// Whether the configurations come to something else now than they did.
    pub(crate) fn is_laid_out_otherwise(&self, now: SystemTime) -> bool {
        let repository = self.repository.again();
        let source = Source { root: &repository.root, committed: self.committed.as_ref(), now };
        Layout::read(&repository, source).0 != self.layout
    }

    /// Compares with what the directories say, and names what differs. Costs a `stat` for every issue file.
    pub(crate) fn compare(&mut self, now: SystemTime) -> Touched {
        let (issues, entries) = (self.differing_issues(), self.differing_entries());
        let mut found = Touched { issues, entries, ..Touched::default() };
        for (index, (_, events)) in self.homes.iter_mut().enumerate() {
            found.events.extend(events.compare(now).into_iter().map(|name| (index, name)));
        }
        found
    }

    /// What the system could not read, and may be able to by now.
    pub(crate) fn failed(&self) -> Touched {
        let homes = self.homes.iter().enumerate();
        let issues = homes.flat_map(|(index, (folder, _))| folder.failed().map(move |name| (index, name)));
        Touched { issues: issues.collect(), ..Touched::default() }
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

    /// Directories whose own entries decide which projects there are.
    pub(crate) fn structure(&self) -> &BTreeSet<PathBuf> {
        &self.layout.structure
    }

    /// The files of the configurations, links resolved.
    pub(crate) fn configs(&self) -> &BTreeSet<PathBuf> {
        &self.layout.configs
    }

    /// Directories of issues and of events, by index.
    pub(crate) fn homes(&self) -> impl Iterator<Item = (PathBuf, PathBuf)> {
        self.layout.folders.iter().map(|home| (home.issues(), home.events()))
    }

    /// Whether Git can say what is committed.
    pub(crate) fn has_git(&self) -> bool {
        self.committed.is_some()
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
    ) -> BTreeSet<(usize, Box<str>)> {
        let mut names = names;
        let touched: BTreeSet<usize> = names.iter().map(|(index, _)| *index).collect();
        for index in touched {
            if let Some((folder, _)) = self.homes.get(index) {
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
        let mut torn = BTreeSet::new();
        let mut around = Around { committed: self.committed.as_ref(), now, out };
        for ((index, name), look) in names.into_iter().zip(looks) {
            if !self.homes[index].0.take(look, &mut around) {
                torn.insert((index, name));
            }
        }
        torn
    }

    fn read_events(
        &mut self,
        touched: &Touched,
        now: SystemTime,
        out: &mut Vec<Observation>,
    ) -> BTreeSet<(usize, Box<str>)> {
        let mut torn = BTreeSet::new();
        for (index, (_, events)) in self.homes.iter_mut().enumerate() {
            let own: Vec<&str> =
                touched.events.iter().filter(|(at, _)| *at == index).map(|(_, name)| &**name).collect();
            if !own.is_empty() {
                let committed = self.committed.as_ref().filter(|_| touched.index_held);
                torn.extend(events.look(&own, (now, committed), out).into_iter().map(|name| (index, name)));
            }
        }
        torn
    }

    /// Looks where Git stands.
    fn look_at_git(&mut self, out: &mut Vec<Observation>) -> GitChange {
        let before = self.committed.as_ref().map(Committed::state);
        let problem = if !self.repository.root.join(GIT).exists() {
            self.committed = None;
            let message = "There is no Git here; what is committed is not known.";
            Some(problem::warning(ProblemCode::Git, GIT, message, Some("Make one with `git init`.")))
        } else {
            self.refresh_committed(out).err().map(|error| {
                // What is half known would be taken for known: the next look opens it anew.
                self.committed = None;
                git_problem(&error)
            })
        };
        out.push(Observation::Problem { path: GIT.to_owned(), problem: problem.map(Box::new) });
        let after = self.committed.as_ref().map(Committed::state);
        let head = |git: &Option<GitState>| git.as_ref().and_then(|git| git.head.clone());
        let change = if before.is_some() != after.is_some() {
            self.homes.iter().for_each(|(folder, _)| folder.restage_all(self.committed.as_ref(), out));
            GitChange::CameOrWent
        } else if head(&before) != head(&after) {
            let old = head(&before);
            let committed = self.committed.as_ref();
            self.came_by_commits =
                committed.is_some_and(|committed| committed.came_by_commits(old.as_deref()));
            GitChange::Moved
        } else {
            GitChange::None
        };
        out.push(Observation::Git(after));
        change
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
        let changed = committed.refresh(root)?;
        let trees = self.homes.iter().filter_map(|(folder, _)| Some((folder.tree()?, folder)));
        let folders: BTreeMap<String, &Folder> = trees.collect();
        for (path, name) in changed {
            if let Some(folder) = folders.get(&path) {
                folder.restage(&name, Some(committed), out);
            }
        }
        Ok(())
    }

    /// Reads the configurations again, and takes in what they come to. What may be half written changes nothing yet.
    fn lay_out_again(&mut self, now: SystemTime, out: &mut Vec<Observation>) -> LaidOut {
        let repository = self.repository.again();
        let source = Source { root: &repository.root, committed: self.committed.as_ref(), now };
        let (layout, torn) = Layout::read(&repository, source);
        self.repository = repository;
        let first = self.layout == Layout::default();
        if layout == self.layout || (torn && !first) {
            return LaidOut { other: false, torn };
        }
        for (folder, events) in &mut self.homes {
            if !layout.folders.contains(&folder.home) {
                folder.clear(out);
                events.clear(out);
            }
        }
        self.adopt(layout, out);
        LaidOut { other: true, torn }
    }

    /// Takes `layout` for the present one, and keeps what is known of directories that are in both.
    fn adopt(&mut self, layout: Layout, out: &mut Vec<Observation>) {
        let mut old = std::mem::take(&mut self.homes);
        for home in &layout.folders {
            let kept = old.iter().position(|(folder, _)| folder.home == *home).map(|at| old.swap_remove(at));
            self.homes.push(kept.unwrap_or_else(|| (Folder::new(home.clone()), EventLog::new(home.clone()))));
        }
        self.adopt_overlays(&layout, out);
        let mut trees = self.homes.iter().filter_map(|(folder, _)| folder.tree());
        let tracked = self
            .committed
            .as_mut()
            .map_or(Ok(()), |committed| trees.try_for_each(|tree| committed.track(&tree)));
        if let Err(error) = tracked {
            self.committed = None;
            out.push(Observation::Problem {
                path: GIT.to_owned(),
                problem: Some(Box::new(git_problem(&error))),
            });
            out.push(Observation::Git(None));
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
            projects: projects.map(|Project { label, name, config, .. }| (label, name, config)).collect(),
        });
        self.layout = layout;
    }
}

fn git_problem(error: &git2::Error) -> Problem {
    let message = format!("Git cannot say what is committed: {}.", error.message());
    let hint = (error.code() == git2::ErrorCode::Owner)
        .then_some("Tell Git that you trust the directory: git config --global --add safe.directory PATH");
    problem::warning(ProblemCode::Git, GIT, message, hint)
}
