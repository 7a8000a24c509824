//! What Git has committed: the blob ids of HEAD's tree for the directories that are watched, and what Git is busy with.
//!
//! Not here: the index and the status of the working tree, which are never read, so that a split or sparse index does
//! not matter. Whether a file is committed follows from the hash of its bytes (`folder`); of the filters that Git may
//! put between a file and its blob only the turning of line ends is known, other ones leave a file uncommitted.
//!
//! Invariants:
//! - When HEAD moves, only what differs between the two trees is looked at again.
//! - Nothing that the repository configures is executed. The only program ever run is `git rev-parse`, where the
//!   repository keeps its refs in a format that libgit2 does not read.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

use git2::{ErrorCode, ObjectType, Oid, RepositoryState};
use hearsay_board::GitState;

use crate::discovery::Repository;
use crate::file::{LARGEST, ObjectId};
use crate::head_log;

/// What Git holds while it rewrites the index and the files.
pub(crate) const INDEX_LOCK: &str = "index.lock";

/// Extensions of the repository format that change nothing for a reader of objects.
const HARMLESS_EXTENSIONS: [&str; 3] = ["partialclone", "refstorage", "relativeworktrees"];

/// The committed side of a working tree.
pub(crate) struct Committed {
    git: git2::Repository,
    head: HeadRef,
    directories: BTreeMap<String, Directory>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct HeadRef {
    branch: Option<String>,
    commit: Option<Oid>,
}

#[derive(Debug, Default)]
struct Directory {
    tree: Option<Oid>,
    blobs: HashMap<Box<str>, ObjectId>,
}

impl Committed {
    /// Opens the Git repository whose working tree is at `root`, and reads where HEAD stands.
    pub(crate) fn open(root: &Path) -> Result<Self, git2::Error> {
        allow_harmless_extensions()?;
        let git = git2::Repository::open(root)?;
        let head = head(&git, root)?;
        Ok(Self { git, head, directories: BTreeMap::new() })
    }

    /// What Git says of the whole.
    pub(crate) fn state(&self) -> GitState {
        GitState {
            branch: self.head.branch.clone(),
            head: self.head.commit.map(|commit| commit.to_string()),
            kind: Default::default(),
            operation: operation(self.git.state()).map(str::to_owned),
        }
    }

    /// Whether commits of what was written here have brought HEAD from `old` to where it stands: as its log has it, else
    /// as the commit itself does.
    pub(crate) fn came_by_commits(&self, old: Option<&str>) -> bool {
        let Some(head) = self.head.commit else { return false };
        head_log::came_by_commits(self.git.path(), old, &head.to_string()).unwrap_or_else(|| {
            let parents = self.git.find_commit(head).map(|head| head.parent_ids().collect::<Vec<_>>());
            match (parents.as_deref(), old) {
                (Ok([parent]), Some(old)) => parent.to_string() == old,
                (Ok([]), None) => true,
                _ => false,
            }
        })
    }

    /// Whether Git has an object of that name, in HEAD or anywhere: what was just written by somebody else it has not.
    pub(crate) fn has(&self, blob: &ObjectId) -> bool {
        let (Ok(odb), Ok(oid)) = (self.git.odb(), Oid::from_bytes(blob)) else { return false };
        odb.exists(oid)
    }

    /// Where Git stands its lock while it rewrites files.
    pub(crate) fn index_lock(&self) -> PathBuf {
        self.git.path().join(INDEX_LOCK)
    }

    /// Whether Git ignores the directory at `path`, relative to the root. One that it cannot tell of counts as ignored.
    pub(crate) fn ignores(&self, path: &str) -> bool {
        self.git.is_path_ignored(format!("{path}/")).unwrap_or(true)
    }

    /// Where the hooks of the repository at `root` are, links resolved; `None` where it does not say, or others may
    /// share them.
    pub(crate) fn hooks(root: &Path) -> Option<PathBuf> {
        let git = git2::Repository::open(root).ok()?;
        let configured = git.config().ok()?.get_path("core.hooksPath").ok();
        if configured.as_ref().is_some_and(|path| path.as_os_str().is_empty()) {
            return None;
        }
        let hooks = configured.map_or_else(|| git.commondir().join("hooks"), |path| root.join(path));
        // What is not there yet has no links; `..` in it would lead elsewhere once it is.
        let there = hooks.ancestors().find(|path| path.symlink_metadata().is_ok())?;
        let missing = hooks.strip_prefix(there).ok()?;
        let plain = missing.components().all(|part| matches!(part, std::path::Component::Normal(_)));
        let there = there.canonicalize().ok().filter(|there| plain && there.is_dir())?;
        let own = |within: &Path| within.canonicalize().is_ok_and(|within| there.starts_with(within));
        (own(root) || own(git.commondir()))
            .then(|| missing.components().fold(there.clone(), |path, part| path.join(part)))
    }

