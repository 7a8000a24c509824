//! A temporary repository, changed by its own files, by `git` and by the real Kanbus client.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

use crate::caller::Caller;
use crate::machine::Machine;
use crate::peers;
use crate::record::Issue;
use crate::running::{Running, Watching};

/// The configuration of a project made here.
pub const CONFIG: &str = "project_key: demo\nproject_directory: project\n";

/// The `project_id` of a project whose changes are gossiped about.
pub const IDENTITY: &str = "5f0c9e2a-7c1d-4b59-9a55-0c3f5a1e7d10";

/// A repository in a temporary directory, with room beside it for what is outside.
#[derive(Debug)]
pub struct Project {
    root: PathBuf,
    temporary: AtomicU32,
    machine: Machine,
    // Dropped last, with the last clone.
    dir: Arc<TempDir>,
}

impl Project {
    /// An empty directory.
    pub fn empty() -> Self {
        let dir = tempfile::Builder::new().prefix("hearsay-").tempdir().expect("a temporary directory");
        let root = dir.path().canonicalize().expect("it is there").join("repo");
        fs::create_dir_all(&root).expect("a directory");
        let machine = Machine::new(root.with_file_name("home"));
        Self { root, temporary: AtomicU32::new(0), machine, dir: Arc::new(dir) }
    }

    /// A Git repository with a configuration and no issue, committed.
    pub fn new() -> Self {
        Self::with_init(&["init", "-q", "-b", "main"])
    }

    /// The same, made by another `git init`.
    pub fn with_init(init: &[&str]) -> Self {
        let project = Self::empty();
        project.git(init);
        project.write(".kanbus.yml", CONFIG);
        project.write(".gitignore", "project/.overlay/\nproject-local/\n");
        project.write("project/issues/AGENTS.md", "Notes for agents are no issue.\n");
        project.commit("a project");
        project
    }

    /// The same with `count` issues, `demo-0` and on, committed.
    pub fn with_issues(count: usize) -> Self {
        let project = Self::new();
        project.add_issues(count);
        project.commit("issues");
        project
    }

    /// The same on a machine with a local bus, with a `project_id`, without which Kanbus is silent.
    pub fn gossiping(count: usize) -> Self {
        let project = Self::new();
        let project = project.on(|machine| machine.on_the_bus());
        project.configure("");
        project.add_issues(count);
        project.commit("issues");
        project
    }

    /// Writes a configuration with a `project_id` and whatever `more` says.
    pub fn configure(&self, more: &str) {
        self.replace(".kanbus.yml", format!("{CONFIG}project_id: {IDENTITY}\n{more}"));
    }

    /// The same on another machine, or with another environment.
    #[must_use]
    pub fn on(mut self, change: impl FnOnce(Machine) -> Machine) -> Self {
        self.machine = change(self.machine.clone());
        self
    }

    /// Another clone on the same machine, in the directory `name` beside this one. Both push to and pull from one bare
    /// repository.
    #[must_use]
    pub fn clone_as(&self, name: &str) -> Self {
        let bare = self.outside("origin.git");
        let origin = bare.to_string_lossy();
        if !bare.exists() {
            self.git(&["clone", "-q", "--bare", ".", &origin]);
            self.git(&["remote", "add", "origin", &origin]);
            self.git(&["fetch", "-q", "origin"]);
            self.git(&["branch", "-q", "--set-upstream-to=origin/main"]);
        }
        let root = self.outside(name);
        self.git(&["clone", "-q", &origin, &root.to_string_lossy()]);
        Self { root, temporary: AtomicU32::new(0), machine: self.machine.clone(), dir: self.dir.clone() }
    }

    /// Commits everything and pushes it.
    pub fn push(&self) {
        self.commit("pushed");
        self.git(&["push", "-q", "origin", "HEAD:main"]);
    }

    /// Pulls what was pushed.
    pub fn pull(&self) {
        self.git(&["pull", "-q", "--ff-only", "origin", "main"]);
    }

    /// Writes issues `demo-0` and on.
    pub fn add_issues(&self, count: usize) {
        for at in 0..count {
            self.put(&Issue::numbered(at));
        }
    }

    /// The real project with its 654 issues, committed; `None` where it is not on this machine.
    pub fn real() -> Option<Self> {
        let archive = peers::real_project()?;
        let project = Self::empty();
        let unpacked = Command::new("tar").arg("xzf").arg(archive).arg("-C").arg(&project.root).status();
        assert!(unpacked.is_ok_and(|status| status.success()), "the archive can be unpacked");
        project.git(&["init", "-q", "-b", "main"]);
        project.commit("the real project");
        Some(project)
    }