    /// Directories, there or not, in which a change can mean that HEAD has moved, and whether what is below counts.
    pub(crate) fn watched(&self) -> Vec<(PathBuf, bool)> {
        let (own, common) = (self.git.path().to_owned(), self.git.commondir().to_owned());
        let mut watched = vec![
            (common.join("refs").join("heads"), true),
            (common.join("refs"), false),
            (common.join("reftable"), false),
            // The log of HEAD also moves where HEAD names a ref elsewhere.
            (own.join("logs"), false),
        ];
        if own != common {
            watched.push((own.join("reftable"), false));
            watched.push((common, false));
        }
        watched.push((own, false));
        watched
    }

    /// Whether a change of a file called `name` in one of those directories can mean that HEAD has moved or that an
    /// operation has begun or ended. The index, which every `git status` rewrites, does not.
    pub(crate) fn concerns(name: &str) -> bool {
        !name.ends_with(".lock")
            && !matches!(
                name,
                "index"
                    | "COMMIT_EDITMSG"
                    | "FETCH_HEAD"
                    | "ORIG_HEAD"
                    | "config"
                    | "gc.log"
                    | "logs"
                    | "objects"
            )
    }

    /// From now on answers for the directory at `path`, relative to the root, with `/` between its parts.
    pub(crate) fn track(&mut self, path: &str) -> Result<(), git2::Error> {
        if !self.directories.contains_key(path) {
            let tree = self.tree_at(path)?;
            let blobs = tree.map(|tree| self.blobs(tree)).transpose()?.unwrap_or_default();
            self.directories.insert(path.to_owned(), Directory { tree, blobs });
        }
        Ok(())
    }

    /// The blob that HEAD has for `name` in the tracked directory `path`.
    pub(crate) fn blob(&self, path: &str, name: &str) -> Option<&ObjectId> {
        self.directories.get(path)?.blobs.get(name)
    }

    /// The bytes that HEAD has at `path`, if it has a file there of at most `largest` bytes.
    pub(crate) fn read(&self, path: &str, largest: u64) -> Option<Vec<u8>> {
        let commit = self.git.find_commit(self.head.commit?).ok()?;
        let entry = commit.tree().ok()?.get_path(Path::new(path)).ok()?;
        let (size, kind) = self.git.odb().ok()?.read_header(entry.id()).ok()?;
        if kind != ObjectType::Blob || size as u64 > largest {
            return None;
        }
        Some(self.git.find_blob(entry.id()).ok()?.content().to_vec())
    }

    /// Looks where HEAD stands now. Answers which files of the tracked directories have another committed state than
    /// before. After an error nothing is known any more: open anew.
    pub(crate) fn refresh(&mut self, root: &Path) -> Result<Vec<(String, Box<str>)>, git2::Error> {
        let head = head(&self.git, root)?;
        let moved = head.commit != self.head.commit;
        self.head = head;
        let mut changed = Vec::new();
        let paths: Vec<String> = self.directories.keys().filter(|_| moved).cloned().collect();
        for path in paths {
            let tree = self.tree_at(&path)?;
            let old = self.directories.get(&path).and_then(|directory| directory.tree);
            if old == tree {
                continue;
            }
            let differences = self.differences(old, tree)?;
            let Some(directory) = self.directories.get_mut(&path) else { continue };
            directory.tree = tree;
            for (name, blob) in differences {
                match blob {
                    Some(blob) => drop(directory.blobs.insert(name.clone(), blob)),
                    None => drop(directory.blobs.remove(&name)),
                }
                changed.push((path.clone(), name));
            }
        }
        Ok(changed)
    }

    fn tree_at(&self, path: &str) -> Result<Option<Oid>, git2::Error> {
        let Some(commit) = self.head.commit else { return Ok(None) };
        let root = self.git.find_commit(commit)?.tree()?;
        match root.get_path(Path::new(path)) {
            Ok(entry) => Ok((entry.kind() == Some(ObjectType::Tree)).then(|| entry.id())),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn blobs(&self, tree: Oid) -> Result<HashMap<Box<str>, ObjectId>, git2::Error> {
        let tree = self.git.find_tree(tree)?;
        let named = tree.iter().filter_map(|entry| Some((entry.name().ok()?.into(), object_id(entry.id())?)));
        Ok(named.collect())
    }

    /// What differs between two states of one directory.
    fn differences(&self, old: Option<Oid>, new: Option<Oid>) -> Result<Vec<Difference>, git2::Error> {
        let old = old.map(|tree| self.git.find_tree(tree)).transpose()?;
        let new = new.map(|tree| self.git.find_tree(tree)).transpose()?;
        let mut options = git2::DiffOptions::new();
        options.skip_binary_check(true);
        let diff = self.git.diff_tree_to_tree(old.as_ref(), new.as_ref(), Some(&mut options))?;
        let named = diff.deltas().filter_map(|delta| {
            let name = delta.new_file().path().or(delta.old_file().path())?.to_str()?;
            let blob = Some(delta.new_file().id()).filter(|id| !id.is_zero()).and_then(object_id);
            Some((name.into(), blob))
        });
        Ok(named.collect())
    }
}

/// A name, and the blob it has now if there is one.
type Difference = (Box<str>, Option<ObjectId>);

fn object_id(oid: Oid) -> Option<ObjectId> {
    oid.as_bytes().try_into().ok()
}

/// Tells libgit2, once a process, which extensions it need not know to read objects.
fn allow_harmless_extensions() -> Result<(), git2::Error> {
    static ONCE: Once = Once::new();
    let mut set = Ok(());
    // SAFETY: libgit2 keeps this in a global that must not be set while another thread opens a repository. Every
    // repository of this process is opened by `Committed::open`, behind this very call.
    #[expect(unsafe_code, reason = "libgit2 has no other way")]
    ONCE.call_once(|| set = unsafe { git2::opts::set_extensions(&HARMLESS_EXTENSIONS) });
    set
}

/// Where HEAD stands. A branch without commits has a name and no commit.
fn head(git: &git2::Repository, root: &Path) -> Result<HeadRef, git2::Error> {
    let branch_of = |name: &str| name.strip_prefix("refs/heads/").map(str::to_owned);
    match git.head() {
        Ok(reference) => {
            let commit = Some(reference.peel_to_commit()?.id());
            Ok(HeadRef { branch: reference.name().ok().and_then(branch_of), commit })
        }
        Err(error) if matches!(error.code(), ErrorCode::UnbornBranch | ErrorCode::NotFound) => {
            let head = git.find_reference("HEAD").ok();
            let target = head.as_ref().and_then(|head| head.symbolic_target().ok().flatten());
            Ok(HeadRef { branch: target.and_then(branch_of), commit: None })
        }
        Err(error) if error.code() == ErrorCode::InvalidSpec => ask_git(root).ok_or(error),
        Err(error) => Err(error),
    }
}

/// Asks the `git` program where HEAD stands: reftable keeps a placeholder in the file that libgit2 reads.
fn ask_git(root: &Path) -> Option<HeadRef> {
    let ask = |arguments: &[&str]| {
        let output = Command::new("git")
            .arg("-C")
            .arg(root)
            .args(["--no-optional-locks", "rev-parse", "--quiet"])
            .args(arguments)
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .stdin(std::process::Stdio::null())
            .output()
            .ok()?;
        let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
        Some(text).filter(|text| output.status.success() && !text.is_empty())
    };
    let name = ask(&["--symbolic-full-name", "HEAD"])?;
    let commit = ask(&["--verify", "HEAD^{commit}"]).and_then(|id| Oid::from_str(&id).ok());
    Some(HeadRef { branch: name.strip_prefix("refs/heads/").map(str::to_owned), commit })
}

fn operation(state: RepositoryState) -> Option<&'static str> {
    match state {
        RepositoryState::Clean => None,
        RepositoryState::Merge => Some("merge"),
        RepositoryState::Revert | RepositoryState::RevertSequence => Some("revert"),
        RepositoryState::CherryPick | RepositoryState::CherryPickSequence => Some("cherry_pick"),
        RepositoryState::Bisect => Some("bisect"),
        RepositoryState::Rebase | RepositoryState::RebaseInteractive | RepositoryState::RebaseMerge => {
            Some("rebase")
        }
        RepositoryState::ApplyMailbox | RepositoryState::ApplyMailboxOrRebase => Some("apply"),
    }
}

/// What the Git blob with that id holds, if the repository has it and it is no larger than what is read of files.
pub fn blob(repository: &Repository, id: &str) -> Option<Vec<u8>> {
    let git = git2::Repository::open(&repository.root).ok()?;
    let blob = git.find_blob(git2::Oid::from_str(id).ok()?).ok()?;
    (blob.size() as u64 <= LARGEST).then(|| blob.content().to_vec())
}