    /// The root of the working tree.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The path at `relative` to the root.
    pub fn at(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// A path beside the repository: inside nothing that Hearsay may read.
    pub fn outside(&self, name: &str) -> PathBuf {
        self.root.with_file_name(name)
    }

    /// The home of every program that works here.
    pub fn home(&self) -> PathBuf {
        self.machine.home().to_owned()
    }

    /// The machine on which they work.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// The directory that holds this repository, its clones and its machine.
    pub fn room(&self) -> &Path {
        self.dir.path()
    }

    /// Whoever runs `hear` on it.
    pub fn caller(&self) -> Caller {
        Caller::new(self.machine.clone())
    }

    /// `hear watch` of it.
    pub fn watch(&self) -> Watching {
        self.caller().watch(&self.root)
    }

    /// Writes a file in place: truncate, then write.
    pub fn write(&self, relative: &str, content: impl AsRef<[u8]>) {
        let path = self.at(relative);
        fs::create_dir_all(path.parent().expect("a file stands in a directory")).expect("its directory");
        fs::write(&path, content).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// Writes a file as a careful program does: a temporary one, renamed over it.
    pub fn replace(&self, relative: &str, content: impl AsRef<[u8]>) {
        let number = self.temporary.fetch_add(1, Ordering::Relaxed);
        let path = self.at(relative);
        let temporary = path.with_file_name(format!(".{number}.tmp"));
        fs::create_dir_all(path.parent().expect("a file stands in a directory")).expect("its directory");
        fs::write(&temporary, content).expect("a temporary file");
        fs::rename(&temporary, &path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// Writes an issue by rename.
    pub fn put(&self, issue: &Issue) {
        self.replace(&issue.path(), issue.text());
    }

    /// Removes a file or a whole directory.
    pub fn remove(&self, relative: &str) {
        let path = self.at(relative);
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// The text of a file.
    pub fn text(&self, relative: &str) -> String {
        let path = self.at(relative);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Runs git, which must succeed, and answers what it printed.
    pub fn git(&self, arguments: &[&str]) -> String {
        self.git_in(&self.root, arguments)
    }

    /// Runs git in another directory.
    pub fn git_in(&self, dir: &Path, arguments: &[&str]) -> String {
        succeeded(&format!("git {}", arguments.join(" ")), &self.try_git_in(dir, arguments))
    }

    /// Runs git, which may fail.
    pub fn try_git_in(&self, dir: &Path, arguments: &[&str]) -> Output {
        self.machine
            .command("git")
            .args(["-c", "core.fsync=none", "-c", "gc.auto=0", "-c", "protocol.file.allow=always"])
            .args(arguments)
            .current_dir(dir)
            .output()
            .expect("git is installed")
    }

    /// Commits everything.
    pub fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", message]);
    }

    /// Runs the real Kanbus client, which must succeed, and answers what it printed.
    pub fn kanbus(&self, client: &Path, arguments: &[&str]) -> String {
        succeeded(&format!("kanbus {}", arguments.join(" ")), &self.try_kanbus(client, arguments))
    }

    /// The same as the user `name`.
    pub fn kanbus_as(&self, name: &str, client: &Path, arguments: &[&str]) -> String {
        let mut command = self.kanbus_command(client, arguments);
        let output = command.env("KANBUS_USER", name).output().expect("the client runs");
        succeeded(&format!("kanbus {} as {name}", arguments.join(" ")), &output)
    }

    /// Runs the real Kanbus client, which may fail.
    pub fn try_kanbus(&self, client: &Path, arguments: &[&str]) -> Output {
        self.kanbus_command(client, arguments).output().expect("the client runs")
    }

    /// Starts the real Kanbus client and lets it run.
    pub fn start_kanbus(&self, client: &Path, arguments: &[&str]) -> Running {
        Running::start(&mut self.kanbus_command(client, arguments))
    }

    fn kanbus_command(&self, client: &Path, arguments: &[&str]) -> Command {
        let mut command = self.machine.command(client);
        // What it prints is waited for line by line.
        command.args(arguments).current_dir(&self.root).env("PYTHONUNBUFFERED", "1");
        command
    }
}

impl Default for Project {
    fn default() -> Self {
        Self::new()
    }
}

fn succeeded(what: &str, output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{what} failed: {}\n{}{}",
        output.status,
        text(&output.stdout),
        text(&output.stderr)
    );
    text(&output.stdout)
}
